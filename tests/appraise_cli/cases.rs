//! Files of cases, and the names of the kinds.

use std::env;
use std::path::Path;

use jwt_appraisal::testing::TestIssuer;
use serde_json::{Value, json};

use super::program::{API, ISSUER, NOW, appraise, file, good, jwks, policy};

fn case(id: &str, expect: &str, token: String, jwks: Value) -> Value {
    json!({
        "id": id, "profile": "oauth.access_token", "interface": "profile", "rule": "SIG",
        "expect": expect, "token": token, "jwks": jwks, "now": NOW,
        "policy": { "issuer": ISSUER, "audience": API, "algs": ["ES256"] },
    })
}

#[test]
fn cases_that_agree_are_counted() {
    let issuer = TestIssuer::new(ISSUER);
    let (token, keys) = (good(&issuer), jwks(&issuer));
    let mut several = case("several", "accept", token.sign(), Value::Null);
    several.as_object_mut().unwrap().remove("jwks");
    several["policy"] = json!({ "audience": [API], "leeway": 0, "issuers": [
        { "issuer": "https://other.example.com", "jwks": { "keys": [] }, "algs": ["RS256"] },
        { "issuer": ISSUER, "jwks": keys, "algs": ["ES256"] },
    ]});
    let mut no_leeway = case("no leeway", "reject", token.sign(), keys.clone());
    no_leeway["now"] = json!(NOW + 300);
    let mut other_kind = case("other kind", "accept", token.sign(), keys.clone());
    other_kind["profile"] = json!("wimse.wpt");
    other_kind["policy"] = json!({ "wit": "a.b.c" });
    let cases = [
        case("good", "accept", token.sign(), keys.clone()),
        case("unsecured", "reject", token.unsecured().sign(), keys),
        case("bad key set", "reject", good(&issuer).sign(), json!({ "keys": 1 })),
        several,
        no_leeway,
        other_kind,
        json!({ "id": "a part", "profile": "oauth.access_token", "interface": "disclosure" }),
        json!({ "id": "no profile" }),
    ];
    let file = file("agree.json", json!({ "source": "here", "cases": cases }).to_string());
    let run = appraise(&["--cases", &file], b"");
    let expected = "5 of 5 as expected, 3 skipped (profile not supported yet)\n";
    assert_eq!((run.code, run.stdout.as_str()), (0, expected));
}

#[test]
fn cases_that_disagree_are_shown() {
    let issuer = TestIssuer::new(ISSUER);
    let (token, keys) = (good(&issuer).sign(), jwks(&issuer));
    let mut strange = case("strange", "reject", token.clone(), keys.clone());
    strange["policy"]["dpop"] = json!(true);
    let cases = [
        case("good", "accept", token.clone(), keys.clone()),
        case("not refused", "reject", token.clone(), keys),
        case("not accepted", "accept", token.clone(), jwks(&TestIssuer::new(ISSUER))),
        case("open", "reject", token.clone(), json!({ "keys": [] })),
        case("bad key set", "accept", token, json!({ "keys": 1 })),
        strange,
    ];
    let file = file("disagree.json", json!({ "cases": cases }).to_string());
    let run = appraise(&["--cases", &file], b"");
    assert_eq!(run.code, 1);
    for part in [
        "# not refused: expected reject (SIG: no description)\n\naccepted\n  form.size ",
        "# not accepted: expected accept (SIG: no description)\n\nrejected\n  form.size ",
        "  crypto.signature              FAIL  ",
        "# open: expected reject (SIG: no description)\n\nundetermined\n",
        "\n\nrejected, by its keys: the text is not a JWK set",
        "\n\ncan not be run: cases[5].policy.dpop: is not a known member",
        "\n1 of 6 as expected, 0 skipped (profile not supported yet)\n",
    ] {
        assert!(run.stdout.contains(part), "{part:?} in {}", run.stdout);
    }
}

#[test]
fn the_collection_of_cases_agrees() {
    let Some(folder) = env::var_os("JOSE_VECTORS") else {
        println!(
            "skipped: JOSE_VECTORS is not set; it names the folder of the collection of cases \
             that has the file profiles_signed.json"
        );
        return;
    };
    for (name, most_skipped) in [
        ("profiles_signed", 189),
        ("rfc9101_jar", 0),
        // An access token whose key was never published.
        ("rfc9449_dpop", 1),
        ("oidc_core", 0),
        ("token_hashes", 0),
        ("set", 0),
        // Entity statements.
        ("claims_examples", 10),
    ] {
        let file = Path::new(&folder).join(name).with_extension("json");
        let run = appraise(&["--cases", file.to_str().unwrap()], b"");
        println!("{name}: {}{}", run.stdout, run.stderr);
        assert_eq!(run.code, 0, "{name}");
        let skipped = run.stdout.split(", ").nth(1).and_then(|rest| rest.split(' ').next());
        let skipped: usize = skipped.unwrap().parse().unwrap();
        assert!(skipped <= most_skipped, "{name}: {skipped} skipped");
    }
}

