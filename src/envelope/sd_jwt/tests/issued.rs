//! Any claims set that is issued and presented in part comes out as the model says.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value as Model, json};

use super::{digest, encoded, presented, processed};

/// Names that objects of claims have; none is reserved.
const NAMES: [&str; 6] = ["a", "b", "", "_sdx", "sub", "é\n"];

fn claims() -> impl Strategy<Value = Model> {
    let leaf = prop_oneof![
        Just(Model::Null),
        any::<i32>().prop_map(Model::from),
        "[a-z]{0,3}".prop_map(Model::from)
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let name = proptest::sample::select(&NAMES[..]);
        let member = (name, inner.clone());
        prop_oneof![vec(inner, 0..4).prop_map(Model::from), vec(member, 0..4).prop_map(object),]
    })
}

fn object(members: Vec<(&'static str, Model)>) -> Model {
    Model::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// An issuer and a holder whose decisions are given.
struct Issuance {
    decisions: std::vec::IntoIter<u8>,
    disclosures: Vec<String>,
    decoys: usize,
}

impl Issuance {
    fn decide(&mut self, one_in: u8) -> bool {
        self.decisions.next().and_then(|decision| decision.checked_rem(one_in)) == Some(0)
    }

    /// A digest for a disclosure, which the holder presents or not. A holder that does not present it
    /// presents nothing inside of it either.
    fn hide(&mut self, disclosure: &Model, is_shown: bool) -> String {
        let disclosure = encoded(disclosure);
        let digest = digest(&disclosure);
        if is_shown {
            self.disclosures.push(disclosure);
        }
        digest
    }

    fn salt(&mut self) -> String {
        self.decoys = self.decoys.saturating_add(1);
        format!("salt {}", self.decoys)
    }

    fn decoy(&mut self) -> String {
        let salt = self.salt();
        digest(&salt)
    }

    /// The value as it is issued, and as a verifier sees it.
    fn issue(&mut self, value: &Model, is_shown: bool) -> (Model, Model) {
        if let Some(members) = value.as_object() {
            let (mut issued, mut seen, mut digests) = (Map::new(), Map::new(), Vec::new());
            for (name, value) in members {
                let is_hidden = self.decide(2);
                let is_shown = is_shown && !(is_hidden && self.decide(3));
                let (inside, outside) = self.issue(value, is_shown);
                if is_hidden {
                    let salt = self.salt();
                    digests.push(self.hide(&json!([salt, name, inside]), is_shown));
                } else {
                    issued.insert(name.clone(), inside);
                }
                if is_shown {
                    seen.insert(name.clone(), outside);
                }
            }
            if self.decide(4) {
                digests.push(self.decoy());
            }
            if !digests.is_empty() || self.decide(5) {
                digests.sort();
                issued.insert("_sd".to_owned(), json!(digests));
            }
            return (issued.into(), seen.into());
        }
        let Some(elements) = value.as_array() else {
            return (value.clone(), value.clone());
        };
        let (mut issued, mut seen) = (Vec::new(), Vec::new());
        for element in elements {
            let is_hidden = self.decide(2);
            let is_shown = is_shown && !(is_hidden && self.decide(3));
            let (inside, outside) = self.issue(element, is_shown);
            if is_hidden {
                let salt = self.salt();
                issued.push(json!({"...": self.hide(&json!([salt, inside]), is_shown)}));
            } else {
                issued.push(inside);
            }
            if is_shown {
                seen.push(outside);
            }
            if self.decide(6) {
                issued.push(json!({"...": self.decoy()}));
            }
        }
        (issued.into(), seen.into())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn a_verifier_sees_what_the_holder_shows(
        members in vec((proptest::sample::select(&NAMES[..]), claims()), 0..6),
        decisions in vec(any::<u8>(), 80),
        rotation in 0..8_usize,
        foreign in any::<bool>(),
    ) {
        let claims = object(members);
        let decisions = decisions.into_iter();
        let mut issuance = Issuance { decisions, disclosures: Vec::new(), decoys: 0 };
        let (payload, seen) = issuance.issue(&claims, true);
        let mut disclosures = issuance.disclosures;
        // Their order does not matter.
        let rotation = rotation.min(disclosures.len());
        disclosures.rotate_left(rotation);
        if foreign {
            disclosures.push(encoded(&json!(["another salt", "admin", true])));
        }
        prop_assume!(disclosures.len() <= 64);
        let found = processed(&presented(&payload, disclosures.iter().map(String::as_str)));
        prop_assert_eq!(found.ok(), (!foreign).then_some(seen), "{}", payload);
    }
}
