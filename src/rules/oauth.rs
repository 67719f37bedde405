//! Claims of OAuth tokens: the client, what it may do, and how the user authenticated.

use std::sync::Arc;

use super::check_fn::CheckFn;
use super::context::RuleContext;
use super::fact::Fact;
use super::generic::{check_strings, malformed, missing, text};
use super::registry;
use super::rule::ClaimRule;
use super::time::{Round, numeric_date};
use super::verified::wrong_type;
use crate::check::{Finding, Found, Reason, ReasonKind, Section, fail};
use crate::json::{JsonKind, Value};
use crate::time::Seconds;
use crate::uri::is_absolute_uri;

registry! {
    /// `client_id` is a string that is not empty.
    CLIENT_ID = ClaimRule::of("claims.client_id", "client_id", &ClientId { signs: false, of_request: false })
        .records(Fact::ClientId)
        .section(Section::rfc(8693, "4.3"))
        .says("a string that is not empty");

    /// `client_id` is the client that signed, and the one that the request names, if it names one.
    CLIENT_ID_OF_SIGNER = ClaimRule::of("claims.client_id", "client_id", &ClientId { signs: true, of_request: false })
        .of_party()
        .records(Fact::ClientId)
        .section(Section::rfc(7521, "4.2"))
        .says("the client that signed, and the one that the request names (`RequestFacts::client_id`), if it names one");

    /// `client_id` is the client that the request names, which must be given.
    CLIENT_ID_OF_REQUEST = ClaimRule::of("claims.client_id", "client_id", &ClientId { signs: false, of_request: true })
        .required()
        .records(Fact::ClientId)
        .section(Section::rfc(9101, "6.3"))
        .says("the client that authenticated");

    /// `client_id` is the client that signed and that the request names, which must be given.
    CLIENT_ID_OF_SIGNER_AND_REQUEST = ClaimRule::of("claims.client_id", "client_id", &ClientId { signs: true, of_request: true })
        .required()
        .of_party()
        .records(Fact::ClientId)
        .section(Section::rfc(9101, "6.3"))
        .says("the client whose key it is, and the one of the query");

    /// `scope` is scopes with one space between each two. Where the token was derived from another
    /// one, no scope goes beyond that one's.
    SCOPE = ClaimRule::made("claims.scope", "scope", |parameters| {
        Some(Arc::new(Scope { may_be_elsewhere: parameters.scopes_may_be_elsewhere }))
    })
    .records(Fact::Scopes)
        .section(Section::rfc(6749, "3.3"))
    .says("scopes with one space between each two");

    /// `auth_time` is a NumericDate. Where the request bounds the age of the authentication, it is
    /// present and not longer ago.
    AUTH_TIME = ClaimRule::of("claims.auth_time", "auth_time", &AuthenticationTime)
        .records(Fact::AuthenticatedAt)
        .section(Section::rfc(9470, "3"))
        .says("a date, not longer ago than `RequestFacts::max_authentication_age`; required if that is set");

    /// `acr` is a string. Where the request demands classes, it is one of them.
    ACR = ClaimRule::of("claims.acr", "acr", &AuthenticationClass)
        .records(Fact::AuthenticationClass)
        .section(Section::rfc(9470, "3"))
        .says("a string, one of `RequestFacts::acr_values`; required if these are set");

    /// `amr` is an array of strings.
    AMR = ClaimRule::of("claims.amr", "amr", &strings)
        .section(Section::rfc(9068, "2.2.1"))
        .says("strings");

    /// `groups` is an array of strings or objects.
    GROUPS = ClaimRule::of("claims.groups", "groups", &check_attributes)
        .section(Section::rfc(9068, "2.2.3.1"))
        .says("strings or objects");

    /// `roles` is an array of strings or objects.
    ROLES = ClaimRule::of("claims.roles", "roles", &check_attributes)
        .section(Section::rfc(9068, "2.2.3.1"))
        .says("strings or objects");

    /// `entitlements` is an array of strings or objects.
    ENTITLEMENTS = ClaimRule::of("claims.entitlements", "entitlements", &check_attributes)
        .section(Section::rfc(9068, "2.2.3.1"))
        .says("strings or objects");

    /// `resource` is a URI without a fragment, or an array of such.
    RESOURCE = ClaimRule::of("claims.resource", "resource", &check_resource)
        .section(Section::rfc(8707, "2"))
        .says("a URI or URIs");

    /// `authorization_details` is an array of objects, each with a string `type`; the common members
    /// have their types.
    AUTHORIZATION_DETAILS = ClaimRule::of("claims.authorization_details", "authorization_details", &check_details)
        .section(Section::rfc(9396, "2"))
        .says("objects with a `type`");
}

