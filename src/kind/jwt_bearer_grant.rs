//! JWTs as authorization grants.

use ::time::{Duration, OffsetDateTime};
use serde::Deserialize;

use super::builder::KindBuilder;
use super::profile::Profile;
use super::tag::Issued;
use crate::check::Section;
use crate::rules;

use super::values::{Audiences, date};
use crate::names::Issuer;
use crate::redacted::redacted_debug;

impl Profile<JwtBearerGrantClaims, Issued> {
    /// A JWT bearer authorization grant; the audiences are the authorization server's issuer
    /// identifier and its token endpoint.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | none or `JWT`; every other type is rejected | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | required: the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | required: contains one of the verifier's names | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.aud` |
    /// | `exp` | required: in the future | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | if present, not in the future | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.iat` |
    /// |  | `exp` is at most 1 h after `iat`, or after now if there is no `iat` |  | `time.lifetime` |
    /// |  | `iat` is no longer ago than `Profile::max_token_age`, if that is set |  | `time.age` |
    /// | `sub` | required: a StringOrURI that is not empty | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.sub` |
    /// | `jti` | if present, a string that is not empty | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.jti` |
    /// | `cnf` | if present, satisfied by evidence in `RequestFacts` | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | if present, objects that name actors, none twice | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// |  | the current actor is permitted (`Profile::actors`), if there is one | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `actor.allowed` |
    /// | `nonce` | must be absent: an ID token has one | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.nonce` |
    /// | `at_hash` | must be absent: an ID token has one | [Core §3.1.3.6](https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken) | `claims.at_hash` |
    /// | `c_hash` | must be absent: an ID token has one | [Core §3.1.3.6](https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken) | `claims.c_hash` |
    /// | `events` | must be absent: a logout token has them | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.events` |
    ///
    /// Whether a grant may be used again is the server's to say: [`Profile::single_use`] forbids it.
    pub fn jwt_bearer_grant() -> Self {
        jwt_bearer_grant().profile()
    }
}

const RFC_7523_3: Section = Section::rfc(7523, "3");
const CORE_ID_TOKEN: Section = Section::of(
    "Core §3.1.3.6",
    "https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken",
);

/// A JWT as an authorization grant. It is exchanged when it is issued, so it lives an hour.
pub(super) fn jwt_bearer_grant() -> KindBuilder<Issued> {
    KindBuilder::issued("jwt-bearer-grant")
        .family("jwt-bearer-grant")
        .max_lifetime(Duration::hours(1))
        .rules([
            rules::ISS,
            rules::AUD.section(RFC_7523_3),
            rules::EXP.required().section(RFC_7523_3),
            rules::NBF,
            rules::IAT.section(RFC_7523_3),
            rules::LIFETIME.says("`exp` is at most 1 h after `iat`, or after now if there is no `iat`"),
            rules::AGE,
            rules::SUB.required().section(RFC_7523_3),
            rules::JTI.section(RFC_7523_3),
            rules::CNF,
            rules::ACT,
            rules::ACTOR_ALLOWED,
            rules::NONCE.forbidden().says("an ID token has one"),
            rules::AT_HASH.forbidden().says("an ID token has one").section(CORE_ID_TOKEN),
            rules::C_HASH.forbidden().says("an ID token has one").section(CORE_ID_TOKEN),
            rules::EVENTS.forbidden().says("a logout token has them"),
        ])
}

/// The claims of a JWT bearer grant.
///
/// [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3)
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct JwtBearerGrantClaims {
    /// Who asserts it.
    pub iss: Issuer,
    /// For whom access is asked.
    pub sub: Box<str>,
    /// For whom it is meant.
    pub aud: Audiences,
    /// When it expires.
    #[serde(deserialize_with = "date")]
    pub exp: OffsetDateTime,
    /// Its own identifier.
    #[serde(default)]
    pub jti: Option<Box<str>>,
}

redacted_debug!(JwtBearerGrantClaims);
