//! Bounds: the last thing that is read and the first that is not, and what a refusal costs.
#![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

mod support;

use jwt_appraisal::testing::TestRecipient;
use jwt_appraisal::{
    AccessTokenClaims, Appraisal, ContentEncryptionAlgorithm, DecryptionKeys, JwkSet, KeyError,
    KeyManagementAlgorithm, Limits, Profile, SignatureAlgorithm, TrustedIssuer, Validator, Verdict,
};
use serde_json::json;
use support::{
    AUDIENCE, ISSUER, Scene, Sealed, build_sealed, expect_accepted, expect_rejected, key_store,
    now, private_key, provider, validator_builder,
};

/// A validator of the scene's tokens within other limits.
fn within(scene: &Scene, set: impl Fn(&mut Limits)) -> Validator<AccessTokenClaims> {
    let mut limits = Limits::default();
    set(&mut limits);
    let keys = JwkSet::from_json(scene.issuer.jwks()).unwrap();
    let keys = key_store([SignatureAlgorithm::Es256], keys).unwrap();
    validator_builder(Profile::access_token())
        .issuer(TrustedIssuer::new(ISSUER, keys))
        .audience(AUDIENCE)
        .limits(limits)
        .build()
        .unwrap()
}

#[test]
fn token_bytes() {
    let scene = Scene::new();
    let token = scene.token().sign();
    let exact = within(&scene, |limits| limits.token_bytes = token.len());
    expect_accepted("PAR-12", "as long as permitted", &exact.appraise_at(&token, now()));
    let short = within(&scene, |limits| limits.token_bytes = token.len() - 1);
    let appraisal = short.appraise_at(&token, now());
    expect_rejected("PAR-12", &["form.size"], "a byte longer", &appraisal);
    let explanation = appraisal.findings().next().unwrap().explanation().unwrap();
    let (found, most) = (token.len(), token.len() - 1);
    assert_eq!(explanation, format!("has too many bytes: found {found}, expected at most {most}"));
}

#[test]
fn a_long_token_within_a_higher_limit() {
    let scene = Scene::new();
    let padding = "x".repeat(100_000);
    let token = scene.token().claim("padding", padding).sign();
    let wide = within(&scene, |limits| limits.token_bytes = 200_000);
    expect_accepted("PAR-12", "100 kB", &wide.appraise_at(&token, now()));
    expect_rejected("PAR-12", &["form.size"], "100 kB", &scene.appraise(&token));
}

#[test]
fn header_bytes() {
    let scene = Scene::new();
    let token = scene.token().header("x", "x".repeat(300)).sign();
    let header = token.split('.').next().unwrap().len();
    let exact = within(&scene, |limits| limits.header_bytes = header);
    expect_accepted("PAR-12", "as long as permitted", &exact.appraise_at(&token, now()));
    let short = within(&scene, |limits| limits.header_bytes = header - 1);
    expect_rejected("PAR-12", &["form.header"], "a byte longer", &short.appraise_at(&token, now()));
    let longest = scene.token().header("x", "x".repeat(6_080)).sign();
    assert!(longest.split('.').next().unwrap().len() <= 8 * 1024);
    scene.accepts("PAR-12", "8 KiB", longest);
}

fn sealed() -> Sealed {
    let recipient = TestRecipient::generate("enc-1", KeyManagementAlgorithm::A128GcmKw);
    Sealed::new(provider(), recipient, ContentEncryptionAlgorithm::A128Gcm)
}

/// Appraises an encrypted token within other limits.
fn appraise_sealed(
    sealed: &Sealed,
    token: &str,
    set: impl Fn(&mut Limits),
) -> Appraisal<AccessTokenClaims> {
    let mut limits = Limits::default();
    set(&mut limits);
    let algs = [sealed.recipient.algorithm()];
    let keys = DecryptionKeys::new([private_key(&sealed.recipient)], algs, [sealed.enc]);
    let validator = build_sealed(provider(), &sealed.issuer, keys.allow_deflate(), limits);
    validator.unwrap().appraise_at(token, now())
}

