//! OAuth: access tokens of other issuers, assertions, grants, request objects, responses.

use jwt_appraisal::testing::{TestIssuer, TestKey};
use jwt_appraisal::{
    ConfigError, Issuer, MacAlgorithm, Profile, RequestFacts, SharedSecret, SignatureAlgorithm,
    Verdict,
};
use serde_json::{Value, json};
use time::Duration;

use super::kind::{Party, Rows, facts, guard};
use super::support::{
    AUDIENCE, ISSUER, NOW, expect_accepted, expect_rejected, now, validator_builder,
};

#[test]
fn access_tokens() {
    let rows = Rows::of("access-token", "AT-12");
    for name in ["groups", "roles", "entitlements"] {
        rows.accepts(name, &rows.with(name, json!(["a", { "value": "b" }])));
        for value in [json!("a"), json!({ "a": 1 }), json!([1]), json!([null])] {
            let code = format!("claims.{name}");
            rows.refuses(&code, &value.to_string(), &rows.with(name, value.clone()));
        }
    }
    let rows = Rows::of("access-token", "AT-16");
    let fresh = RequestFacts::new()
        .max_authentication_age(Duration::minutes(5))
        .acr_values(["loa2", "loa3"]);
    let good = || rows.with("auth_time", NOW - 60).claim("acr", "loa3");
    rows.accepts_given(&fresh, "fresh and strong", &good());
    rows.refuses_given(&fresh, "claims.acr", "weak", &good().claim("acr", "loa1"));
    rows.refuses_given(&fresh, "claims.acr", "no acr", &good().without("acr"));
    rows.refuses_given(&fresh, "claims.auth_time", "no time", &good().without("auth_time"));
    let ahead = good().claim("auth_time", NOW + 61);
    rows.refuses_given(&fresh, "claims.auth_time", "in the future", &ahead);
    let none = RequestFacts::new().acr_values([]);
    rows.refuses_given(&none, "claims.acr", "no class will do", &good());
    let stale = good().claim("auth_time", NOW - 361);
    rows.refuses_given(&fresh, "claims.auth_time", "too long ago", &stale);
    rows.accepts("where nothing is demanded", &stale);
}

#[test]
fn access_tokens_of_issuers_that_do_not_type_them() {
    let rows = Rows::of("access-token-legacy", "AT-19");
    rows.accepts("no type", &rows.good().without_header("typ"));
    rows.accepts("the real type", &rows.good().header("typ", "application/at+jwt"));
    for typ in ["logout+jwt", "dpop+jwt", "secevent+jwt", "receipt+jwt", "x"] {
        rows.refuses("header.typ", typ, &rows.good().header("typ", typ));
    }
    rows.refuses("kind.discriminator", "without the discriminator", &rows.good().without("scp"));
    rows.refuses("kind.discriminator", "a discriminator of null", &rows.with("scp", Value::Null));
    for name in ["nonce", "at_hash", "c_hash", "events"] {
        rows.refuses(&format!("claims.{name}"), name, &rows.with(name, "x"));
    }
    for discriminator in ["", "sub", "iss", "aud", "exp", "azp", "sid"] {
        let profile = Profile::access_token_legacy(discriminator).claims();
        let error = rows.party.issued(profile).build().unwrap_err();
        let refused =
            matches!(&error, ConfigError::Discriminator { claim, .. } if claim == discriminator);
        assert!(refused, "AT-19: {error}");
    }
    // Every token of the issuer has this value.
    for party in ["iss", "sub", "aud", "azp"] {
        let profile = Profile::access_token_legacy_with(party, "https://as.example.com").claims();
        let error = rows.party.issued(profile).build().unwrap_err();
        let refused = matches!(&error, ConfigError::Discriminator { claim, .. } if claim == party);
        assert!(refused, "AT-19: {party}: {error}");
    }
    let valued = Profile::access_token_legacy_with("token_use", "access").claims();
    let valued = rows.party.issued(valued).build().unwrap();
    let appraise = |value: Value| {
        let token = rows.with("token_use", value).sign();
        valued.appraise_at(token, now())
    };
    expect_accepted("AT-19", "the value", &appraise(json!("access")));
    for value in [json!("id"), json!(["access"]), json!(true)] {
        let what = value.to_string();
        expect_rejected("AT-19", &["kind.discriminator"], &what, &appraise(value));
    }
}

