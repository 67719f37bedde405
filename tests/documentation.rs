//! What the documentation says is what the crate does.
#![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

mod support;

use std::fs;

use jwt_appraisal::Limits;
use jwt_appraisal::testing::{Segment, tamper};
use support::Scene;

fn read(file: &str) -> String {
    fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_readme_shows_a_real_table() {
    let scene = Scene::new();
    let forged = tamper(&scene.token().sign(), Segment::Signature, 7);
    let table = scene.appraise(forged).to_string();
    assert!(read("README.md").contains(&format!("```text\n{table}\n```")), "{table}");
}

#[test]
fn the_manual_lists_every_limit() {
    let manual = read("src/manual/defaults.md");
    let debug = format!("{:?}", Limits::default());
    let fields = debug.trim_start_matches("Limits { ").trim_end_matches(" }").split(", ");
    for (name, value) in fields.map(|field| field.split_once(": ").unwrap()) {
        let row = manual.lines().find(|line| line.starts_with(&format!("| `{name}` |"))).unwrap();
        let number: usize = value.parse().unwrap();
        let written = [
            format!("{number}"),
            format!("{},{:03}", number / 1000, number % 1000),
            format!("{} KiB", number / 1024),
        ];
        let cell = row.split(" | ").nth(1).unwrap();
        assert!(written.contains(&cell.to_owned()), "{name}: {value} is not {cell}");
    }
}

#[test]
fn the_manual_names_tests_that_exist() {
    for line in read("src/manual/lessons.md").lines() {
        for name in line.split('`').filter(|name| name.contains("::") && !name.contains('.')) {
            let (suite, test) = name.split_once("::").unwrap();
            let found = read(&format!("tests/{suite}.rs")).contains(&format!("\nfn {test}("));
            assert!(found, "{name}");
        }
    }
}
