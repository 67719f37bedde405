//! Security event tokens.

use ::time::{Duration, OffsetDateTime};
use serde::Deserialize;

use super::builder::KindBuilder;
use super::profile::Profile;
use super::tag::Issued;
use crate::check::Section;
use crate::rules;

use super::values::{Audiences, date, optional_date};
use crate::names::Issuer;
use crate::redacted::redacted_debug;

impl Profile<SecurityEventClaims, Issued> {
    /// A security event token; the audience is the receiver.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `secevent+jwt` | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | required: the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | required: contains one of the verifier's names | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.aud` |
    /// | `exp` | if present, in the future | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required: not in the future | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.iat` |
    /// |  | `exp` is at most 24 h after `iat`, or after now if there is no `iat` |  | `time.lifetime` |
    /// |  | `iat` is no longer ago than 30 days |  | `time.age` |
    /// | `sub` | if present, a StringOrURI that is not empty | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.sub` |
    /// | `jti` | required: a string that is not empty | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.jti` |
    /// | `cnf` | if present, satisfied by evidence in `RequestFacts` | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | if present, objects that name actors, none twice | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// |  | the current actor is permitted (`Profile::actors`), if there is one | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `actor.allowed` |
    /// | `events` | required: an object with at least one member, each named by a URI and an object | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.events` |
    /// | `sub_id` | if present, a subject identifier in its format | [RFC 9493 §3](https://www.rfc-editor.org/rfc/rfc9493#section-3) | `claims.sub_id` |
    /// | `toe` | if present, a date | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.toe` |
    /// | `txn` | if present, a string | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.txn` |
    /// | `nonce` | must be absent: an ID token has one | [RFC 8417 §4.5](https://www.rfc-editor.org/rfc/rfc8417#section-4.5) | `claims.nonce` |
    ///
    /// Events may be delivered again; [`Profile::single_use`] tells a receiver which it has.
    pub fn security_event() -> Self {
        security_event().profile()
    }

    /// A security event token of a transmitter that does not send the type, or sends `JWT`. Every
    /// other type is still refused.
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `secevent+jwt`, none or `JWT`; every other type is rejected | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | required: the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | required: contains one of the verifier's names | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.aud` |
    /// | `exp` | if present, in the future | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required: not in the future | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.iat` |
    /// |  | `exp` is at most 24 h after `iat`, or after now if there is no `iat` |  | `time.lifetime` |
    /// |  | `iat` is no longer ago than 30 days |  | `time.age` |
    /// | `sub` | if present, a StringOrURI that is not empty | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.sub` |
    /// | `jti` | required: a string that is not empty | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.jti` |
    /// | `cnf` | if present, satisfied by evidence in `RequestFacts` | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | if present, objects that name actors, none twice | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// |  | the current actor is permitted (`Profile::actors`), if there is one | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `actor.allowed` |
    /// | `events` | required: an object with at least one member, each named by a URI and an object | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.events` |
    /// | `sub_id` | if present, a subject identifier in its format | [RFC 9493 §3](https://www.rfc-editor.org/rfc/rfc9493#section-3) | `claims.sub_id` |
    /// | `toe` | if present, a date | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.toe` |
    /// | `txn` | if present, a string | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.txn` |
    /// | `nonce` | must be absent: an ID token has one | [RFC 8417 §4.5](https://www.rfc-editor.org/rfc/rfc8417#section-4.5) | `claims.nonce` |
    pub fn security_event_legacy() -> Self {
        security_event_legacy().profile()
    }

