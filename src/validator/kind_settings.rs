//! The kind of token with the caller's settings in it, checked.

use std::sync::Arc;

use crate::error::{ConfigError, whole_seconds};
use crate::kind::{self, Kind, Settings};
use crate::names::Audience;
use crate::policy::{
    Actors, AudiencePolicy, AudienceRule, Discriminator, ExtraAudiences, MAX_AHEAD, SingleUse,
    TypPolicy, distinguishes,
};
use crate::rules::Presence;
use crate::uri::{is_resource, is_string_or_uri};

/// The kind as its author defined it, checked.
pub(super) fn defined_kind(mut kind: Kind) -> Result<Kind, ConfigError> {
    kind.check_definition()?;
    check_own_typ(&kind)?;
    Ok(kind)
}

/// The kind, as the issuer writes it, with the caller's settings in it. No lifetime that the caller sets can
/// be longer than `longest`, and of two bounds the shorter one applies.
pub(super) fn complete_kind(
    mut kind: Kind,
    settings: &Settings,
    longest: i64,
) -> Result<Kind, ConfigError> {
    if let Some(max_lifetime) = settings.max_lifetime {
        if !kind.has_rule("time.lifetime") {
            return Err(ConfigError::Unused { setting: "max_lifetime" });
        }
        kind.max_lifetime.ok_or(ConfigError::Waived { setting: "max_lifetime" })?;
        let set = whole_seconds("max_lifetime", max_lifetime, 1, longest)?;
        kind.max_lifetime = Some(set.min(kind.longest_lifetime));
    }
    if let Some(max_age) = settings.max_token_age {
        kind.max_token_age =
            Some(whole_seconds("max_token_age", max_age, 1, kind.longest_token_age)?);
        if kind.age_replaces_exp {
            kind.set_presence("exp", Presence::Optional);
        }
    }
    if let Some(max_ahead) = settings.max_ahead {
        kind.max_ahead = Some(whole_seconds("max_ahead", max_ahead, 0, MAX_AHEAD)?);
    }
    kind.check_rules()?;
    check_names(&kind, settings)?;
    complete_audience(&mut kind.audience, settings)?;
    for name in settings.required.iter().chain(&settings.matching) {
        if kind.forbids(name) {
            return Err(ConfigError::ForbiddenClaim { claim: name.to_string() });
        }
    }
    let requires_exp =
        kind.requires("exp") || settings.required.iter().any(|name| **name == *"exp");
    let bounded = requires_exp || kind.max_token_age.is_some();
    if kind.single_use == SingleUse::Guarded && !bounded {
        return Err(ConfigError::SingleUseForEver);
    }
    Ok(kind)
}

/// Adds what the caller says about audiences beside the verifier's own names.
fn complete_audience(policy: &mut AudiencePolicy, settings: &Settings) -> Result<(), ConfigError> {
    let trusts = !settings.trusted_audiences.is_empty();
    let given =
        [("refuse_other_audiences", settings.refuses_other_audiences), ("trust_audience", trusts)];
    for (setting, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
        match policy.rule {
            AudienceRule::None => return Err(ConfigError::Unused { setting }),
            AudienceRule::Waived => return Err(ConfigError::Waived { setting }),
            AudienceRule::ContainsOneOfMine | AudienceRule::SolelyOneOfMine => {}
        }
    }
    if settings.refuses_other_audiences && policy.extra == ExtraAudiences::Allowed {
        policy.extra = ExtraAudiences::Trusted(Vec::new());
    }
    match &mut policy.extra {
        ExtraAudiences::Trusted(trusted) if policy.rule == AudienceRule::ContainsOneOfMine => {
            trusted.extend(settings.trusted_audiences.iter().cloned());
            check_audience_names(trusted)
        }
        ExtraAudiences::Allowed | ExtraAudiences::Trusted(_) if trusts => {
            Err(ConfigError::Unused { setting: "trust_audience" })
        }
        ExtraAudiences::Allowed | ExtraAudiences::Trusted(_) => Ok(()),
    }
}

