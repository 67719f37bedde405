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

use std::process::ExitCode;
use std::time::{Duration, Instant};

use contest::{Alg, Contest, Contestant};

/// Long enough for the clock, short enough that both neighbours meet the same machine.
const BATCH: Duration = Duration::from_millis(1);

/// Enough for a median that one busy second does not move.
const ROUNDS: usize = 400;

/// This crate may take so much longer than the signature alone.
const MOST_OVER_BARE: f64 = 1.10;

/// `jsonwebtoken` takes at least so much longer where the signature is next to nothing.
const LEAST_UNDER_JSONWEBTOKEN: f64 = 1.6;

fn main() -> ExitCode {
    let asked = |option: &str| std::env::args().any(|argument| argument == option);
    // `cargo test --benches` runs a benchmark without this: once is enough then.
    let rounds = if asked("--bench") { ROUNDS } else { 1 };
    let results =
        [Alg::Hs256, Alg::Rs256, Alg::Es256, Alg::Ed25519].map(|alg| measure(alg, rounds));
    print_table(&results);
    let missed = results.iter().filter(|result| !result.meets_goal()).count();
    if asked("--check") && missed > 0 {
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
    let sizes = Contestant::ALL.map(|contestant| batch_size(&contest, contestant));
    let round = |nth: usize| {
        let mut times = [0.0; Contestant::ALL.len()];
        // Each goes first as often as the others.
        for turn in 0..times.len() {
            let who = (nth + turn) % times.len();
            times[who] = time_batch(&contest, Contestant::ALL[who], sizes[who]);
        }
        times
    };
    let rounds: Vec<_> = (0..rounds).map(round).collect();
    Result {
        alg,
        times: [0, 1, 2].map(|who| median(rounds.iter().map(|times| times[who]))),
        ours_over_bare: median(rounds.iter().map(|[ours, bare, _]| ours / bare)),
        jsonwebtoken_over_ours: median(rounds.iter().map(|[ours, _, theirs]| theirs / ours)),
    }
}

/// How many runs fill a batch; finding out also warms up.
fn batch_size(contest: &Contest, contestant: Contestant) -> u32 {
    let start = Instant::now();
    let mut runs = 0;
    while start.elapsed() < BATCH {
        contest.run(contestant);
        runs += 1;
    }
    runs
}

/// Nanoseconds per run.
fn time_batch(contest: &Contest, contestant: Contestant, runs: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..runs {
        contest.run(contestant);
    }
    start.elapsed().as_nanos() as f64 / f64::from(runs)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
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
