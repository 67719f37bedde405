//! Security event tokens.

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;
use serde::Deserialize;

use super::values::{Audiences, date, optional_date};
use super::{COMMON_CLAIMS, Issued, Profile};
use crate::check::Row;
use crate::names::{Issuer, MediaType};
use crate::policy::{KindPolicy, TypPolicy};

const TYPE: &str = "secevent+jwt";

/// 30 days, in seconds: a transmitter may try for long to deliver, and nothing else bounds an event.
const MOST_AGE: i64 = 30 * 24 * 60 * 60;

impl Profile<SecurityEventClaims, Issued> {
    /// A security event token; the audience is the receiver.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `secevent+jwt` | [RFC 8417 §2.3](https://www.rfc-editor.org/rfc/rfc8417#section-2.3) | `header.typ` |
    /// | `iss` | is the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | contains one of the verifier's names | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.aud` |
    /// | `exp` | ahead, if there | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.exp` |
    /// | `nbf` | not ahead, if there | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required and not ahead | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.iat` |
    /// | `exp`, `iat` | no more than 24 h apart |  | `time.lifetime` |
    /// | `iat` | no longer ago than 30 days |  | `time.age` |
    /// | `sub` | a StringOrURI, if there | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.sub` |
    /// | `jti` | required | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.jti` |
    /// | `cnf` | satisfied by evidence in [`RequestFacts`](crate::RequestFacts), if there | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | objects that name actors, none twice, if there | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// | `events` | an object with at least one member, each named by a URI and an object | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.events` |
    /// | `sub_id` | a subject identifier in its format, if there | [RFC 9493 §3](https://www.rfc-editor.org/rfc/rfc9493#section-3) | `claims.sub_id` |
    /// | `toe` | a date, if there | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.toe` |
    /// | `txn` | a string, if there | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.txn` |
    /// | `nonce` | must not be there: an ID token has one | [RFC 8417 §4.5](https://www.rfc-editor.org/rfc/rfc8417#section-4.5) | `claims.nonce` |
    ///
    /// Events may be delivered again; [`Profile::single_use`] tells a receiver which it has.
    pub fn security_event() -> Self {
        Profile::security_event_as()
    }

    /// A security event token of a transmitter that does not send the type, or sends `JWT`. Every
    /// other type is still refused.
    pub fn security_event_legacy() -> Self {
        Profile::security_event_legacy_as()
    }

    /// A security event token of the Shared Signals Framework: `sub_id` is required, and `sub` and
    /// `exp` must not be there.
    ///
    /// [Shared Signals Framework §4.1](https://openid.net/specs/openid-sharedsignals-framework-1_0.html)
    pub fn shared_signal() -> Self {
        Profile::shared_signal_as()
    }
}

impl<C> Profile<C, Issued> {
    /// As [`Profile::security_event`], with claims of one's own; the rules are the same, whatever
    /// the type reads.
    pub fn security_event_as() -> Self {
        Profile::of(security_event(TypPolicy::Exactly(MediaType::new(TYPE))))
    }

    /// As [`Profile::security_event_legacy`], with claims of one's own; the rules are the same,
    /// whatever the type reads.
    pub fn security_event_legacy_as() -> Self {
        Profile::of(security_event(TypPolicy::UntypedOr(Some(MediaType::new(TYPE)))))
    }

    /// As [`Profile::shared_signal`], with claims of one's own; the rules are the same, whatever
    /// the type reads.
    pub fn shared_signal_as() -> Self {
        let mut kind = security_event(TypPolicy::Exactly(MediaType::new(TYPE)));
        kind.forbidden.extend([Row::ClaimsSub, Row::ClaimsExp]);
        kind.required.push(Arc::from("sub_id"));
        Profile::of(kind)
    }
}

fn security_event(typ: TypPolicy) -> KindPolicy {
    let mut claims = COMMON_CLAIMS.to_vec();
    claims.extend([
        Row::ClaimsEvents,
        Row::ClaimsSubId,
        Row::ClaimsToe,
        Row::ClaimsTxn,
        Row::ClaimsNonce,
    ]);
    KindPolicy {
        claims,
        forbidden: vec![Row::ClaimsNonce],
        required: ["iat", "jti", "events"].map(Arc::from).to_vec(),
        max_token_age: Some(MOST_AGE),
        most_age: MOST_AGE,
        ..KindPolicy::of(typ)
    }
}

/// The claims of a security event token.
///
/// [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2)
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct SecurityEventClaims {
    /// The transmitter.
    pub iss: Issuer,
    /// For whom it is meant.
    pub aud: Audiences,
    /// Its own identifier.
    pub jti: Box<str>,
    /// When it was issued.
    #[serde(deserialize_with = "date")]
    pub iat: OffsetDateTime,
    /// When the event was.
    #[serde(default, deserialize_with = "optional_date")]
    pub toe: Option<OffsetDateTime>,
    /// The events, by their URIs.
    pub events: serde_json::Map<String, serde_json::Value>,
    /// Whom they concern.
    #[serde(default)]
    pub sub: Option<Box<str>>,
    /// Whom they concern, by a subject identifier (RFC 9493).
    #[serde(default)]
    pub sub_id: Option<serde_json::Value>,
    /// What events of one cause have in common.
    #[serde(default)]
    pub txn: Option<Box<str>>,
}

/// The claims are somebody's, so they are not printed.
impl fmt::Debug for SecurityEventClaims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecurityEventClaims").finish_non_exhaustive()
    }
}