#[test]
fn client_assertions() {
    let rows = Rows::of("client-assertion", "CA-01");
    rows.refuses("claims.iss", "another iss", &rows.with("iss", "client-2"));
    rows.refuses("claims.iss", "no iss", &rows.good().without("iss"));
    rows.refuses("claims.sub", "another sub", &rows.with("sub", "client-2"));
    rows.refuses("claims.sub", "no sub", &rows.good().without("sub"));
    rows.accepts("client_id", &rows.with("client_id", ISSUER));
    rows.refuses("claims.client_id", "another client_id", &rows.with("client_id", "client-2"));
    let other = facts().client_id("client-2");
    rows.refuses_given(&other, "claims.client_id", "another client asks", &rows.good());
    rows.accepts_given(&RequestFacts::new(), "the facts name no client", &rows.good());
    rows.rule("CA-02 CA-09");
    rows.accepts("an array of one", &rows.with("aud", json!([AUDIENCE])));
    rows.refuses("claims.aud", "shared", &rows.with("aud", json!([AUDIENCE, "https://b.example"])));
    let endpoint = format!("{AUDIENCE}/token");
    rows.refuses("claims.aud", "a token endpoint", &rows.with("aud", endpoint.as_str()));
    let both = json!([AUDIENCE, endpoint]);
    rows.refuses("claims.aud", "with the token endpoint", &rows.with("aud", both));
    rows.refuses("claims.aud", "twice", &rows.with("aud", json!([AUDIENCE, AUDIENCE])));
    rows.rule("CA-03");
    rows.refuses("claims.aud", "a slash", &rows.with("aud", format!("{AUDIENCE}/")));
    rows.refuses("claims.aud", "capitals", &rows.with("aud", AUDIENCE.to_uppercase()));
    rows.rule("CA-04 CA-05");
    rows.refuses("claims.exp", "expired", &rows.with("iat", NOW - 300).claim("exp", NOW - 100));
    rows.refuses("claims.exp", "no exp", &rows.good().without("exp"));
    rows.refuses("time.lifetime", "6 minutes", &rows.with("exp", NOW + 360));
    let unissued = rows.good().without("iat");
    rows.accepts("no iat", &unissued);
    rows.refuses("time.lifetime", "6 minutes from now", &unissued.claim("exp", NOW + 360));
    rows.refuses("claims.nbf", "not yet", &rows.with("nbf", NOW + 61));
    rows.rule("CA-06");
    rows.refuses("claims.jti", "no jti", &rows.good().without("jti"));
    rows.rule("CA-08");
    rows.accepts("untyped", &rows.good().without_header("typ"));
    rows.accepts("JWT", &rows.good().header("typ", "JWT"));
    for typ in ["at+jwt", "oauth-authz-req+jwt", "oauth-id-jag+jwt", "x+jwt"] {
        rows.refuses("header.typ", typ, &rows.good().header("typ", typ));
    }
    rows.rule("CA-10");
    let request = rows.party.good("request-object").without_header("typ");
    rows.refuses("claims.sub", "a request object", &request.claim("jti", "j"));
}

