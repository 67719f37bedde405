//! Does an appraisal allocate what it has to, and a refusal nothing?
//!
//! Counted per thread; a reallocation counts as one more.

#![expect(clippy::unwrap_used, reason = "a test that does not do what it should has to stop")]

#[path = "../benches/contest/token.rs"]
mod token;

use std::hint::black_box;

use allocation_counter::{AllocationInfo, measure};
use jwt_appraisal::testing::{Segment, TestIssuer, TestKey, compact, tamper};
use jwt_appraisal::{
    AccessTokenClaims, Dialect, JwkSet, KeyStore, Limits, MacAlgorithm, Profile, SharedSecret,
    SignatureAlgorithm, TrustedIssuer, Validator,
};
use serde_json::json;
use token::{AUDIENCE, CLIENT, ISSUER, draft};

type AccessTokens = Validator<AccessTokenClaims>;

/// An acceptance of an ordinary token: the claims' texts, the facts, the accepted token.
const MOST_PER_ACCEPTANCE: u64 = 7;

/// A text with escapes is written out beside the header, in a buffer that doubles.
const MOST_BYTES_PER_ESCAPED_HEADER: u64 = 3 * 8 * 1024;

#[test]
fn an_acceptance_takes_few_allocations() {
    use SignatureAlgorithm as Alg;
    for alg in [Alg::Rs256, Alg::Es256, Alg::Ed25519, Alg::EdDsa] {
        let key = TestKey::generate("k1", alg);
        let validator = trusting([issuer(ISSUER, alg, &key)], Limits::default());
        expect_few_allocations(alg.name(), &validator, &draft(&key).sign());
    }
    let (validator, key) = with_secret();
    expect_few_allocations("HS256", &validator, &draft(&key).sign());
}

/// What the provider allocates (`ring` does for RSA) is what a forgery takes, and not ours.
fn expect_few_allocations(alg: &str, validator: &AccessTokens, token: &str) {
    let all = count(validator, token, |claims| {
        assert_eq!(&*claims.unwrap().client_id, CLIENT);
    });
    let forged = tamper(token, Segment::Signature, 0);
    let provider = refusal("crypto.signature", validator, &forged);
    let ours = all.count_total.saturating_sub(provider.count_total);
    let (total, bytes, length) = (all.count_total, all.bytes_total, token.len());
    println!("{alg}: {total} allocations ({ours} ours), {bytes} bytes, for a token of {length}");
    assert!(ours <= MOST_PER_ACCEPTANCE, "{alg}: {ours} allocations");
}

#[test]
fn a_refusal_before_cryptography_takes_none() {
    let (alg, key) = ec_key();
    let validator = trusting([issuer(ISSUER, alg, &key)], widest());
    let good = draft(&key);
    let signed = good.sign();
    let (unsigned, _) = signed.rsplit_once('.').unwrap();
    let other = TestKey::generate("k1", SignatureAlgorithm::Ed25519);
    let headed = |header: &[u8]| compact(header, good.claims_json().as_bytes(), &key);
    let with = |name: &str, value: serde_json::Value| good.clone().header(name, value).sign();
    for (check, token) in [
        ("form.size", "A".repeat(10_000_000)),
        ("form.size", ".".repeat(10_000_000)),
        ("form.compact", ".".repeat(100_000)),
        ("form.compact", String::new()),
        ("form.compact", format!("{signed}=")),
        ("form.compact", format!("{signed} ")),
        ("form.compact", "e30.e30.e30.e30.e30".to_owned()),
        ("form.compact", "e30..e30".to_owned()),
        ("form.base64url", format!("{signed}AAA")),
        ("form.base64url", "e30.e3.e30".to_owned()),
        ("form.header", format!("{}.e30.e30", "A".repeat(1_000_000))),
        ("form.header", headed(b"[]")),
        ("form.header", headed(b"\xff")),
        ("header.alg", good.clone().unsecured().sign()),
        ("header.alg", good.clone().signed_by(&other).sign()),
        ("header.alg", with("alg", "A".repeat(4_000).into())),
        ("header.typ", with("typ", "JWT".into())),
        ("header.typ", good.clone().without_header("typ").sign()),
        ("header.alg", good.clone().header("alg", "A".repeat(50)).header("typ", "B").sign()),
        ("header.crit", with("crit", vec!["exp"].into())),
        ("header.b64", with("b64", false.into())),
        ("header.zip", with("zip", "DEF".into())),
        ("header.kid", with("kid", true.into())),
        ("header.keys", with("jku", true.into())),
        ("key.found", with("kid", "k2".into())),
        ("key.found", good.clone().header("x", "x".repeat(5_900)).header("kid", "k2").sign()),
        ("crypto.signature", format!("{unsigned}.{}", "A".repeat(100_000))),
    ] {
        expect_nothing_allocated(check, &validator, &token);
    }
}

