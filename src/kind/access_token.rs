//! OAuth access tokens.

use ::time::OffsetDateTime;
use serde::Deserialize;

use super::builder::KindBuilder;
use super::profile::Profile;
use super::tag::Issued;
use crate::check::Section;
use crate::rules;

use super::values::{Actor, Audiences, AuthorizationDetail, Scopes, date, optional_date};
use crate::names::Issuer;
use crate::redacted::redacted_debug;

impl Profile<AccessTokenClaims, Issued> {
    /// A JWT access token.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `at+jwt` | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | required: the issuer whose key it is | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `claims.iss` |
    /// | `aud` | required: contains one of the verifier's names | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `claims.aud` |
    /// | `exp` | required: in the future | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required: not in the future | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.iat` |
    /// |  | `exp` is at most 24 h after `iat`, or after now if there is no `iat` |  | `time.lifetime` |
    /// |  | `iat` is no longer ago than `Profile::max_token_age`, if that is set |  | `time.age` |
    /// | `sub` | required: a StringOrURI that is not empty | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.sub` |
    /// | `jti` | required: a string that is not empty | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.jti` |
    /// | `cnf` | if present, satisfied by evidence in `RequestFacts`; required beside a DPoP proof, which is then for this token | [RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1) | `claims.cnf` |
    /// | `act` | if present, objects that name actors, none twice | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// |  | the current actor is permitted (`Profile::actors`), if there is one | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `actor.allowed` |
    /// | `client_id` | required: a string that is not empty | [RFC 9068 §2.2](https://www.rfc-editor.org/rfc/rfc9068#section-2.2) | `claims.client_id` |
    /// | `scope` | if present, scopes with one space between each two | [RFC 9068 §2.2.3](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3) | `claims.scope` |
    /// | `auth_time` | if present, a date, not longer ago than `RequestFacts::max_authentication_age`; required if that is set | [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3) | `claims.auth_time` |
    /// | `acr` | if present, a string, one of `RequestFacts::acr_values`; required if these are set | [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3) | `claims.acr` |
    /// | `amr` | if present, strings | [RFC 9068 §2.2.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.1) | `claims.amr` |
    /// | `authorization_details` | if present, objects with a `type` | [RFC 9396 §9.1](https://www.rfc-editor.org/rfc/rfc9396#section-9.1) | `claims.authorization_details` |
    /// | `may_act` | if present, an object that names an actor | [RFC 8693 §4.4](https://www.rfc-editor.org/rfc/rfc8693#section-4.4) | `claims.may_act` |
    /// | `groups` | if present, strings or objects | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.groups` |
    /// | `roles` | if present, strings or objects | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.roles` |
    /// | `entitlements` | if present, strings or objects | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.entitlements` |
    ///
    /// ```
    /// # use jwt_appraisal::Profile;
    /// let profile = Profile::access_token().require("acr");
    /// ```
    pub fn access_token() -> Self {
        access_token().profile()
    }
}

const RFC_9068_2_2: Section = Section::rfc(9068, "2.2");
const RFC_9068_4: Section = Section::rfc(9068, "4");

/// An OAuth access token.
pub(super) fn access_token() -> KindBuilder<Issued> {
    of_name("access-token")
}

/// What the kinds of typed access tokens have in common.
pub(super) fn of_name(name: &'static str) -> KindBuilder<Issued> {
    KindBuilder::issued(name).typ("at+jwt").rules([
        rules::ISS.section(RFC_9068_4),
        rules::AUD.section(RFC_9068_4),
        rules::EXP.required().section(RFC_9068_4),
        rules::NBF,
        rules::IAT.required().section(RFC_9068_2_2),
        rules::LIFETIME,
        rules::AGE,
        rules::SUB.required().section(RFC_9068_2_2),
        rules::JTI.required().section(RFC_9068_2_2),
        rules::CNF_OF_ACCESS_TOKEN,
        rules::ACT,
        rules::ACTOR_ALLOWED,
        rules::CLIENT_ID.required().section(RFC_9068_2_2),
        rules::SCOPE.section(Section::rfc(9068, "2.2.3")),
        rules::AUTH_TIME,
        rules::ACR,
        rules::AMR,
        rules::AUTHORIZATION_DETAILS.section(Section::rfc(9396, "9.1")),
        rules::MAY_ACT,
        rules::GROUPS,
        rules::ROLES,
        rules::ENTITLEMENTS,
    ])
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
    #[serde(default)]
    pub scope: Scopes,
    /// When the user authenticated.
    #[serde(default, deserialize_with = "optional_date")]
    pub auth_time: Option<OffsetDateTime>,
    /// The class of that authentication.
    #[serde(default)]
    pub acr: Option<Box<str>>,
    /// The methods of that authentication.
    #[serde(default)]
    pub amr: Vec<Box<str>>,
    /// The actor that acts for the subject. If it is absent, the subject acts itself, or a party acts in
    /// its name (impersonation).
    #[serde(default)]
    pub act: Option<Actor>,
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

    /// Returns whether the token names an actor that acts for the subject (delegation). Without an actor
    /// the subject acts itself, or a party acts in its name and cannot be told apart from it
    /// (impersonation).
    ///
    /// [RFC 8693 §1.1](https://www.rfc-editor.org/rfc/rfc8693#section-1.1)
    pub fn is_delegated(&self) -> bool {
        self.act.is_some()
    }
}

redacted_debug!(AccessTokenClaims);
