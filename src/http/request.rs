//! What is looked at of a request.

use ::http::{HeaderMap, Method, Request, Uri, request};

/// The SHA-256 hash of the certificate that the client showed, as the TLS connection gave it, never a
/// header: whoever accepts the connection puts it into the extensions of its requests.
///
/// [RFC 8705 §3.1](https://www.rfc-editor.org/rfc/rfc8705#section-3.1)
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ClientCertificate {
    sha256: [u8; 32],
}

impl ClientCertificate {
    /// A certificate by its hash.
    pub fn from_sha256(sha256: [u8; 32]) -> Self {
        Self { sha256 }
    }

    pub(super) fn sha256(&self) -> [u8; 32] {
        self.sha256
    }
}

/// What is looked at of a request: its method, its URI, its headers, and the client's certificate if
/// that is among its extensions.
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    pub(super) method: &'a Method,
    pub(super) uri: &'a Uri,
    pub(super) headers: &'a HeaderMap,
    pub(super) certificate: Option<&'a ClientCertificate>,
}

impl<'a> RequestHead<'a> {
    /// A request by its parts.
    pub fn new(method: &'a Method, uri: &'a Uri, headers: &'a HeaderMap) -> Self {
        Self { method, uri, headers, certificate: None }
    }

    /// With the client's certificate. A request that has it among its extensions needs no more.
    pub fn certificate(mut self, certificate: &'a ClientCertificate) -> Self {
        self.certificate = Some(certificate);
        self
    }
}

impl<'a> From<&'a request::Parts> for RequestHead<'a> {
    fn from(parts: &'a request::Parts) -> Self {
        let certificate = parts.extensions.get::<ClientCertificate>();
        Self { certificate, ..Self::new(&parts.method, &parts.uri, &parts.headers) }
    }
}

impl<'a, B> From<&'a Request<B>> for RequestHead<'a> {
    fn from(request: &'a Request<B>) -> Self {
        let certificate = request.extensions().get::<ClientCertificate>();
        Self { certificate, ..Self::new(request.method(), request.uri(), request.headers()) }
    }
}

/// Credentials stand in headers and in the query, so neither is printed.
impl std::fmt::Debug for RequestHead<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequestHead").field("method", &self.method).finish_non_exhaustive()
    }
}
