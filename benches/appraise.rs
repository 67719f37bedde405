//! Appraisals by the clock: `appraise/<alg>/<contestant>` and `appraise/refuse/<what>`.
//!
//! Single runs vary with the machine; `benches/ratios.rs` measures the contestants against each
//! other in one run.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that does not do what it should has to stop"
)]

mod contest;

use std::hint::black_box;

use contest::{Alg, Contest, Contestant};
use divan::Bencher;
use jwt_appraisal::testing::{TestKey, TestToken};
use jwt_appraisal::{SignatureAlgorithm, Verdict};

fn main() {
    divan::main();
}

#[divan::bench(name = "HS256", args = Contestant::ALL)]
fn hs256(bencher: Bencher<'_, '_>, contestant: Contestant) {
    accept(bencher, Alg::Hs256, contestant);
}

#[divan::bench(name = "RS256", args = Contestant::ALL)]
fn rs256(bencher: Bencher<'_, '_>, contestant: Contestant) {
    accept(bencher, Alg::Rs256, contestant);
}

#[divan::bench(name = "ES256", args = Contestant::ALL)]
fn es256(bencher: Bencher<'_, '_>, contestant: Contestant) {
    accept(bencher, Alg::Es256, contestant);
}

#[divan::bench(name = "Ed25519", args = Contestant::ALL)]
fn ed25519(bencher: Bencher<'_, '_>, contestant: Contestant) {
    accept(bencher, Alg::Ed25519, contestant);
}

fn accept(bencher: Bencher<'_, '_>, alg: Alg, contestant: Contestant) {
    let contest = Contest::new(alg);
    bencher.bench_local(|| contest.run(contestant));
}

/// Tokens to be refused, each for the one thing that it is named for.
const REFUSALS: [&str; 8] = [
    "garbage",
    "too_long",
    "alg_none",
    "wrong_typ",
    "unknown_kid",
    "forged",
    "expired",
    "wrong_audience",
];

#[divan::bench(name = "refuse", args = REFUSALS)]
fn refuse(bencher: Bencher<'_, '_>, what: &str) {
    let key = Alg::Es256.key();
    let validator = contest::validator(Alg::Es256, &key);
    let (token, check) = spoil(contest::draft(&key), what);
    bencher.bench_local(|| {
        let appraisal = validator.appraise(black_box(&token));
        assert_eq!(appraisal.verdict(), Verdict::Rejected);
        let finding = appraisal.findings().next().unwrap();
        assert_eq!(*finding.id(), *check);
    });
}

/// The bad token, and the check that refuses it.
fn spoil(good: TestToken, what: &str) -> (String, &'static str) {
    let forger = || TestKey::generate("2026-11", SignatureAlgorithm::Es256);
    match what {
        "garbage" => ("%".repeat(900), "form.compact"),
        "too_long" => ("A".repeat(1 << 20), "form.size"),
        "alg_none" => (good.unsecured().sign(), "header.alg"),
        "wrong_typ" => (good.header("typ", "JWT").sign(), "header.typ"),
        "unknown_kid" => (good.header("kid", "2026-12").sign(), "key.found"),
        "forged" => (good.signed_by(&forger()).sign(), "crypto.signature"),
        "expired" => (good.at(1_700_000_000).sign(), "claims.exp"),
        "wrong_audience" => (good.claim("aud", "https://b.example").sign(), "claims.aud"),
        other => unreachable!("no refusal is named {other}"),
    }
}
