//! OpenID Connect back-channel logout tokens.

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

impl Profile<LogoutTokenClaims, Issued> {
    /// A back-channel logout token; the audience is the client. It is good for one use, so a guard is
    /// to be given ([`ValidatorBuilder::replay_guard`](crate::ValidatorBuilder::replay_guard)).
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `logout+jwt` | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | required: the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | required: the client and no other audience | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.aud` |
    /// | `exp` | required: in the future | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required: not in the future | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.iat` |
    /// |  | `exp` is at most 2 min after `iat`, or after now if there is no `iat` |  | `time.lifetime` |
    /// |  | `iat` is no longer ago than `Profile::max_token_age`, if that is set |  | `time.age` |
    /// | `sub` | if present, a StringOrURI that is not empty | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.sub` |
    /// | `jti` | required: a string that is not empty | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.jti` |
    /// | `cnf` | if present, satisfied by evidence in `RequestFacts` | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | if present, objects that name actors, none twice | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// |  | the current actor is permitted (`Profile::actors`), if there is one | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `actor.allowed` |
    /// | `sid` | if present, a string; it or `sub` is present | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.sid` |
    /// | `events` | required: has `http://schemas.openid.net/event/backchannel-logout`, an object | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.events` |
    /// | `nonce` | must be absent: an ID token has one | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.nonce` |
    /// | `jti` | not seen before | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `state.replay` |
    pub fn logout_token() -> Self {
        logout_token().profile()
    }

    /// A logout token of a provider that does not send the type, or sends `JWT`; it may live 24 h, as
    /// older providers have it. Every other type is still refused.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `logout+jwt`, none or `JWT`; every other type is rejected | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | required: the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | required: the client and no other audience | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.aud` |
    /// | `exp` | required: in the future | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required: not in the future | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.iat` |
    /// |  | `exp` is at most 24 h after `iat`, or after now if there is no `iat` |  | `time.lifetime` |
    /// |  | `iat` is no longer ago than `Profile::max_token_age`, if that is set |  | `time.age` |
    /// | `sub` | if present, a StringOrURI that is not empty | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.sub` |
    /// | `jti` | required: a string that is not empty | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.jti` |
    /// | `cnf` | if present, satisfied by evidence in `RequestFacts` | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | if present, objects that name actors, none twice | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// |  | the current actor is permitted (`Profile::actors`), if there is one | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `actor.allowed` |
    /// | `sid` | if present, a string; it or `sub` is present | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.sid` |
    /// | `events` | required: has `http://schemas.openid.net/event/backchannel-logout`, an object | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.events` |
    /// | `nonce` | must be absent: an ID token has one | [Back-Channel Logout §2.4](https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken) | `claims.nonce` |
    /// | `jti` | not seen before | [RFC 7519 §4.1.7](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.7) | `state.replay` |
    pub fn logout_token_legacy() -> Self {
        logout_token_legacy().profile()
    }
}

const LOGOUT_TOKEN: Section = Section::of(
    "Back-Channel Logout §2.4",
    "https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken",
);

/// A back-channel logout token. The specification recommends two minutes as the longest lifetime.
pub(super) fn logout_token() -> KindBuilder<Issued> {
    of_name("logout-token").typ("logout+jwt").max_lifetime(Duration::minutes(2))
}

/// A logout token of a provider that does not send the type. Older providers let it live 24 hours.
pub(super) fn logout_token_legacy() -> KindBuilder<Issued> {
    of_name("logout-token-legacy")
        .typ_or_untyped("logout+jwt")
        .rules([rules::LIFETIME])
}

fn of_name(name: &'static str) -> KindBuilder<Issued> {
    KindBuilder::issued(name)
        .trusted_audiences_only()
        .mac_for_one_audience()
        .single_use()
        .rules([
            rules::ISS,
            rules::AUD.says("the client and no other audience").section(LOGOUT_TOKEN),
            rules::EXP.required().section(LOGOUT_TOKEN),
            rules::NBF,
            rules::IAT.required().section(LOGOUT_TOKEN),
            rules::LIFETIME.says("`exp` is at most 2 min after `iat`, or after now if there is no `iat`"),
            rules::AGE,
            rules::SUB.section(LOGOUT_TOKEN),
            rules::JTI.required().section(LOGOUT_TOKEN),
            rules::CNF,
            rules::ACT,
            rules::ACTOR_ALLOWED,
            rules::SID,
            rules::LOGOUT_EVENT,
            rules::NONCE.forbidden().says("an ID token has one").section(LOGOUT_TOKEN),
        ])
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

redacted_debug!(LogoutTokenClaims);
