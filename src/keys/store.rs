//! The keys of one issuer, imported once and exchanged as a whole when they rotate.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use ::time::{Duration, OffsetDateTime};

use super::refresh::{KeyRefresher, RefreshState};
use super::report::KeyReport;
use super::set::JwkSet;
use super::snapshot::KeySnapshot;
use crate::alg::SignatureAlgorithm;
use crate::crypto::CryptoProvider;
use crate::error::{KeyError, whole_seconds};
use crate::time::{Seconds, Span};

/// The keys of one issuer, each bound to one of the algorithms that are permitted for it.
///
/// Keys are imported when a set is loaded; nothing is rebuilt per token. A key that is malformed,
/// private, symmetric, weak or bound to nothing is left out and named in the [`KeyReport`]; keys
/// that share a `kid` and an algorithm are all left out; the rest load. Clones share the same keys, so one clone
/// goes into a [`TrustedIssuer`](crate::TrustedIssuer) and another stays where keys are renewed.
///
/// rfc8725bis §3.1 and §3.8
#[derive(Clone)]
pub struct KeyStore {
    shared: Arc<Shared>,
}

struct Shared {
    provider: &'static CryptoProvider,
    algorithms: Box<[SignatureAlgorithm]>,
    current: RwLock<Current>,
    /// What stands for keys that are too old.
    stale: Arc<KeySnapshot>,
    refresh: Mutex<RefreshState>,
    refresher: OnceLock<Arc<dyn KeyRefresher>>,
}

/// The present keys.
struct Current {
    keys: Arc<KeySnapshot>,
    /// When they may be used; always, unless a moment was given.
    usable: Span,
    generation: u64,
}

/// Keys that replaced those of before.
pub(crate) struct Replaced {
    pub(crate) report: KeyReport,
    /// How often the keys were replaced, this time included.
    #[cfg_attr(not(feature = "jwks-cache"), expect(dead_code, reason = "the cache reads it"))]
    pub(crate) generation: u64,
}

/// A set without a key that can be used, with the reasons.
#[cfg(feature = "jwks-cache")]
pub(crate) struct NoUsableKey(pub(crate) KeyReport);

/// A store that another owner keeps alive.
#[cfg(feature = "jwks-cache")]
#[derive(Clone)]
pub(crate) struct WeakKeyStore(std::sync::Weak<Shared>);

#[cfg(feature = "jwks-cache")]
impl WeakKeyStore {
    pub(crate) fn upgrade(&self) -> Option<KeyStore> {
        self.0.upgrade().map(|shared| KeyStore { shared })
    }
}

impl KeyStore {
    /// Creates a store of the set's keys, with the default provider.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoAlgorithms`] if no algorithm is permitted. What is wrong with single keys
    /// stands in [`KeyStore::report`].
    ///
    /// ```
    /// # use jwt_appraisal::testing::TestIssuer;
    /// # use jwt_appraisal::{JwkSet, KeyStore, SignatureAlgorithm};
    /// # let jwks = TestIssuer::new("https://as.example.com").jwks();
    /// let keys = KeyStore::new([SignatureAlgorithm::Es256], JwkSet::from_json(&jwks)?)?;
    /// assert_eq!(keys.report().usable(), 1);
    /// # Ok::<(), jwt_appraisal::KeyError>(())
    /// ```
    ///
    /// A MAC algorithm is not a signature algorithm, so a set cannot be used with HMAC:
    ///
    /// ```compile_fail,E0308
    /// # use jwt_appraisal::{JwkSet, KeyStore, MacAlgorithm, SignatureAlgorithm};
    /// KeyStore::new([SignatureAlgorithm::Es256, MacAlgorithm::Hs256], JwkSet::default());
    /// ```
    #[cfg(feature = "ring")]
    pub fn new(
        algorithms: impl IntoIterator<Item = SignatureAlgorithm>,
        set: JwkSet,
    ) -> Result<Self, KeyError> {
        Self::with_provider(&crate::crypto::ring::PROVIDER, algorithms, set)
    }

