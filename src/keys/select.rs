//! Exactly one key, inside the set of one issuer, or none.

use std::sync::Arc;

use super::snapshot::{KeySnapshot, StoredKey};
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

/// Selects by `kid`, or by algorithm if the token names no key and only one can be meant. Public
/// keys are never tried in turn. Secrets of one party that a token does not tell apart stand as one
/// key, which verifies with each of them.
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
    match (kid, &keys.secrets) {
        (Some(kid), Some(secrets)) if !keys.by_kid.contains_key(kid) => {
            let unknown = secrets.other_kid.is_empty();
            if unknown { Err(unknown_key(kid)) } else { of_secrets(keys, &secrets.other_kid, alg) }
        }
        (Some(kid), _) => by_kid(keys, kid, alg),
        (None, Some(secrets)) => of_secrets(keys, &secrets.unnamed, alg),
        (None, None) => by_algorithm(keys.keys.iter(), alg),
    }
}

fn of_secrets<'k>(
    keys: &'k KeySnapshot,
    places: &[usize],
    alg: &str,
) -> Result<SelectedKey<'k>, Reason> {
    by_algorithm(places.iter().filter_map(|place| keys.keys.get(*place)), alg)
}

fn unknown_key(kid: &str) -> Reason {
    Reason::new(ReasonKind::UnknownKey, Found::Bytes(kid.len()))
}

/// `kid` and algorithm together name a key.
///
/// <https://www.rfc-editor.org/rfc/rfc7517#section-4.5>
fn by_kid<'k>(keys: &'k KeySnapshot, kid: &str, alg: &str) -> Result<SelectedKey<'k>, Reason> {
    let named = keys.by_kid.get(kid).ok_or_else(|| unknown_key(kid))?;
    let mut usable = named.usable.iter().filter_map(|place| keys.keys.get(*place));
    if let Some(key) = usable.clone().find(|key| key.serves(alg)) {
        return Ok(SelectedKey(key));
    }
    match (usable.next(), &named.unusable) {
        _ if named.shared.contains(&alg) => Err(ReasonKind::AmbiguousKey.into()),
        // Its algorithm is compared next, so that the reason names it.
        (Some(other), _) => Ok(SelectedKey(other)),
        (None, Some(invalid)) => fail(ReasonKind::UnusableKey, Found::Problem(Arc::clone(invalid))),
        (None, None) => Err(ReasonKind::AmbiguousKey.into()),
    }
}

fn by_algorithm<'k>(
    keys: impl Iterator<Item = &'k StoredKey>,
    alg: &str,
) -> Result<SelectedKey<'k>, Reason> {
    let mut candidates = keys.filter(|key| key.serves(alg));
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
    if key.0.serves(alg) { Ok(()) } else { fail(ReasonKind::OtherAlgorithm, Found::Name(own)) }
}
