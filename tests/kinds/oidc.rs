//! OpenID Connect: ID tokens and logout tokens.

use jwt_appraisal::crypto::aws_lc_rs::PROVIDER;
use jwt_appraisal::testing::{TestIssuer, TestKey};
use jwt_appraisal::{
    JwkSet, MacAlgorithm, Profile, RequestFacts, SharedSecret, SignatureAlgorithm, TrustedIssuer,
};
use serde_json::{Value, json};
use time::Duration;

use super::kind::{EVENT, LOGOUT, NONCE, Rows, STATE, facts, guard};
use super::support::{
    AUDIENCE, ISSUER, NOW, expect_accepted, expect_rejected, key_store, now, validator_builder,
};

const ACCESS_TOKEN: &str = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
const CODE: &str = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";

#[test]
fn id_tokens() {
    let rows = Rows::of("id-token", "IDT-01");
    for claim in ["iss", "sub", "aud", "exp", "iat"] {
        rows.refuses(&format!("claims.{claim}"), claim, &rows.good().without(claim));
    }
    rows.accepts("255 characters", &rows.with("sub", "a".repeat(255)));
    rows.refuses("claims.sub", "256 characters", &rows.with("sub", "a".repeat(256)));
    rows.refuses("claims.sub", "not ASCII", &rows.with("sub", "é"));
    rows.rule("IDT-02");
    rows.refuses("claims.iss", "a slash more", &rows.with("iss", format!("{ISSUER}/")));
    rows.rule("IDT-03");
    rows.refuses("claims.aud", "another client", &rows.with("aud", "client-2"));
    rows.refuses("claims.aud", "and another", &rows.with("aud", json!([AUDIENCE, "client-2"])));
    rows.rule("IDT-04");
    rows.accepts("azp", &rows.with("azp", AUDIENCE));
    for azp in [json!("client-2"), json!([AUDIENCE]), json!(null)] {
        rows.refuses("claims.azp", &azp.to_string(), &rows.with("azp", azp.clone()));
    }
    rows.rule("IDT-05 IDT-08");
    rows.refuses("claims.exp", "expired", &rows.with("iat", NOW - 300).claim("exp", NOW - 60));
    rows.refuses("crypto.signature", "forged", &rows.good().signature([1; 64]));
    rows.rule("IDT-10");
    rows.refuses("claims.nonce", "another nonce", &rows.with("nonce", "x"));
    rows.refuses("claims.nonce", "no nonce", &rows.good().without("nonce"));
    rows.refuses_given(&RequestFacts::new(), "claims.nonce", "none was sent", &rows.good());
    rows.accepts_given(&RequestFacts::new(), "none of either", &rows.good().without("nonce"));
    for kind in ["id_token", "code+id_token", "id-token", ""] {
        let implicit = RequestFacts::new().response_type(kind);
        let found =
            super::support::findings(&rows.appraise(&rows.good().without("nonce"), &implicit));
        assert!(found.contains(&"claims.nonce".to_owned()), "IDT-10: {kind}: {found:?}");
    }
    let empty = RequestFacts::new().nonce("");
    rows.refuses_given(&empty, "claims.nonce", "an empty one", &rows.with("nonce", ""));
    rows.rule("IDT-18");
    rows.refuses("header.alg", "unsecured", &rows.good().unsecured());
    rows.rule("IDT-20");
    rows.refuses("claims.events", "a logout token", &rows.with("events", json!({ LOGOUT: {} })));
    for typ in ["at+jwt", "logout+jwt", "secevent+jwt", "kb+jwt", "id_token+jwt"] {
        rows.refuses("header.typ", typ, &rows.good().header("typ", typ));
    }
    rows.accepts("no type", &rows.good().without_header("typ"));
}

#[test]
fn audiences_that_the_client_trusts() {
    let rows = Rows::of("id-token", "IDT-03");
    let profile = Profile::id_token().claims::<Value>().trust_audience("client-2");
    let validator = rows.party.issued(profile).build().unwrap();
    let appraise = |aud: Value| {
        let token = rows.with("aud", aud).sign();
        validator.appraise_with_at(token, &facts(), now())
    };
    expect_accepted("IDT-03", "trusted", &appraise(json!([AUDIENCE, "client-2"])));
    expect_rejected("IDT-03", &["claims.aud"], "alone", &appraise(json!(["client-2"])));
    let third = appraise(json!([AUDIENCE, "client-2", "client-3"]));
    expect_rejected("IDT-03", &["claims.aud"], "a third", &third);
}

