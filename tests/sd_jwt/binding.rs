//! Key binding: the holder's JWT behind the disclosures, as the second token of the appraisal.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_appraisal::kind::KindBuilder;
use jwt_appraisal::testing::{TestDisclosure, TestIssuer, TestKey, TestToken};
use jwt_appraisal::{
    Appraisal, ConfigError, KeyBindingClaims, MemoryReplayGuard, Outcome, Profile, ReasonKind,
    RequestFacts, SignatureAlgorithm, Validator, rules,
};
use ring::digest::{Algorithm, SHA256, SHA512, digest};
use serde_json::{Value, json};
use std::sync::Arc;

use super::membership::{Club, Membership, kind};
use super::support::{
    AUDIENCE, NOW, Scene, expect_accepted, expect_rejected, now, validator_builder,
};

const NONCE: &str = "n-0S6_WzA2Mj";

/// The hash of everything before the key-binding JWT.
fn sd_hash(algorithm: &'static Algorithm, presented: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(algorithm, presented.as_bytes()))
}

/// A credential that is bound to a key, and its holder.
struct Bound {
    club: Club,
    holder: TestIssuer,
    validator: Validator<Membership>,
}

impl Bound {
    fn new() -> Self {
        let club = Club::new();
        let validator = club.builder_of(kind().profile()).key_binding(holders()).build().unwrap();
        Self { club, holder: holder(), validator }
    }

    fn credential(&self) -> TestToken {
        self.club.draft().claim("cnf", json!({"jwk": self.holder.key().jwk()}))
    }

    /// The credential with all of its disclosures.
    fn presented(&self) -> String {
        self.credential().present(self.club.disclosures.all())
    }

    /// A good key-binding JWT for what is presented.
    fn binding(&self, presented: &str) -> TestToken {
        let draft = self.holder.token("kb+jwt").without("iss").at(NOW).without("exp");
        draft
            .without_header("kid")
            .claim("aud", AUDIENCE)
            .claim("nonce", NONCE)
            .claim("sd_hash", sd_hash(&SHA256, presented))
    }

    fn appraise(&self, presentation: &str) -> Appraisal<Membership> {
        self.validator.appraise_with_at(presentation, &RequestFacts::new().nonce(NONCE), now())
    }

    /// The good presentation with another key-binding JWT is rejected by one check alone.
    #[track_caller]
    fn rejects(&self, code: &str, what: &str, change: impl FnOnce(TestToken) -> TestToken) {
        let presented = self.presented();
        let binding = change(self.binding(&presented)).sign();
        expect_rejected("SD-18", &[code], what, &self.appraise(&(presented + &binding)));
    }

    /// A presentation of another credential with a good key-binding JWT is rejected by one check alone.
    #[track_caller]
    fn rejects_credential(&self, code: &str, what: &str, credential: &TestToken) {
        let presented = credential.present([]);
        let presentation = presented.clone() + &self.binding(&presented).sign();
        expect_rejected("SD-18", &[code], what, &self.appraise(&presentation));
    }
}

fn holder() -> TestIssuer {
    TestIssuer::new("holder").with_key(TestKey::generate("h1", SignatureAlgorithm::Es256))
}

fn holders() -> Validator<KeyBindingClaims> {
    validator_builder(Profile::key_binding())
        .algorithms([SignatureAlgorithm::Es256, SignatureAlgorithm::Ed25519])
        .for_audience(AUDIENCE)
        .build()
        .unwrap()
}

#[test]
fn a_holder_shows_possession_of_the_confirmed_key() {
    let bound = Bound::new();
    for presented in [bound.presented(), bound.credential().present([])] {
        let presentation = presented.clone() + &bound.binding(&presented).sign();
        expect_accepted("SD-18", "bound", &bound.appraise(&presentation));
    }
    // A `kid`, and an `exp` that is ahead, do no harm.
    let presented = bound.presented();
    let binding = bound.binding(&presented).header("kid", "h1").claim("exp", NOW + 60);
    expect_accepted("SD-18", "more claims", &bound.appraise(&(presented + &binding.sign())));
}

#[test]
fn the_claims_type_sees_the_confirmation_and_nothing_of_the_second_token() {
    let bound = Bound::new();
    let validator = bound.club.builder_of(kind().profile::<Value>()).key_binding(holders()).build();
    let presented = bound.presented();
    let presentation = presented.clone() + &bound.binding(&presented).sign();
    let facts = RequestFacts::new().nonce(NONCE);
    let accepted = validator.unwrap().appraise_with_at(presentation, &facts, now());
    let claims = accepted.into_result().unwrap().into_claims();
    assert_eq!(claims["cnf"]["jwk"], bound.holder.key().jwk());
    assert_eq!(claims["name"], "Erika");
    assert!(claims.get("nonce").is_none() && claims.get("sd_hash").is_none());
}

