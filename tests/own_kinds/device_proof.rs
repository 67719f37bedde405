//! A kind that is signed with the key in its own header.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_appraisal::json::Value as Claim;
use jwt_appraisal::kind::tag::SignedByHolder;
use jwt_appraisal::kind::{Kind, KindBuilder};
use jwt_appraisal::rules::{self, CheckFn, ClaimRule, RuleContext};
use jwt_appraisal::testing::{TestIssuer, TestKey, TestToken};
use jwt_appraisal::{
    Accepted, ConfigError, DpopProofClaims, Finding, JwkSet, MemoryReplayGuard, Profile, Reason,
    ReasonKind, RequestFacts, SignatureAlgorithm, TrustedIssuer, Validator, Verdict,
};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use time::Duration;

use super::Table;
use super::support::{AUDIENCE, ISSUER, NOW, key_store, now, validator_builder};

/// `challenge` is the challenge that the verifier sent. A token without it is rejected as soon as one
/// was sent.
struct Challenge;

impl CheckFn for Challenge {
    fn check(&self, challenge: Claim<'_>, cx: &RuleContext<'_>) -> Finding {
        match (challenge.as_str(), cx.fact("challenge")) {
            (None, _) => Reason::wrong_type(challenge).into(),
            (Some(_), None) => ReasonKind::FactNotGiven.into(),
            (Some(found), Some(sent)) if found == sent => Finding::Pass,
            (Some(_), Some(_)) => ReasonKind::OtherRequest.into(),
        }
    }

    fn absent(&self, cx: &RuleContext<'_>) -> Finding {
        match cx.fact("challenge") {
            Some(_) => ReasonKind::Missing.into(),
            None => Finding::Absent,
        }
    }

    fn expects(&self) -> Option<String> {
        Some("the challenge that was sent".to_owned())
    }
}

fn builder() -> KindBuilder<SignedByHolder> {
    KindBuilder::signed_with_header_key("device-proof")
        .typ("device-proof+jwt")
        .max_token_age(Duration::seconds(60), Duration::minutes(5))
        .max_ahead(Duration::seconds(5))
        .single_use()
        .rules([
            rules::AUD,
            rules::EXP,
            rules::NBF,
            rules::IAT.required(),
            rules::AGE.says("`iat` is no longer ago than 60 s"),
            rules::SUB,
            rules::JTI.required(),
            rules::CNF.forbidden().says("the key is in the header"),
            ClaimRule::new("device.challenge", "challenge", Challenge)
                .says("the one that was sent"),
        ])
}

pub(crate) fn kind() -> Kind {
    builder().build()
}

pub(crate) fn good(key: &TestKey) -> TestToken {
    let draft = TestIssuer::new("holder").with_key(key.clone()).token("device-proof+jwt").at(NOW);
    let draft = draft.without("iss").without("exp").without_header("kid");
    draft
        .header("jwk", key.jwk())
        .claim("aud", AUDIENCE)
        .claim("sub", "device-1")
        .claim("jti", "proof-1")
        .claim("challenge", "c-1")
}

pub(crate) fn facts<'a>() -> RequestFacts<'a> {
    RequestFacts::new().fact("challenge", "c-1")
}

pub(crate) fn validator() -> Validator<Value> {
    validator_builder(builder().profile())
        .algorithms([SignatureAlgorithm::Es256])
        .for_audience(AUDIENCE)
        .replay_guard(Arc::new(MemoryReplayGuard::new(100)))
        .build()
        .unwrap()
}

