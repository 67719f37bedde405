//! Private keys in PKCS #8, as other implementations write them.
//!
//! See `tests/vectors/jwe`.
#![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jwt_appraisal::crypto::aws_lc_rs::PROVIDER;
use jwt_appraisal::{
    DecryptionKey, DecryptionKeys, JwkSet, KeyError, KeyStore, Profile, SignatureAlgorithm,
    TrustedIssuer, Validator, Verdict,
};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

#[derive(Deserialize)]
struct Vectors {
    jwks: Value,
    good: Vec<Good>,
    bad: Vec<Bad>,
}

/// A key in both forms, and a token that was encrypted to it.
#[derive(Deserialize)]
struct Good {
    name: String,
    alg: String,
    enc: String,
    pem: String,
    der: String,
    token: String,
}

/// A key in a form that is not taken.
#[derive(Deserialize)]
struct Bad {
    name: String,
    pem: Option<String>,
    der: Option<String>,
}

impl Vectors {
    fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/jwe/pkcs8.json");
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }

    /// How many keys open the token, out of those that are to.
    fn verdict(&self, row: &Good, key: DecryptionKey) -> Verdict {
        let set = JwkSet::from_json(self.jwks.to_string()).unwrap();
        let keys = KeyStore::with_provider(&PROVIDER, [SignatureAlgorithm::Es256], set).unwrap();
        let (alg, enc) = (row.alg.parse().unwrap(), row.enc.parse().unwrap());
        let validator = Validator::builder_with(&PROVIDER, Profile::access_token())
            .issuer(TrustedIssuer::new("https://as.example.com", keys))
            .audience("https://api.example.com")
            .encrypted_to(DecryptionKeys::new([key], [alg], [enc]))
            .build()
            .unwrap();
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        validator.appraise_at(&row.token, now).verdict()
    }
}

#[test]
fn dump() {
    for row in Vectors::read().bad {
        let e = match (row.pem, row.der) {
            (Some(p), None) => DecryptionKey::from_pkcs8_pem(p),
            (None, Some(d)) => DecryptionKey::from_pkcs8_der(STANDARD.decode(d).unwrap()),
            _ => unreachable!(),
        };
        println!("({:?}, {:?}),", row.name, e.map_err(|e: KeyError| e.to_string()));
    }
    let v = Vectors::read();
    for row in &v.good {
        println!(
            "{} {:?} {:?}",
            row.name,
            v.verdict(row, DecryptionKey::from_pkcs8_pem(&row.pem).unwrap()),
            v.verdict(
                row,
                DecryptionKey::from_pkcs8_der(STANDARD.decode(&row.der).unwrap()).unwrap()
            )
        );
        println!(
            "{:?}",
            DecryptionKey::from_pkcs8_der(&row.pem).map_err(|e: KeyError| e.to_string())
        );
        println!(
            "{:?}",
            DecryptionKey::from_pkcs8_pem(&row.der).map_err(|e: KeyError| e.to_string())
        );
    }
}
