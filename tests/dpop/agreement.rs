//! One appraisal of a token and its proof accepts exactly when two separate appraisals do.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_appraisal::{Appraisal, Profile, RequestFacts};
use proptest::prelude::*;
use serde_json::json;

use super::client::{Client, URI, guard, proofs, single_use};
use super::support::{NOW, findings, now};

/// The nonces that a proof may have: two that the server may have given out, and two that it never did.
const NONCES: [&str; 4] = ["n-0", "n-1", "", "n-2"];

/// What is changed in a good token.
#[derive(Clone, Copy, Debug)]
enum TokenChange {
    Good,
    Unbound,
    OtherKey,
    Empty,
    Certificate,
    Both,
    Unknown,
    Expired,
    WrongAud,
    Forged,
    NotYet,
    NoScope,
    JktType,
    Typ,
}

/// What is changed in a good proof.
#[derive(Clone, Copy, Debug)]
enum ProofChange {
    Good,
    OtherKey,
    Forged,
    Htm,
    Htu,
    HtuQuery,
    HtuCase,
    Old,
    Ahead,
    Ath,
    NoAth,
    AthType,
    Nonce(u8),
    Jti,
    Exp,
    Cnf,
    Typ,
    Alg,
    Kid,
    Crit,
    NoJwk,
    Private,
    Payload,
    Cut(u16),
    Flip(u16),
    IssSub,
}

/// What the verifier knows of the request: a right fact, a wrong one or none.
#[derive(Clone, Copy, Debug)]
struct Given {
    method: Option<bool>,
    uri: Option<bool>,
    nonces: u8,
    scopes: u8,
    certificate: u8,
}

fn token_changes() -> impl Strategy<Value = TokenChange> {
    prop::sample::select(vec![
        TokenChange::Good,
        TokenChange::Good,
        TokenChange::Good,
        TokenChange::Good,
        TokenChange::Good,
        TokenChange::Unbound,
        TokenChange::OtherKey,
        TokenChange::Empty,
        TokenChange::Certificate,
        TokenChange::Both,
        TokenChange::Unknown,
        TokenChange::Expired,
        TokenChange::WrongAud,
        TokenChange::Forged,
        TokenChange::NotYet,
        TokenChange::NoScope,
        TokenChange::JktType,
        TokenChange::Typ,
    ])
}

fn proof_changes() -> impl Strategy<Value = ProofChange> {
    let fixed = vec![
        ProofChange::Good,
        ProofChange::Good,
        ProofChange::Good,
        ProofChange::Good,
        ProofChange::OtherKey,
        ProofChange::Forged,
        ProofChange::Htm,
        ProofChange::Htu,
        ProofChange::HtuQuery,
        ProofChange::HtuCase,
        ProofChange::Old,
        ProofChange::Ahead,
        ProofChange::Ath,
        ProofChange::NoAth,
        ProofChange::AthType,
        ProofChange::Jti,
        ProofChange::Exp,
        ProofChange::Cnf,
        ProofChange::Typ,
        ProofChange::Alg,
        ProofChange::Kid,
        ProofChange::Crit,
        ProofChange::NoJwk,
        ProofChange::Private,
        ProofChange::Payload,
        ProofChange::IssSub,
    ];
    prop_oneof![
        4 => prop::sample::select(fixed),
        1 => (0_u8..4).prop_map(ProofChange::Nonce),
        1 => any::<u16>().prop_map(ProofChange::Cut),
        1 => any::<u16>().prop_map(ProofChange::Flip),
    ]
}

fn requests() -> impl Strategy<Value = Given> {
    let method = prop_oneof![6 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)];
    let uri = prop_oneof![6 => Just(Some(true)), 1 => Just(Some(false)), 1 => Just(None)];
    let nonces = prop_oneof![4 => Just(0_u8), 1 => Just(1_u8), 1 => Just(2_u8)];
    (method, uri, nonces, 0_u8..3, 0_u8..3).prop_map(
        |(method, uri, nonces, scopes, certificate)| Given {
            method,
            uri,
            nonces,
            scopes,
            certificate,
        },
    )
}

