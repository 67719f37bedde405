//! Tests of the plans of all kinds: a plan that is too short accepts too much.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it cannot continue"
)]

use std::sync::Arc;

use ::time::{Duration, OffsetDateTime};
use serde_json::Value;

use super::pending::{Begun, OpenQuestions};
use super::states::Ready;
use super::{Validator, ValidatorBuilder};
use crate::alg::SignatureAlgorithm;
use crate::appraisal::{Appraisal, Signed, Trace};
use crate::check::{CheckId, Finding, Outcome, Plan, ReasonKind, Stage};
use crate::crypto::ring::PROVIDER;
use crate::dialect::{Dialect, Form};
use crate::error::ConfigError;
use crate::keys::{JwkSet, KeyStore, TrustedIssuer};
use crate::kind::claims::DpopProofClaims;
use crate::kind::{self, AnyProfile, Kind, KindBuilder, Profile};
use crate::rules;
use crate::state::{FirstUse, MemoryReplayGuard, Replay, ReplayGuard, TokenId};
use crate::time::Seconds;

/// The checks of every plan before the rules on claims, if there is one issuer and no encryption.
const FIRST: &[&str] = &[
    "form.size",
    "form.compact",
    "form.base64url",
    "form.header",
    "header.alg",
    "header.typ",
    "header.cty",
    "header.crit",
    "header.b64",
    "header.zip",
    "header.kid",
    "header.keys",
    "key.found",
    "key.alg",
    "crypto.signature",
    "payload.json",
];

fn kinds() -> impl Iterator<Item = Kind> {
    let kinds = kind::ALL.iter().map(|kind| kind());
    // Only the caller knows the type of the last one.
    kinds.filter(|kind| kind.name() != "custom").chain([Profile::<Value>::new("a+jwt").kind])
}

fn parties(count: usize) -> Vec<TrustedIssuer> {
    let party = |nth| {
        let keys = KeyStore::new([SignatureAlgorithm::Es256], JwkSet::default()).unwrap();
        TrustedIssuer::new(format!("https://as-{nth}.example.com"), keys)
    };
    (0..count).map(party).collect()
}

/// Settings for which every rule has something to check.
fn with_all_settings<T>(mut profile: Profile<Value, T>) -> Profile<Value, T> {
    if profile.kind.has_rule("time.age") {
        profile = profile.max_token_age(Duration::seconds(30));
    }
    if profile.kind.has_rule("actor.allowed") {
        profile = profile.actors(["actor-1"]);
    }
    profile
}

fn build<T>(
    builder: ValidatorBuilder<Value, T, Ready>,
    single_use: bool,
) -> Result<Validator<Value>, ConfigError> {
    let guard = Arc::new(MemoryReplayGuard::new(1));
    if single_use { builder.replay_guard(guard).build() } else { builder.build() }
}

fn validator(kind: Kind, issuers: usize) -> Validator<Value> {
    let (name, single_use) = (kind.name().to_owned(), kind.is_single_use());
    let audience = "https://api.example.com";
    let built = match kind.profile() {
        AnyProfile::Issued(profile) => {
            let builder = Validator::builder_with(&PROVIDER, with_all_settings(profile));
            build(builder.issuers(parties(issuers)).audience(audience), single_use)
        }
        AnyProfile::SignedByClient(profile) => {
            let builder = Validator::builder_with(&PROVIDER, with_all_settings(profile));
            build(builder.clients(parties(issuers)).audience(audience), single_use)
        }
        AnyProfile::SignedByHolder(profile) => {
            let builder = Validator::builder_with(&PROVIDER, with_all_settings(profile));
            build(builder.algorithms([SignatureAlgorithm::Es256]), single_use)
        }
    };
    built.map_err(|error| format!("{name}: {error}")).unwrap()
}

/// What an appraisal concludes if the check at one place has this finding, or was not recorded at all,
/// and every other check passed.
fn conclude(plan: &Arc<Plan>, place: usize, finding: Option<Finding>) -> Appraisal<()> {
    let mut trace = Trace::new(plan);
    for other in 0..plan.checks().len() {
        match &finding {
            _ if other != place => trace.ledger.record(other, Finding::Pass),
            Some(finding) => trace.ledger.record(other, finding.clone()),
            None => {}
        }
    }
    conclude_from(trace)
}

