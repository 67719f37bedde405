//! Each key management and content encryption algorithm: what it demands of the outer token and of
//! the key. The provider is `aws-lc-rs`, which has them all, where none is named.
#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod support;

use jwt_appraisal::crypto::aws_lc_rs::PROVIDER;
use jwt_appraisal::crypto::ring;
use jwt_appraisal::testing::{TestIssuer, TestRecipient};
use jwt_appraisal::{
    ContentEncryptionAlgorithm, DecryptionKey, DecryptionKeys, KeyManagementAlgorithm, Limits,
    Outcome,
};
use serde_json::{Value, json};
use support::{ISSUER, Sealed, build_sealed, private_key};

const CURVES: [&str; 4] = ["P-256", "P-384", "P-521", "X25519"];

fn generate(algorithm: KeyManagementAlgorithm, enc: ContentEncryptionAlgorithm) -> Sealed {
    Sealed::new(&PROVIDER, TestRecipient::generate("enc-1", algorithm), enc)
}

fn agreeing_on(crv: &str, algorithm: KeyManagementAlgorithm) -> Sealed {
    let recipient = TestRecipient::generate_on("enc-1", algorithm, crv);
    Sealed::new(&PROVIDER, recipient, ContentEncryptionAlgorithm::A128Gcm)
}

/// A recipient for any algorithm, with a secret that fits `enc` where it is used directly.
fn recipient(alg: KeyManagementAlgorithm, enc: ContentEncryptionAlgorithm) -> TestRecipient {
    if alg == KeyManagementAlgorithm::Dir {
        return TestRecipient::secret("enc-1", alg, &vec![7; enc.key_bytes()]);
    }
    TestRecipient::generate("enc-1", alg)
}

fn segments(token: &str) -> Vec<&str> {
    token.split('.').collect()
}

#[test]
fn every_pair_opens() {
    for alg in KeyManagementAlgorithm::ALL {
        for enc in ContentEncryptionAlgorithm::ALL {
            let scene = Sealed::new(&PROVIDER, recipient(*alg, *enc), *enc);
            scene.accepts("HDR-02", &format!("{alg} {enc}"), scene.envelope().encrypt());
        }
    }
}

/// Cuts, lengthens and empties the initialization vector and the tag of each content encryption.
#[test]
fn lengths_of_the_content_are_exact() {
    for enc in ContentEncryptionAlgorithm::ALL {
        let scene = generate(KeyManagementAlgorithm::A128Kw, *enc);
        let token = scene.envelope().encrypt();
        let good = segments(&token);
        for place in [2, 4] {
            let octets = good[place].len() * 3 / 4;
            for bytes in [0, 1, octets - 1, octets + 1, octets + 16] {
                let other = "A".repeat(bytes.div_ceil(3) * 4 - (3 - bytes % 3) % 3);
                let mut segments = good.clone();
                segments[place] = &other;
                let what = format!("{enc}: segment {place} of {bytes} bytes");
                scene.refuses("ALG-13", "jwe.enc", &what, segments.join("."));
            }
        }
        scene.accepts("ALG-13", enc.name(), &token);
    }
}

#[test]
fn content_that_is_cut_does_not_open() {
    for enc in ContentEncryptionAlgorithm::ALL {
        let scene = generate(KeyManagementAlgorithm::A256Kw, *enc);
        let token = scene.envelope().encrypt();
        let good = segments(&token);
        let cut = &good[3][..good[3].len() / 4 * 4 - 4];
        let rows = [
            ("a ciphertext that is cut", [good[0], good[1], good[2], cut, good[4]]),
            ("no ciphertext", [good[0], good[1], good[2], "", good[4]]),
            ("one byte of it", [good[0], good[1], good[2], "AA", good[4]]),
        ];
        for (what, segments) in rows {
            scene.refuses("ALG-13", "jwe.decrypt", what, segments.join("."));
        }
    }
}

