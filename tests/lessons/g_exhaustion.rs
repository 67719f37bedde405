//! G. Inputs that cost more than they are worth, and inputs that stop the program.

use std::time::Instant;

use jwt_appraisal::crypto::aws_lc_rs;
use jwt_appraisal::testing::{TestRecipient, TestToken};
use jwt_appraisal::{
    AccessTokenClaims, ContentEncryptionAlgorithm, DecryptionKeys, Jwk, JwkSet, KeyError,
    KeyManagementAlgorithm, Limits, Profile, ReasonKind, SignatureAlgorithm, Validator,
};
use serde_json::json;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

use super::dependencies::{Dependencies, version};
use super::support::{
    AUDIENCE, NOW, Scene, Sealed, expect_accepted, expect_rejected, key_store, now, private_key,
    validator_builder,
};
use super::{Public, b64, builder, der_of, encrypted, opening, trusted, written};

/// A scene's validator that reads as much as it can be told to.
fn widest(scene: &Scene) -> Validator<AccessTokenClaims> {
    let mut limits = Limits::default();
    limits.token_bytes = 1024 * 1024;
    limits.json_depth = 64;
    limits.json_values = 65_536;
    limits.object_members = 1_024;
    limits.actor_depth = 64;
    builder(scene).limits(limits).build().unwrap()
}

#[test]
fn lesson_064_cve_2024_28176_inflating_is_asked_for_and_has_a_bound() {
    let scene = Scene::new();
    for zip in [json!("DEF"), json!("def"), json!("GZ"), json!(""), json!(null), json!(true)] {
        let token = scene.token().header("zip", zip.clone()).sign();
        scene.refuses("064", "header.zip", &zip.to_string(), token);
        let jwe = encrypted(&json!({"alg": "dir", "enc": "A256GCM", "zip": zip}));
        scene.refuses("064", "form.compact", &zip.to_string(), jwe);
        let sealed = opening(KeyManagementAlgorithm::A128Kw);
        let token = sealed.envelope().header("zip", zip.clone()).encrypt();
        sealed.refuses("064", "jwe.zip", &zip.to_string(), token);
    }
    let recipient = TestRecipient::generate("enc-1", KeyManagementAlgorithm::A128Kw);
    let (alg, enc) = ([KeyManagementAlgorithm::A128Kw], ContentEncryptionAlgorithm::A128Gcm);
    let keys = DecryptionKeys::new([private_key(&recipient)], alg, [enc]).allow_deflate();
    let sealed = Sealed::of(&aws_lc_rs::PROVIDER, recipient, enc, keys);
    sealed.accepts("064", "an honest one", sealed.envelope().compressed().encrypt());
    let bomb = sealed.seal(vec![b'A'; 10_000_000]).compressed().encrypt();
    assert!(bomb.len() < 16 * 1024, "{} bytes for ten million", bomb.len());
    sealed.refuses("064", "jwe.zip", "a bomb", bomb);
    let dependencies = Dependencies::read();
    for inflater in ["flate2", "libz-sys", "zlib-rs", "libdeflater", "zopfli", "brotli", "zstd"] {
        assert!(!dependencies.reach(inflater), "{inflater} is a dependency");
    }
}

#[test]
fn lesson_065_cve_2023_52428_iterations_are_counted_before_any_is_made() {
    let scene = Scene::new();
    let begun = Instant::now();
    let sealed = opening(KeyManagementAlgorithm::Pbes2Hs512A256Kw);
    for p2c in [json!(u32::MAX), json!(i64::MAX), json!(u64::MAX), json!(-1), json!(1e15)] {
        let header = json!({"alg": "PBES2-HS512+A256KW", "enc": "A256GCM", "p2s": b64(&[1; 16]), "p2c": p2c});
        scene.refuses("065", "form.compact", &p2c.to_string(), encrypted(&header));
        let signed = scene.token().header("p2s", b64(&[1; 16])).header("p2c", p2c.clone());
        let named = signed.clone().header("alg", "PBES2-HS512+A256KW").sign();
        scene.refuses("065", "header.alg", &p2c.to_string(), named);
        scene.accepts("065", "a member that means nothing here", signed.sign());
        let asked = sealed.envelope().header("p2c", p2c.clone()).encrypt();
        sealed.refuses("065", "jwe.alg", &p2c.to_string(), asked);
    }
    sealed.accepts("065", "an honest one", sealed.envelope().encrypt());
    assert!(begun.elapsed().as_secs() < 20, "4 billion rounds take minutes");
}

