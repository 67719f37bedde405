//! Claims that tie an ID token, or a response of an authorization server, to the request.

use std::sync::Arc;

use super::check_fn::CheckFn;
use super::context::RuleContext;
use super::generic::{compare_with_sent, missing, words};
use super::registry;
use super::rule::ClaimRule;
use super::verified::wrong_type;
use crate::check::{Finding, Found, Reason, ReasonKind, Section, fail};
use crate::json::Value;
use crate::names::Audience;
use crate::request_facts::Sent;

registry! {
    /// `azp` is the client itself.
    AZP = ClaimRule::made("claims.azp", "azp", |parameters| {
        Some(Arc::new(AuthorizedParty { own: parameters.audiences.clone() }))
    })
    .section(ID_TOKEN_VALIDATION)
    .says("the client");

    /// `nonce` is the one that was sent with the request. It must be present where the token comes
    /// through the browser.
    NONCE = ClaimRule::of("claims.nonce", "nonce", &Nonce)
        .section(ID_TOKEN_VALIDATION)
        .says("the nonce that was sent; required if one was, or if the token comes through the browser");

    /// `at_hash` is the hash of the access token that came along.
    AT_HASH = ClaimRule::of("claims.at_hash", "at_hash", &Hash::AccessToken)
        .section(Section::of(
            "Core §3.2.2.9",
            "https://openid.net/specs/openid-connect-core-1_0.html#ImplicitTokenValidation",
        ))
        .says("the hash of the access token; required if `response_type` has `id_token` and `token`");

    /// `c_hash` is the hash of the code that came along.
    C_HASH = ClaimRule::of("claims.c_hash", "c_hash", &Hash::Code)
        .section(Section::of(
            "Core §3.3.2.10",
            "https://openid.net/specs/openid-connect-core-1_0.html#CodeValidation",
        ))
        .says("the hash of the code; required if `response_type` has `code` and `id_token`");

    /// `s_hash` is the hash of the state that was sent.
    S_HASH = ClaimRule::of("claims.s_hash", "s_hash", &Hash::State)
        .section(Section::of(
            "FAPI 1.0 Advanced §5.2.2.1",
            "https://openid.net/specs/openid-financial-api-part-2-1_0.html",
        ))
        .says("the hash of the state");

    /// `state` is the one that was sent with the request.
    STATE = ClaimRule::of("claims.state", "state", &State)
        .section(Section::of("JARM §2.4", "https://openid.net/specs/oauth-v2-jarm.html#section-2.4"))
        .says("the state that was sent (`RequestFacts::state`); required if one was");
}

const ID_TOKEN_VALIDATION: Section = Section::of(
    "Core §3.1.3.7",
    "https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation",
);

struct AuthorizedParty {
    /// The client's own names.
    own: Vec<Audience>,
}

impl CheckFn for AuthorizedParty {
    fn check(&self, azp: Value<'_>, _: &RuleContext<'_>) -> Finding {
        match azp.as_str() {
            None => wrong_type(azp),
            Some(azp) if self.own.iter().any(|own| *own == *azp) => Finding::Pass,
            Some(azp) => fail(ReasonKind::OtherParty, Found::shown(azp)),
        }
    }
}

/// Whether the request asked for a part of the response. A response type that is not understood asked
/// for everything.
fn has_type(cx: &RuleContext<'_>, wanted: &str) -> bool {
    const KNOWN: &[&str] = &["code", "token", "id_token", "none"];
    let mut parts = cx.facts.response_type.unwrap_or("code").split(' ');
    parts.any(|part| part == wanted || !KNOWN.contains(&part))
}

struct Nonce;

impl CheckFn for Nonce {
    fn check(&self, nonce: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        compare_with_sent(Some(nonce), &cx.facts.nonces, true)
    }

    fn absent(&self, cx: &RuleContext<'_>) -> Finding {
        compare_with_sent(None, &cx.facts.nonces, has_type(cx, "id_token"))
    }
}

/// A hash of something that came with the token, or was sent with the request.
enum Hash {
    AccessToken,
    Code,
    State,
}

impl Hash {
    fn value<'a>(&self, cx: &RuleContext<'a>) -> Option<&'a str> {
        match self {
            Self::AccessToken => cx.facts.access_token,
            Self::Code => cx.facts.code,
            Self::State => cx.facts.state,
        }
    }

    fn is_required(&self, cx: &RuleContext<'_>) -> bool {
        has_type(cx, "id_token")
            && match self {
                Self::AccessToken => has_type(cx, "token"),
                Self::Code => has_type(cx, "code"),
                Self::State => false,
            }
    }

    fn compare(&self, hash: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
        let Some(hash) = hash.as_str() else {
            return wrong_type(hash);
        };
        let Some(value) = self.value(cx) else {
            return fail(ReasonKind::FactNotGiven, Found::Nothing);
        };
        match cx.provider.token_hash_for(cx.algorithm, value) {
            Some(expected) if expected == hash => Ok(()),
            Some(_) => fail(ReasonKind::OtherRequest, Found::Bytes(hash.len())),
            None => fail(ReasonKind::NotPermitted, words("no hash is known for the algorithm")),
        }
    }
}

impl CheckFn for Hash {
    fn check(&self, hash: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        self.compare(hash, cx).into()
    }

    fn absent(&self, cx: &RuleContext<'_>) -> Finding {
        if self.is_required(cx) { missing() } else { Finding::Absent }
    }
}

struct State;

impl CheckFn for State {
    fn check(&self, state: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        compare_with_sent(Some(state), &Sent::of(cx.facts.state), true)
    }

    fn absent(&self, cx: &RuleContext<'_>) -> Finding {
        compare_with_sent(None, &Sent::of(cx.facts.state), false)
    }
}
