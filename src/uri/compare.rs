//! When two URIs name the same thing: as a resource (MCP), and as the target of a request (DPoP).

use std::borrow::Cow;
use std::net::IpAddr;

use super::syntax::{Authority, Uri, is_unreserved};

/// Whether two URIs name the same resource: they are equal except for letter case in scheme and host,
/// and for one slash at the end of the path.
///
/// Nothing else is normalized: a default port, an escape or a dot segment makes another name.
///
/// MCP authorization, "Canonical Server URI"
pub(crate) fn is_same_resource(one: &str, other: &str) -> bool {
    let (Some(one), Some(other)) = (Resource::parse(one), Resource::parse(other)) else {
        return false;
    };
    one.scheme.eq_ignore_ascii_case(other.scheme)
        && one.authority.eq_ignore_ascii_case(other.authority)
        && (one.path, one.query) == (other.path, other.query)
}

/// Whether a text is the name of a resource with a host: an absolute URI without user information and
/// fragment.
///
/// <https://www.rfc-editor.org/rfc/rfc8707#section-2>, <https://www.rfc-editor.org/rfc/rfc9728#section-1.2>
pub(crate) fn is_resource(text: &str) -> bool {
    Resource::parse(text).is_some()
}

struct Resource<'a> {
    scheme: &'a str,
    authority: &'a str,
    /// Without its last slash, unless a query follows.
    path: &'a str,
    query: Option<&'a str>,
}

impl<'a> Resource<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let Uri { scheme, authority, path, query, fragment } = Uri::parse(text).ok()?;
        let authority = authority.filter(is_plain)?;
        let slash = path.strip_suffix('/').filter(|_| query.is_none());
        let path = slash.unwrap_or(path);
        fragment.is_none().then_some(Self { scheme, authority: authority.text, path, query })
    }
}

/// The target of an HTTP request as a DPoP proof names it: the normal form of an http or https URI
/// without query and fragment.
///
/// <https://www.rfc-editor.org/rfc/rfc9449#section-4.3>
#[derive(Debug)]
pub(crate) struct TargetUri<'a> {
    pub(super) https: bool,
    /// With letters in any case.
    pub(super) host: Cow<'a, str>,
    pub(super) port: u16,
    pub(super) path: Cow<'a, str>,
}

impl<'a> TargetUri<'a> {
    /// Reads a URI and normalizes it, by syntax (RFC 3986 §6.2.2) and by scheme (§6.2.3).
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let uri = Uri::parse(text).ok()?;
        let https = uri.has_scheme("https");
        if !https && !uri.has_scheme("http") {
            return None;
        }
        let authority = uri.authority.filter(is_plain)?;
        let port = match authority.port {
            None | Some("") => default_port(https),
            Some(port) => port.parse().ok()?,
        };
        Some(Self { https, host: normal_host(&authority), port, path: normal_path(uri.path) })
    }
}

impl PartialEq for TargetUri<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.host.eq_ignore_ascii_case(&other.host)
            && (self.https, self.port, &self.path) == (other.https, other.port, &other.path)
    }
}

fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

/// Whether an authority names a host and no user. An empty host names nothing, and a user is not a part
/// of a name.
fn is_plain(authority: &Authority<'_>) -> bool {
    authority.userinfo.is_none() && !authority.host.is_empty()
}

/// An IPv6 address has many spellings, so it is written anew.
fn normal_host<'a>(authority: &Authority<'a>) -> Cow<'a, str> {
    match authority.address() {
        Some(IpAddr::V6(address)) => Cow::Owned(format!("[{address}]")),
        Some(IpAddr::V4(_)) | None => normal_escapes(authority.host),
    }
}

/// Escapes in their one form, no dot segments, and `/` in place of an empty path.
fn normal_path(path: &str) -> Cow<'_, str> {
    match normal_escapes(path) {
        path if has_dot_segments(&path) => Cow::Owned(without_dot_segments(&path)),
        path if path.is_empty() => Cow::Borrowed("/"),
        path => path,
    }
}

/// Unreserved characters without escapes, and the hexadecimal digits of other escapes in upper case.
///
/// <https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2>
fn normal_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut normal = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        normal.push_str(before);
        let (digits, next) = after.split_at_checked(2).unwrap_or((after, ""));
        match u8::from_str_radix(digits, 16) {
            Ok(octet) if is_unreserved(octet) => normal.push(char::from(octet)),
            _ => {
                normal.push('%');
                normal.extend(digits.chars().map(|digit| digit.to_ascii_uppercase()));
            }
        }
        rest = next;
    }
    normal.push_str(rest);
    Cow::Owned(normal)
}

/// <https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4>
fn without_dot_segments(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    let mut parts = path.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        if part == ".." {
            segments.pop();
        } else if part != "." {
            segments.push(part);
            continue;
        }
        if parts.peek().is_none() {
            segments.push("");
        }
    }
    format!("/{}", segments.join("/"))
}

/// Whether a path has `.` or `..` as a segment. `%2e` counts as a dot, because some parsers decode it
/// before they resolve segments: <https://url.spec.whatwg.org/#double-dot-path-segment>
pub(crate) fn has_dot_segments(path: &str) -> bool {
    path.split('/').any(|segment| {
        let after_dot = strip_dot(segment);
        after_dot.is_some_and(|rest| rest.is_empty() || strip_dot(rest) == Some(""))
    })
}

fn strip_dot(text: &str) -> Option<&str> {
    let escaped = || text.strip_prefix("%2e").or_else(|| text.strip_prefix("%2E"));
    text.strip_prefix('.').or_else(escaped)
}
