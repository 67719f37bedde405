//! Keys: which load, which are left out and why, and which one a token is verified with.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test stops where it can not go on"
)]

mod support;

use jwt_appraisal::testing::{TestIssuer, TestKey};
use jwt_appraisal::{
    ConfigError, Jwk, JwkSet, KeyError, KeyErrorKind, MacAlgorithm, Profile, SharedSecret,
    SignatureAlgorithm as Alg, TrustedIssuer,
};
use serde_json::{Value, json};
use support::{
    AUDIENCE, ISSUER, NOW, Scene, expect_accepted, expect_rejected, key_store, now, provider,
    validator_builder,
};

/// A published set of one key, made from a good one.
struct Published {
    key: TestKey,
    algorithms: Vec<Alg>,
}

impl Published {
    fn new(algorithm: Alg) -> Self {
        Self { key: TestKey::generate("k1", algorithm), algorithms: vec![algorithm] }
    }

    /// A scene whose issuer publishes this JWK and signs with the good key.
    fn scene(&self, jwk: &Value) -> Scene {
        let issuer = TestIssuer::new(ISSUER).with_key(self.key.clone());
        let jwks = json!({"keys": [jwk]}).to_string();
        Scene::publishing(issuer, &jwks, &self.algorithms)
    }

    /// The key with members set (or removed, where the value is `null`).
    fn jwk(&self, members: &Value) -> Value {
        let mut jwk = self.key.jwk();
        for (name, value) in members.as_object().unwrap() {
            match value {
                Value::Null => jwk.as_object_mut().unwrap().remove(name),
                value => jwk.as_object_mut().unwrap().insert(name.clone(), value.clone()),
            };
        }
        jwk
    }

    /// A row: with these members the key is left out for this reason, so the token is refused.
    #[track_caller]
    fn refuses(&self, rule: &str, code: &str, at: &str, fault: &dyn ToString, members: &Value) {
        let jwk = self.jwk(members);
        let scene = self.scene(&jwk);
        let what = format!("{rule}: {members}");
        let set = JwkSet::from_json(json!({"keys": [jwk]}).to_string()).unwrap();
        let keys = key_store(self.algorithms.clone(), set).unwrap();
        let report = keys.report();
        assert_eq!(report.usable(), 0, "{what}");
        let problem = &report.skipped()[0];
        assert_eq!((problem.index(), problem.member()), (Some(0), Some(at)), "{what}");
        assert_eq!(problem.kind().to_string(), fault.to_string(), "{what}");
        scene.refuses(rule, code, &what, scene.token().sign());
    }

    /// A row: with these members the key is used.
    #[track_caller]
    fn accepts(&self, rule: &str, members: &Value) {
        let scene = self.scene(&self.jwk(members));
        scene.accepts(rule, &members.to_string(), scene.token().sign());
    }
}

#[test]
fn what_a_key_says_of_its_use() {
    let key = Published::new(Alg::Es256);
    for members in [
        json!({}),
        json!({"use": null}),
        json!({"key_ops": ["verify"]}),
        json!({"use": null, "key_ops": ["sign", "verify"]}),
        json!({"alg": null}),
        json!({"x": key.key.jwk()["x"], "unknown": {"y": [1]}}),
    ] {
        key.accepts("KEY-01 KEY-03 KEY-04 KEY-05", &members);
    }
    let purpose = KeyErrorKind::Purpose;
    key.refuses("KEY-03", "key.found", "use", &purpose, &json!({"use": "enc"}));
    key.refuses("KEY-03", "key.found", "use", &purpose, &json!({"use": ""}));
    key.refuses("KEY-03", "key.found", "use", &purpose, &json!({"use": "SIG"}));
    for ops in
        [json!([]), json!(["sign"]), json!(["encrypt"]), json!(["deriveKey"]), json!(["Verify"])]
    {
        let members = json!({"use": null, "key_ops": ops});
        key.refuses("KEY-04", "key.found", "key_ops", &purpose, &members);
    }
    let twice = json!({"key_ops": ["verify", "verify"]});
    key.refuses("KEY-04", "key.found", "key_ops", &KeyErrorKind::Twice, &twice);
    let contradiction = json!({"use": "sig", "key_ops": ["verify", "encrypt"]});
    key.refuses("KEY-04", "key.found", "key_ops", &purpose, &contradiction);
    for (member, value) in [
        ("kty", json!(1)),
        ("use", json!(["sig"])),
        ("key_ops", json!("verify")),
        ("key_ops", json!([1])),
        ("alg", json!(7)),
        ("x", json!(7)),
        ("crv", json!(true)),
    ] {
        let jwk = key.jwk(&json!({member: value}));
        let error = Jwk::from_json(jwk.to_string()).unwrap_err();
        let KeyError::Key(problem) = error else {
            unreachable!("{error}");
        };
        assert_eq!(problem.member(), Some(member));
        assert!(matches!(problem.kind(), KeyErrorKind::WrongType { .. }), "{problem}");
        let scene = key.scene(&jwk);
        scene.refuses("KEY-01", "key.found", member, scene.token().sign());
    }
}

