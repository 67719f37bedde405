//! The builder: decisions without a safe default as states, everything else as settings.

use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use ::time::Duration;

use super::plan::plan;
use super::route::Issuers;
use super::{Inner, Validator};
use crate::alg::SignatureAlgorithm;
use crate::claims::is_string_or_uri;
use crate::crypto::CryptoProvider;
use crate::error::ConfigError;
use crate::keys::{IssuerSource, SharedSecret, TrustedIssuer};
use crate::limits::Limits;
use crate::names::{Audience, Issuer};
use crate::policy::{AudienceRule, ClaimsPolicy, HeaderPolicy, KindPolicy, Policy, TypPolicy};
use crate::profile::{ACCESS_TOKEN_TYPE, Issued, IssuedWithoutAudience, Profile};
use crate::time::{Clock, SystemClock};

/// State: whom to trust is to be said.
#[derive(Debug)]
#[non_exhaustive]
pub struct WantsIssuer;

/// State: who the verifier is, is to be said.
#[derive(Debug)]
#[non_exhaustive]
pub struct WantsAudience;

/// State: everything without a safe default was said.
#[derive(Debug)]
#[non_exhaustive]
pub struct Ready;

/// Which state follows [`WantsIssuer`] for a kind of token.
pub trait AfterIssuer: sealed::Sealed {
    /// The state.
    type State;
}

impl AfterIssuer for Issued {
    type State = WantsAudience;
}

impl AfterIssuer for IssuedWithoutAudience {
    type State = Ready;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::profile::Issued {}
    impl Sealed for crate::profile::IssuedWithoutAudience {}
}

/// Builds a [`Validator`], one decision after the other:
///
/// 1. [`issuer`](ValidatorBuilder::issuer), [`issuers`](ValidatorBuilder::issuers),
///    [`issuer_source`](ValidatorBuilder::issuer_source) or
///    [`shared_secret`](ValidatorBuilder::shared_secret): whom to trust, with which keys;
/// 2. [`audience`](ValidatorBuilder::audience) or [`audiences`](ValidatorBuilder::audiences): who
///    the verifier is;
/// 3. settings, then [`build`](ValidatorBuilder::build).
///
/// The type parameters never have to be written out.
pub struct ValidatorBuilder<C, T, S> {
    provider: &'static CryptoProvider,
    profile: Profile<C, T>,
    trust: Trust,
    audiences: Vec<Audience>,
    leeway: Duration,
    limits: Limits,
    clock: Arc<dyn Clock>,
    state: PhantomData<fn() -> S>,
}

/// Whom to trust, as the caller said it.
#[derive(Debug)]
enum Trust {
    Nobody,
    Issuers(Vec<Arc<TrustedIssuer>>),
    Source(Arc<dyn IssuerSource>),
    Secret(Issuer, SharedSecret),
}

impl<C, T> ValidatorBuilder<C, T, WantsIssuer> {
    pub(super) fn new(provider: &'static CryptoProvider, profile: Profile<C, T>) -> Self {
        Self {
            provider,
            profile,
            trust: Trust::Nobody,
            audiences: Vec::new(),
            leeway: Duration::seconds(DEFAULT_LEEWAY),
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
            state: PhantomData,
        }
    }
}

impl<C, T: AfterIssuer> ValidatorBuilder<C, T, WantsIssuer> {
    /// Trusts one issuer.
    pub fn issuer(self, issuer: impl Into<Arc<TrustedIssuer>>) -> ValidatorBuilder<C, T, T::State> {
        self.trust(Trust::Issuers(vec![issuer.into()]))
    }

    /// Trusts several issuers, each with its own keys: the `iss` of a token is looked up before
    /// anything is verified (check `key.issuer`), and only that issuer's keys are tried.
    pub fn issuers<I: Into<Arc<TrustedIssuer>>>(
        self,
        issuers: impl IntoIterator<Item = I>,
    ) -> ValidatorBuilder<C, T, T::State> {
        self.trust(Trust::Issuers(
            issuers.into_iter().map(Into::into).collect(),
        ))
    }

    /// Trusts issuers that come and go.
    pub fn issuer_source(
        self,
        source: impl Into<Arc<dyn IssuerSource>>,
    ) -> ValidatorBuilder<C, T, T::State> {
        self.trust(Trust::Source(source.into()))
    }

    /// Trusts one issuer by a secret that it shares with this verifier, instead of by public keys.
    pub fn shared_secret(
        self,
        issuer: impl Into<Issuer>,
        secret: SharedSecret,
    ) -> ValidatorBuilder<C, T, T::State> {
        self.trust(Trust::Secret(issuer.into(), secret))
    }