#[test]
fn the_rows_of_the_second_token_follow() {
    let bound = Bound::new();
    let codes: Vec<_> = bound.validator.checks().map(ToString::to_string).collect();
    let proof: Vec<_> = codes.iter().filter_map(|code| code.strip_prefix("proof.")).collect();
    let alone: Vec<_> = holders().checks().map(ToString::to_string).collect();
    assert_eq!(proof, alone);
    assert_eq!(
        codes.iter().position(|code| code.starts_with("proof.")).unwrap(),
        codes.len() - proof.len()
    );
    assert!(proof.contains(&"key.confirmed") && proof.contains(&"claims.sd_hash"));
}

#[test]
fn a_demanded_key_binding_is_not_skipped() {
    let bound = Bound::new();
    let code = "sd_jwt.key_binding";
    let stripped = bound.appraise(&bound.presented());
    expect_rejected("SD-03", &[code], "stripped", &stripped);
    let unbound = bound.appraise(&bound.club.draft().present([]));
    expect_rejected("SD-03", &[code], "an unbound credential", &unbound);
    // Whether it is demanded is not decided by what is presented.
    let bearer = bound.club.validator();
    let presented = bound.presented();
    let presentation = presented.clone() + &bound.binding(&presented).sign();
    expect_rejected("SD-02", &[code], "not demanded", &bearer.appraise_at(presentation, now()));
    expect_rejected("SD-02", &["claims.cnf"], "bearer", &bearer.appraise_at(presented, now()));
}

#[test]
fn the_form_and_the_header_of_a_key_binding_jwt() {
    let bound = Bound::new();
    let presented = bound.presented();
    for (code, binding) in [
        ("proof.form.compact", "..".to_owned()),
        ("proof.form.compact", "e30.e30.A+".to_owned()),
        ("proof.form.base64url", "e30.e30.AB".to_owned()),
        ("proof.form.header", "AAAA.e30.AA".to_owned()),
    ] {
        expect_rejected(
            "SD-18",
            &[code],
            &binding,
            &bound.appraise(&format!("{presented}{binding}")),
        );
    }
    bound.rejects("proof.header.typ", "JWT", |draft| draft.header("typ", "JWT"));
    bound.rejects("proof.header.typ", "no type", |draft| draft.without_header("typ"));
    bound.rejects("proof.header.typ", "a DPoP proof", |draft| draft.header("typ", "dpop+jwt"));
    bound.rejects("proof.header.alg", "unsecured", TestToken::unsecured);
    bound.rejects("proof.header.alg", "a MAC", |draft| draft.header("alg", "HS256"));
    bound.rejects("proof.header.alg", "not permitted", |draft| draft.header("alg", "ES384"));
    bound.rejects("proof.header.crit", "critical", |draft| {
        draft.header("crit", json!(["x"])).header("x", 1)
    });
}

#[test]
fn the_key_is_the_one_that_the_issuer_confirmed() {
    let bound = Bound::new();
    let other = TestKey::generate("h1", SignatureAlgorithm::Es256);
    let code = "proof.crypto.signature";
    bound.rejects(code, "another key", |draft| draft.signed_by(&other));
    bound.rejects(code, "a key of its own header", |draft| {
        draft.signed_by(&other).header("jwk", other.jwk())
    });
    let issuer = bound.club.issuer.key().clone();
    bound.rejects(code, "the issuer's key", |draft| draft.signed_by(&issuer));
    let ed25519 = TestKey::generate("h1", SignatureAlgorithm::Ed25519);
    let code = "proof.key.confirmed";
    bound.rejects(code, "an algorithm of another key", |draft| draft.signed_by(&ed25519));
    bound.rejects_credential(code, "no cnf", &bound.club.draft());
    for (what, jwk) in [
        ("no key", json!({})),
        ("a text", json!("key")),
        ("a secret", json!({"kty": "oct", "k": "AAAA"})),
        ("another curve", TestKey::generate("h1", SignatureAlgorithm::Es384).jwk()),
    ] {
        let credential = bound.club.draft().claim("cnf", json!({ "jwk": jwk }));
        bound.rejects_credential(code, what, &credential);
    }
    for alg in ["ES384", "HS256"] {
        let mut jwk = bound.holder.key().jwk();
        jwk["alg"] = json!(alg);
        let credential = bound.club.draft().claim("cnf", json!({ "jwk": jwk }));
        bound.rejects_credential(code, alg, &credential);
    }
    let mut private = bound.holder.key().jwk();
    private["d"] = json!("AAAA");
    let credential = bound.club.draft().claim("cnf", json!({ "jwk": private }));
    bound.rejects_credential(code, "a private key", &credential);
}

