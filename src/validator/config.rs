//! What the caller said, checked: every mistake is found here and not per token.

use std::collections::BTreeMap;
use std::sync::Arc;

use ::time::Duration;

use super::builder::Trust;
use super::route::Issuers;
use crate::alg::SignatureAlgorithm;
use crate::check::Row;
use crate::crypto::CryptoProvider;
use crate::error::ConfigError;
use crate::keys::{DecryptionKeys, TrustedIssuer};
use crate::limits::Limits;
use crate::names::Audience;
use crate::policy::{
    AudienceRule, ExtraAudiences, KindPolicy, LONGEST_LIFETIME, Marker, SingleUse, TypPolicy,
};
use crate::profile::{Profile, TYPES};
use crate::uri::{is_resource, is_string_or_uri};

pub(super) const DEFAULT_LEEWAY: i64 = 60;
pub(super) const MAX_LEEWAY: i64 = 300;
const MAX_AHEAD: i64 = 60;

/// The kind with the caller's settings in it.
pub(super) fn complete_kind<C, T>(profile: &Profile<C, T>) -> Result<KindPolicy, ConfigError> {
    let mut kind = profile.kind.clone();
    if kind.custom {
        check_own_typ(&kind.typ)?;
    }
    if let Some(max_lifetime) = profile.max_lifetime {
        if !kind.claims.contains(&Row::TimeLifetime) {
            return Err(ConfigError::Unused("max_lifetime"));
        }
        let own = kind.max_lifetime.ok_or(ConfigError::Waived("max_lifetime"))?;
        let most = if kind.custom { LONGEST_LIFETIME } else { own };
        kind.max_lifetime = Some(seconds("max_lifetime", max_lifetime, 1, most)?);
    }
    if let Some(max_age) = profile.max_age {
        kind.max_age = Some(seconds("max_age", max_age, 1, kind.most_age)?);
        kind.required.retain(|name| !kind.custom || **name != *"exp");
        kind.required.push(Arc::from("iat"));
    }
    if let Some(max_ahead) = profile.max_ahead {
        kind.max_ahead = Some(seconds("max_ahead", max_ahead, 0, MAX_AHEAD)?);
    }
    check_names(profile)?;
    let others = kind.extra_audiences != ExtraAudiences::Allowed;
    if others && kind.audience == AudienceRule::None {
        return Err(ConfigError::Unused("refuse_other_audiences"));
    }
    for name in &profile.required {
        if kind.forbidden.iter().any(|row| row.claim() == Some(&**name)) {
            return Err(ConfigError::ForbiddenClaim(name.to_string()));
        }
        kind.required.push(Arc::clone(name));
    }
    let bounded = kind.requires("exp") || kind.max_age.is_some();
    if kind.single_use == SingleUse::Guarded && !bounded {
        return Err(ConfigError::SingleUseForEver);
    }
    Ok(kind)
}

/// Each claim that the caller names has a name, and is named once.
fn check_names<C, T>(profile: &Profile<C, T>) -> Result<(), ConfigError> {
    let misnamed = |names: &[Arc<str>]| {
        let twice = |name: &str| names.iter().filter(|other| ***other == *name).count() > 1;
        names.iter().find(|name| name.is_empty() || twice(name)).map(ToString::to_string)
    };
    if let Some(name) = misnamed(&profile.required) {
        return Err(ConfigError::RequiredClaim(name));
    }
    if let Some(name) = misnamed(&profile.matching) {
        return Err(ConfigError::MatchingClaim(name));
    }
    check_marker(profile.kind.marker.as_ref())?;
    check_actors(&profile.kind)
}

/// What every kind of token has tells none apart.
fn check_marker(marker: Option<&Marker>) -> Result<(), ConfigError> {
    const OF_ANY_KIND: &[&str] = &[
        "iss",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "azp",
        "sid",
        "auth_time",
        "acr",
        "amr",
        "cnf",
    ];
    match marker {
        Some(Marker { claim, .. }) if claim.is_empty() => Err(ConfigError::Marker(String::new())),
        Some(Marker { claim, value: None }) if OF_ANY_KIND.contains(&&**claim) => {
            Err(ConfigError::Marker(claim.to_string()))
        }
        _ => Ok(()),
    }
}

fn check_actors(kind: &KindPolicy) -> Result<(), ConfigError> {
    let Some(actors) = &kind.actors else {
        return Ok(());
    };
    let mut lists = [&actors.subjects, &actors.clients].into_iter().flatten();
    if lists.any(|list| list.is_empty() || list.iter().any(|actor| actor.is_empty())) {
        return Err(ConfigError::Actors);
    }
    let has = [Row::ClaimsAct, Row::ClaimsTokenIntrospection];
    let checked = kind.claims.iter().any(|row| has.contains(row));
    checked.then_some(()).ok_or(ConfigError::Unused("actors"))
}

