//! Redirects: where a response leads to, within the same scheme, host and port.

use http::header::{HeaderMap, LOCATION};
use http::{StatusCode, Uri};

use crate::remote::address::Address;

/// Returns the URL that a response redirects to, or `None` if the response must not be followed.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-15.4>
pub(super) fn target(from: &Address, status: StatusCode, headers: &HeaderMap) -> Option<Address> {
    if !matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let resolved = resolve(from.text(), location)?;
    // The strict reader refuses user information, and whatever parsers disagree about.
    let to = Address::parse(&resolved, !from.is_https()).ok()?;
    is_same_origin(from, &to).then_some(to)
}

fn is_same_origin(one: &Address, other: &Address) -> bool {
    let origin = |address: &Address| {
        let uri = Uri::try_from(&**address.text()).ok()?;
        let port = uri.port_u16().or(if address.is_https() { Some(443) } else { Some(80) });
        Some((address.is_https(), uri.host()?.to_ascii_lowercase(), port))
    };
    origin(one).is_some_and(|one| Some(one) == origin(other))
}

/// Resolves a reference against an absolute URL, without its fragment.
///
/// <https://www.rfc-editor.org/rfc/rfc3986#section-5.2.2>
fn resolve(base: &str, reference: &str) -> Option<String> {
    let reference = reference.split('#').next().unwrap_or(reference);
    let (scheme, rest) = base.split_once("://")?;
    let (authority, base_path, base_query) = split(rest);
    let slashes = match scheme_of(reference) {
        Some(named) if named.eq_ignore_ascii_case(scheme) => {
            let after = reference.split_once(':').map_or(reference, |(_, after)| after);
            Some(after.strip_prefix("//")?)
        }
        Some(_) => return None,
        None => reference.strip_prefix("//"),
    };
    let (authority, path, query) = match slashes {
        Some(absolute) => split(absolute),
        None => {
            let (path, query) = split_query(reference);
            if path.is_empty() && query.is_empty() {
                (authority, base_path, base_query)
            } else {
                (authority, path, query)
            }
        }
    };
    let path = if slashes.is_some() || path.starts_with('/') {
        path.to_owned()
    } else if path.is_empty() {
        base_path.to_owned()
    } else {
        let folder = base_path.rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{folder}/{path}")
    };
    Some(format!("{scheme}://{authority}{}{query}", without_dot_segments(&path)?))
}

