//! The kinds of tokens: what each demands, as a value that is generic in the claims type.

mod access_token;
mod access_token_legacy;
mod client_assertion;
mod custom;
mod dpop_proof;
mod id_jag;
mod id_token;
mod introspection_response;
mod jarm_response;
mod jwt_bearer_grant;
mod logout_token;
mod mcp_access_token;
mod request_object;
mod security_event;
mod values;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use ::time::Duration;

use crate::check::Row;
use crate::claims::{Rule, RuleContext};
use crate::policy::{ExtraAudiences, KindPolicy, SingleUse};

pub use access_token::AccessTokenClaims;
pub use access_token_legacy::LegacyAccessTokenClaims;
pub use client_assertion::ClientAssertionClaims;
pub use dpop_proof::DpopProofClaims;
pub use id_jag::IdJagClaims;
pub use id_token::IdTokenClaims;
pub use introspection_response::{IntrospectionResponseClaims, TokenIntrospection};
pub use jarm_response::JarmResponseClaims;
pub use jwt_bearer_grant::JwtBearerGrantClaims;
pub use logout_token::LogoutTokenClaims;
pub use request_object::RequestObjectClaims;
pub use security_event::SecurityEventClaims;
pub use values::{Actor, Audiences, AuthorizationDetail, Scopes};

pub(crate) use custom::custom;

/// A kind of token: what its header and claims have to say, and the Rust type of its claims.
///
/// The tag `T` says which decisions the kind asks of its verifier, and so which methods the
/// [`ValidatorBuilder`](crate::ValidatorBuilder) offers. Different kinds are different types, so a
/// handler that wants an access token can not be given another kind.
///
/// Methods on a profile only tighten it, but where they say otherwise: for kinds of one's own
/// [`Profile::max_token_age`] takes the place of `exp`, and [`Profile::max_lifetime`] may be longer than the
/// default; a DPoP proof may be older than the default; an ID token may be for others that the client
/// trusts.
pub struct Profile<C, T = Issued> {
    pub(crate) kind: KindPolicy,
    /// Claims that the caller requires beyond those of the kind.
    pub(crate) required: Vec<Arc<str>>,
    /// Claims that have to equal facts of the request.
    pub(crate) matching: Vec<Arc<str>>,
    pub(crate) rules: Vec<Rule<C>>,
    pub(crate) max_token_age: Option<Duration>,
    pub(crate) max_lifetime: Option<Duration>,
    pub(crate) max_ahead: Option<Duration>,
    tag: PhantomData<fn() -> T>,
}

/// The tag of kinds that an issuer issues for an audience.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Issued;

/// The tag of kinds that a client signs, for an audience.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SignedByClient;

/// The tag of kinds that are signed with the key in their own header.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SignedByHolder;

/// The tag of kinds whose audience is not checked; only [`danger`](crate::danger) gives it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct IssuedWithoutAudience;

impl<C, T> Profile<C, T> {
    pub(crate) fn of(kind: KindPolicy) -> Self {
        Self {
            kind,
            required: Vec::new(),
            matching: Vec::new(),
            rules: Vec::new(),
            max_token_age: None,
            max_lifetime: None,
            max_ahead: None,
            tag: PhantomData,
        }
    }

    pub(crate) fn retag<U>(self) -> Profile<C, U> {
        Profile {
            kind: self.kind,
            required: self.required,
            matching: self.matching,
            rules: self.rules,
            max_token_age: self.max_token_age,
            max_lifetime: self.max_lifetime,
            max_ahead: self.max_ahead,
            tag: PhantomData,
        }
    }

    /// Requires a claim to be there and not to be `null`; its check is `claims.` and its name.
    pub fn require(mut self, claim: impl Into<Arc<str>>) -> Self {
        self.required.push(claim.into());
        self
    }

    /// Refuses tokens that were issued longer ago, by `iat`, which is then required.
    ///
    /// For a kind of one's own this takes the place of `exp`, which is then optional and still
    /// checked where it is there. No default: a kind is bounded by `exp` and
    /// [`Profile::max_lifetime`].
    pub fn max_token_age(mut self, max_age: Duration) -> Self {
        self.max_token_age = Some(max_age);
        self
    }

    /// Refuses tokens whose `exp` is further from their `iat`, or from the present if they have no
    /// `iat`. Default 24 h: a token that lives longer is as good as a password. For a kind of one's
    /// own it can be up to ten years, for the others only shorter. A later call replaces an earlier
    /// one.
    pub fn max_lifetime(mut self, max_lifetime: Duration) -> Self {
        self.max_lifetime = Some(max_lifetime);
        self
    }

    /// Refuses audiences beside the verifier's own names.
    pub fn refuse_other_audiences(mut self) -> Self {
        self.kind.extra_audiences = ExtraAudiences::Trusted(Vec::new());
        self
    }

