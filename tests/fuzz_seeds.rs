//! Do the properties that the fuzzer looks to break hold for the seeds that it begins with?

#![expect(clippy::expect_used, reason = "a seed that can not be read has to stop the test")]

#[path = "../examples/appraise/decrypt.rs"]
mod decrypt;
#[expect(unreachable_pub, reason = "it is public in the fuzz crate")]
#[path = "../fuzz/src/disclosing.rs"]
mod disclosing;
#[path = "../examples/appraise/document.rs"]
#[expect(dead_code, reason = "the example has more use for it")]
mod document;
#[path = "../examples/appraise/facts.rs"]
mod facts;
#[path = "../examples/appraise/kinds.rs"]
#[expect(dead_code, reason = "the example has more use for it")]
mod kinds;
#[expect(unreachable_pub, reason = "it is public in the fuzz crate")]
#[path = "../fuzz/src/opening.rs"]
mod opening;
#[path = "../examples/appraise/parties.rs"]
mod parties;
#[path = "../examples/appraise/policy.rs"]
#[expect(dead_code, reason = "the example has more use for it")]
mod policy;
#[expect(unreachable_pub, reason = "it is public in the fuzz crate")]
#[path = "../fuzz/src/properties.rs"]
mod properties;
#[path = "support/values.rs"]
mod values;
#[expect(unreachable_pub, reason = "it is public in the fuzz crate")]
#[path = "../fuzz/src/wings.rs"]
mod wings;

use std::path::Path;

#[test]
fn compact() {
    hold("compact", properties::compact);
}

#[test]
fn json() {
    hold("json", properties::json);
}

#[test]
fn jwk_set() {
    hold("jwk_set", properties::jwk_set);
}

#[test]
fn mutate() {
    hold("mutate", properties::mutate);
}

#[test]
fn never_claims() {
    hold("never_claims", properties::never_claims);
}

#[test]
fn jwks_answer() {
    hold("jwks_answer", wings::jwks_answer);
}

#[test]
fn mcp_body() {
    hold("mcp_body", wings::mcp_body);
}

#[test]
fn request() {
    hold("request", wings::request);
}

#[test]
fn sd_jwt() {
    hold("sd_jwt", disclosing::sd_jwt);
}

#[test]
fn open() {
    hold("open", opening::open);
}

#[test]
fn policies() {
    hold("policy", properties::policy);
}

fn hold(target: &str, property: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let seeds: Vec<_> =
        std::fs::read_dir(folder).and_then(Iterator::collect).expect("a folder of seeds");
    for seed in &seeds {
        println!("{}", seed.file_name().display());
        property(&std::fs::read(seed.path()).expect("a seed"));
    }
    println!("{target}: {} seeds", seeds.len());
    assert!(seeds.len() > 4, "{target} has too few seeds");
}
