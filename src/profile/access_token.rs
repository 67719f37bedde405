//! OAuth access tokens.

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::Deserialize;

use super::values::{Actor, Audiences, AuthorizationDetail, Scopes, date, optional_date};
use super::{COMMON_CLAIMS, Issued, Profile};
use crate::check::Row;
use crate::names::{Issuer, MediaType};
use crate::policy::{KindPolicy, ProofRule, TypPolicy};

pub(crate) const ACCESS_TOKEN_TYPE: &str = "at+jwt";

impl Profile<AccessTokenClaims, Issued> {
    /// A JWT access token.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `at+jwt` | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `header.typ` |
    /// | `iss` | is the issuer whose key it is | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `claims.iss` |
    /// | `aud` | contains one of the verifier's names | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `claims.aud` |
    /// | `exp` | required and ahead | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `claims.exp` |
    /// | `nbf` | not ahead, if there | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required and not ahead | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.iat` |
    /// | `exp`, `iat` | no more than 24 h apart | | `time.lifetime` |
    /// | `iat` | no longer ago than [`Profile::max_token_age`], if that is set | | `time.age` |
    /// | `sub` | required | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.sub` |
    /// | `jti` | required | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.jti` |
    /// | `cnf` | satisfied by evidence in [`RequestFacts`](crate::RequestFacts), if there | [RFC 9449 §7.2](https://www.rfc-editor.org/rfc/rfc9449#section-7.2) | `claims.cnf` |
    /// | `act` | objects that name actors, none twice, if there | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// | `client_id` | required | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.client_id` |
    /// | `scope` | scopes with one space between each two, if there | [RFC 9068 §2.2.3](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3) | `claims.scope` |
    /// | `auth_time` | a date, if there; not too long ago for [`RequestFacts::max_authentication_age`](crate::RequestFacts::max_authentication_age) | [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3) | `claims.auth_time` |
    /// | `acr` | a string, if there; one of [`RequestFacts::acr_values`](crate::RequestFacts::acr_values) | [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3) | `claims.acr` |
    /// | `amr` | strings, if there | [RFC 9068 §2.2.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.1) | `claims.amr` |
    /// | `authorization_details` | objects with a `type`, if there | [RFC 9396 §9.1](https://www.rfc-editor.org/rfc/rfc9396#section-9.1) | `claims.authorization_details` |
    /// | `may_act` | an object that names an actor, if there | [RFC 8693 §4.4](https://www.rfc-editor.org/rfc/rfc8693#section-4.4) | `claims.may_act` |
    /// | `groups` | strings or objects, if there | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.groups` |
    /// | `roles` | strings or objects, if there | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.roles` |
    /// | `entitlements` | strings or objects, if there | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.entitlements` |
    ///
    /// ```
    /// # use jwt_appraisal::Profile;
    /// let profile = Profile::access_token().require("acr");
    /// ```
    pub fn access_token() -> Self {
        Profile::access_token_as()
    }
}

impl<C> Profile<C, Issued> {
    /// A JWT access token with claims of one's own; the rules are those of
    /// [`Profile::access_token`], whatever the type reads.
    pub fn access_token_as() -> Self {
        Profile::of(access_token_kind(TypPolicy::Exactly(MediaType::new(ACCESS_TOKEN_TYPE))))
    }
}

/// What every kind of access token has in common.
pub(super) fn access_token_kind(typ: TypPolicy) -> KindPolicy {
    let mut claims = COMMON_CLAIMS.to_vec();
    claims.extend([
        Row::ClaimsClientId,
        Row::ClaimsScope,
        Row::ClaimsAuthTime,
        Row::ClaimsAcr,
        Row::ClaimsAmr,
        Row::ClaimsAuthorizationDetails,
        Row::ClaimsMayAct,
        Row::ClaimsGroups,
        Row::ClaimsRoles,
        Row::ClaimsEntitlements,
    ]);
    KindPolicy {
        claims,
        required: ["exp", "iat", "sub", "jti", "client_id"].map(Arc::from).to_vec(),
        proof: ProofRule::Binds,
        ..KindPolicy::of(typ)
    }
}

/// The claims of a JWT access token.
///
/// [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2)
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct AccessTokenClaims {
    /// The authorization server.
    pub iss: Issuer,
    /// The subject: unique within the issuer only, so key on both. For a client that acts for
    /// itself it may equal `client_id`
    /// ([RFC 9068 §5](https://www.rfc-editor.org/rfc/rfc9068#section-5)).
    pub sub: Box<str>,
    /// The resource servers that the token is meant for.
    pub aud: Audiences,
    /// The client that the token was issued to.
    pub client_id: Box<str>,
    /// When it expires.
    #[serde(deserialize_with = "date")]
    pub exp: OffsetDateTime,
    /// When it was issued.
    #[serde(deserialize_with = "date")]
    pub iat: OffsetDateTime,
    /// When it begins to be valid.
    #[serde(default, deserialize_with = "optional_date")]
    pub nbf: Option<OffsetDateTime>,
    /// The token's own identifier.
    pub jti: Box<str>,
    /// What it permits.
    #[serde(default, rename = "scope")]
    pub scopes: Scopes,
    /// When the user authenticated.
    #[serde(default, deserialize_with = "optional_date")]
    pub auth_time: Option<OffsetDateTime>,
    /// The class of that authentication.
    #[serde(default)]
    pub acr: Option<Box<str>>,
    /// The methods of that authentication.
    #[serde(default)]
    pub amr: Vec<Box<str>>,
    /// Who acts for the subject; without it, the subject itself or somebody in its name.
    #[serde(default, rename = "act")]
    pub actor: Option<Actor>,
    /// What it permits in detail.
    #[serde(default)]
    pub authorization_details: Vec<AuthorizationDetail>,
    /// Groups, roles and entitlements of the subject
    /// ([RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1)): strings, or
    /// objects with a `value`.
    #[serde(default)]
    pub groups: Vec<serde_json::Value>,
    /// As `groups`.
    #[serde(default)]
    pub roles: Vec<serde_json::Value>,
    /// As `groups`.
    #[serde(default)]
    pub entitlements: Vec<serde_json::Value>,
}

impl AccessTokenClaims {
    /// Whether the subject is the client itself, without a user behind it.
    ///
    /// [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2)
    pub fn is_client_itself(&self) -> bool {
        self.sub == self.client_id
    }

    /// Whether somebody acts for the subject and says so (delegation). Without an actor the token is
    /// the subject's own, or somebody's who acts in its name and is not to be told apart
    /// (impersonation).
    ///
    /// [RFC 8693 §1.1](https://www.rfc-editor.org/rfc/rfc8693#section-1.1)
    pub fn is_delegated(&self) -> bool {
        self.actor.is_some()
    }
}

/// The claims are somebody's, so they are not printed.
impl fmt::Debug for AccessTokenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessTokenClaims").finish_non_exhaustive()
    }
}