/// The client that a token names.
struct ClientId {
    /// The client signs its own token.
    signs: bool,
    /// The request must name the client.
    of_request: bool,
}

impl CheckFn for ClientId {
    fn check(&self, client_id: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        text(client_id).and_then(|client| self.compare(client, cx)).into()
    }

    fn absent(&self, cx: &RuleContext<'_>) -> Finding {
        if !self.signs {
            return if self.of_request { missing() } else { Finding::Absent };
        }
        self.compare(cx.party.as_str(), cx).map_or_else(Finding::Fail, |()| Finding::Absent)
    }
}

impl ClientId {
    fn compare(&self, client: &str, cx: &RuleContext<'_>) -> Result<(), Reason> {
        let named = cx.facts.client_id;
        let other_signer = self.signs && *cx.party != *client;
        let other_request = named.is_some_and(|named| named != client);
        if other_signer || (other_request && (self.signs || self.of_request)) {
            return fail(ReasonKind::OtherParty, Found::shown(client));
        }
        if self.of_request && named.is_none() {
            return fail(ReasonKind::FactNotGiven, Found::Nothing);
        }
        Ok(())
    }
}

/// An empty string grants nothing.
pub(super) struct Scope {
    /// The issuer may send scopes under another name, so nothing says that an absent `scope` is
    /// narrower than the scopes of the token that this one was derived from.
    pub(super) may_be_elsewhere: bool,
}

impl CheckFn for Scope {
    fn check(&self, scope: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        check_scope(scope, cx).into()
    }

    fn absent(&self, cx: &RuleContext<'_>) -> Finding {
        let derived = cx.facts.parent_scopes.is_some();
        if self.may_be_elsewhere && derived { missing() } else { Finding::Absent }
    }
}

pub(super) fn check_scope(scope: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
    let scope = match scope.as_str() {
        None => return wrong_type(scope),
        Some("") => return Ok(()),
        Some(scope) if is_scope(scope) => scope,
        Some(_) => return malformed("expected scopes with one space between each two"),
    };
    let Some(parent) = &cx.facts.parent_scopes else {
        return Ok(());
    };
    match scope.split(' ').find(|scope| !parent.contains(scope)) {
        Some(more) => fail(ReasonKind::BroaderScope, Found::shown(more)),
        None => Ok(()),
    }
}

/// One space between each two scope tokens, and so none at either end.
fn is_scope(scope: &str) -> bool {
    // Without branches, because most scopes are in order.
    let (mut wrong, mut before) = (false, b' ');
    for octet in scope.bytes() {
        let outside = !(b' '..=b'~').contains(&octet) | (octet == b'"') | (octet == b'\\');
        wrong |= outside | ((octet == b' ') & (before == b' '));
        before = octet;
    }
    !wrong && before != b' '
}

pub(super) struct AuthenticationTime;

impl CheckFn for AuthenticationTime {
    fn check(&self, auth_time: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        match (numeric_date(auth_time, Round::Down), cx.facts.max_authentication_age) {
            (Err(reason), _) => reason.into(),
            (Ok(_), None) => Finding::Pass,
            (Ok(at), Some(most)) => is_recent(at, cx.now, cx.leeway, most).into(),
        }
    }

