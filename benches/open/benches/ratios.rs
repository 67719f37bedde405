//! How the contestants stand to each other, measured in turns within one run.
//!
//! Absolute times vary with the machine and with what else it does. Here the contestants take
//! turns in short batches, and what is printed are medians over the rounds: of the times, and of
//! the ratios of neighbouring batches. Beside them stands the ratio of the shortest times, which
//! other work on the machine disturbs least.

use std::time::{Duration, Instant};

use jwt_appraisal_bench_open::{Algorithms, Contest, Contestant, Task};

/// Long enough for the clock, short enough that neighbours meet the same machine.
const BATCH: Duration = Duration::from_millis(1);

/// Enough for a median that one busy second does not move.
const ROUNDS: usize = 400;

/// This crate may take so much longer than the bare primitives.
const MOST_OVER_BARE: f64 = 1.10;

const WHOLE: &str = "\
WHOLE: a JWE around an ES256-signed access token is opened and believed.
  ours     appraise(), accepted: every check of both, the claims in a type
  bare     decode, unwrap, decrypt, verify the signature; no check, no claims; of JSON only `epk`
  josekit  jwe::deserialize_compact, jwt::decode_with_verifier: the claims as JSON, none checked";

const OPENING: &str = "\
OPENING ALONE: a JWE around bytes that are no token.
  ours     appraise(), refused by the first byte inside: also the limits, every check of the header,
           the refusal, and looking up its rows; the content is cleared from memory after use
  bare     decode, unwrap, decrypt; no check; of JSON only `epk`; nothing is cleared
  josekit  jwe::deserialize_compact: the header as JSON";

fn main() {
    // `cargo test --benches` runs a benchmark without this: once is enough then.
    let rounds = if std::env::args().any(|argument| argument == "--bench") { ROUNDS } else { 1 };
    for (task, about) in [(Task::Whole, WHOLE), (Task::Opening, OPENING)] {
        println!("{about}");
        let all = [Algorithms::RSA, Algorithms::ECDH, Algorithms::DIR];
        print_table(&all.map(|algorithms| measure(algorithms, task, rounds)));
    }
}

/// What was measured of one token.
struct Measured {
    algorithms: Algorithms,
    content_bytes: usize,
    /// Nanoseconds per token, in the contestants' order.
    times: [f64; Contestant::ALL.len()],
    ours_over_bare: f64,
    josekit_over_bare: f64,
    shortest_ours_over_bare: f64,
}

fn measure(algorithms: Algorithms, task: Task, rounds: usize) -> Measured {
    let contest = Contest::new(algorithms, task);
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
    let shortest = |who: usize| rounds.iter().map(|times| times[who]).fold(f64::MAX, f64::min);
    Measured {
        algorithms,
        content_bytes: contest.content_bytes(),
        times: [0, 1, 2].map(|who| median(rounds.iter().map(|times| times[who]))),
        ours_over_bare: median(rounds.iter().map(|[ours, bare, _]| ours / bare)),
        josekit_over_bare: median(rounds.iter().map(|[_, bare, josekit]| josekit / bare)),
        shortest_ours_over_bare: shortest(0) / shortest(1),
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

fn print_table(results: &[Measured]) {
    let [ours, bare, josekit] = Contestant::ALL;
    println!(
        "{:<22} {:>7} {ours:>9} {bare:>9} {josekit:>9} {:>10} {:>10} {:>13}  {}",
        "ns per token",
        "content",
        "ours/bare",
        "of minima",
        "josekit/bare",
        format_args!("ours ≤ {MOST_OVER_BARE:.2} × bare"),
    );
    for result in results {
        let [ours, bare, josekit] = result.times;
        println!(
            "{:<22} {:>7} {ours:>9.0} {bare:>9.0} {josekit:>9.0} {:>10.3} {:>10.3} {:>13.3}  {}",
            result.algorithms,
            result.content_bytes,
            result.ours_over_bare,
            result.shortest_ours_over_bare,
            result.josekit_over_bare,
            if result.ours_over_bare <= MOST_OVER_BARE { "met" } else { "missed" },
        );
    }
    println!();
}
