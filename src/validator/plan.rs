//! The plan of an appraisal: the checks of the pipeline, the kind's rules and the caller's own.

use std::borrow::Cow;
use std::sync::Arc;

use super::route::{Issuers, Whose};
use crate::appraisal::Facts;
use crate::check::{CheckId, Finding, Plan, PlannedCheck, PolicyId, ReasonKind, Stage};
use crate::dialect::Dialect;
use crate::envelope::Envelope;
use crate::error::ConfigError;
use crate::json::{Value, name_hash};
use crate::kind::Kind;
use crate::policy::{AudienceRule, HeaderPolicy, SingleUse};
use crate::rules::{
    ClaimRule, Fact, MadeCheck, MatchesFact, Parameters, Presence, RuleContext, VerifiedClaims,
    is_own_code, required_claim,
};

/// The plan, the rules with their places in it, and the place of the first custom rule.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) rules: Vec<PlannedRule>,
    pub(super) first_custom_rule: usize,
}

/// A rule on claims, made for this validator, and the place of its check in the plan.
pub(super) struct PlannedRule {
    pub(super) place: usize,
    /// `None`: the rule is about the claims set as a whole.
    claim: Option<Claim>,
    presence: Presence,
    check: MadeCheck,
    fact: Option<Fact>,
}

/// The name of a claim, and its hash.
struct Claim {
    name: Box<str>,
    hash: u32,
}

impl PlannedRule {
    /// Decides presence, runs the check on what is present, and records what passed.
    #[inline]
    pub(super) fn run(
        &self,
        claims: VerifiedClaims<'_>,
        cx: &RuleContext<'_>,
        facts: &mut Facts,
    ) -> Finding {
        match (self.value(claims), self.presence) {
            (Some(_), Presence::Forbidden) => ReasonKind::Forbidden.into(),
            (Some(value), _) => {
                let finding = self.check.check(value, cx);
                if let (Some(fact), Finding::Pass) = (self.fact, &finding) {
                    facts.record(fact, value);
                }
                finding
            }
            (None, Presence::Required) => ReasonKind::Missing.into(),
            (None, Presence::Optional) => self.check.absent(cx),
            (None, Presence::Forbidden) => Finding::Absent,
        }
    }

    fn value<'d>(&self, claims: VerifiedClaims<'d>) -> Option<Value<'d>> {
        match &self.claim {
            None => Some(claims.root()),
            Some(claim) => claims.find(&claim.name, claim.hash),
        }
    }
}

/// Before the code of each check of a second token.
const PREFIX: &str = "proof";

const FORM: &[Stage] = &[Stage::FormCompact, Stage::FormBase64url, Stage::FormHeader];

const HEADER: &[Stage] = &[
    Stage::HeaderAlg,
    Stage::HeaderTyp,
    Stage::HeaderCty,
    Stage::HeaderCrit,
    Stage::HeaderB64,
    Stage::HeaderZip,
    Stage::HeaderKid,
    Stage::HeaderKeys,
];

const KEY_TO_PAYLOAD: &[Stage] =
    &[Stage::KeyFound, Stage::KeyAlg, Stage::CryptoSignature, Stage::PayloadJson];

/// What a plan is made from.
#[derive(Clone, Copy)]
pub(super) struct Blueprint<'a> {
    pub(super) kind: &'a Kind,
    pub(super) dialect: &'a Dialect,
    pub(super) header: &'a HeaderPolicy,
    pub(super) envelope: &'a Envelope,
    pub(super) issuers: &'a Issuers,
    pub(super) parameters: &'a Parameters,
    /// Claims that the caller requires beyond those of the kind.
    pub(super) required: &'a [Arc<str>],
    /// Claims that must equal facts of the request.
    pub(super) matching: &'a [Arc<str>],
    /// Whether a source says which tokens were revoked.
    pub(super) asks_for_revocation: bool,
    pub(super) policy: &'a PolicyId,
    /// The names of the caller's own rules.
    pub(super) custom: &'a [Arc<str>],
    /// The plan of the token that may follow.
    pub(super) second: Option<&'a Plan>,
}

