//! Encrypted tokens that other implementations made, with every pair of algorithms.
//!
//! See `tests/vectors/jwe`.
#![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_appraisal::crypto::{CryptoProvider, aws_lc_rs, ring};
use jwt_appraisal::{
    AccessTokenClaims, Appraisal, ConfigError, ContentEncryptionAlgorithm, DecryptionKey,
    DecryptionKeys, JwkSet, KeyManagementAlgorithm, KeyStore, Outcome, Profile, SignatureAlgorithm,
    TrustedIssuer, Validator, Verdict,
};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

/// What one implementation made.
#[derive(Deserialize)]
struct Vectors {
    jwks: Value,
    keys: BTreeMap<String, Value>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    alg: String,
    enc: String,
    /// The key's name.
    key: String,
    token: String,
    #[serde(default)]
    zip: bool,
}

impl Vectors {
    fn read(file: &str) -> Self {
        let path = format!("{}/tests/vectors/jwe/{file}", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }

    fn all() -> [Self; 2] {
        ["jose.json", "jwcrypto.json"].map(Self::read)
    }

    fn has(
        &self,
        alg: KeyManagementAlgorithm,
        enc: ContentEncryptionAlgorithm,
        curve: Option<&str>,
    ) -> bool {
        let curve_of = |case: &Case| self.keys.get(&case.key)?.get("crv")?.as_str();
        let mut cases = self.cases.iter();
        cases.any(|case| case.pair() == (alg, enc) && curve_of(case) == curve)
    }

    /// Who has the key of a case, and permits its algorithms and no others.
    fn validator(
        &self,
        case: &Case,
        provider: &'static CryptoProvider,
    ) -> Result<Validator<AccessTokenClaims>, ConfigError> {
        let set = JwkSet::from_json(self.jwks.to_string()).unwrap();
        let keys = KeyStore::with_provider(provider, [SignatureAlgorithm::Es256], set).unwrap();
        let own = DecryptionKey::from_jwk(self.keys.get(&case.key).unwrap().to_string()).unwrap();
        let (alg, enc) = case.pair();
        let own = DecryptionKeys::new([own], [alg], [enc]);
        Validator::builder_with(provider, Profile::access_token())
            .issuer(TrustedIssuer::new("https://as.example.com", keys))
            .audience("https://api.example.com")
            .encrypted_to(if case.zip { own.allow_deflate() } else { own })
            .build()
    }
}

impl Case {
    fn pair(&self) -> (KeyManagementAlgorithm, ContentEncryptionAlgorithm) {
        (self.alg.parse().unwrap(), self.enc.parse().unwrap())
    }

