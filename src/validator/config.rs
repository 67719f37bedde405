//! What the caller said, checked: every mistake is found here and not per token.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::pending::Sources;
use super::route::{Issuers, Trust, is_issuer_name};
use super::second_token::SecondToken;
use crate::alg::SignatureAlgorithm;
use crate::crypto::CryptoProvider;
use crate::error::ConfigError;
use crate::keys::{DecryptionKeys, SharedSecret, TrustedIssuer};
use crate::kind::{DPOP_PROOF, KEY_BINDING, Kind};
use crate::policy::SingleUse;

pub(super) const DEFAULT_LEEWAY: i64 = 60;
pub(super) const MAX_LEEWAY: i64 = 300;

/// Who may encrypt to the verifier is not thereby one who signs.
pub(super) fn check_secrets(
    parties: &[&TrustedIssuer],
    decryption: Option<&DecryptionKeys>,
) -> Result<(), ConfigError> {
    let mut secrets = parties.iter().flat_map(|party| party.secrets());
    let decrypts = |secret: &SharedSecret| {
        decryption.is_some_and(|keys| keys.keys.iter().any(|key| key.is_secret(secret)))
    };
    if secrets.any(decrypts) { Err(ConfigError::SecretForTwo) } else { Ok(()) }
}

/// A kind that is good for one use has exactly one source that remembers uses, and no other kind has one.
pub(super) fn check_sources(sources: &Sources, single_use: SingleUse) -> Result<(), ConfigError> {
    if sources.has_two_of_a_kind() {
        return Err(ConfigError::TwoSources);
    }
    let is_asked =
        sources.know_revocation() || (sources.remember_uses() && single_use == SingleUse::Guarded);
    if sources.remote.is_some() && !is_asked {
        return Err(ConfigError::Unused { setting: "state_source" });
    }
    match (sources.remember_uses(), single_use) {
        (false, SingleUse::Guarded) => Err(ConfigError::NoReplayGuard),
        (true, SingleUse::No) if sources.guard.is_some() => Err(ConfigError::NeedlessReplayGuard),
        (true, SingleUse::Waived) if sources.guard.is_some() => {
            Err(ConfigError::Waived { setting: "replay_guard" })
        }
        _ => Ok(()),
    }
}

/// What follows a token is a DPoP proof, or a key-binding JWT if the token is an SD-JWT, and the kind has a
/// rule that compares it with the token.
pub(super) fn check_second(
    kind: &Kind,
    second: Option<&dyn SecondToken>,
) -> Result<(), ConfigError> {
    let Some(second) = second else {
        return Ok(());
    };
    let proof = second.stages().plan.kind();
    let setting = match (proof, kind.has_disclosures) {
        (DPOP_PROOF, false) => "dpop",
        (KEY_BINDING, true) => "key_binding",
        (DPOP_PROOF, true) => return Err(ConfigError::Unused { setting: "dpop" }),
        (KEY_BINDING, false) => return Err(ConfigError::Unused { setting: "key_binding" }),
        (_, false) => return Err(ConfigError::NotDpop { kind: proof.into() }),
        (_, true) => return Err(ConfigError::NotKeyBinding { kind: proof.into() }),
    };
    if second.stages().envelope.is_encrypted() {
        return Err(ConfigError::Unused { setting: "encrypted_to" });
    }
    let is_compared = kind.has_rule("claims.cnf") && !kind.forbids("cnf");
    if is_compared { Ok(()) } else { Err(ConfigError::Unused { setting }) }
}