fn conclude_from(mut trace: Trace) -> Appraisal<()> {
    trace.signed = Some(signed());
    Appraisal::conclude(trace, Seconds::nearest(0), ())
}

fn signed() -> Signed {
    Signed {
        party: "https://as-0.example.com".into(),
        kid: None,
        algorithm: "ES256",
        encryption: None,
        header_key: None,
        hierarchy: None,
        leeway: 0,
    }
}

#[test]
fn an_acceptance_needs_every_check_of_the_plan() {
    for kind in kinds() {
        for issuers in [1, 2] {
            let name = kind.name().to_owned();
            let validator = validator(kind.clone(), issuers);
            expect_every_check(&name, &validator.0.stages.plan);
        }
    }
}

/// The rows of a proof are needed like those of its token.
#[test]
fn an_acceptance_needs_every_check_of_a_second_token() {
    let proofs = proofs();
    let builder = Validator::builder_with(&PROVIDER, Profile::access_token().claims::<Value>());
    let builder = builder.issuers(parties(1)).audience("https://api.example.com");
    let validator = builder.dpop(proofs.clone()).build().unwrap();
    expect_every_row_is_needed(&validator, &proofs);
}

/// The same is so of a key-binding JWT, which must be there.
#[test]
fn an_acceptance_needs_every_check_of_a_key_binding_jwt() {
    let holders = Validator::builder_with(&PROVIDER, Profile::key_binding());
    let holders = holders.algorithms([SignatureAlgorithm::Es256]);
    let holders = holders.for_audience("https://api.example.com").build().unwrap();
    let kind = KindBuilder::issued("a").typ("a+sd-jwt").with_disclosures().rules(rules::COMMON);
    let builder = Validator::builder_with(&PROVIDER, kind.profile::<Value>());
    let builder = builder.issuers(parties(1)).audience("https://api.example.com");
    let validator = builder.key_binding(holders.clone()).build().unwrap();
    expect_every_row_is_needed(&validator, &holders);
}

fn expect_every_row_is_needed<P>(validator: &Validator<Value>, proofs: &Validator<P>) {
    let codes: Vec<_> = validator.checks().collect();
    let own = codes.iter().filter(|code| !code.as_str().starts_with("proof.")).count();
    let of_proof: Vec<_> =
        codes.iter().skip(own).map(|code| code.as_str().trim_start_matches("proof.")).collect();
    assert_eq!(of_proof, proofs.checks().map(CheckId::as_str).collect::<Vec<_>>());
    expect_every_check("a token and its proof", &validator.0.stages.plan);
}

/// A token with a row that was never reached is not accepted, so no source remembers its use.
#[test]
fn a_token_with_an_open_row_is_not_used_up() {
    let guard = Arc::new(MemoryReplayGuard::new(10));
    let profile = Profile::access_token().claims::<Value>().single_use();
    let builder = Validator::builder_with(&PROVIDER, profile);
    let builder = builder.issuers(parties(1)).audience("https://api.example.com");
    let validator = builder.replay_guard(guard.clone()).build().unwrap();
    let (now, until) = (OffsetDateTime::UNIX_EPOCH, OffsetDateTime::UNIX_EPOCH + Duration::HOUR);
    let stages = &validator.0.stages;
    let begin = |open_row: Option<usize>, id: u8| {
        let mut trace = Trace::new(&stages.plan);
        let replay = stages.plan.place(Stage::StateReplay);
        for place in 0..stages.plan.checks().len() {
            if Some(place) != open_row && Some(place) != replay {
                trace.ledger.record(place, Finding::Pass);
            }
        }
        trace.signed = Some(signed());
        let first_use = Some(FirstUse { token: TokenId::new([id; 32], [0; 32]), until });
        let open = Box::new(OpenQuestions { first_use, ..OpenQuestions::default() });
        let begun = Begun::new(trace, Seconds::at(now), (), &stages.sources, open);
        begun.without_answers().is_accepted()
    };
    let is_first = |id: u8| guard.first_use(&TokenId::new([id; 32], [0; 32]), until, now);
    assert!(begin(None, 1));
    assert_eq!(is_first(1), Replay::Replayed);
    assert!(!begin(Some(0), 2));
    assert_eq!(is_first(2), Replay::FirstUse);
}

