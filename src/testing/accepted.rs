//! An accepted token without a token, for the unit tests of handlers.

use std::borrow::Cow;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::appraisal::{Accepted, Appraisal, Signed, Trace};
use crate::check::{CheckId, Plan, PlannedCheck, PolicyId};
use crate::dialect::Dialect;
use crate::json::{Bounds, Document};
use crate::limits::Limits;
use crate::names::{Issuer, KeyId};
use crate::rules::Fact;
use crate::scope::ScopeHierarchy;
use crate::time::Seconds;

/// The name of the policy in every record of a [`TestAccepted`].
const POLICY: &str = "made by a test";

/// The only check of a [`TestAccepted`].
const CHECK: &str = "testing.unverified";

/// The members that a record reads, and the facts that they are.
const FACTS: [(&str, Fact); 12] = [
    ("sub", Fact::Subject),
    ("aud", Fact::Audiences),
    ("client_id", Fact::ClientId),
    ("act", Fact::Actors),
    ("jti", Fact::TokenId),
    ("exp", Fact::ExpiresAt),
    ("iat", Fact::IssuedAt),
    ("scope", Fact::Scopes),
    ("cnf", Fact::Confirmation),
    ("auth_time", Fact::AuthenticatedAt),
    ("acr", Fact::AuthenticationClass),
    ("sid", Fact::SessionId),
];

/// An [`Accepted`] token that nothing was verified about, so that a handler can be tested without keys, a
/// signature or a validator.
///
/// The claims and the [record](Accepted::record) come from the same members, so they agree. The record says
/// that a test made it: its policy is "made by a test", and its only check is `testing.unverified`, which
/// was waived. Of two calls that set the same member, the later one counts.
///
/// It begins with the claims of an access token. For a claims type of your own, set the members that the type
/// needs ([`claim`](Self::claim)), or give the claims themselves ([`build_with`](Self::build_with)). A router
/// without its layer finds the caller in the extensions of a request:
/// `request.extensions_mut().insert(accepted)`.
///
/// ```
/// use jwt_appraisal::testing::TestAccepted;
/// use jwt_appraisal::{Accepted, AccessTokenClaims, Outcome};
///
/// /// The handler under test.
/// fn delete_file(caller: &Accepted<AccessTokenClaims>) -> Result<String, &'static str> {
///     caller.require_scopes(["files:delete"]).map_err(|_| "forbidden")?;
///     Ok(format!("{} deletes a file", caller.claims().sub))
/// }
///
/// let alice = TestAccepted::new("access-token").subject("alice").client_id("app");
/// let reader = alice.clone().scopes(["files:read"]).build();
/// assert_eq!(delete_file(&reader), Err("forbidden"));
///
/// let writer = alice.scopes(["files:read", "files:delete"]).build();
/// assert_eq!(delete_file(&writer).as_deref(), Ok("alice deletes a file"));
///
/// let record = writer.record();
/// assert_eq!((record.kind(), record.policy()), ("access-token", Some("made by a test")));
/// let checks: Vec<_> = record.checks().map(|check| (check.code(), check.outcome().clone())).collect();
/// assert_eq!(checks, [("testing.unverified", Outcome::Waived)]);
/// ```
#[derive(Clone, Debug)]
#[must_use = "there is no accepted token before `build`"]
pub struct TestAccepted {
    kind: Cow<'static, str>,
    issuer: Issuer,
    key_id: Option<KeyId>,
    at: Option<i64>,
    claims: Map<String, Value>,
    hierarchy: Option<ScopeHierarchy>,
}

impl TestAccepted {
    /// Begins with what [`AccessTokenClaims`](crate::AccessTokenClaims) requires: the issuer
    /// `https://as.example.com`, the subject `user-1`, the client `client-1`, the audience
    /// `https://api.example.com`, a `jti`, and a lifetime of five minutes that begins now.
    ///
    /// The kind is a name such as `access-token`, which the record shows.
    pub fn new(kind: impl Into<Cow<'static, str>>) -> Self {
        let issuer = "https://as.example.com";
        let new = Self {
            kind: kind.into(),
            issuer: issuer.into(),
            key_id: None,
            at: None,
            claims: Map::new(),
            hierarchy: None,
        };
        new.issuer(issuer)
            .subject("user-1")
            .client_id("client-1")
            .audiences(["https://api.example.com"])
            .token_id("token-1")
            .at(OffsetDateTime::now_utc().unix_timestamp())
    }

