//! A DPoP proof beside its access token: both are checked in one appraisal.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it cannot continue"
)]

mod support;

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_appraisal::state::{Answer, Ask, AskKind, Local, Question, Reach, Says, StateSource};
use jwt_appraisal::testing::{TestKey, TestToken};
use jwt_appraisal::{
    Accepted, AccessTokenClaims, Appraisal, ConfigError, DpopProofClaims, IdTokenClaims, JwkSet,
    MemoryReplayGuard, Outcome, Profile, RequestFacts, SignatureAlgorithm, Validator,
    ValidatorBuilder, Verdict,
};
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use support::{NOW, Scene, expect_accepted, expect_rejected, now, validator_builder};
use time::OffsetDateTime;

const URI: &str = "https://api.example.com/files";

/// An issuer, and a client that holds a key.
struct Client {
    scene: Scene,
    key: TestKey,
}

impl Client {
    fn new() -> Self {
        let key = TestKey::generate("client", SignatureAlgorithm::Es256);
        Self { scene: Scene::new(), key }
    }

    fn jkt(&self) -> Value {
        let set = JwkSet::from_json(json!({ "keys": [self.key.jwk()] }).to_string()).unwrap();
        json!({ "jkt": set.keys().next().unwrap().thumbprint().to_string() })
    }

    fn token(&self) -> TestToken {
        self.scene.token().claim("jti", "t-1").claim("cnf", self.jkt())
    }

    fn proof(&self, token: &str) -> TestToken {
        let mut jwk = self.key.jwk();
        for member in ["kid", "alg", "use"] {
            jwk.as_object_mut().unwrap().remove(member);
        }
        let ath = URL_SAFE_NO_PAD.encode(digest(&SHA256, token.as_bytes()));
        let draft = self.scene.issuer.token("dpop+jwt").signed_by(&self.key).without_header("kid");
        let draft = draft.without("iss").without("exp").without("sub").without("aud");
        draft
            .header("jwk", jwk)
            .claim("iat", NOW)
            .claim("jti", "p-1")
            .claim("htm", "GET")
            .claim("htu", URI)
            .claim("ath", ath)
    }
}

fn guard() -> Arc<MemoryReplayGuard> {
    Arc::new(MemoryReplayGuard::new(100))
}

fn proofs() -> Validator<DpopProofClaims> {
    let builder = validator_builder(Profile::dpop_proof()).algorithms([SignatureAlgorithm::Es256]);
    builder.replay_guard(guard()).build().unwrap()
}

fn facts(proof: &str) -> RequestFacts<'_> {
    RequestFacts::new().dpop_proof(proof).method("GET").uri(URI)
}

/// Access tokens that are good for one use, with DPoP.
fn single_use(client: &Client) -> Validator<AccessTokenClaims> {
    let builder = client.scene.builder_of(Profile::access_token().single_use());
    builder.replay_guard(guard()).dpop(proofs()).build().unwrap()
}

fn tokens(client: &Client) -> Validator<AccessTokenClaims> {
    client.scene.builder_of(Profile::access_token()).dpop(proofs()).build().unwrap()
}

fn rows<C>(appraisal: &Appraisal<C>, prefix: &str) -> Vec<(String, &'static str)> {
    let checks = appraisal.checks().filter(|check| check.code().starts_with(prefix));
    checks.map(|check| (check.code().to_owned(), check.outcome().name())).collect()
}

#[test]
fn accepts_a_bound_token_beside_its_proof() {
    let client = Client::new();
    let token = client.token().sign();
    let proof = client.proof(&token).sign();
    let appraisal = tokens(&client).appraise_with_at(&token, &facts(&proof), now());
    expect_accepted("DP-11", "token and proof", &appraisal);
    let outcomes = rows(&appraisal, "proof.");
    for code in ["proof.form.header", "proof.crypto.signature", "proof.claims.htm"] {
        assert!(outcomes.contains(&(code.to_owned(), "pass")), "{code}: {outcomes:?}");
    }
    assert!(outcomes.contains(&("proof.state.replay".to_owned(), "pass")), "{outcomes:?}");
    let jkt = client.jkt();
    assert_eq!(appraisal.record().bound_to_key(), jkt["jkt"].as_str());
}

#[test]
fn a_token_without_a_proof_is_a_bearer_token() {
    let client = Client::new();
    let validator = tokens(&client);
    let unbound = client.token().without("cnf").sign();
    let appraisal = validator.appraise_at(&unbound, now());
    expect_accepted("DP-13", "not bound, no proof", &appraisal);
    assert!(rows(&appraisal, "proof.").iter().all(|(_, outcome)| *outcome == "absent"));
    let bound = validator.appraise_at(client.token().sign(), now());
    expect_rejected("DP-13", &["claims.cnf"], "bound, no proof", &bound);
}

