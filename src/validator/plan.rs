//! The plan of an appraisal, from the policy.

use std::sync::Arc;

use super::route::Issuers;
use crate::check::Row;
use crate::check::{Plan, PlannedCheck};
use crate::claims::{Check, OPTIONAL, check_of};
use crate::envelope::{Decryption, JWE};
use crate::error::ConfigError;
use crate::json::name_hash;
use crate::policy::{AudienceRule, KindPolicy, Policy, Signer, SingleUse, TypPolicy};

/// The plan, and where the checks stand that have names of the caller's.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) claims: Vec<PlannedRule>,
    pub(super) required: Vec<(usize, Arc<str>)>,
    pub(super) forbidden: Vec<(usize, &'static str)>,
    pub(super) matching: Vec<(usize, Arc<str>)>,
    pub(super) first_rule: usize,
}

/// A rule on claims, and where its check stands.
#[derive(Debug)]
pub(super) struct PlannedRule {
    pub(super) place: usize,
    pub(super) check: Check,
    /// Of a claim that may be absent, the hash of its name: if that is not there, nothing is to check.
    pub(super) optional: Option<u32>,
}

impl PlannedRule {
    fn new(place: usize, row: Row, kind: &KindPolicy) -> Option<Self> {
        let may_be_absent = |name: &&str| OPTIONAL.contains(&row) && !kind.requires(name);
        let optional = row.claim().filter(may_be_absent).map(name_hash);
        Some(Self { place, check: check_of(row)?, optional })
    }
}

const FORM: &[Row] = &[Row::FormCompact, Row::FormBase64url, Row::FormHeader];

const HEADER: &[Row] = &[
    Row::HeaderAlg,
    Row::HeaderTyp,
    Row::HeaderCty,
    Row::HeaderCrit,
    Row::HeaderB64,
    Row::HeaderZip,
    Row::HeaderKid,
    Row::HeaderKeys,
];

pub(super) fn plan(
    policy: &Policy,
    decryption: Option<&Decryption>,
    issuers: &Issuers,
    required: &[Arc<str>],
    rules: &[Arc<str>],
) -> Result<Planned, ConfigError> {
    let kind = &policy.claims.kind;
    let jwe = if decryption.is_some() { JWE } else { &[] };
    let mut rows = [&[Row::FormSize], jwe, FORM, HEADER].concat();
    rows.extend(row_of_party(issuers, kind));
    rows.extend([Row::KeyFound, Row::KeyAlg, Row::CryptoSignature, Row::PayloadJson]);
    rows.extend(rows_of_claims(kind));
    let planned = |row: &Row| match decryption {
        Some(decryption) if JWE.contains(row) => decryption.planned(*row),
        _ => built_in(*row, policy, issuers),
    };
    let mut checks: Vec<_> = rows.iter().map(planned).collect();
    let is_forbidden = |row: &Row| kind.forbidden.contains(row);
    let rule = |(place, row): (usize, &Row)| {
        if is_forbidden(row) { None } else { PlannedRule::new(place, *row, kind) }
    };
    let claims = rows.iter().enumerate().filter_map(rule).collect();
    let forbidden = rows.iter().enumerate().filter(|(_, row)| is_forbidden(row));
    let forbidden = forbidden.filter_map(|(place, row)| Some((place, row.claim()?))).collect();
    let required = plan_required(&mut checks, required);
    let matching = plan_matching(&mut checks, &policy.claims.matching);
    checks.push(PlannedCheck::built_in(Row::ClaimsDeserialize));
    let first_rule = checks.len();
    plan_rules(&mut checks, rules)?;
    if kind.single_use != SingleUse::No {
        let waived = kind.single_use == SingleUse::Waived;
        checks.push(PlannedCheck::built_in(Row::StateReplay).waived_if(waived));
    }
    let (found, most) = (checks.len(), Plan::MOST);
    if found > most {
        return Err(ConfigError::TooManyChecks { found, most });
    }
    Ok(Planned { plan: Plan::new(checks), claims, required, forbidden, matching, first_rule })
}