#[test]
fn an_encrypted_key_where_there_is_one() {
    for alg in KeyManagementAlgorithm::ALL {
        let scene = Sealed::new(
            &PROVIDER,
            recipient(*alg, ContentEncryptionAlgorithm::A128Gcm),
            ContentEncryptionAlgorithm::A128Gcm,
        );
        let direct = matches!(alg, KeyManagementAlgorithm::Dir | KeyManagementAlgorithm::EcdhEs);
        let other: &[u8] = if direct { &[7; 24] } else { &[] };
        let token = scene.envelope().encrypted_key(other).encrypt();
        scene.refuses("ALG-14", "jwe.alg", alg.name(), &token);
    }
}

#[test]
fn the_content_key_has_the_length_of_its_algorithm() {
    for alg in KeyManagementAlgorithm::ALL {
        if matches!(alg, KeyManagementAlgorithm::Dir | KeyManagementAlgorithm::EcdhEs) {
            continue;
        }
        for enc in [ContentEncryptionAlgorithm::A256Gcm, ContentEncryptionAlgorithm::A256CbcHs512] {
            let scene = generate(*alg, enc);
            for bytes in [16, enc.key_bytes() - 8, enc.key_bytes() + 8] {
                let what = format!("{alg}: {bytes} bytes for {enc}");
                let token = scene.envelope().wrapped_key(vec![7; bytes]).encrypt();
                scene.refuses("ALG-15", "jwe.decrypt", &what, &token);
            }
        }
    }
}

/// A token whose content is encrypted with one key, and whose encrypted key is another one wrapped.
fn sealed_under(scene: &Sealed, wrapped: &[u8], cek: &[u8]) -> String {
    use base64::Engine as _;
    let token = scene.envelope().wrapped_key(wrapped).encrypt();
    let [header, encrypted_key, ..] = segments(&token)[..] else { unreachable!("five segments") };
    let octets = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(header).unwrap();
    let content = TestRecipient::secret("enc-1", KeyManagementAlgorithm::Dir, cek);
    let content = content.envelope(scene.draft().sign(), scene.enc).raw_header(octets).encrypt();
    [&[header, encrypted_key], &segments(&content)[2..]].concat().join(".")
}

/// Both providers, with each algorithm that wraps a key, and two lengths of it.
fn wrapping() -> Vec<Sealed> {
    let mut scenes = Vec::new();
    for provider in [&ring::PROVIDER, &PROVIDER] {
        for enc in [ContentEncryptionAlgorithm::A256Gcm, ContentEncryptionAlgorithm::A256CbcHs512] {
            let has = provider.content_encryption_algorithms().contains(&enc);
            let algs = provider.key_management_algorithms().iter().filter(|alg| {
                has && !matches!(alg, KeyManagementAlgorithm::Dir | KeyManagementAlgorithm::EcdhEs)
            });
            let recipients = algs.map(|alg| TestRecipient::generate("enc-1", *alg));
            scenes.extend(recipients.map(|recipient| Sealed::new(provider, recipient, enc)));
        }
    }
    scenes
}

/// Whoever would cut or lengthen a content key would find one here that opens the content.
#[test]
fn no_content_key_is_cut_or_lengthened() {
    for scene in wrapping() {
        let (alg, enc) = (scene.recipient.algorithm(), scene.enc);
        let exact = enc.key_bytes();
        let cek: Vec<u8> = (1..=100).collect();
        let token = sealed_under(&scene, &cek[..exact], &cek[..exact]);
        scene.accepts("ALG-15", &format!("{alg} {enc}"), token);
        // AES Key Wrap takes whole blocks of eight, and two of them at least.
        let mut lengths = vec![16, exact - 8, exact + 8, exact + 16];
        if alg.name().contains("GCMKW") || alg.name().starts_with("RSA") {
            lengths.extend([1, exact - 1, exact + 1]);
        }
        if alg.name().starts_with("RSA") {
            lengths.push(0);
        }
        for length in lengths {
            let wrapped = &cek[..length];
            let zeros = vec![0; exact.saturating_sub(length)];
            let start = [wrapped, &zeros].concat()[..exact].to_vec();
            let end = [&zeros, wrapped].concat().split_off(length.saturating_sub(exact));
            for (what, cek) in [("start", start), ("end", end)] {
                let what = format!("{alg} {enc}: {length} bytes as the {what}");
                let token = sealed_under(&scene, wrapped, &cek);
                scene.refuses("ALG-15", "jwe.decrypt", &what, token);
            }
        }
    }
}

