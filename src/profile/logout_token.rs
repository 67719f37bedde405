//! OpenID Connect back-channel logout tokens.

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::Deserialize;

use super::values::{Audiences, date};
use super::{COMMON_CLAIMS, Issued, Profile};
use crate::check::Row;
use crate::names::{Issuer, MediaType};
use crate::policy::{ExtraAudiences, KindPolicy, MAX_LIFETIME, SingleUse, TypPolicy};

const TYPE: &str = "logout+jwt";

/// 2 minutes, in seconds, as the specification recommends.
const MOST_LIFETIME: i64 = 2 * 60;

impl Profile<LogoutTokenClaims, Issued> {
    /// A back-channel logout token; the audience is the client. It is good for one use, so a guard is
    /// to be given ([`ValidatorBuilder::replay_guard`](crate::ValidatorBuilder::replay_guard)).
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `logout+jwt` | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `header.typ` |
    /// | `iss` | is the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | the client and nobody else | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.aud` |
    /// | `exp` | required and ahead | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.exp` |
    /// | `nbf` | not ahead, if there | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required and not ahead | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.iat` |
    /// | `exp`, `iat` | no more than 2 min apart |  | `time.lifetime` |
    /// | `iat` | no longer ago than [`Profile::max_token_age`], if that is set |  | `time.age` |
    /// | `sub` | a StringOrURI, if there | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.sub` |
    /// | `jti` | required | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.jti` |
    /// | `cnf` | satisfied by evidence in [`RequestFacts`](crate::RequestFacts), if there | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | objects that name actors, none twice, if there | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// | `sid` | a string, if there; it or `sub` is | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.sid` |
    /// | `events` | has `http://schemas.openid.net/event/backchannel-logout`, an object | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.events` |
    /// | `nonce` | must not be there: an ID token has one | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.nonce` |
    /// | `jti` | not seen before | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `state.replay` |
    pub fn logout_token() -> Self {
        Profile::logout_token_as()
    }

    /// A logout token of a provider that does not send the type, or sends `JWT`; it may live 24 h, as
    /// older providers have it. Every other type is still refused.
    pub fn logout_token_legacy() -> Self {
        Profile::logout_token_legacy_as()
    }
}

impl<C> Profile<C, Issued> {
    /// As [`Profile::logout_token`], with claims of one's own; the rules are the same, whatever the
    /// type reads.
    pub fn logout_token_as() -> Self {
        Profile::of(logout_token(TypPolicy::Exactly(MediaType::new(TYPE))))
    }

    /// As [`Profile::logout_token_legacy`], with claims of one's own; the rules are the same,
    /// whatever the type reads.
    pub fn logout_token_legacy_as() -> Self {
        let typ = TypPolicy::UntypedOr(Some(MediaType::new(TYPE)));
        Profile::of(KindPolicy { max_lifetime: Some(MAX_LIFETIME), ..logout_token(typ) })
    }
}

fn logout_token(typ: TypPolicy) -> KindPolicy {
    let mut claims = COMMON_CLAIMS.to_vec();
    claims.extend([Row::ClaimsSid, Row::ClaimsEvents, Row::ClaimsNonce]);
    KindPolicy {
        claims,
        forbidden: vec![Row::ClaimsNonce],
        required: ["exp", "iat", "jti", "events"].map(Arc::from).to_vec(),
        event: Some("http://schemas.openid.net/event/backchannel-logout"),
        max_lifetime: Some(MOST_LIFETIME),
        single_use: SingleUse::Guarded,
        extra_audiences: ExtraAudiences::Trusted(Vec::new()),
        mac_for_one_audience: true,
        ..KindPolicy::of(typ)
    }
}

/// The claims of a logout token.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct LogoutTokenClaims {
    /// The OpenID provider.
    pub iss: Issuer,
    /// For whom it is meant.
    pub aud: Audiences,
    /// Whose sessions end; of this user all, if there is no `sid`.
    #[serde(default)]
    pub sub: Option<Box<str>>,
    /// The session that ends.
    #[serde(default)]
    pub sid: Option<Box<str>>,
    /// Its own identifier.
    pub jti: Box<str>,
    /// When it was issued.
    #[serde(deserialize_with = "date")]
    pub iat: OffsetDateTime,
}

/// The claims are somebody's, so they are not printed.
impl fmt::Debug for LogoutTokenClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogoutTokenClaims").finish_non_exhaustive()
    }
}
