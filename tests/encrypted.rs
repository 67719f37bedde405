//! Encrypted tokens: what the outer token has to be, and that the inner one has to be a good one.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod support;

use jwt_appraisal::testing::{TestEnvelope, TestIssuer, TestRecipient};
use jwt_appraisal::{
    ContentEncryptionAlgorithm, DecryptionKey, DecryptionKeys, KeyManagementAlgorithm, Limits,
    Outcome, Profile, RequestFacts, SignatureAlgorithm, danger,
};
use serde_json::{Value, json};
use support::{
    AUDIENCE, ISSUER, NOW, Scene, Sealed, build_sealed, expect_accepted, expect_rejected, findings,
    now, private_key, provider,
};

const ALG: KeyManagementAlgorithm = KeyManagementAlgorithm::A128GcmKw;
const ENC: ContentEncryptionAlgorithm = ContentEncryptionAlgorithm::A128Gcm;

/// The checks of encryption, in order.
const OUTER: [&str; 7] =
    ["form.jwe", "jwe.alg", "jwe.enc", "jwe.cty", "jwe.zip", "jwe.key", "jwe.decrypt"];

fn sealed() -> Sealed {
    Sealed::new(provider(), TestRecipient::generate("enc-1", ALG), ENC)
}

fn with_keys(recipient: TestRecipient, keys: DecryptionKeys) -> Sealed {
    Sealed::of(provider(), recipient, ENC, keys)
}

fn segments(token: &str) -> Vec<String> {
    token.split('.').map(str::to_owned).collect()
}

#[test]
fn the_rows_stand_before_those_of_the_inner_token() {
    let sealed = sealed();
    let appraisal = sealed.appraise(sealed.envelope().encrypt());
    expect_accepted("PAR-15", "a good one", &appraisal);
    let codes: Vec<_> = appraisal.checks().map(|check| check.id().to_string()).collect();
    assert_eq!(codes[0], "form.size");
    assert_eq!(codes[1..8], OUTER);
    assert_eq!(codes[8], "form.compact");
    let plain: Vec<_> = Scene::new().validator.checks().map(ToString::to_string).collect();
    assert_eq!(codes[8..], plain[1..], "the inner token passes every check that a plain one does");
}

#[test]
fn what_was_encrypted_can_be_told_from_what_was_signed() {
    let sealed = sealed();
    let accepted = sealed.appraise(sealed.envelope().encrypt()).into_result().unwrap();
    assert_eq!(accepted.encryption(), Some((ALG, ENC)), "PAR-14");
    let scene = Scene::new();
    let signed = scene.appraise(scene.token().sign()).into_result().unwrap();
    assert_eq!(signed.encryption(), None, "PAR-14");
}

#[test]
fn one_kind_is_not_taken_for_the_other() {
    let sealed = sealed();
    sealed.refuses("PAR-14 IDT-17", "form.jwe", "a signed token", sealed.draft().sign());
    let scene = Scene::new();
    let encrypted = sealed.recipient.encrypt(&scene.token().sign(), ENC);
    scene.refuses("PAR-14", "form.compact", "an encrypted token", encrypted);
}

/// CVE-2026-29000, CVE-2023-51774: who can encrypt is not who can sign.
#[test]
fn decryption_is_no_signature() {
    let sealed = sealed();
    let draft = sealed.draft();
    let bare_claims = sealed.recipient.envelope(draft.claims_json(), ENC);
    sealed.refuses("PAR-14", "form.compact", "claims without a token", bare_claims.encrypt());
    let untyped = bare_claims.without_header("cty").encrypt();
    sealed.refuses("PAR-14", "jwe.cty", "claims that say so", untyped);
    let unsecured = draft.clone().unsecured().sign();
    let unsecured = sealed.recipient.encrypt(&unsecured, ENC);
    sealed.refuses("PAR-14", "header.alg", "an unsecured token", unsecured);
    let forged = TestIssuer::new(ISSUER).access_token(AUDIENCE).at(NOW).sign();
    let forged = sealed.recipient.encrypt(&forged, ENC);
    sealed.refuses("PAR-15", "crypto.signature", "signed by somebody else", forged);
}

