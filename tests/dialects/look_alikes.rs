//! Tokens that look like good ones of a dialect, each different in one point.

use jwt_appraisal::Profile;
use serde_json::{Value, json};

use super::acme::{ACME_2, GLOBEX, World, acme, acme_token, appraise, trusting};
use super::support::{AUDIENCE, ISSUER, NOW, expect_rejected, findings};

#[test]
fn rejects_the_issuers_other_tokens() {
    let world = World::new();
    let good = || world.acme_token();
    for (what, token) in [
        ("its ID token", good().claim("token_use", "id")),
        ("its refresh token", good().claim("token_use", "refresh")),
        ("the tell is missing", good().without("token_use")),
        ("the tell has another case", good().claim("token_use", "Access")),
        ("the tell is null", good().claim("token_use", Value::Null)),
        ("the tell is a list", good().claim("token_use", json!(["access"]))),
        ("a claim that only its ID tokens have", good().claim("nonce", "n-1")),
        ("the same claim as null", good().claim("nonce", Value::Null)),
        ("two tells fail", good().claim("token_use", "id").claim("nonce", "n-1")),
    ] {
        world.rejects("dialect.tells", what, &token);
    }
    let id_token = good().claim("token_use", "id").claim("aud", "client-1");
    // What is no access token is not looked at as one.
    world.rejects("dialect.tells", "its ID token for a client", &id_token);
    world.accepts("the good token", &good());
}

#[test]
fn rejects_tokens_in_the_dialect_of_another_issuer() {
    let world = World::new();
    for (code, what, token) in [
        // Until the issuer is known, the types of all dialects are acceptable.
        ("header.typ", "an RFC 9068 token of acme", world.acme.access_token(AUDIENCE)),
        (
            "header.typ",
            "the type of globex at acme",
            world.acme_token().header("typ", "globex-at+jwt"),
        ),
        (
            "header.typ",
            "the type of RFC 9068 at globex",
            world.globex_token().header("typ", "at+jwt"),
        ),
        ("header.typ", "no type at globex", world.globex_token().without_header("typ")),
        ("header.typ", "JWT at globex", world.globex_token().header("typ", "JWT")),
        (
            "header.typ",
            "no type at an issuer without dialect",
            world.standard_token().without_header("typ"),
        ),
        (
            "header.typ",
            "JWT at an issuer without dialect",
            world.standard_token().header("typ", "JWT"),
        ),
        ("header.typ", "an acme token of the issuer without dialect", acme_token(&world.standard)),
        ("header.typ", "an acme token of globex", acme_token(&world.globex)),
        ("header.typ", "a type of no dialect", world.acme_token().header("typ", "logout+jwt")),
        // The names of one dialect mean nothing in another one.
        (
            "claims.client_id",
            "acme's name for the client at globex",
            world.globex_token().without("client_id").claim("cid", "client-1"),
        ),
        (
            "claims.aud",
            "globex' name for the audience at acme",
            world.acme_token().without("aud").claim("resource", AUDIENCE),
        ),
        ("claims.sub", "acme's tokens have a subject", world.acme_token().without("sub")),
        (
            "time.lifetime",
            "acme's tokens do not live as long as those of globex",
            world.acme_token().claim("exp", NOW + 27 * 60 * 60),
        ),
    ] {
        world.rejects(code, what, &token);
    }
}

/// The issuer's keys are not used for a token whose type the issuer never sends.
#[test]
fn decides_the_type_again_before_a_key_is_selected() {
    let world = World::new();
    let forged = world.acme_token().header("typ", "at+jwt").header("kid", "unknown");
    let appraisal = appraise(&world.validator(), &forged.signature([0; 64]));
    assert_eq!(findings(&appraisal), ["header.typ"]);
    let outcome = |code: &str| {
        appraisal.checks().find(|check| check.id() == code).map(|check| check.outcome().name())
    };
    assert_eq!(outcome("key.issuer"), Some("pass"));
    assert_eq!(outcome("key.found"), Some("not_reached"));
    assert!(!appraisal.record().is_verified());
    assert_eq!(appraisal.record().dialect(), Some("acme"));

    // A type of no dialect is rejected before the issuer is looked up.
    let other = appraise(&world.validator(), &world.acme_token().header("typ", "logout+jwt"));
    let row = other.checks().find(|check| check.id() == "key.issuer").unwrap();
    assert_eq!(row.outcome().name(), "not_reached");
    assert_eq!(other.record().dialect(), None);
}

#[test]
fn rejects_what_another_issuer_signed() {
    let world = World::new();
    for (code, what, token) in [
        (
            "crypto.signature",
            "acme's token by globex",
            world.acme_token().signed_by(world.globex.key()),
        ),
        (
            "crypto.signature",
            "acme's token by the issuer without dialect",
            world.acme_token().signed_by(world.standard.key()),
        ),
        (
            "crypto.signature",
            "acme's token by another issuer with the same dialect",
            world.acme_token().signed_by(world.acme_2.key()),
        ),
        (
            "crypto.signature",
            "a token of another issuer with the same dialect, by acme",
            world.acme_token().claim("iss", ACME_2),
        ),
        (
            "crypto.signature",
            "a standard token by acme",
            world.standard_token().signed_by(world.acme.key()),
        ),
        (
            "header.typ",
            "acme's token in the name of the issuer without dialect",
            world.acme_token().claim("iss", ISSUER),
        ),
        (
            "header.typ",
            "acme's token in the name of globex",
            world.acme_token().claim("iss", GLOBEX),
        ),
        (
            "key.issuer",
            "another tenant of acme",
            world.acme_token().claim("iss", "https://id.acme.example/3"),
        ),
        (
            "key.issuer",
            "the name in another form",
            world.acme_token().claim("iss", "https://id.acme.example/"),
        ),
    ] {
        world.rejects(code, what, &token);
    }
}

#[test]
fn rejects_another_tenant_of_a_single_issuer() {
    let world = World::new();
    let validator = trusting(&world.acme, acme(), Profile::access_token()).build().unwrap();
    let token = world.acme_token().claim("iss", "https://id.acme.example/3");
    expect_rejected("-", &["claims.iss"], "another tenant", &appraise(&validator, &token));
    let token = world.acme.access_token(AUDIENCE).at(NOW);
    expect_rejected("-", &["header.typ"], "RFC 9068", &appraise(&validator, &token));
}

/// A claim that no dialect can change is what it was.
#[test]
fn the_rules_that_a_dialect_does_not_name_still_hold() {
    let world = World::new();
    let good = || world.acme_token();
    for (code, token) in [
        ("claims.exp", good().without("exp")),
        ("claims.iat", good().without("iat")),
        ("claims.jti", good().without("jti")),
        ("claims.client_id", good().without("cid")),
        ("claims.client_id", good().claim("cid", "")),
        ("claims.nbf", good().claim("nbf", NOW + 100)),
        ("claims.exp", good().at(NOW - 1000)),
        ("claims.iat", good().at(NOW + 100)),
        ("claims.cnf", good().claim("cnf", json!({ "jkt": "x" }))),
        ("claims.act", good().claim("act", "a-1")),
        ("claims.aud", good().claim("aud", "https://other.example.com")),
        ("claims.scope", good().claim("scp", json!(["\u{e9}"]))),
        ("header.crit", good().header("crit", json!(["x"])).header("x", 1)),
        ("header.alg", good().unsecured()),
    ] {
        world.rejects(code, &token.claims_json(), &token);
    }
}
