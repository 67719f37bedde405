//! The kinds of the crate and kinds that a caller defines reject each other's tokens.

use jwt_appraisal::testing::TestKey;
use jwt_appraisal::{SignatureAlgorithm, Verdict};

use super::kind::{Party, facts, names};
use super::support::{expect_accepted, findings, now};
use super::{device_proof, work_order};

#[test]
fn a_kind_of_the_crate_rejects_the_tokens_of_other_kinds() {
    let (client, party) = (work_order::Client::new(), Party::new());
    let key = TestKey::generate("", SignatureAlgorithm::Es256);
    for name in names() {
        for token in [client.good(), device_proof::good(&key)] {
            let appraisal = party.validator(name).appraise_with_at(token.sign(), &facts(), now());
            assert_eq!(appraisal.verdict(), Verdict::Rejected, "{name}\n{appraisal}");
            assert!(findings(&appraisal).contains(&"header.typ".to_owned()), "{name}\n{appraisal}");
        }
    }
}

#[test]
fn a_kind_of_another_crate_rejects_the_tokens_of_this_one() {
    let (client, party) = (work_order::Client::new(), Party::new());
    for name in names() {
        let token = party.good(name).sign();
        for validator in [client.validator(), device_proof::validator()] {
            let appraisal = validator.appraise_with_at(&token, &device_proof::facts(), now());
            assert_eq!(appraisal.verdict(), Verdict::Rejected, "{name}\n{appraisal}");
            assert!(findings(&appraisal).contains(&"header.typ".to_owned()), "{name}\n{appraisal}");
        }
        let own = party.validator(name).appraise_with_at(&token, &facts(), now());
        expect_accepted("own kind", name, &own);
    }
    let names = names();
    for kind in [work_order::kind(), device_proof::kind()] {
        assert!(!names.contains(&kind.name()));
    }
}
