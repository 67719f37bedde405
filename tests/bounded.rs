//! What does it take to refuse the largest inputs? Memory by a counting allocator, time by growth.
#![expect(
    clippy::unwrap_used,
    clippy::as_conversions,
    reason = "a test stops where it can not go on; its arithmetic is small"
)]

mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use allocation_counter::measure;
use jwt_appraisal::testing::{TestIssuer, TestRecipient};
use jwt_appraisal::{
    AccessTokenClaims, ContentEncryptionAlgorithm, DecryptionKeys, JwkSet, KeyManagementAlgorithm,
    Limits, Profile, TrustedIssuer, Validator,
};
use serde_json::json;
use support::{
    AUDIENCE, ISSUER, Scene, build_sealed, expect_rejected, key_store, now, private_key, provider,
    validator_builder,
};

/// A validator with the highest limits that can be set.
fn widest(scene: &Scene) -> Validator<AccessTokenClaims> {
    let set = JwkSet::from_json(scene.issuer.jwks()).unwrap();
    let keys = key_store([scene.issuer.key().alg_name().parse().unwrap()], set).unwrap();
    validator_builder(Profile::access_token())
        .issuer(TrustedIssuer::new(ISSUER, keys))
        .audience(AUDIENCE)
        .limits(highest())
        .build()
        .unwrap()
}

fn highest() -> Limits {
    let mut limits = Limits::default();
    limits.token_bytes = 1024 * 1024;
    limits.json_depth = 64;
    limits.json_values = 65_536;
    limits.object_members = 1_024;
    limits.key_set_bytes = 16 * 1024 * 1024;
    limits
}

#[test]
fn refusing_takes_bounded_memory() {
    let scene = Scene::new();
    let wide = widest(&scene);
    let deep = |depth: usize| r#"{"a":"#.repeat(depth);
    let arrays = "[".repeat(10_000);
    // What may stay of a refusal: the name that it gives of the key, where one was found.
    for (what, most, token) in [
        ("a token of 10 MB", 0, "A".repeat(10_000_000)),
        ("100,000 dots", 0, ".".repeat(100_000)),
        ("a header of 1 MB", 0, format!("{}.e30.e30", "A".repeat(1_000_000))),
        ("a header nested 1,000 deep", 0, scene.token().raw_header(deep(1_000)).sign()),
        ("a header nested 10,000 deep", 0, scene.token().raw_header(arrays.clone()).sign()),
        // Signed, so it is decoded: its own length, and the list of values up to the limit on depth.
        ("a payload nested 10,000 deep", 54_000, scene.token().raw_payload(deep(10_000)).sign()),
    ] {
        for validator in [&scene.validator, &wide] {
            let refuse = || assert!(validator.appraise_at(&token, now()).into_result().is_err());
            refuse();
            let bytes = measure(refuse).bytes_total;
            println!("{what}: {bytes} bytes to refuse {}", token.len());
            assert!(bytes <= most, "{what}: {bytes} bytes");
        }
    }
}