#[test]
fn how_the_user_authenticated() {
    let rows = Rows::of("id-token", "IDT-11");
    let demanded = || facts().acr_values(["loa2"]);
    rows.accepts_given(&demanded(), "the class", &rows.with("acr", "loa2"));
    rows.refuses_given(&demanded(), "claims.acr", "another", &rows.with("acr", "loa1"));
    rows.refuses_given(&demanded(), "claims.acr", "none", &rows.good());
    rows.rule("IDT-12");
    let fresh = || facts().max_authentication_age(Duration::seconds(300));
    rows.accepts_given(&fresh(), "just within", &rows.with("auth_time", NOW - 360));
    rows.refuses_given(&fresh(), "claims.auth_time", "beyond", &rows.with("auth_time", NOW - 361));
    rows.refuses_given(&fresh(), "claims.auth_time", "none", &rows.good());
    for bad in [json!("now"), json!(null), json!([NOW])] {
        rows.refuses("claims.auth_time", &bad.to_string(), &rows.with("auth_time", bad.clone()));
    }
}

#[test]
fn hashes_of_what_came_along() {
    let hash = |value: &str| PROVIDER.token_hash("ES256", None, value).unwrap();
    let rows = Rows::of("id-token", "IDT-13");
    for (rule, claim, value, given) in [
        ("IDT-13", "at_hash", ACCESS_TOKEN, facts().access_token(ACCESS_TOKEN)),
        ("IDT-14", "c_hash", CODE, facts().code(CODE)),
        ("IDT-15", "s_hash", STATE, facts()),
    ] {
        rows.rule(rule);
        let check = format!("claims.{claim}");
        rows.accepts_given(&given, claim, &rows.with(claim, hash(value)));
        rows.accepts_given(&given, "absent in the code flow", &rows.good());
        for wrong in
            [hash("x"), hash(value).to_uppercase(), format!("{}=", hash(value)), String::new()]
        {
            rows.refuses_given(&given, &check, &wrong, &rows.with(claim, wrong.as_str()));
        }
        rows.refuses_given(&given, &check, "a number", &rows.with(claim, 1));
        let nothing = RequestFacts::new().nonce(NONCE);
        let token = rows.with(claim, hash(value));
        rows.refuses_given(&nothing, &check, "of what was not given", &token);
    }
    rows.rule("IDT-13 IDT-14");
    let both = |kind| facts().access_token(ACCESS_TOKEN).code(CODE).response_type(kind);
    let with_both = || rows.with("at_hash", hash(ACCESS_TOKEN)).claim("c_hash", hash(CODE));
    rows.accepts_given(&both("code id_token token"), "hybrid", &with_both());
    for kind in ["id_token token", "code id_token token"] {
        let token = with_both().without("at_hash");
        rows.refuses_given(&both(kind), "claims.at_hash", kind, &token);
    }
    for kind in ["code id_token", "code id_token token"] {
        rows.refuses_given(&both(kind), "claims.c_hash", kind, &with_both().without("c_hash"));
    }
    rows.accepts_given(&both("code"), "in the code flow", &rows.good());
}

/// The hash is chosen by the algorithm of the ID token, and by the curve of its key.
#[test]
fn the_hash_belongs_to_the_algorithm() {
    use SignatureAlgorithm as Alg;
    for alg in [Alg::Es256, Alg::Es384, Alg::Ed25519, Alg::EdDsa] {
        let issuer = TestIssuer::new(ISSUER).with_key(TestKey::generate("k1", alg));
        let keys = key_store([alg], JwkSet::from_json(issuer.jwks()).unwrap()).unwrap();
        let client = validator_builder(Profile::id_token().claims::<Value>())
            .issuer(TrustedIssuer::new(ISSUER, keys))
            .audience(AUDIENCE)
            .build()
            .unwrap();
        let expect = RequestFacts::new().access_token(ACCESS_TOKEN);
        for of in ["ES256", "ES384", "Ed25519"] {
            let hash = PROVIDER.token_hash(of, None, ACCESS_TOKEN).unwrap();
            let draft = issuer.token("JWT").at(NOW).claim("aud", AUDIENCE).claim("sub", "u");
            let token = draft.claim("at_hash", hash).sign();
            let appraisal = client.appraise_with_at(token, &expect, now());
            let right = of == alg.name() || (of == "Ed25519" && alg == Alg::EdDsa);
            let what = format!("{} with the hash of {of}", alg.name());
            if right {
                expect_accepted("IDT-16", &what, &appraisal);
            } else {
                expect_rejected("IDT-16", &["claims.at_hash"], &what, &appraisal);
            }
        }
    }
}

