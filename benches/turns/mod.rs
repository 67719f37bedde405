//! Contestants that take turns in short batches within one run: absolute times vary with the machine and
//! with what else it does, and neighbouring batches meet the same machine.

use std::time::{Duration, Instant};

/// Long enough for the clock, short enough that both neighbours meet the same machine.
const BATCH: Duration = Duration::from_millis(1);

/// Enough for a median that one busy second does not move.
const ROUNDS: usize = 400;

/// How many rounds to measure; `cargo test --benches` runs a benchmark without this option, and once is
/// enough then.
pub(crate) fn rounds() -> usize {
    if asked("--bench") { ROUNDS } else { 1 }
}

/// Whether the command line has an option.
pub(crate) fn asked(option: &str) -> bool {
    std::env::args().any(|argument| argument == option)
}

/// Nanoseconds per run of each contestant, in each round. Each goes first as often as the others.
pub(crate) fn measure<const N: usize>(rounds: usize, contestants: [&dyn Fn(); N]) -> Vec<[f64; N]> {
    let sizes = contestants.map(batch_size);
    let round = |nth: usize| {
        let mut times = [0.0; N];
        for turn in 0..N {
            let who = (nth + turn) % N;
            times[who] = time_batch(contestants[who], sizes[who]);
        }
        times
    };
    (0..rounds).map(round).collect()
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// How many runs fill a batch; finding out also warms up.
fn batch_size(run: &dyn Fn()) -> u32 {
    let start = Instant::now();
    let mut runs = 0;
    while start.elapsed() < BATCH {
        run();
        runs += 1;
    }
    runs
}

fn time_batch(run: &dyn Fn(), runs: u32) -> f64 {
    let start = Instant::now();
    for _ in 0..runs {
        run();
    }
    start.elapsed().as_nanos() as f64 / f64::from(runs)
}