#[test]
fn rsa1_5_has_no_name() {
    assert!("RSA1_5".parse::<KeyManagementAlgorithm>().is_err(), "ALG-11");
    for alg in [KeyManagementAlgorithm::RsaOaep, KeyManagementAlgorithm::RsaOaep256] {
        let scene = generate(alg, ContentEncryptionAlgorithm::A128Gcm);
        let token = scene.envelope().header("alg", "RSA1_5").encrypt();
        scene.refuses("ALG-11", "jwe.alg", "RSA1_5", &token);
    }
}

/// Another hash, another padding, another label: all that is seen is that it does not decrypt.
#[test]
fn rsa_oaep_tells_nothing() {
    let scene = generate(KeyManagementAlgorithm::RsaOaep256, ContentEncryptionAlgorithm::A256Gcm);
    let other_hash = scene.recipient.with_algorithm(KeyManagementAlgorithm::RsaOaep);
    let other_hash =
        other_hash.envelope(scene.draft().sign(), scene.enc).header("alg", "RSA-OAEP-256");
    let key = |bytes: &[u8]| scene.envelope().encrypted_key(bytes).encrypt();
    let rows = [
        ("another hash", other_hash.encrypt()),
        ("zeros", key(&[0; 256])),
        ("more than the modulus", key(&[0xff; 256])),
        ("one", key(&[&[0; 255][..], &[1]].concat())),
        ("a byte less", key(&[7; 255])),
        ("a byte more", key(&[7; 257])),
        ("an empty content key", scene.envelope().wrapped_key([]).encrypt()),
        ("a long content key", scene.envelope().wrapped_key([7; 190]).encrypt()),
    ];
    let mut reports: Vec<_> = rows
        .iter()
        .map(|(what, token)| {
            scene.refuses("ALG-11", "jwe.decrypt", what, token);
            scene.appraise(token).to_string()
        })
        .collect();
    reports.dedup();
    assert_eq!(reports.len(), 1);
}

#[test]
fn ephemeral_keys_are_public_keys_in_full() {
    for crv in CURVES {
        let scene = agreeing_on(crv, KeyManagementAlgorithm::EcdhEsA128Kw);
        let good = epk(&scene.envelope().encrypt());
        let with = |name: &str, value: Value| {
            let mut epk = good.clone();
            epk[name] = value;
            scene.envelope().header("epk", epk).encrypt()
        };
        let without = |name: &str| {
            let mut epk = good.clone();
            epk.as_object_mut().unwrap().remove(name);
            scene.envelope().header("epk", epk).encrypt()
        };
        let x = good["x"].as_str().unwrap();
        let short = &x[..x.len() - 4];
        let rows = [
            ("no object", scene.envelope().header("epk", "AA").encrypt()),
            ("null", scene.envelope().header("epk", Value::Null).encrypt()),
            ("an array", scene.envelope().header("epk", json!([good])).encrypt()),
            ("empty", scene.envelope().header("epk", json!({})).encrypt()),
            ("no kty", without("kty")),
            ("no crv", without("crv")),
            ("no x", without("x")),
            ("an unknown curve", with("crv", json!("P-192"))),
            ("a curve of signatures", with("crv", json!("secp256k1"))),
            ("a short x", with("x", json!(short))),
            ("a long x", with("x", json!(format!("AAAA{x}")))),
            ("x with padding", with("x", json!(format!("{x}=")))),
            ("a private key", with("d", json!(x))),
            ("a symmetric key", with("kty", json!("oct"))),
            ("no apu as text", scene.envelope().header("apu", 1).encrypt()),
            ("an apv that is no base64url", scene.envelope().header("apv", "A").encrypt()),
        ];
        for (what, token) in rows {
            scene.refuses("ALG-12", "jwe.alg", &format!("{crv}: {what}"), &token);
        }
        let twice = r#"{"alg":"ECDH-ES","enc":"A128GCM","epk":{"kty":"EC","kty":"EC"}}"#;
        let twice = scene.envelope().raw_header(twice).encrypt();
        scene.refuses("ALG-12", "form.jwe", "a member twice", &twice);
    }
}

