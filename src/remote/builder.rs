//! The settings of a cache, and their checks.

use std::sync::Arc;

use ::time::Duration;

use super::address::Address;
use super::cache::JwksCache;
use super::error::SetupError;
use super::plan::{Place, Plan};
use super::rounds::Rounds;
use super::signal::{Refresher, Signal};
use crate::alg::SignatureAlgorithm;
use crate::crypto::CryptoProvider;
use crate::error::{check_limits, whole_seconds};
use crate::keys::{JwkSet, KeyStore};
use crate::limits::Limits;
use crate::names::Issuer;

const HOUR: Duration = Duration::hours(1);
const DAY: i64 = 24 * 60 * 60;

/// Settings of a [`JwksCache`], checked by [`build`](Self::build).
#[derive(Clone, Debug)]
#[must_use]
pub struct JwksCacheBuilder {
    issuer: Issuer,
    jwks_uri: Option<String>,
    algorithms: Vec<SignatureAlgorithm>,
    provider: Option<&'static CryptoProvider>,
    stale_for: Duration,
    cooldown: Duration,
    timeout: Duration,
    limits: Limits,
    http_on_loopback: bool,
}

impl JwksCacheBuilder {
    pub(super) fn new(issuer: Issuer) -> Self {
        Self {
            issuer,
            jwks_uri: None,
            algorithms: Vec::new(),
            #[cfg(feature = "ring")]
            provider: Some(&crate::crypto::ring::PROVIDER),
            #[cfg(not(feature = "ring"))]
            provider: None,
            stale_for: HOUR,
            cooldown: Duration::seconds(30),
            timeout: Duration::seconds(10),
            limits: Limits::default(),
            http_on_loopback: false,
        }
    }

    /// The algorithms that the issuer signs with. There is no default, because the caller must know the
    /// issuer's choice.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = SignatureAlgorithm>) -> Self {
        self.algorithms = algorithms.into_iter().collect();
        self
    }

    /// The crypto provider that imports the keys, which must be the validator's too. The default is the one
    /// on `ring`.
    pub fn provider(mut self, provider: &'static CryptoProvider) -> Self {
        self.provider = Some(provider);
        self
    }

    /// The URL of the issuer's keys, for an issuer without metadata. Its name need not be a URL then.
    pub fn jwks_uri(mut self, url: impl Into<String>) -> Self {
        self.jwks_uri = Some(url.into());
        self
    }

    /// How long keys stay usable after they expire, if the issuer is unreachable. After that, tokens of this
    /// issuer are `Undetermined`. The default is 1 h, so that a short outage of the issuer goes unnoticed. The
    /// range is 0 to 24 h, in whole seconds.
    pub fn stale_for(mut self, duration: Duration) -> Self {
        self.stale_for = duration;
        self
    }

    /// How soon after the last request of a round a token that needs an unknown key begins another round.
    /// The default is 30 s, so that random `kid`s cannot drive fetches and a rotation is noticed soon. The
    /// range is 1 s to 24 h, in whole seconds.
    pub fn cooldown(mut self, duration: Duration) -> Self {
        self.cooldown = duration;
        self
    }

    /// The timeout of one request, its body included. The default is 10 s. The range is 1 s to 60 s, in whole
    /// seconds.
    pub fn timeout(mut self, duration: Duration) -> Self {
        self.timeout = duration;
        self
    }

    /// Limits on what is read: `key_set_bytes` (256 KiB by default, of metadata as well),
    /// `keys_per_set` (100), and those on JSON.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Allows an issuer, and its keys, on `http://localhost`, `http://127.0.0.0/8` and `http://[::1]`,
    /// for tests.
    pub fn allow_http_on_loopback(mut self) -> Self {
        self.http_on_loopback = true;
        self
    }

    /// Checks the settings. Nothing is fetched.
    ///
    /// # Errors
    ///
    /// [`SetupError`] if a URL does not use HTTPS (or the loopback, if that is allowed), a setting is out of
    /// its range, or no algorithm was given.
    pub fn build(self) -> Result<JwksCache, SetupError> {
        let http = self.http_on_loopback;
        let place = match &self.jwks_uri {
            Some(url) => Place::Known(
                Address::parse(url, http).map_err(|error| SetupError::JwksUri { error })?,
            ),
            None => match Address::parse_issuer(self.issuer.as_str(), http) {
                Ok(address) => Place::Discovered(address),
                Err(error) => return Err(SetupError::Issuer { issuer: self.issuer, error }),
            },
        };
        check_limits(&self.limits)?;
        let plan = Plan {
            issuer: self.issuer.clone(),
            place,
            stale_for: whole_seconds("stale_for", self.stale_for, 0, DAY)?,
            cooldown: whole_seconds("cooldown", self.cooldown, 1, DAY)?,
            timeout: whole_seconds("timeout", self.timeout, 1, 60)?,
            limits: self.limits,
        };
        let provider = self.provider.ok_or(SetupError::NoProvider)?;
        let signal = Arc::new(Signal::new(plan.round_timeout()));
        let store = KeyStore::with_provider(provider, self.algorithms, JwkSet::default())?
            .cooldown(self.cooldown)?
            .refreshed_by(Arc::new(Refresher(Arc::clone(&signal))))?;
        let rounds = Rounds::new(plan, &store, signal);
        Ok(JwksCache::new(self.issuer, store, rounds))
    }

    #[cfg(feature = "remote")]
    pub(super) fn http_is_allowed(&self) -> bool {
        self.http_on_loopback
    }
}
