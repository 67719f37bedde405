//! StringOrURI: any string, but one with a `:` is a URI.

use crate::check::{Found, Reason, ReasonKind, fail};

/// <https://www.rfc-editor.org/rfc/rfc7519#section-2>
pub(super) fn check_string_or_uri(text: &str) -> Result<(), Reason> {
    if is_string_or_uri(text) {
        Ok(())
    } else {
        let words = "has a ':' but is not a URI";
        fail(ReasonKind::Malformed, Found::Words(words.into()))
    }
}

/// A scheme, and after it only characters that a URI may have:
/// <https://www.rfc-editor.org/rfc/rfc3986#section-3>
pub(crate) fn is_string_or_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return true;
    };
    is_scheme(scheme) && has_uri_characters(rest)
}

/// A URI and not any other string.
pub(super) fn is_absolute_uri(text: &str) -> bool {
    text.contains(':') && is_string_or_uri(text)
}

fn is_scheme(scheme: &str) -> bool {
    let further = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
    scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && scheme.bytes().all(further)
}

fn has_uri_characters(rest: &str) -> bool {
    let mut octets = rest.bytes();
    while let Some(octet) = octets.next() {
        let allowed = match octet {
            b'%' => {
                let hex = |digit: Option<u8>| digit.is_some_and(|d| d.is_ascii_hexdigit());
                hex(octets.next()) && hex(octets.next())
            }
            _ => octet.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(&octet),
        };
        if !allowed {
            return false;
        }
    }
    true
}