#[test]
fn a_key_that_can_not_be_chosen_takes_none() {
    let (alg, key) = ec_key();
    let keyless = draft(&key).without_header("kid").sign();
    let two = [&key, &TestKey::generate("k2", alg)];
    let ambiguous = trusting([issuer_of(ISSUER, &[alg], &two)], Limits::default());
    expect_nothing_allocated("key.found", &ambiguous, &keyless);

    let algs = [alg, SignatureAlgorithm::Ed25519];
    let edwards = TestKey::generate("k1", SignatureAlgorithm::Ed25519);
    let other = trusting([issuer_of(ISSUER, &algs, &[&edwards])], Limits::default());
    expect_nothing_allocated("key.found", &other, &keyless);
    expect_nothing_allocated("key.alg", &other, &draft(&key).sign());

    let no_keys = KeyStore::new([alg], JwkSet::default()).unwrap();
    let waiting = trusting([TrustedIssuer::new(ISSUER, no_keys)], Limits::default());
    expect_nothing_allocated("key.found", &waiting, &draft(&key).sign());
}

#[test]
fn an_issuer_that_is_not_trusted_takes_none() {
    let (alg, key) = ec_key();
    let several = ["https://a.example", "https://b.example"].map(|name| issuer(name, alg, &key));
    let validator = trusting(several, Limits::default());
    for length in [0, 5_000, 11_000] {
        let token = draft(&key).claim("padding", "x".repeat(length)).sign();
        expect_nothing_allocated("key.issuer", &validator, &token);
    }
    for claim in [json!(vec!["reader"; 100]), json!("\"J\u{e4}ger\"\n"), json!([[["deep"]]])] {
        let token = draft(&key).claim("extra", claim).sign();
        expect_nothing_allocated("key.issuer", &validator, &token);
    }
}

/// The payload is read before the signature is verified, and not again after it.
#[test]
fn an_acceptance_among_several_issuers_takes_no_more() {
    let (alg, key) = ec_key();
    let one = trusting([issuer(ISSUER, alg, &key)], Limits::default());
    let several = [ISSUER, "https://b.example"].map(|name| issuer(name, alg, &key));
    let several = trusting(several, Limits::default());
    for length in [0, 2_000, 8_000] {
        let token = draft(&key).claim("padding", "x".repeat(length)).sign();
        let [one, several] = [&one, &several].map(|validator| {
            count(validator, &token, |claims| assert!(claims.is_some())).count_total
        });
        assert_eq!(several, one, "{length}");
    }
}

/// The issuer's plan and types take the place of those of all issuers without an allocation.
#[test]
fn a_refusal_among_issuers_with_dialects_takes_none() {
    let (alg, key) = ec_key();
    let dialect = Dialect::new("acme").untyped().is("token_use", "access").client("cid");
    let other = issuer("https://b.example", alg, &TestKey::generate("k1", alg));
    let validator = Validator::builder(Profile::access_token())
        .issuers([issuer(ISSUER, alg, &key).into(), other.dialect(dialect)])
        .audience(AUDIENCE)
        .build()
        .unwrap();
    let good = draft(&key);
    let acme = good.clone().claim("iss", "https://b.example").header("typ", "JWT");
    for (check, token) in [
        ("header.typ", good.clone().header("typ", "JWT")),
        ("header.typ", good.clone().without_header("typ")),
        ("header.typ", acme.clone().header("typ", "at+jwt")),
        ("header.typ", good.clone().header("typ", "dpop+jwt")),
        ("key.issuer", good.clone().claim("iss", "https://c.example")),
        ("key.found", good.clone().header("kid", "k2")),
        ("crypto.signature", acme),
    ] {
        expect_nothing_allocated(check, &validator, &token.sign());
    }
    // An issuer without dialect costs what it costs alone.
    let alone = trusting([issuer(ISSUER, alg, &key)], Limits::default());
    let [beside, alone] = [&validator, &alone].map(|validator| {
        count(validator, &good.sign(), |claims| assert!(claims.is_some())).count_total
    });
    assert_eq!(beside, alone);
}

/// Within the default limits the payload is decoded on the stack.
#[test]
fn a_longer_payload_takes_no_more_allocations() {
    let (alg, key) = ec_key();
    let validator = trusting([issuer(ISSUER, alg, &key)], widest());
    let take = |length: usize| {
        let token = draft(&key).claim("padding", "x".repeat(length)).sign();
        count(&validator, &token, |claims| assert!(claims.is_some())).count_total
    };
    let (short, heap) = (take(0), take(13_000));
    for length in [1_000, 3_000, 4_000, 8_000, 11_500] {
        assert_eq!(take(length), short, "{length}");
    }
    assert_eq!(heap, short.saturating_add(1));
}