#[test]
fn rejects_a_proof_that_is_not_for_this_request() {
    let client = Client::new();
    let token = client.token().sign();
    let good = client.proof(&token);
    let other = TestKey::generate("other", SignatureAlgorithm::Es256);
    for (rule, what, proof, code) in [
        ("DP-02", "typ", good.clone().header("typ", "JWT"), "proof.header.typ"),
        ("DP-02", "no key", good.clone().without_header("jwk"), "proof.key.embedded"),
        ("DP-02", "no jti", good.clone().without("jti"), "proof.claims.jti"),
        (
            "DP-04",
            "signed by another key",
            good.clone().signed_by(&other),
            "proof.crypto.signature",
        ),
        ("DP-06", "htm", good.clone().claim("htm", "POST"), "proof.claims.htm"),
        ("DP-07", "htu", good.clone().claim("htu", "https://evil.example"), "proof.claims.htu"),
        ("DP-09", "old", good.clone().claim("iat", NOW - 61), "proof.time.age"),
        ("DP-10", "ath", good.clone().claim("ath", "AAAA"), "proof.claims.ath"),
        ("DP-10", "no ath", good.clone().without("ath"), "proof.claims.ath"),
        ("DP-08", "cnf", good.clone().claim("cnf", json!({})), "proof.claims.cnf"),
    ] {
        let proof = proof.sign();
        let appraisal = tokens(&client).appraise_with_at(&token, &facts(&proof), now());
        expect_rejected(rule, &[code], what, &appraisal);
    }
    for (what, proof) in [("empty", ""), ("three dots", "..."), ("not a token", "\u{0}é")] {
        let appraisal = tokens(&client).appraise_with_at(&token, &facts(proof), now());
        expect_rejected("DP-02", &["proof.form.compact"], what, &appraisal);
    }
    let long = "a".repeat(1024 * 1024);
    let appraisal = tokens(&client).appraise_with_at(&token, &facts(&long), now());
    expect_rejected("DP-02", &["proof.form.size"], "too long", &appraisal);
}

#[test]
fn rejects_a_proof_of_another_key_or_for_another_token() {
    let client = Client::new();
    let thief = Client { scene: Scene::new(), key: Client::new().key };
    let token = client.token().sign();
    let proof = thief.proof(&token).sign();
    let appraisal = tokens(&client).appraise_with_at(&token, &facts(&proof), now());
    expect_rejected("DP-11", &["claims.cnf"], "another key", &appraisal);
    let unbound = client.token().without("cnf").sign();
    let proof = client.proof(&unbound).sign();
    let appraisal = tokens(&client).appraise_with_at(&unbound, &facts(&proof), now());
    expect_rejected("DP-13", &["claims.cnf"], "a token that is not bound", &appraisal);
}

/// A kind whose rule on `cnf` does not know of access tokens is held to the same.
#[test]
fn a_proof_beside_a_custom_kind_is_for_a_bound_token() {
    let client = Client::new();
    let profile = Profile::<Value>::new("receipt+jwt");
    let validator = client.scene.builder_of(profile).dpop(proofs()).build().unwrap();
    let receipt = client.token().header("typ", "receipt+jwt");
    let appraise = |receipt: &TestToken| {
        let receipt = receipt.clone().sign();
        let proof = client.proof(&receipt).sign();
        validator.appraise_with_at(&receipt, &facts(&proof), now())
    };
    expect_accepted("DP-11", "bound", &appraise(&receipt));
    let unbound = appraise(&receipt.clone().without("cnf"));
    expect_rejected("DP-13", &["claims.cnf"], "not bound", &unbound);
}

#[test]
fn a_validator_without_dpop_rejects_a_token_beside_a_proof() {
    let client = Client::new();
    let validator = client.scene.validator_of(Profile::access_token());
    for (what, token) in [("bound", client.token()), ("not bound", client.token().without("cnf"))] {
        let token = token.sign();
        let proof = client.proof(&token).sign();
        let appraisal = validator.appraise_with_at(&token, &facts(&proof), now());
        expect_rejected("DP-13", &["claims.cnf"], what, &appraisal);
    }
}