#[test]
fn one_key_one_algorithm() {
    let key = Published::new(Alg::Es256);
    let other = KeyErrorKind::AlgorithmOfOtherKey;
    for alg in ["RS256", "ES384", "EdDSA", "ES256K", "ML-DSA-44"] {
        let members = json!({"alg": alg});
        key.refuses("KEY-05 KEY-07", "key.found", "alg", &other, &members);
    }
    for alg in ["none", "HS256", "es256", "RSA-OAEP", ""] {
        let fault = "is not among the permitted algorithms (ES256)";
        key.refuses("KEY-05", "key.found", "alg", &fault, &json!({"alg": alg}));
    }
    let rs384 = "is not among the permitted algorithms (RS256)";
    let rsa = Published::new(Alg::Rs256);
    rsa.refuses("KEY-05", "key.found", "alg", &rs384, &json!({"alg": "RS384"}));
    let rsa = rsa.key;
    let pss = rsa.with_alg(Alg::Ps256);
    let published = |algorithms: &[Alg], alg: Value| {
        let keys = Published { key: rsa.clone(), algorithms: algorithms.to_vec() };
        keys.scene(&keys.jwk(&json!({"alg": alg})))
    };
    let both = [Alg::Rs256, Alg::Ps256];
    let scene = published(&both, json!("RS256"));
    scene.accepts("KEY-06", "RS256 under a key for RS256", scene.token().sign());
    let token = scene.token().signed_by(&pss).sign();
    scene.refuses("KEY-05 KEY-06", "key.alg", "PS256 under a key for RS256", token);
    let scene = published(&both, Value::Null);
    let token = scene.token().sign();
    scene.refuses("KEY-06", "key.found", "no alg, two permitted algorithms fit", token);
    let scene = published(&[Alg::Rs256, Alg::Rs256], Value::Null);
    scene.accepts("KEY-06", "no alg, one permitted twice", scene.token().sign());
    let scene = published(&[Alg::Rs256, Alg::Es256], Value::Null);
    scene.accepts("KEY-05 KEY-06", "no alg, one fits", scene.token().sign());
    let scene = published(&[Alg::Es256], Value::Null);
    let token = scene.token().header("alg", "ES256").sign();
    scene.refuses("KEY-07", "key.found", "an RSA key for ES256", token);
    let p384 = TestKey::generate("k1", Alg::Es384);
    let keys = Published { key: p384, algorithms: vec![Alg::Es256, Alg::Es384] };
    let scene = keys.scene(&keys.key.jwk());
    let token = scene.token().header("alg", "ES256").sign();
    scene.refuses("KEY-07", "key.alg", "ES256 under a P-384 key", token);
    let old = TestKey::generate("k1", Alg::Ed25519);
    let keys = Published { key: old.clone(), algorithms: vec![Alg::Ed25519, Alg::EdDsa] };
    let scene = keys.scene(&keys.key.jwk());
    let token = scene.token().signed_by(&old.with_alg(Alg::EdDsa)).sign();
    scene.refuses("ALG-09 KEY-05", "key.alg", "EdDSA under a key for Ed25519", token);
}