#[test]
fn lesson_066_cve_2025_30204_dots_are_counted_and_not_collected() {
    let scene = Scene::new();
    let wide = widest(&scene);
    for dots in [3, 4, 5, 16_000, 100_000, 1024 * 1024] {
        let appraisal = wide.appraise_at(".".repeat(dots), now());
        expect_rejected("066", &["form.compact"], &format!("{dots} dots"), &appraisal);
        let reason = appraisal.findings().next().unwrap();
        let expected = if dots == 4 { ReasonKind::Encrypted } else { ReasonKind::Segments };
        assert_eq!(reason.outcome().reason().unwrap().kind(), expected);
        if dots > 6 {
            let explanation = reason.explanation().unwrap();
            assert_eq!(explanation, format!("is not three segments: found {}", dots + 1));
        }
    }
    let flood = format!("{}{}", scene.token().sign(), ".".repeat(1_000_000));
    expect_rejected("066", &["form.compact"], "after a token", &wide.appraise_at(&flood, now()));
    scene.refuses("066", "form.size", "within default limits", flood);
}

#[test]
fn lesson_067_cve_2025_53864_nesting_has_a_bound() {
    let scene = Scene::new();
    let wide = widest(&scene);
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{}1{}", open.repeat(depth), close.repeat(depth))
    };
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        for depth in [64, 1_000, 100_000] {
            let deep = format!(r#"{{"x":{}}}"#, nested(open, close, depth));
            let appraisal = wide.appraise_at(scene.token().raw_payload(deep.clone()).sign(), now());
            let what = format!("claims {depth} deep");
            expect_rejected("067", &["payload.json"], &what, &appraisal);
            let set = format!(r#"{{"keys":[],"x":{deep}}}"#);
            let mut limits = Limits::default();
            (limits.json_depth, limits.key_set_bytes) = (64, 16 * 1024 * 1024);
            let error = JwkSet::from_json_within(set, &limits).map(|_| ()).unwrap_err();
            let text = "the key material is not strict JSON: it is nested too deep";
            assert_eq!(error.to_string(), text, "{depth}");
            assert_eq!(Jwk::from_json(deep).unwrap_err(), error, "{depth}");
        }
        let deep = format!(r#"{{"x":{}}}"#, nested(open, close, 800));
        let token = scene.token().raw_header(deep).sign();
        let appraisal = wide.appraise_at(token, now());
        expect_rejected("067", &["form.header"], "a header 800 deep", &appraisal);
    }
}

#[test]
fn lesson_068_cve_2025_65015_giants_are_refused_and_not_repeated() {
    let scene = Scene::new();
    let wide = widest(&scene);
    let giant = "CANARY".repeat(100_000);
    let good = scene.token().sign();
    let parts: Vec<&str> = good.split('.').collect();
    for (code, token) in [
        ("form.header", format!("{giant}.{}.{}", parts[1], parts[2])),
        ("crypto.signature", format!("{}.{giant}.{}", parts[0], parts[2])),
        ("crypto.signature", format!("{}.{}.{giant}", parts[0], parts[1])),
        ("form.size", giant.repeat(20)),
        (
            "claims.sub",
            scene.token().claim("sub", format!("a:{}<", "CANARY".repeat(50_000))).sign(),
        ),
    ] {
        let appraisal = wide.appraise_at(token, now());
        expect_rejected("068", &[code], "a giant", &appraisal);
        let json = serde_json::to_string(&appraisal).unwrap();
        let table = appraisal.to_string();
        let debug = format!("{appraisal:?}");
        let line = appraisal.into_result().unwrap_err().to_string();
        for text in [table, debug, json, line] {
            assert!(text.len() < 4_000, "{} bytes of report", text.len());
            assert!(!text.contains("CANARY"), "{text}");
        }
    }
}

#[test]
fn lesson_069_cve_2026_34986_empty_parts_are_refused_in_peace() {
    let scene = Scene::new();
    let good = scene.token().sign();
    let parts: Vec<&str> = good.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let kw = b64(br#"{"alg":"A128KW","enc":"A128GCM"}"#);
    for (code, token) in [
        ("form.compact", String::new()),
        ("form.compact", ".".to_owned()),
        ("form.compact", "..".to_owned()),
        ("form.compact", format!("{header}..{signature}")),
        ("form.compact", format!("..{signature}")),
        ("form.header", format!(".{payload}.{signature}")),
        ("form.header", format!(".{payload}.")),
        ("crypto.signature", format!("{header}.{payload}.")),
        ("form.compact", format!("{kw}..AAAA.AAAA.AAAA")),
        ("form.compact", format!("{kw}....")),
        ("form.compact", "....".to_owned()),
        ("form.compact", format!(r#"{{"protected":"{header}","signature":"{signature}"}}"#)),
        ("form.compact", format!(r#"{{"payload":null,"signature":"{signature}"}}"#)),
    ] {
        scene.refuses("069", code, &token, &token);
    }
    for alg in [
        KeyManagementAlgorithm::A128Kw,
        KeyManagementAlgorithm::RsaOaep,
        KeyManagementAlgorithm::EcdhEsA256Kw,
    ] {
        let sealed = opening(alg);
        let token = sealed.envelope().encrypted_key([]).encrypt();
        sealed.refuses("069", "jwe.alg", "no encrypted key", &token);
        let [header, key, ..] = token.split('.').collect::<Vec<_>>()[..] else {
            unreachable!("five segments");
        };
        sealed.refuses("069", "form.jwe", "nothing at all", "....");
        sealed.refuses("069", "form.jwe", "no header", format!(".{key}..."));
        let nothing = sealed.appraise(format!("{header}.{key}..."));
        expect_rejected("069", &["jwe.alg", "jwe.enc"], "nothing else", &nothing);
    }
}

#[test]
fn lesson_070_cve_2026_35041_an_audience_is_no_pattern() {
    let scene = Scene::new();
    let begun = Instant::now();
    let named = |audience: &str| {
        let builder = validator_builder(Profile::access_token()).issuer(trusted(&scene.issuer));
        builder.audience(audience).build().unwrap()
    };
    let hostile = format!("{}!", "a".repeat(4_000));
    for (pattern, aud) in [
        ("^(a+)+$", hostile.as_str()),
        ("(a|aa)+$", hostile.as_str()),
        ("/^(a+)+$/", hostile.as_str()),
        (".*", AUDIENCE),
        ("*", AUDIENCE),
        ("https://*.example.com", AUDIENCE),
        ("https://api.example.com(/x)?", AUDIENCE),
        ("https://api.example.co.", AUDIENCE),
        ("", ".*"),
    ] {
        let token = scene.token().claim("aud", aud).sign();
        if pattern.is_empty() {
            scene.refuses("070", "claims.aud", "a pattern in the token", token);
            continue;
        }
        let validator = named(pattern);
        let appraisal = validator.appraise_at(token, now());
        expect_rejected("070", &["claims.aud"], pattern, &appraisal);
    }
    let literal = named("^(a+)+$");
    let token = scene.token().claim("aud", "^(a+)+$").sign();
    expect_accepted("070", "the text itself", &literal.appraise_at(token, now()));
    assert!(begun.elapsed().as_secs() < 20);
}

#[test]
fn lesson_071_extreme_times_are_refused_in_peace() {
    let scene = Scene::new();
    for (name, text, code) in [
        ("exp", "1e300", "payload.json"),
        ("exp", "1e15", "claims.exp"),
        ("exp", "18446744073709551615", "claims.exp"),
        ("exp", "9223372036854775807", "claims.exp"),
        ("exp", "-9223372036854775808", "claims.exp"),
        ("exp", "253402300800", "claims.exp"),
        ("exp", "253402300799", "time.lifetime"),
        ("exp", "-62167219200", "claims.exp"),
        ("exp", "-62167219201", "claims.exp"),
        ("nbf", "-1e300", "payload.json"),
        ("nbf", "9223372036854775807", "claims.nbf"),
        ("nbf", "-9223372036854775808", "claims.nbf"),
        ("nbf", "253402300799", "claims.nbf"),
        ("nbf", "253402300799.9", "claims.nbf"),
        ("nbf", "-62167219201", "claims.nbf"),
        ("iat", "1e300", "payload.json"),
        ("iat", "18446744073709551615", "claims.iat"),
        ("iat", "-9223372036854775808", "claims.iat"),
        ("iat", "253402300799", "claims.iat"),
        ("iat", "-62167219200", "time.lifetime"),
        ("auth_time", "-9223372036854775808", "claims.auth_time"),
        ("auth_time", "1e15", "claims.auth_time"),
    ] {
        scene.refuses("071", code, &format!("{name} {text}"), written(scene.token(), name, text));
    }
    scene.accepts("071", "year 0", written(scene.token(), "nbf", "-62167219200"));
    let (first, last) = (PrimitiveDateTime::MIN.assume_utc(), PrimitiveDateTime::MAX.assume_utc());
    let token = scene.token().claim("nbf", NOW).sign();
    for leeway in [0, 1, 300] {
        let validator = builder(&scene).leeway(Duration::seconds(leeway)).build().unwrap();
        let early = validator.appraise_at(&token, first);
        expect_rejected("071", &["claims.nbf", "claims.iat"], "the first moment", &early);
        let late = validator.appraise_at(&token, last);
        expect_rejected("071", &["claims.exp"], "the last moment", &late);
        let border = |draft: TestToken, text: &str, claim: &str, at: OffsetDateTime| {
            validator.appraise_at(written(draft, claim, text), at)
        };
        let now = OffsetDateTime::from_unix_timestamp(-62_167_219_200).unwrap();
        let early = border(scene.token(), "-62167219200", "exp", now);
        let codes: &[&str] =
            if leeway == 0 { &["claims.exp", "claims.iat"] } else { &["claims.iat"] };
        expect_rejected("071", codes, "at the calendar's begin", &early);
    }
    let aged = scene.validator_of(Profile::access_token().max_token_age(Duration::seconds(1)));
    let late = aged.appraise_at(&token, last);
    expect_rejected("071", &["claims.exp", "time.age"], "8,000 years old", &late);
    let keys = JwkSet::from_json(scene.issuer.jwks()).unwrap();
    let keys = key_store([SignatureAlgorithm::Es256], keys).unwrap();
    assert!(keys.clone().cooldown(Duration::MAX).is_err());
    let keys = keys.cooldown(Duration::days(1)).unwrap();
    let asked = [first, last, first, last].map(|at| keys.may_refresh(at));
    assert_eq!(asked, [true; 4], "a day at most lies between two of them");
    assert!(!keys.may_refresh(last), "{asked:?}");
}

#[test]
fn lesson_072_rustsec_2021_0125_malformed_der_is_refused_in_peace() {
    let dependencies = Dependencies::read();
    assert!(!dependencies.reach("simple_asn1"), "a development dependency may have it");
    let ring = dependencies.versions("ring");
    assert!(!ring.is_empty() && ring.iter().all(|found| version(found) >= [0, 17, 12]), "{ring:?}");
    let read = |der: &[u8]| {
        let readers = [Jwk::from_certificate_der, Jwk::from_spki_der, Jwk::from_pkcs1_der];
        readers.map(|read| read(der).map(|jwk| jwk.thumbprint().to_string()))
    };
    let certificate = der_of(&Public::named("P-256").pem.certificate);
    let [Ok(good), Err(_), Err(_)] = read(&certificate) else {
        unreachable!("a certificate");
    };
    for len in 0..certificate.len() {
        assert!(read(&certificate[..len]).iter().all(Result::is_err), "cut to {len} octets");
    }
    let mut same = 0_usize;
    for at in 0..certificate.len() {
        for value in [0x00, 0x7f, 0x80, 0xff, certificate[at] ^ 1] {
            let mut changed = certificate.clone();
            changed[at] = value;
            same += usize::from(read(&changed)[0].as_ref() == Ok(&good));
        }
    }
    assert!(same > 0, "the signature, for one, is not looked at");
    let times = [(0x17_u8, 13_u8), (0x18, 15)];
    let begins = |window: &[u8]| times.iter().any(|(tag, len)| *window == [*tag, *len]);
    let time = certificate.windows(2).position(begins).unwrap() + 2;
    for digits in [&b"\xff\xff"[..], b"\xc3\xa9", b"aa", b"  ", b"99"] {
        let mut changed = certificate.clone();
        changed[time + 2..time + 4].copy_from_slice(digits);
        let refused = Jwk::from_certificate_der(&changed).map(|_| ());
        assert!(matches!(refused, Err(KeyError::Encoding { .. })), "{digits:?}: {refused:?}");
    }
}
