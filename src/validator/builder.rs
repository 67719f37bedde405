//! The builder: decisions without a safe default as states, everything else as settings.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use ::time::Duration;
use serde::de::DeserializeOwned;

use super::Validator;
use super::config::DEFAULT_LEEWAY;
use super::pending::Sources;
use super::route::Trust;
use super::second_token::SecondToken;
use super::states::WantsTrust;
use crate::crypto::CryptoProvider;
use crate::keys::DecryptionKeys;
use crate::kind::Profile;
use crate::kind::claims::KeyBindingClaims;
use crate::limits::Limits;
use crate::names::Audience;
use crate::rules::{CustomRule, RuleContext};
use crate::scope::ScopeHierarchy;
use crate::state::{Local, LocalSource, Reach, Remote, ReplayGuard, StateSource};
use crate::time::{Clock, SystemClock};

/// Builds a [`Validator`], one decision after the other:
///
/// 1. [`issuer`](ValidatorBuilder::issuer), [`issuers`](ValidatorBuilder::issuers),
///    [`issuer_source`](ValidatorBuilder::issuer_source) or
///    [`shared_secret`](ValidatorBuilder::shared_secret): whom to trust, with which keys. Where
///    clients sign, [`client`](ValidatorBuilder::client), [`clients`](ValidatorBuilder::clients),
///    [`client_source`](ValidatorBuilder::client_source) or
///    [`client_secret`](ValidatorBuilder::client_secret); where a token brings its key along,
///    [`algorithms`](ValidatorBuilder::algorithms) alone;
/// 2. [`audience`](ValidatorBuilder::audience) or [`audiences`](ValidatorBuilder::audiences): who
///    the verifier is;
/// 3. settings, then [`build`](ValidatorBuilder::build).
///
/// The type parameters never have to be written out.
pub struct ValidatorBuilder<C, T, S, R = Local> {
    pub(super) provider: &'static CryptoProvider,
    pub(super) profile: Profile<C, T>,
    pub(super) trust: Trust,
    pub(super) audiences: Vec<Audience>,
    pub(super) decryption: Option<DecryptionKeys>,
    pub(super) leeway: Duration,
    pub(super) limits: Limits,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) sources: Sources,
    pub(super) hierarchy: Option<ScopeHierarchy>,
    pub(super) rules: Vec<CustomRule<C>>,
    pub(super) name: Option<Box<str>>,
    pub(super) records_claimed: bool,
    pub(super) second: Option<Arc<dyn SecondToken>>,
    pub(super) state: PhantomData<fn() -> (S, R)>,
}

impl<C, T> ValidatorBuilder<C, T, WantsTrust> {
    pub(super) fn new(provider: &'static CryptoProvider, profile: Profile<C, T>) -> Self {
        Self {
            provider,
            profile,
            trust: Trust::Unset,
            audiences: Vec::new(),
            decryption: None,
            leeway: Duration::seconds(DEFAULT_LEEWAY),
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
            sources: Sources::default(),
            hierarchy: None,
            rules: Vec::new(),
            name: None,
            records_claimed: false,
            second: None,
            state: PhantomData,
        }
    }
}

impl<C, T, S, R> ValidatorBuilder<C, T, S, R> {
    pub(super) fn into_state<N, Q>(self) -> ValidatorBuilder<C, T, N, Q> {
        ValidatorBuilder {
            provider: self.provider,
            profile: self.profile,
            trust: self.trust,
            audiences: self.audiences,
            decryption: self.decryption,
            leeway: self.leeway,
            limits: self.limits,
            clock: self.clock,
            sources: self.sources,
            hierarchy: self.hierarchy,
            rules: self.rules,
            name: self.name,
            records_claimed: self.records_claimed,
            second: self.second,
            state: PhantomData,
        }
    }

    /// By how much clocks may differ. Default 60 s, at most 300 s: "usually no more than a few
    /// minutes" ([RFC 7519 §4.1.4](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4)).
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Demands that tokens be encrypted to one of these keys: a token is a JWE whose content is a
    /// JWS that passes every check, or it is refused. Decryption alone proves nothing of who wrote
    /// the content, so there is no way to the claims of a token that is only encrypted. Without
    /// this, encrypted tokens are refused.
    ///
    /// [RFC 7519 §11.2](https://www.rfc-editor.org/rfc/rfc7519#section-11.2), rfc8725bis §3.3
    pub fn encrypted_to(mut self, keys: DecryptionKeys) -> Self {
        self.decryption = Some(keys);
        self
    }