/// Whose keys: no question where there is one party.
fn row_of_party(issuers: &Issuers, kind: &KindPolicy) -> Option<Row> {
    match (issuers, kind.signer) {
        (Issuers::One(_), _) => None,
        (Issuers::HolderOfKey(_), _) | (_, Signer::Embedded) => Some(Row::KeyEmbedded),
        (_, Signer::Issuer) => Some(Row::KeyIssuer),
        (_, Signer::Client(_)) => Some(Row::KeyClient),
    }
}

/// Those of the kind, and those of the caller's settings after the ones that they belong to.
fn rows_of_claims(kind: &KindPolicy) -> Vec<Row> {
    let mut rows = Vec::new();
    for row in &kind.claims {
        rows.push(*row);
        if *row == Row::TimeLifetime && kind.max_token_age.is_some() {
            rows.push(Row::TimeAge);
        }
        if *row == Row::ClaimsAct && kind.actors.is_some() {
            rows.push(Row::ActorAllowed);
        }
    }
    rows
}

/// A check of this crate, with what it expects in the operator's words.
fn built_in(row: Row, policy: &Policy, issuers: &Issuers) -> PlannedCheck {
    let check = PlannedCheck::built_in(row);
    let claims = &policy.claims;
    match (row, &policy.header.typ, issuers) {
        (Row::HeaderAlg, ..) => check.expecting(policy.header.algorithms.join(" or ")),
        (Row::HeaderTyp, TypPolicy::Exactly(typ), _) => check.expecting(format!("{typ:?}")),
        (Row::HeaderTyp, TypPolicy::UntypedOr(own), _) => {
            let own = own.as_ref().map(|own| format!(" or {own:?}"));
            check.expecting(format!("none or \"JWT\"{}", own.unwrap_or_default()))
        }
        (Row::HeaderTyp, TypPolicy::Waived, _) => check.waived_if(true),
        (Row::ClaimsIss, _, Issuers::One(issuer)) => {
            check.expecting(format!("{:?}", issuer.issuer()))
        }
        (Row::ClaimsAud, ..) if claims.kind.audience == AudienceRule::Waived => {
            check.waived_if(true)
        }
        (Row::TimeLifetime, ..) => check.waived_if(claims.kind.max_lifetime.is_none()),
        (Row::ClaimsAud, ..) => {
            let quoted = claims.audiences.iter().map(|audience| format!("{audience:?}"));
            check.expecting(quoted.collect::<Vec<_>>().join(" or "))
        }
        _ => check,
    }
}

/// A required claim that a check of this crate looks at anyway gets no further one.
fn plan_required(checks: &mut Vec<PlannedCheck>, required: &[Arc<str>]) -> Vec<(usize, Arc<str>)> {
    let mut places = Vec::new();
    for name in required {
        let code = format!("claims.{name}");
        if checks.iter().all(|check| check.id != *code) {
            places.push((checks.len(), Arc::clone(name)));
            checks.push(PlannedCheck::named(code));
        }
    }
    places
}

/// A claim can equal a fact and be required beside.
fn plan_matching(checks: &mut Vec<PlannedCheck>, matching: &[Arc<str>]) -> Vec<(usize, Arc<str>)> {
    let mut places = Vec::new();
    for name in matching {
        places.push((checks.len(), Arc::clone(name)));
        checks.push(PlannedCheck::named(format!("request.{name}")));
    }
    places
}

/// Rules are named `word.word`, each differently, and not like checks of this crate.
fn plan_rules(checks: &mut Vec<PlannedCheck>, rules: &[Arc<str>]) -> Result<(), ConfigError> {
    const OURS: &[&str] = &[
        "form", "header", "key", "crypto", "payload", "claims", "time", "state", "jwe", "proof",
        "binding", "actor", "fact", "kind", "request",
    ];
    let word = |part: &str| {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        part.bytes().all(allowed) && part.starts_with(|c: char| c.is_ascii_lowercase())
    };
    for name in rules {
        let well_named = name
            .split_once('.')
            .is_some_and(|(prefix, rest)| word(prefix) && word(rest) && !OURS.contains(&prefix));
        let twice = checks.iter().any(|check| check.id == **name);
        if !well_named || twice {
            return Err(ConfigError::RuleName(name.to_string()));
        }
        checks.push(PlannedCheck::named(name.to_string()));
    }
    Ok(())
}