/// Among several issuers the payload names whose keys apply, so an attacker without any key chooses
/// what is read before the signature is verified.
#[test]
fn a_forged_payload_takes_no_memory_among_several_issuers() {
    let scene = Scene::new();
    let trusted = [ISSUER, "https://b.example"].map(|name| {
        let set = JwkSet::from_json(scene.issuer.jwks()).unwrap();
        let keys = key_store([scene.issuer.key().alg_name().parse().unwrap()], set).unwrap();
        TrustedIssuer::new(name, keys)
    });
    let validator = validator_builder(Profile::access_token())
        .issuers(trusted)
        .audience(AUDIENCE)
        .build()
        .unwrap();
    for value in ["0,".repeat(4_000), "0,".repeat(5_000), format!(r#""{}","#, r"\n".repeat(5_000))]
    {
        let payload = format!(r#"{{"iss":"https://c.example","x":[{value}0]}}"#);
        let token = scene.token().raw_payload(payload).sign();
        let refuse = || {
            let appraisal = validator.appraise_at(&token, now());
            expect_rejected("PAR-12", &["key.issuer"], "a large payload", &appraisal);
        };
        refuse();
        let measured = measure(|| drop(black_box(validator.appraise_at(&token, now()))));
        let bytes = measured.bytes_total;
        assert_eq!(bytes, 0, "{value:.10}");
    }
}

/// A DEFLATE stream that stands for so many times 10 MB of one letter: a block that was flushed can
/// be repeated, as it refers to nothing before it.
fn bomb(times: usize) -> Vec<u8> {
    use miniz_oxide::deflate::core::{
        CompressorOxide, TDEFLFlush, compress, create_comp_flags_from_zip_params,
    };
    let mut block = vec![0; 20_000];
    let letters = vec![b'A'; 10_000_000];
    let flags = create_comp_flags_from_zip_params(9, -15, 0);
    let mut compressor = CompressorOxide::new(flags);
    let (_, read, written) = compress(&mut compressor, &letters, &mut block, TDEFLFlush::Full);
    assert_eq!(read, letters.len());
    block.truncate(written);
    // An empty block says that it is the last.
    [block.repeat(times), b"\x01\x00\x00\xff\xff".to_vec()].concat()
}

#[test]
fn a_decompression_bomb_ends_at_the_limit() {
    let recipient = TestRecipient::generate("enc-1", KeyManagementAlgorithm::A128GcmKw);
    let (alg, enc) = ([recipient.algorithm()], ContentEncryptionAlgorithm::A128Gcm);
    let keys = DecryptionKeys::new([private_key(&recipient)], alg, [enc]).allow_deflate();
    let issuer = TestIssuer::new(ISSUER);
    let default = build_sealed(provider(), &issuer, keys.clone(), Limits::default()).unwrap();
    let wide = build_sealed(provider(), &issuer, keys, highest()).unwrap();
    for (megabytes, validator, code) in
        [(10, &default, "jwe.zip"), (750, &wide, "jwe.zip"), (1_000, &wide, "form.size")]
    {
        let envelope = recipient.envelope(bomb(megabytes / 10), enc).header("zip", "DEF");
        let token = envelope.encrypt();
        let begun = Instant::now();
        let refuse = || {
            let appraisal = validator.appraise_at(&token, now());
            expect_rejected("ALG-17", &[code], "a bomb", &appraisal);
        };
        let bytes = measure(refuse).bytes_max;
        println!(
            "{megabytes} MB in a token of {}: refused by {code}, at most {bytes} bytes at once, {:?}",
            token.len(),
            begun.elapsed()
        );
        // What is decrypted, what is inflated, and the inflater's own tables.
        let most = token.len() + Limits::default().inflated_bytes + 64 * 1024;
        assert!(bytes <= u64::try_from(most).unwrap(), "{bytes} bytes");
    }
}

#[test]
fn a_key_set_of_100_000_keys_takes_bounded_memory() {
    /// 65,536 values of 24 bytes in a list that doubles.
    const MOST_OF_VALUES: u64 = 4 * 65_536 * 24;
    let keys = json!({ "keys": vec![json!({"kty": "x"}); 100_000] }).to_string();
    for (limits, most) in [(Limits::default(), 0), (highest(), MOST_OF_VALUES)] {
        let refuse = || assert!(JwkSet::from_json_within(&keys, &limits).is_err());
        let bytes = measure(refuse).bytes_total;
        println!("{bytes} bytes to refuse a set of {} bytes", keys.len());
        assert!(bytes <= most, "{bytes} bytes");
    }
}

/// One input of a given size, and what is done with it.
struct Growth<'a> {
    what: &'static str,
    run: &'a dyn Fn(&str),
    input: fn(&Scene, usize) -> String,
}

/// Eight times as long takes about eight times as long; a square would take 64 times.
#[test]
fn refusing_takes_linear_time() {
    const MOST: f64 = 24.0;
    let scene = Scene::new();
    let wide = widest(&scene);
    let appraise = |token: &str| assert!(wide.appraise_at(token, now()).into_result().is_err());
    let load = |set: &str| drop(black_box(JwkSet::from_json_within(set, &highest())));
    let token = |what, input| Growth { what, run: &appraise, input };
    for Growth { what, run, input } in [
        token("dots", |_, n| ".".repeat(n * 100_000)),
        token("letters", |_, n| "A".repeat(n * 100_000)),
        token("a text", |scene, n| signed(scene, r#""x"#, "a", n * 80_000)),
        token("escapes", |scene, n| signed(scene, r#""x"#, r"\u0061", n * 10_000)),
        token("digits", |scene, n| signed(scene, "1", "1", n * 80_000)),
        // In each key a name stands as often as it may.
        Growth { what: "names of keys", run: &load, input: |_, n| repeating_keys(n * 10) },
    ] {
        let [short, long] = [1, 8].map(|n| input(&scene, n)).map(|input| fastest(|| run(&input)));
        let ratio = long.as_nanos() as f64 / short.as_nanos().max(1) as f64;
        println!("{what}: {short:?}, eight times as long {long:?}");
        assert!(ratio < MOST, "{what}: {ratio}");
    }
}

/// A signed token whose payload ends within one long value.
fn signed(scene: &Scene, start: &str, part: &str, times: usize) -> String {
    scene.token().raw_payload(format!(r#"{{"a":{start}{}"#, part.repeat(times))).sign()
}

fn repeating_keys(keys: usize) -> String {
    let key = format!("{{{}}}", [r#""kid":1"#; 256].join(","));
    format!(r#"{{"keys":[{}]}}"#, vec![key; keys].join(","))
}

fn fastest(run: impl Fn()) -> Duration {
    let time = || {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    std::iter::repeat_with(time).take(15).min().unwrap()
}
