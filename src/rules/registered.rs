//! The registered claims that name a party or a token: `iss`, `sub`, `jti`; and what distinguishes a
//! kind of token that its type does not distinguish.

use std::sync::Arc;

use super::check_fn::CheckFn;
use super::context::RuleContext;
use super::fact::Fact;
use super::generic::{check_string_or_uri, check_text, malformed};
use super::registry;
use super::rule::ClaimRule;
use super::verified::wrong_type;
use crate::check::{Finding, Found, Reason, ReasonKind, Section, fail};
use crate::json::{JsonKind, Value};
use crate::names::Issuer;
use crate::policy::Discriminator;

registry! {
    /// `iss` is the party whose key verifies the token, character by character.
    ISS = ClaimRule::made("claims.iss", "iss", |parameters| {
        Some(Arc::new(Party { only: parameters.only_party.clone() }))
    })
    .required()
    .of_party()
    .section(Section::rfc(7519, "4.1.1"))
    .says("the issuer whose key it is");

    /// `sub` is a StringOrURI that is not empty.
    SUB = ClaimRule::of("claims.sub", "sub", &check_subject)
        .records(Fact::Subject)
        .section(Section::rfc(7519, "4.1.2"))
        .says("a StringOrURI that is not empty");

    /// `sub` is the client that signed.
    SUB_IS_THE_CLIENT = ClaimRule::of("claims.sub", "sub", &check_subject_is_client)
        .required()
        .of_party()
        .records(Fact::Subject)
        .section(Section::rfc(7523, "3"))
        .says("the client");

    /// `sub` is not the client that signed: such a token would pass for the client's assertion.
    SUB_IS_NOT_THE_CLIENT = ClaimRule::of("claims.sub", "sub", &check_subject_is_not_client)
        .records(Fact::Subject)
        .section(Section::rfc(9101, "10.8"))
        .says("not the client: such a request would pass for its assertion");

    /// `sub` has at most 255 ASCII characters.
    SUB_OF_OPENID = ClaimRule::of("claims.sub", "sub", &check_openid_subject)
        .required()
        .records(Fact::Subject)
        .section(OPENID_CORE_2)
        .says("at most 255 ASCII characters");

    /// `jti` is a string that is not empty.
    JTI = ClaimRule::of("claims.jti", "jti", &check_text)
        .records(Fact::TokenId)
        .section(Section::rfc(7519, "4.1.7"))
        .says("a string that is not empty");

    /// The claim that distinguishes the kind is present, with its value.
    DISCRIMINATOR = ClaimRule::made_about_all("kind.discriminator", |parameters| {
        let discriminator = parameters.discriminator.clone()?;
        Some(Arc::new(Distinguishes(discriminator)))
    })
    .section(Section::rfc(8725, "3.12"))
    .says("the claim that distinguishes the kind is present, with its value");
}

const OPENID_CORE_2: Section =
    Section::of("Core §2", "https://openid.net/specs/openid-connect-core-1_0.html#IDToken");

/// `iss` is the party that the key belongs to.
struct Party {
    /// The only party of the validator, for the report.
    only: Option<Issuer>,
}

impl CheckFn for Party {
    fn check(&self, iss: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        match iss.as_str() {
            None => wrong_type(iss),
            Some(iss) if *cx.party == *iss => Finding::Pass,
            Some(iss) => fail(ReasonKind::WrongIssuer, Found::shown(iss)),
        }
    }

    fn expects(&self) -> Option<String> {
        self.only.as_ref().map(|only| format!("{only:?}"))
    }
}

fn check_subject(sub: Value<'_>, _: &RuleContext<'_>) -> Result<(), Reason> {
    subject(sub).map(|_| ())
}

fn subject<'d>(sub: Value<'d>) -> Result<&'d str, Reason> {
    match sub.as_str() {
        None => wrong_type(sub),
        Some("") => malformed("an empty string"),
        Some(text) => check_string_or_uri(text).map(|()| text),
    }
}

fn check_subject_is_client(sub: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
    match subject(sub)? {
        sub if *cx.party == *sub => Ok(()),
        sub => fail(ReasonKind::OtherParty, Found::Bytes(sub.len())),
    }
}

fn check_subject_is_not_client(sub: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
    if *cx.party == *subject(sub)? {
        return fail(ReasonKind::OtherParty, Found::Words("the client itself".into()));
    }
    Ok(())
}

fn check_openid_subject(sub: Value<'_>, _: &RuleContext<'_>) -> Result<(), Reason> {
    match subject(sub)? {
        sub if sub.is_ascii() && sub.len() <= 255 => Ok(()),
        sub => fail(ReasonKind::Malformed, Found::Bytes(sub.len())),
    }
}

struct Distinguishes(Discriminator);

impl CheckFn for Distinguishes {
    fn check(&self, claims: Value<'_>, _: &RuleContext<'_>) -> Finding {
        match (claims.get(&self.0.claim), &self.0.value) {
            (Some(claim), None) if claim.kind() != JsonKind::Null => Finding::Pass,
            (Some(claim), Some(value)) if claim.as_str() == Some(&**value) => Finding::Pass,
            _ => ReasonKind::NoDiscriminator.into(),
        }
    }
}