/// The issuers, each with a name of its own and with algorithms that the provider has.
pub(super) fn trusted(
    trust: Trust,
    provider: &'static CryptoProvider,
) -> Result<Issuers, ConfigError> {
    let issuers = match trust {
        Trust::Unset => Vec::new(),
        Trust::Issuers(issuers) => issuers.iter().map(|trust| Arc::clone(trust.issuer())).collect(),
        Trust::Source(source, _) => return Ok(Issuers::Source(source)),
        Trust::HolderOfKey(algorithms) => return holder_of_key(algorithms, provider),
    };
    let mut by_name = BTreeMap::new();
    for issuer in &issuers {
        check_issuer(issuer, provider)?;
        let twice = by_name.insert(issuer.issuer().clone(), Arc::clone(issuer));
        if twice.is_some() {
            return Err(ConfigError::IssuerTwice { issuer: issuer.issuer().clone() });
        }
    }
    check_own_keys(&issuers)?;
    match <[_; 1]>::try_from(issuers) {
        Ok([only]) => Ok(Issuers::One(only)),
        Err(_) if by_name.is_empty() => Err(ConfigError::NoIssuer),
        Err(_) => Ok(Issuers::Several(by_name)),
    }
}

/// The algorithms that a token's own key may be for.
fn holder_of_key(
    algorithms: Vec<SignatureAlgorithm>,
    provider: &'static CryptoProvider,
) -> Result<Issuers, ConfigError> {
    if algorithms.is_empty() {
        return Err(ConfigError::NoAlgorithms);
    }
    match algorithms.iter().find(|algorithm| !provider.supports(**algorithm)) {
        Some(algorithm) => Err(ConfigError::AlgorithmUnsupportedByProvider {
            algorithm: algorithm.name(),
            provider: provider.name(),
        }),
        None => Ok(Issuers::HolderOfKey(algorithms)),
    }
}

/// "The application MUST validate that the cryptographic keys … belong to the issuer": rfc8725bis
/// §3.8
fn check_own_keys(issuers: &[Arc<TrustedIssuer>]) -> Result<(), ConfigError> {
    for (nth, issuer) in issuers.iter().enumerate() {
        if let Some(other) = issuers.iter().take(nth).find(|other| issuer.shares_keys_with(other)) {
            let shares_secret = !issuer.secrets().is_empty();
            let [other, issuer] = [other, issuer].map(|issuer| issuer.issuer().clone());
            return Err(if shares_secret {
                ConfigError::SecretOfTwoIssuers { issuer, other }
            } else {
                ConfigError::SharedKeyStore { issuer, other }
            });
        }
    }
    Ok(())
}

fn check_issuer(
    issuer: &TrustedIssuer,
    provider: &'static CryptoProvider,
) -> Result<(), ConfigError> {
    let name = issuer.issuer();
    if !is_issuer_name(name.as_str()) {
        return Err(ConfigError::IssuerName { issuer: name.clone() });
    }
    issuer.keys().import(provider);
    let Some(keys) = issuer.key_store() else {
        return Ok(());
    };
    if keys.provider().name() != provider.name() {
        return Err(ConfigError::ProviderMismatch {
            issuer: name.clone(),
            keys: keys.provider().name(),
            validator: provider.name(),
        });
    }
    match keys.algorithms().iter().find(|alg| !provider.supports(**alg)) {
        Some(algorithm) => Err(ConfigError::UnsupportedByProvider {
            issuer: name.clone(),
            algorithm: *algorithm,
            provider: provider.name(),
        }),
        None => Ok(()),
    }
}

/// What the header may say before the issuer is known: the algorithms of all of them.
pub(super) fn permitted_algorithms(issuers: &Issuers) -> Vec<&'static str> {
    let mut names = match issuers {
        Issuers::One(issuer) => issuer.keys().algorithm_names(),
        Issuers::Several(issuers) => {
            issuers.values().flat_map(|issuer| issuer.keys().algorithm_names()).collect()
        }
        Issuers::Source(source) => {
            let signatures = SignatureAlgorithm::ALL.iter().map(|alg| alg.name());
            signatures.chain(source.mac_algorithms().iter().map(|alg| alg.name())).collect()
        }
        Issuers::HolderOfKey(algorithms) => algorithms.iter().map(|alg| alg.name()).collect(),
    };
    names.sort_unstable();
    names.dedup();
    names
}
