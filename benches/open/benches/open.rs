//! Encrypted tokens by the clock: `open/<alg>/<enc>/<contestant>`. Each contestant opens the token
//! and believes the signed one inside.
//!
//! Single runs vary with the machine; `benches/ratios.rs` measures the contestants against each
//! other in one run, and opening alone.

use divan::Bencher;
use jwt_appraisal_bench_open::{Algorithms, Contest, Contestant, Task};

fn main() {
    divan::main();
}

#[divan::bench_group(name = "RSA-OAEP-256")]
mod rsa_oaep_256 {
    use super::*;

    #[divan::bench(name = "A256GCM", args = Contestant::ALL)]
    fn a256gcm(bencher: Bencher<'_, '_>, contestant: Contestant) {
        run(bencher, Algorithms::RSA, contestant);
    }
}

#[divan::bench_group(name = "ECDH-ES+A128KW")]
mod ecdh_es_a128kw {
    use super::*;

    #[divan::bench(name = "A128GCM", args = Contestant::ALL)]
    fn a128gcm(bencher: Bencher<'_, '_>, contestant: Contestant) {
        run(bencher, Algorithms::ECDH, contestant);
    }
}

#[divan::bench_group(name = "dir")]
mod dir {
    use super::*;

    #[divan::bench(name = "A128GCM", args = Contestant::ALL)]
    fn a128gcm(bencher: Bencher<'_, '_>, contestant: Contestant) {
        run(bencher, Algorithms::DIR, contestant);
    }

    #[divan::bench(name = "A256CBC-HS512", args = Contestant::ALL)]
    fn a256cbc_hs512(bencher: Bencher<'_, '_>, contestant: Contestant) {
        run(bencher, Algorithms::DIR_CBC, contestant);
    }
}

fn run(bencher: Bencher<'_, '_>, algorithms: Algorithms, contestant: Contestant) {
    let contest = Contest::new(algorithms, Task::Whole);
    bencher.bench_local(|| contest.run(contestant));
}