#[test]
fn the_text_of_a_public_key_is_no_secret() {
    let rsa = Published { key: TestKey::generate("k1", Alg::Rs256), algorithms: vec![Alg::Rs256] };
    let scene = rsa.scene(&rsa.key.jwk());
    let jwk = rsa.key.jwk();
    for secret in [jwk.to_string(), jwk["n"].as_str().unwrap().to_owned()] {
        let forger = TestKey::secret("k1", MacAlgorithm::Hs256, secret.as_bytes());
        let token = scene.token().signed_by(&forger).sign();
        scene.refuses("KEY-07", "header.alg", "HS256 with a public key", token);
    }
    let long = "x".repeat(64);
    let der = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A";
    for text in [
        format!("\u{feff}{jwk}"),
        format!("[{jwk}]"),
        format!("# key\nssh-rsa {long}"),
        format!("---- BEGIN SSH2 PUBLIC KEY ----\n{long}"),
        format!("{der}{long}"),
        jwk.to_string(),
        format!("-----BEGIN PUBLIC KEY-----\n{long}"),
        format!("  \n-----BEGIN RSA PUBLIC KEY-----\n{long}"),
        format!("key:\n-----BEGIN CERTIFICATE-----\n{long}"),
        format!("ssh-rsa {long}"),
        format!("ecdsa-sha2-nistp256 {long}"),
    ] {
        let error = SharedSecret::new(MacAlgorithm::Hs256, text.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("public key"), "{error}");
    }
}

#[test]
fn weak_rsa_keys() {
    let rsa = Published::new(Alg::Rs256);
    let modulus = |octets: usize| {
        let mut n = vec![0xc5; octets];
        n[octets - 1] |= 1;
        b64(&n)
    };
    for (octets, bits) in [(1, 8), (64, 512), (128, 1024), (255, 2040), (1025, 8200)] {
        let fault = format!("has {bits} bits, but it must have from 2048 to 8192");
        let members = json!({"n": modulus(octets)});
        rsa.refuses("KEY-11", "key.found", "n", &fault, &members);
    }
    let mut n = vec![0x7f; 256];
    n[255] |= 1;
    let fault = "has 2047 bits, but it must have from 2048 to 8192";
    rsa.refuses("KEY-11", "key.found", "n", &fault, &json!({"n": b64(&n)}));
    let mut even = vec![0xc5; 256];
    even[255] = 0xc4;
    let even = json!({"n": b64(&even)});
    rsa.refuses("KEY-11", "key.found", "n", &KeyErrorKind::EvenModulus, &even);
    for e in [vec![1], vec![2], vec![1, 0], vec![2, 0, 0, 0, 1], vec![0xff; 9]] {
        let members = json!({"e": b64(&e)});
        rsa.refuses("KEY-11", "key.found", "e", &KeyErrorKind::Exponent, &members);
    }
    for (member, octets) in [("n", vec![]), ("e", vec![]), ("e", vec![0]), ("e", vec![0, 1, 0, 1])]
    {
        let members = json!({member: b64(&octets)});
        rsa.refuses("KEY-12", "key.found", member, &KeyErrorKind::NotMinimal, &members);
    }
    let n = [vec![0], [0xc5; 256].to_vec()].concat();
    let members = json!({"n": b64(&n)});
    rsa.refuses("KEY-12", "key.found", "n", &KeyErrorKind::NotMinimal, &members);
    let oth = json!({"oth": []});
    rsa.refuses("KEY-12", "key.found", "oth", &KeyErrorKind::MultiPrime, &oth);
    for text in ["AQAB=", "AQ AB", "AQA+", "A"] {
        let members = json!({"e": text});
        rsa.refuses("KEY-12", "key.found", "e", &KeyErrorKind::NotBase64url, &members);
    }
    for power in [1, 65537] {
        let members = json!({"n": b64(&roca_modulus(power))});
        rsa.refuses("KEY-11", "key.found", "n", &KeyErrorKind::Roca, &members);
    }
    rsa.accepts("KEY-11 KEY-12", &json!({}));
    for missing in ["n", "e"] {
        let members = json!({missing: null});
        rsa.refuses("KEY-01", "key.found", missing, &KeyErrorKind::Missing, &members);
    }
    rsa.refuses("KEY-01", "key.found", "kty", &KeyErrorKind::Missing, &json!({"kty": null}));
}