#[test]
fn clients_are_known_by_their_keys_or_a_secret() {
    let clients = ["client-1", "client-2"]
        .map(|id| TestIssuer::new(id).with_key(TestKey::generate("k1", SignatureAlgorithm::Es256)));
    let trusted = clients.each_ref().map(|client| {
        let set = jwt_appraisal::JwkSet::from_json(client.jwks()).unwrap();
        let keys = super::support::key_store([SignatureAlgorithm::Es256], set).unwrap();
        jwt_appraisal::TrustedIssuer::new(client.issuer(), keys)
    });
    let server = validator_builder(Profile::client_assertion().claims::<Value>()).clients(trusted);
    let server = server.audience(AUDIENCE).replay_guard(guard()).build().unwrap();
    let draft = |client: &TestIssuer, jti: &str| {
        let draft = client.token("client-authentication+jwt").at(NOW).claim("aud", AUDIENCE);
        draft.claim("sub", client.issuer()).claim("jti", jti)
    };
    for client in &clients {
        let appraisal = server.appraise_at(draft(client, "1").sign(), now());
        expect_accepted("CA-07", client.issuer(), &appraisal);
        assert_eq!(appraisal.into_result().unwrap().issuer(), &client.issuer());
    }
    let stranger = draft(&clients[0], "2").claim("iss", "client-3").sign();
    expect_rejected("CA-07", &["key.client"], "unknown", &server.appraise_at(stranger, now()));
    let posing = draft(&clients[0], "3").claim("iss", "client-2").claim("sub", "client-2").sign();
    let posing = server.appraise_at(posing, now());
    expect_rejected("CA-07", &["crypto.signature"], "another client's name", &posing);

    let secret = TestKey::secret("s1", MacAlgorithm::Hs256, &[7; 32]);
    let client = TestIssuer::new("client-1").with_key(secret.clone());
    let shared = SharedSecret::new(MacAlgorithm::Hs256, &[7; 32]).unwrap();
    let server = validator_builder(Profile::client_assertion().claims::<Value>())
        .client_secret("client-1", shared)
        .audience(AUDIENCE)
        .replay_guard(guard())
        .build()
        .unwrap();
    let appraisal = server.appraise_at(draft(&client, "1").sign(), now());
    expect_accepted("CA-07", "client_secret_jwt", &appraisal);
}

#[test]
fn jwt_bearer_grants() {
    let rows = Rows::of("jwt-bearer-grant", "JG-01");
    for (claim, code) in
        [("iss", "claims.iss"), ("sub", "claims.sub"), ("aud", "claims.aud"), ("exp", "claims.exp")]
    {
        rows.refuses(code, claim, &rows.good().without(claim));
    }
    rows.rule("JG-02");
    rows.refuses("claims.aud", "another server", &rows.with("aud", "https://other.example"));
    rows.accepts("shared", &rows.with("aud", json!(["https://other.example", AUDIENCE])));
    let endpoint = format!("{AUDIENCE}/token");
    let either = validator_builder(Profile::jwt_bearer_grant().claims::<Value>());
    let either = either.issuer(rows.party.trusted()).audiences([AUDIENCE, &endpoint]).build();
    let token = rows.with("aud", endpoint.as_str()).sign();
    let appraisal = either.unwrap().appraise_at(token, now());
    expect_accepted("JG-02", "the token endpoint, by name", &appraisal);
    rows.rule("JG-03");
    rows.refuses("claims.iss", "another issuer", &rows.with("iss", "https://other.example"));
    for name in ["nonce", "at_hash", "c_hash", "events"] {
        rows.refuses(&format!("claims.{name}"), name, &rows.with(name, "x"));
    }
    rows.rule("JG-05");
    let once = rows.party.issued(Profile::jwt_bearer_grant().claims().single_use());
    let once = once.replay_guard(guard()).build().unwrap();
    let token = rows.good().sign();
    expect_accepted("JG-05", "once", &once.appraise_at(&token, now()));
    expect_rejected("JG-05", &["state.replay"], "again", &once.appraise_at(&token, now()));
    rows.refuses("time.lifetime", "two hours", &rows.with("exp", NOW + 7_200));
    for typ in ["at+jwt", "oauth-id-jag+jwt", "client-authentication+jwt", "logout+jwt"] {
        rows.refuses("header.typ", typ, &rows.good().header("typ", typ));
    }
}