    fn trust(mut self, trust: Trust) -> ValidatorBuilder<C, T, T::State> {
        self.trust = trust;
        self.into_state()
    }
}

impl<C, T> ValidatorBuilder<C, T, WantsAudience> {
    /// The verifier's name: a token is accepted if its `aud` contains exactly this.
    pub fn audience(self, audience: impl Into<Audience>) -> ValidatorBuilder<C, T, Ready> {
        self.audiences([audience])
    }

    /// The verifier's names, any of which will do.
    pub fn audiences<A: Into<Audience>>(
        mut self,
        audiences: impl IntoIterator<Item = A>,
    ) -> ValidatorBuilder<C, T, Ready> {
        self.audiences = audiences.into_iter().map(Into::into).collect();
        self.into_state()
    }
}

impl<C, T, S> ValidatorBuilder<C, T, S> {
    fn into_state<N>(self) -> ValidatorBuilder<C, T, N> {
        ValidatorBuilder {
            provider: self.provider,
            profile: self.profile,
            trust: self.trust,
            audiences: self.audiences,
            leeway: self.leeway,
            limits: self.limits,
            clock: self.clock,
            state: PhantomData,
        }
    }

    /// By how much clocks may differ. Default 60 s, at most 300 s: "usually no more than a few
    /// minutes" ([RFC 7519 §4.1.4](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4)).
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// How much of a token is read.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The clock of [`Validator::appraise`]; the default is the operating system's.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }
}

impl<C, T> ValidatorBuilder<C, T, Ready> {
    /// Builds the validator.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if the policy can not be carried out as it stands: an algorithm that the
    /// provider lacks, a name that no token can have, a setting out of its range.
    ///
    /// ```
    /// # use jwt_appraisal::*;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let keys = KeyStore::new([SignatureAlgorithm::Es512], JwkSet::default())?;
    /// let built = Validator::builder(Profile::access_token())
    ///     .issuer(TrustedIssuer::new("https://as.example.com", keys))
    ///     .audience("https://api.example.com")
    ///     .build();
    /// assert!(matches!(built, Err(ConfigError::UnsupportedByProvider { .. })));
    /// # Ok(())
    /// # }
    /// ```
    pub fn build(self) -> Result<Validator<C>, ConfigError> {
        let kind = complete_kind(&self.profile)?;
        check_limits(&self.limits)?;
        let leeway = seconds("leeway", self.leeway, 0, MAX_LEEWAY)?;
        check_audiences(&self.audiences, kind.audience)?;
        let issuers = trusted(self.trust, self.provider)?;
        let policy = Policy {
            header: HeaderPolicy {
                typ: kind.typ.clone(),
                algorithms: permitted_algorithms(&issuers),
            },
            claims: ClaimsPolicy {
                kind,
                audiences: self.audiences,
                leeway,
                actor_depth: self.limits.actor_depth,
            },
            limits: self.limits,
        };
        let rules = self.profile.rules;
        let rule_names: Vec<_> = rules.iter().map(|rule| Arc::clone(&rule.name)).collect();
        let planned = plan(&policy, &issuers, &self.profile.required, &rule_names)?;
        Ok(Validator(Arc::new(Inner {
            policy,
            plan: Arc::new(planned.plan),
            issuers,
            rules,
            first_rule: planned.first_rule,
            required: planned.required,
            clock: self.clock,
        })))
    }
}

const DEFAULT_LEEWAY: i64 = 60;
const MAX_LEEWAY: i64 = 300;

/// The kind with the caller's settings in it.
fn complete_kind<C, T>(profile: &Profile<C, T>) -> Result<KindPolicy, ConfigError> {
    let mut kind = profile.kind.clone();
    if kind.custom {
        check_own_typ(&kind.typ)?;
    }
    if let Some(max_lifetime) = profile.max_lifetime {
        kind.max_lifetime = seconds("max_lifetime", max_lifetime, 1, kind.max_lifetime)?;
    }
    if let Some(max_age) = profile.max_age {
        kind.max_age = Some(seconds("max_age", max_age, 1, kind.max_lifetime)?);
        kind.required
            .retain(|name| !kind.custom || **name != *"exp");
        kind.required.push(Arc::from("iat"));
    }
    for (nth, name) in profile.required.iter().enumerate() {
        let twice = profile
            .required
            .iter()
            .skip(nth)
            .filter(|n| *n == name)
            .count()
            > 1;
        if name.is_empty() || twice {
            return Err(ConfigError::RequiredClaim);
        }
        kind.required.push(Arc::clone(name));
    }
    Ok(kind)
}

