//! What went wrong elsewhere, tried here: a test for each entry of `manual::lessons`, numbered as
//! there.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod a_claims;
mod b_algorithms;
mod b_secrets;
mod c_keys;
mod d_binding;
mod dependencies;
mod e_header;
mod f_encoding;
mod g_exhaustion;
mod h_key_sets;
mod i_leakage;
mod j_possession;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_appraisal::crypto::aws_lc_rs;
use jwt_appraisal::kind::tag::Issued;
use jwt_appraisal::states::Ready;
use jwt_appraisal::testing::{TestIssuer, TestKey, TestRecipient, TestToken};
use jwt_appraisal::{
    AccessTokenClaims, ContentEncryptionAlgorithm, IssuerSource, JwkSet, KeyError,
    KeyManagementAlgorithm, MacAlgorithm, Profile, SharedSecret, SignatureAlgorithm, TrustedIssuer,
    UntrustedStr, Validator, ValidatorBuilder,
};
use serde::Deserialize;
use serde_json::{Value, json};
use support::{AUDIENCE, ISSUER, NOW, Scene, Sealed, key_store, validator_builder};

/// Another issuer, of the attacker's.
const EVIL: &str = "https://evil.example";

fn b64(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

/// The keys of an issuer, permitted for the algorithms that they are made for.
fn trusted(issuer: &TestIssuer) -> TrustedIssuer {
    let names = issuer.keys().iter().map(TestKey::alg_name);
    let algorithms: Vec<SignatureAlgorithm> = names.map(|name| name.parse().unwrap()).collect();
    let set = JwkSet::from_json(issuer.jwks()).unwrap();
    TrustedIssuer::new(issuer.issuer(), key_store(algorithms, set).unwrap())
}

/// The builder of a scene's validator, before `build`.
fn builder(scene: &Scene) -> ValidatorBuilder<AccessTokenClaims, Issued, Ready> {
    let builder = validator_builder(Profile::access_token()).issuer(trusted(&scene.issuer));
    builder.audience(AUDIENCE)
}

/// A validator of access tokens from several issuers.
fn of_issuers<'a>(
    issuers: impl IntoIterator<Item = &'a TestIssuer>,
) -> Validator<AccessTokenClaims> {
    let issuers = issuers.into_iter().map(trusted);
    let builder = validator_builder(Profile::access_token()).issuers(issuers);
    builder.audience(AUDIENCE).build().unwrap()
}

/// A validator of access tokens that are authenticated by a secret.
fn with_secret(algorithm: MacAlgorithm, secret: &[u8]) -> Validator<AccessTokenClaims> {
    let secret = SharedSecret::new(algorithm, secret).unwrap();
    let builder = validator_builder(Profile::access_token()).shared_secret(ISSUER, secret);
    builder.audience(AUDIENCE).build().unwrap()
}

/// A good access token of an issuer.
fn draft(issuer: &TestIssuer) -> TestToken {
    issuer.access_token(AUDIENCE).at(NOW)
}