    /// Remembers which tokens were used, for kinds that are good for one use (check `state.replay`);
    /// these do not build without it.
    pub fn replay_guard(mut self, guard: Arc<dyn ReplayGuard>) -> Self {
        self.sources.guard = Some(guard);
        self
    }

    /// Asks a list in memory which tokens were revoked (check `state.revoked`).
    pub fn revocation_list(mut self, list: Arc<dyn LocalSource>) -> Self {
        self.sources.revocation = Some(list);
        self
    }

    /// Asks a source that has to be waited for, about everything that it answers
    /// ([`StateSource::kinds`]). The validator then has
    /// [`appraise_async`](Validator::appraise_async) in place of `appraise`.
    pub fn state_source(
        mut self,
        source: impl StateSource + 'static,
    ) -> ValidatorBuilder<C, T, S, Remote> {
        self.sources.remote = Some(Arc::new(source));
        self.into_state()
    }

    /// Accepts DPoP proofs: a token that is bound to a key is accepted beside a proof of that key for this
    /// very request ([`RequestFacts::dpop_proof`](crate::RequestFacts::dpop_proof)). The rows of the proof
    /// follow those of the token, with codes that begin with `proof.`. Without a proof they are absent, and a
    /// bound token is rejected (check `claims.cnf`).
    ///
    /// The proof's key is compared with the token first. Only a proof beside a token that passed every check
    /// is verified and remembered, so a flood of proofs takes no room in the replay guard. A request whose
    /// proof is rejected does not use up a single-use token.
    ///
    /// A proof must have `ath`, the hash of the token, because proofs are accepted here beside tokens that are
    /// presented at a resource server. The proof of a request to a token endpoint has no `ath` (RFC 9449 §5),
    /// so appraise that one by itself, with the validator of proofs. An SD-JWT has a key-binding JWT in place
    /// of a proof ([`key_binding`](Self::key_binding)).
    ///
    /// [`build`](Self::build) refuses a validator of another kind than
    /// [`Profile::dpop_proof`], because its rules may be weaker.
    ///
    /// [RFC 9449 §7](https://www.rfc-editor.org/rfc/rfc9449#section-7)
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jwt_appraisal::*;
    /// # fn validator(issuer: TrustedIssuer) -> Result<Validator<AccessTokenClaims>, ConfigError> {
    /// let proofs = Validator::builder(Profile::dpop_proof())
    ///     .algorithms([SignatureAlgorithm::Es256])
    ///     .replay_guard(Arc::new(MemoryReplayGuard::new(100_000)))
    ///     .build()?;
    /// Validator::builder(Profile::access_token())
    ///     .issuer(issuer)
    ///     .audience("https://api.example.com")
    ///     .dpop(proofs)
    ///     .build()
    /// # }
    /// ```
    pub fn dpop<P: DeserializeOwned + 'static, Q: Reach>(
        mut self,
        proofs: Validator<P, Q>,
    ) -> ValidatorBuilder<C, T, S, R::Or<Q>>
    where
        R: Reach,
    {
        self.second = Some(proofs.0);
        self.into_state()
    }

    /// Demands that the holder of an SD-JWT shows possession of the key that its issuer names in `cnf.jwk`:
    /// a key-binding JWT follows the disclosures, for this verifier and for the nonce in
    /// [`RequestFacts::nonce`](crate::RequestFacts::nonce). Its rows follow those of the issuer's JWT, with
    /// codes that begin with `proof.`. Without this a key-binding JWT is rejected, because a verifier must
    /// not decide by what is presented (check `sd_jwt.key_binding`).
    ///
    /// The nonce is one that you gave to this holder for this presentation; a key-binding JWT may be used again
    /// within its age, so accept each nonce once. The kind needs a rule on `cnf`, which
    /// [`rules::COMMON`](crate::rules::COMMON) has.
    ///
    /// [RFC 9901 §7.3](https://www.rfc-editor.org/rfc/rfc9901#section-7.3)
    ///
    /// ```
    /// # use jwt_appraisal::kind::KindBuilder;
    /// # use jwt_appraisal::*;
    /// # fn validator(issuer: TrustedIssuer) -> Result<(), ConfigError> {
    /// let membership = KindBuilder::issued("membership")
    ///     .typ("membership+sd-jwt")
    ///     .with_disclosures()
    ///     .rules(rules::COMMON);
    /// let holders = Validator::builder(Profile::key_binding())
    ///     .algorithms([SignatureAlgorithm::Es256])
    ///     .for_audience("https://door.example.com")
    ///     .build()?;
    /// let validator = Validator::builder(membership.profile::<serde_json::Value>())
    ///     .issuer(issuer)
    ///     .audience("https://door.example.com")
    ///     .key_binding(holders)
    ///     .build()?;
    /// # let presented = "";
    /// let appraisal = validator.appraise_with(presented, &RequestFacts::new().nonce("n-0S6_WzA2Mj"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn key_binding<Q: Reach>(
        mut self,
        holders: Validator<KeyBindingClaims, Q>,
    ) -> ValidatorBuilder<C, T, S, R::Or<Q>>
    where
        R: Reach,
    {
        self.second = Some(holders.0);
        self.into_state()
    }

    /// Which scopes imply others: whether the first, which a token has, implies the second, which an
    /// operation needs. A broader scope then satisfies a demand for a narrower one
    /// ([`Accepted::require_scopes`](crate::Accepted::require_scopes)). By default none does.
    ///
    /// It says nothing about whether a token is accepted, and nothing is concluded from two answers: where a
    /// first scope implies a second and that a third, the function has to say that the first implies the third.
    ///
    /// ```
    /// # use jwt_appraisal::*;
    /// # fn validator(issuer: TrustedIssuer) -> Result<Validator<AccessTokenClaims>, ConfigError> {
    /// Validator::builder(Profile::mcp_access_token())
    ///     .issuer(issuer)
    ///     .audience("https://mcp.example.com")
    ///     .scope_hierarchy(|granted, needed| granted == "files:write" && needed == "files:read")
    ///     .build()
    /// # }
    /// ```
    pub fn scope_hierarchy(
        mut self,
        implies: impl Fn(&str, &str) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.hierarchy = Some(ScopeHierarchy::new(implies));
        self
    }

    /// Adds a rule of your own on claims that passed every other check.
    ///
    /// The name is the check's code, `word.word`, with a prefix that is none of this crate's. The words
    /// of a refusal are the program's, so that no report repeats what a token says.
    ///
    /// ```
    /// # use jwt_appraisal::*;
    /// # #[derive(serde::Deserialize)] struct Receipt { total_cents: u64 }
    /// # fn validator(issuer: TrustedIssuer) -> Result<Validator<Receipt>, ConfigError> {
    /// Validator::builder(Profile::<Receipt>::new("receipt+jwt"))
    ///     .issuer(issuer)
    ///     .audience("https://api.example.com")
    ///     .rule("receipt.total", |receipt, _| {
    ///         if receipt.total_cents > 0 { Ok(()) } else { Err("total is zero") }
    ///     })
    ///     .build()
    /// # }
    /// ```
    pub fn rule(
        mut self,
        name: impl Into<Arc<str>>,
        rule: impl Fn(&C, &RuleContext<'_>) -> Result<(), &'static str> + Send + Sync + 'static,
    ) -> Self {
        self.rules.push(CustomRule { name: name.into(), predicate: Arc::new(rule) });
        self
    }

    /// The name of the policy, which each record carries
    /// ([`Record::policy`](crate::Record::policy)). No default.
    pub fn name(mut self, name: impl Into<Box<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Records what a token says of itself if it is refused before its signature passed: `alg`, `typ`, `kid`
    /// and the party that it names ([`Record::claimed`](crate::Record::claimed)). It helps to find out who
    /// sends bad tokens, but anybody can write anything into them.
    ///
    /// By default nothing of such a token is stored. With this setting a refusal before the signature reads
    /// the token once more and allocates.
    ///
    /// ```
    /// # use jwt_appraisal::*;
    /// # fn validator(issuer: TrustedIssuer) -> Result<Validator<AccessTokenClaims>, ConfigError> {
    /// Validator::builder(Profile::access_token())
    ///     .issuer(issuer)
    ///     .audience("https://api.example.com")
    ///     .record_claimed()
    ///     .build()
    /// # }
    /// ```
    pub fn record_claimed(mut self) -> Self {
        self.records_claimed = true;
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

impl<C, T, S, R> fmt::Debug for ValidatorBuilder<C, T, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ValidatorBuilder")
            .field("provider", &self.provider)
            .field("profile", &self.profile)
            .field("trust", &self.trust)
            .field("audiences", &self.audiences)
            .field("decryption", &self.decryption)
            .finish_non_exhaustive()
    }
}