/// "JWT" types nothing, and a type with a profile of its own has rules of its own.
fn check_own_typ(typ: &TypPolicy) -> Result<(), ConfigError> {
    match typ {
        TypPolicy::Waived => Ok(()),
        TypPolicy::Exactly(typ) if typ.matches("JWT") || !typ.is_well_formed() => {
            Err(ConfigError::Typ(typ.clone()))
        }
        TypPolicy::Exactly(typ) if typ.matches(ACCESS_TOKEN_TYPE) => {
            Err(ConfigError::TypHasProfile {
                typ: typ.clone(),
                profile: "Profile::access_token_as()",
            })
        }
        TypPolicy::Exactly(_) => Ok(()),
    }
}

fn check_limits(limits: &Limits) -> Result<(), ConfigError> {
    let wrong = |(_, found, most): &(&str, usize, usize)| !(1..=*most).contains(found);
    match limits.entries().into_iter().find(wrong) {
        Some((limit, found, most)) => Err(ConfigError::Limit { limit, found, most }),
        None => Ok(()),
    }
}

fn seconds(
    setting: &'static str,
    duration: Duration,
    least: i64,
    most: i64,
) -> Result<i64, ConfigError> {
    let found = duration.whole_seconds();
    let within = (least..=most).contains(&found) && !duration.is_negative();
    if !within {
        return Err(ConfigError::Duration {
            setting,
            found,
            least,
            most,
        });
    }
    Ok(found)
}

fn check_audiences(audiences: &[Audience], rule: AudienceRule) -> Result<(), ConfigError> {
    let named = |audience: &Audience| !audience.as_str().is_empty();
    let enough = !audiences.is_empty() && audiences.iter().all(named);
    if enough || rule == AudienceRule::Waived {
        Ok(())
    } else {
        Err(ConfigError::NoAudience)
    }
}

/// The issuers, each with a name of its own and with algorithms that the provider has.
fn trusted(trust: Trust, provider: &'static CryptoProvider) -> Result<Issuers, ConfigError> {
    let issuers = match trust {
        Trust::Nobody => Vec::new(),
        Trust::Issuers(issuers) => issuers,
        Trust::Source(source) => return Ok(Issuers::Source(source)),
        Trust::Secret(issuer, secret) => {
            vec![Arc::new(TrustedIssuer::with_secret(
                issuer, &secret, provider,
            ))]
        }
    };
    let mut by_name = HashMap::new();
    for issuer in &issuers {
        check_issuer(issuer, provider)?;
        let twice = by_name.insert(issuer.issuer().clone(), Arc::clone(issuer));
        if twice.is_some() {
            return Err(ConfigError::IssuerTwice(issuer.issuer().clone()));
        }
    }
    match <[_; 1]>::try_from(issuers) {
        Ok([only]) => Ok(Issuers::One(only)),
        Err(_) if by_name.is_empty() => Err(ConfigError::NoIssuer),
        Err(_) => Ok(Issuers::Several(by_name)),
    }
}

fn check_issuer(
    issuer: &TrustedIssuer,
    provider: &'static CryptoProvider,
) -> Result<(), ConfigError> {
    let name = issuer.issuer();
    if name.as_str().is_empty() || !is_string_or_uri(name.as_str()) {
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
    match keys
        .algorithms()
        .iter()
        .find(|alg| !provider.supports(**alg))
    {
        Some(algorithm) => Err(ConfigError::UnsupportedByProvider {
            algorithm: *algorithm,
            provider: provider.name(),
        }),
        None => Ok(()),
    }
}

/// What the header may say before the issuer is known: the algorithms of all of them.
fn permitted_algorithms(issuers: &Issuers) -> Vec<&'static str> {
    let mut names = match issuers {
        Issuers::One(issuer) => issuer.keys().algorithm_names(),
        Issuers::Several(issuers) => issuers
            .values()
            .flat_map(|issuer| issuer.keys().algorithm_names())
            .collect(),
        Issuers::Source(_) => SignatureAlgorithm::ALL
            .iter()
            .map(|alg| alg.name())
            .collect(),
    };
    names.sort_unstable();
    names.dedup();
    names
}

impl<C, T, S> fmt::Debug for ValidatorBuilder<C, T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValidatorBuilder")
            .field("provider", &self.provider)
            .field("profile", &self.profile)
            .field("trust", &self.trust)
            .field("audiences", &self.audiences)
            .finish_non_exhaustive()
    }
}