    fn absent(&self, cx: &RuleContext<'_>) -> Finding {
        match cx.facts.max_authentication_age {
            None => Finding::Absent,
            Some(_) => {
                let found = Found::Words("it does not say when".into());
                fail(ReasonKind::InsufficientAuthentication, found)
            }
        }
    }
}

/// An authentication is not ahead and not longer ago than `most` seconds, within the leeway.
///
/// <https://www.rfc-editor.org/rfc/rfc9470#section-3>
pub(crate) fn is_recent(at: Seconds, now: Seconds, leeway: i64, most: i64) -> Result<(), Reason> {
    if at.get() > now.plus(leeway) {
        return fail(ReasonKind::IssuedAhead, Found::Moment(at));
    }
    let seconds = now.since(at);
    if seconds > most.saturating_add(leeway) {
        let found = Found::Lasting { seconds, most };
        return fail(ReasonKind::InsufficientAuthentication, found);
    }
    Ok(())
}

pub(super) struct AuthenticationClass;

impl CheckFn for AuthenticationClass {
    fn check(&self, acr: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        match (text(acr), &cx.facts.acr_values) {
            (Err(reason), _) => reason.into(),
            (Ok(_), None) => Finding::Pass,
            (Ok(acr), Some(demanded)) if demanded.contains(&acr) => Finding::Pass,
            (Ok(_), Some(_)) => ReasonKind::InsufficientAuthentication.into(),
        }
    }

    fn absent(&self, cx: &RuleContext<'_>) -> Finding {
        let demanded = cx.facts.acr_values.is_some();
        if demanded { ReasonKind::InsufficientAuthentication.into() } else { Finding::Absent }
    }
}

fn strings(list: Value<'_>, _: &RuleContext<'_>) -> Result<(), Reason> {
    check_strings(list)
}

/// Attributes of several values, as SCIM has them: <https://www.rfc-editor.org/rfc/rfc7643#section-2.4>
fn check_attributes(attributes: Value<'_>, _: &RuleContext<'_>) -> Result<(), Reason> {
    if attributes.kind() != JsonKind::Array {
        return wrong_type(attributes);
    }
    let known = |value: &Value<'_>| matches!(value.kind(), JsonKind::String | JsonKind::Object);
    match attributes.elements().find(|value| !known(value)) {
        Some(other) => wrong_type(other),
        None => Ok(()),
    }
}

fn check_resource(resource: Value<'_>, _: &RuleContext<'_>) -> Result<(), Reason> {
    if resource.kind() != JsonKind::Array {
        return check_one_resource(resource);
    }
    if resource.elements().next().is_none() {
        return malformed("an empty array");
    }
    resource.elements().try_for_each(check_one_resource)
}

fn check_one_resource(resource: Value<'_>) -> Result<(), Reason> {
    match resource.as_str() {
        None => wrong_type(resource),
        Some(text) if is_absolute_uri(text) => Ok(()),
        Some(text) => fail(ReasonKind::Malformed, Found::Bytes(text.len())),
    }
}

fn check_details(details: Value<'_>, _: &RuleContext<'_>) -> Result<(), Reason> {
    if details.kind() != JsonKind::Array {
        return wrong_type(details);
    }
    details.elements().try_for_each(check_detail)
}

fn check_detail(detail: Value<'_>) -> Result<(), Reason> {
    const LISTS: &[&str] = &["locations", "actions", "datatypes", "privileges"];
    if detail.kind() != JsonKind::Object {
        return wrong_type(detail);
    }
    match detail.get("type").map(|value| (value, value.as_str())) {
        None => return malformed("an element without type"),
        Some((value, None)) => return wrong_type(value),
        Some((_, Some(""))) => return malformed("an empty type"),
        Some((_, Some(_))) => {}
    }
    for name in LISTS {
        if let Some(list) = detail.get(name) {
            check_strings(list)?;
        }
    }
    match detail.get("identifier") {
        Some(identifier) if identifier.as_str().is_none() => wrong_type(identifier),
        _ => Ok(()),
    }
}
