//! Client, scopes and audience get their standard names, and places that disagree are rejected.

use jwt_appraisal::dialect::{Dialect, Form};
use jwt_appraisal::testing::TestToken;
use jwt_appraisal::{Appraisal, Profile, Verdict};
use serde_json::{Value, json};

use super::acme::{World, appraise, trusting};
use super::support::{AUDIENCE, findings};

/// A token of an issuer with a dialect. The claims that are "-" are left out.
fn appraise_with(dialect: &Dialect, claims: &Value) -> Appraisal<Value> {
    let world = World::new();
    let profile = Profile::access_token().claims::<Value>();
    let validator = trusting(&world.standard, dialect.clone(), profile).build().unwrap();
    let mut token: TestToken = world.standard_token();
    for (name, value) in claims.as_object().unwrap() {
        let is_left_out = value == "-";
        token = if is_left_out { token.without(name) } else { token.claim(name, value.clone()) };
    }
    appraise(&validator, &token)
}

#[track_caller]
fn rejects(dialect: &Dialect, code: &str, claims: Value) {
    let appraisal = appraise_with(dialect, &claims);
    assert_eq!(findings(&appraisal), [code], "{claims}\n{appraisal}");
    assert_eq!(appraisal.verdict(), Verdict::Rejected);
}

/// The member of the claims that the caller's type reads.
#[track_caller]
fn reads(dialect: &Dialect, name: &str, expected: Value, claims: Value) {
    let appraisal = appraise_with(dialect, &claims);
    let accepted = appraisal.accepted();
    assert!(accepted.is_some(), "{claims}\n{appraisal}");
    assert_eq!(accepted.unwrap().claims()[name], expected, "{claims}");
}

#[test]
fn reads_the_client_from_another_claim() {
    let azp = Dialect::new("azp").client("azp");
    reads(&azp, "client_id", "c".into(), json!({ "client_id": "-", "azp": "c" }));
    reads(&azp, "client_id", "c".into(), json!({ "client_id": "c", "azp": "c" }));
    reads(&azp, "client_id", "c".into(), json!({ "client_id": "c" }));
    reads(&azp, "azp", "c".into(), json!({ "client_id": "-", "azp": "c" }));

    rejects(&azp, "dialect.names", json!({ "client_id": "c", "azp": "d" }));
    rejects(&azp, "dialect.names", json!({ "client_id": "c", "azp": "" }));
    rejects(&azp, "dialect.names", json!({ "client_id": "c", "azp": null }));
    rejects(&azp, "dialect.names", json!({ "client_id": "-", "azp": ["c"] }));
    rejects(&azp, "dialect.names", json!({ "client_id": "-", "azp": 7 }));
    rejects(&azp, "dialect.names", json!({ "client_id": 7, "azp": "c" }));
    rejects(&azp, "dialect.names", json!({ "client_id": null, "azp": "c" }));
    rejects(&azp, "dialect.names", json!({ "client_id": ["c"], "azp": "c" }));
    rejects(&azp, "claims.client_id", json!({ "client_id": "-", "azp": "" }));
    rejects(&azp, "claims.client_id", json!({ "client_id": "-" }));
    rejects(&azp, "claims.client_id", json!({ "client_id": 7 }));
}

#[test]
fn several_claims_for_the_client_must_agree() {
    let dialect = Dialect::new("several").client("azp").client("appid");
    for claims in [
        json!({ "client_id": "-", "azp": "c" }),
        json!({ "client_id": "-", "appid": "c" }),
        json!({ "client_id": "-", "azp": "c", "appid": "c" }),
        json!({ "client_id": "c", "azp": "c", "appid": "c" }),
    ] {
        reads(&dialect, "client_id", "c".into(), claims);
    }
    rejects(&dialect, "dialect.names", json!({ "client_id": "-", "azp": "c", "appid": "d" }));
    rejects(&dialect, "dialect.names", json!({ "client_id": "c", "azp": "c", "appid": "d" }));
    rejects(&dialect, "dialect.names", json!({ "client_id": "-", "azp": "c", "appid": 7 }));
}

