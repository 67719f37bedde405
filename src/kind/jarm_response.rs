//! Authorization responses as JWTs (JARM).

use ::time::{Duration, OffsetDateTime};
use serde::Deserialize;

use super::builder::KindBuilder;
use super::profile::Profile;
use super::tag::Issued;
use crate::check::Section;
use crate::rules;

use super::values::date;
use crate::names::Issuer;
use crate::redacted::redacted_debug;

impl Profile<JarmResponseClaims, Issued> {
    /// An authorization response; the audience is the client. Errors come as such responses too.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | none or `JWT`; every other type is rejected | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | required: the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | required: the client and no other audience | [JARM §2.1](https://openid.net/specs/oauth-v2-jarm.html#section-2.1) | `claims.aud` |
    /// | `exp` | required: in the future | [JARM §2.1](https://openid.net/specs/oauth-v2-jarm.html#section-2.1) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | if present, not in the future | [RFC 7519 §4.1.6](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.6) | `claims.iat` |
    /// |  | `exp` is at most 10 min after `iat`, or after now if there is no `iat` |  | `time.lifetime` |
    /// |  | `iat` is no longer ago than `Profile::max_token_age`, if that is set |  | `time.age` |
    /// | `sub` | must be absent: an ID token has one | [RFC 7519 §4.1.2](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.2) | `claims.sub` |
    /// | `jti` | if present, a string that is not empty | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `claims.jti` |
    /// | `cnf` | if present, satisfied by evidence in `RequestFacts` | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | if present, objects that name actors, none twice | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// |  | the current actor is permitted (`Profile::actors`), if there is one | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `actor.allowed` |
    /// | `state` | if present, the state that was sent (`RequestFacts::state`); required if one was | [JARM §2.1](https://openid.net/specs/oauth-v2-jarm.html#section-2.1) | `claims.state` |
    /// | `nonce` | must be absent: an ID token has one | [JARM §2.1](https://openid.net/specs/oauth-v2-jarm.html#section-2.1) | `claims.nonce` |
    /// | `events` | must be absent: a logout token has them | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.events` |
    /// | `client_id` | must be absent: a request object has one | [JARM §2.1](https://openid.net/specs/oauth-v2-jarm.html#section-2.1) | `claims.client_id` |
    pub fn jarm_response() -> Self {
        jarm_response().profile()
    }
}

const JARM_2_1: Section =
    Section::of("JARM §2.1", "https://openid.net/specs/oauth-v2-jarm.html#section-2.1");

/// An authorization response. The specification recommends ten minutes as the longest lifetime.
pub(super) fn jarm_response() -> KindBuilder<Issued> {
    KindBuilder::issued("jarm-response")
        .family("jarm")
        .trusted_audiences_only()
        .mac_for_one_audience()
        .max_lifetime(Duration::minutes(10))
        .rules([
            rules::ISS,
            rules::AUD.says("the client and no other audience").section(JARM_2_1),
            rules::EXP.required().section(JARM_2_1),
            rules::NBF,
            rules::IAT,
            rules::LIFETIME.says("`exp` is at most 10 min after `iat`, or after now if there is no `iat`"),
            rules::AGE,
            rules::SUB.forbidden().says("an ID token has one"),
            rules::JTI,
            rules::CNF,
            rules::ACT,
            rules::ACTOR_ALLOWED,
            rules::STATE.section(JARM_2_1),
            rules::NONCE.forbidden().says("an ID token has one").section(JARM_2_1),
            rules::EVENTS.forbidden().says("a logout token has them"),
            rules::CLIENT_ID.forbidden().says("a request object has one").section(JARM_2_1),
        ])
}

/// The claims of an authorization response.
///
/// [JARM §2.1](https://openid.net/specs/oauth-v2-jarm.html#section-2.1)
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct JarmResponseClaims {
    /// The authorization server.
    pub iss: Issuer,
    /// When it expires.
    #[serde(deserialize_with = "date")]
    pub exp: OffsetDateTime,
    /// The authorization code.
    #[serde(default)]
    pub code: Option<Box<str>>,
    /// The code of the error, where there is one.
    #[serde(default)]
    pub error: Option<Box<str>>,
    /// What is said of the error: text of the server's.
    #[serde(default)]
    pub error_description: Option<Box<str>>,
    /// The other parameters of the response.
    #[serde(flatten)]
    pub parameters: serde_json::Map<String, serde_json::Value>,
}

redacted_debug!(JarmResponseClaims);
