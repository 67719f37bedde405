//! Key sets and stores: which keys of a set load, what is said of the others, and when to ask for
//! new ones.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jwt_appraisal::testing::{TestIssuer, TestKey};
use jwt_appraisal::{
    InvalidKey, Jwk, JwkSet, KeyError, KeyErrorKind, KeyId, KeyNoteKind, KeyReport, Limits,
    MacAlgorithm, OutOfRange, Profile, SharedSecret, SignatureAlgorithm as Alg,
};
use serde_json::{Value, json};
use support::{AUDIENCE, ISSUER, Scene, key_store, now, provider, validator_builder};
use time::Duration;

#[test]
fn sets() {
    let key = TestKey::generate("k1", Alg::Es256);
    let issuer = || TestIssuer::new(ISSUER).with_key(key.clone());
    let jwk = key.jwk();
    let scene = |keys: Value| {
        Scene::publishing(issuer(), &json!({"keys": keys}).to_string(), &[Alg::Es256, Alg::Ed25519])
    };
    let beside = |other: Value| scene(json!([other, jwk]));
    for other in [
        json!({"kty": "EC", "created": 1e300}),
        json!({"kty": "quantum", "kid": "q"}),
        json!({"kty": "RSA"}),
        json!(7),
        json!(null),
        json!({}),
        json!({"kty": "oct", "k": "AQ", "kid": "s"}),
        json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
    ] {
        let scene = beside(other.clone());
        scene.accepts("KEY-02", &other.to_string(), scene.token().sign());
    }
    let stranger = TestKey::generate("k1", Alg::Es256);
    let scene_ = beside(stranger.jwk());
    scene_.refuses("KEY-10", "key.found", "a kid twice", scene_.token().sign());
    let other_type = TestKey::generate("k1", Alg::Ed25519).jwk();
    let scene_ = beside(other_type);
    scene_.accepts("KEY-10", "a kid twice, of two types", scene_.token().sign());
    let mut encryption = stranger.jwk();
    encryption["use"] = json!("enc");
    let scene_ = beside(encryption);
    scene_.accepts("KEY-10", "the other one is for encryption", scene_.token().sign());
    let second = TestKey::generate("k2", Alg::Es256).jwk();
    let scene_ = beside(second.clone());
    let unnamed = scene_.token().without_header("kid").sign();
    scene_.refuses("KEY-09", "key.found", "no kid, two candidates", unnamed);
    let third = TestKey::generate("k3", Alg::Ed25519).jwk();
    let scene_ = beside(third);
    let unnamed = scene_.token().without_header("kid").sign();
    scene_.accepts("KEY-09", "no kid, one candidate for the algorithm", unnamed);
    let mut nameless = jwk.clone();
    nameless.as_object_mut().unwrap().remove("kid");
    let scene_ = scene(json!([nameless]));
    scene_.refuses("KEY-09", "key.found", "a kid that no key has", scene_.token().sign());
    let unnamed = scene_.token().without_header("kid").sign();
    scene_.accepts("KEY-09", "no kid on either side", unnamed);
}

