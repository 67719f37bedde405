//! JWTs as authorization grants.

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::Deserialize;

use super::values::{Audiences, date};
use super::{COMMON_CLAIMS, Issued, Profile};
use crate::check::Row;
use crate::names::Issuer;
use crate::policy::{KindPolicy, TypPolicy};

/// 1 hour, in seconds: the grant is exchanged at once, and issuers set this.
const MOST_LIFETIME: i64 = 60 * 60;

impl Profile<JwtBearerGrantClaims, Issued> {
    /// A JWT bearer authorization grant; the audiences are the authorization server's issuer
    /// identifier and its token endpoint.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | none or `JWT`; every other type is refused | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | is the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | contains one of the verifier's names | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.aud` |
    /// | `exp` | required and ahead | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.exp` |
    /// | `nbf` | not ahead, if there | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | not ahead, if there | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.iat` |
    /// | `exp`, `iat` | no more than 1 h apart |  | `time.lifetime` |
    /// | `iat` | no longer ago than [`Profile::max_token_age`], if that is set |  | `time.age` |
    /// | `sub` | required | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.sub` |
    /// | `jti` | a string, if there | [RFC 7523 §3](https://www.rfc-editor.org/rfc/rfc7523#section-3) | `claims.jti` |
    /// | `cnf` | satisfied by evidence in [`RequestFacts`](crate::RequestFacts), if there | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | objects that name actors, none twice, if there | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// | `nonce` | must not be there: an ID token has one | [Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation) | `claims.nonce` |
    /// | `at_hash` | must not be there: an ID token has one | [Core §3.1.3.6](https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken) | `claims.at_hash` |
    /// | `c_hash` | must not be there: an ID token has one | [Core §3.1.3.6](https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken) | `claims.c_hash` |
    /// | `events` | must not be there: a logout token has them | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.events` |
    ///
    /// Whether a grant may be used again is the server's to say: [`Profile::single_use`] forbids it.
    pub fn jwt_bearer_grant() -> Self {
        Profile::jwt_bearer_grant_as()
    }
}

impl<C> Profile<C, Issued> {
    /// As [`Profile::jwt_bearer_grant`], with claims of one's own; the rules are the same, whatever
    /// the type reads.
    pub fn jwt_bearer_grant_as() -> Self {
        let mut claims = COMMON_CLAIMS.to_vec();
        let forbidden = [Row::ClaimsNonce, Row::ClaimsAtHash, Row::ClaimsCHash, Row::ClaimsEvents];
        claims.extend(forbidden);
        Profile::of(KindPolicy {
            claims,
            forbidden: forbidden.to_vec(),
            required: ["exp", "sub"].map(Arc::from).to_vec(),
            max_lifetime: Some(MOST_LIFETIME),
            label: "jwt-bearer-grant",
            ..KindPolicy::of(TypPolicy::UntypedOr(None))
        })
    }
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

/// The claims are somebody's, so they are not printed.
impl fmt::Debug for JwtBearerGrantClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtBearerGrantClaims").finish_non_exhaustive()
    }
}
