//! The reader: the grammar of RFC 3986, without exceptions.
//!
//! It borrows from the text and allocates nothing, because `sub` and `aud` of every token are read by
//! it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A URI, split into its components.
///
/// <https://www.rfc-editor.org/rfc/rfc3986#section-3>
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Uri<'a> {
    pub(super) scheme: &'a str,
    pub(super) authority: Option<Authority<'a>>,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
    pub(super) fragment: Option<&'a str>,
}

/// What follows `//`: a host, perhaps with a user before it and a port after it.
///
/// <https://www.rfc-editor.org/rfc/rfc3986#section-3.2>
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Authority<'a> {
    pub(super) text: &'a str,
    pub(super) userinfo: Option<&'a str>,
    /// The host, with the brackets of an IP literal. It may be empty.
    pub(super) host: &'a str,
    /// Digits, perhaps none and perhaps too many for a port number.
    pub(super) port: Option<&'a str>,
}

/// Why a text is not a URI.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum SyntaxError {
    /// It does not begin with a scheme and `:`.
    Scheme,
    /// Its authority is not a host with an optional user and an optional port.
    Authority,
    /// It contains a character that its component must not contain, or a `%` without two hexadecimal
    /// digits.
    Character,
}

impl<'a> Uri<'a> {
    /// Reads a URI. A relative reference is not one.
    pub(super) fn parse(text: &'a str) -> Result<Self, SyntaxError> {
        let (scheme, rest) = read_scheme(text).ok_or(SyntaxError::Scheme)?;
        let (authority, rest) = match rest.strip_prefix("//") {
            None => (None, rest),
            Some(rest) => {
                let (authority, rest) = take(rest, AUTHORITY)?;
                (Some(Authority::parse(authority)?), rest)
            }
        };
        // After an authority, a path that is not empty begins with `/`: every other character of a path
        // would have been taken for the authority's.
        let (path, rest) = take(rest, PATH)?;
        let (query, rest) = take_after('?', rest)?;
        let (fragment, rest) = take_after('#', rest)?;
        if rest.is_empty() {
            Ok(Self { scheme, authority, path, query, fragment })
        } else {
            Err(SyntaxError::Character)
        }
    }

    /// Whether the scheme is this one, in letters of any case.
    pub(super) fn has_scheme(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }
}

impl<'a> Authority<'a> {
    fn parse(text: &'a str) -> Result<Self, SyntaxError> {
        Self::split(text).ok_or(SyntaxError::Authority)
    }

    fn split(text: &'a str) -> Option<Self> {
        let (userinfo, rest) = match text.split_once('@') {
            Some((userinfo, rest)) => (Some(userinfo), rest),
            None => (None, text),
        };
        let (host, rest) = if rest.starts_with('[') {
            rest.split_at_checked(rest.find(']')?.checked_add(1)?)?
        } else {
            take(rest, NAME).ok()?
        };
        let port = match rest.strip_prefix(':') {
            None if rest.is_empty() => None,
            None => return None,
            Some(port) => Some(port),
        };
        let proper = userinfo.is_none_or(|userinfo| is_all(userinfo, USERINFO))
            && (!host.starts_with('[') || is_ip_literal(host))
            && port.is_none_or(|port| port.bytes().all(|octet| octet.is_ascii_digit()));
        proper.then_some(Self { text, userinfo, host, port })
    }

    /// Returns the host's address, if the host is an address and not a name.
    pub(super) fn address(&self) -> Option<IpAddr> {
        match inside_brackets(self.host) {
            Some(literal) => literal.parse().ok().map(IpAddr::V6),
            None => self.host.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
        }
    }
}

/// Whether a text is a StringOrURI: any string, but one with a `:` must be a URI.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-2>
pub(crate) fn is_string_or_uri(text: &str) -> bool {
    // Most subjects have no colon, and searching for one is faster than reading a scheme.
    !text.contains(':') || is_uri(text)
}

/// Whether a text is a URI, perhaps with a fragment.
pub(crate) fn is_uri(text: &str) -> bool {
    Uri::parse(text).is_ok()
}

/// Whether a text is a URI without a fragment.
///
/// <https://www.rfc-editor.org/rfc/rfc3986#section-4.3>
pub(crate) fn is_absolute_uri(text: &str) -> bool {
    Uri::parse(text).is_ok_and(|uri| uri.fragment.is_none())
}

