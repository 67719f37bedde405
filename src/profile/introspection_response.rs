//! Introspection responses as JWTs.

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::Deserialize;

use super::values::{Audiences, date};
use super::{Issued, Profile};
use crate::check::Row;
use crate::names::{Issuer, MediaType};
use crate::policy::{KindPolicy, ProofRule, TypPolicy};

/// 5 minutes, in seconds: a response is used when it comes.
const MOST_AGE: i64 = 5 * 60;

impl Profile<IntrospectionResponseClaims, Issued> {
    /// A token introspection response; the audience is the resource server.
    ///
    /// It says what the authorization server thinks of another token, and that token is held to the
    /// rules of an access token as far as its members go: it is for this server, and bound to a key whose
    /// possession was shown ([`RequestFacts::proof`](crate::RequestFacts::proof), with
    /// [`RequestFacts::access_token`](crate::RequestFacts::access_token)). An inactive token is no refusal: ask
    /// [`TokenIntrospection::is_active`].
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `token-introspection+jwt` | [RFC 9701 §5](https://www.rfc-editor.org/rfc/rfc9701#section-5) | `header.typ` |
    /// | `iss` | is the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | contains one of the verifier's names | [RFC 9701 §5](https://www.rfc-editor.org/rfc/rfc9701#section-5) | `claims.aud` |
    /// | `exp` | must not be there, so that it passes for no access token | [RFC 9701 §8.1](https://www.rfc-editor.org/rfc/rfc9701#section-8.1) | `claims.exp` |
    /// | `nbf` | not ahead, if there | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required and not ahead | [RFC 9701 §5](https://www.rfc-editor.org/rfc/rfc9701#section-5) | `claims.iat` |
    /// | `iat` | no longer ago than 5 min | [RFC 9701 §5](https://www.rfc-editor.org/rfc/rfc9701#section-5) | `time.age` |
    /// | `sub` | must not be there, so that it passes for no access token | [RFC 9701 §8.1](https://www.rfc-editor.org/rfc/rfc9701#section-8.1) | `claims.sub` |
    /// | `jti` | a string, if there | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `claims.jti` |
    /// | `cnf` | must not be there: the token inside has one | [RFC 7662 §2.2](https://www.rfc-editor.org/rfc/rfc7662#section-2.2) | `claims.cnf` |
    /// | `token_introspection` | an object with a boolean `active`, and nothing else where that is false; its dates, `iss`, `aud`, `scope`, `act`, `acr`, `auth_time`, `token_type` and `cnf` right where it is true | [RFC 9701 §5](https://www.rfc-editor.org/rfc/rfc9701#section-5) | `claims.token_introspection` |
    pub fn introspection_response() -> Self {
        Profile::introspection_response_as()
    }
}

impl<C> Profile<C, Issued> {
    /// As [`Profile::introspection_response`], with claims of one's own; the rules are the same,
    /// whatever the type reads.
    pub fn introspection_response_as() -> Self {
        Profile::of(KindPolicy {
            claims: vec![
                Row::ClaimsIss,
                Row::ClaimsAud,
                Row::ClaimsExp,
                Row::ClaimsNbf,
                Row::ClaimsIat,
                Row::TimeAge,
                Row::ClaimsSub,
                Row::ClaimsJti,
                Row::ClaimsCnf,
                Row::ClaimsTokenIntrospection,
            ],
            forbidden: vec![Row::ClaimsExp, Row::ClaimsSub, Row::ClaimsCnf],
            required: ["iat", "token_introspection"].map(Arc::from).to_vec(),
            max_lifetime: None,
            proof: ProofRule::BindsIntrospected,
            max_token_age: Some(MOST_AGE),
            most_age: MOST_AGE,
            ..KindPolicy::of(TypPolicy::Exactly(MediaType::new("token-introspection+jwt")))
        })
    }
}

/// The claims of an introspection response.
///
/// [RFC 9701 §5](https://www.rfc-editor.org/rfc/rfc9701#section-5)
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct IntrospectionResponseClaims {
    /// The authorization server.
    pub iss: Issuer,
    /// For whom it is meant.
    pub aud: Audiences,
    /// When it was made.
    #[serde(deserialize_with = "date")]
    pub iat: OffsetDateTime,
    /// What it says of the token.
    pub token_introspection: TokenIntrospection,
}

/// The claims are somebody's, so they are not printed.
impl fmt::Debug for IntrospectionResponseClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntrospectionResponseClaims").finish_non_exhaustive()
    }
}

/// What an authorization server says of a token.
///
/// [RFC 7662 §2.2](https://www.rfc-editor.org/rfc/rfc7662#section-2.2)
#[derive(Clone, Deserialize)]
pub struct TokenIntrospection {
    active: bool,
    #[serde(flatten)]
    members: serde_json::Map<String, serde_json::Value>,
}

impl TokenIntrospection {
    /// Whether the token is active. If not, nothing else is said.
    pub fn is_active(&self) -> bool {
        self.active
    }

    /// Another member of an active token, such as `aud`, `scope` or `cnf`.
    pub fn get(&self, name: &str) -> Option<&serde_json::Value> {
        self.members.get(name).filter(|_| self.active)
    }
}

/// The claims are somebody's, so they are not printed.
impl fmt::Debug for TokenIntrospection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenIntrospection").finish_non_exhaustive()
    }
}