    /// Creates a store of the set's keys, imported by this provider.
    ///
    /// # Errors
    ///
    /// As [`KeyStore::new`].
    pub fn with_provider(
        provider: &'static CryptoProvider,
        algorithms: impl IntoIterator<Item = SignatureAlgorithm>,
        set: JwkSet,
    ) -> Result<Self, KeyError> {
        let algorithms: BTreeSet<_> = algorithms.into_iter().collect();
        let algorithms: Box<[_]> = algorithms.into_iter().collect();
        if algorithms.is_empty() {
            return Err(KeyError::NoAlgorithms);
        }
        let keys = Arc::new(KeySnapshot::import(&set, &algorithms, provider));
        Ok(Self {
            shared: Arc::new(Shared {
                provider,
                algorithms,
                current: RwLock::new(Current { keys, usable: Span::ALWAYS, generation: 0 }),
                stale: Arc::new(KeySnapshot { stale: true, ..KeySnapshot::default() }),
                refresh: Mutex::default(),
                refresher: OnceLock::new(),
            }),
        })
    }

    /// Sets the cooldown on unknown `kid`s and failed signatures, from 1 s to 24 h. The default is
    /// 30 s.
    ///
    /// # Errors
    ///
    /// [`KeyError::OutOfRange`] and [`KeyError::FractionOfSecond`].
    ///
    /// ```
    /// # use jwt_appraisal::{JwkSet, KeyError, KeyStore, SignatureAlgorithm};
    /// # use time::Duration;
    /// let keys = KeyStore::new([SignatureAlgorithm::Es256], JwkSet::default())?;
    /// let keys = keys.cooldown(Duration::minutes(1))?;
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn cooldown(self, cooldown: Duration) -> Result<Self, KeyError> {
        let seconds = whole_seconds("cooldown", cooldown, 1, RefreshState::LONGEST_COOLDOWN)?;
        self.refresh_state().set_cooldown(seconds);
        Ok(self)
    }

    /// Sets the refresher that fetches newer keys, for all clones of the store.
    ///
    /// # Errors
    ///
    /// [`KeyError::SecondRefresher`] if the store has one, which would go on being asked.
    pub fn refreshed_by(self, refresher: Arc<dyn KeyRefresher>) -> Result<Self, KeyError> {
        self.shared.refresher.set(refresher).map_err(|_| KeyError::SecondRefresher)?;
        Ok(self)
    }

    /// Replaces all keys by those of another set, and returns which of them can be used.
    ///
    /// A running appraisal finishes with the keys that it began with.
    pub fn replace(&self, set: JwkSet) -> KeyReport {
        self.put_fetched(set, Span::ALWAYS)
    }

    /// Replaces all keys by those of another set, which may be used until this moment. If they are
    /// neither replaced nor prolonged ([`KeyStore::keep_until`]) by then, tokens of their issuer are
    /// undetermined.
    pub fn replace_until(&self, set: JwkSet, until: OffsetDateTime) -> KeyReport {
        self.put_fetched(set, Span::until(Seconds::at(until)))
    }

    /// Replaces the present keys unless no key of the set can be used.
    ///
    /// # Errors
    ///
    /// [`NoUsableKey`], and the present keys stay.
    #[cfg(feature = "jwks-cache")]
    pub(crate) fn replace_if_usable(
        &self,
        set: &JwkSet,
        usable: Span,
    ) -> Result<Replaced, NoUsableKey> {
        let next = self.import(set);
        if next.keys.is_empty() {
            Err(NoUsableKey(next.report))
        } else {
            Ok(self.put(next, usable))
        }
    }

    fn put_fetched(&self, set: JwkSet, usable: Span) -> KeyReport {
        let Replaced { report, .. } = self.put(self.import(&set), usable);
        self.refresh_state().succeed(None);
        report
    }

    fn import(&self, set: &JwkSet) -> KeySnapshot {
        KeySnapshot::import(set, &self.shared.algorithms, self.shared.provider)
    }

    fn put(&self, next: KeySnapshot, usable: Span) -> Replaced {
        let report = next.report.clone();
        let mut current = self.shared.current.write().unwrap_or_else(PoisonError::into_inner);
        current.keys = Arc::new(next);
        current.usable = usable;
        current.generation = current.generation.saturating_add(1);
        Replaced { report, generation: current.generation }
    }

    /// Prolongs the present keys: they may be used until this moment.
    pub fn keep_until(&self, until: OffsetDateTime) {
        self.keep_within(Span::until(Seconds::at(until)));
        self.refresh_state().succeed(None);
    }

