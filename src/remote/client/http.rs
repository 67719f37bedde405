//! One request over HTTPS, bounded in time, bytes and redirects.

use std::error::Error;
use std::io;
use std::sync::Arc;

use reqwest::header::{ACCEPT, AGE, CACHE_CONTROL, ETAG, HeaderName, IF_NONE_MATCH};
use reqwest::redirect::{Action, Attempt, Policy};
use reqwest::{Response, Url};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use super::error::RemoteError;
use crate::remote::{FetchAnswer, FetchRequest};

const MOST_REDIRECTS: usize = 3;

#[derive(Debug)]
pub(super) struct HttpClient(reqwest::Client);

impl HttpClient {
    /// A client that trusts the platform's roots and these. On the loopback it may do without TLS.
    pub(super) fn new(roots: &[Vec<u8>], loopback: bool) -> Result<Self, RemoteError> {
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls(roots)?)
            .https_only(!loopback)
            .redirect(Policy::custom(follow))
            .referer(false)
            // The cache says when to try again.
            .retry(reqwest::retry::never())
            // Another crate of the build may switch these on.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .no_hickory_dns()
            // The next request is an hour away.
            .pool_max_idle_per_host(0)
            .user_agent(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")));
        // What goes to the loopback without TLS does not leave it.
        let builder = if loopback { builder.no_proxy() } else { builder };
        let client = builder.build().map_err(|_| RemoteError::Client("its parts do not fit"))?;
        Ok(Self(client))
    }

    /// Makes a request. The time is that of everything: name, connection, redirects, body.
    pub(super) async fn fetch(&self, request: &FetchRequest) -> FetchAnswer {
        let time = request.timeout().unsigned_abs();
        let answer = tokio::time::timeout(time, self.get(request)).await;
        answer.unwrap_or_else(|_| FetchAnswer::timed_out())
    }

    async fn get(&self, request: &FetchRequest) -> FetchAnswer {
        let mut get = self.0.get(request.url()).header(ACCEPT, request.accept());
        if let Some(tag) = request.if_none_match() {
            get = get.header(IF_NONE_MATCH, tag);
        }
        match get.send().await {
            Ok(response) => {
                let url = Url::parse(request.url());
                // After a redirect, the entity tag is that of another resource.
                let etag = url.is_ok_and(|url| url == *response.url());
                let answer = read(response, request.body_limit()).await;
                if etag { answer } else { answer.etag(None) }
            }
            Err(error) => failed(&error),
        }
    }
}

/// TLS with a provider that is named here, so that none is needed or set for the process.
fn tls(roots: &[Vec<u8>]) -> Result<ClientConfig, RemoteError> {
    let mut certificates = Vec::new();
    for (index, pem) in roots.iter().enumerate() {
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
        // The verifier does not say which one it can not use.
        let is_root = |read: &CertificateDer<'_>| {
            RootCertStore::empty().add(read.clone().into_owned()).is_ok()
        };
        let read = read.ok().filter(|read| !read.is_empty() && read.iter().all(is_root));
        certificates.extend(read.ok_or(RemoteError::RootCertificate(index))?);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(certificates, Arc::clone(&provider))
        .map_err(|_| RemoteError::Client("there are no roots of trust that can be used"))?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| RemoteError::Client("TLS has no protocol version"))?;
    // The verifier is the platform's, whatever the name of this module.
    let config = config.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(config.with_no_client_auth())
}

/// Redirects lead on within the same scheme, host and port, a few times. Others are the answer.
fn follow(attempt: Attempt<'_>) -> Action {
    let origin = |url: &Url| {
        let host = url.host_str().map(str::to_owned);
        (url.scheme().to_owned(), host, url.port_or_known_default())
    };
    let first = attempt.previous().first().map(origin);
    let stays = first == Some(origin(attempt.url()));
    let anonymous = attempt.url().username().is_empty() && attempt.url().password().is_none();
    if stays && anonymous && attempt.previous().len() <= MOST_REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// The body is read as far as the limit, whatever its length is said to be.
async fn read(mut response: Response, limit: usize) -> FetchAnswer {
    let mut body = Vec::new();
    while response.status() == reqwest::StatusCode::OK {
        match response.chunk().await {
            Ok(None) => break,
            Ok(Some(chunk)) if chunk.len() > limit.saturating_sub(body.len()) => {
                return FetchAnswer::too_long();
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) => return failed(&error),
        }
    }
    let joined = |name: HeaderName| {
        let values = response.headers().get_all(name);
        // What is no text is not left out: it can not be read, and counts as such.
        let texts: Vec<_> =
            values.iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    };
    FetchAnswer::new(response.status().as_u16(), body)
        .cache_control(joined(CACHE_CONTROL).as_deref())
        .age(joined(AGE).as_deref())
        .etag(joined(ETAG).as_deref())
}

/// Words of ours for what went wrong: an error's own may repeat what came from the network.
fn failed(error: &reqwest::Error) -> FetchAnswer {
    if error.is_builder() {
        FetchAnswer::failed("the HTTP client can not make a request of this URL")
    } else if is_of_tls(error) {
        FetchAnswer::failed("TLS failed, or the server's certificate is not trusted")
    } else if error.is_connect() {
        FetchAnswer::failed("the server could not be reached")
    } else {
        FetchAnswer::failed("the connection broke, or the answer is not HTTP")
    }
}

fn is_of_tls(error: &reqwest::Error) -> bool {
    let mut next = error.source();
    while let Some(error) = next {
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if error.is::<rustls::Error>() || inside.is_some_and(|inside| inside.is::<rustls::Error>())
        {
            return true;
        }
        next = match inside {
            Some(inside) => Some(inside),
            None => error.source(),
        };
    }
    false
}