fn mutate_token(client: &Client, other: &Client, mutation: TokenChange) -> String {
    let good = client.token().claim("scope", "read write");
    let cert = URL_SAFE_NO_PAD.encode([7_u8; 32]);
    match mutation {
        TokenChange::Good => good,
        TokenChange::Unbound => good.without("cnf"),
        TokenChange::OtherKey => good.claim("cnf", other.jkt()),
        TokenChange::Empty => good.claim("cnf", json!({})),
        TokenChange::Certificate => good.claim("cnf", json!({ "x5t#S256": cert })),
        TokenChange::Both => {
            let mut both = client.jkt();
            both.as_object_mut().unwrap().insert("x5t#S256".to_owned(), json!(cert));
            good.claim("cnf", both)
        }
        TokenChange::Unknown => {
            let mut both = client.jkt();
            both.as_object_mut().unwrap().insert("kid".to_owned(), json!("k"));
            good.claim("cnf", both)
        }
        TokenChange::Expired => good.claim("exp", NOW - 100),
        TokenChange::WrongAud => good.claim("aud", "https://other.example.com"),
        TokenChange::Forged => good.signature(vec![1; 64]),
        TokenChange::NotYet => good.claim("nbf", NOW + 1_000),
        TokenChange::NoScope => good.without("scope"),
        TokenChange::JktType => good.claim("cnf", json!({ "jkt": [client.jkt()["jkt"]] })),
        TokenChange::Typ => good.header("typ", "dpop+jwt"),
    }
    .sign()
}

fn mutate_proof(client: &Client, other: &Client, token: &str, mutation: ProofChange) -> String {
    let good = client.proof(token);
    let draft = match mutation {
        ProofChange::OtherKey => other.proof(token),
        ProofChange::Forged => good.signed_by(&other.key),
        ProofChange::Htm => good.claim("htm", "get"),
        ProofChange::Htu => good.claim("htu", "https://api.example.com/file"),
        ProofChange::HtuQuery => good.claim("htu", "https://api.example.com/files?x=y#z"),
        ProofChange::HtuCase => good.claim("htu", "HTTPS://API.example.com:443/files"),
        ProofChange::Old => good.claim("iat", NOW - 200),
        ProofChange::Ahead => good.claim("iat", NOW + 200),
        ProofChange::Ath => good.claim("ath", "AAAA"),
        ProofChange::NoAth => good.without("ath"),
        ProofChange::AthType => good.claim("ath", 1),
        ProofChange::Nonce(nth) => good.claim("nonce", NONCES[usize::from(nth)]),
        ProofChange::Jti => good.without("jti"),
        ProofChange::Exp => good.claim("exp", NOW - 1_000),
        ProofChange::Cnf => good.claim("cnf", client.jkt()),
        ProofChange::Typ => good.header("typ", "at+jwt"),
        ProofChange::Alg => good.header("alg", "ES384"),
        ProofChange::Kid => good.header("kid", "k1"),
        ProofChange::Crit => good.header("crit", json!(["x"])).header("x", 1),
        ProofChange::NoJwk => good.without_header("jwk"),
        ProofChange::Private => {
            let mut jwk = client.key.jwk();
            jwk.as_object_mut().unwrap().insert("d".to_owned(), json!("AAAA"));
            good.header("jwk", jwk)
        }
        ProofChange::Payload => good.raw_payload(b"{\"a\":1,\"a\":2}".to_vec()),
        ProofChange::IssSub => good.claim("iss", "x").claim("sub", "y").claim("aud", "z"),
        ProofChange::Good | ProofChange::Cut(_) | ProofChange::Flip(_) => good,
    };
    let mut text = draft.sign().into_bytes();
    let length = text.len();
    if let ProofChange::Cut(at) = mutation {
        text.truncate(usize::from(at) % length);
    } else if let ProofChange::Flip(at) = mutation {
        let place = &mut text[usize::from(at) % length];
        *place = if *place == b'A' { b'B' } else { b'A' };
    }
    String::from_utf8(text).unwrap()
}

/// Whether the nonces are for proofs beside a token, or for a proof that is appraised by itself.
#[derive(Clone, Copy)]
enum Nonces {
    Beside,
    Alone,
}

impl Given {
    fn facts<'a>(self, nonces: Nonces) -> RequestFacts<'a> {
        let mut facts = RequestFacts::new();
        if let Some(good) = self.method {
            facts = facts.method(if good { "GET" } else { "POST" });
        }
        if let Some(good) = self.uri {
            facts = facts.uri(if good { URI } else { "https://api.example.com/other" });
        }
        let given = match self.nonces {
            0 => None,
            1 => Some(&NONCES[..1]),
            _ => Some(&NONCES[..2]),
        };
        facts = match (given, nonces) {
            (None, _) => facts,
            (Some(given), Nonces::Beside) => facts.dpop_nonces(given.iter().copied()),
            (Some(given), Nonces::Alone) => facts.nonces(given.iter().copied()),
        };
        match self.certificate {
            0 => facts,
            1 => facts.certificate_sha256([7; 32]),
            _ => facts.certificate_sha256([8; 32]),
        }
    }