#[test]
fn identity_assertion_grants() {
    let rows = Rows::of("id-jag", "JAG-01");
    for typ in ["JWT", "at+jwt", "id-jag+jwt"] {
        rows.refuses("header.typ", typ, &rows.good().header("typ", typ));
    }
    rows.refuses("header.typ", "no type", &rows.good().without_header("typ"));
    rows.rule("JAG-02");
    for claim in ["iss", "sub", "aud", "client_id", "jti", "exp", "iat"] {
        rows.refuses(&format!("claims.{claim}"), claim, &rows.good().without(claim));
    }
    rows.rule("JAG-03");
    rows.accepts("an array of one", &rows.with("aud", json!([AUDIENCE])));
    rows.refuses("claims.aud", "two", &rows.with("aud", json!([AUDIENCE, "https://b.example"])));
    rows.refuses("claims.aud", "another", &rows.with("aud", "https://b.example"));
    rows.rule("JAG-04");
    rows.refuses("claims.client_id", "another client", &rows.with("client_id", "client-2"));
    rows.refuses_given(
        &RequestFacts::new(),
        "claims.client_id",
        "no client authenticated",
        &rows.good(),
    );
    rows.rule("JAG-06");
    rows.accepts("a resource", &rows.with("resource", "https://api.example.com/mcp"));
    rows.accepts("resources", &rows.with("resource", json!(["https://a.example", "urn:b:c"])));
    for resource in [json!(1), json!([]), json!(["x", 1]), json!("a"), json!("https://a.example#f")]
    {
        rows.refuses(
            "claims.resource",
            &resource.to_string(),
            &rows.with("resource", resource.clone()),
        );
    }
    rows.refuses("claims.scope", "scopes", &rows.with("scope", json!(["read"])));
    let details = json!([{ "actions": [] }]);
    rows.refuses(
        "claims.authorization_details",
        "no type",
        &rows.with("authorization_details", details),
    );
    rows.rule("JAG-08");
    let key = TestKey::generate("p", SignatureAlgorithm::Es256);
    let jwk = jwt_appraisal::Jwk::from_json(key.jwk().to_string()).unwrap();
    let bound = rows.with("cnf", json!({ "jkt": jwk.thumbprint().to_string() }));
    rows.refuses("claims.cnf", "no proof", &bound);
    rows.accepts_given(&facts().proof_key(jwk.thumbprint()), "with its proof", &bound);
    let other = TestKey::generate("p", SignatureAlgorithm::Es256);
    let other = jwt_appraisal::Jwk::from_json(other.jwk().to_string()).unwrap().thumbprint();
    rows.refuses_given(&facts().proof_key(other), "claims.cnf", "another proof", &bound);
    rows.accepts_given(&facts().proof_key(other), "a proof, and not bound", &rows.good());
    rows.rule("JAG-05");
    rows.refuses("claims.exp", "expired", &rows.with("iat", NOW - 300).claim("exp", NOW - 60));
    rows.rule("JAG-09");
    rows.refuses("claims.aud", "of the identity provider itself", &rows.with("aud", json!([])));
    let for_mcp = Profile::id_jag().claims::<Value>().require("resource");
    let for_mcp = rows.party.issued(for_mcp).build().unwrap();
    let appraisal = for_mcp.appraise_with_at(rows.good().sign(), &facts(), now());
    expect_rejected("JAG-12", &["claims.resource"], "no resource", &appraisal);
    rows.rule("JAG-11");
    let validator = rows.party.validator("id-jag");
    let token = rows.good().sign();
    for time in ["once", "again"] {
        expect_accepted("JAG-11", time, &validator.appraise_with_at(&token, &facts(), now()));
    }
}

