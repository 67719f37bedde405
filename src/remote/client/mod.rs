//! The client: an issuer that keeps itself fresh.

mod error;
mod http;
mod refresh_task;
mod status;

use std::fmt;
use std::panic::catch_unwind;
use std::sync::Arc;

use ::time::Duration;

use self::http::HttpClient;
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
pub use status::RemoteStatus;

/// Settings for an issuer whose keys are fetched, and kept fresh by a task of `tokio`.
///
/// The name is the exact value of its tokens' `iss`, and an HTTPS URL without query and fragment, under
/// which its metadata is found, unless a [`jwks_uri`](RemoteIssuerBuilder::jwks_uri) is given. What is
/// fetched, and when, is said at [`JwksCache`](super::JwksCache).
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
        roots: Vec::new(),
        clock: Arc::new(SystemClock),
        observer: None,
        status: None,
    }
}

/// Settings of a remote issuer, checked when it connects.
///
/// The client trusts the roots of the operating system (on Linux and the BSDs those of `SSL_CERT_FILE` and
/// `SSL_CERT_DIR`, where the environment names them), takes its TLS from `rustls` with `ring` and touches
/// no default of the process, sends no cookies or credentials, decompresses nothing, follows at most
/// three redirects and only within the same scheme, host and port. It goes through the proxy that the
/// environment names (`HTTPS_PROXY`, `ALL_PROXY`; not for the hosts of `NO_PROXY`), or the system, where
/// another crate of the build switches that on in `reqwest`; with
/// [`allow_http_on_loopback`](Self::allow_http_on_loopback) it goes through none.
#[must_use]
pub struct RemoteIssuerBuilder {
    cache: JwksCacheBuilder,
    roots: Vec<Vec<u8>>,
    clock: Arc<dyn Clock>,
    observer: Option<Observer>,
    status: Option<RemoteStatus>,
}

impl RemoteIssuerBuilder {
    /// The algorithms that the issuer signs with. There is no default: its choice has to be known.
    pub fn algorithms(self, algorithms: impl IntoIterator<Item = SignatureAlgorithm>) -> Self {
        self.cache(|cache| cache.algorithms(algorithms))
    }

    /// The crypto provider that imports the keys, which is to be the validator's too. The default is
    /// the one on `ring`. It has nothing to do with TLS.
    pub fn provider(self, provider: &'static CryptoProvider) -> Self {
        self.cache(|cache| cache.provider(provider))
    }

    /// Where the issuer's keys are, for one without metadata. Its name need not be a URL then.
    pub fn jwks_uri(self, url: impl Into<String>) -> Self {
        self.cache(|cache| cache.jwks_uri(url))
    }

    /// For how long keys may be used that are no longer fresh, while nothing newer can be fetched: 1 h
    /// by default, from 0 to 24 h. See [`JwksCacheBuilder::stale_for`].
    pub fn stale_for(self, duration: Duration) -> Self {
        self.cache(|cache| cache.stale_for(duration))
    }

    /// How soon a token that needs an unknown key begins another round of requests: 30 s after the last
    /// request by default, from 1 s to 24 h. See [`JwksCacheBuilder::cooldown`].
    pub fn cooldown(self, duration: Duration) -> Self {
        self.cache(|cache| cache.cooldown(duration))
    }

    /// How long one request may take, from the look-up of the host to the end of the body: 10 s by
    /// default, from 1 s to 60 s.
    pub fn timeout(self, duration: Duration) -> Self {
        self.cache(|cache| cache.timeout(duration))
    }

    /// Limits on what is read. See [`JwksCacheBuilder::limits`].
    pub fn limits(self, limits: Limits) -> Self {
        self.cache(|cache| cache.limits(limits))
    }

    /// Allows an issuer, and its keys, on `http://localhost`, `http://127.0.0.0/8` and `http://[::1]`,
    /// for tests.
    pub fn allow_http_on_loopback(self) -> Self {
        self.cache(JwksCacheBuilder::allow_http_on_loopback)
    }

    /// Trusts the certificates of this PEM text as roots, beside those of the operating system: for an
    /// issuer with a private certificate authority. May be called several times.
    pub fn root_certificate_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.roots.push(pem.into());
        self
    }

    /// The clock by which keys are fresh or not; the default is the operating system's. It is to be the
    /// validator's too.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Who is told what each answer came to, and of which issuer, for logs and metrics. It is called
    /// between two requests, so it should not take long: nothing is fetched meanwhile. A panic of it is
    /// caught. Its last update is [`Update::Stopped`] if the task ends while the keys are still used.
    pub fn observe(mut self, observer: impl Fn(&Issuer, &Update) + Send + Sync + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// A handle that says how things stand, once the issuer is connected.
    pub fn status(mut self, status: &RemoteStatus) -> Self {
        self.status = Some(status.clone());
        self
    }

    /// Fetches the keys, and keeps them fresh from then on in a task of the present `tokio` runtime. The
    /// task ends when the last clone of the issuer, and of every validator that has it, is dropped; and
    /// with its runtime, so that has to run for as long as the keys are used. Where it does not, the
    /// [observer](Self::observe) is told, keys get too old, and tokens are undetermined.
    ///
    /// The runtime needs time and I/O (`enable_all`). One without is found by a panic of `tokio`, which
    /// is caught and prints: without time there is [`RemoteError::NoRuntime`], without I/O each request
    /// fails. In a program whose panics abort, it aborts.
    ///
    /// # Errors
    ///
    /// [`RemoteError`] if a setting is not in order, there is no runtime, or the keys can not be
    /// fetched now.
    pub async fn connect(self) -> Result<TrustedIssuer, RemoteError> {
        let status = self.status.clone();
        let (task, issuer) = self.prepare()?;
        task.fetch_first().await?;
        Self::start(task, status);
        Ok(issuer)
    }

    /// The same without waiting for the keys: for a service that has to start while an issuer is down.
    /// Until they are there, tokens of the issuer are undetermined.
    ///
    /// # Errors
    ///
    /// [`RemoteError`] if a setting is not in order, or there is no runtime.
    pub fn connect_in_background(self) -> Result<TrustedIssuer, RemoteError> {
        let status = self.status.clone();
        let (task, issuer) = self.prepare()?;
        Self::start(task, status);
        Ok(issuer)
    }

    fn prepare(self) -> Result<(RefreshTask, TrustedIssuer), RemoteError> {
        let runtime = tokio::runtime::Handle::try_current().map_err(|_| RemoteError::NoRuntime)?;
        // A runtime does not say otherwise whether it has time.
        let time = catch_unwind(|| drop(tokio::time::sleep(std::time::Duration::ZERO)));
        time.map_err(|_| RemoteError::NoRuntime)?;
        let loopback = self.cache.http_is_allowed();
        let (rounds, trusted) = self.cache.build()?.split();
        let http = HttpClient::new(&self.roots, loopback)?;
        let Self { clock, observer, .. } = self;
        let (issuer, rounds) = (trusted.issuer().clone(), Arc::new(rounds));
        Ok((RefreshTask { issuer, rounds, http, clock, observer, runtime }, trusted))
    }

    fn start(task: RefreshTask, status: Option<RemoteStatus>) {
        if let Some(status) = status {
            status.watch(&task.rounds, &task.clock);
        }
        task.spawn();
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
            .field("root_certificates", &self.roots.len())
            .field("clock", &self.clock)
            .field("observed", &self.observer.is_some())
            .finish()
    }
}