/// Without a second token its rows are absent, and no row of the first one is.
#[test]
fn a_second_token_that_was_not_sent_is_absent() {
    let proofs = proofs();
    let builder = Validator::builder_with(&PROVIDER, Profile::access_token().claims::<Value>());
    let builder = builder.issuers(parties(1)).audience("https://api.example.com");
    let validator = builder.dpop(proofs).build().unwrap();
    let mut trace = Trace::new(&validator.0.stages.plan);
    trace.ledger.skip_second();
    for (place, code) in validator.checks().enumerate() {
        let expected = if code.as_str().starts_with("proof.") { "absent" } else { "not_reached" };
        assert_eq!(trace.ledger.outcome(place).name(), expected, "{code}");
    }
}

/// An acceptance with any check left out is refused.
fn expect_every_check(name: &str, plan: &Arc<Plan>) {
    assert!(conclude(plan, plan.checks().len(), None).is_accepted(), "{name}");
    for (place, check) in plan.checks().iter().enumerate() {
        let (code, failed) = (&check.id, Finding::from(ReasonKind::Malformed));
        for missing in [None, Some(Finding::Blocked), Some(failed)] {
            let appraisal = conclude(plan, place, missing.clone());
            assert!(!appraisal.is_accepted(), "{name}: {code} {missing:?}");
        }
        let absent = conclude(plan, place, Some(Finding::Absent));
        assert!(absent.is_accepted(), "{name}: {code}");
    }
}

/// A validator whose issuers have two dialects and none.
fn with_dialects(dpop: bool) -> Validator<Value> {
    let acme = Dialect::new("acme").untyped().is("token_use", "access");
    let acme = acme.client("cid").scopes("scp", Form::List);
    let globex = Dialect::new("globex").typ("globex-at+jwt").may_lack("sub");
    let dialects = [acme.clone(), Dialect::standard(), globex, acme];
    let trusted = parties(4).into_iter().zip(dialects);
    let issuers = trusted.map(|(issuer, dialect)| issuer.dialect(dialect));
    let profile = Profile::access_token().claims::<Value>();
    let builder = Validator::builder_with(&PROVIDER, profile).issuers(issuers);
    let builder = builder.audience("https://api.example.com");
    let builder = if dpop { builder.dpop(proofs()) } else { builder };
    builder.build().unwrap()
}

fn proofs() -> Validator<DpopProofClaims> {
    let proofs = Validator::builder_with(&PROVIDER, Profile::dpop_proof());
    let proofs = proofs.algorithms([SignatureAlgorithm::Es256]);
    proofs.replay_guard(Arc::new(MemoryReplayGuard::new(1))).build().unwrap()
}

#[test]
fn an_acceptance_needs_every_check_of_its_dialects_plan() {
    for dpop in [false, true] {
        let validator = with_dialects(dpop);
        let plans = validator.0.stages.plans.all();
        let names: Vec<_> = plans.iter().map(|plan| plan.plan.dialect().unwrap()).collect();
        assert_eq!(names, ["acme", "standard", "globex"]);
        for plan in plans {
            expect_every_check(plan.plan.dialect().unwrap(), &plan.plan);
        }
    }
}

/// Until the issuer is known, no outcome of any check is enough.
#[test]
fn the_plan_before_the_issuer_is_known_accepts_nothing() {
    let validator = with_dialects(false);
    let base = &validator.0.stages.plan;
    assert_eq!((base.dialect(), base.checks().len()), (None, FIRST.len() + 1));
    for recorded in [0, base.checks().len(), Plan::MOST] {
        let mut trace = Trace::new(base);
        (0..recorded).for_each(|place| trace.ledger.record(place, Finding::Pass));
        assert!(!conclude_from(trace).is_accepted(), "{recorded}");
    }
}