#[test]
fn reads_scopes_from_a_list_or_a_text() {
    let list = Dialect::new("list").scopes("scp", Form::List);
    let text = Dialect::new("text").scopes("scp", Form::Text);
    let either = Dialect::new("either").scopes("scp", Form::Either);
    let of_list = json!({ "scope": "-", "scp": ["a", "b"] });
    let of_text = json!({ "scope": "-", "scp": "a b" });
    for dialect in [&list, &either] {
        reads(dialect, "scope", "a b".into(), of_list.clone());
        reads(dialect, "scope", "a b".into(), json!({ "scope": "a b", "scp": ["a", "b"] }));
        reads(dialect, "scope", "".into(), json!({ "scope": "-", "scp": [] }));
    }
    for dialect in [&text, &either] {
        reads(dialect, "scope", "a b".into(), of_text.clone());
        reads(dialect, "scope", "a b".into(), json!({ "scope": "a b", "scp": "a b" }));
    }
    rejects(&list, "dialect.names", of_text);
    rejects(&text, "dialect.names", of_list);
    for dialect in [&list, &text, &either] {
        // A token without scopes has none, and one with the standard name has those.
        reads(dialect, "scope", Value::Null, json!({ "scope": "-" }));
        reads(dialect, "scope", "a".into(), json!({ "scope": "a" }));
        for scp in [json!(7), Value::Null, json!({ "a": true }), json!([7]), json!([["a"]])] {
            rejects(dialect, "dialect.names", json!({ "scope": "-", "scp": scp }));
        }
    }
}

/// A list of scopes does not become another list by joining it.
#[test]
fn rejects_scopes_that_cannot_be_joined() {
    let list = Dialect::new("list").scopes("scp", Form::List);
    for scp in [json!(["a b"]), json!([""]), json!(["a", ""]), json!([" "]), json!(["a "])] {
        rejects(&list, "dialect.names", json!({ "scope": "-", "scp": scp }));
    }
    for scp in [json!(["a\"b"]), json!(["a\\b"]), json!(["a\tb"]), json!(["\u{e9}"])] {
        rejects(&list, "claims.scope", json!({ "scope": "-", "scp": scp }));
    }
    let text = Dialect::new("text").scopes("scp", Form::Text);
    for scp in ["a  b", " a", "a "] {
        rejects(&text, "claims.scope", json!({ "scope": "-", "scp": scp }));
    }
}

#[test]
fn rejects_scopes_that_disagree() {
    let list = Dialect::new("list").scopes("scp", Form::List);
    for (scope, scp) in [
        (json!("a"), json!(["a", "b"])),
        (json!("a b"), json!(["a"])),
        (json!("b a"), json!(["a", "b"])),
        (json!("a"), json!([])),
        (json!(7), json!(["a"])),
    ] {
        rejects(&list, "dialect.names", json!({ "scope": scope, "scp": scp }));
    }
    // They agree, but the standard name has a form that this dialect does not give it.
    rejects(&list, "claims.scope", json!({ "scope": ["a"], "scp": ["a"] }));
    rejects(&list, "claims.scope", json!({ "scope": null, "scp": [] }));
}

#[test]
fn reads_scope_itself_in_another_form() {
    let either = Dialect::new("either").scopes("scope", Form::Either);
    reads(&either, "scope", "a b".into(), json!({ "scope": ["a", "b"] }));
    reads(&either, "scope", "a b".into(), json!({ "scope": "a b" }));
    rejects(&either, "dialect.names", json!({ "scope": 7 }));
    rejects(&either, "dialect.names", json!({ "scope": ["a b"] }));
    let list = Dialect::new("list").scopes("scope", Form::List);
    reads(&list, "scope", "a".into(), json!({ "scope": ["a"] }));
    rejects(&list, "dialect.names", json!({ "scope": "a" }));
    let both = Dialect::new("both").scopes("scp", Form::List).scopes("scope", Form::Either);
    reads(&both, "scope", "a b".into(), json!({ "scope": ["a", "b"], "scp": ["a", "b"] }));
    reads(&both, "scope", "a b".into(), json!({ "scope": "a b", "scp": ["a", "b"] }));
    reads(&both, "scope", "a b".into(), json!({ "scope": "-", "scp": ["a", "b"] }));
    rejects(&both, "dialect.names", json!({ "scope": ["a"], "scp": ["a", "b"] }));
    // Without a dialect an array is no scope.
    rejects(&Dialect::standard(), "claims.scope", json!({ "scope": ["a"] }));
}

