//! A server over a set of validators.

use jwt_appraisal::http::{RequestHead, Requirement, ResourceServer, ResourceServerError};
use jwt_appraisal::kind::KindBuilder;
use jwt_appraisal::{FixedClock, Profile, ValidatorSet, danger, rules};
use serde_json::Value;
use time::Duration;

use super::site::{RESOURCE, Site, bearer, failing, with_proof};
use super::support::{NOW, now, validator_builder};

#[derive(Debug)]
enum Either {
    Access,
    Receipt,
}

/// Tokens for every service would pass as that member's.
#[test]
fn a_set_with_a_member_without_an_audience_does_not_build() {
    let site = Site::new();
    let for_every_service = || {
        validator_builder(danger::without_audience(Profile::<Value>::new("receipt+jwt")))
            .issuer(site.trusted())
            .clock(FixedClock::new(now()))
            .build()
            .unwrap()
    };
    let alone = ResourceServer::builder(for_every_service()).resource(RESOURCE).build();
    let set = ValidatorSet::builder()
        .member(site.validator(), |_| Either::Access)
        .member(for_every_service(), |_| Either::Receipt)
        .build()
        .unwrap();
    let set = ResourceServer::builder(set).build();
    for error in [alone.unwrap_err(), set.unwrap_err()] {
        assert!(matches!(error, ResourceServerError::NoAudience), "{error}");
    }
}

/// Whatever the order of the members.
#[test]
fn the_leeway_for_step_up_is_that_of_the_member_that_accepted() {
    let site = Site::new();
    let strict = site.validator_builder().leeway(Duration::ZERO).build().unwrap();
    let receipts = KindBuilder::issued("receipt").typ("receipt+jwt").rules(rules::COMMON);
    let receipts = receipts.rules([rules::AUTH_TIME]).profile::<Value>();
    let loose = validator_builder(receipts)
        .issuer(site.trusted())
        .audience(RESOURCE)
        .leeway(Duration::minutes(5))
        .clock(FixedClock::new(now()))
        .build()
        .unwrap();
    let set = || ValidatorSet::builder();
    let loose_first = set().member(loose.clone(), |_| Either::Receipt);
    let strict_first = set().member(strict.clone(), |_| Either::Access);
    for set in [
        loose_first.member(strict, |_| Either::Access),
        strict_first.member(loose, |_| Either::Receipt),
    ] {
        let server = ResourceServer::builder(set.build().unwrap()).build().unwrap();
        let needed = Requirement::default().max_authentication_age(Duration::minutes(5));
        for (typ, is_enough) in [("at+jwt", false), ("receipt+jwt", true)] {
            let token = site.token().header("typ", typ).claim("auth_time", NOW - 400).sign();
            let caller = server.authenticate(&RequestHead::from(&bearer(&token))).unwrap();
            assert_eq!(server.require(&caller, &needed).is_ok(), is_enough, "{typ}");
        }
    }
}

/// Every combination of scheme, kind and binding.
#[test]
fn accepts_a_proof_only_for_a_bound_token_of_a_member_that_takes_proofs() {
    let site = Site::new();
    let receipts = validator_builder(Profile::<Value>::new("receipt+jwt"))
        .issuer(site.trusted())
        .audience(RESOURCE)
        .clock(FixedClock::new(now()))
        .build()
        .unwrap();
    let tokens = site.validator_builder().dpop(site.proofs()).build().unwrap();
    let set = ValidatorSet::builder()
        .member(receipts, |_| Either::Receipt)
        .member(tokens, |_| Either::Access)
        .build()
        .unwrap();
    let server = ResourceServer::builder(set).build().unwrap();
    for typ in ["at+jwt", "receipt+jwt", "other+jwt", "dpop+jwt"] {
        for bound in [true, false] {
            for proof in [true, false] {
                let draft = site.bound_token().header("typ", typ);
                let token = if bound { draft.sign() } else { draft.without("cnf").sign() };
                let of_token = site.proof(&token).claim("jti", format!("{typ}{bound}")).sign();
                let request = if proof { with_proof(&token, &of_token) } else { bearer(&token) };
                let answer = server.authenticate(&RequestHead::from(&request));
                let expected = (typ == "at+jwt" && bound == proof)
                    || (typ == "receipt+jwt" && !bound && !proof);
                assert_eq!(answer.is_ok(), expected, "{typ} {bound} {proof}: {answer:?}");
            }
        }
    }
}

/// Nothing in a kind that forbids `cnf` looks at a proof.
#[test]
fn rejects_a_proof_beside_a_kind_that_forbids_cnf() {
    let site = Site::new();
    let kind = KindBuilder::issued("receipt").typ("receipt+jwt").rules(rules::COMMON);
    let kind = kind.rules([rules::CNF.forbidden().says("a receipt is bound to nothing")]);
    let receipts = validator_builder(kind.profile::<Value>())
        .issuer(site.trusted())
        .audience(RESOURCE)
        .clock(FixedClock::new(now()))
        .build()
        .unwrap();
    let set = ValidatorSet::builder()
        .member(receipts, |_| Either::Receipt)
        .member(site.validator_builder().dpop(site.proofs()).build().unwrap(), |_| Either::Access)
        .build()
        .unwrap();
    let server = ResourceServer::builder(set).build().unwrap();
    let receipt = site.token().header("typ", "receipt+jwt").sign();
    let request = with_proof(&receipt, "garbage");
    let denied = server.authenticate(&RequestHead::from(&request)).unwrap_err();
    assert_eq!(failing(&denied), ["request.proof"]);
}