    /// The facts for the token, which alone has scopes.
    fn facts_with_scopes<'a>(self) -> RequestFacts<'a> {
        let facts = self.facts(Nonces::Beside);
        match self.scopes {
            0 => facts,
            1 => facts.required_scopes(["read"]),
            _ => facts.required_scopes(["admin"]),
        }
    }
}

/// The code, the outcome and the kind of the reason of each row.
fn outcomes<C>(appraisal: &Appraisal<C>) -> Vec<(String, String)> {
    let told = appraisal.checks().map(|check| {
        let reason = check.outcome().reason().map(|reason| reason.kind().name());
        let outcome = format!("{} {}", check.outcome().name(), reason.unwrap_or_default());
        (check.code().to_owned(), outcome)
    });
    told.collect()
}

/// Each row of the proof that was reached is as it is alone. The key that the token is bound to is known in
/// one appraisal only.
fn assert_rows_agree(together: &[(String, String)], alone: &[(String, String)]) {
    let own: Vec<_> = together
        .iter()
        .filter_map(|(code, outcome)| Some((code.strip_prefix("proof.")?, outcome)))
        .collect();
    assert_eq!(own.len(), alone.len());
    let reached = own
        .iter()
        .any(|(code, outcome)| *code == "crypto.signature" && !outcome.starts_with("not_reached"));
    for ((code, outcome), (code_alone, expected)) in own.into_iter().zip(alone) {
        assert_eq!(code, code_alone);
        let fine = outcome == expected
            || outcome.starts_with("not_reached") && (!reached || code == "state.replay")
            || code == "cnf.proof_key";
        assert!(fine, "{code}: {outcome}, and alone {expected}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_appraisal_accepts_exactly_when_two_separate_ones_do(
        of_token in token_changes(),
        of_proof in proof_changes(),
        given in requests(),
    ) {
        thread_local! {
            static PAIR: (Client, Client) = (Client::new(), Client::new());
        }
        PAIR.with(|(client, other)| {
            let token = mutate_token(client, other, of_token);
            let proof = mutate_proof(client, other, &token, of_proof);
            let what = format!("{of_token:?} {of_proof:?} {given:?}");
            // One after the other.
            let plain = client.scene.builder_of(Profile::access_token().single_use());
            let plain = plain.replay_guard(guard()).build().unwrap();
            let facts = given.facts(Nonces::Alone).access_token(&token);
            let alone = proofs().appraise_with_at(&proof, &facts, now());
            let rows_alone = outcomes(&alone);
            let both = alone.accepted().is_some_and(|accepted| {
                let facts = given.facts_with_scopes().proof(accepted);
                plain.appraise_with_at(&token, &facts, now()).is_accepted()
            });
            // Both at once.
            let validator = single_use(client);
            let facts = given.facts_with_scopes().dpop_proof(&proof);
            let together = validator.appraise_with_at(&token, &facts, now());
            assert_eq!(together.is_accepted(), both, "{what}\n{together}");
            assert_rows_agree(&outcomes(&together), &rows_alone);
            // An accepted pair is used up, both of them. A rejected pair is not.
            let again = validator.appraise_with_at(&token, &facts, now());
            if both {
                assert_eq!(findings(&again), ["proof.state.replay"], "{what}");
                let is_others = matches!(of_proof, ProofChange::OtherKey);
                let holder = if is_others { other } else { client };
                let mut fresh = holder.proof(&token).claim("jti", "p-2");
                if let ProofChange::Nonce(nth) = of_proof {
                    fresh = fresh.claim("nonce", NONCES[usize::from(nth)]);
                }
                let fresh = fresh.sign();
                let facts = given.facts_with_scopes().dpop_proof(&fresh);
                let fresh = validator.appraise_with_at(&token, &facts, now());
                assert_eq!(findings(&fresh), ["state.replay"], "{what}");
            } else {
                assert_eq!(outcomes(&together), outcomes(&again), "{what}");
                assert!(!findings(&together).is_empty(), "{what}");
            }
        });
    }
}