    /// Notes that the issuer's keys could not be fetched. Until they are, tokens with an unknown `kid`
    /// are undetermined, because the keys may have rotated. Without a
    /// [refresher](KeyStore::refreshed_by) this changes nothing.
    pub fn refresh_failed(&self) {
        self.refresh_state().fail();
    }

    /// Notes that the present keys are those that the issuer was asked for at this moment.
    #[cfg(feature = "jwks-cache")]
    pub(crate) fn refreshed(&self, since: Seconds) {
        self.refresh_state().succeed(Some(since));
    }

    /// The present keys may be used within this span.
    pub(crate) fn keep_within(&self, usable: Span) {
        let current = self.shared.current.write();
        current.unwrap_or_else(PoisonError::into_inner).usable = usable;
    }

    /// How often the keys were replaced.
    pub fn generation(&self) -> u64 {
        self.current().generation
    }

    /// Which keys of the present set can be used, and why the others cannot.
    pub fn report(&self) -> KeyReport {
        self.current().keys.report.clone()
    }

    /// Returns whether to fetch the issuer's keys again because of a token: `true` at most once per
    /// cooldown, for all clones of the store together. Callers without a [`KeyRefresher`] use it.
    ///
    /// ```
    /// # use jwt_appraisal::testing::TestIssuer;
    /// # use jwt_appraisal::{JwkSet, KeyStore, SignatureAlgorithm};
    /// # use time::{Duration, OffsetDateTime};
    /// # let jwks = TestIssuer::new("https://as.example.com").jwks();
    /// # let keys = KeyStore::new([SignatureAlgorithm::Es256], JwkSet::from_json(&jwks)?)?;
    /// let now = OffsetDateTime::now_utc();
    /// assert!(keys.may_refresh(now));
    /// assert!(!keys.may_refresh(now + Duration::seconds(29)));
    /// assert!(keys.may_refresh(now + Duration::seconds(30)));
    /// # Ok::<(), jwt_appraisal::KeyError>(())
    /// ```
    pub fn may_refresh(&self, now: OffsetDateTime) -> bool {
        self.refresh_state().is_over(Seconds::at(now))
    }

    /// Requests newer keys, if a refresher fetches them and the cooldown permits it. Returns whether
    /// it is known what keys the issuer has at present, and whether these are the ones.
    pub(super) fn request_refresh(&self, used: &KeySnapshot, now: Seconds) -> bool {
        let Some(refresher) = self.shared.refresher.get() else { return true };
        let requested = self.refresh_state().request(now);
        if requested {
            refresher.request(now.to_moment());
        }
        // Keys may have arrived since the token's appraisal began.
        let is_current = std::ptr::eq(&*self.current().keys, used);
        is_current && self.refresh_state().is_settled(now)
    }

    /// Returns the refresher that fetches newer keys.
    pub(crate) fn refresher(&self) -> Option<&Arc<dyn KeyRefresher>> {
        self.shared.refresher.get()
    }

    #[cfg(feature = "jwks-cache")]
    pub(crate) fn downgrade(&self) -> WeakKeyStore {
        WeakKeyStore(Arc::downgrade(&self.shared))
    }

    /// Whether both are clones of one store.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.shared, &other.shared)
    }

    pub(crate) fn provider(&self) -> &'static CryptoProvider {
        self.shared.provider
    }

    pub(crate) fn algorithms(&self) -> &[SignatureAlgorithm] {
        &self.shared.algorithms
    }

    /// The keys that may be used now.
    pub(crate) fn snapshot(&self, now: Seconds) -> Arc<KeySnapshot> {
        let current = self.current();
        let usable = current.usable.contains(now);
        Arc::clone(if usable { &current.keys } else { &self.shared.stale })
    }

    /// Whether there are keys that may be used now.
    #[cfg(feature = "jwks-cache")]
    pub(crate) fn is_usable(&self, now: Seconds) -> bool {
        !self.snapshot(now).keys.is_empty()
    }

    fn current(&self) -> RwLockReadGuard<'_, Current> {
        self.shared.current.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn refresh_state(&self) -> MutexGuard<'_, RefreshState> {
        self.shared.refresh.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for KeyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyStore")
            .field("algorithms", &self.shared.algorithms)
            .field("provider", &self.shared.provider.name())
            .field("report", &self.report())
            .finish()
    }
}
