//! What a refusal says of a token and its proof.

use jwt_appraisal::RequestFacts;
use jwt_appraisal::http::ToChallenge;
use serde_json::json;

use super::client::{Client, URI, facts, proofs, tokens};
use super::support::{NOW, findings, now};

/// More failures than are stored inline.
#[test]
fn a_proof_fails_beside_a_token_on_the_rows_on_which_it_fails_alone() {
    let client = Client::new();
    let token = client.token().sign();
    let bad = client
        .proof(&token)
        .claim("exp", "x")
        .claim("nbf", "x")
        .claim("iat", "x")
        .claim("jti", 7)
        .claim("cnf", json!({}))
        .claim("htm", 7)
        .claim("htu", 7)
        .claim("ath", 7)
        .claim("nonce", 7)
        .sign();
    let expect = RequestFacts::new().method("GET").uri(URI).access_token(&token);
    let alone = proofs().appraise_with_at(&bad, &expect, now());
    let both = tokens(&client).appraise_with_at(&token, &facts(&bad), now());
    let alone: Vec<_> = alone
        .findings()
        .map(|row| (format!("proof.{}", row.code()), row.explanation().unwrap().to_string()))
        .collect();
    let both: Vec<_> = both
        .findings()
        .map(|row| (row.code().to_owned(), row.explanation().unwrap().to_string()))
        .collect();
    assert!(both.len() > 8, "{both:?}");
    assert_eq!(alone, both);
    // The header: eight at once.
    let bad = client
        .proof(&token)
        .header("alg", "none")
        .header("typ", "JWT")
        .header("cty", "JWT")
        .header("crit", json!([]))
        .header("b64", false)
        .header("zip", "DEF")
        .header("kid", 7)
        .header("jku", 7)
        .sign();
    let alone = proofs().appraise_with_at(&bad, &expect, now());
    let both = tokens(&client).appraise_with_at(&token, &facts(&bad), now());
    let alone: Vec<_> = findings(&alone).iter().map(|code| format!("proof.{code}")).collect();
    assert_eq!(alone, findings(&both));
}

#[test]
fn no_refusal_tells_what_the_tokens_say() {
    let client = Client::new();
    let canaries =
        ["sub-canary", "t-canary", "p-canary", "nonce-canary", "uri-canary", "given-canary"];
    let token = client.token().claim("sub", "sub-canary").claim("jti", "t-canary");
    let signed = token.clone().sign();
    let good = client.proof(&signed).claim("jti", "p-canary").claim("nonce", "nonce-canary");
    let drafts = vec![
        good.clone(),
        good.clone().claim("htm", "uri-canary"),
        good.clone().claim("htu", "https://uri-canary.example"),
        good.clone().claim("htu", "uri-canary"),
        good.clone().claim("ath", "uri-canary"),
        good.clone().claim("iat", "uri-canary"),
        good.clone().claim("cnf", json!({"uri-canary": "uri-canary"})),
        good.clone().header("typ", "uri-canary"),
        good.clone().header("alg", "uri-canary"),
        good.clone().header("kid", json!(["uri-canary"])),
        good.clone().header("crit", json!(["uri-canary"])).header("uri-canary", 1),
        good.clone().header("jwk", json!({"kty": "uri-canary"})),
        good.clone().header("jwk", json!({"kty": "EC", "crv": "uri-canary", "x": "uri-canary"})),
        good.clone().header("x5u", "uri-canary"),
        good.clone().signature(b"uri-canary"),
        good.clone().raw_payload(b"{\"uri-canary\":1,\"uri-canary\":2}".to_vec()),
        good.clone().raw_payload(b"[\"uri-canary\"]".to_vec()),
        good.clone().raw_header(b"{\"uri-canary\":1,\"uri-canary\":2}".to_vec()),
    ];
    for draft in drafts {
        let proof = draft.sign();
        let facts = facts(&proof).dpop_nonces(["given-canary", "nonce-canary-2"]);
        let appraisal = tokens(&client).appraise_with_at(&signed, &facts, now());
        assert!(!appraisal.is_accepted());
        let refused = appraisal.refused().unwrap();
        let texts = [
            appraisal.to_string(),
            format!("{appraisal:?}"),
            serde_json::to_string(&appraisal).unwrap(),
            refused.to_string(),
            format!("{refused:?} {facts:?}"),
            serde_json::to_string(refused).unwrap(),
            serde_json::to_string(&appraisal.record()).unwrap(),
            format!("{:?}", appraisal.record()),
        ];
        for text in &texts {
            for canary in canaries {
                assert!(!text.contains(canary), "{canary}: {text}");
            }
            let segments = signed.split('.').chain(proof.split('.')).filter(|part| part.len() > 8);
            for segment in segments {
                assert!(!text.contains(segment), "{segment}: {text}");
            }
        }
    }
}

/// The token's sender has the token and the public key, which the token's proofs show, but not the private key.
#[test]
fn a_refusal_is_not_only_for_expiry_beside_an_unverified_proof() {
    let client = Client::new();
    let token = client.token().at(NOW - 1_000).sign();
    // The thief has the token and the public key, which the token's proofs show.
    let forged = client.proof(&token).claim("iat", NOW).signature(vec![1; 64]).sign();
    let appraisal = tokens(&client).appraise_with_at(&token, &facts(&forged), now());
    let refused = appraisal.refused().unwrap();
    assert!(!refused.is_only_expired(), "the proof's signature is wrong:\n{appraisal}");
}

/// The proof has an `exp` that has passed; the token is fresh.
#[test]
fn a_refusal_for_an_expired_proof_is_not_only_for_expiry() {
    let client = Client::new();
    let token = client.token().sign();
    let expired = client.proof(&token).claim("exp", NOW - 1_000).sign();
    let appraisal = tokens(&client).appraise_with_at(&token, &facts(&expired), now());
    assert_eq!(findings(&appraisal), ["proof.claims.exp"]);
    assert!(!appraisal.refused().unwrap().is_only_expired(), "the token is fresh:\n{appraisal}");
}

/// RFC 9449 §7.1 and §9, for a service that answers by itself.
#[test]
fn the_challenge_for_a_refused_proof_names_the_error_of_the_proof() {
    let client = Client::new();
    let token = client.token().sign();
    let mut wrong = Vec::new();
    for (proof, expected) in [
        (client.proof(&token).claim("htm", "POST").sign(), "invalid_dpop_proof"),
        (client.proof(&token).claim("exp", NOW - 1_000).sign(), "invalid_dpop_proof"),
        (client.proof(&token).claim("nonce", "x").sign(), "use_dpop_nonce"),
    ] {
        let facts = facts(&proof);
        let facts = if expected == "use_dpop_nonce" { facts.dpop_nonces(["n"]) } else { facts };
        let appraisal = tokens(&client).appraise_with_at(&token, &facts, now());
        let challenge = appraisal.refused().unwrap().challenge();
        if challenge.error() != Some(expected) {
            wrong.push(format!("{}: {:?}", findings(&appraisal).join(" "), challenge.headers()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