/// Each claim that the caller names has a name, and is named once.
fn check_names(kind: &Kind, settings: &Settings) -> Result<(), ConfigError> {
    let misnamed = |names: &[Arc<str>]| {
        let twice = |name: &str| names.iter().filter(|other| ***other == *name).count() > 1;
        names.iter().find(|name| name.is_empty() || twice(name)).map(ToString::to_string)
    };
    if let Some(name) = misnamed(&settings.required) {
        return Err(ConfigError::RequiredClaim { claim: name });
    }
    if let Some(name) = misnamed(&settings.matching) {
        return Err(ConfigError::MatchingClaim { claim: name });
    }
    check_discriminator(kind.discriminator.as_ref())?;
    check_actors(kind, settings.actors.as_ref())
}

/// What every kind of token has tells none apart.
fn check_discriminator(discriminator: Option<&Discriminator>) -> Result<(), ConfigError> {
    match discriminator {
        Some(Discriminator { claim, .. }) if claim.is_empty() => {
            Err(ConfigError::Discriminator { claim: String::new() })
        }
        Some(Discriminator { claim, value }) if !distinguishes(claim, value.is_some()) => {
            Err(ConfigError::Discriminator { claim: claim.to_string() })
        }
        _ => Ok(()),
    }
}

fn check_actors(kind: &Kind, actors: Option<&Actors>) -> Result<(), ConfigError> {
    let Some(actors) = actors else {
        return Ok(());
    };
    let mut lists = [&actors.subjects, &actors.clients].into_iter().flatten();
    if lists.any(|list| list.is_empty() || list.iter().any(|actor| actor.is_empty())) {
        return Err(ConfigError::Actors);
    }
    let checked = ["actor.allowed", "claims.token_introspection"];
    let checked = checked.iter().any(|code| kind.has_rule(code));
    checked.then_some(()).ok_or(ConfigError::Unused { setting: "actors" })
}

/// `JWT` distinguishes nothing, and a type that has a kind of its own has rules of its own.
fn check_own_typ(kind: &Kind) -> Result<(), ConfigError> {
    let (TypPolicy::Exactly(typ) | TypPolicy::UntypedOr(Some(typ))) = &kind.typ else {
        return Ok(());
    };
    if typ.matches("JWT") || !typ.is_well_formed() {
        return Err(ConfigError::Typ { typ: typ.clone() });
    }
    let shipped: Vec<Kind> =
        kind::shipped().filter(|shipped| shipped.typ().is_some_and(|own| own == typ)).collect();
    match shipped.first() {
        Some(first) if shipped.iter().all(|shipped| shipped.name() != kind.name()) => {
            let profile = format!("Profile::{}()", first.name().replace('-', "_"));
            Err(ConfigError::TypHasProfile { typ: typ.clone(), profile })
        }
        _ => Ok(()),
    }
}

pub(super) fn check_audiences(
    audiences: &[Audience],
    policy: &AudiencePolicy,
) -> Result<(), ConfigError> {
    if !audiences.is_empty() && policy.rule == AudienceRule::None {
        return Err(ConfigError::Unused { setting: "audience" });
    }
    let none = [AudienceRule::Waived, AudienceRule::None];
    if audiences.is_empty() && !none.contains(&policy.rule) {
        return Err(ConfigError::NoAudience);
    }
    let resource = |audience: &&Audience| is_resource(audience.as_str());
    if policy.is_resource
        && let Some(other) = audiences.iter().find(|audience| !resource(audience))
    {
        return Err(ConfigError::ResourceAudience { audience: other.clone() });
    }
    check_audience_names(audiences)
}

/// Checks that tokens can have these audiences.
fn check_audience_names(audiences: &[Audience]) -> Result<(), ConfigError> {
    let named = |name: &str| !name.is_empty() && is_string_or_uri(name);
    match audiences.iter().find(|audience| !named(audience.as_str())) {
        Some(audience) => Err(ConfigError::AudienceName { audience: audience.clone() }),
        None => Ok(()),
    }
}
