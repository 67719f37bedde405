//! What the caller sees of a dialect: in the appraisal, in the record, and in the validator's `Debug`.

use jwt_appraisal::testing::{TestEnvelope, TestRecipient, TestToken};
use jwt_appraisal::{
    ContentEncryptionAlgorithm, DecryptionKeys, Dialect, KeyManagementAlgorithm, Outcome, Profile,
};
use serde_json::{Value, json};

use super::acme::{World, appraise, trusting};
use super::support::{AUDIENCE, NOW, expect_accepted, findings, now, private_key};

#[test]
fn the_table_says_which_leniencies_a_token_used() {
    let world = World::new();
    let table = appraise(&world.validator(), &world.acme_token()).to_string();
    for line in [
        "header.typ                    lenient  another type",
        "dialect.tells                 pass",
        "dialect.names                 lenient  client_id from another claim, scope from another claim or form",
    ] {
        assert!(table.lines().any(|found| found.trim() == line), "{line}\n{table}");
    }
    let globex = world.globex_token().claim("exp", NOW + 27 * 60 * 60);
    let table = appraise(&world.validator(), &globex).to_string();
    let line = "time.lifetime                 lenient  longer than the kind permits";
    assert!(table.lines().any(|found| found.trim() == line), "{table}");
}

#[test]
fn the_record_has_the_dialect_and_the_leniencies() {
    let world = World::new();
    let record = |token: &TestToken| -> Value {
        serde_json::to_value(appraise(&world.validator(), token).record()).unwrap()
    };
    let acme = record(&world.acme_token());
    assert_eq!(acme["dialect"], "acme");
    assert_eq!(acme["leniencies"], json!(["typ", "client_id_elsewhere", "scope_elsewhere"]));
    assert_eq!(acme["client_id"], "client-1");
    assert_eq!(acme["scopes"], json!(["read", "write"]));
    let row = |code: &str| {
        let checks = acme["checks"].as_array().unwrap();
        checks.iter().find(|check| check["id"] == code).unwrap().clone()
    };
    assert_eq!(
        row("dialect.names"),
        json!({ "id": "dialect.names", "outcome": "lenient",
            "leniencies": ["client_id_elsewhere", "scope_elsewhere"] })
    );
    assert_eq!(row("dialect.tells"), json!({ "id": "dialect.tells", "outcome": "pass" }));

    let standard = record(&world.standard_token());
    assert_eq!((&standard["dialect"], &standard["leniencies"]), (&"standard".into(), &json!([])));
    let unknown = record(&world.acme_token().claim("iss", "https://id.acme.example/3"));
    assert_eq!(unknown["dialect"], Value::Null);
    // The record of a refused token has them too, as far as the token came.
    let expired = record(&world.acme_token().at(NOW - 1000));
    assert_eq!(expired["leniencies"], acme["leniencies"]);
    let forged = record(&world.acme_token().signed_by(world.globex.key()));
    assert_eq!(forged["leniencies"], json!(["typ"]));
    assert_eq!(forged.get("client_id"), None);
}

/// The reason says what was expected, in the words of the dialect, and shows nothing of the token.
#[test]
fn the_reason_is_in_the_words_of_the_dialect() {
    let world = World::new();
    let explain = |token: &TestToken| {
        let appraisal = appraise(&world.validator(), token);
        appraisal.findings().next().unwrap().explanation().unwrap()
    };
    let id_token = world.acme_token().claim("token_use", "secret-1").claim("nonce", "secret-2");
    assert_eq!(
        explain(&id_token),
        "does not say that it is of this kind: expected \"token_use\" to be \"access\" and \"nonce\" absent"
    );
    assert_eq!(
        explain(&world.acme_token().claim("client_id", "secret-3")),
        "is said in two places that disagree: \"cid\" and \"client_id\""
    );
    assert_eq!(
        explain(&world.acme_token().claim("scp", "secret-4")),
        "has the wrong JSON type: found a string in \"scp\""
    );
    assert_eq!(
        explain(&world.acme_token().claim("scp", json!(["secret-5 "]))),
        "is malformed: expected scopes without spaces in \"scp\""
    );
    assert_eq!(
        explain(&world.acme_token().header("typ", "at+jwt")),
        "is not permitted: found \"at+jwt\", expected none or \"JWT\""
    );
    assert_eq!(
        explain(&world.acme_token().header("typ", "logout+jwt")),
        "is not permitted: found \"logout+jwt\", expected none or \"JWT\" or \"at+jwt\" or \"globex-at+jwt\""
    );
}

