//! URLs of https that may be fetched, by this crate or by a client that it sends there.

use super::compare::has_dot_segments;
use super::syntax::{Authority, SyntaxError, Uri};

/// A URL of https, or of http on the loopback interface, without user information and fragment.
///
/// Its host is one that every parser reads alike, and its path has no dot segments, which some parsers
/// resolve and others do not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HttpsUrl<'a> {
    text: &'a str,
    uri: Uri<'a>,
    authority: Authority<'a>,
}

/// Why a text is not such a URL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum HttpsUrlError {
    /// It contains a character where a URI must not contain it.
    Character,
    /// It does not begin with `https://` or `http://`, in letters of any case.
    Scheme,
    /// It is of http, and either its host is not the loopback interface or that was not allowed.
    Http,
    /// It names a user.
    UserInfo,
    /// Its host is empty, or parsers could read it differently, or its port is not a number up to 65535.
    Host,
    /// Its path has a segment `.` or `..`.
    DotSegment,
    /// It has a fragment.
    Fragment,
}

impl<'a> HttpsUrl<'a> {
    /// Reads a URL. One of http is read only where that is allowed, and only on the loopback interface.
    pub(crate) fn parse(text: &'a str, http_on_loopback: bool) -> Result<Self, HttpsUrlError> {
        let uri = Uri::parse(text).map_err(|error| match error {
            SyntaxError::Scheme => HttpsUrlError::Scheme,
            SyntaxError::Authority => HttpsUrlError::Host,
            SyntaxError::Character => HttpsUrlError::Character,
        })?;
        let https = uri.has_scheme("https");
        if !https && !uri.has_scheme("http") {
            return Err(HttpsUrlError::Scheme);
        }
        let authority = uri.authority.ok_or(HttpsUrlError::Scheme)?;
        if authority.userinfo.is_some() {
            return Err(HttpsUrlError::UserInfo);
        }
        if uri.fragment.is_some() {
            return Err(HttpsUrlError::Fragment);
        }
        if has_dot_segments(uri.path) {
            return Err(HttpsUrlError::DotSegment);
        }
        let port = authority.port.is_none_or(|port| port.parse::<u16>().is_ok());
        if !port || !is_plain_host(&authority) {
            return Err(HttpsUrlError::Host);
        }
        if https || http_on_loopback && is_loopback(&authority) {
            Ok(Self { text, uri, authority })
        } else {
            Err(HttpsUrlError::Http)
        }
    }

    /// Returns the scheme, `://`, host and port, as written.
    pub(crate) fn origin(&self) -> &'a str {
        self.split().0
    }

    /// Returns the path and, with its `?`, the query.
    #[cfg(feature = "http")]
    pub(crate) fn path_and_query(&self) -> (&'a str, &'a str) {
        let after_origin = self.split().1;
        (self.uri.path, after_origin.strip_prefix(self.uri.path).unwrap_or_default())
    }

    #[cfg(feature = "jwks-cache")]
    pub(crate) fn is_https(&self) -> bool {
        self.uri.has_scheme("https")
    }

    fn split(&self) -> (&'a str, &'a str) {
        let scheme = self.uri.scheme.len().saturating_add("://".len());
        let end = scheme.saturating_add(self.authority.text.len());
        self.text.split_at_checked(end).unwrap_or((self.text, ""))
    }
}

/// Whether a host is the loopback interface of this machine, by its spelling alone: an address in
/// 127.0.0.0/8, the address `::1`, or the name `localhost` in letters of any case.
///
/// [RFC 8252 §8.3](https://www.rfc-editor.org/rfc/rfc8252#section-8.3) prefers addresses to the name.
/// The name counts because every operating system maps it in its own hosts file and developers use it.
/// Names below it (`api.localhost`) and `localhost.` with a final dot do not count: [RFC 6761
/// §6.3](https://www.rfc-editor.org/rfc/rfc6761#section-6.3) only recommends that resolvers keep them on
/// this machine, and common resolvers ask DNS, so a DNS server could direct plain http elsewhere.
/// IPv4-mapped addresses do not count either, because the only loopback address of IPv6 is `::1`
/// ([RFC 4291 §2.5.3](https://www.rfc-editor.org/rfc/rfc4291#section-2.5.3)).
pub(super) fn is_loopback(authority: &Authority<'_>) -> bool {
    match authority.address() {
        Some(address) => address.is_loopback(),
        None => authority.host.eq_ignore_ascii_case("localhost"),
    }
}

/// Whether all parsers agree on a host: it is an address, or a name without escapes that none takes for
/// an address.
fn is_plain_host(authority: &Authority<'_>) -> bool {
    authority.address().is_some() || is_name(authority.host) && !ends_in_number(authority.host)
}

fn is_name(host: &str) -> bool {
    let allowed = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_');
    !host.is_empty() && host.bytes().all(allowed)
}

/// Whether some parsers take a name for an IPv4 address: to them `127.1`, `0x7f000001` and `2130706433`
/// are 127.0.0.1.
///
/// <https://url.spec.whatwg.org/#ends-in-a-number-checker>
fn ends_in_number(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or(host);
    let hexadecimal = last.strip_prefix("0x").or_else(|| last.strip_prefix("0X"));
    last.bytes().all(|octet| octet.is_ascii_digit())
        || hexadecimal.is_some_and(|digits| digits.bytes().all(|octet| octet.is_ascii_hexdigit()))
}