    /// Takes a token once: its `jti` is then required, and [`ValidatorBuilder::replay_guard`] has to
    /// be given (check `state.replay`). Some kinds are so by nature.
    ///
    /// [`ValidatorBuilder::replay_guard`]: crate::ValidatorBuilder::replay_guard
    pub fn single_use(mut self) -> Self {
        self.kind.single_use = SingleUse::Guarded;
        self.require_once("jti");
        self
    }

    /// Permits only these to act for a token's subject, by the current actor's `sub`, within the
    /// token's issuer. A token without an actor is not concerned; require `act` to refuse it (check
    /// `actor.allowed`).
    ///
    /// With [`Profile::actor_clients`] beside it, an actor that has both names has to have both
    /// permitted. A later call replaces an earlier one.
    ///
    /// [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1)
    pub fn actors<A: Into<Arc<str>>>(mut self, subjects: impl IntoIterator<Item = A>) -> Self {
        let subjects = subjects.into_iter().map(Into::into).collect();
        self.kind.actors.get_or_insert_default().subjects = Some(subjects);
        self
    }

    /// Permits only these clients to act for a token's subject, by the current actor's `client_id`: a
    /// client and a subject of one name are two.
    ///
    /// [RFC 8693 §4.3](https://www.rfc-editor.org/rfc/rfc8693#section-4.3)
    pub fn actor_clients<A: Into<Arc<str>>>(
        mut self,
        clients: impl IntoIterator<Item = A>,
    ) -> Self {
        let clients = clients.into_iter().map(Into::into).collect();
        self.kind.actors.get_or_insert_default().clients = Some(clients);
        self
    }

    /// Requires a claim to equal the fact of the request of the same name
    /// ([`RequestFacts::fact`](crate::RequestFacts::fact)); its check is `request.` and its name. For context claims
    /// such as `agent_type` or `workflow_id`.
    ///
    /// ```
    /// # use jwt_appraisal::{RequestFacts, Profile};
    /// let profile = Profile::access_token().matches_fact("workflow_id");
    /// let expect = RequestFacts::new().fact("workflow_id", "wf-7");
    /// ```
    pub fn matches_fact(mut self, claim: impl Into<Arc<str>>) -> Self {
        self.matching.push(claim.into());
        self
    }

    fn require_once(&mut self, claim: &str) {
        if !self.kind.requires(claim) {
            self.kind.required.push(Arc::from(claim));
        }
    }

    /// Adds a rule of one's own on claims that passed every check of this crate.
    ///
    /// The name is the check's code, `word.word`, with a prefix that is none of this crate's. The
    /// words of a refusal are the program's, so that no report repeats what a token says.
    ///
    /// ```
    /// # use jwt_appraisal::Profile;
    /// # #[derive(serde::Deserialize)] struct Receipt { total_cents: u64 }
    /// let profile = Profile::new("receipt+jwt").rule("receipt.total", |receipt: &Receipt, _| {
    ///     if receipt.total_cents > 0 { Ok(()) } else { Err("total is zero") }
    /// });
    /// ```
    pub fn rule(
        mut self,
        name: impl Into<Arc<str>>,
        rule: impl Fn(&C, &RuleContext<'_>) -> Result<(), &'static str> + Send + Sync + 'static,
    ) -> Self {
        self.rules.push(Rule { name: name.into(), predicate: Arc::new(rule) });
        self
    }
}

impl<C, T> Clone for Profile<C, T> {
    fn clone(&self) -> Self {
        Self {
            kind: self.kind.clone(),
            required: self.required.clone(),
            matching: self.matching.clone(),
            rules: self.rules.clone(),
            max_token_age: self.max_token_age,
            max_lifetime: self.max_lifetime,
            max_ahead: self.max_ahead,
            tag: PhantomData,
        }
    }
}

impl<C, T> fmt::Debug for Profile<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("typ", &self.kind.typ)
            .field("audience", &self.kind.audience)
            .field("required", &self.kind.required)
            .field("also_required", &self.required)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// The types that have a profile here.
pub(crate) const TYPES: &[(&str, &str)] = &[
    ("at+jwt", "Profile::access_token_as()"),
    ("client-authentication+jwt", "Profile::client_assertion_as()"),
    ("dpop+jwt", "Profile::dpop_proof_as()"),
    ("logout+jwt", "Profile::logout_token_as()"),
    ("oauth-authz-req+jwt", "Profile::request_object_as()"),
    ("oauth-id-jag+jwt", "Profile::id_jag_as()"),
    ("secevent+jwt", "Profile::security_event_as()"),
    ("token-introspection+jwt", "Profile::introspection_response_as()"),
];

/// The checks on claims that every kind has.
pub(crate) const COMMON_CLAIMS: &[Row] = &[
    Row::ClaimsIss,
    Row::ClaimsAud,
    Row::ClaimsExp,
    Row::ClaimsNbf,
    Row::ClaimsIat,
    Row::TimeLifetime,
    Row::ClaimsSub,
    Row::ClaimsJti,
    Row::ClaimsCnf,
    Row::ClaimsAct,
];
