//! URLs of the configuration: of the resource, of authorization servers, of documents.

use ::http::Uri;

/// An absolute URL without user information and fragment, of https, or of http on this machine.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResourceUrl<'a> {
    /// Scheme, `://` and authority.
    pub(super) origin: &'a str,
    pub(super) path: &'a str,
    /// With its `?`.
    pub(super) query: &'a str,
}

impl<'a> ResourceUrl<'a> {
    /// Reads a URL; http on the loopback interface only if that is allowed.
    pub(super) fn parse(text: &'a str, loopback_http: bool) -> Option<Self> {
        // The `http` crate drops a fragment, and takes octets that no URI has.
        let plain = text.bytes().all(|octet| octet.is_ascii_graphic() && octet != b'#');
        if !plain {
            return None;
        }
        let uri: Uri = text.parse().ok()?;
        let authority = uri.authority()?;
        let secure = match uri.scheme_str()? {
            "https" => true,
            "http" => loopback_http && is_loopback(authority.host()),
            _ => false,
        };
        if !secure || authority.host().is_empty() || authority.as_str().contains('@') {
            return None;
        }
        let (_, after_scheme) = text.split_once("://")?;
        let end = after_scheme.find(['/', '?']).unwrap_or(after_scheme.len());
        let (origin, rest) =
            text.split_at(text.len().checked_sub(after_scheme.len())?.checked_add(end)?);
        let (path, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
        // Every reader would resolve these, and then look somewhere else.
        (!has_dot_segments(path)).then_some(Self { origin, path, query })
    }

    /// The path with the well-known path of protected resource metadata before it, and the query.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc9728#section-3.1>
    pub(super) fn metadata_path(&self) -> String {
        let path = if self.path == "/" { "" } else { self.path };
        format!("/.well-known/oauth-protected-resource{path}{}", self.query)
    }
}

/// Whether a path has `.` or `..` as a segment, escaped or not.
pub(super) fn has_dot_segments(path: &str) -> bool {
    path.split('/').any(|segment| {
        let dots = segment.to_ascii_lowercase().replace("%2e", ".");
        dots == "." || dots == ".."
    })
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let address = address.parse::<std::net::IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}