/// A key-binding JWT shows possession of `cnf.jwk` and of nothing else.
#[test]
fn other_confirmations_are_not_satisfied() {
    let bound = Bound::new();
    let jwk = bound.holder.key().jwk();
    for cnf in [
        json!({"jwk": jwk, "jkt": "AAAA"}),
        json!({"jwk": jwk, "kid": "h1"}),
        json!({"jkt": "AAAA"}),
        json!({"kid": "h1"}),
        json!({}),
        json!("key"),
    ] {
        let credential = bound.club.draft().claim("cnf", cnf.clone());
        bound.rejects_credential("claims.cnf", &cnf.to_string(), &credential);
    }
    let presented = bound.presented();
    let presentation = presented.clone() + &bound.binding(&presented).sign();
    let beside = RequestFacts::new().nonce(NONCE).dpop_proof("e30.e30.AA");
    let appraisal = bound.validator.appraise_with_at(presentation, &beside, now());
    expect_rejected("SD-18", &["claims.cnf"], "beside a DPoP proof", &appraisal);
}

#[test]
fn it_is_for_this_verifier_and_this_nonce() {
    let bound = Bound::new();
    let code = "proof.claims.aud";
    bound.rejects(code, "another", |draft| draft.claim("aud", "https://other.example"));
    bound.rejects(code, "an array", |draft| draft.claim("aud", json!([AUDIENCE])));
    bound.rejects(code, "a number", |draft| draft.claim("aud", 7));
    bound.rejects(code, "none", |draft| draft.without("aud"));
    let code = "proof.claims.nonce";
    bound.rejects(code, "another", |draft| draft.claim("nonce", "other"));
    bound.rejects(code, "empty", |draft| draft.claim("nonce", ""));
    bound.rejects(code, "a number", |draft| draft.claim("nonce", 7));
    bound.rejects(code, "none", |draft| draft.without("nonce"));
    // Without a nonce that was given out, none is right.
    let presented = bound.presented();
    let presentation = presented.clone() + &bound.binding(&presented).sign();
    let appraisal = bound.validator.appraise_at(presentation, now());
    expect_rejected("SD-18", &[code], "no nonce was given out", &appraisal);
    assert_eq!(appraisal.findings().next().unwrap().kind(), Some(ReasonKind::FactNotGiven));
}

#[test]
fn it_is_recent() {
    let bound = Bound::new();
    bound.rejects("proof.claims.iat", "no iat", |draft| draft.without("iat"));
    bound.rejects("proof.claims.iat", "ahead", |draft| draft.claim("iat", NOW + 6));
    bound.rejects("proof.time.age", "old", |draft| draft.claim("iat", NOW - 61));
    bound.rejects("proof.claims.exp", "expired", |draft| draft.claim("exp", NOW - 61));
    bound.rejects("proof.claims.nbf", "not yet", |draft| draft.claim("nbf", NOW + 61));
    bound.rejects("proof.claims.cnf", "bound itself", |draft| draft.claim("cnf", json!({})));
}

#[test]
fn it_is_for_what_was_presented() {
    let bound = Bound::new();
    let code = "proof.claims.sd_hash";
    bound.rejects(code, "none", |draft| draft.without("sd_hash"));
    bound.rejects(code, "a number", |draft| draft.claim("sd_hash", 7));
    let presented = bound.presented();
    let unterminated = presented.strip_suffix('~').unwrap();
    for (what, hash) in [
        ("without the last tilde", sd_hash(&SHA256, unterminated)),
        ("of the issuer's JWT", sd_hash(&SHA256, &bound.credential().sign())),
        ("by another function", sd_hash(&SHA512, &presented)),
    ] {
        bound.rejects(code, what, |draft| draft.claim("sd_hash", hash));
    }
    // The same credential, presented otherwise.
    let shown = &bound.club.disclosures;
    let credential = bound.credential();
    let jwt = credential.sign();
    let tail = |disclosures: &[&TestDisclosure]| -> String {
        disclosures.iter().map(|disclosure| format!("{disclosure}~")).collect()
    };
    let of_name = format!("{jwt}~{}", tail(&[&shown.name]));
    let binding = bound.binding(&of_name).sign();
    for other in [
        format!("{jwt}~{binding}"),
        format!("{jwt}~{}{binding}", tail(&[&shown.name, &shown.address])),
        format!("{jwt}~{}{binding}", tail(&[&shown.team])),
    ] {
        expect_rejected("SD-18", &[code], "another presentation", &bound.appraise(&other));
    }
    expect_accepted("SD-18", "this presentation", &bound.appraise(&(of_name + &binding)));
}