/// A number of 2048 bits that is this power of 65537 modulo every prime that the test of the
/// generator looks at.
fn roca_modulus(power: u32) -> Vec<u8> {
    const PRIMES: [u32; 39] = [
        2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89,
        97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ];
    let mut product = vec![1_u8];
    for prime in PRIMES {
        product = times(&product, prime);
    }
    while product.len() < 256 || product[0] < 0x80 {
        product = times(&product, 2);
    }
    // Its last octets are all zero.
    let octets = power.to_be_bytes();
    product.truncate(256 - octets.len());
    product.extend(octets);
    product
}

/// A big-endian number times a small one.
fn times(number: &[u8], factor: u32) -> Vec<u8> {
    let mut carry = 0_u32;
    let mut product = Vec::new();
    for octet in number.iter().rev() {
        let value = u32::from(*octet) * factor + carry;
        product.push(u8::try_from(value % 256).unwrap());
        carry = value / 256;
    }
    while carry > 0 {
        product.push(u8::try_from(carry % 256).unwrap());
        carry /= 256;
    }
    product.reverse();
    product
}

fn b64(octets: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(octets)
}

fn octets(text: &Value) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text.as_str().unwrap()).unwrap()
}

#[test]
fn points() {
    for (algorithm, bytes) in [(Alg::Es256, 32), (Alg::Es384, 48)] {
        let key = Published::new(algorithm);
        let jwk = key.key.jwk();
        for member in ["x", "y"] {
            let good = octets(&jwk[member]);
            for wrong in [good[1..].to_vec(), [vec![0], good.clone()].concat(), Vec::new()] {
                let fault = format!("has {} octets, but it must have {bytes}", wrong.len());
                let members = json!({member: b64(&wrong)});
                key.refuses("KEY-13", "key.found", member, &fault, &members);
            }
            let mut off = good.clone();
            *off.last_mut().unwrap() ^= 1;
            let members = json!({member: b64(&off)});
            key.refuses("KEY-13", "key.found", "x", &KeyErrorKind::NotOnCurve, &members);
            let members = json!({member: null});
            key.refuses("KEY-01", "key.found", member, &KeyErrorKind::Missing, &members);
        }
        for octet in [0, 0xff] {
            let coordinate = b64(&vec![octet; bytes]);
            let members = json!({"x": coordinate, "y": coordinate});
            key.refuses("KEY-13", "key.found", "x", &KeyErrorKind::NotOnCurve, &members);
        }
        for crv in ["P-256K", "p-256", "", "Ed25519"] {
            key.refuses("KEY-07", "key.found", "crv", &KeyErrorKind::Unknown, &json!({"crv": crv}));
        }
        key.accepts("KEY-13", &json!({}));
    }
}

#[test]
fn edwards_points() {
    let key = Published::new(Alg::Ed25519);
    let good = octets(&key.key.jwk()["x"]);
    for wrong in [good[1..].to_vec(), [good.clone(), vec![0]].concat(), Vec::new()] {
        let fault = format!("has {} octets, but it must have 32", wrong.len());
        key.refuses("KEY-15", "key.found", "x", &fault, &json!({"x": b64(&wrong)}));
    }
    for small in [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ] {
        let x: Vec<u8> =
            (0..32).map(|n| u8::from_str_radix(&small[2 * n..2 * n + 2], 16).unwrap()).collect();
        let members = json!({"x": b64(&x)});
        key.refuses("ALG-07 KEY-15", "key.found", "x", &KeyErrorKind::SmallOrder, &members);
    }
    key.accepts("KEY-15 ALG-07", &json!({}));
}