    /// Sets the time of the appraisal in seconds since the epoch. The token was issued then, and expires five
    /// minutes later.
    pub fn at(mut self, now: i64) -> Self {
        self.at = Some(now);
        self.claim("iat", now).claim("exp", now.saturating_add(300))
    }

    /// Sets the end of the token's validity, in seconds since the epoch.
    pub fn expires_at(self, exp: i64) -> Self {
        self.claim("exp", exp)
    }

    /// Sets the issuer, whose key would have verified the token.
    pub fn issuer(mut self, issuer: &str) -> Self {
        self.issuer = issuer.into();
        self.claim("iss", issuer)
    }

    /// Sets the `kid` of the key that would have verified the token.
    pub fn key_id(mut self, kid: &str) -> Self {
        self.key_id = Some(kid.into());
        self
    }

    /// Sets the subject.
    pub fn subject(self, subject: &str) -> Self {
        self.claim("sub", subject)
    }

    /// Sets the client that the token was issued to.
    pub fn client_id(self, client_id: &str) -> Self {
        self.claim("client_id", client_id)
    }

    /// Sets the audiences.
    pub fn audiences<'a>(self, audiences: impl IntoIterator<Item = &'a str>) -> Self {
        self.claim("aud", audiences.into_iter().collect::<Vec<_>>())
    }

    /// Sets the scopes.
    pub fn scopes<'a>(self, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        self.claim("scope", scopes.into_iter().collect::<Vec<_>>().join(" "))
    }

    /// Sets which scopes imply others, as
    /// [`ValidatorBuilder::scope_hierarchy`](crate::ValidatorBuilder::scope_hierarchy) does.
    pub fn scope_hierarchy(
        mut self,
        implies: impl Fn(&str, &str) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.hierarchy = Some(ScopeHierarchy::new(implies));
        self
    }

    /// Sets the current actor, by its `sub`. For a chain of actors, or other names of an actor, set the claim
    /// `act`.
    pub fn actor(self, subject: &str) -> Self {
        self.claim("act", serde_json::json!({ "sub": subject }))
    }

    /// Sets the identifier of the token.
    pub fn token_id(self, jti: &str) -> Self {
        self.claim("jti", jti)
    }

    /// Sets any claim, such as `acr`, `auth_time`, `cnf`, `sid` or one of your own.
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// Removes a claim.
    pub fn without(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Makes the accepted token, with its claims read into their type.
    ///
    /// # Panics
    ///
    /// If the type cannot be read from the claims.
    #[track_caller]
    #[expect(clippy::expect_used, reason = "a mistake of the test stops it")]
    pub fn build<C: DeserializeOwned>(self) -> Accepted<C> {
        let claims = Value::Object(self.claims.clone());
        let claims = serde_json::from_value(claims)
            .expect("claims that fit the type, which TestAccepted::claim sets");
        self.build_with(claims)
    }

    /// Makes the accepted token with claims that exist already, which are not compared with the record.
    ///
    /// # Panics
    ///
    /// If the time of the appraisal is none of the calendar.
    #[track_caller]
    #[expect(clippy::expect_used, reason = "a mistake of the test stops it")]
    pub fn build_with<C>(self, claims: C) -> Accepted<C> {
        let text = Value::Object(self.claims).to_string();
        let check = PlannedCheck::named(CheckId::named(CHECK.into())).waived_if(true);
        let policy = PolicyId { name: Some(POLICY.into()), digest: None };
        let plan = Plan::new(&self.kind, policy, vec![check]);
        let plan = plan.of_dialect(Dialect::standard().name());
        let mut trace = Trace::new(&Arc::new(plan));
        let mut document = Document::new();
        document.read(text.as_bytes(), Bounds::of(&Limits::default())).expect("claims in JSON");
        for (name, fact) in FACTS {
            if let Some(value) = document.root().get(name) {
                trace.facts.record(fact, value);
            }
        }
        trace.signed = Some(Signed {
            party: self.issuer,
            kid: self.key_id,
            algorithm: "none",
            encryption: None,
            header_key: None,
            hierarchy: self.hierarchy,
            leeway: 0,
        });
        let at = self.at.and_then(Seconds::new).expect("a time of the calendar");
        let appraisal = Appraisal::conclude(trace, at, claims);
        appraisal.into_result().expect("a plan without a check that could fail")
    }
}