/// The `epk` of a token.
fn epk(token: &str) -> Value {
    use base64::Engine as _;
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(segments(token)[0]);
    let header: Value = serde_json::from_slice(&header.unwrap()).unwrap();
    header["epk"].clone()
}

/// CVE-2017-16007: a point of another curve would tell the private key, bit by bit.
#[test]
fn points_that_are_not_on_the_curve_are_refused() {
    for alg in [KeyManagementAlgorithm::EcdhEs, KeyManagementAlgorithm::EcdhEsA256Kw] {
        for crv in CURVES {
            let scene = agreeing_on(crv, alg);
            let good = epk(&scene.envelope().encrypt());
            let point = |x: &str, y: &str| {
                let epk = json!({ "kty": "EC", "crv": crv, "x": x, "y": y });
                scene.envelope().header("epk", epk).encrypt()
            };
            for other in CURVES.iter().filter(|other| **other != crv) {
                let theirs = epk(&agreeing_on(other, alg).envelope().encrypt());
                let token = scene.envelope().header("epk", theirs).encrypt();
                scene.refuses("ALG-12", "jwe.decrypt", &format!("{crv}: {other}"), &token);
            }
            if crv == "X25519" {
                continue;
            }
            let (x, y) = (good["x"].as_str().unwrap(), good["y"].as_str().unwrap());
            let zeros = "A".repeat(x.len());
            for (what, token) in [
                ("exchanged", point(y, x)),
                ("the origin", point(&zeros, &zeros)),
                ("x with itself", point(x, x)),
            ] {
                scene.refuses("ALG-12", "jwe.decrypt", &format!("{crv}: {what}"), &token);
            }
        }
    }
}

/// What is agreed on would be zeros, whatever the private key: RFC 7748 section 6.1.
#[test]
fn points_of_small_order_are_refused() {
    use base64::Engine as _;
    let mut last = [0xff; 32];
    last[31] = 0x7f;
    let point = |first: u8| {
        let mut point = last;
        point[0] = first;
        point
    };
    let mut one = [0; 32];
    one[0] = 1;
    let order_8 = [
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    ];
    let from_hex = |hex: &str| {
        let byte = |nth: usize| u8::from_str_radix(&hex[nth * 2..nth * 2 + 2], 16).unwrap();
        std::array::from_fn::<_, 32, _>(byte)
    };
    let mut points = vec![[0; 32], one, point(0xec), point(0xed), point(0xee)];
    points.extend(order_8.map(from_hex));
    for alg in [KeyManagementAlgorithm::EcdhEs, KeyManagementAlgorithm::EcdhEsA128Kw] {
        let scene = agreeing_on("X25519", alg);
        for point in &points {
            let x = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(point);
            let epk = json!({ "kty": "OKP", "crv": "X25519", "x": x });
            let token = scene.envelope().header("epk", epk).encrypt();
            scene.refuses("ALG-12", "jwe.decrypt", "a point of small order", &token);
        }
    }
}