/// The hash function is the one of the credential.
#[test]
fn the_hash_is_by_the_function_of_the_credential() {
    let bound = Bound::new();
    let credential = bound.credential().without("_sd").without("teams").claim("teams", json!([]));
    let presented = credential.claim("_sd_alg", "sha-512").present([]);
    let good = bound.binding(&presented).claim("sd_hash", sd_hash(&SHA512, &presented)).sign();
    expect_accepted("SD-18", "sha-512", &bound.appraise(&(presented.clone() + &good)));
    let other = bound.binding(&presented).sign();
    let appraisal = bound.appraise(&(presented + &other));
    expect_rejected("SD-18", &["proof.claims.sd_hash"], "sha-256", &appraisal);
}

/// Of a bad credential the key-binding JWT is not even verified.
#[test]
fn the_credential_comes_first() {
    let bound = Bound::new();
    let expired = bound.credential().claim("exp", NOW - 600);
    bound.rejects_credential("claims.exp", "expired", &expired);
    let presented = expired.present([]);
    let appraisal = bound.appraise(&(presented.clone() + &bound.binding(&presented).sign()));
    let outcome =
        |code: &str| appraisal.checks().find(|check| check.id() == code).unwrap().outcome().clone();
    assert_eq!(outcome("proof.header.typ"), Outcome::Pass);
    for code in ["proof.key.confirmed", "proof.crypto.signature", "proof.claims.sd_hash"] {
        assert_eq!(outcome(code), Outcome::NotReached, "{code}");
    }
}

#[test]
fn alone_it_is_nothing() {
    let bound = Bound::new();
    let presented = bound.presented();
    let binding = bound.binding(&presented).sign();
    let alone = holders().appraise_with_at(&binding, &RequestFacts::new().nonce(NONCE), now());
    expect_rejected("SD-18", &["key.confirmed"], "alone", &alone);
    let as_credential = bound.appraise(&format!("{binding}~{binding}"));
    expect_rejected("SD-18", &["header.typ"], "as a credential", &as_credential);
    Scene::new().refuses("SD-18", "header.typ", "as an access token", &binding);
}

#[test]
fn what_does_not_build() {
    let club = Club::new();
    let built =
        Scene::new().builder_of(Profile::<Value>::new("a+jwt")).key_binding(holders()).build();
    assert!(matches!(built, Err(ConfigError::Unused { setting: "key_binding", .. })), "{built:?}");
    let unbound = kind().rules([rules::CNF.forbidden()]).profile::<Value>();
    let built = club.builder_of(unbound).key_binding(holders()).build();
    assert!(matches!(built, Err(ConfigError::Unused { setting: "key_binding", .. })), "{built:?}");
    let proofs = validator_builder(Profile::dpop_proof())
        .algorithms([SignatureAlgorithm::Es256])
        .replay_guard(Arc::new(MemoryReplayGuard::new(1)))
        .build()
        .unwrap();
    let built = club.builder_of(kind().profile::<Value>()).dpop(proofs).build();
    assert!(matches!(built, Err(ConfigError::Unused { setting: "dpop", .. })), "{built:?}");
    // A kind of another crate has the claims type, but not the rules.
    let weak = KindBuilder::signed_with_header_key("weak").typ("weak+jwt");
    let weak = weak.rules([rules::EXP, rules::NBF, rules::CNF, rules::LIFETIME]).profile();
    let weak = validator_builder(weak).algorithms([SignatureAlgorithm::Es256]).build().unwrap();
    let built = club.builder_of(kind().profile::<Value>()).key_binding(weak).build();
    assert!(matches!(&built, Err(ConfigError::NotKeyBinding { kind, .. }) if &**kind == "weak"));
    let nameless = validator_builder(Profile::key_binding());
    let built = nameless.algorithms([SignatureAlgorithm::Es256]).build();
    assert!(matches!(built, Err(ConfigError::NoAudience)), "{built:?}");
    // Neither its name nor its type is free.
    let posing = KindBuilder::issued("key-binding").typ("x+jwt").rules(rules::COMMON);
    let built = club.builder_of(posing.profile::<Value>()).build();
    assert!(matches!(built, Err(ConfigError::KindName { .. })), "{built:?}");
    let built = club.builder_of(Profile::<Value>::new("kb+jwt")).build();
    assert!(matches!(built, Err(ConfigError::TypHasProfile { .. })), "{built:?}");
}
