//! Access tokens of issuers that do not type them.

use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::Deserialize;

use super::builder::KindBuilder;
use super::profile::Profile;
use super::tag::Issued;
use crate::check::Section;
use crate::rules;

use super::values::{Actor, Audiences, Scopes, date, optional_date};
use crate::names::Issuer;
use crate::redacted::redacted_debug;

impl Profile<LegacyAccessTokenClaims, Issued> {
    /// A JWT access token of an issuer that sends `typ: JWT` or none, as several large providers do.
    /// Other explicit types are still refused, but the type does not tell it from an ID token of the
    /// same issuer: so the caller says which claim does (check `kind.discriminator`), one that the issuer
    /// puts into access tokens and into nothing else, such as `scp`.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `at+jwt`, none or `JWT`; every other type is rejected | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | required: the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | required: contains one of the verifier's names | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `claims.aud` |
    /// | `exp` | required: in the future | [RFC 9068 §4](https://www.rfc-editor.org/rfc/rfc9068#section-4) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | if present, not in the future | [RFC 7519 §4.1.6](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.6) | `claims.iat` |
    /// |  | `exp` is at most 24 h after `iat`, or after now if there is no `iat` |  | `time.lifetime` |
    /// |  | `iat` is no longer ago than `Profile::max_token_age`, if that is set |  | `time.age` |
    /// | `sub` | if present, a StringOrURI that is not empty | [RFC 7519 §4.1.2](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.2) | `claims.sub` |
    /// | `jti` | if present, a string that is not empty | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `claims.jti` |
    /// | `cnf` | if present, satisfied by evidence in `RequestFacts`; required beside a DPoP proof, which is then for this token | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | if present, objects that name actors, none twice | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// |  | the current actor is permitted (`Profile::actors`), if there is one | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `actor.allowed` |
    /// | `client_id` | if present, a string that is not empty | [RFC 8693 §4.3](https://www.rfc-editor.org/rfc/rfc8693#section-4.3) | `claims.client_id` |
    /// | `scope` | if present, scopes with one space between each two | [RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3) | `claims.scope` |
    /// | `auth_time` | if present, a date, not longer ago than `RequestFacts::max_authentication_age`; required if that is set | [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3) | `claims.auth_time` |
    /// | `acr` | if present, a string, one of `RequestFacts::acr_values`; required if these are set | [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3) | `claims.acr` |
    /// | `amr` | if present, strings | [RFC 9068 §2.2.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.1) | `claims.amr` |
    /// | `authorization_details` | if present, objects with a `type` | [RFC 9396 §9.1](https://www.rfc-editor.org/rfc/rfc9396#section-9.1) | `claims.authorization_details` |
    /// | `may_act` | if present, an object that names an actor | [RFC 8693 §4.4](https://www.rfc-editor.org/rfc/rfc8693#section-4.4) | `claims.may_act` |
    /// | `groups` | if present, strings or objects | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.groups` |
    /// | `roles` | if present, strings or objects | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.roles` |
    /// | `entitlements` | if present, strings or objects | [RFC 9068 §2.2.3.1](https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1) | `claims.entitlements` |
    /// | `nonce` | must be absent: an ID token has one | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.nonce` |
    /// | `at_hash` | must be absent: an ID token has one | [Core §3.2.2.9](https://openid.net/specs/openid-connect-core-1_0.html#ImplicitTokenValidation) | `claims.at_hash` |
    /// | `c_hash` | must be absent: an ID token has one | [Core §3.3.2.10](https://openid.net/specs/openid-connect-core-1_0.html#CodeValidation) | `claims.c_hash` |
    /// | `events` | must be absent: a logout token has them | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.events` |
    /// |  | the claim that distinguishes the kind is present, with its value | [RFC 8725 §3.12](https://www.rfc-editor.org/rfc/rfc8725#section-3.12) | `kind.discriminator` |
    ///
    /// ```
    /// # use jwt_appraisal::Profile;
    /// let profile = Profile::access_token_legacy("scp");
    /// ```
    pub fn access_token_legacy(claim: impl Into<Arc<str>>) -> Self {
        access_token_legacy().discriminator(claim, None).profile()
    }

    /// As [`Profile::access_token_legacy`]. The claim that distinguishes the kind must have this value,
    /// such as `token_use` of `access`.
    pub fn access_token_legacy_with(claim: impl Into<Arc<str>>, value: &str) -> Self {
        access_token_legacy().discriminator(claim, Some(value)).profile()
    }
}

/// An OAuth access token of an issuer that does not send its type, distinguished by the claim `scp`.
pub(super) fn access_token_legacy() -> KindBuilder<Issued> {
    KindBuilder::issued("access-token-legacy")
        .typ_or_untyped("at+jwt")
        .discriminator("scp", None)
        .rules([
            rules::ISS,
            rules::AUD.section(Section::rfc(9068, "4")),
            rules::EXP.required().section(Section::rfc(9068, "4")),
            rules::NBF,
            rules::IAT,
            rules::LIFETIME,
            rules::AGE,
            rules::SUB,
            rules::JTI,
            rules::CNF_OF_ACCESS_TOKEN.section(Section::rfc(7800, "3.1")),
            rules::ACT,
            rules::ACTOR_ALLOWED,
            rules::CLIENT_ID,
            rules::SCOPE,
            rules::AUTH_TIME,
            rules::ACR,
            rules::AMR,
            rules::AUTHORIZATION_DETAILS.section(Section::rfc(9396, "9.1")),
            rules::MAY_ACT,
            rules::GROUPS,
            rules::ROLES,
            rules::ENTITLEMENTS,
            rules::NONCE.forbidden().says("an ID token has one"),
            rules::AT_HASH.forbidden().says("an ID token has one"),
            rules::C_HASH.forbidden().says("an ID token has one"),
            rules::EVENTS.forbidden().says("a logout token has them"),
            rules::DISCRIMINATOR,
        ])
}

/// The claims of an access token that is not typed.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct LegacyAccessTokenClaims {
    /// The authorization server.
    pub iss: Issuer,
    /// The subject: unique within the issuer only, so key on both.
    #[serde(default)]
    pub sub: Option<Box<str>>,
    /// For whom it is meant.
    pub aud: Audiences,
    /// The client, where the issuer names it so.
    #[serde(default)]
    pub client_id: Option<Box<str>>,
    /// When it expires.
    #[serde(deserialize_with = "date")]
    pub exp: OffsetDateTime,
    /// When it was issued.
    #[serde(default, deserialize_with = "optional_date")]
    pub iat: Option<OffsetDateTime>,
    /// What it permits.
    #[serde(default)]
    pub scope: Scopes,
    /// Who acts for the subject.
    #[serde(default)]
    pub act: Option<Actor>,
    /// The other claims, by the issuer's own names.
    #[serde(flatten)]
    pub others: serde_json::Map<String, serde_json::Value>,
}

redacted_debug!(LegacyAccessTokenClaims);