#[test]
fn a_forgery_takes_none() {
    let (alg, key) = ec_key();
    let validator = trusting([issuer(ISSUER, alg, &key)], Limits::default());
    let forged = draft(&TestKey::generate("k1", alg)).sign();
    expect_nothing_allocated("crypto.signature", &validator, &forged);
}

#[test]
fn a_header_that_is_not_strict_json_takes_none() {
    let fill = "A".repeat(1_000);
    let (alg, key) = ec_key();
    let validator = trusting([issuer(ISSUER, alg, &key)], widest());
    for header in [
        format!(r#"{{"fill":"{fill}"#),
        format!(r#"{{"fill":"{fill}","a":[],"a":[]}}"#),
        r#"{"a":"#.repeat(1_000),
        format!("[[]{}]", ",[]".repeat(1_000)),
        r#"{"a":1e999}"#.to_owned(),
    ] {
        let token = compact(header.as_bytes(), b"{}", &key);
        expect_nothing_allocated("form.header", &validator, &token);
    }
}

/// Texts with escapes are the one thing of a refused token that is copied, and a header is short.
#[test]
fn a_header_with_escapes_takes_no_more_than_headers_may_have() {
    let (alg, key) = ec_key();
    let validator = trusting([issuer(ISSUER, alg, &key)], widest());
    let escaped = format!(r#"{{"alg":"none","a":"{}"}}"#, r"\n".repeat(3_000));
    let token = compact(escaped.as_bytes(), b"{}", &key);
    let bytes = refusal("header.alg", &validator, &token).bytes_total;
    println!("{bytes} bytes to refuse a header of {} with escapes", escaped.len());
    assert!(bytes <= MOST_BYTES_PER_ESCAPED_HEADER, "{bytes} bytes");
}

fn expect_nothing_allocated(check: &str, validator: &AccessTokens, token: &str) {
    let info = refusal(check, validator, token);
    let (found, bytes) = (info.count_total, info.bytes_total);
    assert!(found == 0, "{check}: {found} allocations of {bytes} bytes: {token:.40}");
}

/// What it takes to refuse a token, whose first finding has to be `check`.
fn refusal(check: &str, validator: &AccessTokens, token: &str) -> AllocationInfo {
    let appraisal = validator.appraise(token);
    let finding = appraisal.findings().next();
    assert!(finding.is_some_and(|finding| finding.id() == check), "not {check}: {appraisal}");
    count(validator, token, |claims| assert!(claims.is_none()))
}

/// What it takes to appraise a token and to drop what came of it.
fn count(
    validator: &AccessTokens,
    token: &str,
    judge: impl FnOnce(Option<&AccessTokenClaims>),
) -> AllocationInfo {
    // What is set up on first use is not counted.
    let _ = validator.appraise(token);
    measure(|| {
        let result = validator.appraise(black_box(token)).into_result();
        judge(result.as_ref().ok().map(|accepted| accepted.claims()));
    })
}

fn trusting<const N: usize>(issuers: [TrustedIssuer; N], limits: Limits) -> AccessTokens {
    Validator::builder(Profile::access_token())
        .issuers(issuers)
        .audience(AUDIENCE)
        .limits(limits)
        .build()
        .unwrap()
}

fn with_secret() -> (AccessTokens, TestKey) {
    const SECRET: &[u8; 32] = b"a secret of the allocation tests";
    let secret = SharedSecret::new(MacAlgorithm::Hs256, SECRET).unwrap();
    let validator = Validator::builder(Profile::access_token())
        .shared_secret(ISSUER, secret)
        .audience(AUDIENCE)
        .build()
        .unwrap();
    (validator, TestKey::secret("k1", MacAlgorithm::Hs256, SECRET))
}

fn issuer(name: &str, alg: SignatureAlgorithm, key: &TestKey) -> TrustedIssuer {
    issuer_of(name, &[alg], &[key])
}

fn issuer_of(name: &str, algs: &[SignatureAlgorithm], keys: &[&TestKey]) -> TrustedIssuer {
    let keys = keys.iter().copied().cloned();
    let set = JwkSet::from_json(TestIssuer::new(name).with_keys(keys).jwks()).unwrap();
    TrustedIssuer::new(name, KeyStore::new(algs.iter().copied(), set).unwrap())
}

fn ec_key() -> (SignatureAlgorithm, TestKey) {
    let alg = SignatureAlgorithm::Es256;
    (alg, TestKey::generate("k1", alg))
}

/// The default limits but for the longest token that can be set.
fn widest() -> Limits {
    let mut limits = Limits::default();
    limits.token_bytes = 1024 * 1024;
    limits
}