#[test]
fn every_kind_has_a_name() {
    let issuer = TestIssuer::new(ISSUER);
    let token = |typ: &str, claims: Value| {
        let draft = issuer.token(typ).at(NOW).claim("aud", API).claim("jti", "j1");
        let draft = draft.claim("sub", "user-1");
        let claims = claims.as_object().unwrap().clone();
        claims.into_iter().fold(draft, |draft, (name, value)| {
            if value.is_null() { draft.without(&name) } else { draft.claim(name, value) }
        })
    };
    let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let jag = json!({ "client_id": "c1" });
    let request = json!({ "iss": "c1", "client_id": "c1" });
    let assertion = json!({ "iss": "c1", "sub": "c1" });
    let logout = json!({ "events": event, "exp": NOW + 60 });
    let security_event = json!({ "events": event, "exp": null });
    let introspection =
        json!({ "token_introspection": { "active": true }, "exp": null, "sub": null });
    let mcp = json!({ "client_id": "c1" });
    type Row<'a> = (&'a str, &'a str, Value, Value);
    let rows: [Row<'_>; 13] = [
        ("access-token", "at+jwt", mcp.clone(), json!({})),
        (
            "access-token-legacy",
            "JWT",
            json!({ "scp": "x" }),
            json!({ "discriminator": { "claim": "scp" } }),
        ),
        ("mcp-access-token", "at+jwt", mcp, json!({ "extra_audiences": "refuse" })),
        ("id-token", "JWT", json!({ "nonce": "n" }), json!({ "expect": { "nonce": "n" } })),
        ("jwt-bearer-grant", "JWT", json!({}), json!({})),
        ("id-jag", "oauth-id-jag+jwt", jag, json!({ "expect": { "client_id": "c1" } })),
        (
            "jarm-response",
            "JWT",
            json!({ "state": "s", "sub": null }),
            json!({ "expect": { "state": "s" } }),
        ),
        ("introspection-response", "token-introspection+jwt", introspection, json!({})),
        ("logout-token", "logout+jwt", logout.clone(), json!({})),
        ("logout-token", "JWT", logout, json!({ "typ": "legacy" })),
        ("security-event", "secevent+jwt", security_event, json!({})),
        (
            "request-object",
            "oauth-authz-req+jwt",
            request,
            json!({ "expect": { "client_id": "c1" } }),
        ),
        ("client-assertion", "client-authentication+jwt", assertion, json!({})),
    ];
    for (name, typ, claims, more) in rows {
        let mut policy = policy(jwks(&issuer));
        policy["profile"] = json!(name);
        for (member, value) in more.as_object().unwrap() {
            policy[member] = value.clone();
        }
        if matches!(name, "request-object" | "client-assertion") {
            let mut clients = policy.as_object_mut().unwrap().remove("issuers").unwrap();
            clients[0]["id"] = json!("c1");
            policy["clients"] = clients;
        }
        let policy = file(&format!("kind_{name}.json"), policy.to_string());
        let run = appraise(&["--policy", &policy, &token(typ, claims.clone()).sign()], b"");
        assert_eq!(run.code, 0, "{name}: {}{}", run.stdout, run.stderr);
        let other = token("receipt+jwt", claims).sign();
        let run = appraise(&["--policy", &policy, &other], b"");
        assert_eq!(run.code, 1, "{name}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn a_batch_remembers_what_it_has_seen() {
    let issuer = TestIssuer::new("c1");
    let draft = issuer.token("client-authentication+jwt").at(NOW).claim("aud", API);
    let token = draft.claim("sub", "c1").claim("jti", "j1").sign();
    let mut policy = policy(jwks(&issuer));
    policy["profile"] = json!("client-assertion");
    let mut clients = policy.as_object_mut().unwrap().remove("issuers").unwrap();
    clients[0]["id"] = json!("c1");
    policy["clients"] = clients;
    let run = |policy: &Value| {
        let line = json!({ "id": 1, "token": token, "policy": policy }).to_string();
        let run = appraise(&["--batch"], format!("{line}\n{line}\n").as_bytes());
        run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
    };
    let replay = |answer: &Value| {
        let checks = answer["checks"].as_array().unwrap();
        let check = checks.iter().find(|check| check["id"] == "state.replay").unwrap();
        check["outcome"].as_str().unwrap().to_owned()
    };
    let unremembered = run(&policy);
    assert_eq!([0, 1].map(|nth| replay(&unremembered[nth])), ["waived", "waived"]);
    policy["single_use"] = json!(true);
    let remembered = run(&policy);
    assert_eq!([0, 1].map(|nth| replay(&remembered[nth])), ["pass", "fail"]);
    let verdicts = [0, 1].map(|nth| remembered[nth]["verdict"].clone());
    assert_eq!(verdicts, ["accepted", "rejected"]);
}
