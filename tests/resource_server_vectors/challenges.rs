//! Reads `WWW-Authenticate`, without any code of the crate.

use std::collections::BTreeMap;

use http::HeaderMap;

/// One challenge of an answer.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Challenge {
    /// In lower case.
    pub(crate) scheme: String,
    pub(crate) parameters: BTreeMap<String, String>,
}

/// All challenges of an answer: each field may have several, with commas between them as between
/// their parameters.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1>
pub(crate) fn challenges(headers: &HeaderMap) -> Result<Vec<Challenge>, String> {
    let mut all = Vec::new();
    for value in headers.get_all("www-authenticate") {
        let value = value.to_str().map_err(|_| "characters outside of ASCII".to_owned())?;
        read(value, &mut all)?;
    }
    Ok(all)
}

fn read(value: &str, all: &mut Vec<Challenge>) -> Result<(), String> {
    let mut rest = value.trim();
    let before = all.len();
    while !rest.is_empty() {
        let (word, after) = split_token(rest).ok_or_else(|| format!("no token: {rest}"))?;
        let Some(text) = after.trim_start().strip_prefix('=') else {
            all.push(Challenge { scheme: word.to_ascii_lowercase(), parameters: BTreeMap::new() });
            rest = after.trim_start();
            rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
            continue;
        };
        let (text, after) = split_value(text.trim_start())?;
        let own = all.get_mut(before..).and_then(|own| own.last_mut()).ok_or("no scheme")?;
        // RFC 6750 section 3: none more than once.
        if own.parameters.insert(word.to_ascii_lowercase(), text).is_some() {
            return Err(format!("{word} stands twice"));
        }
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(next) => next.trim_start(),
            None if after.is_empty() => after,
            None => return Err(format!("no comma: {after}")),
        };
    }
    Ok(())
}

fn split_token(text: &str) -> Option<(&str, &str)> {
    let of_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let end = text.find(|c| !of_token(c)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// A token, or text in quotes, of which no more is taken than RFC 6750 section 3 permits.
fn split_value(text: &str) -> Result<(String, &str), String> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (word, rest) = split_token(text).ok_or_else(|| format!("no value: {text}"))?;
        return Ok((word.to_owned(), rest));
    };
    let (inside, rest) = quoted.split_once('"').ok_or("no end of the quotes")?;
    let permitted = |octet: u8| matches!(octet, b' '..=b'~') && octet != b'\\';
    if !inside.bytes().all(permitted) {
        return Err(format!("characters that no parameter may have: {inside:?}"));
    }
    Ok((inside.to_owned(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(values: &[&str]) -> Result<Vec<(String, usize)>, String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("www-authenticate", value.parse().unwrap());
        }
        let all = challenges(&headers)?;
        Ok(all.into_iter().map(|one| (one.scheme, one.parameters.len())).collect())
    }

    #[test]
    fn challenges_of_any_shape() {
        for (values, expected) in [
            (&["Bearer"][..], &[("bearer", 0)][..]),
            (&["Bearer, DPoP algs=\"ES256 PS256\""], &[("bearer", 0), ("dpop", 1)]),
            (
                &["Bearer error=\"a, b=c\" , scope=x,DPoP algs=\"ES256\""],
                &[("bearer", 2), ("dpop", 1)],
            ),
            (&["Bearer a=\"1\"", "DPoP a = 1"], &[("bearer", 1), ("dpop", 1)]),
        ] {
            let expected = expected.iter().map(|(scheme, count)| ((*scheme).to_owned(), *count));
            assert_eq!(read_all(values), Ok(expected.collect()), "{values:?}");
        }
        for value in
            ["a=\"1\"", "Bearer a=\"1\", a=\"2\"", "Bearer a=\"1", "Bearer a=\"\\\"\"", "="]
        {
            assert!(read_all(&[value]).is_err(), "{value}");
        }
    }
}