/// "JWT" types nothing, and a type with a profile of its own has rules of its own.
fn check_own_typ(typ: &TypPolicy) -> Result<(), ConfigError> {
    match typ {
        TypPolicy::Waived | TypPolicy::UntypedOr(_) => Ok(()),
        TypPolicy::Exactly(typ) if typ.matches("JWT") || !typ.is_well_formed() => {
            Err(ConfigError::Typ(typ.clone()))
        }
        TypPolicy::Exactly(typ) => match TYPES.iter().find(|(known, _)| typ.matches(known)) {
            Some((_, profile)) => Err(ConfigError::TypHasProfile { typ: typ.clone(), profile }),
            None => Ok(()),
        },
    }
}

/// Who may encrypt to the verifier is not thereby one who signs.
pub(super) fn check_secrets(
    trust: &Trust,
    decryption: Option<&DecryptionKeys>,
) -> Result<(), ConfigError> {
    match (trust, decryption) {
        (Trust::Secret(_, secret), Some(decryption))
            if decryption.keys.iter().any(|key| key.is_secret(secret)) =>
        {
            Err(ConfigError::SecretForTwo)
        }
        _ => Ok(()),
    }
}

/// A kind that is good for one use has somebody who remembers, and no other kind pretends to.
pub(super) fn check_guard(given: bool, single_use: SingleUse) -> Result<(), ConfigError> {
    match (given, single_use) {
        (false, SingleUse::Guarded) => Err(ConfigError::NoReplayGuard),
        (true, SingleUse::No) => Err(ConfigError::NeedlessReplayGuard),
        (true, SingleUse::Waived) => Err(ConfigError::Waived("replay_guard")),
        _ => Ok(()),
    }
}

pub(super) fn check_limits(limits: &Limits) -> Result<(), ConfigError> {
    match limits.out_of_range() {
        Some((limit, found, most)) => Err(ConfigError::Limit { limit, found, most }),
        None => Ok(()),
    }
}

pub(super) fn seconds(
    setting: &'static str,
    duration: Duration,
    least: i64,
    most: i64,
) -> Result<i64, ConfigError> {
    let found = duration.whole_seconds();
    let within = (least..=most).contains(&found) && !duration.is_negative();
    if !within {
        return Err(ConfigError::Duration { setting, found, least, most });
    }
    Ok(found)
}

pub(super) fn check_audiences(
    audiences: &[Audience],
    kind: &KindPolicy,
) -> Result<(), ConfigError> {
    let none = [AudienceRule::Waived, AudienceRule::None];
    if audiences.is_empty() && !none.contains(&kind.audience) {
        return Err(ConfigError::NoAudience);
    }
    let resource = |audience: &&Audience| is_resource(audience.as_str());
    if kind.audience_is_resource
        && let Some(other) = audiences.iter().find(|audience| !resource(audience))
    {
        return Err(ConfigError::ResourceAudience(other.clone()));
    }
    let named = |name: &str| !name.is_empty() && is_string_or_uri(name);
    match audiences.iter().find(|audience| !named(audience.as_str())) {
        Some(audience) => Err(ConfigError::AudienceName(audience.clone())),
        None => Ok(()),
    }
}

/// The issuers, each with a name of its own and with algorithms that the provider has.
pub(super) fn trusted(
    trust: Trust,
    provider: &'static CryptoProvider,
) -> Result<Issuers, ConfigError> {
    let issuers = match trust {
        Trust::Nobody => Vec::new(),
        Trust::Issuers(issuers) => issuers,
        Trust::Source(source) => return Ok(Issuers::Source(source)),
        Trust::Bearer(algorithms) => return bearer(algorithms, provider),
        Trust::Secret(issuer, secret) => {
            vec![Arc::new(TrustedIssuer::with_secret(issuer, &secret, provider))]
        }
    };
    let mut by_name = BTreeMap::new();
    for issuer in &issuers {
        check_issuer(issuer, provider)?;
        let twice = by_name.insert(issuer.issuer().clone(), Arc::clone(issuer));
        if twice.is_some() {
            return Err(ConfigError::IssuerTwice(issuer.issuer().clone()));
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
fn bearer(
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
        None => Ok(Issuers::Bearer(algorithms)),
    }
}

/// "The application MUST validate that the cryptographic keys … belong to the issuer": rfc8725bis
/// §3.8
fn check_own_keys(issuers: &[Arc<TrustedIssuer>]) -> Result<(), ConfigError> {
    for (nth, issuer) in issuers.iter().enumerate() {
        if let Some(other) = issuers.iter().take(nth).find(|other| issuer.poses_as(other)) {
            let [other, issuer] = [other, issuer].map(|issuer| issuer.issuer().clone());
            return Err(ConfigError::SharedKeyStore(other, issuer));
        }
    }
    Ok(())
}

pub(super) fn is_issuer_name(name: &str) -> bool {
    !name.is_empty() && is_string_or_uri(name)
}

fn check_issuer(
    issuer: &TrustedIssuer,
    provider: &'static CryptoProvider,
) -> Result<(), ConfigError> {
    let name = issuer.issuer();
    if !is_issuer_name(name.as_str()) {
        return Err(ConfigError::IssuerName(name.clone()));
    }
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
        Issuers::Source(_) => SignatureAlgorithm::ALL.iter().map(|alg| alg.name()).collect(),
        Issuers::Bearer(algorithms) => algorithms.iter().map(|alg| alg.name()).collect(),
    };
    names.sort_unstable();
    names.dedup();
    names
}