#[test]
fn id_tokens_by_a_client_secret() {
    let secret = [9; 32];
    let key = TestKey::secret("s", MacAlgorithm::Hs256, &secret);
    let issuer = TestIssuer::new(ISSUER).with_key(key);
    let profile = Profile::id_token().claims::<Value>().trust_audience("client-2");
    let client = validator_builder(profile)
        .shared_secret(ISSUER, SharedSecret::new(MacAlgorithm::Hs256, &secret).unwrap())
        .audience(AUDIENCE)
        .build()
        .unwrap();
    let appraise = |aud: Value| {
        let draft = issuer.token("JWT").at(NOW).claim("sub", "u").claim("aud", aud);
        client.appraise_at(draft.sign(), now())
    };
    expect_accepted("IDT-07", "one audience", &appraise(json!(AUDIENCE)));
    expect_accepted("IDT-07", "an array of one", &appraise(json!([AUDIENCE])));
    let shared = appraise(json!([AUDIENCE, "client-2"]));
    expect_rejected("IDT-07", &["claims.aud"], "whose secret?", &shared);
}

#[test]
fn logout_tokens() {
    let rows = Rows::of("logout-token", "LO-01");
    for claim in ["iss", "aud", "iat", "exp", "jti", "events"] {
        rows.refuses(&format!("claims.{claim}"), claim, &rows.good().without(claim));
    }
    rows.refuses("claims.sid", "neither sid nor sub", &rows.good().without("sid"));
    rows.accepts("sub alone", &rows.good().without("sid").claim("sub", "user-1"));
    rows.accepts("both", &rows.with("sub", "user-1"));
    for sid in [json!(1), json!(null), json!("")] {
        rows.refuses("claims.sid", &sid.to_string(), &rows.with("sid", sid.clone()));
    }
    rows.rule("LO-02");
    for events in [
        json!(null),
        json!([LOGOUT]),
        json!(LOGOUT),
        json!({}),
        json!({ EVENT: {} }),
        json!({ LOGOUT: true }),
        json!({ LOGOUT: null }),
        json!({ LOGOUT: [] }),
    ] {
        rows.refuses("claims.events", &events.to_string(), &rows.with("events", events.clone()));
    }
    rows.accepts("with another", &rows.with("events", json!({ LOGOUT: {}, EVENT: {} })));
    rows.rule("LO-03");
    rows.refuses("claims.nonce", "an ID token's", &rows.with("nonce", NONCE));
    rows.refuses("claims.nonce", "even null", &rows.with("nonce", Value::Null));
    rows.rule("LO-04");
    rows.refuses("header.alg", "unsecured", &rows.good().unsecured());
    rows.rule("LO-05");
    rows.refuses("header.typ", "untyped", &rows.good().without_header("typ"));
    rows.rule("LO-06");
    rows.refuses("claims.iss", "another provider", &rows.with("iss", "https://b.example"));
    rows.refuses("claims.aud", "another client", &rows.with("aud", "client-2"));
    rows.refuses("claims.aud", "and another", &rows.with("aud", json!([AUDIENCE, "client-2"])));
    rows.refuses("claims.iat", "ahead", &rows.with("iat", NOW + 61).claim("exp", NOW + 120));
    rows.rule("LO-08");
    rows.refuses("time.lifetime", "over two minutes", &rows.with("exp", NOW + 121));
    let legacy = rows.party.issued(Profile::logout_token_legacy().claims()).replay_guard(guard());
    let legacy = legacy.build().unwrap();
    let token = rows.with("exp", NOW + 3_600).header("typ", "JWT").sign();
    expect_accepted("LO-05", "legacy", &legacy.appraise_at(token, now()));
    let other = rows.good().header("typ", "secevent+jwt").sign();
    let appraisal = legacy.appraise_at(other, now());
    expect_rejected("LO-05", &["header.typ"], "another type", &appraisal);
}
