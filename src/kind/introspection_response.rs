//! Introspection responses as JWTs.

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
    /// | `typ` | `token-introspection+jwt` | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | required: the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | required: contains one of the verifier's names | [RFC 9701 §5](https://www.rfc-editor.org/rfc/rfc9701#section-5) | `claims.aud` |
    /// | `exp` | must be absent: so that it passes for no access token | [RFC 9701 §8.1](https://www.rfc-editor.org/rfc/rfc9701#section-8.1) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required: not in the future | [RFC 9701 §5](https://www.rfc-editor.org/rfc/rfc9701#section-5) | `claims.iat` |
    /// |  | `iat` is no longer ago than 5 min | [RFC 9701 §5](https://www.rfc-editor.org/rfc/rfc9701#section-5) | `time.age` |
    /// | `sub` | must be absent: so that it passes for no access token | [RFC 9701 §8.1](https://www.rfc-editor.org/rfc/rfc9701#section-8.1) | `claims.sub` |
    /// | `jti` | if present, a string that is not empty | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `claims.jti` |
    /// | `cnf` | must be absent: the token inside has one | [RFC 7662 §2.2](https://www.rfc-editor.org/rfc/rfc7662#section-2.2) | `claims.cnf` |
    /// | `token_introspection` | required: an object with a boolean `active`, and nothing else where that is false; its dates, `iss`, `aud`, `scope`, `act`, `acr`, `auth_time`, `token_type` and `cnf` right where it is true | [RFC 9701 §5](https://www.rfc-editor.org/rfc/rfc9701#section-5) | `claims.token_introspection` |
    pub fn introspection_response() -> Self {
        introspection_response().profile()
    }
}

const RFC_9701_5: Section = Section::rfc(9701, "5");
const RFC_9701_8_1: Section = Section::rfc(9701, "8.1");
const NOT_AN_ACCESS_TOKEN: &str = "so that it passes for no access token";

/// A token introspection response. It is used when it arrives, so it is five minutes old at the most.
pub(super) fn introspection_response() -> KindBuilder<Issued> {
    KindBuilder::issued("introspection-response")
        .typ("token-introspection+jwt")
        .max_token_age(Duration::minutes(5), Duration::minutes(5))
        .rules([
            rules::ISS,
            rules::AUD.section(RFC_9701_5),
            rules::EXP.forbidden().says(NOT_AN_ACCESS_TOKEN).section(RFC_9701_8_1),
            rules::NBF,
            rules::IAT.required().section(RFC_9701_5),
            rules::AGE.says("`iat` is no longer ago than 5 min").section(RFC_9701_5),
            rules::SUB.forbidden().says(NOT_AN_ACCESS_TOKEN).section(RFC_9701_8_1),
            rules::JTI,
            rules::CNF
                .forbidden()
                .says("the token inside has one")
                .section(Section::rfc(7662, "2.2")),
            rules::TOKEN_INTROSPECTION,
        ])
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

redacted_debug!(IntrospectionResponseClaims);

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

redacted_debug!(TokenIntrospection);
