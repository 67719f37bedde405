//! Grafting, by examples and against a model.
#![expect(clippy::unwrap_used, reason = "a test stops where it cannot continue")]

mod model;

use serde_json::Value as Model;

use super::document::Node;
use super::graft::{Element, GraftError, Grafts, NewValue, Place};
use super::{Bounds, Document, JsonError};
use model::{WIDE, expect_seen, walked};

pub(crate) use model::Tested;

#[test]
fn a_document_that_is_not_touched_costs_nothing() {
    assert!(size_of::<Node<'_>>() <= 24);
    let text = format!("[{}]", vec!["0"; 63].join(","));
    let info = allocation_counter::measure(|| {
        let mut document = Document::new();
        document.read(text.as_bytes(), WIDE).unwrap();
        assert_eq!(document.root().elements().count(), 63);
        let _ = document.grafts(WIDE, &Tested).root();
    });
    assert_eq!(info.count_total, 0);
}

fn grafted(text: &str, graft: impl FnOnce(&mut Grafts<'_, '_>)) -> Model {
    let mut document = Document::new();
    document.read(text.as_bytes(), WIDE).unwrap();
    graft(&mut document.grafts(WIDE, &Tested));
    let seen = walked(document.root());
    expect_seen(&document, &seen);
    seen
}

/// What a dialect does to the names of claims.
#[test]
fn claims_get_the_names_that_their_readers_expect() {
    let text = r#"{"azp":"client","scp":["a","b"],"roles":"admin","act":7}"#;
    let seen = grafted(text, |grafts| {
        let root = grafts.root();
        let azp = grafts.member(root, "azp").unwrap();
        grafts.add(root, "client_id", NewValue::Copy(azp)).unwrap();
        let scp = grafts.member(root, "scp").unwrap();
        let scope = grafts.joined(scp, ' ').unwrap();
        grafts.add(root, "scope", NewValue::Text(scope.into())).unwrap();
        grafts.replace(root, "roles", NewValue::Texts(vec!["admin".into()])).unwrap();
        grafts.hide(root, "act").unwrap();
        let twice = grafts.add(root, "client_id", NewValue::Text("other".into()));
        assert_eq!(twice.unwrap_err(), JsonError::DuplicateName.into());
        let reserved = grafts.add(root, "$serde_json::private::Number", NewValue::Text("1".into()));
        assert_eq!(reserved.unwrap_err(), JsonError::ReservedName.into());
        assert_eq!(grafts.hide(root, "act"), Err(GraftError::NoPlace));
    });
    let expected = serde_json::json!({
        "azp": "client", "client_id": "client", "scp": ["a", "b"], "scope": "a b", "roles": ["admin"],
    });
    assert_eq!(seen, expected);
}

#[test]
fn a_list_that_does_not_survive_joining_is_not_joined() {
    for (list, joined) in [
        (r#"["a","b"]"#, Some("a b")),
        ("[]", Some("")),
        (r#"["a b"]"#, None),
        (r#"["a",""]"#, None),
        (r#"["a",1]"#, None),
        (r#""a""#, None),
        (r#"{"a":"b"}"#, None),
    ] {
        let mut document = Document::new();
        document.read(list.as_bytes(), WIDE).unwrap();
        let grafts = document.grafts(WIDE, &Tested);
        assert_eq!(grafts.joined(grafts.root(), ' ').as_deref(), joined, "{list}");
    }
}

/// The structures of SD-JWT: flat, in arrays, and recursive disclosures.
///
/// <https://www.rfc-editor.org/rfc/rfc9901#section-7.3>
#[test]
fn disclosures_take_the_place_of_their_digests() {
    let text = r#"{"_sd":["d1","d2"],"_sd_alg":"sha-256","nationalities":[{"...":"d3"},{"...":"d4"},"FR"],
        "address":{"_sd":["d5"],"country":"DE"}}"#;
    let seen = grafted(text, |grafts| {
        let disclosures = [
            (&["_sd"][..], r#"["s1","given_name","Erika"]"#),
            (&[], r#"["s2","family",{"_sd":["d6"],"of":["x"]}]"#),
            (&["family"], r#"["s6","n\u0061me",{"_sd":[],"first":"M"}]"#),
            (&["address"], r#"["s5","region","Sachsen"]"#),
        ];
        for (path, text) in disclosures {
            let path = path.iter().filter(|step| **step != "_sd");
            let place = path.fold(grafts.root(), |at, step| grafts.member(at, step).unwrap());
            let disclosure = grafts.read(text.as_bytes()).unwrap();
            let name = grafts.text(&disclosure, 1).unwrap();
            let value = grafts.part(disclosure, 2).unwrap();
            grafts.add(place, name, NewValue::Fragment(value)).unwrap();
        }
        let nationalities = grafts.member(grafts.root(), "nationalities").unwrap();
        let disclosure = grafts.read(br#"["s3","US"]"#).unwrap();
        let value = grafts.part(disclosure, 1).unwrap();
        let [disclosed, hidden, _] = elements(grafts, nationalities).try_into().unwrap();
        grafts.replace_element(disclosed, NewValue::Fragment(value)).unwrap();
        grafts.remove_element(hidden).unwrap();
        hide_digests(grafts, grafts.root());
        grafts.hide(grafts.root(), "_sd_alg").unwrap();
    });
    let expected = serde_json::json!({
        "given_name": "Erika",
        "family": {"of": ["x"], "name": {"first": "M"}},
        "nationalities": ["US", "FR"],
        "address": {"country": "DE", "region": "Sachsen"},
    });
    assert_eq!(seen, expected);
}

fn hide_digests(grafts: &mut Grafts<'_, '_>, place: Place) {
    let _ = grafts.hide(place, "_sd");
    let members: Vec<_> = grafts.members(place).map(|(_, place)| place).collect();
    let elements = elements(grafts, place).into_iter().map(Element::place);
    for inner in members.into_iter().chain(elements) {
        hide_digests(grafts, inner);
    }
}

fn elements(grafts: &Grafts<'_, '_>, array: Place) -> Vec<Element> {
    grafts.elements(array).collect()
}

#[test]
fn an_element_that_was_removed_stays_removed() {
    let seen = grafted(r#"[1,[2],3]"#, |grafts| {
        let [first, second, third] = elements(grafts, grafts.root()).try_into().unwrap();
        grafts.remove_element(first).unwrap();
        grafts.remove_element(second).unwrap();
        // The places of the others stay what they were.
        grafts.replace_element(third, NewValue::Text("x".into())).unwrap();
        assert_eq!(grafts.remove_element(second), Err(GraftError::NoPlace));
        let again = grafts.replace_element(first, NewValue::Text("y".into()));
        assert_eq!(again.unwrap_err(), GraftError::NoPlace);
    });
    assert_eq!(seen, serde_json::json!(["x"]));
}

#[test]
fn what_is_grafted_counts_against_the_bounds() {
    let bounds = Bounds { depth: 3, values: 13, members: 3, lenient_keys: false };
    let mut document = Document::new();
    document.read(br#"{"a":{"b":1}}"#, bounds).unwrap();
    let mut grafts = document.grafts(bounds, &Tested);
    let inner = grafts.member(grafts.root(), "a").unwrap();
    let deep = grafts.read(b"[[]]").unwrap();
    let deep = grafts.add(inner, "c", NewValue::Fragment(deep));
    assert_eq!(deep.unwrap_err(), JsonError::TooDeep.into());
    assert_eq!(grafts.read(b"[[[[]]]]").unwrap_err(), JsonError::TooDeep);
    assert_eq!(grafts.read(b"{").unwrap_err(), JsonError::Syntax);
    assert_eq!(grafts.read(br#"{"a":1,"a":2}"#).unwrap_err(), JsonError::DuplicateName);
    assert_eq!(grafts.read(b"[1,2,3,4,5,6]").unwrap_err(), JsonError::TooManyValues);
    let itself = NewValue::Copy(inner);
    grafts.add(inner, "c", itself).unwrap();
    let more = grafts.add(inner, "d", NewValue::Text("x".into()));
    assert_eq!(more.unwrap_err(), JsonError::TooManyValues.into());
    assert_eq!(walked(document.root()), serde_json::json!({"a": {"b": 1, "c": {"b": 1}}}));
}