impl Blueprint<'_> {
    pub(super) fn plan(&self) -> Result<Planned, ConfigError> {
        let mut checks = self.pipeline();
        if self.dialect.has_tells() {
            checks.push(PlannedCheck::of(Stage::DialectTells));
        }
        if self.dialect.has_names() {
            checks.push(PlannedCheck::of(Stage::DialectNames));
        }
        let mut rules = Vec::new();
        for rule in &self.all_rules() {
            let waived = self.is_waived(rule);
            if let Some(check) = rule.make(self.parameters) {
                let mut planned = PlannedCheck::named(rule.id()).waived_if(waived);
                // Of a claim that must be absent, no value is right.
                if rule.presence() != Presence::Forbidden {
                    planned.expects = check.expects().map(Into::into);
                }
                let claim =
                    rule.claim().map(|name| Claim { name: name.into(), hash: name_hash(name) });
                let place = checks.len();
                checks.push(planned);
                let (presence, fact) = (rule.presence(), rule.fact());
                rules.push(PlannedRule { place, claim, presence, check, fact });
            }
        }
        checks.push(PlannedCheck::of(Stage::ClaimsDeserialize));
        let first_custom_rule = checks.len();
        for name in self.custom {
            checks.push(PlannedCheck::named(custom_id(name)?));
        }
        // Every kind has this check, because a demand for scopes must not be dropped.
        checks.push(PlannedCheck::of(Stage::RequestScopes));
        // As a demand for an authentication must not be dropped, where no rule on claims meets it.
        if !self.kind.shows_class() || !self.kind.shows_recency() {
            checks.push(PlannedCheck::of(Stage::RequestAuthentication));
        }
        // And this one, because a proof must not be ignored.
        checks.push(PlannedCheck::of(Stage::RequestProof));
        if self.asks_for_revocation {
            checks.push(PlannedCheck::of(Stage::StateRevoked));
        }
        if self.kind.single_use != SingleUse::No {
            let waived = self.kind.single_use == SingleUse::Waived;
            checks.push(PlannedCheck::of(Stage::StateReplay).waived_if(waived));
        }
        let of_second = self.second.map_or(0, |second| second.checks().len());
        check_number(checks.len().saturating_add(of_second))?;
        let plan = Plan::new(self.kind.name(), self.policy.clone(), checks);
        let plan = self.followed(plan.of_dialect(self.dialect.name()));
        check_codes(plan.checks())?;
        Ok(Planned { plan, rules, first_custom_rule })
    }

    /// The plan until the issuer is known, for issuers of several dialects.
    pub(super) fn base_plan(&self) -> Plan {
        self.followed(Plan::base(self.kind.name(), self.policy.clone(), self.pipeline()))
    }

    /// The plan with the checks of the token that may follow.
    fn followed(&self, plan: Plan) -> Plan {
        match self.second {
            Some(second) => plan.followed_by(second, PREFIX),
            None => plan,
        }
    }

    /// The checks of the pipeline up to the payload.
    fn pipeline(&self) -> Vec<PlannedCheck> {
        let mut checks = vec![PlannedCheck::of(Stage::FormSize)];
        checks.extend(self.envelope.opening());
        checks.extend(FORM.iter().map(|stage| PlannedCheck::of(*stage)));
        checks.extend(HEADER.iter().map(|stage| self.header_check(*stage)));
        checks.extend(self.party().map(PlannedCheck::of));
        checks.extend(KEY_TO_PAYLOAD.iter().map(|stage| PlannedCheck::of(*stage)));
        checks.extend(self.envelope.grafting());
        checks
    }

    /// A check of the header, with what it expects.
    fn header_check(&self, stage: Stage) -> PlannedCheck {
        let check = PlannedCheck::of(stage);
        match (stage, &self.header.typ) {
            (Stage::HeaderAlg, _) => check.expecting(self.header.algorithms.join(" or ")),
            (Stage::HeaderTyp, typ) => match typ.parts() {
                None => check.waived_if(true),
                Some((types, untyped)) => {
                    let untyped = untyped.then(|| "none or \"JWT\"".to_owned());
                    let types = types.iter().map(|typ| format!("{typ:?}"));
                    let all: Vec<_> = untyped.into_iter().chain(types).collect();
                    check.expecting(all.join(" or "))
                }
            },
            _ => check,
        }
    }

    /// The check that finds the party; none where there is only one.
    fn party(&self) -> Option<Stage> {
        match self.issuers.whose(self.kind.signer) {
            Whose::Only(_) => None,
            Whose::HeaderKey => Some(Stage::KeyEmbedded),
            Whose::ConfirmedKey => Some(Stage::KeyConfirmed),
            Whose::Named { stage, .. } => Some(stage),
        }
    }

    /// The rules of the kind, with the caller's demands.
    fn all_rules(&self) -> Vec<ClaimRule> {
        let mut rules = self.kind.rules.clone();
        for name in self.required {
            match rules.iter_mut().find(|rule| rule.claim() == Some(name)) {
                Some(rule) => rule.set_presence(Presence::Required),
                None => rules.push(required_claim(name)),
            }
        }
        for name in self.matching {
            let check = MatchesFact(Arc::clone(name));
            rules.push(ClaimRule::new(format!("request.{name}"), name.to_string(), check));
        }
        rules
    }

    fn is_waived(&self, rule: &ClaimRule) -> bool {
        match rule.code() {
            "claims.aud" => self.kind.audience.rule == AudienceRule::Waived,
            "time.lifetime" => self.parameters.max_lifetime.is_none(),
            _ => false,
        }
    }
}

impl PlannedRule {
    pub(super) fn is_about(&self, name: &str) -> bool {
        self.claim.as_ref().is_some_and(|claim| *claim.name == *name)
    }

    pub(super) fn is_optional(&self) -> bool {
        self.presence == Presence::Optional
    }
}

/// The code of a rule of the caller's own: `word.word`, under a prefix that is none of this crate's.
fn custom_id(name: &Arc<str>) -> Result<CheckId, ConfigError> {
    if !is_own_code(name) {
        return Err(ConfigError::RuleName { name: name.to_string() });
    }
    Ok(CheckId::named(Cow::Owned(name.to_string())))
}

/// Each code occurs once, and the checks fit into an appraisal.
fn check_codes(checks: &[PlannedCheck]) -> Result<(), ConfigError> {
    for (nth, check) in checks.iter().enumerate() {
        if checks.iter().take(nth).any(|earlier| earlier.id == check.id) {
            return Err(ConfigError::RuleName { name: check.id.to_string() });
        }
    }
    Ok(())
}

fn check_number(found: usize) -> Result<(), ConfigError> {
    let most = Plan::MOST;
    if found > most {
        return Err(ConfigError::TooManyChecks { found, most });
    }
    Ok(())
}