#[test]
fn keys_that_do_not_belong_in_a_published_set() {
    let key = Published::new(Alg::Es256);
    let private = json!({"d": b64(&[1; 32])});
    key.refuses("KEY-17", "key.found", "d", &KeyErrorKind::Private, &private);
    let rsa = Published::new(Alg::Rs256);
    for member in ["d", "p", "q", "dp", "dq", "qi"] {
        let members = json!({member: "AQ"});
        rsa.refuses("KEY-17", "key.found", member, &KeyErrorKind::Private, &members);
    }
    let oct = json!({"kty": "oct", "k": b64(&[1; 32]), "alg": null});
    key.refuses("KEY-17", "key.found", "k", &KeyErrorKind::Symmetric, &oct);
    let certificate = json!({"x5c": ["MIIB"]});
    key.refuses("KEY-18", "key.found", "x5c", &KeyErrorKind::OtherCertificate, &certificate);
    let not_base64 = json!({"x5c": ["-_-_"]});
    key.refuses("KEY-18", "key.found", "x5c", &KeyErrorKind::OtherCertificate, &not_base64);
    let jwk = key.key.jwk();
    let standard = |octets: &[u8]| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(octets)
    };
    let point = [octets(&jwk["x"]), octets(&jwk["y"])].concat();
    let der = standard(&[&[0x30, 0x82, 0, 4], point.as_slice(), &[0]].concat());
    key.accepts("KEY-18", &json!({"x5c": [der]}));
    let no_string = "is a number, which is not the expected JSON type";
    key.refuses("KEY-18", "key.found", "x5c", &no_string, &json!({"x5c": [der, 7]}));
    for stranger in [standard(&[0x30; 128]), standard(&point)] {
        let stranger = json!({"x5c": [stranger]});
        key.refuses("KEY-18", "key.found", "x5c", &KeyErrorKind::OtherCertificate, &stranger);
    }
    let modulus = octets(&rsa.key.jwk()["n"]);
    for (exponent, fault) in [
        ([2, 3, 1, 0, 1], None),
        ([2, 3, 1, 0, 3], Some(KeyErrorKind::OtherCertificate)),
        ([2, 1, 3, 0, 0], Some(KeyErrorKind::OtherCertificate)),
    ] {
        let der = standard(&[&[0x30, 0], modulus.as_slice(), &exponent].concat());
        match fault {
            None => rsa.accepts("KEY-18", &json!({"x5c": [der]})),
            Some(fault) => {
                rsa.refuses("KEY-18", "key.found", "x5c", &fault, &json!({"x5c": [der]}));
            }
        }
    }
}

#[test]
fn keys_without_a_provider() {
    for (alg, bytes) in [("ML-DSA-44", 1312), ("ML-DSA-65", 1952), ("ML-DSA-87", 2592)] {
        let jwk = json!({"kty": "AKP", "alg": alg, "pub": b64(&vec![1; bytes]), "kid": "k1"});
        assert!(Jwk::from_json(jwk.to_string()).is_ok(), "{alg}");
    }
    for (member, members) in [
        ("alg", json!({"kty": "AKP", "pub": b64(&[1; 1312])})),
        ("alg", json!({"kty": "AKP", "alg": "ES256", "pub": b64(&[1; 1312])})),
        ("pub", json!({"kty": "AKP", "alg": "ML-DSA-44"})),
        ("pub", json!({"kty": "AKP", "alg": "ML-DSA-65", "pub": b64(&[1; 1312])})),
    ] {
        let KeyError::Key(problem) = Jwk::from_json(members.to_string()).unwrap_err() else {
            unreachable!("{members}");
        };
        assert_eq!(problem.member(), Some(member), "KEY-16: {members}");
    }
    let provider = provider();
    let lacking: &[Alg] = match provider.name() {
        "ring" => &[Alg::Es512, Alg::Es256k, Alg::Ed448, Alg::MlDsa44, Alg::MlDsa65, Alg::MlDsa87],
        _ => &[Alg::Ed448],
    };
    let has = |alg: &&Alg| provider.signature_algorithms().contains(alg);
    assert_eq!(Alg::ALL.iter().filter(has).count() + lacking.len(), Alg::ALL.len());
    for algorithm in lacking.iter().copied() {
        let keys = key_store([Alg::Es256, algorithm], JwkSet::default()).unwrap();
        let built = validator_builder(Profile::access_token())
            .issuer(TrustedIssuer::new(ISSUER, keys))
            .audience(AUDIENCE)
            .build();
        let error = built.unwrap_err();
        let ConfigError::UnsupportedByProvider { issuer, algorithm: named, provider: by, .. } =
            &error
        else {
            unreachable!("{error}");
        };
        assert_eq!((issuer.as_str(), *named, *by), (ISSUER, algorithm, provider.name()));
    }
}

