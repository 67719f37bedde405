//! URLs of the configuration: of the resource, of authorization servers, of documents.

use crate::uri::HttpsUrl;

/// A URL that clients are sent to.
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
        let url = HttpsUrl::parse(text, loopback_http).ok()?;
        let (path, query) = url.path_and_query();
        Some(Self { origin: url.origin(), path, query })
    }

    /// The path with the well-known path of protected resource metadata before it, and the query.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc9728#section-3.1>
    pub(super) fn metadata_path(&self) -> String {
        let path = if self.path == "/" { "" } else { self.path };
        format!("/.well-known/oauth-protected-resource{path}{}", self.query)
    }
}