#[test]
fn sets_that_are_refused_as_a_whole() {
    let read = |text: &str| JwkSet::from_json(text).unwrap_err().to_string();
    let not_a_set =
        "the text is not a JWK set, which is an object whose member \"keys\" is an array";
    for text in ["{}", "[]", "7", r#"{"keys":{}}"#, r#"{"keys":null}"#, r#"{"Keys":[]}"#] {
        assert_eq!(read(text), not_a_set, "{text}");
    }
    for (text, problem) in [
        ("", "is not well-formed"),
        ("{\"keys\":[]}x", "is not well-formed"),
        ("\u{feff}{\"keys\":[]}", "is not well-formed"),
        (r#"{"keys":[],"keys":[]}"#, "has a member name twice in one object"),
        (r#"{"keys":[],"x":{"y":1,"y":2}}"#, "has a member name twice in one object"),
        (r#"{"keys":[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]}"#, "is nested too deep"),
    ] {
        let expected = format!("the key material is not strict JSON: it {problem}");
        assert_eq!(read(text), expected, "KEY-01: {text}");
    }
    assert!(JwkSet::from_json([0xff]).is_err());
    assert!(JwkSet::from_json(r#"{"keys":[{"x":1e400}]}"#).is_err());
    let many = |n: usize| json!({"keys": vec![json!({"kty": "x"}); n]}).to_string();
    assert_eq!(JwkSet::from_json(many(100)).unwrap().invalid_keys().count(), 100);
    assert_eq!(read(&many(101)), "the JWK set has more than 100 keys; see Limits::keys_per_set");
    let long = format!(r#"{{"keys":[],"x":"{}"}}"#, "x".repeat(256 * 1024));
    assert!(read(&long).starts_with("the JWK set has 2621"), "{}", read(&long));
    let mut limits = Limits::default();
    limits.json_depth = usize::MAX;
    let error = JwkSet::from_json_within("{}", &limits).unwrap_err();
    assert!(
        matches!(error, KeyError::OutOfRange(OutOfRange { setting: "json_depth", .. })),
        "{error}"
    );
    let error = key_store([], JwkSet::default()).unwrap_err();
    assert_eq!(error, KeyError::NoAlgorithms);
}

#[test]
fn a_name_twice_in_a_key_is_that_keys_problem() {
    let scene = Scene::new();
    let good = scene.issuer.key().jwk().to_string();
    for (twice, member) in [
        (r#"{"kty":"EC","kty":"RSA","kid":"a"}"#.to_owned(), Some("kty")),
        (good.replacen('{', r#"{"\u0078":"AA","#, 1), Some("x")),
        (good.replacen('{', r#"{"z":{"b":1,"b":2},"#, 1), None),
    ] {
        let set = JwkSet::from_json(format!(r#"{{"keys":[{twice},{good}]}}"#)).unwrap();
        let problem = set.invalid_keys().next().unwrap();
        assert_eq!((problem.index(), problem.member()), (Some(0), member), "KEY-01: {twice}");
        assert_eq!(problem.kind(), &KeyErrorKind::RepeatedName, "KEY-01: {twice}");
        let alone = Jwk::from_json(&twice).unwrap_err();
        assert!(matches!(alone, KeyError::Key(_)), "KEY-01: {twice}");
        let jwks = format!(r#"{{"keys":[{twice}]}}"#);
        let scene = Scene::publishing(scene.issuer.clone(), &jwks, &[Alg::Es256]);
        scene.refuses("KEY-01", "key.found", &twice, scene.token().sign());
    }
}

#[test]
fn problems_name_the_key_and_the_member() {
    let set = json!({"keys": [
        {"kty": "EC", "crv": "P-256", "x": 7, "y": "AA", "kid": "a"},
        TestKey::generate("b", Alg::Es256).jwk(),
        {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "c"},
    ]});
    let set = JwkSet::from_json(set.to_string()).unwrap();
    let keys = key_store([Alg::Es256, Alg::Rs256], set).unwrap();
    let report = keys.report();
    let texts: Vec<String> = report.skipped().iter().map(ToString::to_string).collect();
    assert_eq!(report.usable(), 1);
    assert_eq!(
        texts,
        [
            "key 0 (kid \"a\"): its member \"x\" is a number, which is not the expected JSON type",
            "key 2 (kid \"c\"): its member \"n\" has 17 bits, but it must have from 2048 to 8192",
        ]
    );
    assert_eq!(report.skipped()[1].kid().unwrap(), &"c");
}

#[test]
fn a_set_of_just_the_longest_length() {
    const LONGEST: usize = 256 * 1024;
    let of_length = |length: usize| format!(r#"{{"keys":[]}}{}"#, " ".repeat(length - 11));
    assert!(JwkSet::from_json(of_length(LONGEST)).is_ok());
    let error = JwkSet::from_json(of_length(LONGEST + 1)).unwrap_err();
    let (long, longest) = (LONGEST + 1, LONGEST);
    let expected = format!(
        "the JWK set has {long} bytes, but at most {longest} are read; see Limits::key_set_bytes"
    );
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_a_set_holds() {
    let good = TestKey::generate("b", Alg::Es256).jwk();
    let keys = json!({"keys": [{"kty": "EC"}, good, {"kty": "oct", "k": "AQ"}]});
    let set = JwkSet::from_json(keys.to_string()).unwrap();
    let kids: Vec<_> = set.keys().map(|jwk| jwk.kid().map(ToString::to_string)).collect();
    assert_eq!(kids, [Some("b".to_owned()), None]);
    assert_eq!(set.invalid_keys().count(), 1);
    assert_eq!(
        format!("{set:?}"),
        concat!(
            r#"JwkSet { keys: [Jwk { kty: "EC", kid: Some("b"), .. }, "#,
            r#"Jwk { kty: "oct", kid: None, .. }], "#,
            r#"invalid_keys: [InvalidKey { index: Some(0), kid: None, member: Some("crv"), kind: Missing }] }"#,
        )
    );
}

#[test]
fn a_store_reports_what_became_of_a_new_set() {
    let keys = key_store([Alg::Es256], JwkSet::default()).unwrap();
    assert_eq!((keys.report().usable(), keys.report().skipped().len()), (0, 0));
    let set = json!({"keys": [TestKey::generate("b", Alg::Es256).jwk(), {"kty": "EC"}]});
    let report = keys.replace(JwkSet::from_json(set.to_string()).unwrap());
    assert_eq!((report.usable(), report.skipped().len()), (1, 1));
    assert_eq!(keys.report(), report);
    let debug = format!("{keys:?}");
    let start = "KeyStore { algorithms: [Es256], provider: ";
    let expected = format!("{start}{:?}, report: KeyReport {{", provider().name());
    assert!(debug.starts_with(&expected), "{debug}");
    let secret = SharedSecret::new(MacAlgorithm::Hs256, &[7; 32]).unwrap();
    let validator = validator_builder(Profile::access_token())
        .shared_secret(ISSUER, secret)
        .audience(AUDIENCE)
        .build()
        .unwrap();
    assert!(format!("{validator:?}").contains("keys: SharedSecret(HS256)"), "{validator:?}");
}

#[test]
fn new_keys_are_asked_for_once_per_cooldown() {
    let keys = key_store([Alg::Es256], JwkSet::default()).unwrap();
    let keys = keys.cooldown(Duration::seconds(10)).unwrap();
    let after = |seconds: i64| keys.may_refresh(now() + Duration::seconds(seconds));
    let asked = [0, 1, 9, 10, 11, 19, 20, 100, 80, 95, 106].map(after);
    assert_eq!(
        asked,
        [true, false, false, true, false, false, true, true, true, true, true],
        "a clock that goes back far does not stop refreshes"
    );
}

#[test]
fn a_thumbprint_and_its_forms() {
    // RFC 8037 §A.3
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let thumbprint = Jwk::from_json(jwk).unwrap().thumbprint();
    let text = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
    assert_eq!(thumbprint.to_string(), text);
    assert_eq!(thumbprint.uri(), format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{text}"));
    assert_eq!(thumbprint.as_bytes()[..4], [0x90, 0xfa, 0xca, 0xfe]);
}

/// A set with these keys, and the report of its store.
fn stored(algorithms: &[Alg], keys: &[Value]) -> KeyReport {
    let set = JwkSet::from_json(json!({"keys": keys}).to_string()).unwrap();
    key_store(algorithms.iter().copied(), set).unwrap().report()
}

#[test]
fn a_key_that_is_listed_twice_is_one_key() {
    let key = TestKey::generate("k1", Alg::Es256);
    let mut unnamed = key.jwk();
    unnamed.as_object_mut().unwrap().remove("kid");
    for (what, jwk, named) in
        [("with a kid", key.jwk(), " (kid \"k1\")"), ("without a kid", unnamed, "")]
    {
        let mut bare = jwk.clone();
        bare.as_object_mut().unwrap().remove("alg");
        for twice in [[jwk.clone(), jwk.clone()], [jwk.clone(), bare]] {
            let report = stored(&[Alg::Es256], &twice);
            assert_eq!((report.usable(), report.skipped()), (1, &[][..]), "{what}");
            let notes: Vec<_> = report.notes().iter().map(ToString::to_string).collect();
            assert_eq!(notes, [format!("key 1{named}: it is the same key as key 0")], "{what}");
            assert!(matches!(report.notes()[0].kind(), KeyNoteKind::Duplicate { of: 0, .. }));
            let issuer = TestIssuer::new(ISSUER).with_key(key.clone());
            let jwks = json!({"keys": twice}).to_string();
            let scene = Scene::publishing(issuer, &jwks, &[Alg::Es256]);
            let token = scene.token().without_header("kid").sign();
            scene.accepts("KEY-10", what, token);
        }
    }
    let renamed = [key.jwk(), key.with_kid("k2").jwk()];
    assert_eq!(stored(&[Alg::Es256], &renamed).usable(), 2, "another kid is another key");
}

#[test]
fn a_kid_and_an_algorithm_together_name_a_key() {
    let algorithms = [Alg::Rs256, Alg::Ps256, Alg::Es256, Alg::Ed25519];
    let rsa = TestKey::generate("k1", Alg::Rs256);
    let keys = [
        rsa.clone(),
        rsa.with_alg(Alg::Ps256),
        TestKey::generate("k1", Alg::Es256),
        TestKey::generate("k1", Alg::Ed25519),
    ];
    let issuer = TestIssuer::new(ISSUER).with_keys(keys.clone());
    let scene = Scene::publishing(issuer.clone(), &issuer.jwks(), &algorithms);
    for key in &keys {
        let token = scene.token().signed_by(key).sign();
        scene.accepts("KEY-10", key.alg_name(), token);
        let forged = scene.token().signed_by(&TestKey::generate("k1", Alg::Es384)).sign();
        scene.refuses("KEY-10", "header.alg", "not permitted", forged);
    }
    let stranger = TestKey::generate("k1", Alg::Es256);
    let mut jwks: Vec<Value> = keys.iter().map(TestKey::jwk).collect();
    jwks.push(stranger.jwk());
    let report = stored(&algorithms, &jwks);
    let skipped: Vec<_> = report.skipped().iter().map(InvalidKey::index).collect();
    assert_eq!((report.usable(), skipped), (3, vec![Some(2), Some(4)]));
    assert_eq!(report.skipped()[0].kind(), &KeyErrorKind::SharedKid);
    let jwks = json!({"keys": jwks}).to_string();
    let scene = Scene::publishing(issuer, &jwks, &algorithms);
    for key in [&keys[2], &stranger] {
        let token = scene.token().signed_by(key).sign();
        scene.refuses("KEY-10", "key.found", "two keys of one name", token);
    }
    for key in [&keys[0], &keys[1], &keys[3]] {
        scene.accepts("KEY-10", key.alg_name(), scene.token().signed_by(key).sign());
    }
    let missing = Scene::publishing(
        TestIssuer::new(ISSUER).with_keys(keys.clone()),
        &json!({"keys": [keys[0].jwk(), keys[3].jwk()]}).to_string(),
        &algorithms,
    );
    let token = missing.token().signed_by(&keys[2]).sign();
    missing.refuses("KEY-10", "key.alg", "the kid is for other algorithms", token);
}

#[test]
fn an_ed25519_key_without_alg_serves_both_names() {
    let key = TestKey::generate("k1", Alg::Ed25519);
    let old = key.with_alg(Alg::EdDsa);
    let mut bare = key.jwk();
    bare.as_object_mut().unwrap().remove("alg");
    let both = [Alg::Ed25519, Alg::EdDsa];
    let issuer = TestIssuer::new(ISSUER).with_key(key.clone());
    let published = |keys: &[&Value], algorithms: &[Alg]| {
        let jwks = json!({"keys": keys}).to_string();
        Scene::publishing(issuer.clone(), &jwks, algorithms)
    };
    let scene = published(&[&bare], &both);
    for signer in [&key, &old] {
        for token in [scene.token(), scene.token().without_header("kid")] {
            let accepted = scene.appraise(token.signed_by(signer).sign()).into_result().unwrap();
            assert_eq!(accepted.algorithm(), "Ed25519", "{}", signer.alg_name());
        }
    }
    let one = published(&[&bare], &[Alg::Ed25519]);
    one.accepts("KEY-06", "one name permitted", one.token().sign());
    let token = one.token().signed_by(&old).sign();
    one.refuses("KEY-06", "header.alg", "the other name", token);
    for named in [&key, &old] {
        let (jwk, other) = (named.jwk(), if named.alg_name() == "EdDSA" { &key } else { &old });
        let scene = published(&[&jwk], &both);
        scene.accepts("KEY-06", "its own alg", scene.token().signed_by(named).sign());
        let token = scene.token().signed_by(other).sign();
        scene.refuses("KEY-06", "key.alg", "a key with alg has that name alone", token);
        let report = stored(&both, &[jwk.clone(), bare.clone()]);
        assert_eq!((report.usable(), report.skipped()), (1, &[][..]), "one key");
        let scene = published(&[&jwk, &bare], &both);
        for signer in [&key, &old] {
            scene.accepts("KEY-06", "both", scene.token().signed_by(signer).sign());
        }
    }
    let stranger = TestKey::generate("k1", Alg::EdDsa).jwk();
    let report = stored(&both, &[bare.clone(), stranger.clone()]);
    assert_eq!(report.usable(), 0, "both are EdDSA keys of one kid");
    let report = stored(&both, &[key.jwk(), stranger]);
    assert_eq!(report.usable(), 2, "each has its own name");
}

#[test]
fn a_report_says_that_a_certificate_was_not_validated() {
    let key = TestKey::generate("k1", Alg::Ed25519);
    let mut jwk = key.jwk();
    let x = URL_SAFE_NO_PAD.decode(jwk["x"].as_str().unwrap()).unwrap();
    jwk["x5c"] = json!([STANDARD.encode([&[0x30, 0x20], x.as_slice()].concat())]);
    let other = TestKey::generate("k2", Alg::Es256).jwk();
    let report = stored(&[Alg::Ed25519, Alg::Es256], &[other, jwk, json!({"kty": "EC"})]);
    let [note] = report.notes() else { unreachable!("{report:?}") };
    assert_eq!((note.index(), note.kid().unwrap()), (1, &KeyId::from("k1")));
    assert_eq!(note.kind(), &KeyNoteKind::CertificateNotValidated);
    assert_eq!(
        report.to_string(),
        "2 keys are usable, 1 is left out\n\
         key 2: its member \"crv\" is missing\n\
         key 1 (kid \"k1\"): its member \"x5c\" holds a certificate of this key that was not validated"
    );
    assert_eq!(KeyReport::default().to_string(), "0 keys are usable, 0 are left out");
}
