//! How the contestants stand to each other, measured in turns within one run.
//!
//! Absolute times vary with the machine and with what else it does. Here the contestants take
//! turns in short batches, and what is printed is the median of the ratios of neighbouring
//! batches. With `--check` it fails unless the goals are met.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "a benchmark that does not do what it should has to stop; its arithmetic is small"
)]

mod contest;
mod turns;

use std::process::ExitCode;

use contest::{Alg, Contest, Contestant};

/// This crate may take so much longer than the signature alone.
const MOST_OVER_BARE: f64 = 1.10;

/// `jsonwebtoken` takes at least so much longer where the signature is next to nothing.
const LEAST_UNDER_JSONWEBTOKEN: f64 = 1.6;

fn main() -> ExitCode {
    let rounds = turns::rounds();
    let results =
        [Alg::Hs256, Alg::Rs256, Alg::Es256, Alg::Ed25519].map(|alg| measure(alg, rounds));
    print_table(&results);
    let missed = results.iter().filter(|result| !result.meets_goal()).count();
    if turns::asked("--check") && missed > 0 {
        eprintln!("{missed} of {} goals missed", results.len());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Medians for one algorithm.
struct Result {
    alg: Alg,
    /// Nanoseconds per token, in the contestants' order.
    times: [f64; Contestant::ALL.len()],
    ours_over_bare: f64,
    jsonwebtoken_over_ours: f64,
}

impl Result {
    fn meets_goal(&self) -> bool {
        match self.alg {
            Alg::Hs256 => self.jsonwebtoken_over_ours >= LEAST_UNDER_JSONWEBTOKEN,
            Alg::Rs256 | Alg::Es256 | Alg::Ed25519 => self.ours_over_bare <= MOST_OVER_BARE,
        }
    }
}

fn measure(alg: Alg, rounds: usize) -> Result {
    let contest = Contest::new(alg);
    let [ours, bare, theirs] = Contestant::ALL.map(|who| {
        let contest = &contest;
        move || contest.run(who)
    });
    let rounds = turns::measure(rounds, [&ours, &bare, &theirs]);
    Result {
        alg,
        times: [0, 1, 2].map(|who| turns::median(rounds.iter().map(|times| times[who]))),
        ours_over_bare: turns::median(rounds.iter().map(|[ours, bare, _]| ours / bare)),
        jsonwebtoken_over_ours: turns::median(rounds.iter().map(|[ours, _, theirs]| theirs / ours)),
    }
}

fn print_table(results: &[Result]) {
    println!("ns per token of 900 bytes, medians; ratios in turns");
    let [ours, bare, theirs] = Contestant::ALL;
    println!(
        "{:<8} {ours:>9} {bare:>10} {theirs:>13} {:>15} {:>18}  goal",
        "", "ours/ring-bare", "jsonwebtoken/ours",
    );
    for result in results {
        let [ours, bare, theirs] = result.times;
        println!(
            "{:<8} {ours:>9.0} {bare:>10.0} {theirs:>13.0} {:>15.3} {:>18.3}  {}",
            result.alg,
            result.ours_over_bare,
            result.jsonwebtoken_over_ours,
            if result.meets_goal() { "met" } else { "missed" },
        );
    }
}
