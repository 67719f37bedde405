//! Key binding: what the holder of an SD-JWT signs for one verifier and one request.

use std::sync::Arc;

use super::audience::Recipients;
use super::check_fn::CheckFn;
use super::context::RuleContext;
use super::generic::text;
use super::registry;
use super::rule::ClaimRule;
use super::verified::wrong_type;
use crate::check::{Finding, Found, Reason, ReasonKind, Section, fail};
use crate::json::{JsonKind, Value};

registry! {
    /// `aud` of a key-binding JWT is one of the verifier's names, as a single string.
    AUD_OF_KEY_BINDING = ClaimRule::made("claims.aud", "aud", |parameters| {
        Some(Arc::new(SingleRecipient(Recipients::new(parameters))))
    })
    .required()
    .section(Section::rfc(9901, "4.3"))
    .says("a single string, one of the verifier's names");

    /// `nonce` of a key-binding JWT is one that the verifier gave to the holder.
    NONCE_OF_KEY_BINDING = ClaimRule::of("claims.nonce", "nonce", &check_nonce)
        .required()
        .section(Section::rfc(9901, "4.3"))
        .says("the nonce that the verifier gave to the holder (`RequestFacts::nonce`)");

    /// `sd_hash` is the hash of the SD-JWT that came along, as it was presented.
    SD_HASH = ClaimRule::of("claims.sd_hash", "sd_hash", &check_sd_hash)
        .required()
        .section(Section::rfc(9901, "4.3.1"))
        .says("the hash of the issuer's JWT and the disclosures as they were presented");
}

/// The recipient of a token that must not have several.
struct SingleRecipient(Recipients);

impl CheckFn for SingleRecipient {
    fn check(&self, aud: Value<'_>, cx: &RuleContext<'_>) -> Finding {
        if aud.kind() == JsonKind::Array {
            return wrong_type(aud);
        }
        self.0.check(aud, cx)
    }

    fn expects(&self) -> Option<String> {
        self.0.expects()
    }
}

fn check_nonce(nonce: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
    let (nonce, given) = (text(nonce)?, &cx.facts.nonces);
    if given.is_empty() {
        return fail(ReasonKind::FactNotGiven, Found::Nothing);
    }
    if given.contains(nonce) {
        return Ok(());
    }
    fail(ReasonKind::WrongNonce, Found::Bytes(nonce.len()))
}

fn check_sd_hash(sd_hash: Value<'_>, cx: &RuleContext<'_>) -> Result<(), Reason> {
    let sd_hash = text(sd_hash)?;
    match cx.first.and_then(|first| first.sd_hash) {
        None => fail(ReasonKind::FactNotGiven, Found::Nothing),
        Some(expected) if expected == sd_hash => Ok(()),
        Some(_) => fail(ReasonKind::OtherRequest, Found::Bytes(sd_hash.len())),
    }
}
