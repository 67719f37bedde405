//! What came back, held against what the file says.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::challenges::{Challenge, challenges};
use super::format::{Alternatives, Document, ExpectedChallenge, RequestFacts, Sent};
use super::server::Answer;

/// What differs.
#[derive(Debug, Default)]
pub(crate) struct Differences {
    /// From every alternative.
    pub(crate) wrong: Vec<String>,
    /// From the first alternative only.
    pub(crate) not_recommended: Vec<String>,
}

impl Differences {
    fn wrong(&mut self, what: impl Into<String>) {
        self.wrong.push(what.into());
    }

    /// Whether one of the alternatives was found, and the first one.
    fn choose(
        &mut self,
        what: &str,
        alternatives: &Alternatives,
        found: &Value,
        same: impl Fn(&Value, &Value) -> bool,
    ) {
        let mut all = alternatives.all().iter();
        match all.position(|one| same(one, found)) {
            Some(0) => {}
            Some(_) => self.not_recommended.push(format!("{what} is {found}")),
            None => self.wrong(format!("{what} is {found}")),
        }
    }
}

pub(crate) fn compare(expect: &RequestFacts, sent: &Sent, answer: &Answer) -> Differences {
    let mut differences = Differences::default();
    let status = json!(answer.status.as_u16());
    differences.choose("status", &expect.status, &status, Value::eq);
    match challenges(&answer.headers) {
        Ok(found) => compare_challenges(expect, &found, answer, &mut differences),
        Err(malformed) => differences.wrong(format!("WWW-Authenticate: {malformed}")),
    }
    for (name, alternatives) in &expect.headers {
        let found =
            answer.headers.get(name).map_or(Value::Null, |value| json!(value.to_str().ok()));
        differences.choose(name, alternatives, &found, is_header);
    }
    if answer.status.is_success() {
        compare_content(expect, answer, &mut differences);
    }
    if echoes(sent, answer) {
        differences.wrong("an answer with a part of the request's credentials");
    }
    differences
}

/// `true` is any value.
fn is_header(expected: &Value, found: &Value) -> bool {
    if *expected == json!(true) { !found.is_null() } else { expected == found }
}

/// Every challenge is one that is expected. 401 and 403 have each of these, but optional ones.
fn compare_challenges(
    expect: &RequestFacts,
    found: &[Challenge],
    answer: &Answer,
    differences: &mut Differences,
) {
    if answer.status.is_success() && !found.is_empty() {
        differences.wrong("a challenge beside success");
    }
    let challenged = matches!(answer.status.as_u16(), 401 | 403);
    for expected in &expect.challenges {
        let scheme = expected.scheme.to_ascii_lowercase();
        let mut own = found.iter().filter(|challenge| challenge.scheme == scheme);
        match (own.next(), own.next()) {
            (Some(one), None) => compare_challenge(expected, one, differences),
            (Some(_), Some(_)) => differences.wrong(format!("two challenges of {scheme}")),
            (None, _) if !challenged => {}
            (None, _) if expected.optional => {
                differences.not_recommended.push(format!("no challenge of {scheme}"));
            }
            (None, _) => differences.wrong(format!("no challenge of {scheme}")),
        }
    }
    for challenge in found {
        let mut expected = expect.challenges.iter();
        if !expected.any(|expected| expected.scheme.eq_ignore_ascii_case(&challenge.scheme)) {
            let nothing_said = expect.challenges.is_empty() && challenged;
            if !nothing_said {
                differences.wrong(format!("a challenge of {}", challenge.scheme));
            }
        }
    }
}

fn compare_challenge(
    expected: &ExpectedChallenge,
    found: &Challenge,
    differences: &mut Differences,
) {
    let scheme = &expected.scheme;
    for (name, alternatives) in &expected.parameters {
        let value = found.parameters.get(name).map_or(Value::Null, |value| json!(value));
        let is_list = matches!(&**name, "scope" | "algs");
        let same = |one: &Value, other: &Value| {
            if is_list { words(one) == words(other) } else { one == other }
        };
        differences.choose(&format!("{scheme} {name}"), alternatives, &value, same);
    }
    for name in &expected.absent {
        if found.parameters.contains_key(name) {
            differences.wrong(format!("{scheme} has {name}"));
        }
    }
    let scope = found.parameters.get("scope").map(String::as_str).unwrap_or_default();
    if scope.split(' ').any(|scope| scope == "offline_access") {
        differences.wrong("MCP-14: a challenge names offline_access");
    }
}

/// Lists are compared as sets.
fn words(text: &Value) -> Option<BTreeSet<&str>> {
    text.as_str().map(|text| text.split(' ').collect())
}

fn compare_content(expect: &RequestFacts, answer: &Answer, differences: &mut Differences) {
    let content = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    match (&expect.document, &expect.caller) {
        (Some(document), _) => compare_document(document, &content, differences),
        (None, Some(caller)) if *caller == content => {}
        (None, caller) => differences.wrong(format!("caller {content}, expected {caller:?}")),
    }
}

fn compare_document(document: &Document, found: &Value, differences: &mut Differences) {
    for (name, expected) in &document.members {
        let value = found.get(name);
        let missing = value.is_none() && document.optional.contains(name);
        if !missing && value.map(set) != Some(set(expected)) {
            differences.wrong(format!("{name} is {value:?}, expected {expected}"));
        }
    }
    for name in document.absent.iter().filter(|name| found.get(name).is_some()) {
        differences.wrong(format!("the document has {name}"));
    }
}

/// Arrays are compared as sets.
fn set(value: &Value) -> BTreeSet<String> {
    match value.as_array() {
        Some(elements) => elements.iter().map(Value::to_string).collect(),
        None => [value.to_string()].into(),
    }
}

/// Whether the answer repeats what may be secret.
fn echoes(sent: &Sent, answer: &Answer) -> bool {
    let of_credentials = |(name, _): &&(String, String)| name == "Authorization" || name == "DPoP";
    let values = sent.headers.iter().filter(of_credentials).map(|(_, value)| value);
    let mut secrets =
        values.flat_map(|value| value.split(['.', ' '])).filter(|part| part.len() > 20);
    let headers: Vec<_> = answer.headers.values().filter_map(|value| value.to_str().ok()).collect();
    secrets.any(|secret| headers.iter().any(|header| header.contains(secret)))
}