/// Splits what follows `//` into authority, path, and query with its `?`.
fn split(text: &str) -> (&str, &str, &str) {
    let end = text.find(['/', '?']).unwrap_or(text.len());
    let (authority, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    let (path, query) = split_query(rest);
    (authority, path, query)
}

fn split_query(text: &str) -> (&str, &str) {
    let end = text.find('?').unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Returns the scheme of a reference, if it has one.
///
/// <https://www.rfc-editor.org/rfc/rfc3986#section-3.1>
fn scheme_of(reference: &str) -> Option<&str> {
    let (scheme, _) = reference.split_once(':')?;
    let is_first = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (is_first && scheme.chars().all(allowed)).then_some(scheme)
}

/// Removes the segments `.` and `..` of an absolute path. Returns `None` if one is written with `%2e`, since
/// only some parsers take it for a dot.
///
/// <https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4>
fn without_dot_segments(path: &str) -> Option<String> {
    let Some(inside) = path.strip_prefix('/') else { return Some(path.to_owned()) };
    let mut kept = Vec::new();
    let mut ends_in_folder = false;
    for segment in inside.split('/') {
        ends_in_folder = matches!(segment, "." | "..");
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            segment if is_encoded_dot_segment(segment) => return None,
            segment => kept.push(segment),
        }
    }
    if ends_in_folder {
        kept.push("");
    }
    Some(format!("/{}", kept.join("/")))
}

/// <https://url.spec.whatwg.org/#double-dot-path-segment>
fn is_encoded_dot_segment(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn target(base: &str, location: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, location.parse().ok()?);
        let base = Address::parse(base, true).ok()?;
        super::target(&base, StatusCode::FOUND, &headers).map(|to| to.text().to_string())
    }

    #[test]
    fn resolves_a_location_within_the_same_origin() {
        for (location, expected) in [
            ("https://as.example.com/b", "https://as.example.com/b"),
            ("HTTPS://AS.example.com:443/b", "https://AS.example.com:443/b"),
            ("//as.example.com/b", "https://as.example.com/b"),
            ("/b", "https://as.example.com/b"),
            ("b", "https://as.example.com/t/b"),
            ("b?c=d", "https://as.example.com/t/b?c=d"),
            ("?c=d", "https://as.example.com/t/keys?c=d"),
            ("", "https://as.example.com/t/keys?a=/x"),
            ("#f", "https://as.example.com/t/keys?a=/x"),
            ("/b#f", "https://as.example.com/b"),
            ("../b/./c/..", "https://as.example.com/b/"),
            ("../../../b", "https://as.example.com/b"),
            ("/../a:/../", "https://as.example.com/"),
            (".", "https://as.example.com/t/"),
            ("https://as.example.com", "https://as.example.com"),
        ] {
            let found = target("https://as.example.com/t/keys?a=/x", location);
            assert_eq!(found.as_deref(), Some(expected), "{location}");
        }
    }

    #[test]
    fn refuses_a_location_elsewhere() {
        for location in [
            "http://as.example.com/b",
            "https://as.example.com:8443/b",
            "https://evil.example/b",
            "//evil.example/b",
            "https://user@as.example.com/b",
            "https://as.example.com@evil.example/b",
            "https:b",
            "https:/b",
            "mailto:a",
            "file:///etc/passwd",
            "/%2e%2e/b",
            "%2e/../b",
            "/a b",
            "/\\evil.example",
            "\\\\evil.example",
            "b:c",
        ] {
            assert_eq!(target("https://as.example.com/t/keys", location), None, "{location}");
        }
        let base = Address::parse("https://as.example.com/t", false);
        let base = base.unwrap_or_else(|error| unreachable!("{error}"));
        let mut headers = HeaderMap::new();
        assert_eq!(super::target(&base, StatusCode::FOUND, &headers), None, "no location");
        headers.insert(LOCATION, http::HeaderValue::from_static("/b"));
        for status in [200, 300, 304, 305, 306, 309, 404] {
            let status = StatusCode::from_u16(status).unwrap_or_default();
            assert_eq!(super::target(&base, status, &headers), None, "{status}");
        }
    }

    /// Texts that are nearly references.
    fn references() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            4 => "[a-z0-9]{1,3}",
            4 => prop::sample::select(vec![
                "/", "//", "?", "#", "..", ".", "/../", "/./", ":", "@", "as.example.com", "https:",
                "https://", "HTTPS://as.example.com", "http://", ":443", "%2e", ";", "=", "&",
            ]).prop_map(str::to_owned),
        ];
        prop::collection::vec(part, 0..7).prop_map(|parts| parts.concat())
    }

    /// The other parser does not let `..` remove a segment like `a:`, a drive of Windows, which RFC 3986
    /// §5.2.4 does not know.
    fn has_drive_letter(location: &str) -> bool {
        location.split(['/', '?', '#']).any(
            |segment| matches!(segment.as_bytes(), [letter, b':'] if letter.is_ascii_alphabetic()),
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn resolves_as_another_parser_does(location in references()) {
            let base = "https://as.example.com/t/u/keys?a=b";
            let Some(found) = target(base, &location) else { return Ok(()) };
            if has_drive_letter(&location) {
                return Ok(());
            }
            let other = reqwest::Url::parse(base).and_then(|base| base.join(&location));
            let mut other = other.map_err(|error| TestCaseError::fail(format!("{location}: {error}")))?;
            other.set_fragment(None);
            let found = reqwest::Url::parse(&found);
            prop_assert_eq!(found.ok(), Some(other), "{}", location);
        }
    }
}
