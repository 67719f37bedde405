//! Where something is fetched from: a URL that every parser reads alike.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// An absolute URL of HTTPS, or of HTTP on the loopback, without user information and fragment. It has
/// only the characters of [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-2), so that no two
/// parsers disagree about its host.
#[derive(Clone, Eq, PartialEq)]
pub(super) struct Address {
    text: Arc<str>,
    /// Where the path begins.
    path: usize,
    https: bool,
}

/// Why a text is not the URL of something to fetch.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// It has characters that no URL has; a host in another script has to be in its ASCII form.
    #[error("has characters that no URL has")]
    Characters,
    /// It does not begin with `https://`.
    #[error("does not begin with https://")]
    NotHttps,
    /// It begins with `http://`, which is for servers of tests, on the loopback, where that was allowed.
    #[error("begins with http://, which is for the loopback alone, where it was allowed")]
    Http,
    /// It names a user.
    #[error("names a user")]
    UserInfo,
    /// It has no host, or one that is no name or address, or a port that is no number.
    #[error("has no proper host and port")]
    Host,
    /// It has a segment `.` or `..`, which some resolve and some do not.
    #[error("has a segment . or .. in its path")]
    DotSegment,
    /// It has a query.
    #[error("has a query")]
    Query,
    /// It has a fragment.
    #[error("has a fragment")]
    Fragment,
}

impl Address {
    /// Reads a URL. HTTP on the loopback is read only where it was allowed.
    pub(super) fn parse(text: &str, http_on_loopback: bool) -> Result<Self, UrlError> {
        if !text.bytes().all(is_url_byte) {
            return Err(UrlError::Characters);
        }
        let (https, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (None, Some(rest)) => (false, rest),
            (None, None) => return Err(UrlError::NotHttps),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, after) = rest.split_at(end);
        if authority.contains('@') {
            return Err(UrlError::UserInfo);
        }
        if after.contains('#') {
            return Err(UrlError::Fragment);
        }
        let path = after.split('?').next().unwrap_or(after);
        if path.split('/').any(is_dot_segment) {
            return Err(UrlError::DotSegment);
        }
        let host = host(authority).ok_or(UrlError::Host)?;
        if !(https || http_on_loopback && is_loopback(host)) {
            return Err(UrlError::Http);
        }
        Ok(Self { text: text.into(), path: text.len().saturating_sub(after.len()), https })
    }

    /// Reads the URL that is an issuer's name.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc8414#section-2>
    pub(super) fn parse_issuer(text: &str, http_on_loopback: bool) -> Result<Self, UrlError> {
        let address = Self::parse(text, http_on_loopback)?;
        if text.contains('?') { Err(UrlError::Query) } else { Ok(address) }
    }

    pub(super) fn is_https(&self) -> bool {
        self.https
    }

    pub(super) fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Scheme, host and port; and the path without the slash at its end.
    pub(super) fn origin_and_path(&self) -> (&str, &str) {
        let (origin, path) = self.text.split_at_checked(self.path).unwrap_or((&self.text, ""));
        (origin, path.strip_suffix('/').unwrap_or(path))
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({})", crate::names::UntrustedStr::new(&self.text))
    }
}

/// Reserved and unreserved characters, and `%`.
fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

/// The host of an authority without user information, where host and port are in order.
fn host(authority: &str) -> Option<&str> {
    // The colons of an IPv6 address stand in brackets.
    let after_address = authority.find(']').unwrap_or(0);
    let colon = authority.rfind(':').filter(|colon| *colon > after_address);
    let (host, port) = match colon {
        None => (authority, None),
        Some(colon) => {
            let (host, port) = authority.split_at_checked(colon)?;
            (host, port.strip_prefix(':'))
        }
    };
    let number =
        |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let proper = match address {
        Some(address) => address.parse::<Ipv6Addr>().is_ok(),
        None => is_name(host) && (!is_numeric(host) || host.parse::<Ipv4Addr>().is_ok()),
    };
    (proper && port.is_none_or(number)).then_some(host)
}

fn is_name(host: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    !host.is_empty() && host.bytes().all(allowed)
}

/// Whether some take this for an IPv4 address: `127.1`, `0x7f000001`, and `2130706433` are 127.0.0.1 to
/// them.
///
/// <https://url.spec.whatwg.org/#ends-in-a-number-checker>
fn is_numeric(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or(host);
    let hexadecimal = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    last.bytes().all(|b| b.is_ascii_digit())
        || hexadecimal.is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Also where a dot is written as `%2e`: <https://url.spec.whatwg.org/#double-dot-path-segment>
fn is_dot_segment(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

/// Whether a host is this machine, by the way that it is written.
fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host == "[::1]"
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}
