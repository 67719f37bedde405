//! When two URIs are the same.

/// Whether two URIs name the same resource: the same but for letter case in scheme and host, and for
/// one slash at the end. User information and fragments name none.
///
/// MCP authorization, "Canonical Server URI"
pub(super) fn is_same_resource(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (Resource::parse(one), Resource::parse(other)) else {
        return false;
    };
    one.scheme.eq_ignore_ascii_case(other.scheme)
        && one.authority.eq_ignore_ascii_case(other.authority)
        && one.path == other.path
}

/// Whether a text is an absolute URI without a fragment, as the name of a resource has to be.
pub(crate) fn is_resource(text: &str) -> bool {
    Resource::parse(text).is_some()
}

struct Resource<'a> {
    scheme: &'a str,
    authority: &'a str,
    /// With the query.
    path: &'a str,
}

impl<'a> Resource<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let whole = !scheme.is_empty() && !authority.is_empty();
        let plain = !authority.contains('@') && !path.contains('#');
        let slash = path.strip_suffix('/').filter(|_| !path.contains('?'));
        let path = slash.unwrap_or(path);
        (whole && plain).then_some(Self { scheme, authority, path })
    }
}

/// A URI of HTTP as a DPoP proof names it: without query and fragment, after syntax-based and
/// scheme-based normalization.
///
/// <https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2>
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Target {
    https: bool,
    host: String,
    port: u16,
    path: String,
}

impl Target {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let https = scheme.eq_ignore_ascii_case("https");
        if !https && !scheme.eq_ignore_ascii_case("http") {
            return None;
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at(end);
        let path = rest.find(['?', '#']).map_or(rest, |end| rest.split_at(end).0);
        let (host, port) = host_and_port(authority, if https { 443 } else { 80 })?;
        Some(Self { https, host, port, path: normal_path(path)? })
    }
}

fn host_and_port(authority: &str, default: u16) -> Option<(String, u16)> {
    // The colons of an IPv6 address stand in brackets.
    let after_address = authority.rfind(']').unwrap_or(0);
    let colon = authority.rfind(':').filter(|colon| *colon >= after_address);
    let (host, port) = match colon {
        None => (authority, default),
        Some(colon) => {
            let (host, port) = authority.split_at(colon);
            match port.strip_prefix(':')? {
                "" => (host, default),
                digits if digits.bytes().all(|b| b.is_ascii_digit()) => {
                    (host, digits.parse().ok()?)
                }
                _ => return None,
            }
        }
    };
    let named = !host.is_empty() && !host.contains('@');
    named.then(|| (host.to_ascii_lowercase(), port))
}

/// Percent-encoding in its one form, and no dot segments.
fn normal_path(path: &str) -> Option<String> {
    let path = normal_encoding(path)?;
    let mut segments: Vec<&str> = Vec::new();
    let mut parts = path.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        let last = parts.peek().is_none();
        match part {
            "." if last => segments.push(""),
            "." => {}
            ".." => {
                segments.pop();
                if last {
                    segments.push("");
                }
            }
            _ => segments.push(part),
        }
    }
    Some(format!("/{}", segments.join("/")))
}

/// Unreserved characters as they are, the hexadecimal digits of others in upper case.
fn normal_encoding(path: &str) -> Option<String> {
    let mut normal = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        normal.push_str(before);
        let (digits, next) = after.split_at_checked(2)?;
        let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let octet = hexadecimal.then(|| u8::from_str_radix(digits, 16).ok())??;
        if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
            normal.push(char::from(octet));
        } else {
            normal.push('%');
            normal.push_str(&digits.to_ascii_uppercase());
        }
        rest = next;
    }
    normal.push_str(rest);
    Some(normal)
}