#[test]
fn what_both_sides_say_of_themselves_is_mixed_in() {
    for alg in [KeyManagementAlgorithm::EcdhEs, KeyManagementAlgorithm::EcdhEsA192Kw] {
        let scene = agreeing_on("P-256", alg);
        let named = || scene.envelope().header("apu", "QWxpY2U").header("apv", "Qm9i");
        scene.accepts("ALG-12", "both", named().encrypt());
        let token = named().encrypt();
        let header = {
            use base64::Engine as _;
            let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
            let header = engine.decode(segments(&token)[0]).unwrap();
            let header = String::from_utf8(header).unwrap().replace("Qm9i", "Qm9j");
            engine.encode(header)
        };
        let other = [&[header.as_str()], &segments(&token)[1..]].concat().join(".");
        scene.refuses("ALG-12", "jwe.decrypt", "another apv", &other);
    }
}

#[test]
fn gcm_key_wrapping_has_its_parameters() {
    for alg in [
        KeyManagementAlgorithm::A128GcmKw,
        KeyManagementAlgorithm::A192GcmKw,
        KeyManagementAlgorithm::A256GcmKw,
    ] {
        let scene = generate(alg, ContentEncryptionAlgorithm::A128CbcHs256);
        scene.accepts("ALG-13", alg.name(), scene.envelope().encrypt());
        let rows = [
            ("iv", json!("AAAAAAAAAAAAAAA"), "jwe.alg"),
            ("iv", json!("AAAAAAAAAAAAAAAAAA"), "jwe.alg"),
            ("iv", json!(""), "jwe.alg"),
            ("iv", json!(12), "jwe.alg"),
            ("iv", json!("AAAAAAAAAAAAAAA="), "jwe.alg"),
            ("iv", json!("AAAAAAAAAAAAAAAA"), "jwe.decrypt"),
            ("tag", json!("AAAAAAAAAAAAAAAA"), "jwe.alg"),
            ("tag", json!("AAAAAAAAAAAAAAAAAAAAAAA"), "jwe.alg"),
            ("tag", json!(""), "jwe.alg"),
            ("tag", Value::Null, "jwe.alg"),
            ("tag", json!("AAAAAAAAAAAAAAAAAAAAAA"), "jwe.decrypt"),
        ];
        for (name, value, code) in rows {
            let what = format!("{alg}: {name} {value}");
            scene.refuses("ALG-13", code, &what, scene.envelope().header(name, value).encrypt());
        }
        let bare = json!({ "alg": alg.name(), "enc": "A128CBC-HS256", "cty": "JWT" }).to_string();
        let bare = scene.envelope().raw_header(bare).encrypt();
        scene.refuses("ALG-13", "jwe.alg", "neither", &bare);
    }
}

#[test]
fn passwords_cost_what_is_permitted() {
    for alg in [
        KeyManagementAlgorithm::Pbes2Hs256A128Kw,
        KeyManagementAlgorithm::Pbes2Hs384A192Kw,
        KeyManagementAlgorithm::Pbes2Hs512A256Kw,
    ] {
        let scene = generate(alg, ContentEncryptionAlgorithm::A128Gcm);
        let rows = [
            ("p2s", json!("AAAAAAAAAA"), "a salt of seven bytes"),
            ("p2s", json!(""), "no salt"),
            ("p2s", json!(8), "no text"),
            ("p2s", json!("AAAAAAAAAAA="), "padding"),
            ("p2c", json!(999), "too few"),
            ("p2c", json!(1_200_001), "too many"),
            ("p2c", json!(u64::MAX), "far too many"),
            ("p2c", json!(4_294_968_296_u64), "1,000 beyond 32 bits"),
            ("p2c", json!(0), "none"),
            ("p2c", json!(-1_000), "less than none"),
            ("p2c", json!(1_000.5), "a fraction"),
            ("p2c", json!("1000"), "a text"),
            ("p2c", Value::Null, "null"),
        ];
        for (name, value, what) in rows {
            let token = scene.envelope().header(name, value).encrypt();
            scene.refuses("ALG-16", "jwe.alg", &format!("{alg}: {what}"), &token);
        }
        for (name, value) in [("p2s", json!("AAAAAAAAAAA")), ("p2c", json!(1_000))] {
            let token = scene.envelope().header(name, value).encrypt();
            scene.accepts("ALG-16", &format!("{alg}: the least {name}"), &token);
        }
        let short = TestRecipient::secret("enc-1", alg, b"fifteen letters");
        let keys = DecryptionKeys::new([private_key(&short)], [alg], [scene.enc]);
        let error = build_sealed(&PROVIDER, &scene.issuer, keys, Limits::default()).unwrap_err();
        let text = "a decryption key cannot be used: key 0 (kid \"enc-1\"): its member \"k\" has 15 bytes, but it must have at least 16";
        assert_eq!(error.to_string(), text, "KEY-14");
        let other = TestRecipient::secret("enc-1", alg, b"another password");
        let token = other.encrypt(&scene.draft().sign(), scene.enc);
        scene.refuses("ALG-16", "jwe.decrypt", "another password", &token);
    }
}