    /// A security event token of the Shared Signals Framework: `sub_id` is required, and `sub` and
    /// `exp` must not be there.
    ///
    /// [Shared Signals Framework §4.1](https://openid.net/specs/openid-sharedsignals-framework-1_0.html)
    ///
    /// | member | rule | section | check |
    /// |---|---|---|---|
    /// | `typ` | `secevent+jwt` | [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11) | `header.typ` |
    /// | `iss` | required: the issuer whose key it is | [RFC 7519 §4.1.1](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1) | `claims.iss` |
    /// | `aud` | required: contains one of the verifier's names | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.aud` |
    /// | `exp` | must be absent: an event does not expire | [Shared Signals Framework §4.1](https://openid.net/specs/openid-sharedsignals-framework-1_0.html) | `claims.exp` |
    /// | `nbf` | if present, not in the future | [RFC 7519 §4.1.5](https://www.rfc-editor.org/rfc/rfc7519#section-4.1.5) | `claims.nbf` |
    /// | `iat` | required: not in the future | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.iat` |
    /// |  | `exp` is at most 24 h after `iat`, or after now if there is no `iat` |  | `time.lifetime` |
    /// |  | `iat` is no longer ago than 30 days |  | `time.age` |
    /// | `sub` | must be absent: `sub_id` names the subject | [Shared Signals Framework §4.1](https://openid.net/specs/openid-sharedsignals-framework-1_0.html) | `claims.sub` |
    /// | `jti` | required: a string that is not empty | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.jti` |
    /// | `cnf` | if present, satisfied by evidence in `RequestFacts` | [RFC 7800 §3.1](https://www.rfc-editor.org/rfc/rfc7800#section-3.1) | `claims.cnf` |
    /// | `act` | if present, objects that name actors, none twice | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `claims.act` |
    /// |  | the current actor is permitted (`Profile::actors`), if there is one | [RFC 8693 §4.1](https://www.rfc-editor.org/rfc/rfc8693#section-4.1) | `actor.allowed` |
    /// | `events` | required: an object with at least one member, each named by a URI and an object | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.events` |
    /// | `sub_id` | required: a subject identifier in its format | [Shared Signals Framework §4.1](https://openid.net/specs/openid-sharedsignals-framework-1_0.html) | `claims.sub_id` |
    /// | `toe` | if present, a date | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.toe` |
    /// | `txn` | if present, a string | [RFC 8417 §2.2](https://www.rfc-editor.org/rfc/rfc8417#section-2.2) | `claims.txn` |
    /// | `nonce` | must be absent: an ID token has one | [RFC 8417 §4.5](https://www.rfc-editor.org/rfc/rfc8417#section-4.5) | `claims.nonce` |
    pub fn shared_signal() -> Self {
        shared_signal().profile()
    }
}

const RFC_8417_2_2: Section = Section::rfc(8417, "2.2");

/// A transmitter may try for long to deliver an event, and nothing else bounds its age.
const MONTH: Duration = Duration::days(30);

/// A security event token.
pub(super) fn security_event() -> KindBuilder<Issued> {
    of_name("security-event").typ("secevent+jwt")
}

/// A security event token of a transmitter that does not send the type.
pub(super) fn security_event_legacy() -> KindBuilder<Issued> {
    of_name("security-event-legacy").typ_or_untyped("secevent+jwt")
}

/// A security event token of the Shared Signals Framework.
pub(super) fn shared_signal() -> KindBuilder<Issued> {
    const SSF_4_1: Section = Section::of(
        "Shared Signals Framework §4.1",
        "https://openid.net/specs/openid-sharedsignals-framework-1_0.html",
    );
    of_name("shared-signal").typ("secevent+jwt").rules([
        rules::SUB.forbidden().says("`sub_id` names the subject").section(SSF_4_1),
        rules::EXP.forbidden().says("an event does not expire").section(SSF_4_1),
        rules::SUB_ID.required().section(SSF_4_1),
    ])
}

fn of_name(name: &'static str) -> KindBuilder<Issued> {
    KindBuilder::issued(name).max_token_age(MONTH, MONTH).rules([
        rules::ISS,
        rules::AUD.section(RFC_8417_2_2),
        rules::EXP.section(RFC_8417_2_2),
        rules::NBF,
        rules::IAT.required().section(RFC_8417_2_2),
        rules::LIFETIME,
        rules::AGE.says("`iat` is no longer ago than 30 days"),
        rules::SUB.section(RFC_8417_2_2),
        rules::JTI.required().section(RFC_8417_2_2),
        rules::CNF,
        rules::ACT,
        rules::ACTOR_ALLOWED,
        rules::EVENTS,
        rules::SUB_ID,
        rules::TOE,
        rules::TXN,
        rules::NONCE
            .forbidden()
            .says("an ID token has one")
            .section(Section::rfc(8417, "4.5")),
    ])
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

redacted_debug!(SecurityEventClaims);