/// What was recorded before the issuer was known counts for the same checks afterwards, and for no others.
#[test]
fn every_plan_begins_as_the_one_before_the_issuer_is_known() {
    let validator = with_dialects(false);
    let stages = &validator.0.stages;
    for plan in stages.plans.all() {
        assert!(stages.plan.begins_as(&plan.plan) && plan.plan.begins_as(&stages.plan));
        let before = stages.plan.checks().len();
        let first = |plan: &Plan| -> Vec<String> {
            plan.checks().iter().take(before).map(|check| check.id.to_string()).collect()
        };
        assert_eq!(first(&stages.plan), first(&plan.plan));

        let mut trace = Trace::new(&stages.plan);
        (0..before).for_each(|place| trace.ledger.record(place, Finding::Pass));
        trace.ledger.switch(&plan.plan);
        let appraisal = conclude_from(trace);
        assert!(!appraisal.is_accepted());
        let passed = appraisal.checks().filter(|check| *check.outcome() == Outcome::Pass);
        assert_eq!(passed.count(), before);
    }
    let single = self::validator(kinds().next().unwrap(), 1);
    assert!(!stages.plan.begins_as(&single.0.stages.plan), "it has no look-up of the issuer");
}

/// Each issuer has the plan of its own dialect, and a party that is not trusted has none.
#[test]
fn an_issuer_has_the_plan_of_its_dialect() {
    let validator = with_dialects(false);
    let plans = &validator.0.stages.plans;
    let found: Vec<_> = parties(5)
        .iter()
        .map(|party| plans.of(party).map(|plan| plan.plan.dialect().unwrap()))
        .collect();
    let expected = [Some("acme"), Some("standard"), Some("globex"), Some("acme"), None];
    assert_eq!(found, expected);
}

/// A validator whose issuers all have the standard dialect has one plan, with which it begins.
#[test]
fn issuers_without_dialects_share_one_plan() {
    for issuers in [1, 2, 5] {
        let validator = self::validator(kinds().next().unwrap(), issuers);
        let stages = &validator.0.stages;
        let [only] = stages.plans.all() else { unreachable!("several plans") };
        assert!(Arc::ptr_eq(&stages.plan, &only.plan));
        assert_eq!(only.plan.dialect(), Some("standard"));
    }
}

#[test]
fn a_plan_has_every_rule_of_its_kind_once_and_in_order() {
    for kind in kinds() {
        let name = kind.name().to_owned();
        let rules: Vec<_> = kind.rules().iter().map(|rule| rule.code().to_owned()).collect();
        let signed_by_holder =
            matches!(kind.clone().profile(), AnyProfile::<()>::SignedByHolder(_));
        let is_single_use = kind.is_single_use();
        let validator = validator(kind, 1);
        let codes: Vec<_> = validator.checks().map(|code| code.as_str().to_owned()).collect();

        let mut first: Vec<_> = FIRST.iter().map(|code| (*code).to_owned()).collect();
        if signed_by_holder {
            first.insert(12, "key.embedded".to_owned());
        }
        let (before, rest) = codes.split_at(first.len());
        assert_eq!(before, first, "{name}");
        let (checked, after) = rest.split_at(rules.len());
        assert_eq!(checked, rules, "{name}");
        let after: Vec<_> = after.iter().map(String::as_str).collect();
        assert_eq!(after[0], "claims.deserialize", "{name}");
        assert_eq!(after.last() == Some(&"state.replay"), is_single_use, "{name}");

        // Each rule writes the check that has its code.
        let stages = &validator.0.stages;
        let planned = &stages.plans.all()[0].rules;
        let written: Vec<_> = planned.iter().map(|rule| codes[rule.place].clone()).collect();
        assert_eq!(written, rules, "{name}");
    }
}

#[test]
fn several_parties_add_one_check_that_finds_the_party() {
    for kind in kinds() {
        let name = kind.name().to_owned();
        let party = match kind.clone().profile() {
            AnyProfile::<()>::Issued(_) => "key.issuer",
            AnyProfile::SignedByClient(_) => "key.client",
            AnyProfile::SignedByHolder(_) => continue,
        };
        let codes = |validator: &Validator<Value>| -> Vec<String> {
            validator.checks().map(|code| code.as_str().to_owned()).collect()
        };
        let mut several = codes(&validator(kind.clone(), 2));
        let at = several.iter().position(|code| code == party).unwrap();
        several.remove(at);
        assert_eq!(several, codes(&validator(kind, 1)), "{name}");
    }
}