/// The most that is permitted still runs, and the reason is that the password is another one.
#[test]
fn the_most_iterations_are_permitted() {
    let scene =
        generate(KeyManagementAlgorithm::Pbes2Hs256A128Kw, ContentEncryptionAlgorithm::A128Gcm);
    let token = scene.envelope().header("p2c", 1_200_000).encrypt();
    scene.refuses("ALG-16", "jwe.decrypt", "made with one iteration", &token);
}

#[test]
fn keys_are_checked_when_the_validator_is_built() {
    let issuer = TestIssuer::new(ISSUER);
    let text = |jwk: &Value, alg: KeyManagementAlgorithm| {
        let key = match DecryptionKey::from_jwk(jwk.to_string()) {
            Ok(key) => key,
            Err(error) => return error.to_string(),
        };
        let keys = DecryptionKeys::new([key], [alg], [ContentEncryptionAlgorithm::A128Gcm]);
        match build_sealed(&PROVIDER, &issuer, keys, Limits::default()) {
            Ok(_) => "built".to_owned(),
            Err(error) => error.to_string(),
        }
    };
    let changed = |jwk: &Value, name: &str, value: Option<Value>| {
        let mut jwk = jwk.clone();
        let members = jwk.as_object_mut().unwrap();
        members.remove(name);
        members.extend(value.map(|value| (name.to_owned(), value)));
        jwk
    };
    let rsa = TestRecipient::generate("k", KeyManagementAlgorithm::RsaOaep256).private_jwk();
    let [ec, other] = ["a", "b"]
        .map(|kid| TestRecipient::generate(kid, KeyManagementAlgorithm::EcdhEs).private_jwk());
    let okp =
        TestRecipient::generate_on("k", KeyManagementAlgorithm::EcdhEs, "X25519").private_jwk();
    let other_okp =
        TestRecipient::generate_on("k", KeyManagementAlgorithm::EcdhEs, "X25519").private_jwk();
    let (oaep, ecdh) = (KeyManagementAlgorithm::RsaOaep256, KeyManagementAlgorithm::EcdhEs);
    let rows = [
        (rsa.clone(), oaep, "built"),
        (ec.clone(), ecdh, "built"),
        (okp.clone(), ecdh, "built"),
        (changed(&rsa, "alg", None), oaep, "built"),
        (changed(&rsa, "d", None), oaep, "key: its member \"d\" is missing"),
        (changed(&rsa, "p", None), oaep, "key: its member \"p\" is missing"),
        (changed(&rsa, "qi", None), oaep, "key: its member \"qi\" is missing"),
        (
            changed(&rsa, "oth", Some(json!([]))),
            oaep,
            "key: its member \"oth\" says that the key has more than two primes, which is not supported",
        ),
        (
            changed(&rsa, "e", Some(json!("AQ"))),
            oaep,
            "a decryption key cannot be used: key 0 (kid \"k\"): its member \"e\" is not an odd exponent from 3 to 2^33 - 1",
        ),
        (
            changed(&rsa, "n", Some(rsa["p"].clone())),
            oaep,
            "a decryption key cannot be used: key 0 (kid \"k\"): its member \"n\" has 1024 bits, but it must have from 2048 to 8192",
        ),
        (
            changed(&rsa, "q", Some(rsa["p"].clone())),
            oaep,
            "a decryption key cannot be used: key 0 (kid \"k\"): its member \"d\" was refused by the crypto provider aws-lc-rs",
        ),
        (
            changed(&rsa, "d", Some(rsa["dp"].clone())),
            oaep,
            "a decryption key cannot be used: key 0 (kid \"k\"): its member \"d\" was refused by the crypto provider aws-lc-rs",
        ),
        (
            rsa.clone(),
            ecdh,
            "a decryption key cannot be used: key 0 (kid \"k\"): its member \"alg\" is not among the permitted algorithms (ECDH-ES)",
        ),
        (
            changed(&rsa, "alg", Some(json!("ECDH-ES"))),
            ecdh,
            "a decryption key cannot be used: key 0 (kid \"k\"): its member \"alg\" is not an algorithm for keys of this type and curve",
        ),
        (
            changed(&ec, "d", Some(other["d"].clone())),
            ecdh,
            "a decryption key cannot be used: key 0 (kid \"a\"): its member \"d\" is not that of the public key beside it",
        ),
        (
            changed(&okp, "d", Some(other_okp["d"].clone())),
            ecdh,
            "a decryption key cannot be used: key 0 (kid \"k\"): its member \"d\" is not that of the public key beside it",
        ),
        (
            changed(&ec, "d", Some(json!("AAAA"))),
            ecdh,
            "key: its member \"d\" has 3 octets, but it must have 32",
        ),
        (
            changed(&ec, "d", Some(json!("A".repeat(43)))),
            ecdh,
            "a decryption key cannot be used: key 0 (kid \"a\"): its member \"d\" was refused by the crypto provider aws-lc-rs",
        ),
        (
            changed(&ec, "crv", Some(json!("secp256k1"))),
            ecdh,
            "key: its member \"crv\" names a key type or curve that no algorithm decrypts with",
        ),
    ];
    for (jwk, alg, expected) in rows {
        assert_eq!(text(&jwk, alg), expected);
    }
}

