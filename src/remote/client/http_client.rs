//! The HTTPS client, which several issuers can share.

use std::fmt;
use std::sync::Arc;

use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use super::error::RemoteError;

/// An HTTPS client, with its roots of trust, for the issuers of [`remote::issuer`](super::issuer()).
///
/// Loading the operating system's roots takes milliseconds and some hundred kilobytes, so several issuers
/// should share one client. Clones share the same roots.
///
/// ```no_run
/// # use jwt_appraisal::{SignatureAlgorithm, remote};
/// # async fn connect() -> Result<(), remote::RemoteError> {
/// let http = remote::HttpClient::new()?;
/// let mut issuers = Vec::new();
/// for tenant in ["https://a.example.com", "https://b.example.com"] {
///     let issuer = remote::issuer(tenant).algorithms([SignatureAlgorithm::Es256]).client(&http);
///     issuers.push(issuer.connect_in_background()?);
/// }
/// # Ok(())
/// # }
/// ```
///
/// - **Trust.** The client trusts the roots of the operating system (on Linux and the BSDs those of
///   `SSL_CERT_FILE` and `SSL_CERT_DIR`, if the environment names them) and those that the caller adds. TLS
///   comes from `rustls` with `ring`. The client neither sets nor reads a default of the process.
/// - **Requests.** It speaks HTTP/1.1, sends no cookies and no credentials, decompresses nothing, and
///   follows at most three redirects, only within the same scheme, host and port. Each request has a
///   connection of its own.
/// - **Proxies.** It uses the proxy that the environment names for HTTPS (`HTTPS_PROXY`, `ALL_PROXY`, but
///   not for the hosts of `NO_PROXY`), and none for issuers that
///   [may use HTTP on the loopback](super::RemoteIssuerBuilder::allow_http_on_loopback). The environment is
///   read once, when the client is built.
#[derive(Clone)]
pub struct HttpClient(Arc<Shared>);

struct Shared {
    tls: Arc<ClientConfig>,
    proxies: Matcher,
}

impl HttpClient {
    /// Creates a client that trusts the roots of the operating system.
    ///
    /// # Errors
    ///
    /// [`RemoteError::Client`] if the operating system has no root that can be used.
    pub fn new() -> Result<Self, RemoteError> {
        Self::builder().build()
    }

    /// Returns the settings of a client.
    pub fn builder() -> HttpClientBuilder {
        HttpClientBuilder::default()
    }

    /// Returns what makes connections, with TLS where the URL says `https`.
    pub(super) fn connector(&self) -> HttpsConnector<HttpConnector> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        self.with_tls(tcp)
    }

    /// Adds TLS to what makes connections.
    pub(super) fn with_tls<C>(&self, connector: C) -> HttpsConnector<C> {
        (connector, Arc::clone(&self.0.tls)).into()
    }

    /// Returns the proxy for a URL, if the environment named one.
    pub(super) fn proxy(&self, url: &http::Uri) -> Option<Intercept> {
        self.0.proxies.intercept(url)
    }
}

/// Prints no environment, because the URL of a proxy may contain a password.
impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}

/// Settings of an [`HttpClient`].
#[derive(Clone, Default)]
#[must_use]
pub struct HttpClientBuilder {
    roots: Vec<Vec<u8>>,
}

impl HttpClientBuilder {
    /// Trusts the certificates of this PEM text as roots, in addition to those of the operating system. May
    /// be called several times.
    pub fn root_certificate_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// Loads the roots and reads the environment.
    ///
    /// # Errors
    ///
    /// [`RemoteError::RootCertificate`] if a PEM text has no certificate, or one that cannot be a root, and
    /// [`RemoteError::Client`] if the operating system has no root that can be used.
    pub fn build(self) -> Result<HttpClient, RemoteError> {
        self.build_with_proxies(Matcher::from_env())
    }

    /// Does the same with these proxies in place of those that the environment names.
    pub(super) fn build_with_proxies(self, proxies: Matcher) -> Result<HttpClient, RemoteError> {
        let tls = Arc::new(self.tls()?);
        Ok(HttpClient(Arc::new(Shared { tls, proxies })))
    }

    /// Returns how many PEM texts there are.
    pub(super) fn roots(&self) -> usize {
        self.roots.len()
    }

    /// Builds a TLS configuration that names its provider, so that the process needs no default.
    fn tls(&self) -> Result<ClientConfig, RemoteError> {
        let mut certificates = Vec::new();
        for (index, pem) in self.roots.iter().enumerate() {
            let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
            // The verifier does not say which certificate it cannot use.
            let is_root = |read: &CertificateDer<'_>| {
                RootCertStore::empty().add(read.clone().into_owned()).is_ok()
            };
            let read = read.ok().filter(|read| !read.is_empty() && read.iter().all(is_root));
            certificates.extend(read.ok_or(RemoteError::RootCertificate { index })?);
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Verifier::new_with_extra_roots(certificates, Arc::clone(&provider))
            .map_err(|_| RemoteError::Client { fault: "no root of trust can be used" })?;
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|_| RemoteError::Client { fault: "TLS has no protocol version" })?;
        // Despite the name of this method, the verifier is the platform's.
        let config = config.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
        Ok(config.with_no_client_auth())
    }
}

impl fmt::Debug for HttpClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClientBuilder").field("root_certificates", &self.roots.len()).finish()
    }
}