/// Characters that need no escape anywhere: <https://www.rfc-editor.org/rfc/rfc3986#section-2.3>
pub(super) fn is_unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~')
}

fn read_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = take(text, SCHEME).ok()?;
    let rest = rest.strip_prefix(':')?;
    scheme.starts_with(|first: char| first.is_ascii_alphabetic()).then_some((scheme, rest))
}

fn inside_brackets(host: &str) -> Option<&str> {
    host.strip_prefix('[')?.strip_suffix(']')
}

/// <https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2>
fn is_ip_literal(host: &str) -> bool {
    let Some(literal) = inside_brackets(host) else {
        return false;
    };
    literal.parse::<Ipv6Addr>().is_ok() || is_ip_future(literal)
}

fn is_ip_future(literal: &str) -> bool {
    let Some((version, address)) =
        literal.strip_prefix(['v', 'V']).and_then(|rest| rest.split_once('.'))
    else {
        return false;
    };
    let hexadecimal = version.bytes().all(|octet| octet.is_ascii_hexdigit());
    // The characters of user information, but no escapes.
    let plain = is_all(address, USERINFO) && !address.contains('%');
    hexadecimal && plain && !version.is_empty() && !address.is_empty()
}

// Classes of characters, a bit each.
const SCHEME: u8 = 1;
const NAME: u8 = 1 << 1;
const USERINFO: u8 = 1 << 2;
/// Of user information, host and port together.
const AUTHORITY: u8 = 1 << 3;
const PATH: u8 = 1 << 4;
/// Of a query or a fragment.
const QUERY: u8 = 1 << 5;
/// Of `%` alone.
const ESCAPE: u8 = 1 << 6;

/// The classes of each octet.
static CLASSES: [u8; 256] = {
    let mut table = [0; 256];
    let mut rest: &mut [u8] = &mut table;
    let mut octet = 0_u8;
    while let Some((entry, next)) = rest.split_first_mut() {
        *entry = classes(octet);
        octet = octet.wrapping_add(1);
        rest = next;
    }
    table
};

/// The classes that an octet belongs to. `%` belongs to those with percent-encoding.
const fn classes(octet: u8) -> u8 {
    match octet {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'+' | b'-' | b'.' => {
            SCHEME | NAME | USERINFO | AUTHORITY | PATH | QUERY
        }
        b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b',' | b';' | b'=' => {
            NAME | USERINFO | AUTHORITY | PATH | QUERY
        }
        b'%' => NAME | USERINFO | AUTHORITY | PATH | QUERY | ESCAPE,
        b':' => USERINFO | AUTHORITY | PATH | QUERY,
        b'@' => AUTHORITY | PATH | QUERY,
        b'[' | b']' => AUTHORITY,
        b'/' => PATH | QUERY,
        b'?' => QUERY,
        _ => 0,
    }
}

/// Looks the classes up, because a table is several times as fast as the comparisons.
fn classes_of(octet: u8) -> u8 {
    CLASSES.get(usize::from(octet)).copied().unwrap_or_default()
}

/// Splits a text after the characters of a class with which it begins.
fn take(text: &str, class: u8) -> Result<(&str, &str), SyntaxError> {
    let mut seen = 0;
    let ends = |octet: u8| {
        let found = classes_of(octet);
        seen |= found;
        found & class == 0
    };
    let end = text.bytes().position(ends).unwrap_or(text.len());
    // All characters of all classes are ASCII, so this is the boundary of a character.
    let (taken, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    if seen & ESCAPE == 0 || has_whole_escapes(taken) {
        Ok((taken, rest))
    } else {
        Err(SyntaxError::Character)
    }
}

/// Splits off a component that begins with this delimiter, if the text does.
fn take_after(delimiter: char, text: &str) -> Result<(Option<&str>, &str), SyntaxError> {
    let Some(component) = text.strip_prefix(delimiter) else {
        return Ok((None, text));
    };
    let (component, rest) = take(component, QUERY)?;
    Ok((Some(component), rest))
}

fn is_all(text: &str, class: u8) -> bool {
    text.bytes().all(|octet| classes_of(octet) & class != 0)
}

/// Whether two hexadecimal digits follow every `%`.
fn has_whole_escapes(text: &str) -> bool {
    let digits = |rest: &str| {
        let digits = rest.as_bytes().first_chunk::<2>();
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    text.split('%').skip(1).all(digits)
}