#[test]
fn a_rejected_token_leaves_its_proof_unverified() {
    let client = Client::new();
    let token = client.token().claim("aud", "https://other.example.com").sign();
    let proof = client.proof(&token).sign();
    let validator = tokens(&client);
    let appraisal = validator.appraise_with_at(&token, &facts(&proof), now());
    expect_rejected("CLM-04", &["claims.aud"], "another audience", &appraisal);
    let outcomes = rows(&appraisal, "proof.");
    assert!(outcomes.contains(&("proof.header.typ".to_owned(), "pass")), "{outcomes:?}");
    assert!(outcomes.contains(&("proof.crypto.signature".to_owned(), "not_reached")));
    assert_eq!(appraisal.record().subject(), Some("user-1"), "the signature of the token passed");
}

#[test]
fn a_malformed_proof_leaves_its_token_unread() {
    let client = Client::new();
    let appraisal = tokens(&client).appraise_with_at("not a token", &facts("x"), now());
    expect_rejected("DP-02", &["proof.form.compact"], "both malformed", &appraisal);
    assert!(!appraisal.record().is_verified());
    assert!(rows(&appraisal, "form.compact").iter().all(|(_, outcome)| *outcome == "not_reached"));
}

#[test]
fn keys_that_a_proof_brings_along_in_vain_are_named() {
    let client = Client::new();
    let token = client.token().sign();
    let proof = client.proof(&token).header("x5u", "https://evil.example/key").sign();
    let appraisal = tokens(&client).appraise_with_at(&token, &facts(&proof), now());
    let check = appraisal.checks().find(|check| check.code() == "proof.header.keys").unwrap();
    let Outcome::Ignored(keys) = check.outcome() else { unreachable!("{check:?}") };
    assert_eq!(keys.names().collect::<Vec<_>>(), ["x5u"]);
    let own = appraisal.checks().find(|check| check.code() == "header.keys").unwrap();
    assert_eq!(own.outcome(), &Outcome::Absent);
}

/// A single-use token is still good after a request that was denied for its proof, nonce or scopes.
#[test]
fn a_denied_request_does_not_use_the_token_up() {
    let client = Client::new();
    let validator = single_use(&client);
    let token = client.token().claim("scope", "read").sign();
    let good = client.proof(&token);
    let appraise = |proof: &TestToken, change: fn(RequestFacts<'_>) -> RequestFacts<'_>| {
        let proof = proof.clone().sign();
        let findings = validator.appraise_with_at(&token, &change(facts(&proof)), now());
        (findings.is_accepted(), findings.findings().map(|row| row.code().to_owned()).collect())
    };
    let denied = |code: &str| (false, vec![code.to_owned()]);
    let post = good.clone().claim("htm", "POST");
    assert_eq!(appraise(&post, |facts| facts), denied("proof.claims.htm"));
    assert_eq!(appraise(&good, |facts| facts.dpop_nonces(["n-1"])), denied("proof.claims.nonce"));
    let scopes = appraise(&good, |facts| facts.required_scopes(["admin"]));
    assert_eq!(scopes, denied("request.scopes"));
    assert_eq!(appraise(&good, |facts| facts.required_scopes(["read"])), (true, vec![]));
    assert_eq!(appraise(&good, |facts| facts), denied("proof.state.replay"));
    let fresh = good.claim("jti", "p-2");
    assert_eq!(appraise(&fresh, |facts| facts), denied("state.replay"));
}

/// A proof that was used before denies the request before the token is remembered.
#[test]
fn a_repeated_proof_does_not_use_the_token_up() {
    let client = Client::new();
    let validator = single_use(&client);
    let token = client.token().sign();
    let [first, second] = ["p-1", "p-2"].map(|jti| client.proof(&token).claim("jti", jti).sign());
    let other = client.token().claim("jti", "t-2").sign();
    let of_other = client.proof(&other).sign();
    assert!(validator.appraise_with_at(&other, &facts(&of_other), now()).is_accepted());
    // The same `jti` by the same caller, so the proof counts as repeated.
    let repeated = validator.appraise_with_at(&token, &facts(&first), now());
    expect_rejected("DP-12", &["proof.state.replay"], "a repeated proof", &repeated);
    assert!(validator.appraise_with_at(&token, &facts(&second), now()).is_accepted());
}

#[test]
fn any_of_several_nonces_is_good() {
    let client = Client::new();
    let token = client.token().sign();
    for (nonce, fine) in [("new", true), ("old", true), ("older", false), ("", false)] {
        let proof = client.proof(&token).claim("nonce", nonce).sign();
        let facts = facts(&proof).dpop_nonces(["new", "old"]);
        let appraisal = tokens(&client).appraise_with_at(&token, &facts, now());
        assert_eq!(appraisal.is_accepted(), fine, "{nonce}: {appraisal}");
    }
    let proof = client.proof(&token).sign();
    let appraisal =
        tokens(&client).appraise_with_at(&token, &facts(&proof).dpop_nonces(["new", "old"]), now());
    expect_rejected("DP-08", &["proof.claims.nonce"], "no nonce", &appraisal);
}

/// Remembers what it was asked, and answers it.
#[derive(Clone, Debug)]
struct Source {
    says: Says,
    asked: Arc<Mutex<Vec<String>>>,
}

impl StateSource for Source {
    fn kinds(&self) -> &[AskKind] {
        &[AskKind::FirstUse]
    }

    async fn ask(&self, questions: &[Question], _: OffsetDateTime) -> Vec<Answer> {
        for question in questions {
            let Ask::FirstUse(first_use) = question.ask() else { unreachable!() };
            self.asked.lock().unwrap().push(format!("{:?}", first_use.token()));
        }
        questions.iter().map(|question| question.answer(self.says)).collect()
    }
}

fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the source answers at once"),
    }
}