#[test]
fn header_bytes_of_an_encrypted_token() {
    let sealed = sealed();
    let token = sealed.envelope().header("x", "x".repeat(300)).encrypt();
    let header = token.split('.').next().unwrap().len();
    let within = |most| appraise_sealed(&sealed, &token, |limits| limits.header_bytes = most);
    expect_accepted("PAR-12", "as long as permitted", &within(header));
    expect_rejected("PAR-12", &["form.jwe"], "a byte longer", &within(header - 1));
}

#[test]
fn inflated_bytes() {
    let sealed = sealed();
    let signed = sealed.draft().sign();
    let token = sealed.seal(&signed).compressed().encrypt();
    let within = |most| appraise_sealed(&sealed, &token, |limits| limits.inflated_bytes = most);
    expect_accepted("ALG-17", "as long as permitted", &within(signed.len()));
    let appraisal = within(signed.len() - 1);
    expect_rejected("ALG-17", &["jwe.zip"], "a byte longer", &appraisal);
}

#[test]
fn json_depth_values_and_members() {
    let scene = Scene::new();
    let token = scene.token().claim("x", json!([[[1]]])).sign();
    let depth = |most| within(&scene, |limits| limits.json_depth = most).appraise_at(&token, now());
    expect_accepted("PAR-12", "4 deep", &depth(4));
    expect_rejected("PAR-12", &["payload.json"], "3 deep", &depth(3));
    let values =
        |most| within(&scene, |limits| limits.json_values = most).appraise_at(&token, now());
    // Nine claims with their names, the object, and three arrays around one number.
    expect_accepted("PAR-12", "as many values", &values(22));
    expect_rejected("PAR-12", &["payload.json"], "a value more", &values(21));
    let members =
        |most| within(&scene, |limits| limits.object_members = most).appraise_at(&token, now());
    expect_accepted("PAR-12", "as many members", &members(9));
    expect_rejected("PAR-12", &["payload.json"], "a member more", &members(8));
}

#[test]
fn actor_depth() {
    let scene = Scene::new();
    let token = scene.token().claim("act", json!({"sub": "b", "act": {"sub": "a"}})).sign();
    let depth =
        |most| within(&scene, |limits| limits.actor_depth = most).appraise_at(&token, now());
    expect_accepted("AC-03", "2 actors", &depth(2));
    expect_rejected("AC-03", &["claims.act"], "2 actors", &depth(1));
}

#[test]
fn key_sets() {
    let mut limits = Limits::default();
    limits.keys_per_set = 2;
    limits.key_set_bytes = 80;
    let read = |text: &str| JwkSet::from_json_within(text, &limits).map(|_| ());
    assert_eq!(read(r#"{"keys":[{"kty":"a"},{"kty":"b"}]}"#), Ok(()));
    let many = read(r#"{"keys":[{"kty":"a"},{"kty":"b"},{"kty":"c"}]}"#);
    assert!(matches!(many, Err(KeyError::TooManyKeys { most: 2, .. })), "{many:?}");
    let long = format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(80));
    let error = read(&long).unwrap_err();
    let KeyError::SetTooLong { found, most, .. } = error else {
        unreachable!("{error}");
    };
    assert_eq!((found, most), (long.len(), 80));
}

#[test]
fn huge_inputs_are_refused() {
    let scene = Scene::new();
    for (what, token) in [
        ("10 MB", "a".repeat(10_000_000)),
        ("100,000 dots", ".".repeat(100_000)),
        ("a header of 1 MB", format!("{}.e30.AA", "a".repeat(1_000_000))),
    ] {
        expect_rejected("PAR-12", &["form.size"], what, &scene.appraise(token));
    }
    let deep = "[".repeat(10_000);
    let header = scene.token().raw_header(deep.as_bytes()).sign();
    expect_rejected("PAR-12", &["form.header"], "a deep header", &scene.appraise(header));
    let wide = within(&scene, |limits| limits.token_bytes = 1_000_000);
    let payload = wide.appraise_at(scene.token().raw_payload(deep.into_bytes()).sign(), now());
    expect_rejected("PAR-12", &["payload.json"], "a deep payload", &payload);
    let keys = json!({"keys": vec![json!({"kty": "x"}); 100_000]}).to_string();
    assert!(matches!(JwkSet::from_json(keys), Err(KeyError::SetTooLong { .. })));
    assert_eq!(scene.appraise(scene.token().sign()).verdict(), Verdict::Accepted);
}