#[test]
fn request_objects() {
    let rows = Rows::of("request-object", "JAR-01");
    rows.refuses("header.alg", "unsecured", &rows.good().unsecured());
    rows.rule("JAR-02");
    for name in ["request", "request_uri"] {
        rows.refuses(&format!("claims.{name}"), name, &rows.with(name, "urn:x:y"));
    }
    rows.rule("JAR-03");
    rows.refuses("claims.client_id", "another client", &rows.with("client_id", "client-2"));
    rows.refuses("claims.client_id", "no client", &rows.good().without("client_id"));
    let other = facts().client_id("client-2");
    rows.refuses_given(&other, "claims.client_id", "another client asks", &rows.good());
    let posing = rows.good().claim("client_id", "client-2").without("iss");
    rows.refuses_given(&other, "claims.client_id", "signed by another", &posing);
    rows.refuses_given(
        &RequestFacts::new(),
        "claims.client_id",
        "the facts name no asking client",
        &rows.good(),
    );
    rows.rule("JAR-06");
    rows.refuses("claims.iss", "another iss", &rows.with("iss", "client-2"));
    rows.refuses("claims.aud", "another server", &rows.with("aud", "https://b.example"));
    rows.accepts("without both", &rows.good().without("iss").without("aud"));
    rows.rule("JAR-07");
    rows.refuses("header.typ", "untyped", &rows.good().without_header("typ"));
    rows.refuses("claims.exp", "no exp", &rows.good().without("exp"));
    rows.refuses("time.lifetime", "11 minutes", &rows.with("exp", NOW + 660));
    rows.rule("JAR-12");
    for (name, value) in [
        ("scope", json!(["openid"])),
        ("state", json!(1)),
        ("redirect_uri", json!(null)),
        ("nonce", json!({})),
        ("max_age", json!("86400")),
    ] {
        rows.refuses("request.parameters", name, &rows.with(name, value));
    }
    rows.accepts("a number", &rows.with("max_age", 86_400).claim("own", json!([1])));
    rows.rule("JAR-08");
    rows.refuses("claims.sub", "an assertion", &rows.with("sub", ISSUER));
    rows.accepts("a user", &rows.with("sub", "user-1"));
    let legacy = rows.party.by_client(Profile::request_object_legacy().claims()).build().unwrap();
    let appraise = |draft: jwt_appraisal::testing::TestToken| {
        legacy.appraise_with_at(draft.sign(), &facts(), now())
    };
    let untyped = || rows.good().without_header("typ");
    expect_accepted("JAR-07", "legacy", &appraise(untyped().without("exp").without("iat")));
    let other = untyped().header("typ", "at+jwt");
    expect_rejected("JAR-07", &["header.typ"], "another type", &appraise(other));
    expect_rejected("JAR-08", &["claims.sub"], "legacy", &appraise(untyped().claim("sub", ISSUER)));
}

#[test]
fn the_key_of_a_request_object_is_its_clients() {
    let clients = ["client-1", "client-2"].map(TestIssuer::new);
    let trusted = clients.each_ref().map(|client| {
        let set = jwt_appraisal::JwkSet::from_json(client.jwks()).unwrap();
        let keys = super::support::key_store([SignatureAlgorithm::Es256], set).unwrap();
        jwt_appraisal::TrustedIssuer::new(client.issuer(), keys)
    });
    let server = validator_builder(Profile::request_object().claims::<Value>()).clients(trusted);
    let server = server.audience(AUDIENCE).build().unwrap();
    let draft = |client: &TestIssuer| {
        let draft = client.token("oauth-authz-req+jwt").at(NOW).claim("aud", AUDIENCE);
        draft.claim("client_id", client.issuer())
    };
    for client in &clients {
        let expect = RequestFacts::new().client_id(client.issuer());
        let token = draft(client).without("iss").sign();
        let appraisal = server.appraise_with_at(token, &expect, now());
        expect_accepted("JAR-04", client.issuer(), &appraisal);
    }
    // It is `client_id` that says whose key, not `iss`.
    let posing = draft(&clients[0]).claim("client_id", "client-2").sign();
    let expect = RequestFacts::new().client_id("client-2");
    let appraisal = server.appraise_with_at(posing, &expect, now());
    expect_rejected("JAR-04", &["crypto.signature"], "another client's name", &appraisal);
    let nameless = draft(&clients[0]).without("client_id").sign();
    let appraisal = server.appraise_with_at(nameless, &expect, now());
    expect_rejected("JAR-04", &["key.client"], "no client", &appraisal);
}

