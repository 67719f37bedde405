//! The client: an issuer whose keys a task keeps fresh.

mod error;
mod exchange;
mod http_client;
mod redirect;
mod refresh_task;
mod remote_issuer;
mod status;

use std::fmt;
use std::panic::catch_unwind;
use std::sync::Arc;

use ::time::Duration;

use self::exchange::Fetcher;
use self::refresh_task::{Observer, RefreshTask};
use super::builder::JwksCacheBuilder;
use super::update::Update;
use crate::alg::SignatureAlgorithm;
use crate::crypto::CryptoProvider;
use crate::keys::TrustedIssuer;
use crate::limits::Limits;
use crate::names::Issuer;
use crate::time::{Clock, SystemClock};

pub use error::RemoteError;
pub use http_client::{HttpClient, HttpClientBuilder};
pub use remote_issuer::RemoteIssuer;
pub use status::RemoteStatus;

/// Returns settings for an issuer whose keys are fetched, and kept fresh by a task of `tokio`.
///
/// The name is the exact value of its tokens' `iss`. It must be an HTTPS URL without query and fragment, under
/// which its metadata is found, unless a [`jwks_uri`](RemoteIssuerBuilder::jwks_uri) is given.
/// [`JwksCache`](super::JwksCache) says what is fetched, and when.
///
/// ```no_run
/// # use jwt_appraisal::{SignatureAlgorithm, remote};
/// # async fn connect() -> Result<(), remote::RemoteError> {
/// let issuer = remote::issuer("https://as.example.com")
///     .algorithms([SignatureAlgorithm::Es256])
///     .connect()
///     .await?;
/// # Ok(())
/// # }
/// ```
pub fn issuer(name: impl Into<Issuer>) -> RemoteIssuerBuilder {
    RemoteIssuerBuilder {
        cache: JwksCacheBuilder::new(name.into()),
        client: None,
        own_client: HttpClientBuilder::default(),
        clock: Arc::new(SystemClock),
        observer: None,
    }
}

/// Settings of a remote issuer, which are checked when it connects.
///
/// Requests are made by an [`HttpClient`], which documents whom it trusts and what it sends. Without a
/// [shared one](Self::client), the issuer has a client of its own.
#[must_use]
pub struct RemoteIssuerBuilder {
    cache: JwksCacheBuilder,
    client: Option<HttpClient>,
    own_client: HttpClientBuilder,
    clock: Arc<dyn Clock>,
    observer: Option<Observer>,
}

impl RemoteIssuerBuilder {
    /// The algorithms that the issuer signs with. There is no default, because the caller must know the
    /// issuer's choice.
    pub fn algorithms(self, algorithms: impl IntoIterator<Item = SignatureAlgorithm>) -> Self {
        self.cache(|cache| cache.algorithms(algorithms))
    }

    /// The crypto provider that imports the keys, which must be the validator's too. The default is the one
    /// on `ring`. It has nothing to do with TLS.
    pub fn provider(self, provider: &'static CryptoProvider) -> Self {
        self.cache(|cache| cache.provider(provider))
    }

    /// The URL of the issuer's keys, for an issuer without metadata. Its name need not be a URL then.
    pub fn jwks_uri(self, url: impl Into<String>) -> Self {
        self.cache(|cache| cache.jwks_uri(url))
    }

    /// How long keys stay usable after they expire, if the issuer is unreachable. The default is 1 h, and the
    /// range is 0 to 24 h. See [`JwksCacheBuilder::stale_for`].
    pub fn stale_for(self, duration: Duration) -> Self {
        self.cache(|cache| cache.stale_for(duration))
    }

    /// How soon after the last request a token that needs an unknown key begins another round of requests.
    /// The default is 30 s, and the range is 1 s to 24 h. See [`JwksCacheBuilder::cooldown`].
    pub fn cooldown(self, duration: Duration) -> Self {
        self.cache(|cache| cache.cooldown(duration))
    }

    /// The timeout of one request, from the look-up of the host to the end of the body. The default is 10 s,
    /// and the range is 1 s to 60 s.
    pub fn timeout(self, duration: Duration) -> Self {
        self.cache(|cache| cache.timeout(duration))
    }

    /// Limits on what is read. See [`JwksCacheBuilder::limits`].
    pub fn limits(self, limits: Limits) -> Self {
        self.cache(|cache| cache.limits(limits))
    }

    /// Allows an issuer, and its keys, on `http://localhost`, `http://127.0.0.0/8` and `http://[::1]`,
    /// for tests. No proxy is used then.
    pub fn allow_http_on_loopback(self) -> Self {
        self.cache(JwksCacheBuilder::allow_http_on_loopback)
    }

