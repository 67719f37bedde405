//! Claims of security events and logout tokens.

use super::check_fn::CheckFn;
use super::context::RuleContext;
use super::fact::Fact;
use super::generic::{check_text, malformed, words};
use super::registry;
use super::rule::ClaimRule;
use super::time::{Round, numeric_date};
use super::verified::wrong_type;
use crate::check::{Finding, Reason, ReasonKind, Section, fail};
use crate::json::{JsonKind, Value};
use crate::uri::is_uri;

registry! {
    /// `events` is an object with at least one member, each named by a URI and an object.
    EVENTS = ClaimRule::of("claims.events", "events", &check_events)
        .required()
        .section(Section::rfc(8417, "2.2"))
        .says("an object with at least one member, each named by a URI and an object");

    /// As [`EVENTS`], with the event of a back-channel logout among them.
    LOGOUT_EVENT = ClaimRule::of("claims.events", "events", &check_logout_event)
        .required()
        .section(LOGOUT_TOKEN)
        .says("has `http://schemas.openid.net/event/backchannel-logout`, an object");

    /// `sid` is a string; it or `sub` is present.
    SID = ClaimRule::of("claims.sid", "sid", &SessionId)
        .records(Fact::SessionId)
        .section(LOGOUT_TOKEN)
        .says("a string; it or `sub` is present");

    /// `toe` is a NumericDate.
    TOE = ClaimRule::of("claims.toe", "toe", &check_date)
        .section(Section::rfc(8417, "2.2"))
        .says("a date");

    /// `txn` is a string.
    TXN = ClaimRule::of("claims.txn", "txn", &check_text)
        .section(Section::rfc(8417, "2.2"))
        .says("a string");
}

const LOGOUT_TOKEN: Section = Section::of(
    "Back-Channel Logout §2.4",
    "https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken",
);

fn check_events(events: Value<'_>, _: &RuleContext<'_>) -> Result<(), Reason> {
    if events.kind() != JsonKind::Object {
        return wrong_type(events);
    }
    if events.members().next().is_none() {
        return malformed("no event");
    }
    for (name, event) in events.members() {
        if !is_uri(name) {
            return malformed("an event whose name is no URI");
        }
        if event.kind() != JsonKind::Object {
            return wrong_type(event);
        }
    }
    Ok(())
}

fn check_logout_event(events: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
    check_events(events, cx)?;
    match events.get("http://schemas.openid.net/event/backchannel-logout") {
        Some(_) => Ok(()),
        None => fail(ReasonKind::Missing, words("the event that the kind is about")),
    }
}

struct SessionId;

impl CheckFn for SessionId {
    fn check(&self, sid: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        check_text(sid, cx).into()
    }

    fn absent(&self, cx: &RuleContext<'_>) -> Finding {
        if cx.claims.get("sub").is_none() {
            return fail(ReasonKind::Missing, words("neither sid nor sub"));
        }
        Finding::Absent
    }
}

fn check_date(date: Value<'_>, _: &RuleContext<'_>) -> Result<(), Reason> {
    numeric_date(date, Round::Down).map(|_| ())
}