#[test]
fn authorization_responses() {
    let rows = Rows::of("jarm-response", "JM-01");
    for claim in ["iss", "aud", "exp"] {
        rows.refuses(&format!("claims.{claim}"), claim, &rows.good().without(claim));
    }
    rows.rule("JM-02");
    rows.refuses("claims.iss", "another server", &rows.with("iss", "https://mix.example"));
    rows.refuses("claims.aud", "another client", &rows.with("aud", "client-2"));
    rows.refuses("claims.aud", "and another", &rows.with("aud", json!([AUDIENCE, "client-2"])));
    rows.rule("JM-03");
    rows.refuses("header.alg", "unsecured", &rows.good().unsecured());
    rows.rule("JM-04");
    let error = rows.good().without("code").claim("error", "access_denied");
    rows.accepts("an error is a response", &error);
    rows.refuses("claims.exp", "an expired error", &error.claim("exp", NOW - 100));
    rows.rule("JM-05");
    rows.refuses("time.lifetime", "11 minutes", &rows.with("exp", NOW + 660));
    rows.rule("JM-06");
    rows.refuses("claims.state", "another state", &rows.with("state", "x"));
    rows.refuses("claims.state", "no state", &rows.good().without("state"));
    rows.refuses_given(&RequestFacts::new(), "claims.state", "no state was sent", &rows.good());
    rows.accepts_given(&RequestFacts::new(), "none of either", &rows.good().without("state"));
}

#[test]
fn introspection_responses() {
    let rows = Rows::of("introspection-response", "IR-01");
    for typ in ["JWT", "at+jwt", "application/jwt"] {
        rows.refuses("header.typ", typ, &rows.good().header("typ", typ));
    }
    rows.refuses("header.typ", "no type", &rows.good().without_header("typ"));
    rows.rule("IR-02");
    for claim in ["iss", "aud", "iat"] {
        rows.refuses(&format!("claims.{claim}"), claim, &rows.good().without(claim));
    }
    rows.refuses("time.age", "an old response", &rows.with("iat", NOW - 400));
    rows.rule("IR-03");
    let code = "claims.token_introspection";
    let inner = |inner: Value| rows.with("token_introspection", inner);
    rows.accepts("inactive", &inner(json!({ "active": false })));
    for bad in [
        json!(null),
        json!("active"),
        json!([]),
        json!({}),
        json!({ "active": "true" }),
        json!({ "active": null }),
        json!({ "active": false, "sub": "user-1" }),
    ] {
        rows.refuses(code, &bad.to_string(), &inner(bad.clone()));
    }
    rows.rule("IR-04 IR-06");
    rows.refuses("claims.sub", "a sub", &rows.with("sub", "user-1"));
    rows.refuses("claims.exp", "an exp", &rows.with("exp", NOW + 60));
    rows.rule("IR-05 DP-16");
    let active = |name: &str, value: Value| {
        let mut inner = json!({ "active": true });
        inner[name] = value;
        rows.with("token_introspection", inner)
    };
    rows.accepts("not expired", &active("exp", json!(NOW + 1)));
    rows.refuses(code, "expired", &active("exp", json!(NOW - 60)));
    rows.refuses(code, "not yet valid", &active("nbf", json!(NOW + 61)));
    rows.refuses(code, "no date", &active("exp", json!("soon")));
    rows.accepts("for me", &active("aud", json!(["https://b.example", AUDIENCE])));
    rows.refuses(code, "for others", &active("aud", json!("https://b.example")));
    rows.accepts("by this server", &active("iss", json!(ISSUER)));
    rows.refuses(code, "by another", &active("iss", json!("https://b.example")));
    let key = TestKey::generate("p", SignatureAlgorithm::Es256);
    let key = jwt_appraisal::Jwk::from_json(key.jwk().to_string()).unwrap().thumbprint();
    let bound = |typ: &str| {
        let cnf = json!({ "jkt": key.to_string() });
        let inner = json!({ "active": true, "cnf": cnf, "token_type": typ });
        rows.with("token_introspection", inner)
    };
    rows.accepts_given(&facts().proof_key(key), "with its proof", &bound("DPoP"));
    let unbound = json!({ "active": true, "token_type": "DPoP" });
    rows.refuses(code, "of type DPoP and not bound", &inner(unbound));
    rows.refuses_given(&facts().proof_key(key), code, "a proof, and not bound", &rows.good());
    let narrow = RequestFacts::new().parent_scopes(["write"]);
    rows.refuses_given(&narrow, code, "a broader scope", &rows.good());
    rows.refuses(code, "an actor without a name", &active("act", json!({})));
    let actors = Profile::introspection_response().claims::<Value>().actors(["good"]);
    let actors = rows.party.issued(actors).build().unwrap();
    for (sub, verdict) in [("good", Verdict::Accepted), ("evil", Verdict::Rejected)] {
        let token = active("act", json!({ "sub": sub })).sign();
        assert_eq!(actors.appraise_at(token, now()).verdict(), verdict, "AC-02: {sub}");
    }
    rows.refuses_given(&facts().proof_key(key), code, "as a bearer token", &bound("Bearer"));
    rows.refuses(code, "bound to a key", &active("cnf", json!({ "jkt": "x" })));
}

