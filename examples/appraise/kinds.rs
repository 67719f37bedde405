//! The kinds of tokens by name, and a validator of any of them, with claims of any shape.

use std::sync::Arc;

use jwt_appraisal::crypto::aws_lc_rs::PROVIDER;
use jwt_appraisal::kind::tag::IssuedWithoutAudience;
use jwt_appraisal::kind::{self, AnyProfile, Kind};
use jwt_appraisal::states::Ready;
use jwt_appraisal::{
    Audience, ConfigError, DecryptionKeys, FixedClock, Limits, MemoryReplayGuard, Profile,
    SignatureAlgorithm, TrustedIssuer, Validator, ValidatorBuilder, danger,
};
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

/// Whatever a token claims.
pub(crate) type Claims = Map<String, Value>;

/// A profile by who signs, or one whose audience is not checked.
pub(crate) enum Selected {
    Profile(AnyProfile<Claims>),
    /// Without a check of the audience, which only cases ask for.
    ForAnybody(Profile<Claims, IssuedWithoutAudience>),
}

impl From<Profile<Claims>> for Selected {
    fn from(profile: Profile<Claims>) -> Self {
        Self::Profile(AnyProfile::Issued(profile))
    }
}

/// The names of the kinds.
pub(crate) fn names() -> impl Iterator<Item = String> {
    kind::ALL.iter().map(|kind| kind().name().to_owned())
}

/// A kind by its name.
pub(crate) fn named(name: &str) -> Option<Kind> {
    kind::ALL.iter().map(|kind| kind()).find(|kind| kind.name() == name)
}

/// The variant for senders that leave the type out, of the kinds that have one.
pub(crate) fn legacy(name: &str) -> Option<Kind> {
    named(&format!("{name}-legacy")).filter(|_| name != "access-token")
}

/// What the verifier settles beside the kind.
pub(crate) struct Settings {
    /// Issuers or clients.
    pub(crate) parties: Vec<TrustedIssuer>,
    /// Of a key that the token brings along.
    pub(crate) algorithms: Vec<SignatureAlgorithm>,
    pub(crate) audiences: Vec<Audience>,
    pub(crate) leeway: Option<Duration>,
    pub(crate) now: Option<OffsetDateTime>,
    pub(crate) limits: Limits,
    pub(crate) decryption: Option<DecryptionKeys>,
    pub(crate) required: Vec<String>,
    pub(crate) matching: Vec<String>,
    pub(crate) actors: Option<Vec<String>>,
    pub(crate) actor_clients: Option<Vec<String>>,
    pub(crate) max_token_age: Option<Duration>,
    pub(crate) max_ahead: Option<Duration>,
    pub(crate) refuse_other_audiences: bool,
    pub(crate) uses: Uses,
}

/// How often a token is good.
#[derive(Clone)]
pub(crate) enum Uses {
    /// As the kind says, by nature again and again.
    Again,
    /// Once, as far as the guard has seen.
    Once(Arc<MemoryReplayGuard>),
    /// Once by nature, and nobody remembers.
    OnceUnremembered,
}

impl Uses {
    pub(crate) fn remembered() -> Self {
        Self::Once(Arc::new(MemoryReplayGuard::new(REMEMBERED)))
    }
}

/// So many tokens are remembered.
const REMEMBERED: usize = 10_000;

pub(crate) fn validator(
    kind: Selected,
    settings: Settings,
) -> Result<Validator<Claims>, ConfigError> {
    match kind {
        Selected::Profile(AnyProfile::Issued(profile)) => {
            let builder = Validator::builder_with(&PROVIDER, tighten(profile, &settings));
            let builder = builder.issuers(settings.parties.clone());
            finish(builder.audiences(settings.audiences.clone()), settings)
        }
        Selected::ForAnybody(profile) => {
            let builder = Validator::builder_with(&PROVIDER, tighten(profile, &settings));
            finish(builder.issuers(settings.parties.clone()), settings)
        }
        Selected::Profile(AnyProfile::SignedByClient(profile)) => {
            let builder = Validator::builder_with(&PROVIDER, tighten(profile, &settings));
            let builder = builder.clients(settings.parties.clone());
            finish(builder.audiences(settings.audiences.clone()), settings)
        }
        Selected::Profile(AnyProfile::SignedByHolder(profile)) => {
            let mut profile = tighten(profile, &settings);
            if let Some(max_ahead) = settings.max_ahead {
                profile = profile.max_ahead(max_ahead);
            }
            let builder = Validator::builder_with(&PROVIDER, profile);
            finish(builder.algorithms(settings.algorithms.clone()), settings)
        }
    }
}

fn tighten<T>(mut profile: Profile<Claims, T>, settings: &Settings) -> Profile<Claims, T> {
    for claim in &settings.required {
        profile = profile.require(claim.as_str());
    }
    for claim in &settings.matching {
        profile = profile.matches_fact(claim.as_str());
    }
    if let Some(actors) = &settings.actors {
        profile = profile.actors(actors.iter().map(String::as_str));
    }
    if let Some(clients) = &settings.actor_clients {
        profile = profile.actor_clients(clients.iter().map(String::as_str));
    }
    if let Some(max_age) = settings.max_token_age {
        profile = profile.max_token_age(max_age);
    }
    if settings.refuse_other_audiences {
        profile = profile.refuse_other_audiences();
    }
    match settings.uses {
        Uses::Again => profile,
        Uses::Once(_) => profile.single_use(),
        Uses::OnceUnremembered => danger::without_replay_guard(profile),
    }
}

fn finish<T>(
    mut builder: ValidatorBuilder<Claims, T, Ready>,
    settings: Settings,
) -> Result<Validator<Claims>, ConfigError> {
    builder = builder.limits(settings.limits);
    if let Some(keys) = settings.decryption {
        builder = builder.encrypted_to(keys);
    }
    if let Some(leeway) = settings.leeway {
        builder = builder.leeway(leeway);
    }
    if let Some(now) = settings.now {
        builder = builder.clock(FixedClock::new(now));
    }
    if let Uses::Once(guard) = settings.uses {
        builder = builder.replay_guard(guard);
    }
    builder.build()
}
