//! Security event tokens.

use jwt_appraisal::Profile;
use serde_json::{Value, json};

use super::kind::{EVENT, LOGOUT, Rows};
use super::support::{NOW, expect_accepted, expect_rejected, now};

#[test]
fn security_events() {
    let rows = Rows::of("security-event", "SE-01");
    for claim in ["iss", "iat", "jti", "events"] {
        rows.refuses(&format!("claims.{claim}"), claim, &rows.good().without(claim));
    }
    for events in [
        json!(null),
        json!([]),
        json!("x"),
        json!({}),
        json!({ "logout": {} }),
        json!({ EVENT: 1 }),
        json!({ EVENT: null }),
        json!({ EVENT: {}, LOGOUT: [] }),
    ] {
        rows.refuses("claims.events", &events.to_string(), &rows.with("events", events.clone()));
    }
    rows.accepts("two events", &rows.with("events", json!({ EVENT: {}, LOGOUT: {} })));
    rows.rule("SE-02");
    rows.refuses("claims.aud", "another receiver", &rows.with("aud", "https://b.example"));
    rows.refuses("claims.aud", "nobody's", &rows.good().without("aud"));
    rows.rule("SE-03");
    rows.accepts("exp ahead", &rows.with("exp", NOW + 60));
    rows.refuses("claims.exp", "expired", &rows.with("exp", NOW - 60));
    rows.refuses("time.age", "older than a month", &rows.with("iat", NOW - 31 * 86_400));
    rows.rule("SE-04");
    for typ in ["JWT", "logout+jwt", "at+jwt"] {
        rows.refuses("header.typ", typ, &rows.good().header("typ", typ));
    }
    rows.rule("SE-05");
    for toe in [json!("now"), json!(null), json!(1e15)] {
        rows.refuses("claims.toe", &toe.to_string(), &rows.with("toe", toe.clone()));
    }
    rows.accepts("toe and txn", &rows.with("toe", NOW - 5).claim("txn", "t-1"));
    for txn in [json!(1), json!(null), json!("")] {
        rows.refuses("claims.txn", &txn.to_string(), &rows.with("txn", txn.clone()));
    }
    rows.rule("SE-06");
    rows.refuses("claims.nonce", "an ID token's", &rows.with("nonce", "n"));
    let legacy =
        rows.party.issued(Profile::security_event_legacy().claims::<Value>()).build().unwrap();
    let untyped = legacy.appraise_at(rows.good().without_header("typ").sign(), now());
    expect_accepted("SE-04", "legacy", &untyped);
    let other = legacy.appraise_at(rows.good().header("typ", "logout+jwt").sign(), now());
    expect_rejected("SE-04", &["header.typ"], "another type", &other);
}

#[test]
fn no_event_is_older_than_a_month() {
    let rows = Rows::of("security-event", "SE-03");
    let build = |days| {
        let profile =
            Profile::security_event().claims::<Value>().max_token_age(time::Duration::days(days));
        rows.party.issued(profile).build()
    };
    assert!(build(30).is_ok());
    let error = build(31).unwrap_err().to_string();
    assert_eq!(error, "the setting max_token_age is 2678400, but it must be from 1 to 2592000 s");
}

#[test]
fn shared_signals() {
    let rows = Rows::of("shared-signal", "SE-03");
    rows.refuses("claims.exp", "an exp", &rows.with("exp", NOW + 60));
    rows.rule("SE-04");
    rows.refuses("header.typ", "untyped", &rows.good().without_header("typ"));
    rows.rule("SE-07");
    rows.refuses("claims.sub", "a sub", &rows.with("sub", "user-1"));
    rows.refuses("claims.sub_id", "no sub_id", &rows.good().without("sub_id"));
    for sub_id in [
        json!(null),
        json!("a@example.com"),
        json!([]),
        json!({}),
        json!({ "email": "a@example.com" }),
        json!({ "format": "shoe", "size": 44 }),
        json!({ "format": "email" }),
        json!({ "format": "email", "email": 1 }),
        json!({ "format": "email", "email": "a" }),
        json!({ "format": "email", "email": "a@example.com", "sub": "x" }),
        json!({ "format": "iss_sub", "iss": "https://b.example" }),
        json!({ "format": "email", "email": "@example.com" }),
        json!({ "format": "email", "email": "a@" }),
        json!({ "format": "email", "email": "a b@example.com" }),
        json!({ "format": "uri", "uri": "no-uri" }),
        json!({ "format": "phone_number", "phone_number": "206-555-0100" }),
        json!({ "format": "phone_number", "phone_number": "+" }),
        json!({ "format": "phone_number", "phone_number": "+1206555010a" }),
        json!({ "format": "phone_number", "phone_number": "+1234567890123456" }),
        json!({ "format": "account", "uri": "https://b.example" }),
        json!({ "format": "did", "url": "https://b.example" }),
        json!({ "format": "opaque", "id": "" }),
        json!({ "format": "aliases" }),
        json!({ "format": "complex" }),
        json!({ "format": "complex", "user": "a" }),
        json!({ "format": "complex", "pet": { "format": "opaque", "id": "1" } }),
        json!({ "format": "complex", "user": { "format": "complex", "user": {} } }),
        json!({ "format": "ip-addresses" }),
        json!({ "format": "ip-addresses", "ip-addresses": [] }),
        json!({ "format": "ip-addresses", "ip-addresses": ["10.1.2"] }),
        json!({ "format": "aliases", "identifiers": [] }),
        json!({ "format": "aliases", "identifiers": [{ "format": "aliases", "identifiers": [] }] }),
    ] {
        rows.refuses("claims.sub_id", &sub_id.to_string(), &rows.with("sub_id", sub_id.clone()));
    }
    for sub_id in [
        json!({ "format": "account", "uri": "acct:a@example.com" }),
        json!({ "format": "iss_sub", "iss": "https://b.example", "sub": "x" }),
        json!({ "format": "opaque", "id": "1" }),
        json!({ "format": "phone_number", "phone_number": "+12065550100" }),
        json!({ "format": "did", "url": "did:example:1" }),
        json!({ "format": "uri", "uri": "urn:uuid:1" }),
        json!({ "format": "jwt_id", "iss": "https://b.example", "jti": "x" }),
        json!({ "format": "saml_assertion_id", "issuer": "https://b.example", "assertion_id": "x" }),
        json!({ "format": "ip-addresses", "ip-addresses": ["10.1.2.3", "2001:db8::1"] }),
        json!({ "format": "complex", "user": { "format": "email", "email": "a@example.com" } }),
        json!({ "format": "aliases", "identifiers": [{ "format": "opaque", "id": "1" }] }),
    ] {
        rows.accepts(&sub_id.to_string(), &rows.with("sub_id", sub_id.clone()));
    }
}