/// Tenants of one identity provider have subjects of their own.
#[test]
fn subjects_of_tenants_are_told_apart() {
    let party = Party::new();
    let validator = validator_builder(Profile::id_jag()).issuer(party.trusted());
    let validator = validator.audience(AUDIENCE).build().unwrap();
    let token = party.good("id-jag").claim("tenant", "t-1").sign();
    let appraisal = validator.appraise_with_at(token, &facts(), now());
    expect_accepted("JAG-07", "with a tenant", &appraisal);
    let accepted = appraisal.into_result().unwrap();
    let claims = accepted.claims();
    assert_eq!((claims.tenant.as_deref(), &*claims.sub), (Some("t-1"), "user-1"));
}

/// Whatever a caller requires has to be there, also what the kind has a check for already.
#[test]
fn every_claim_can_be_required() {
    let party = Party::new();
    let without_facts = RequestFacts::new().method(super::kind::METHOD).uri(super::kind::URI);
    for (kind, claim) in
        [("jarm-response", "state"), ("dpop-proof", "nonce"), ("dpop-proof", "ath")]
    {
        let token = party.good(kind).without(claim).sign();
        let appraise = |validator: jwt_appraisal::Validator<Value>| {
            validator.appraise_with_at(&token, &without_facts, now())
        };
        expect_accepted("-", claim, &appraise(party.validator(kind)));
        let requiring = if kind == "jarm-response" {
            party.issued(Profile::jarm_response().claims().require(claim)).build()
        } else {
            super::kind::proofs(Profile::dpop_proof().claims().require(claim)).build()
        };
        let code = format!("claims.{claim}");
        expect_rejected("-", &[&code], "required", &appraise(requiring.unwrap()));
    }
    let forbidden = party.issued(Profile::logout_token().claims().require("nonce")).build();
    let error = forbidden.unwrap_err();
    assert!(
        matches!(&error, ConfigError::ForbiddenClaim { claim, .. } if claim == "nonce"),
        "{error}"
    );
}

#[test]
fn parties_of_every_kind_are_typed() {
    let party = Party::new();
    let validator = validator_builder(Profile::client_assertion()).client(party.trusted());
    let validator = validator.audience(AUDIENCE).replay_guard(guard()).build().unwrap();
    let token = party.good("client-assertion").sign();
    let accepted = validator.appraise_at(token, now()).into_result().unwrap();
    assert_eq!(&*accepted.claims().sub, ISSUER);
    assert_eq!(accepted.issuer(), &Issuer::from(ISSUER));
    assert_eq!(accepted.key_thumbprint(), None, "its key is registered");
}