#[test]
fn secrets() {
    for alg in MacAlgorithm::ALL {
        let least = alg.min_secret_bytes();
        assert!(SharedSecret::new(*alg, &vec![7; least]).is_ok(), "KEY-14: {alg}");
        for found in [0, 1, least - 1] {
            let fault = format!("has {found} bytes, but it must have at least {least}");
            let KeyError::Key(problem) = SharedSecret::new(*alg, &vec![7; found]).unwrap_err()
            else {
                unreachable!("{alg}");
            };
            assert_eq!(problem.kind().to_string(), fault, "KEY-14: {alg}");
        }
    }
    let jwk = |members: Value| Jwk::from_json(members.to_string()).unwrap();
    let k = b64(&[7; 32]);
    let good = jwk(json!({"kty": "oct", "k": k, "alg": "HS256", "kid": "s1", "use": "sig"}));
    let secret = SharedSecret::from_jwk(MacAlgorithm::Hs256, &good).unwrap();
    assert_eq!(format!("{secret:?}"), "SharedSecret { algorithm: Hs256, .. }");
    let validator = validator_builder(Profile::access_token())
        .shared_secret(ISSUER, secret)
        .audience(AUDIENCE)
        .build()
        .unwrap();
    let draft = TestIssuer::new(ISSUER).access_token(AUDIENCE).at(NOW);
    let ours = draft.signed_by(&TestKey::secret("s1", MacAlgorithm::Hs256, &[7; 32]));
    let appraise = |token: String| validator.appraise_at(token, now());
    expect_accepted("KEY-14", "its kid", &appraise(ours.clone().sign()));
    expect_accepted("KEY-14", "no kid", &appraise(ours.clone().without_header("kid").sign()));
    let other = appraise(ours.header("kid", "s2").sign());
    expect_rejected("KEY-14", &["key.found"], "another kid", &other);
    for members in [
        json!({"kty": "oct", "k": k, "alg": "HS512"}),
        json!({"kty": "oct", "k": k, "use": "enc"}),
        json!({"kty": "oct", "k": k, "key_ops": ["sign"]}),
        json!({"kty": "oct", "k": "AQ"}),
        TestKey::generate("k", Alg::Es256).jwk(),
    ] {
        let refused = SharedSecret::from_jwk(MacAlgorithm::Hs256, &jwk(members.clone()));
        assert!(refused.is_err(), "{members}");
    }
}

#[test]
fn nothing_prints_a_key() {
    let key = TestKey::generate("k1", Alg::Es256).jwk();
    let x = key["x"].as_str().unwrap().to_owned();
    let jwk = Jwk::from_json(key.to_string()).unwrap();
    let set = JwkSet::from_keys([jwk.clone()]);
    let keys = key_store([Alg::Es256], set.clone()).unwrap();
    for text in [format!("{jwk:?}"), format!("{set:?}"), format!("{keys:?}")] {
        assert!(!text.contains(&x), "{text}");
    }
    let secret = json!({"kty": "oct", "k": b64(b"canarycanarycanarycanarycanary!!")});
    let secret = Jwk::from_json(secret.to_string()).unwrap();
    assert_eq!(format!("{secret:?}"), r#"Jwk { kty: "oct", kid: None, .. }"#);
}