#[test]
fn a_set_names_the_key_at_fault() {
    let good = TestRecipient::generate("a", KeyManagementAlgorithm::A128Kw).private_jwk();
    let set = json!({ "keys": [good, { "kty": "oct" }] }).to_string();
    let error = DecryptionKey::from_jwk_set(set).unwrap_err();
    assert_eq!(error.to_string(), "key 1: its member \"k\" is missing");
    let keys = DecryptionKey::from_jwk_set(json!({ "keys": [good] }).to_string()).unwrap();
    assert_eq!(keys.len(), 1);
    assert!(DecryptionKey::from_jwk_set("{}").is_err());
    assert!(DecryptionKey::from_secret(b"").is_err());
    let empty = DecryptionKey::from_jwk(r#"{"kty":"oct","k":""}"#).unwrap_err();
    assert_eq!(empty.to_string(), "key: its member \"k\" has 0 bytes, but it must have at least 1");
}

/// Every algorithm's failure names the key and nothing else.
#[test]
fn every_failure_says_the_same() {
    for alg in KeyManagementAlgorithm::ALL {
        let enc = ContentEncryptionAlgorithm::A128Gcm;
        let scene = Sealed::new(&PROVIDER, recipient(*alg, enc), enc);
        let token = scene.envelope().encrypt();
        let good = segments(&token);
        let tag = if good[4].starts_with('A') { "B" } else { "A" };
        let tag = format!("{tag}{}", &good[4][1..]);
        let forged = [good[0], good[1], good[2], good[3], &tag].join(".");
        let appraisal = scene.appraise(&forged);
        let opened = appraisal.checks().find(|check| check.id() == "jwe.decrypt").unwrap();
        assert!(matches!(opened.outcome(), Outcome::Fail(_)), "{alg}\n{appraisal}");
        let expected = format!("does not decrypt under key \"enc-1\" ({alg})");
        assert_eq!(opened.explanation(), Some(expected));
    }
}
