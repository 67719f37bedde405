//! A set of validators, of which one accepts proofs.

use jwt_appraisal::kind::KindBuilder;
use jwt_appraisal::{Profile, RequestFacts, ValidatorSet, rules};
use serde_json::Value;

use super::client::{Client, facts, tokens};
use super::support::{findings, now};

#[derive(Debug)]
enum Either {
    Access,
    Other,
}

#[test]
fn a_member_without_dpop_rejects_a_proof() {
    let client = Client::new();
    let receipts = client.scene.builder_of(Profile::<Value>::new("receipt+jwt")).build().unwrap();
    for reversed in [false, true] {
        let tokens = tokens(&client);
        let set = ValidatorSet::builder();
        let set = if reversed {
            set.member(receipts.clone(), |_| Either::Other).member(tokens, |_| Either::Access)
        } else {
            set.member(tokens, |_| Either::Access).member(receipts.clone(), |_| Either::Other)
        };
        let set = set.build().unwrap();
        for (typ, bound, with_proof, fine) in [
            ("at+jwt", true, true, true),
            ("at+jwt", true, false, false),
            ("at+jwt", false, true, false),
            ("at+jwt", false, false, true),
            ("receipt+jwt", true, true, false),
            ("receipt+jwt", true, false, false),
            ("receipt+jwt", false, true, false),
            ("receipt+jwt", false, false, true),
        ] {
            let draft = client.token().header("typ", typ);
            let token = if bound { draft.sign() } else { draft.without("cnf").sign() };
            let proof = client.proof(&token).claim("jti", format!("{typ}{bound}{reversed}")).sign();
            let facts = if with_proof { facts(&proof) } else { RequestFacts::new() };
            let appraisal = set.appraise_with_at(&token, &facts, now());
            let expected: &[&str] = if fine { &[] } else { &["claims.cnf"] };
            assert_eq!(findings(&appraisal), expected, "{typ} {bound} {with_proof}\n{appraisal}");
        }
    }
}

/// Nothing in a kind that forbids `cnf` looks at a proof.
#[test]
fn a_kind_that_forbids_cnf_rejects_a_token_beside_a_proof() {
    let client = Client::new();
    let kind = KindBuilder::issued("receipt").typ("receipt+jwt").rules(rules::COMMON);
    let kind = kind.rules([rules::CNF.forbidden().says("a receipt is bound to nothing")]);
    let receipts = client.scene.builder_of(kind.profile::<Value>()).build().unwrap();
    let token = client.token().header("typ", "receipt+jwt").without("cnf").sign();
    let alone = receipts.appraise_with_at(&token, &facts("garbage"), now());
    let set = ValidatorSet::builder()
        .member(receipts, |_| Either::Other)
        .member(tokens(&client), |_| Either::Access)
        .build()
        .unwrap();
    let in_set = set.appraise_with_at(&token, &facts("garbage"), now());
    for appraisal in [findings(&alone), findings(&in_set)] {
        assert_eq!(appraisal, ["request.proof"]);
    }
}
