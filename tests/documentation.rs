//! What the documentation says is what the crate does.
#![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

mod support;

use std::collections::BTreeSet;
use std::fs;

use jwt_appraisal::testing::{Segment, tamper};
use jwt_appraisal::{Limits, Profile, Validator};
use serde_json::Value;
use support::Scene;
use time::Duration;

fn read(file: &str) -> String {
    fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The check codes of a profile's documentation table.
fn documented(file: &str) -> BTreeSet<String> {
    let text = read(file);
    let rows = text.lines().filter(|line| line.trim_start().starts_with("/// | `"));
    let code = |row: &str| row.trim_end_matches(" |").rsplit('`').nth(1).unwrap().to_owned();
    rows.map(code).collect()
}

/// The checks of a validator that are about the kind of token.
fn planned<C>(validator: &Validator<C>) -> BTreeSet<String> {
    let codes = validator.checks().map(ToString::to_string);
    let of_kind = |code: &String| {
        code == "header.typ" || code.starts_with("claims.") || code.starts_with("time.")
    };
    codes.filter(of_kind).collect()
}

#[test]
fn profiles_document_their_checks() {
    let scene = Scene::new();
    let minute = Duration::minutes(1);
    let access_token = scene.validator_of(Profile::access_token().max_age(minute));
    assert_eq!(documented("src/profile/access_token.rs"), planned(&access_token));
    let custom = scene.validator_of(Profile::<Value>::new("x+jwt").max_age(minute));
    assert_eq!(documented("src/profile/custom.rs"), planned(&custom));
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
