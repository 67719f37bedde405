//! A profile: a kind of token, what the caller settles beyond it, and the Rust type of its claims.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use ::time::Duration;

use super::builder::Kind;
use super::tag::{Issued, SignedByClient, SignedByHolder};
use crate::names::Audience;
use crate::policy::{Actors, SingleUse};
use crate::rules::Presence;

/// A kind of token: what its header and claims have to say, and the Rust type of its claims.
///
/// The tag `T` says which decisions the kind asks of its verifier, and so which methods the
/// [`ValidatorBuilder`](crate::ValidatorBuilder) offers. Different kinds are different types, so a
/// handler that wants an access token cannot be given another kind.
///
/// Methods on a profile only tighten it, but where they say otherwise: for a kind that the caller defines,
/// [`Profile::max_token_age`] takes the place of `exp`, and [`Profile::max_lifetime`] may be longer than the
/// default; a DPoP proof may be older than the default; an ID token may be for others that the client
/// trusts.
pub struct Profile<C, T = Issued> {
    pub(crate) kind: Kind,
    pub(crate) settings: Settings,
    tag: PhantomData<fn() -> (C, T)>,
}

/// A profile of any kind, by who signs it. The tag of each decides what its validator's builder asks for.
#[derive(Clone, Debug)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a program that matches on it builds a validator for each"
)]
pub enum AnyProfile<C> {
    /// An issuer signs.
    Issued(Profile<C, Issued>),
    /// A client signs.
    SignedByClient(Profile<C, SignedByClient>),
    /// The holder of the key in the header signs.
    SignedByHolder(Profile<C, SignedByHolder>),
}

/// What the caller settles beyond the kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Claims that the caller requires beyond those of the kind.
    pub(crate) required: Vec<Arc<str>>,
    /// Claims that must equal facts of the request.
    pub(crate) matching: Vec<Arc<str>>,
    pub(crate) max_token_age: Option<Duration>,
    pub(crate) max_lifetime: Option<Duration>,
    pub(crate) max_ahead: Option<Duration>,
    pub(crate) actors: Option<Actors>,
    /// Audiences that are acceptable beside the verifier's own.
    pub(crate) trusted_audiences: Vec<Audience>,
    pub(crate) refuses_other_audiences: bool,
}

impl<C, T> Profile<C, T> {
    pub(crate) fn of(kind: Kind) -> Self {
        Self { kind, settings: Settings::default(), tag: PhantomData }
    }

    pub(crate) fn retag<D, U>(self) -> Profile<D, U> {
        Profile { kind: self.kind, settings: self.settings, tag: PhantomData }
    }

    /// The same kind of token, with claims of another type. The rules stay the same, whatever the type
    /// reads.
    ///
    /// ```
    /// # use jwt_appraisal::Profile;
    /// #[derive(serde::Deserialize)]
    /// struct TenantClaims {
    ///     sub: String,
    ///     tenant: String,
    /// }
    ///
    /// let profile = Profile::access_token().claims::<TenantClaims>().require("tenant");
    /// ```
    pub fn claims<D>(self) -> Profile<D, T> {
        self.retag()
    }

    /// The kind of token as data.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Requires a claim to be there and not to be `null`; its check is `claims.` and its name.
    pub fn require(mut self, claim: impl Into<Arc<str>>) -> Self {
        self.settings.required.push(claim.into());
        self
    }

    /// Refuses tokens that were issued longer ago, by `iat`, which is then required.
    ///
    /// For a kind made by [`Profile::new`] this takes the place of `exp`, which is then optional and is still
    /// checked if it is present. There is no default, because a kind is bounded by `exp` and
    /// [`Profile::max_lifetime`].
    pub fn max_token_age(mut self, max_age: Duration) -> Self {
        self.settings.max_token_age = Some(max_age);
        self
    }

    /// Refuses tokens whose `exp` is further from their `iat`, or from the present if they have no
    /// `iat`. Default 24 h: a token that lives longer is as good as a password. For a kind of one's
    /// own it can be up to ten years, for the others only shorter. A later call replaces an earlier
    /// one.
    pub fn max_lifetime(mut self, max_lifetime: Duration) -> Self {
        self.settings.max_lifetime = Some(max_lifetime);
        self
    }

    /// Refuses audiences beside the verifier's own names and those of
    /// [`trust_audience`](Self::trust_audience).
    pub fn refuse_other_audiences(mut self) -> Self {
        self.settings.refuses_other_audiences = true;
        self
    }

    /// Trusts another audience beside the verifier's own names, where others are rejected: by the kind, or by
    /// [`refuse_other_audiences`](Self::refuse_other_audiences). Elsewhere it does not build.
    pub fn trust_audience(mut self, audience: impl Into<Audience>) -> Self {
        self.settings.trusted_audiences.push(audience.into());
        self
    }

    /// Takes a token once: its `jti` is then required, and [`ValidatorBuilder::replay_guard`] has to
    /// be given (check `state.replay`). Some kinds are so by nature.
    ///
    /// [`ValidatorBuilder::replay_guard`]: crate::ValidatorBuilder::replay_guard
    pub fn single_use(mut self) -> Self {
        self.kind.single_use = SingleUse::Guarded;
        self.kind.set_presence("jti", Presence::Required);
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
        self.settings.actors.get_or_insert_default().subjects = Some(subjects);
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
        self.settings.actors.get_or_insert_default().clients = Some(clients);
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
        self.settings.matching.push(claim.into());
        self
    }
}

impl<C> Profile<C, SignedByHolder> {
    /// How far a proof may be ahead of the verifier's clock. Default 5 s, at most 60 s.
    pub fn max_ahead(mut self, ahead: Duration) -> Self {
        self.settings.max_ahead = Some(ahead);
        self
    }
}

impl<C, T> Clone for Profile<C, T> {
    fn clone(&self) -> Self {
        Self { kind: self.kind.clone(), settings: self.settings.clone(), tag: PhantomData }
    }
}

impl<C, T> fmt::Debug for Profile<C, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("kind", &self.kind.name)
            .field("typ", &self.kind.typ)
            .field("rules", &self.kind.rules)
            .field("required", &self.settings.required)
            .finish_non_exhaustive()
    }
}