/// The use of the proof and the use of the token are asked of the source of each, the proof first.
#[test]
fn the_uses_of_both_are_asked_remotely() {
    for (of_proof, of_token, verdict, asked) in [
        (Says::Clear, Says::Clear, Verdict::Accepted, (1, 1)),
        (Says::Denied, Says::Clear, Verdict::Rejected, (1, 0)),
        (Says::Unknown, Says::Clear, Verdict::Undetermined, (1, 0)),
        (Says::Clear, Says::Denied, Verdict::Rejected, (1, 1)),
        (Says::Clear, Says::Unknown, Verdict::Undetermined, (1, 1)),
    ] {
        let client = Client::new();
        let source = |says| Source { says, asked: Arc::default() };
        let (of_proof, of_token) = (source(of_proof), source(of_token));
        let builder =
            validator_builder(Profile::dpop_proof()).algorithms([SignatureAlgorithm::Es256]);
        let proofs = builder.state_source(of_proof.clone()).build().unwrap();
        let builder = client.scene.builder_of(Profile::access_token().single_use());
        let validator = builder.state_source(of_token.clone()).dpop(proofs).build().unwrap();
        let token = client.token().sign();
        let proof = client.proof(&token).sign();
        let facts = facts(&proof);
        let appraisal = at_once(validator.appraise_async_at(&token, &facts, now()));
        assert_eq!(appraisal.verdict(), verdict, "{appraisal}");
        let counts = [&of_proof, &of_token].map(|source| source.asked.lock().unwrap().len());
        assert_eq!((counts[0], counts[1]), asked);
    }
}

/// A validator is remote as soon as its proofs are.
#[test]
fn remote_proofs_make_a_validator_remote() {
    fn appraises_async<R: Reach>(_: &Validator<AccessTokenClaims, R>) -> &'static str {
        std::any::type_name::<R>()
    }
    let client = Client::new();
    let source = Source { says: Says::Clear, asked: Arc::default() };
    let builder = validator_builder(Profile::dpop_proof()).algorithms([SignatureAlgorithm::Es256]);
    let proofs = builder.state_source(source).build().unwrap();
    let builder = client.scene.builder_of(Profile::access_token());
    let validator = builder.dpop(proofs).build().unwrap();
    assert!(appraises_async(&validator).ends_with("Remote"));
    assert!(appraises_async::<Local>(&tokens(&client)).ends_with("Local"));
}

#[test]
fn a_validator_that_cannot_use_a_proof_does_not_build() {
    let client = Client::new();
    let not_dpop = client.scene.validator_of(Profile::access_token());
    let builder = client.scene.builder_of(Profile::access_token());
    let error = builder.dpop(not_dpop).build().unwrap_err();
    assert!(
        matches!(&error, ConfigError::NotDpop { kind, .. } if &**kind == "access-token"),
        "{error}"
    );
    let own: ValidatorBuilder<IdTokenClaims, _, _> = client.scene.builder_of(Profile::id_token());
    let id_tokens = own.dpop(proofs()).build();
    assert!(id_tokens.is_ok(), "an ID token may be bound to a key");
}

/// An accepted proof is no accepted access token, and the record says which kind was demanded.
#[test]
fn the_record_is_about_the_token() {
    let client = Client::new();
    let token = client.token().sign();
    let proof = client.proof(&token).sign();
    let appraisal = tokens(&client).appraise_with_at(&token, &facts(&proof), now());
    let accepted: &Accepted<AccessTokenClaims> = appraisal.accepted().unwrap();
    assert_eq!(accepted.record().kind(), "access-token");
    assert_eq!(accepted.token_id(), Some("t-1"));
    let json = serde_json::to_string(&accepted.record().with_subjects()).unwrap();
    assert!(!json.contains("p-1") && json.contains("proof.claims.jti"), "{json}");
}