/// The draft with a claim written as this JSON text.
fn written(draft: TestToken, claim: &str, text: &str) -> String {
    let claims = draft.without(claim);
    let claims_json = claims.claims_json().replacen('{', &format!(r#"{{"{claim}":{text},"#), 1);
    claims.raw_payload(claims_json).sign()
}

/// A JWE in compact serialization with this header; no library opened it to get this far.
fn encrypted(header: &Value) -> String {
    let header = b64(header.to_string().as_bytes());
    format!("{header}.{}.AAAAAAAAAAAAAAAA.{}.{}", b64(&[1; 40]), b64(&[2; 300]), b64(&[3; 16]))
}

/// What opens encrypted access tokens by this algorithm, on the provider that has them all.
fn opening(alg: KeyManagementAlgorithm) -> Sealed {
    Sealed::new(
        &aws_lc_rs::PROVIDER,
        TestRecipient::generate("enc-1", alg),
        ContentEncryptionAlgorithm::A128Gcm,
    )
}

/// The member at fault and the fault of a key that was refused.
#[track_caller]
fn key_fault<T>(refused: Result<T, KeyError>) -> (Option<&'static str>, String) {
    let Err(KeyError::Key(problem)) = refused else {
        unreachable!("a key was expected to be refused: {:?}", refused.err());
    };
    (problem.member(), problem.kind().to_string())
}

/// A scene whose issuer publishes this one JWK as `k1`.
fn publishing(jwk: &Value, algorithms: &[SignatureAlgorithm]) -> Scene {
    let mut jwk = jwk.clone();
    jwk["kid"] = json!("k1");
    let jwks = json!({ "keys": [jwk] }).to_string();
    Scene::publishing(TestIssuer::new(ISSUER), &jwks, algorithms)
}

/// What is wrong with the one key of a set.
#[track_caller]
fn left_out(jwk: &Value, algorithms: &[SignatureAlgorithm]) -> (Option<&'static str>, String) {
    let set = JwkSet::from_json(json!({ "keys": [jwk] }).to_string()).unwrap();
    let report = key_store(algorithms.iter().copied(), set).unwrap().report();
    assert_eq!((report.usable(), report.skipped().len()), (0, 1), "{jwk}");
    (report.skipped()[0].member(), report.skipped()[0].kind().to_string())
}

/// A public key in every text form that an attacker may find it in.
#[derive(Deserialize)]
struct Public {
    name: String,
    jwk: Value,
    pem: Forms,
}

#[derive(Deserialize)]
struct Forms {
    spki: String,
    pkcs1: Option<String>,
    certificate: String,
}

impl Public {
    fn all() -> Vec<Self> {
        serde_json::from_str(include_str!("../vectors/pem/keys.json")).unwrap()
    }

    fn named(name: &str) -> Self {
        Self::all().into_iter().find(|key| key.name == name).unwrap()
    }

    fn pems(&self) -> Vec<&str> {
        let others = [&*self.pem.spki, &*self.pem.certificate];
        others.into_iter().chain(self.pem.pkcs1.as_deref()).collect()
    }
}

/// The octets of a PEM's only block.
fn der_of(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.contains('-')).collect();
    base64::engine::general_purpose::STANDARD.decode(body).unwrap()
}

/// The octets of a JWK's member.
fn octets(jwk: &Value, member: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(jwk[member].as_str().unwrap()).unwrap()
}

/// Issuers by exact name.
#[derive(Debug)]
struct Source(Vec<Arc<TrustedIssuer>>);

impl IssuerSource for Source {
    fn find(&self, issuer: UntrustedStr<'_>) -> Option<Arc<TrustedIssuer>> {
        let wanted = |known: &&Arc<TrustedIssuer>| *known.issuer() == *issuer.expose_untrusted();
        self.0.iter().find(wanted).cloned()
    }
}

const SOURCES: &[&str] = &[
    include_str!("a_claims.rs"),
    include_str!("b_algorithms.rs"),
    include_str!("b_secrets.rs"),
    include_str!("c_keys.rs"),
    include_str!("d_binding.rs"),
    include_str!("e_header.rs"),
    include_str!("f_encoding.rs"),
    include_str!("g_exhaustion.rs"),
    include_str!("h_key_sets.rs"),
    include_str!("i_leakage.rs"),
    include_str!("j_possession.rs"),
];

/// The number of a test's name, `lesson_001_…`.
fn number(name: &str) -> Option<usize> {
    let (number, rest) = name.strip_prefix("lesson_")?.split_once('_')?;
    let named = number.len() == 3 && !rest.is_empty();
    named.then(|| number.parse().ok())?
}

#[test]
fn every_entry_has_one_test_and_one_line_in_the_manual() {
    let mut tests = BTreeMap::new();
    for source in SOURCES {
        for (before, line) in source.lines().zip(source.lines().skip(1)) {
            let Some(name) = line.strip_prefix("fn lesson_").and_then(|rest| rest.split_once('('))
            else {
                continue;
            };
            let name = format!("lesson_{}", name.0);
            assert_eq!(before, "#[test]", "{name} does not run");
            let twice = tests.insert(number(&name).unwrap(), name.clone());
            assert_eq!(twice, None, "{name}");
        }
    }
    let numbers: Vec<usize> = tests.keys().copied().collect();
    assert_eq!(numbers, (1..=85).collect::<Vec<_>>());
    let manual = include_str!("../../src/manual/lessons.md");
    let rows: Vec<&str> = manual.lines().filter(|line| line.contains("lesson_")).collect();
    for (row, (number, name)) in rows.iter().zip(&tests) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [at, happened, why, held] = cells[..] else {
            unreachable!("not four cells: {row}");
        };
        assert_eq!((at, held), (&*format!("{number:03}"), &*format!("`{name}`")), "{row}");
        assert!(!happened.is_empty() && !why.is_empty(), "{row}");
    }
    assert_eq!(rows.len(), tests.len());
}
