//! Appraises one good access token and eight bad ones, and prints what was found in each.
//!
//! Run it with `cargo run --example quickstart`.

use std::error::Error;

use jwt_appraisal::testing::{Segment, TestIssuer, TestKey, tamper};
use jwt_appraisal::{
    AccessTokenClaims, Appraisal, JwkSet, KeyStore, Profile, SignatureAlgorithm, TrustedIssuer,
    Validator, Verdict,
};
use serde_json::json;

/// The authorization server that is trusted.
const ISSUER: &str = "https://as.example.com";
/// This service.
const API: &str = "https://api.example.com";
/// A moment long past.
const IN_2023: i64 = 1_700_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    // In production the key set comes from the issuer. Here a test issuer stands in for it.
    let issuer = TestIssuer::new(ISSUER);
    let validator = validator(&issuer.jwks())?;

    let good = issuer.access_token(API);
    greet(&validator, &good.sign())?;

    let reject = |title, token: String, failing: &[&str]| {
        expect_rejected(title, &validator.appraise(token), failing);
    };

    let expired = good.clone().at(IN_2023).sign();
    reject("Expired", expired, &["claims.exp"]);

    let elsewhere = issuer.access_token("https://other.example.com");
    reject("Wrong audience", elsewhere.sign(), &["claims.aud"]);

    // All claims are checked, so one report names everything that is wrong.
    let both = elsewhere.at(IN_2023).sign();
    let failing = ["claims.aud", "claims.exp"];
    reject("Expired, and wrong audience", both, &failing);

    let mistyped = good.clone().header("typ", "JWT").sign();
    reject("Wrong typ", mistyped, &["header.typ"]);

    let unsecured = good.clone().unsecured().sign();
    reject("Algorithm none", unsecured, &["header.alg"]);

    let stranger = TestKey::generate("k9", SignatureAlgorithm::Es256);
    let unknown = good.clone().signed_by(&stranger).sign();
    reject("Unknown key", unknown, &["key.found"]);

    // The forger's key poses as the issuer's. The token has expired, too, but no claim of a forged
    // token is looked at.
    let forger = TestKey::generate(issuer.key().kid(), SignatureAlgorithm::Es256);
    let forged = good.clone().at(IN_2023).signed_by(&forger).sign();
    reject("Forged signature", forged, &["crypto.signature"]);

    let changed = tamper(&good.sign(), Segment::Payload, 20);
    reject("One bit changed", changed, &["crypto.signature"]);

    report_keys(&issuer)
}

/// Loads a published set with two keys that cannot be used. They are left out, and the report says why: one
/// line a key, for the operator's log.
fn report_keys(issuer: &TestIssuer) -> Result<(), Box<dyn Error>> {
    let retired = json!({"kty": "RSA", "kid": "2009", "n": "AQAB", "e": "AQAB"});
    let secret = json!({"kty": "oct", "kid": "oops", "k": "c2VjcmV0"});
    let set = json!({"keys": [retired, issuer.key().jwk(), secret]}).to_string();
    let algorithms = [SignatureAlgorithm::Es256, SignatureAlgorithm::Rs256];
    let report = KeyStore::new(algorithms, JwkSet::from_json(set)?)?.report();
    println!("# The keys of a set\n\n{report}");
    assert_eq!((report.usable(), report.skipped().len()), (1, 2));
    Ok(())
}

/// Whom to trust, with which keys and algorithms, and who this service is. Built once, used for
/// every token.
fn validator(jwks: &str) -> Result<Validator<AccessTokenClaims>, Box<dyn Error>> {
    let keys = KeyStore::new([SignatureAlgorithm::Es256], JwkSet::from_json(jwks)?)?;
    let validator = Validator::builder(Profile::access_token())
        .issuer(TrustedIssuer::new(ISSUER, keys))
        .audience(API)
        .build()?;
    Ok(validator)
}

/// What a service does with a token: the claims are there only if every check passed.
fn greet(validator: &Validator<AccessTokenClaims>, token: &str) -> Result<(), Box<dyn Error>> {
    let appraisal = validator.appraise(token);
    println!("# A good token\n\n{appraisal}\n");

    let accepted = appraisal.into_result()?;
    let claims = accepted.claims();
    assert_eq!((&*claims.sub, &*claims.client_id), ("user-1", "client-1"));
    println!("Hello {}, using {}.\n", claims.sub, claims.client_id);
    Ok(())
}

/// Prints a bad token's appraisal, and holds it to the checks that have to fail.
fn expect_rejected(title: &str, appraisal: &Appraisal<AccessTokenClaims>, failing: &[&str]) {
    println!("# {title}\n\n{appraisal}\n");

    let failed: Vec<_> = appraisal.findings().map(|check| check.id().as_str()).collect();
    assert_eq!(appraisal.verdict(), Verdict::Rejected, "{title}");
    assert_eq!(failed, failing, "{title}");
}
