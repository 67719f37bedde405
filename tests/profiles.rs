//! What each kind of token demands: one member of a good token changed at a time, each row with
//! the rule's id and the check that has to fail.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod support;

use jwt_appraisal::testing::{TestKey, TestToken};
use jwt_appraisal::{AccessTokenClaims, Profile, SharedSecret, Validator, danger};
use serde_json::{Value, json};
use support::{
    AUDIENCE, ISSUER, NOW, Scene, expect_accepted, expect_rejected, findings, key_store, now,
    validator_builder,
};
use time::Duration;

/// A good token's claims with a text put before the first member.
fn claims_beginning_with(draft: TestToken, members: &str) -> String {
    let claims = draft.claims_json().replacen('{', &format!("{{{members},"), 1);
    draft.raw_payload(claims).sign()
}

/// A good token with the number of a claim written as given.
fn written(draft: TestToken, claim: &str, number: &str) -> String {
    let claims = draft.without(claim);
    claims_beginning_with(claims, &format!(r#""{claim}":{number}"#))
}

#[test]
fn parties() {
    let scene = Scene::new();
    let claim = |name: &str, value: Value| scene.token().claim(name, value).sign();
    for iss in [
        json!("https://as.example.com/"),
        json!("https://as.example.co"),
        json!("https://as.example.com.attacker.example"),
        json!("HTTPS://as.example.com"),
        json!(""),
        json!(null),
        json!(7),
        json!([ISSUER]),
        json!([ISSUER, "https://attacker.example"]),
        json!({"iss": ISSUER}),
    ] {
        let what = iss.to_string();
        scene.refuses("CLM-08 AT-03 CLM-15", "claims.iss", &what, claim("iss", iss));
    }
    scene.refuses("AT-02", "claims.iss", "no iss", scene.token().without("iss").sign());
    for aud in
        [json!([AUDIENCE]), json!(["https://other.example", AUDIENCE]), json!([AUDIENCE, AUDIENCE])]
    {
        scene.accepts("CLM-06 AT-04", &aud.to_string(), claim("aud", aud));
    }
    for aud in [
        json!("https://api.example.com/"),
        json!("https://api.example.co"),
        json!("https://API.example.com"),
        json!("https://other.example"),
        json!(""),
        json!([]),
        json!(["https://other.example"]),
        json!([AUDIENCE, null]),
        json!([AUDIENCE, 7]),
        json!([[AUDIENCE]]),
        json!({"aud": AUDIENCE}),
        json!(true),
        json!(7),
        json!(null),
    ] {
        let what = aud.to_string();
        scene.refuses("CLM-06 CLM-07 AT-04 CLM-15", "claims.aud", &what, claim("aud", aud));
    }
    let token = scene.token().without("aud").sign();
    scene.refuses("AT-02 CLM-07", "claims.aud", "no aud", token);
    scene.refuses("CLM-10", "claims.aud", "no URI", claim("aud", json!([AUDIENCE, "a b:c"])));
    for sub in [json!(7), json!(null), json!(["user-1"]), json!({}), json!("")] {
        scene.refuses("AT-02 CLM-09 CLM-15", "claims.sub", &sub.to_string(), claim("sub", sub));
    }
    scene.refuses("AT-02", "claims.sub", "no sub", scene.token().without("sub").sign());
    for sub in ["a b:c", "1:2", ":", "a:\u{e9}", "a:%zz", "a:%4g", "a:%g4", "a:%4", "a:<b>"] {
        scene.refuses("CLM-10", "claims.sub", sub, claim("sub", json!(sub)));
    }
    // Of characters that URIs have, but not in the places where they have them.
    for sub in ["a:b[c]", "a:#b#c", "a://h:port", "a://[::1", "a://b@c@d", "a://[1.2.3.4]"] {
        scene.refuses("CLM-10", "claims.sub", sub, claim("sub", json!(sub)));
        let aud = json!([AUDIENCE, sub]);
        scene.refuses("CLM-10", "claims.aud", sub, claim("aud", aud));
    }
    for sub in ["user 1", "é", "urn:x:1", "repo:o/r:ref:refs/heads/main", "a:%2f"] {
        scene.accepts("CLM-10", sub, claim("sub", json!(sub)));
    }
    for (claim_name, code) in [("jti", "claims.jti"), ("client_id", "claims.client_id")] {
        for value in [json!(7), json!(null), json!([]), json!({}), json!("")] {
            let token = claim(claim_name, value.clone());
            scene.refuses("AT-02 AC-05", code, &value.to_string(), token);
        }
        let token = scene.token().without(claim_name).sign();
        scene.refuses("AT-02", code, claim_name, token);
    }
}

#[test]
fn times() {
    let scene = Scene::new();
    let claim = |name: &str, value: Value| scene.token().claim(name, value).sign();
    let draft = || scene.token().claim("iat", NOW - 900);
    for (what, exp) in [("a second within the leeway", NOW - 59), ("ahead", NOW + 1)] {
        scene.accepts("CLM-01 AT-06", what, draft().claim("exp", exp).sign());
    }
    for (what, exp) in [("just beyond the leeway", NOW - 60), ("long ago", NOW - 800)] {
        let token = draft().claim("exp", exp).sign();
        scene.refuses("CLM-01 AT-06", "claims.exp", what, token);
    }
    scene.refuses("AT-02", "claims.exp", "no exp", scene.token().without("exp").sign());
    scene.accepts("CLM-02", "nbf just within the leeway", claim("nbf", json!(NOW + 60)));
    scene.refuses("CLM-02", "claims.nbf", "nbf just beyond", claim("nbf", json!(NOW + 61)));
    scene.accepts("CLM-03", "iat just within the leeway", claim("iat", json!(NOW + 60)));
    scene.refuses("CLM-03", "claims.iat", "iat just beyond", claim("iat", json!(NOW + 61)));
    scene.refuses("AT-02", "claims.iat", "no iat", scene.token().without("iat").sign());
    for (name, code) in [
        ("exp", "claims.exp"),
        ("nbf", "claims.nbf"),
        ("iat", "claims.iat"),
        ("auth_time", "claims.auth_time"),
    ] {
        for value in [json!("1800000000"), json!(true), json!([NOW]), json!({}), json!(null)] {
            let what = format!("{name} {value}");
            scene.refuses("CLM-04 CLM-15 CLM-03", code, &what, claim(name, value));
        }
        for number in
            ["1e15", "-1e15", "18446744073709551615", "-9223372036854775808", "253402300800"]
        {
            let what = format!("{name} {number}");
            scene.refuses("CLM-04", code, &what, written(scene.token(), name, number));
        }
    }
    scene.accepts("CLM-04", "a fraction", written(scene.token(), "exp", "1800000100.5"));
    scene.accepts("CLM-04", "an exponent", written(scene.token(), "exp", "1.8000001e9"));
    let exp = written(draft(), "exp", "1799999940.9");
    scene.refuses("CLM-04", "claims.exp", "a fraction does not prolong", exp);
    let nbf = written(scene.token(), "nbf", "1800000060.1");
    scene.refuses("CLM-04", "claims.nbf", "a fraction does not advance", nbf);
    scene.refuses("CLM-01", "claims.exp", "before the epoch", claim("exp", json!(-1)));
    let day = 24 * 60 * 60;
    scene.accepts("CLM-01", "24 hours", claim("exp", json!(NOW + day)));
    let token = claim("exp", json!(NOW + day + 1));
    scene.refuses("CLM-01", "time.lifetime", "longer than 24 hours", token);
}

#[test]
fn scopes_and_details() {
    let scene = Scene::new();
    let claim = |name: &str, value: Value| scene.token().claim(name, value).sign();
    for scope in ["", "read", "read write", "files:read urn:x/y?z=1"] {
        scene.accepts("AT-09", scope, claim("scope", json!(scope)));
    }
    for scope in [
        json!(7),
        json!(["read"]),
        json!(null),
        json!({}),
        json!(" "),
        json!("read  write"),
        json!("read "),
        json!("read\twrite"),
        json!("re\"ad"),
        json!("re\\ad"),
        json!("réad"),
    ] {
        let what = scope.to_string();
        scene.refuses("AT-09 AC-05", "claims.scope", &what, claim("scope", scope));
    }
    scene.accepts("AT-09", "no scope", scene.token().without("scope").sign());
    let detail = json!([{"type": "payment", "actions": ["pay"], "identifier": "1", "amount": 1}]);
    scene.accepts("AT-17", "a detail", claim("authorization_details", detail));
    scene.accepts("AT-17 RA-03", "no details", claim("authorization_details", json!([])));
    for details in [
        json!(null),
        json!("payment"),
        json!({"type": "payment"}),
        json!(["payment"]),
        json!([{}]),
        json!([{"type": 7}]),
        json!([{"type": ""}]),
        json!([{"type": "x", "actions": "pay"}]),
        json!([{"type": "x", "locations": [7]}]),
        json!([{"type": "x", "identifier": 7}]),
        json!([{"type": "x", "datatypes": {}}]),
        json!([{"type": "x", "privileges": [null]}]),
        json!([{"type": "x"}, {"Type": "x"}]),
    ] {
        let what = details.to_string();
        let token = claim("authorization_details", details);
        scene.refuses("AT-17 RA-01", "claims.authorization_details", &what, token);
    }
    for (name, code, value) in [
        ("acr", "claims.acr", json!(1)),
        ("acr", "claims.acr", json!([])),
        ("amr", "claims.amr", json!("pwd")),
        ("amr", "claims.amr", json!([1])),
    ] {
        scene.refuses("AT-12", code, name, claim(name, value));
    }
    let token = scene.token().claim("acr", "high").claim("amr", json!(["pwd"]));
    scene.accepts("AT-12", "acr, amr, auth_time", token.claim("auth_time", NOW).sign());
}

#[test]
fn possession_and_delegation() {
    let scene = Scene::new();
    let claim = |name: &str, value: Value| scene.token().claim(name, value).sign();
    for cnf in [
        json!({"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}),
        json!({"x5t#S256": "abc"}),
        json!({"jwk": {}}),
        json!({"kid": "k1"}),
        json!({"new-method": 1}),
        json!({}),
        json!(null),
        json!("k1"),
        json!([]),
    ] {
        let what = cnf.to_string();
        scene.refuses("AT-13 AT-14 AT-15 KEY-21", "claims.cnf", &what, claim("cnf", cnf));
    }
    for act in [
        json!({"sub": "agent"}),
        json!({"client_id": "tool"}),
        json!({"iss": ISSUER, "sub": "b", "act": {"sub": "a"}}),
    ] {
        scene.accepts("AC-01 AC-02", &act.to_string(), claim("act", act));
    }
    for act in [
        json!("agent"),
        json!(["agent"]),
        json!(null),
        json!({}),
        json!({"sub": 7}),
        json!({"sub": ""}),
        json!({"act": {"sub": "a"}}),
        json!({"sub": "b", "act": "a"}),
        json!({"sub": "b", "act": {"sub": null}}),
        json!({"iss": ISSUER, "x": 1}),
        json!({"sub": "b", "exp": NOW + 60}),
        json!({"sub": "b", "act": {"sub": "a", "aud": AUDIENCE}}),
    ] {
        let what = act.to_string();
        scene.refuses("AC-01", "claims.act", &what, claim("act", act));
    }
    scene.accepts("AC-03", "8 actors", claim("act", actors(8)));
    scene.refuses("AC-03", "claims.act", "9 actors", claim("act", actors(9)));
}

fn actors(depth: usize) -> Value {
    let first = json!({"sub": "agent-0"});
    (1..depth).fold(first, |act, nth| json!({"sub": format!("agent-{nth}"), "act": act}))
}

#[test]
fn access_token_claims_are_typed() {
    let scene = Scene::new();
    let act = json!({"sub": "b", "iss": "https://b.example", "act": {"client_id": "a"}});
    let details = json!([{"type": "payment", "amount": 5}]);
    let draft = scene.token().claim("scope", "read write").claim("act", act);
    let draft = draft.claim("nbf", NOW - 1).claim("auth_time", NOW - 2);
    let token = draft.claim("authorization_details", details).sign();
    let accepted = scene.appraise(token).into_result().unwrap();
    let claims: &AccessTokenClaims = accepted.claims();
    assert_eq!(claims.iss, ISSUER);
    assert_eq!(&*claims.client_id, "client-1");
    assert_eq!(claims.aud.iter().collect::<Vec<_>>(), [AUDIENCE]);
    assert_eq!(claims.iat, now());
    assert_eq!(claims.exp, now() + Duration::minutes(5));
    assert_eq!(claims.nbf, Some(now() - Duration::seconds(1)));
    assert_eq!(claims.auth_time, Some(now() - Duration::seconds(2)));
    assert!(claims.scope.contains("write") && !claims.scope.contains("writ"));
    let actor = claims.act.as_ref().unwrap();
    let names = [actor.sub(), actor.iss(), actor.client_id()];
    assert_eq!(names, [Some("b"), Some("https://b.example"), None]);
    let before = actor.history().map(|actor| [actor.sub(), actor.iss(), actor.client_id()]);
    assert_eq!(before.collect::<Vec<_>>(), [[None, None, Some("a")]]);
    let detail = &claims.authorization_details[0];
    assert_eq!((detail.kind(), detail.get("amount")), ("payment", Some(&json!(5))));
    assert_eq!(accepted.issuer(), &ISSUER);
    assert_eq!(accepted.algorithm(), "ES256");
    assert_eq!(accepted.key_id().unwrap(), &"k1");
}

#[test]
fn claims_of_ones_own() {
    #[derive(serde::Deserialize)]
    struct Mine {
        tenant: String,
        level: Option<u8>,
    }
    let scene = Scene::new();
    let validator = scene.validator_of(Profile::access_token().claims().require("tenant"));
    let appraise = |draft: TestToken| -> jwt_appraisal::Appraisal<Mine> {
        validator.appraise_at(draft.sign(), now())
    };
    let appraisal = appraise(scene.token().claim("tenant", "t1"));
    assert_eq!(appraisal.into_result().unwrap().claims().tenant, "t1");
    expect_rejected("-", &["claims.tenant"], "no tenant", &appraise(scene.token()));
    let wrong = appraise(scene.token().claim("tenant", "t1").claim("level", "high"));
    expect_rejected("-", &["claims.deserialize"], "a wrong type", &wrong);
    let reason = wrong.findings().next().unwrap().explanation().unwrap();
    assert_eq!(reason, "does not fit the claims type: member level: expected u8, found a string");
    let unused = appraise(scene.token().claim("tenant", "t1").without("client_id"));
    expect_rejected("AT-02", &["claims.client_id"], "a claim that the type lacks", &unused);
    let level = appraise(scene.token().claim("tenant", "t1").claim("level", 3));
    assert_eq!(level.into_result().unwrap().claims().level, Some(3));
}

#[test]
fn kinds_of_ones_own() {
    #[derive(serde::Deserialize)]
    struct Receipt {
        order_id: String,
        total_cents: u64,
    }
    let scene = Scene::new();
    let profile =
        Profile::new("receipt+jwt").require("order_id").max_token_age(Duration::minutes(5));
    let validator =
        scene
            .builder_of(profile)
            .rule("receipt.total", |receipt: &Receipt, _| {
                if receipt.total_cents > 0 { Ok(()) } else { Err("total is zero") }
            })
            .rule("receipt.fresh", |_, cx| {
                let given = (cx.issuer().as_str(), cx.now(), cx.leeway());
                if given == (ISSUER, now(), Duration::minutes(1)) { Ok(()) } else { Err("context") }
            })
            .build()
            .unwrap();
    let draft = || {
        let token = scene.issuer.token("receipt+jwt").at(NOW).claim("aud", AUDIENCE);
        token.claim("order_id", "o1").claim("total_cents", 100)
    };
    let appraise = |draft: TestToken| validator.appraise_at(draft.sign(), now());
    let good = appraise(draft()).into_result().unwrap();
    assert_eq!(good.claims().order_id, "o1");
    expect_accepted("-", "no exp, young", &appraise(draft().without("exp")));
    for (codes, what, token) in [
        (vec!["header.typ"], "another kind", draft().header("typ", "at+jwt")),
        (vec!["header.typ"], "JWT", draft().header("typ", "JWT")),
        (vec!["claims.order_id"], "a required claim missing", draft().without("order_id")),
        (vec!["claims.order_id"], "a required claim null", draft().claim("order_id", json!(null))),
        (vec!["receipt.total"], "the rule", draft().claim("total_cents", 0)),
        (vec!["time.age"], "too old", draft().claim("iat", NOW - 361)),
        (vec!["claims.iat"], "no iat", draft().without("iat")),
        (vec!["claims.exp"], "expired", draft().claim("iat", NOW - 200).claim("exp", NOW - 100)),
        (vec!["claims.aud"], "no aud", draft().without("aud")),
        (vec!["claims.cnf"], "bound", draft().claim("cnf", json!({"jkt": "x"}))),
        (vec!["claims.deserialize"], "a type", draft().claim("total_cents", "1")),
    ] {
        expect_rejected("-", &codes, what, &appraise(token));
    }
    expect_accepted("-", "just young enough", &appraise(draft().claim("iat", NOW - 360)));
    let exp_required: Validator<Value> = scene.validator_of(Profile::new("receipt+jwt"));
    let appraisal = exp_required.appraise_at(draft().without("exp").sign(), now());
    expect_rejected("-", &["claims.exp"], "exp is required without an age", &appraisal);
    let no_iat = exp_required.appraise_at(draft().without("iat").sign(), now());
    expect_accepted("-", "iat is optional without an age", &no_iat);
    let long = draft().without("iat").claim("exp", NOW + 86_401).sign();
    let long = exp_required.appraise_at(long, now());
    expect_rejected("-", &["time.lifetime"], "lifetime without iat", &long);
}

#[test]
fn whatever_is_required_has_to_be_there() {
    const NAMES: [&str; 16] = [
        "iss",
        "aud",
        "exp",
        "nbf",
        "iat",
        "sub",
        "jti",
        "cnf",
        "act",
        "client_id",
        "scope",
        "auth_time",
        "acr",
        "amr",
        "authorization_details",
        "mine",
    ];
    let scene = Scene::new();
    for name in NAMES {
        let validator = scene.validator_of(Profile::access_token().claims::<Value>().require(name));
        let appraisal = validator.appraise_at(scene.token().without(name).sign(), now());
        let code = format!("claims.{name}");
        expect_rejected("AT-02", &[&code], name, &appraisal);
    }
    let anyone = danger::without_audience(Profile::access_token().claims::<Value>().require("aud"));
    let keys = jwt_appraisal::JwkSet::from_json(scene.issuer.jwks()).unwrap();
    let keys = key_store([jwt_appraisal::SignatureAlgorithm::Es256], keys);
    let issuer = jwt_appraisal::TrustedIssuer::new(ISSUER, keys.unwrap());
    let anyone = validator_builder(anyone).issuer(issuer).build().unwrap();
    let appraisal = anyone.appraise_at(scene.token().without("aud").sign(), now());
    expect_rejected("CLM-07", &["claims.aud"], "required, whoever it names", &appraisal);
}

#[test]
fn tighter_profiles() {
    let scene = Scene::new();
    let profile = Profile::access_token().require("scope").require("auth_time");
    let validator = scene.validator_of(profile.max_lifetime(Duration::minutes(5)));
    let appraise = |draft: TestToken| validator.appraise_at(draft.sign(), now());
    let draft = || scene.token().claim("auth_time", NOW);
    expect_accepted("-", "all there", &appraise(draft()));
    let lacks = appraise(scene.token().without("scope"));
    expect_rejected("-", &["claims.scope", "claims.auth_time"], "both missing", &lacks);
    let long = appraise(draft().claim("exp", NOW + 301));
    expect_rejected("-", &["time.lifetime"], "longer than five minutes", &long);
    let aged = scene.validator_of(Profile::access_token().max_token_age(Duration::minutes(1)));
    let no_exp = aged.appraise_at(scene.token().without("exp").sign(), now());
    expect_rejected("AT-02", &["claims.exp"], "exp stays required", &no_exp);
    let old = aged.appraise_at(scene.token().claim("iat", NOW - 121).sign(), now());
    expect_rejected("-", &["time.age"], "too old", &old);
}

#[test]
fn dangers_show() {
    let scene = Scene::new();
    let untyped: Profile<Value> = danger::untyped_profile();
    let validator = scene.validator_of(untyped.clone());
    let token = scene.token().header("typ", "anything").sign();
    let appraisal = validator.appraise_at(&token, now());
    expect_accepted("-", "typ waived", &appraisal);
    let waived: Vec<_> = appraisal.checks().filter(|c| c.outcome().name() == "waived").collect();
    assert_eq!(waived.len(), 1);
    assert_eq!(waived[0].id(), &"header.typ");
    assert!(format!("{validator:?}").contains("waived: [header.typ]"));
    let secret = SharedSecret::new(jwt_appraisal::MacAlgorithm::Hs256, &[7; 32]).unwrap();
    let validator = validator_builder(danger::without_audience(untyped))
        .shared_secret(ISSUER, secret)
        .build()
        .unwrap();
    let key = TestKey::secret("any", jwt_appraisal::MacAlgorithm::Hs256, &[7; 32]);
    let token = scene.token().signed_by(&key).claim("aud", "https://other.example");
    expect_accepted("-", "aud waived", &validator.appraise_at(token.sign(), now()));
    let forever = danger::without_max_lifetime(Profile::access_token());
    let validator = scene.validator_of(forever);
    let token = scene.token().claim("exp", NOW + 1_000_000);
    let appraisal = validator.appraise_at(token.sign(), now());
    expect_accepted("-", "lifetime waived", &appraisal);
    assert_eq!(findings(&appraisal), [""; 0]);
    let validator = scene.validator_of::<Value>(danger::untyped_profile());
    let typ = validator.appraise_at(scene.token().header("typ", 7).sign(), now());
    expect_rejected("HDR-08", &["header.typ"], "a wrong type is refused all the same", &typ);
}
