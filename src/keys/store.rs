//! The keys of one issuer, imported once and exchanged as a whole when they rotate.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use ::time::{Duration, OffsetDateTime};

use super::refresh::{Cooldown, KeyRefresher};
use super::set::JwkSet;
use crate::alg::SignatureAlgorithm;
use crate::crypto::{CryptoProvider, VerifyingKey};
use crate::error::{KeyError, KeyFault, KeyProblem};
use crate::names::KeyId;
use crate::time::{Seconds, Span};

/// The keys of one issuer, each bound to one of the algorithms that are permitted for it.
///
/// Keys are imported when a set is loaded; nothing is rebuilt per token. A key that is malformed,
/// private, symmetric, weak or bound to nothing is left out and named in the [`KeyReport`]; keys
/// that share a `kid` are all left out; the rest load. Clones share the same keys, so one clone
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
    cooldown: Mutex<Cooldown>,
    refresher: OnceLock<Arc<dyn KeyRefresher>>,
}

/// The present keys.
struct Current {
    keys: Arc<KeySnapshot>,
    /// When they may be used; always, where nobody said so.
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

/// A store that somebody else has to keep alive.
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
    /// A store of the set's keys, with the default provider.
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
    /// A MAC algorithm is not a signature algorithm, so a set can not be used with HMAC:
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

    /// A store of the set's keys, imported by a provider of one's choice.
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
                cooldown: Mutex::default(),
                refresher: OnceLock::new(),
            }),
        })
    }

    /// The same store with another cooldown on unknown `kid`s, from 1 s to 24 h; the default is
    /// 30 s. A value outside is taken as the nearest inside.
    pub fn cooldown(self, cooldown: Duration) -> Self {
        self.cooldown_state().set(cooldown.whole_seconds());
        self
    }

    /// Who fetches newer keys. Only the first that is named counts, for all clones of the store.
    pub fn refreshed_by(self, refresher: Arc<dyn KeyRefresher>) -> Self {
        let _ = self.shared.refresher.set(refresher);
        self
    }

    /// Replaces all keys by those of another set, and says which of them can be used.
    ///
    /// Appraisals under way finish with the keys that they began with.
    pub fn replace(&self, set: JwkSet) -> KeyReport {
        self.put(self.import(&set), Span::ALWAYS).report
    }

    /// The same for keys that may be used until a moment and no longer: if nobody replaced them or
    /// prolonged them ([`KeyStore::keep_until`]) by then, tokens of their issuer are undetermined.
    pub fn replace_until(&self, set: JwkSet, until: OffsetDateTime) -> KeyReport {
        self.put(self.import(&set), Span::until(Seconds::at(until))).report
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

    /// Which keys of the present set can be used, and why the others can not.
    pub fn report(&self) -> KeyReport {
        self.current().keys.report.clone()
    }

    /// Whether to fetch the issuer's keys again because a token named an unknown `kid`: `true` at
    /// most once per cooldown, whoever asks.
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
        self.cooldown_state().is_over(Seconds::at(now))
    }

    /// A token needs a key that is not here.
    pub(crate) fn lacks_key(&self, now: Seconds) {
        let Some(refresher) = self.shared.refresher.get() else { return };
        let over = self.cooldown_state().is_over(now);
        if over {
            refresher.request(now.to_moment());
        }
    }

    /// Who fetches newer keys, if anybody does.
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

    fn cooldown_state(&self) -> MutexGuard<'_, Cooldown> {
        self.shared.cooldown.lock().unwrap_or_else(PoisonError::into_inner)
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

/// What became of the keys of a set.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct KeyReport {
    usable: usize,
    skipped: Vec<KeyProblem>,
}

impl KeyReport {
    /// How many keys can be used.
    pub fn usable(&self) -> usize {
        self.usable
    }

    /// The keys that can not be used, each with its index, the member at fault and the reason.
    pub fn skipped(&self) -> &[KeyProblem] {
        &self.skipped
    }
}

/// The usable keys of one set.
#[derive(Debug, Default)]
pub(crate) struct KeySnapshot {
    pub(super) keys: Vec<StoredKey>,
    pub(super) by_kid: BTreeMap<KeyId, Entry>,
    report: KeyReport,
    /// It stands for keys that are too old to be used.
    pub(super) stale: bool,
}

#[derive(Debug)]
pub(super) struct StoredKey {
    pub(super) kid: Option<KeyId>,
    pub(super) key: VerifyingKey,
}

/// What a `kid` leads to.
#[derive(Debug)]
pub(super) enum Entry {
    Usable(usize),
    /// A key was there that can not be used, for this reason.
    Unusable(Arc<str>),
    Shared,
}

impl KeySnapshot {
    fn import(set: &JwkSet, algorithms: &[SignatureAlgorithm], provider: &CryptoProvider) -> Self {
        let mut bound = Vec::new();
        let mut skipped = Vec::new();
        for (index, jwk) in set.keys.iter().enumerate() {
            let imported = jwk.as_ref().map_err(Clone::clone).and_then(|jwk| {
                jwk.bind(algorithms, provider)
                    .map(|key| (index, jwk.kid.clone(), key))
                    .map_err(|problem| problem.of_key(index, jwk.kid.as_ref()))
            });
            match imported {
                Ok(key) => bound.push(key),
                Err(problem) => skipped.push(problem),
            }
        }
        Self::index(bound, skipped)
    }

    /// Keys that share a `kid` are all left out: <https://www.rfc-editor.org/rfc/rfc7517#section-4.5>
    fn index(
        bound: Vec<(usize, Option<KeyId>, VerifyingKey)>,
        mut skipped: Vec<KeyProblem>,
    ) -> Self {
        let mut count: BTreeMap<KeyId, usize> = BTreeMap::new();
        for kid in bound.iter().filter_map(|(_, kid, _)| kid.clone()) {
            let times = count.entry(kid).or_default();
            *times = times.saturating_add(1);
        }
        let unusable = |problem: &KeyProblem| {
            Some((problem.kid()?.clone(), Entry::Unusable(problem.to_string().into())))
        };
        let mut by_kid: BTreeMap<_, _> = skipped.iter().filter_map(unusable).collect();
        let mut keys = Vec::new();
        for (index, kid, key) in bound {
            match &kid {
                Some(shared) if count.get(shared).is_some_and(|times| *times > 1) => {
                    by_kid.insert(shared.clone(), Entry::Shared);
                    let problem = KeyProblem::new("kid", KeyFault::SharedKid);
                    skipped.push(problem.of_key(index, kid.as_ref()));
                    continue;
                }
                Some(kid) => {
                    by_kid.insert(kid.clone(), Entry::Usable(keys.len()));
                }
                None => {}
            }
            keys.push(StoredKey { kid, key });
        }
        skipped.sort_by_key(KeyProblem::index);
        let report = KeyReport { usable: keys.len(), skipped };
        Self { keys, by_kid, report, stale: false }
    }

    /// No set was loaded yet, or an issuer published none: nothing can be said of any token.
    pub(super) fn is_blank(&self) -> bool {
        self.keys.is_empty() && self.report.skipped.is_empty()
    }

    /// A store of one key, which is found without its `kid`.
    pub(super) fn single(kid: Option<KeyId>, key: VerifyingKey) -> Self {
        Self { keys: vec![StoredKey { kid, key }], ..Self::default() }
    }
}
