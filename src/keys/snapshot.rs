//! The usable keys of one set, and which of them a token can mean.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::jwk::Jwk;
use super::report::{KeyNote, KeyNoteKind, KeyReport};
use super::set::JwkSet;
use crate::alg::{JwsAlgorithm, SignatureAlgorithm};
use crate::crypto::{CryptoProvider, VerifyingKey};
use crate::error::{InvalidKey, KeyErrorKind};
use crate::names::KeyId;

/// The usable keys of one set.
#[derive(Debug, Default)]
pub(crate) struct KeySnapshot {
    pub(super) keys: Vec<StoredKey>,
    pub(super) by_kid: BTreeMap<KeyId, Named>,
    pub(super) report: KeyReport,
    /// It stands for keys that are too old to be used.
    pub(super) stale: bool,
    /// If these are secrets, where those for a token that names none of them are.
    pub(super) secrets: Option<SecretPlaces>,
}

/// The places of secrets, at most one for each algorithm: the key there stands for all secrets that
/// the token can mean.
#[derive(Debug, Default)]
pub(super) struct SecretPlaces {
    /// For a token without `kid`: all secrets.
    pub(super) unnamed: Vec<usize>,
    /// For a token with a `kid` that none of them has: the secrets without one.
    pub(super) other_kid: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct StoredKey {
    pub(super) kid: Option<KeyId>,
    pub(super) key: VerifyingKey,
    /// A second name of the key's algorithm.
    pub(super) alias: Option<&'static str>,
}

impl StoredKey {
    /// Returns whether a header with this `alg` can mean the key. The header only names the
    /// algorithm; the key verifies with its own one.
    pub(super) fn serves(&self, alg: &str) -> bool {
        self.key.algorithm().name() == alg || self.alias == Some(alg)
    }

    fn names(&self) -> impl Iterator<Item = &'static str> {
        [Some(self.key.algorithm().name()), self.alias].into_iter().flatten()
    }
}

/// The keys of one `kid`.
#[derive(Debug, Default)]
pub(super) struct Named {
    /// Their places, each for other algorithms.
    pub(super) usable: Vec<usize>,
    /// Why a key with this `kid` cannot be used.
    pub(super) unusable: Option<Arc<str>>,
    /// The algorithms for which several keys have this `kid`.
    pub(super) shared: Vec<&'static str>,
}

/// A key that was imported, before it is compared with the others.
struct Imported<'a> {
    index: usize,
    jwk: &'a Jwk,
    stored: StoredKey,
}

impl KeySnapshot {
    /// Imports the keys of a set. The rest of the set is usable if a key is not.
    pub(super) fn import(
        set: &JwkSet,
        algorithms: &[SignatureAlgorithm],
        provider: &CryptoProvider,
    ) -> Self {
        let mut imported = Vec::new();
        let mut report = KeyReport::default();
        for (index, jwk) in set.keys.iter().enumerate() {
            let stored = jwk.as_ref().map_err(Clone::clone).and_then(|jwk| {
                let stored = jwk.import(algorithms, provider);
                let stored = stored.map_err(|invalid| invalid.of_key(index, jwk.kid.as_ref()))?;
                Ok(Imported { index, jwk, stored })
            });
            match stored {
                Ok(stored) => imported.push(stored),
                Err(invalid) => report.skipped.push(invalid),
            }
        }
        let mut by_kid: BTreeMap<KeyId, Named> = BTreeMap::new();
        for invalid in &report.skipped {
            if let Some(kid) = invalid.kid() {
                by_kid.entry(kid.clone()).or_default().unusable =
                    Some(invalid.clone().without_kid().to_string().into());
            }
        }
        let imported = merge(imported, &mut report);
        let shared = shared_names(&imported);
        let mut keys = Vec::new();
        for Imported { index, jwk, stored } in imported {
            if let Some(kid) = &stored.kid {
                let named = by_kid.entry(kid.clone()).or_default();
                let is_shared = |name: &&'static str| shared.contains(&(kid.clone(), *name));
                if stored.names().any(|name| is_shared(&name)) {
                    named.shared.extend(stored.names().filter(is_shared));
                    let invalid = InvalidKey::new("kid", KeyErrorKind::SharedKid);
                    report.skipped.push(invalid.of_key(index, Some(kid)));
                    continue;
                }
                named.usable.push(keys.len());
            }
            if jwk.certified {
                let (kid, kind) = (stored.kid.clone(), KeyNoteKind::CertificateNotValidated);
                report.notes.push(KeyNote { index, kid, kind });
            }
            keys.push(stored);
        }
        report.usable = keys.len();
        report.skipped.sort_by_key(InvalidKey::index);
        report.notes.sort_by_key(KeyNote::index);
        Self { keys, by_kid, report, stale: false, secrets: None }
    }

    /// No set was loaded yet, or an issuer published none: nothing can be said of any token.
    pub(super) fn is_blank(&self) -> bool {
        self.keys.is_empty() && self.report.skipped.is_empty()
    }

    /// Appends a key and returns its place.
    pub(super) fn push(&mut self, key: StoredKey) -> usize {
        let place = self.keys.len();
        self.keys.push(key);
        place
    }

    /// Returns a snapshot of one key, which is found without its `kid`.
    pub(super) fn single(key: StoredKey) -> Self {
        Self { keys: vec![key], ..Self::default() }
    }
}

/// Merges entries that are one key: the same `kid`, the same numbers and the same algorithm, which
/// Ed25519 keys may have under two names. The key then serves the names of all of them.
fn merge<'a>(imported: Vec<Imported<'a>>, report: &mut KeyReport) -> Vec<Imported<'a>> {
    let mut places = BTreeMap::new();
    let mut distinct: Vec<Imported<'a>> = Vec::new();
    for entry in imported {
        let numbers = entry.jwk.material.public_numbers();
        let identity = (entry.stored.kid.clone(), family(entry.stored.key.algorithm()), numbers);
        let place = *places.entry(identity).or_insert(distinct.len());
        let Some(first) = distinct.get_mut(place) else {
            distinct.push(entry);
            continue;
        };
        let own = first.stored.key.algorithm().name();
        let other = entry.stored.names().find(|name| *name != own);
        first.stored.alias = first.stored.alias.or(other);
        let (kid, kind) = (entry.stored.kid, KeyNoteKind::Duplicate { of: first.index });
        report.notes.push(KeyNote { index: entry.index, kid, kind });
    }
    distinct
}

/// Returns the algorithm under its fully specified name.
fn family(algorithm: JwsAlgorithm) -> &'static str {
    let eddsa = JwsAlgorithm::Signature(SignatureAlgorithm::EdDsa);
    if algorithm == eddsa { SignatureAlgorithm::Ed25519.name() } else { algorithm.name() }
}

/// The `kid` and algorithm of which there are several keys, so that no token can say which one it
/// means.
///
/// <https://www.rfc-editor.org/rfc/rfc7517#section-4.5>
fn shared_names(imported: &[Imported<'_>]) -> BTreeSet<(KeyId, &'static str)> {
    let (mut once, mut shared) = (BTreeSet::new(), BTreeSet::new());
    for Imported { stored, .. } in imported {
        let Some(kid) = &stored.kid else { continue };
        for name in stored.names() {
            if !once.insert((kid.clone(), name)) {
                shared.insert((kid.clone(), name));
            }
        }
    }
    shared
}