    /// Makes the requests with this client, which other issuers may share.
    pub fn client(mut self, client: &HttpClient) -> Self {
        self.client = Some(client.clone());
        self
    }

    /// Trusts the certificates of this PEM text as roots, in addition to those of the operating system. This
    /// is for an issuer with a private certificate authority. May be called several times.
    ///
    /// With a shared [`client`](Self::client), give them to
    /// [its builder](HttpClientBuilder::root_certificate_pem) instead. Both together are an error.
    pub fn root_certificate_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.own_client = self.own_client.root_certificate_pem(pem);
        self
    }

    /// The clock that decides whether keys are fresh, which should be the validator's too. The default is the
    /// operating system's.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// The observer, which is told the result of each request, for logs and metrics. A later one replaces an
    /// earlier one. See [`Update::is_fault`] for the log level.
    ///
    /// It is called between two requests and should return soon, because nothing is fetched meanwhile. Its
    /// panics are caught. Its last update is [`Update::Stopped`] if the task ends while the keys are still
    /// used, unless a [`shutdown`](RemoteIssuer::shutdown) was requested.
    pub fn observe(mut self, observer: impl Fn(&Issuer, &Update) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Fetches the keys, and keeps them fresh from then on in a task of the current `tokio` runtime.
    ///
    /// The task ends when the last clone of the issuer is dropped, also by every validator that has it, or
    /// with [`RemoteIssuer::shutdown`]. It also ends with its runtime, which should therefore run for as
    /// long as the keys are used. If it does not, the [observer](Self::observe) is told, the keys expire, and
    /// then tokens are `Undetermined`.
    ///
    /// The runtime needs time and I/O (`enable_all`). If one of them is missing, `tokio` panics. The panic is
    /// caught and printed: without time the result is [`RemoteError::NoRuntime`], and without I/O each
    /// request fails. A program whose panics abort is aborted.
    ///
    /// # Errors
    ///
    /// [`RemoteError`] if a setting cannot be carried out, there is no runtime, or the keys cannot be fetched
    /// now.
    pub async fn connect(self) -> Result<RemoteIssuer, RemoteError> {
        let (task, issuer) = self.prepare()?;
        task.fetch_first().await?;
        Ok(Self::start(task, issuer))
    }

    /// Does the same without waiting for the keys, for a service that must start while an issuer is down.
    /// Until the keys arrive, tokens of the issuer are `Undetermined`.
    ///
    /// # Errors
    ///
    /// [`RemoteError`] if a setting cannot be carried out, or there is no runtime.
    pub fn connect_in_background(self) -> Result<RemoteIssuer, RemoteError> {
        let (task, issuer) = self.prepare()?;
        Ok(Self::start(task, issuer))
    }

    fn prepare(self) -> Result<(RefreshTask, TrustedIssuer), RemoteError> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| RemoteError::NoRuntime)?;
        // A runtime does not say otherwise whether it has time.
        let time = catch_unwind(|| drop(tokio::time::sleep(std::time::Duration::ZERO)));
        time.map_err(|_| RemoteError::NoRuntime)?;
        let allow_http_on_loopback = self.cache.http_is_allowed();
        let (rounds, trusted) = self.cache.build()?.split();
        let client = match self.client {
            Some(_) if self.own_client.roots() > 0 => return Err(RemoteError::RootsBesideClient),
            Some(client) => client,
            None => self.own_client.build()?,
        };
        let fetcher = Fetcher { client, allow_http_on_loopback };
        let Self { clock, observer, .. } = self;
        let (issuer, rounds) = (trusted.issuer().clone(), Arc::new(rounds));
        Ok((RefreshTask { issuer, rounds, fetcher, clock, observer, runtime }, trusted))
    }

    fn start(task: RefreshTask, issuer: TrustedIssuer) -> RemoteIssuer {
        let status = RemoteStatus::new(&task.rounds, &task.clock);
        let signal = Arc::clone(&task.rounds.signal);
        RemoteIssuer::new(issuer, status, signal, task.spawn())
    }

    fn cache(mut self, set: impl FnOnce(JwksCacheBuilder) -> JwksCacheBuilder) -> Self {
        self.cache = set(self.cache);
        self
    }
}

impl fmt::Debug for RemoteIssuerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteIssuerBuilder")
            .field("cache", &self.cache)
            .field("client", &self.client)
            .field("root_certificates", &self.own_client.roots())
            .field("clock", &self.clock)
            .field("observed", &self.observer.is_some())
            .finish()
    }
}