fn with_table(test: impl FnOnce(&Table<'_>)) {
    // Each appraisal has a guard of its own, so that no token is a replay of the one before.
    let appraise =
        |token: &str, facts: &RequestFacts<'_>| validator().appraise_with_at(token, facts, now());
    let key = TestKey::generate("", SignatureAlgorithm::Es256);
    test(&Table { good: good(&key), facts: facts(), appraise: &appraise });
}

#[test]
fn accepts_a_good_token() {
    with_table(|table| {
        table.accepts("as it is", |token| token);
        table.accepts("no subject", |token| token.without("sub"));
        table.accepts("an expiry", |token| token.claim("exp", NOW + 30));
        table.accepts("a little ahead", |token| token.claim("iat", NOW + 5));
    });
}

#[test]
fn rejects_every_other_header() {
    let other = TestKey::generate("", SignatureAlgorithm::Es256);
    with_table(|table| {
        table.rejects("header.typ", "untyped", |token| token.header("typ", "JWT"));
        table.rejects("header.typ", "a DPoP proof", |token| token.header("typ", "dpop+jwt"));
        table.rejects("key.embedded", "no key", |token| token.without_header("jwk"));
        table.rejects("header.keys", "a text", |token| token.header("jwk", "x"));
        table.rejects("crypto.signature", "another key", |token| token.header("jwk", other.jwk()));
        table.rejects("header.alg", "another algorithm", |token| token.header("alg", "ES384"));
    });
}

#[test]
fn rejects_what_each_rule_rejects() {
    with_table(|table| {
        let other = "https://other.example.com";
        table.rejects("claims.aud", "absent", |token| token.without("aud"));
        table.rejects("claims.aud", "another service", |token| token.claim("aud", other));
        table.rejects("claims.exp", "expired", |token| token.claim("exp", NOW - 60));
        table.rejects("claims.nbf", "not yet", |token| token.claim("nbf", NOW + 61));
        table.rejects("claims.iat", "absent", |token| token.without("iat"));
        table.rejects("claims.iat", "ahead", |token| token.claim("iat", NOW + 6));
        table.rejects("time.age", "old", |token| token.claim("iat", NOW - 61));
        table.rejects("claims.sub", "empty", |token| token.claim("sub", ""));
        table.rejects("claims.jti", "absent", |token| token.without("jti"));
        table.rejects("claims.jti", "empty", |token| token.claim("jti", ""));
        table.rejects("claims.cnf", "forbidden", |token| token.claim("cnf", json!({})));
        table.rejects("device.challenge", "another", |token| token.claim("challenge", "c-2"));
        table.rejects("device.challenge", "absent", |token| token.without("challenge"));
        table.rejects("device.challenge", "a number", |token| token.claim("challenge", 1));
        let unasked = RequestFacts::new();
        table.rejects_with("device.challenge", "none sent", |token| token, &unasked);
    });
}

#[test]
fn a_token_is_used_once_whatever_its_header_says() {
    let validator = validator();
    let key = TestKey::generate("", SignatureAlgorithm::Es256);
    let appraise =
        |token: TestToken| validator.appraise_with_at(token.sign(), &facts(), now()).verdict();
    // A token that is rejected uses nothing up.
    assert_eq!(appraise(good(&key).claim("challenge", "c-2")), Verdict::Rejected);
    assert_eq!(appraise(good(&key)), Verdict::Accepted);
    assert_eq!(appraise(good(&key)), Verdict::Rejected);
    let spelled = good(&key).header("typ", "application/Device-Proof+JWT").header("x", 1);
    assert_eq!(appraise(spelled), Verdict::Rejected);
    assert_eq!(appraise(good(&key).claim("jti", "proof-2")), Verdict::Accepted);
    let other = TestKey::generate("", SignatureAlgorithm::Es256);
    assert_eq!(appraise(good(&other)), Verdict::Accepted);
}

#[test]
fn the_record_has_the_facts() {
    let key = TestKey::generate("", SignatureAlgorithm::Es256);
    let appraisal = validator().appraise_with_at(good(&key).sign(), &facts(), now());
    let record = appraisal.record();
    let thumbprint = appraisal.accepted().unwrap().key_thumbprint().unwrap();
    assert_eq!(record.kind(), "device-proof");
    assert_eq!(record.party().unwrap().as_str(), thumbprint.uri());
    assert_eq!(record.subject(), Some("device-1"));
    assert_eq!(record.audiences().collect::<Vec<_>>(), [AUDIENCE]);
    assert_eq!(record.token_id(), Some("proof-1"));
    assert_eq!(record.issued_at(), Some(now()));
}

/// The claims type alone does not make an accepted token a DPoP proof: this kind checks no method and no
/// URI.
#[test]
fn an_own_kind_does_not_pass_for_a_dpop_proof() {
    let key = TestKey::generate("", SignatureAlgorithm::Es256);
    let validator = validator_builder(builder().profile::<DpopProofClaims>())
        .algorithms([SignatureAlgorithm::Es256])
        .for_audience(AUDIENCE)
        .replay_guard(Arc::new(MemoryReplayGuard::new(100)))
        .build()
        .unwrap();
    let issuer = TestIssuer::new(ISSUER);
    let set = JwkSet::from_json(issuer.jwks()).unwrap();
    let keys = key_store([SignatureAlgorithm::Es256], set.clone()).unwrap();
    let access_tokens = validator_builder(Profile::access_token())
        .issuer(TrustedIssuer::new(ISSUER, keys))
        .audience(AUDIENCE)
        .build()
        .unwrap();
    let jkt = |proof: &Accepted<DpopProofClaims>| proof.key_thumbprint().unwrap().to_string();
    let first = validator.appraise_with_at(good(&key).sign(), &facts(), now());
    let thumbprint = jkt(first.accepted().unwrap());
    let token = issuer.access_token(AUDIENCE).at(NOW).claim("cnf", json!({ "jkt": thumbprint }));
    let token = token.sign();
    let ath = URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()));
    let draft = good(&key).claim("jti", "proof-2").claim("ath", ath);
    let proof = validator.appraise_with_at(draft.sign(), &facts(), now());
    let request = RequestFacts::new().proof(proof.accepted().unwrap());
    let appraisal = access_tokens.appraise_with_at(&token, &request, now());
    super::expect_rejected("own kind", &["claims.cnf"], "no DPoP proof", &appraisal);
    let keys = key_store([SignatureAlgorithm::Es256], set).unwrap();
    let built = validator_builder(Profile::access_token())
        .issuer(TrustedIssuer::new(ISSUER, keys))
        .audience(AUDIENCE)
        .dpop(validator)
        .build();
    let error = built.unwrap_err();
    assert!(
        matches!(&error, ConfigError::NotDpop { kind, .. } if &**kind == "device-proof"),
        "{error}"
    );
}