#[test]
fn the_inner_token_passes_everything() {
    let sealed = sealed();
    let draft = sealed.draft();
    let rows = [
        ("expired", "claims.exp", draft.clone().claim("exp", NOW - 3_600)),
        ("for others", "claims.aud", draft.clone().claim("aud", "https://other.example.com")),
        ("of another kind", "header.typ", draft.clone().header("typ", "JWT")),
        ("without a type", "header.typ", draft.clone().without_header("typ")),
        ("twice a claim", "payload.json", {
            let twice = draft.claims_json().replacen('{', r#"{"sub":"root","#, 1);
            draft.clone().raw_payload(twice)
        }),
    ];
    for (what, code, inner) in rows {
        let token = sealed.recipient.encrypt(&inner.sign(), ENC);
        sealed.refuses("PAR-15", code, what, token);
    }
    let typed_outside = sealed
        .recipient
        .envelope(draft.without_header("typ").sign(), ENC)
        .header("typ", "at+jwt")
        .encrypt();
    sealed.refuses("HDR-11", "header.typ", "the type outside", typed_outside);
    let typed_twice = sealed.envelope().header("typ", "JWT").encrypt();
    sealed.accepts("HDR-11", "the type inside", typed_twice);
}

#[test]
fn one_level_of_nesting() {
    let sealed = sealed();
    let twice = sealed.recipient.encrypt(&sealed.envelope().encrypt(), ENC);
    sealed.refuses("PAR-15", "form.compact", "encrypted twice", twice);
    let draft = sealed.draft();
    let inside = draft.clone().header("cty", "JWT").raw_payload(sealed.envelope().encrypt()).sign();
    sealed.refuses("PAR-16", "form.jwe", "signed around", &inside);
    let inside = sealed.recipient.encrypt(&inside, ENC);
    sealed.refuses("PAR-16", "header.cty", "signed around, encrypted", inside);
}

#[test]
fn the_form_of_the_outer_token() {
    let sealed = sealed();
    let good = segments(&sealed.envelope().encrypt());
    let header = sealed.envelope();
    let with = |nth: usize, text: &str| {
        let mut segments = good.clone();
        segments[nth] = text.to_owned();
        segments.join(".")
    };
    let raw = |text: &str| header.clone().raw_header(text).encrypt();
    let rows = [
        ("PAR-03", "four segments", good[..4].join(".")),
        ("PAR-03", "six segments", format!("{}.AA", good.join("."))),
        ("PAR-03", "nothing", String::new()),
        ("PAR-03", "dots", "....".to_owned()),
        ("PAR-02", "JSON", json!({ "protected": good[0], "iv": good[2] }).to_string()),
        ("PAR-01", "a space", with(2, &format!("{} ", good[2]))),
        ("PAR-04", "padding", with(4, &format!("{}==", good[4]))),
        ("PAR-05", "bits that stand for nothing", with(2, "AAAAAAAAAAAAAAAAAAAAAB")),
        ("PAR-05", "a single character", with(1, "A")),
        ("PAR-06", "no JSON", raw("{")),
        ("PAR-06", "an array", raw("[]")),
        ("PAR-07", "no UTF-8", header.clone().raw_header(*b"{\"a\":\"\xff\"}").encrypt()),
        ("PAR-08", "alg twice", raw(r#"{"alg":"dir","alg":"A128GCMKW","enc":"A128GCM"}"#)),
        ("PAR-12", "a header that is too long", raw(&" ".repeat(8 * 1024))),
        (
            "CRT-01",
            "crit",
            header.clone().header("crit", json!(["exp"])).header("exp", 1).encrypt(),
        ),
        ("CRT-04", "crit of a known name", header.clone().header("crit", json!(["alg"])).encrypt()),
        ("CRT-02", "an empty crit", header.clone().header("crit", json!([])).encrypt()),
        ("PAR-11", "a typ that is no string", header.clone().header("typ", 1).encrypt()),
        ("HDR-05", "a jwk that is no key", header.clone().header("jwk", 1).encrypt()),
    ];
    for (rule, what, token) in rows {
        sealed.refuses(rule, "form.jwe", what, token);
    }
    let mut limits = Limits::default();
    limits.token_bytes = 64;
    let keys = DecryptionKeys::new([private_key(&sealed.recipient)], [ALG], [ENC]);
    let short = build_sealed(provider(), &sealed.issuer, keys, limits).unwrap();
    let appraisal = short.appraise_at(good.join("."), now());
    expect_rejected("PAR-12", &["form.size"], "too long", &appraisal);
}

#[test]
fn algorithms_are_permitted_each_by_its_name() {
    let sealed = sealed();
    let rows = [
        ("alg", "jwe.alg", json!("A256GCMKW")),
        ("alg", "jwe.alg", json!("dir")),
        ("alg", "jwe.alg", json!("RSA1_5")),
        ("alg", "jwe.alg", json!("none")),
        ("alg", "jwe.alg", json!("a128gcmkw")),
        ("alg", "jwe.alg", json!("A128GCMKW ")),
        ("alg", "jwe.alg", json!("")),
        ("alg", "jwe.alg", json!(["A128GCMKW"])),
        ("alg", "jwe.alg", Value::Null),
        ("enc", "jwe.enc", json!("A256GCM")),
        ("enc", "jwe.enc", json!("A128CBC-HS256")),
        ("enc", "jwe.enc", json!("a128gcm")),
        ("enc", "jwe.enc", json!("A128GCMKW")),
        ("enc", "jwe.enc", json!(128)),
        ("enc", "jwe.enc", Value::Null),
    ];
    for (member, code, value) in rows {
        let what = format!("{member} {value}");
        sealed.refuses("HDR-02", code, &what, sealed.envelope().header(member, value).encrypt());
    }
    for (member, code) in [("alg", "jwe.alg"), ("enc", "jwe.enc")] {
        let token = sealed.envelope().without_header(member).encrypt();
        sealed.refuses("HDR-02", code, "missing", token);
    }
    sealed.accepts("HDR-02", "both", sealed.envelope().encrypt());
}

#[test]
fn the_content_is_said_to_be_a_token() {
    let sealed = sealed();
    sealed.refuses("PAR-15", "jwe.cty", "none", sealed.envelope().without_header("cty").encrypt());
    for cty in [json!("json"), json!("JWT; a=b"), json!(""), json!(1), Value::Null] {
        let token = sealed.envelope().header("cty", cty.clone()).encrypt();
        sealed.refuses("PAR-15", "jwe.cty", &cty.to_string(), token);
    }
    for cty in ["JWT", "jwt", "application/jwt"] {
        sealed.accepts("PAR-15", cty, sealed.envelope().header("cty", cty).encrypt());
    }
}

#[test]
fn a_content_type_that_was_waived_shows() {
    let recipient = TestRecipient::generate("enc-1", ALG);
    let keys = DecryptionKeys::new([private_key(&recipient)], [ALG], [ENC]);
    let sealed = with_keys(recipient, danger::without_content_type(keys));
    let waived: Vec<_> = sealed.validator.waived().map(ToString::to_string).collect();
    assert_eq!(waived, ["jwe.cty"]);
    let appraisal = sealed.appraise(sealed.envelope().without_header("cty").encrypt());
    expect_accepted("PAR-15", "none, waived", &appraisal);
    let cty = appraisal.checks().find(|check| check.id() == "jwe.cty").unwrap();
    assert_eq!(*cty.outcome(), Outcome::Waived);
    let other = sealed.envelope().header("cty", "json").encrypt();
    sealed.accepts("PAR-15", "something else, waived", other);
    let other = sealed.envelope().header("cty", 1).encrypt();
    sealed.refuses("PAR-15", "jwe.cty", "no text", other);
    let claims = sealed.draft().claims_json();
    let claims = sealed.recipient.envelope(claims, ENC).without_header("cty").encrypt();
    sealed.refuses("PAR-14", "form.compact", "claims without a token", claims);
}

#[test]
fn keys_are_found_by_kid_or_by_algorithm() {
    let [one, other] = ["enc-1", "enc-2"].map(|kid| TestRecipient::generate(kid, ALG));
    let direct = TestRecipient::generate("dir-1", KeyManagementAlgorithm::Dir);
    let algs = [ALG, KeyManagementAlgorithm::Dir];
    let keys = DecryptionKeys::new(
        [private_key(&one), private_key(&other), private_key(&direct)],
        algs,
        [ENC],
    );
    let sealed = with_keys(one.clone(), keys);
    let signed = sealed.draft().sign();
    sealed.accepts("KEY-09", "the first", one.encrypt(&signed, ENC));
    sealed.accepts("KEY-09", "the second", other.encrypt(&signed, ENC));
    let rows = [
        ("nobody's", one.envelope(&signed, ENC).header("kid", "enc-3")),
        ("no text", one.envelope(&signed, ENC).header("kid", 1)),
        ("none, and two candidates", one.envelope(&signed, ENC).without_header("kid")),
        ("of a key for another algorithm", one.envelope(&signed, ENC).header("kid", "dir-1")),
        ("in other letters", one.envelope(&signed, ENC).header("kid", "ENC-1")),
    ];
    for (what, envelope) in rows {
        sealed.refuses("KEY-09", "jwe.key", what, envelope.encrypt());
    }
    let only = direct.envelope(&signed, ENC).without_header("kid").encrypt();
    sealed.accepts("KEY-09", "none, and one candidate", only);
    for kid in [json!(1), json!(["dir-1"]), Value::Null] {
        let what = format!("{kid}, and one candidate");
        let token = direct.envelope(&signed, ENC).header("kid", kid).encrypt();
        sealed.refuses("KEY-09", "jwe.key", &what, token);
    }
    let swapped = one.envelope(&signed, ENC).header("kid", "enc-2").encrypt();
    sealed.refuses("KEY-09", "jwe.decrypt", "of the other key", swapped);
}

#[test]
fn a_key_without_a_kid_is_found_by_its_algorithm() {
    let recipient = TestRecipient::generate("enc-1", ALG);
    let jwk = recipient.private_jwk();
    let secret = DecryptionKey::from_jwk(json!({ "kty": "oct", "k": jwk["k"] }).to_string());
    let other = TestRecipient::secret("enc-2", KeyManagementAlgorithm::A256GcmKw, &[7; 32]);
    let algs = [ALG, KeyManagementAlgorithm::A256GcmKw];
    let keys = DecryptionKeys::new([secret.unwrap(), private_key(&other)], algs, [ENC]);
    let sealed = with_keys(recipient, keys);
    sealed.accepts("KEY-09", "whatever the token names", sealed.envelope().encrypt());
    let named = sealed.envelope().header("kid", "enc-2").encrypt();
    sealed.refuses("KEY-09", "jwe.key", "another's kid", named);
}

#[test]
fn a_key_for_direct_encryption_is_for_one_algorithm() {
    let secret = TestRecipient::secret("dir-1", KeyManagementAlgorithm::Dir, &[7; 32]);
    let mut jwk = secret.private_jwk();
    jwk["alg"] = json!("A256GCM");
    let key = DecryptionKey::from_jwk(jwk.to_string()).unwrap();
    let enc = [ContentEncryptionAlgorithm::A256Gcm, ContentEncryptionAlgorithm::A128Gcm];
    let sealed =
        with_keys(secret.clone(), DecryptionKeys::new([key], [KeyManagementAlgorithm::Dir], enc));
    let good = secret.encrypt(&sealed.draft().sign(), ContentEncryptionAlgorithm::A256Gcm);
    sealed.accepts("KEY-09", "its own", good);
    let named = secret.envelope(sealed.draft().sign(), ContentEncryptionAlgorithm::A256Gcm);
    let other = named.header("enc", "A128GCM").encrypt();
    sealed.refuses("KEY-06", "jwe.key", "another content encryption", other);
}

/// Whatever goes wrong between unwrapping and the tag, a report says the same.
#[test]
fn one_failure() {
    let sealed = sealed();
    let good = segments(&sealed.envelope().encrypt());
    let stranger = TestRecipient::generate("enc-1", ALG);
    let flip = |nth: usize| {
        let mut segments = good.clone();
        let first = if segments[nth].starts_with('A') { "B" } else { "A" };
        segments[nth].replace_range(..1, first);
        segments.join(".")
    };
    let wrapped = |key: &[u8]| sealed.envelope().wrapped_key(key).encrypt();
    let tokens = [
        ("ALG-13", "another encrypted key", flip(1)),
        ("ALG-13", "another iv", flip(2)),
        ("ALG-13", "another ciphertext", flip(3)),
        ("ALG-13", "another tag", flip(4)),
        ("ALG-13", "no ciphertext", [&good[0], &good[1], &good[2], "", &good[4]].join(".")),
        ("ALG-13", "another header", {
            let header = sealed.envelope().header("x", 1).encrypt();
            [&segments(&header)[0], &good[1], &good[2], &good[3], &good[4]]
                .map(String::as_str)
                .join(".")
        }),
        ("ALG-13", "another key", stranger.encrypt(&sealed.draft().sign(), ENC)),
        ("ALG-15", "a short content key", wrapped(&[7; 15])),
        ("ALG-15", "a long content key", wrapped(&[7; 32])),
        ("ALG-15", "another content key", wrapped(&[7; 16])),
        ("ALG-15", "an encrypted key of one byte", sealed.envelope().encrypted_key([1]).encrypt()),
        ("ALG-15", "a huge encrypted key", sealed.envelope().encrypted_key([1; 2048]).encrypt()),
    ];
    let mut reports: Vec<String> = tokens
        .iter()
        .map(|(rule, what, token)| {
            let appraisal = sealed.appraise(token);
            expect_rejected(rule, &["jwe.decrypt"], what, &appraisal);
            let json = serde_json::to_string(&appraisal).unwrap();
            format!("{appraisal}\n{appraisal:?}\n{json}")
        })
        .collect();
    reports.dedup();
    assert_eq!(reports.len(), 1, "{reports:#?}");
    let line =
        "jwe.decrypt                   FAIL  does not decrypt under key \"enc-1\" (A128GCMKW)";
    assert!(reports[0].contains(line), "{}", reports[0]);
}

#[test]
fn what_the_header_replicates_is_what_was_verified() {
    let sealed = sealed();
    let claims: Value = serde_json::from_str(&sealed.draft().claims_json()).unwrap();
    let sign = || {
        let draft = sealed.draft().claim("jti", "j-1");
        draft.claim("nbf", NOW).sign()
    };
    let envelope = || sealed.recipient.envelope(sign(), ENC);
    let same = [
        ("iss", json!(ISSUER)),
        ("sub", claims["sub"].clone()),
        ("aud", json!(AUDIENCE)),
        ("exp", claims["exp"].clone()),
        ("nbf", json!(NOW)),
        ("iat", json!(NOW)),
        ("jti", json!("j-1")),
    ];
    let all = same.iter().fold(envelope(), |e, (name, value)| e.header(*name, value.clone()));
    sealed.accepts("HDR-13", "all of them", all.encrypt());
    for (name, _) in &same {
        for other in [json!("other"), json!([AUDIENCE]), json!(1), Value::Null] {
            let what = format!("{name} {other}");
            let token = envelope().header(*name, other).encrypt();
            sealed.refuses("HDR-13", &format!("claims.{name}"), &what, token);
        }
    }
    let draft = sealed.draft();
    let absent = sealed.recipient.envelope(draft.sign(), ENC).header("nbf", NOW).encrypt();
    sealed.refuses("HDR-13", "claims.nbf", "a claim that is not there", absent);
    let several = draft.claim("aud", json!([AUDIENCE, "b"])).sign();
    let several = sealed.recipient.envelope(several, ENC);
    let token = several.clone().header("aud", json!([AUDIENCE, "b"])).encrypt();
    sealed.accepts("HDR-13", "several audiences", token);
    let token = several.header("aud", json!(["b", AUDIENCE])).encrypt();
    sealed.refuses("HDR-13", "claims.aud", "in another order", token);
}

#[test]
fn a_failed_claim_keeps_its_own_reason() {
    let sealed = sealed();
    let expired = sealed.draft().claim("exp", NOW - 3_600).sign();
    let expired = sealed.recipient.envelope(expired, ENC);
    let appraisal = sealed.appraise(expired.clone().header("exp", 1).encrypt());
    expect_rejected("HDR-13", &["jwe.decrypt", "claims.exp"], "and differs", &appraisal);
    let refused = appraisal.into_result().unwrap_err();
    assert!(!refused.is_only_expired(), "{refused}");
    let same = sealed.appraise(expired.header("exp", NOW - 3_600).encrypt());
    assert!(same.into_result().unwrap_err().is_only_expired());
}

/// A kind without a claim still has nobody say otherwise in the header.
#[test]
fn what_the_header_replicates_of_a_kind_without_the_claim() {
    let recipient = TestRecipient::generate("enc-1", ALG);
    let keys = DecryptionKeys::new([private_key(&recipient)], [ALG], [ENC]);
    let validator = support::validator_builder(danger::without_replay_guard(Profile::dpop_proof()))
        .algorithms([SignatureAlgorithm::Es256])
        .encrypted_to(keys)
        .build()
        .unwrap();
    let issuer = TestIssuer::new(ISSUER);
    let proof = issuer.token("dpop+jwt").at(NOW).without("exp").without("iss");
    let proof = proof.header("jwk", issuer.key().jwk()).claim("jti", "j");
    let proof = proof.claim("htm", "GET").claim("htu", AUDIENCE).sign();
    let expect = RequestFacts::new().method("GET").uri(AUDIENCE);
    let appraise =
        |envelope: TestEnvelope| validator.appraise_with_at(envelope.encrypt(), &expect, now());
    let envelope = || recipient.envelope(&proof, ENC);
    expect_accepted("HDR-13", "nothing", &appraise(envelope()));
    for (name, value) in [("sub", json!("a")), ("iss", json!(ISSUER)), ("aud", json!(AUDIENCE))] {
        let appraisal = appraise(envelope().header(name, value));
        expect_rejected("HDR-13", &["jwe.decrypt"], name, &appraisal);
    }
    let appraisal = appraise(envelope().header("jti", "other"));
    expect_rejected("HDR-13", &["claims.jti"], "jti", &appraisal);
}

#[test]
fn compressed_content_is_refused_by_default() {
    let sealed = sealed();
    sealed.refuses("HDR-15", "jwe.zip", "DEF", sealed.envelope().compressed().encrypt());
    for zip in [json!("GZ"), json!("def"), json!(1), Value::Null] {
        let token = sealed.envelope().header("zip", zip.clone()).encrypt();
        sealed.refuses("HDR-15", "jwe.zip", &zip.to_string(), token);
    }
}

#[test]
fn compressed_content_where_it_is_allowed() {
    let recipient = TestRecipient::generate("enc-1", ALG);
    let keys = DecryptionKeys::new([private_key(&recipient)], [ALG], [ENC]).allow_deflate();
    let sealed = with_keys(recipient, keys);
    sealed.accepts("HDR-15", "DEF", sealed.envelope().compressed().encrypt());
    sealed.accepts("HDR-15", "none", sealed.envelope().encrypt());
    let deflated = miniz_oxide::deflate::compress_to_vec(sealed.draft().sign().as_bytes(), 6);
    let rows = [
        ("not compressed", sealed.draft().sign().into_bytes()),
        ("cut", deflated[..deflated.len() - 4].to_vec()),
        ("more after it", [&deflated[..], b"more"].concat()),
        ("empty", Vec::new()),
        ("zlib", miniz_oxide::deflate::compress_to_vec_zlib(sealed.draft().sign().as_bytes(), 6)),
        ("a bomb", miniz_oxide::deflate::compress_to_vec(&vec![b'A'; 250_001], 6)),
    ];
    for (what, content) in rows {
        let token = sealed.recipient.envelope(content, ENC).header("zip", "DEF").encrypt();
        sealed.refuses("ALG-17", "jwe.zip", what, token);
    }
    for zip in [json!("GZ"), json!("def"), json!(1), Value::Null] {
        let token = sealed.envelope().header("zip", zip.clone()).encrypt();
        sealed.refuses("HDR-15", "jwe.zip", &zip.to_string(), token);
    }
}

#[test]
fn a_compressed_token_may_be_longer_than_one_that_is_not() {
    let recipient = TestRecipient::generate("enc-1", ALG);
    let keys = DecryptionKeys::new([private_key(&recipient)], [ALG], [ENC]).allow_deflate();
    let sealed = with_keys(recipient, keys);
    let draft = sealed.draft();
    let long = draft.claim("padding", "x".repeat(150_000)).sign();
    assert!(long.len() > Limits::default().token_bytes && long.len() < 250_000);
    let token = sealed.recipient.envelope(long, ENC).compressed().encrypt();
    sealed.accepts("ALG-17", "within the limit", token);
}

#[test]
fn nothing_prints_a_key() {
    let recipient = TestRecipient::secret("enc-1", ALG, b"canary-canary-00");
    let keys = DecryptionKeys::new([private_key(&recipient)], [ALG], [ENC]);
    let printed = format!("{keys:?} {:?} {recipient:?}", private_key(&recipient));
    let sealed = with_keys(recipient, keys);
    let printed = format!("{printed} {:?}", sealed.validator);
    assert!(printed.contains("enc-1") && printed.contains("A128GCMKW"), "{printed}");
    for secret in ["canary", "Y2FuYXJ5", "[99, 97"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

/// Where a parameter is at fault, the report does not say that another algorithm was expected.
#[test]
fn a_parameter_is_named() {
    let sealed = sealed();
    let text = |token: String| sealed.appraise(token).into_result().unwrap_err().to_string();
    assert_eq!(
        text(sealed.envelope().header("iv", "AA").encrypt()),
        "rejected: jwe.alg: has a missing or malformed parameter of the algorithm: \"iv\""
    );
    assert_eq!(
        text(sealed.envelope().header("alg", "dir").encrypt()),
        "rejected: jwe.alg: is not permitted: found \"dir\", expected A128GCMKW"
    );
    assert_eq!(
        text(sealed.envelope().header("iss", "https://other.example.com").encrypt()),
        "rejected: claims.iss: differs from the same claim in the header of the JWE"
    );
}

#[test]
fn a_refusal_before_the_key_reaches_nothing_behind_it() {
    let sealed = sealed();
    let token = sealed.envelope().header("alg", "dir").without_header("cty").encrypt();
    let appraisal = sealed.appraise(token);
    assert_eq!(findings(&appraisal), ["jwe.alg", "jwe.cty"]);
    let reached = |check: &jwt_appraisal::CheckResult<'_>| *check.outcome() != Outcome::NotReached;
    let codes: Vec<_> =
        appraisal.checks().filter(reached).map(|check| check.id().to_string()).collect();
    let expected = ["form.size", "form.jwe", "jwe.alg", "jwe.enc", "jwe.cty", "jwe.zip"];
    assert_eq!(codes, expected);
}