#[test]
fn the_validator_shows_what_its_dialects_permit() {
    let world = World::new();
    let shown = format!("{:?}", world.validator());
    for part in [
        "Dialect { name: \"acme\", types: [], untyped: true",
        "tells: [\"token_use\" to be \"access\", \"nonce\" absent]",
        "client: {\"cid\": Text}, scopes: {\"scp\": List}",
        "name: \"globex\", types: [\"globex-at+jwt\"], untyped: false",
        "audience: {\"resource\": Either}",
        "may_lack: [\"sub\"]",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    let builder = format!("{:?}", world.trusting_all(Profile::access_token()));
    assert!(builder.contains("Dialect { name: \"acme\""), "{builder}");
    let standard = trusting(&world.standard, Dialect::standard(), Profile::access_token());
    assert!(format!("{:?}", standard.build().unwrap()).contains("dialects: []"));
}

/// A claim that the header of a JWE replicates is compared with the claim under its standard name.
#[test]
fn an_encrypted_token_can_be_in_a_dialect() {
    const ALG: KeyManagementAlgorithm = KeyManagementAlgorithm::A128GcmKw;
    const ENC: ContentEncryptionAlgorithm = ContentEncryptionAlgorithm::A128Gcm;
    let world = World::new();
    let recipient = TestRecipient::secret("enc-1", ALG, b"16 bytes of test");
    let keys = DecryptionKeys::new([private_key(&recipient)], [ALG], [ENC]);
    let builder = world.trusting_all(Profile::access_token()).encrypted_to(keys);
    let validator = builder.build().unwrap();
    let appraise = |envelope: TestEnvelope| validator.appraise_at(envelope.encrypt(), now());
    let seal = |token: &TestToken| recipient.envelope(token.sign(), ENC);
    for token in [world.acme_token(), world.globex_token(), world.standard_token()] {
        expect_accepted("-", "encrypted", &appraise(seal(&token)));
        let replicated = seal(&token).header("aud", AUDIENCE);
        expect_accepted("-", "replicated", &appraise(replicated));
        let other = seal(&token).header("aud", "https://other.example.com");
        assert_eq!(findings(&appraise(other)), ["claims.aud"]);
    }
    // A claim that may be absent must not be said in the header alone.
    let nameless = world.globex_token().without("sub");
    let only_outside = appraise(seal(&nameless).header("sub", "user-1"));
    assert_eq!(findings(&only_outside), ["claims.sub"], "{only_outside}");
    let id_token = world.acme_token().claim("token_use", "id");
    assert_eq!(findings(&appraise(seal(&id_token))), ["dialect.tells"]);
    let typed = world.acme_token().header("typ", "at+jwt");
    assert_eq!(findings(&appraise(seal(&typed))), ["header.typ"]);
}

#[test]
fn a_row_that_used_a_leniency_is_not_a_plain_pass() {
    let world = World::new();
    let appraisal = appraise(&world.validator(), &world.acme_token());
    let row = appraisal.checks().find(|check| check.id() == "header.typ").unwrap();
    let Outcome::Lenient(leniencies) = row.outcome() else { unreachable!("{appraisal}") };
    assert_eq!(leniencies.iter().count(), 1);
    assert!(!row.outcome().refuses() && row.kind().is_none());
    assert_eq!(row.outcome().name(), "lenient");
}