#[test]
fn reads_the_audience_from_another_claim() {
    let other = "https://other.example.com";
    let either = Dialect::new("either").audience("resource", Form::Either);
    for resource in [json!(AUDIENCE), json!([AUDIENCE]), json!([other, AUDIENCE])] {
        let claims = json!({ "aud": "-", "resource": resource });
        reads(&either, "aud", resource, claims);
    }
    reads(&either, "aud", AUDIENCE.into(), json!({ "resource": [AUDIENCE] }));
    for resource in [json!(other), json!([other]), json!([])] {
        rejects(&either, "claims.aud", json!({ "aud": "-", "resource": resource }));
    }
    // What the token says in two places must be the same, even if the verifier is in both.
    for resource in
        [json!(other), json!([other, AUDIENCE]), json!([]), json!(7), json!([AUDIENCE, 7])]
    {
        rejects(&either, "dialect.names", json!({ "resource": resource }));
    }
    rejects(&either, "dialect.names", json!({ "aud": other, "resource": AUDIENCE }));
    rejects(&either, "claims.aud", json!({ "aud": "-" }));
    rejects(&either, "claims.aud", json!({ "aud": [AUDIENCE, 7], "resource": AUDIENCE }));

    let text = Dialect::new("text").audience("resource", Form::Text);
    rejects(&text, "dialect.names", json!({ "aud": "-", "resource": [AUDIENCE] }));
    let list = Dialect::new("list").audience("resource", Form::List);
    rejects(&list, "dialect.names", json!({ "aud": "-", "resource": AUDIENCE }));
}

/// A tell looks at what the issuer wrote, so a dialect's own graft cannot satisfy or fail it.
#[test]
fn tells_look_at_the_claims_before_they_are_renamed() {
    let has = Dialect::new("has").has("client_id").client("cid");
    rejects(&has, "dialect.tells", json!({ "client_id": "-", "cid": "c" }));
    let has_not = Dialect::new("has-not").has_not("client_id").client("cid");
    reads(&has_not, "client_id", "c".into(), json!({ "client_id": "-", "cid": "c" }));
    rejects(&has_not, "dialect.tells", json!({ "client_id": "c", "cid": "c" }));
}

#[test]
fn every_tell_is_checked() {
    let dialect = Dialect::new("tells").has_one_of(["scp", "permissions"]).is_not("use", "id");
    for claims in [
        json!({ "scp": "a" }),
        json!({ "permissions": [] }),
        json!({ "scp": 7, "permissions": null }),
        json!({ "scp": "a", "use": "access" }),
    ] {
        reads(&dialect, "sub", "user-1".into(), claims);
    }
    for claims in [
        json!({}),
        json!({ "scp": null }),
        json!({ "scp": "a", "use": "id" }),
        json!({ "scp": "a", "use": ["id"] }),
        json!({ "scp": "a", "use": 7 }),
        json!({ "scp": "a", "use": null }),
    ] {
        rejects(&dialect, "dialect.tells", claims);
    }
}

/// A token at the bounds of the reader has no room for a graft, and is rejected for that.
#[test]
fn a_graft_stays_within_the_limits() {
    let world = World::new();
    let mut limits = jwt_appraisal::Limits::default();
    let token = world.standard_token().without("client_id").claim("azp", "c");
    limits.object_members =
        serde_json::from_str::<Value>(&token.claims_json()).unwrap().as_object().unwrap().len();
    let dialect = Dialect::new("azp").client("azp");
    let builder = trusting(&world.standard, dialect, Profile::access_token());
    let validator = builder.limits(limits).build().unwrap();
    assert_eq!(findings(&appraise(&validator, &token)), ["dialect.names"]);
}
