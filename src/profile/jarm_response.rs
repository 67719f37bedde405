//! Authorization responses as JWTs (JARM).

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::Deserialize;

use super::values::date;
use super::{COMMON_CLAIMS, Issued, Profile};
use crate::check::Row;
use crate::names::Issuer;
use crate::policy::{ExtraAudiences, KindPolicy, TypPolicy};

/// 10 minutes, in seconds, as the specification recommends.
const MOST_LIFETIME: i64 = 10 * 60;

impl Profile<JarmResponseClaims, Issued> {
    /// An authorization response; the audience is the client. Errors come as such responses too.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | none or `JWT`; every other type is refused | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | is the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | the client and nobody else | [JARM §2.1](https://openid.net/specs/oauth-v2-jarm.html#section-2.1) | `claims.aud` |
    /// | `exp` | required and ahead | [JARM §2.1](https://openid.net/specs/oauth-v2-jarm.html#section-2.1) | `claims.exp` |
    /// | `nbf` | not ahead, if there | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | not ahead, if there | [RFC 7519 §4.1.6](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.6) | `claims.iat` |
    /// | `exp`, `iat` | no more than 10 min apart |  | `time.lifetime` |
    /// | `iat` | no longer ago than [`Profile::max_token_age`], if that is set |  | `time.age` |
    /// | `sub` | must not be there: an ID token has one | [RFC 7519 §4.1.2](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.2) | `claims.sub` |
    /// | `jti` | a string, if there | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `claims.jti` |
    /// | `cnf` | satisfied by evidence in [`RequestFacts`](crate::RequestFacts), if there | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | objects that name actors, none twice, if there | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// | `state` | the one that was sent, if there ([`RequestFacts::state`](crate::RequestFacts::state)) | [JARM §2.1](https://openid.net/specs/oauth-v2-jarm.html#section-2.1) | `claims.state` |
    /// | `nonce` | must not be there: an ID token has one | [JARM §2.1](https://openid.net/specs/oauth-v2-jarm.html#section-2.1) | `claims.nonce` |
    /// | `events` | must not be there: a logout token has them | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.events` |
    /// | `client_id` | must not be there: a request object has one | [JARM §2.1](https://openid.net/specs/oauth-v2-jarm.html#section-2.1) | `claims.client_id` |
    pub fn jarm_response() -> Self {
        Profile::jarm_response_as()
    }
}

impl<C> Profile<C, Issued> {
    /// As [`Profile::jarm_response`], with claims of one's own; the rules are the same, whatever
    /// the type reads.
    pub fn jarm_response_as() -> Self {
        let mut claims = COMMON_CLAIMS.to_vec();
        let forbidden = [Row::ClaimsNonce, Row::ClaimsEvents, Row::ClaimsClientId];
        claims.push(Row::ClaimsState);
        claims.extend(forbidden);
        Profile::of(KindPolicy {
            claims,
            forbidden: [&forbidden[..], &[Row::ClaimsSub]].concat(),
            required: vec![Arc::from("exp")],
            max_lifetime: Some(MOST_LIFETIME),
            label: "jarm",
            extra_audiences: ExtraAudiences::Trusted(Vec::new()),
            mac_for_one_audience: true,
            ..KindPolicy::of(TypPolicy::UntypedOr(None))
        })
    }
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

/// The claims are somebody's, so they are not printed.
impl fmt::Debug for JarmResponseClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JarmResponseClaims").finish_non_exhaustive()
    }
}