    /// The token with one bit of a segment turned, if the segment is not empty.
    fn tampered(&self, segment: usize, bit: usize) -> Option<String> {
        let mut segments: Vec<_> = self.token.split('.').map(str::to_owned).collect();
        let text = segments.get_mut(segment).unwrap();
        let mut octets = URL_SAFE_NO_PAD.decode(&*text).unwrap();
        let place = (bit / 8).checked_rem(octets.len())?;
        *octets.get_mut(place).unwrap() ^= 1 << (bit % 8);
        *text = URL_SAFE_NO_PAD.encode(octets);
        Some(segments.join("."))
    }
}

fn appraise(validator: &Validator<AccessTokenClaims>, token: &str) -> Appraisal<AccessTokenClaims> {
    validator.appraise_at(token, OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap())
}

#[track_caller]
fn accepts(validator: &Validator<AccessTokenClaims>, case: &Case) {
    let appraisal = appraise(validator, &case.token);
    assert_eq!(appraisal.verdict(), Verdict::Accepted, "{}\n{appraisal}", case.id);
    let accepted = appraisal.into_result().unwrap();
    assert_eq!(accepted.encryption(), Some(case.pair()), "{}", case.id);
    assert_eq!(&*accepted.claims().sub, "user-1", "{}", case.id);
}

#[test]
fn every_pair_is_there_on_every_curve() {
    let [jose, jwcrypto] = Vectors::all();
    let pairs: BTreeSet<_> = jose.cases.iter().map(Case::pair).collect();
    assert_eq!(pairs, product(KeyManagementAlgorithm::ALL, ContentEncryptionAlgorithm::ALL));
    let lacking = [KeyManagementAlgorithm::RsaOaep384, KeyManagementAlgorithm::RsaOaep512];
    for (alg, enc) in pairs {
        let agrees = alg.name().starts_with("ECDH-ES");
        let curves = ["P-256", "P-384", "P-521", "X25519"].map(Some);
        for curve in if agrees { &curves[..] } else { &[None] } {
            assert!(jose.has(alg, enc, *curve), "{alg} {enc} {curve:?}");
            let has = !lacking.contains(&alg);
            assert_eq!(jwcrypto.has(alg, enc, *curve), has, "{alg} {enc} {curve:?}");
        }
    }
    for vectors in [jose, jwcrypto] {
        assert!(vectors.cases.iter().filter(|case| case.zip).count() >= 2);
    }
}

fn product(
    algs: &[KeyManagementAlgorithm],
    encs: &[ContentEncryptionAlgorithm],
) -> BTreeSet<(KeyManagementAlgorithm, ContentEncryptionAlgorithm)> {
    algs.iter().flat_map(|alg| encs.iter().map(|enc| (*alg, *enc))).collect()
}

#[test]
fn aws_lc_rs_opens_them_all() {
    for vectors in Vectors::all() {
        for case in &vectors.cases {
            accepts(&vectors.validator(case, &aws_lc_rs::PROVIDER).unwrap(), case);
        }
    }
}

#[test]
fn ring_opens_what_it_has_and_builds_nothing_else() {
    let provider = &ring::PROVIDER;
    let algs = provider.key_management_algorithms();
    let encs = provider.content_encryption_algorithms();
    let mut opened = BTreeSet::new();
    for vectors in Vectors::all() {
        for case in &vectors.cases {
            let (alg, enc) = case.pair();
            let lacking = (!algs.contains(&alg)).then_some(alg.name());
            let lacking = lacking.or((!encs.contains(&enc)).then_some(enc.name()));
            let built = vectors.validator(case, provider);
            if let Some(algorithm) = lacking {
                let error = built.err().unwrap();
                let ConfigError::AlgorithmUnsupportedByProvider {
                    algorithm: named, provider, ..
                } = error
                else {
                    unreachable!("{}: {error}", case.id);
                };
                assert_eq!((named, provider), (algorithm, "ring"), "{}", case.id);
            } else {
                accepts(&built.unwrap(), case);
                opened.insert((alg, enc));
            }
        }
    }
    assert_eq!(opened, product(algs, encs));
}

/// In each case other bits are turned.
#[test]
fn no_bit_can_be_turned() {
    for vectors in Vectors::all() {
        for (index, case) in vectors.cases.iter().enumerate() {
            let validator = vectors.validator(case, &aws_lc_rs::PROVIDER).unwrap();
            for segment in 0..5 {
                if let Some(token) = case.tampered(segment, index * 13) {
                    rejects(&validator, &token, segment, &case.id);
                } else {
                    assert!(
                        segment == 1 && ["dir", "ECDH-ES"].contains(&&*case.alg),
                        "{}",
                        case.id
                    );
                }
            }
        }
    }
}

/// No claim is looked at, and nothing is said of which segment was changed, but for the header.
#[track_caller]
fn rejects(validator: &Validator<AccessTokenClaims>, token: &str, segment: usize, id: &str) {
    let appraisal = appraise(validator, token);
    let what = format!("{id}, segment {segment}\n{appraisal}");
    assert_eq!(appraisal.verdict(), Verdict::Rejected, "{what}");
    let mut claims = appraisal.checks().filter(|row| row.id().as_str().starts_with("claims."));
    assert!(claims.all(|row| *row.outcome() == Outcome::NotReached), "{what}");
    let failed: Vec<_> = appraisal.findings().map(|row| row.id().to_string()).collect();
    assert!(segment == 0 || failed == ["jwe.decrypt"], "{what}");
}
