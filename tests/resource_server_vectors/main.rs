//! `tests/vectors/resource_server.json`: requests to a resource server, and what it has to answer.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod challenges;
mod compare;
mod format;
mod server;

use std::collections::{BTreeMap, BTreeSet};

use compare::{Differences, compare};
use format::{Case, RequestFacts, Suite};
use serde_json::{Value, json};
use server::{Answer, Server};

/// Answers that are none of those that the file permits, each with the reason. One that no longer
/// differs fails.
const DIVERGENCES: &[(&str, &str)] = &[];

/// Answers that the file permits, and that are not the first that it names, in the same way.
const NOT_AS_RECOMMENDED: &[(&str, &str)] = &[];

const CASES: usize = 311;

fn text() -> String {
    let path = format!("{}/tests/vectors/resource_server.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn suite() -> Suite {
    serde_json::from_str(&text()).unwrap()
}

fn expect(value: &Value) -> RequestFacts {
    serde_json::from_value(value.clone()).unwrap()
}

/// Each step of a case at one server, with what came back.
async fn answers(suite: &Suite, case: &Case) -> Vec<Answer> {
    let server = Server::of(suite, &suite.policies[&case.policy]);
    let mut answers = Vec::new();
    for step in &case.steps {
        answers.push(server.answer(&step.request).await);
    }
    answers
}

#[tokio::test]
async fn every_case() {
    let suite = suite();
    let mut wrong = Vec::new();
    for case in &suite.cases {
        let mut all = Differences::default();
        for (step, answer) in case.steps.iter().zip(answers(&suite, case).await) {
            let found = compare(&expect(&step.expect), &step.request, &answer);
            all.wrong.extend(found.wrong);
            all.not_recommended.extend(found.not_recommended);
        }
        for (list, found) in [(DIVERGENCES, all.wrong), (NOT_AS_RECOMMENDED, all.not_recommended)] {
            let listed = list.iter().any(|(id, _)| *id == case.id);
            if found.is_empty() == listed {
                let (id, comment) = (&case.id, &case.comment);
                wrong.push(format!("{id} ({comment}): {found:?}, listed {listed}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    println!("resource_server: {} of {CASES} cases", suite.cases.len());
}

#[test]
fn the_file_is_whole() {
    let suite = suite();
    assert_eq!((suite.version, suite.count, suite.cases.len()), (1, CASES, CASES));
    let ids: BTreeSet<_> = suite.cases.iter().map(|case| &*case.id).collect();
    assert_eq!(ids.len(), CASES);
    for (listed, reason) in DIVERGENCES.iter().chain(NOT_AS_RECOMMENDED) {
        assert!(ids.contains(listed) && !reason.is_empty(), "{listed}");
    }
    let mut per_policy = BTreeMap::new();
    for case in &suite.cases {
        *per_policy.entry(&*case.policy).or_insert(0) += 1;
        assert!(!case.rules.is_empty() && !case.steps.is_empty(), "{}", case.id);
        assert!(case.rules.iter().all(|rule| !rule.is_empty()), "{}", case.id);
    }
    assert!(suite.policies.keys().all(|policy| per_policy[&**policy] > 1), "{per_policy:?}");
}

#[test]
fn unknown_members_are_errors() {
    let document: Value = serde_json::from_str(&text()).unwrap();
    let places = [
        "",
        "/issuers/as",
        "/policies/api",
        "/policies/api/requirement",
        "/policies/api/operations/0",
        "/policies/dpop/dpop",
        "/policies/mcp/mcp",
        "/cases/0",
        "/cases/0/steps/0",
        "/cases/0/steps/0/request",
    ];
    for place in places {
        let mut changed = document.clone();
        changed.pointer_mut(place).unwrap()["unknown"] = json!(1);
        assert!(serde_json::from_value::<Suite>(changed).is_err(), "{place}");
    }
    let cases = document["cases"].as_array().unwrap();
    let steps = cases.iter().flat_map(|case| case["steps"].as_array().unwrap());
    let with = |place| steps.clone().find(|step| step["expect"].pointer(place).is_some()).unwrap();
    for (place, inside) in
        [("/status", ""), ("/challenges/0", "/challenges/0"), ("/document", "/document")]
    {
        let mut changed = with(place)["expect"].clone();
        changed.pointer_mut(inside).unwrap()["unknown"] = json!(1);
        assert!(serde_json::from_value::<RequestFacts>(changed).is_err(), "{place}");
    }
}

/// Whatever an expectation says is looked at: with any part of it changed, the answer is wrong.
#[tokio::test]
async fn every_expectation_counts() {
    let suite = suite();
    let mut changes = BTreeMap::new();
    for case in suite.cases.iter().filter(|case| !is_listed(case)) {
        for (step, answer) in case.steps.iter().zip(answers(&suite, case).await) {
            for place in places(&step.expect, &answer) {
                let mut changed = step.expect.clone();
                *changed.pointer_mut(&place).unwrap() = match place.ends_with("/absent") {
                    true => json!(["resource", "resource_metadata"]),
                    false => json!("changed"),
                };
                let found = compare(&expect(&changed), &step.request, &answer);
                assert!(!found.wrong.is_empty(), "{}: {place}", case.id);
                let kind = place.split('/').nth(1).unwrap().to_owned();
                *changes.entry(kind).or_insert(0) += 1;
            }
        }
    }
    println!("{changes:?}");
    let kinds = ["caller", "challenges", "document", "headers", "status"];
    assert!(changes.keys().eq(kinds), "{changes:?}");
    assert!(changes["status"] > CASES / 2 && changes["challenges"] > CASES, "{changes:?}");
}

fn is_listed(case: &Case) -> bool {
    DIVERGENCES.iter().any(|(id, _)| *id == case.id)
}

/// The parts of an expectation that this answer is held against.
fn places(expect: &Value, answer: &Answer) -> Vec<String> {
    let mut places = vec!["/status".to_owned()];
    let mut add = |place: &str, looked_at: &dyn Fn(&str) -> bool| {
        let members = expect.pointer(place).and_then(Value::as_object);
        let names = members.into_iter().flatten().map(|(name, _)| &**name);
        places.extend(names.filter(|name| looked_at(name)).map(|name| format!("{place}/{name}")));
    };
    add("/headers", &|_| true);
    if answer.status.is_success() {
        let content: Value = serde_json::from_slice(&answer.body).unwrap();
        add("/caller", &|_| true);
        add("/document/members", &|name| content.get(name).is_some());
        add("/document", &|name| name == "absent");
    }
    if answer.headers.contains_key("www-authenticate") {
        for index in 0..expect["challenges"].as_array().map_or(0, Vec::len) {
            add(&format!("/challenges/{index}/parameters"), &|_| true);
            add(&format!("/challenges/{index}"), &|name| name == "absent");
        }
    }
    places
}
