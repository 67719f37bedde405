//! The secrets that one party shares with the verifier.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::secret::SharedSecret;
use super::snapshot::{KeySnapshot, SecretPlaces, StoredKey};
use crate::alg::MacAlgorithm;
use crate::crypto::CryptoProvider;
use crate::error::{InvalidKey, KeyError, KeyErrorKind};

/// The secrets of one party, each for one algorithm.
pub(crate) struct Secrets {
    secrets: Vec<SharedSecret>,
    /// The keys of the first crypto provider that verified with them.
    imported: OnceLock<(&'static CryptoProvider, Arc<KeySnapshot>)>,
}

impl Secrets {
    /// A rotation needs two. A token that names none of several secrets is verified with each of
    /// them, so their number bounds the work.
    const MOST: usize = 4;

    pub(super) fn one(secret: SharedSecret) -> Self {
        Self { secrets: vec![secret], imported: OnceLock::new() }
    }

    pub(super) fn new(secrets: impl IntoIterator<Item = SharedSecret>) -> Result<Self, KeyError> {
        let (mut distinct, mut found) = (Vec::<SharedSecret>::new(), 0_usize);
        for (index, secret) in secrets.into_iter().enumerate() {
            found = index.saturating_add(1);
            if found > Self::MOST {
                continue;
            }
            if !is_listed(&secret, &distinct)
                .map_err(|invalid| invalid.of_key(index, secret.kid()))?
            {
                distinct.push(secret);
            }
        }
        match found {
            0 => Err(KeyError::NoSecrets),
            1..=Self::MOST => Ok(Self { secrets: distinct, imported: OnceLock::new() }),
            found => Err(KeyError::TooManySecrets { found, most: Self::MOST }),
        }
    }

    pub(super) fn all(&self) -> &[SharedSecret] {
        &self.secrets
    }

    /// Returns their algorithms, each once.
    pub(super) fn algorithms(&self) -> Vec<MacAlgorithm> {
        let mut algorithms: Vec<_> = self.secrets.iter().map(SharedSecret::algorithm).collect();
        algorithms.sort_unstable();
        algorithms.dedup();
        algorithms
    }

    /// Returns whether one of them is one of the others.
    pub(super) fn share(&self, others: &Self) -> bool {
        self.secrets.iter().any(|own| others.secrets.iter().any(|other| own.is_same(other)))
    }

    /// Returns the keys of this provider. They are imported when a validator is built, or with the
    /// first token where a source of issuers returns the party. Only a party that validators with
    /// different providers share is imported for each token of the second one.
    pub(super) fn snapshot(&self, provider: &'static CryptoProvider) -> Cow<'_, Arc<KeySnapshot>> {
        let first = || (provider, Arc::new(self.import(provider)));
        let (importer, keys) = self.imported.get_or_init(first);
        if std::ptr::eq(*importer, provider) {
            Cow::Borrowed(keys)
        } else {
            Cow::Owned(Arc::new(self.import(provider)))
        }
    }

    fn import(&self, provider: &CryptoProvider) -> KeySnapshot {
        let mut snapshot = KeySnapshot::default();
        let mut places = SecretPlaces::default();
        let mut by_algorithm: BTreeMap<MacAlgorithm, Vec<&SharedSecret>> = BTreeMap::new();
        for secret in &self.secrets {
            by_algorithm.entry(secret.algorithm()).or_default().push(secret);
        }
        for secrets in by_algorithm.values() {
            for secret in secrets {
                if let Some(kid) = secret.kid() {
                    let place = snapshot.push(import(&[secret], provider));
                    snapshot.by_kid.entry(kid.clone()).or_default().usable.push(place);
                }
            }
            let bare: Vec<_> = secrets.iter().copied().filter(|s| s.kid().is_none()).collect();
            places.unnamed.push(snapshot.push(import(secrets, provider)));
            if !bare.is_empty() {
                places.other_kid.push(snapshot.push(import(&bare, provider)));
            }
        }
        snapshot.secrets = Some(places);
        snapshot
    }
}

/// Returns one key that accepts what any of these secrets signed. With one secret it has its `kid`.
fn import(secrets: &[&SharedSecret], provider: &CryptoProvider) -> StoredKey {
    let kid = match secrets {
        [secret] => secret.kid().cloned(),
        _ => None,
    };
    StoredKey { kid, key: SharedSecret::import(secrets, provider), alias: None }
}

/// Returns whether the same secret is listed already. Two secrets must not share a `kid` and an
/// algorithm, and a secret has one algorithm (rfc8725bis §3.1).
fn is_listed(secret: &SharedSecret, others: &[SharedSecret]) -> Result<bool, InvalidKey> {
    for other in others {
        let same_algorithm = secret.algorithm() == other.algorithm();
        let same_kid = secret.kid() == other.kid();
        match (secret.is_same(other), same_algorithm) {
            (true, false) => return Err(InvalidKey::new("k", KeyErrorKind::SecondAlgorithm)),
            (true, true) if same_kid => return Ok(true),
            (false, true) if same_kid && secret.kid().is_some() => {
                return Err(InvalidKey::new("kid", KeyErrorKind::SharedKid));
            }
            _ => {}
        }
    }
    Ok(false)
}
