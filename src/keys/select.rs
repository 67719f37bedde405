//! Exactly one key, inside the set of one issuer, or none.

use super::store::{Entry, KeySnapshot, StoredKey};
use crate::check::{Found, Reason, ReasonKind, fail};
use crate::crypto::VerifyingKey;
use crate::names::KeyId;

/// The one key that a token is to be verified with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SelectedKey<'k>(&'k StoredKey);

impl<'k> SelectedKey<'k> {
    pub(crate) fn kid(self) -> Option<&'k KeyId> {
        self.0.kid.as_ref()
    }

    pub(crate) fn key(self) -> &'k VerifyingKey {
        &self.0.key
    }
}

/// Selects by `kid`, or by algorithm if the token names no key and only one can be meant. Keys are
/// never tried in turn.
///
/// <https://www.rfc-editor.org/rfc/rfc7515#appendix-D>
pub(crate) fn select<'k>(
    keys: &'k KeySnapshot,
    kid: Option<&str>,
    alg: &str,
) -> Result<SelectedKey<'k>, Reason> {
    if keys.stale {
        return Err(ReasonKind::StaleKeys.into());
    }
    if keys.is_blank() {
        return Err(ReasonKind::NoKeys.into());
    }
    match kid {
        Some(kid) => by_kid(keys, kid),
        None => by_algorithm(keys, alg),
    }
}

fn by_kid<'k>(keys: &'k KeySnapshot, kid: &str) -> Result<SelectedKey<'k>, Reason> {
    let unknown = || Reason::new(ReasonKind::UnknownKey, Found::Bytes(kid.len()));
    match keys.by_kid.get(kid).ok_or_else(unknown)? {
        Entry::Usable(place) => keys.keys.get(*place).map(SelectedKey).ok_or_else(unknown),
        Entry::Unusable(problem) => fail(ReasonKind::UnusableKey, Found::Problem(problem.clone())),
        Entry::Shared => Err(ReasonKind::AmbiguousKey.into()),
    }
}

fn by_algorithm<'k>(keys: &'k KeySnapshot, alg: &str) -> Result<SelectedKey<'k>, Reason> {
    let for_algorithm = |key: &&StoredKey| key.key.algorithm().name() == alg;
    let mut candidates = keys.keys.iter().filter(for_algorithm);
    match (candidates.next(), candidates.next()) {
        (Some(key), None) => Ok(SelectedKey(key)),
        (None, _) => Err(ReasonKind::NoCandidate.into()),
        (Some(_), Some(_)) => Err(ReasonKind::AmbiguousKey.into()),
    }
}

/// The header's `alg` is compared with the key's own algorithm; it never chooses one.
///
/// rfc8725bis §3.1
pub(crate) fn check_key_alg(key: SelectedKey<'_>, alg: &str) -> Result<(), Reason> {
    let own = key.key().algorithm().name();
    if alg == own { Ok(()) } else { fail(ReasonKind::OtherAlgorithm, Found::Name(own)) }
}
