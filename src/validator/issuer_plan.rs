//! One plan for each dialect. All plans are the same up to the signature, so an appraisal begins with any of
//! them. Where issuers have several dialects it begins with a plan that accepts nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::kind_settings::complete_kind;
use super::plan::{Blueprint, PlannedRule};
use super::route::Trust;
use crate::check::{CheckId, Finding, Ledger, Leniencies, Leniency, Plan, PlannedCheck, Stage};
use crate::crypto::VerifiedDocument;
use crate::dialect::Dialect;
use crate::error::ConfigError;
use crate::header_policy::AdmittedHeader;
use crate::keys::TrustedIssuer;
use crate::kind::{Kind, Settings};
use crate::names::Issuer;
use crate::policy::{HeaderPolicy, TypPolicy};
use crate::rules::{Parameters, VerifiedClaims, lifetime};
use crate::time::Seconds;

/// The plan of the issuers of one dialect.
pub(super) struct IssuerPlan {
    pub(super) plan: Arc<Plan>,
    /// The rules on claims, with their places in the plan.
    pub(super) rules: Vec<PlannedRule>,
    pub(super) first_custom_rule: usize,
    /// The types of the issuer's tokens.
    typ: TypPolicy,
    /// `None` for the standard dialect.
    deviation: Option<Deviation>,
}

/// How the tokens of an issuer may deviate from their kind.
struct Deviation {
    dialect: Dialect,
    /// The types that the kind demands.
    typ: TypPolicy,
    /// The longest lifetime that the kind permits and the one that the dialect permits, in seconds, if the
    /// dialect permits more.
    lifetime: Option<(i64, i64)>,
    /// The claims that the kind requires and that may be absent.
    may_lack: Vec<(&'static str, Leniency)>,
}

/// The plans of a validator.
pub(super) enum Plans {
    /// Every issuer has the same dialect.
    One(Arc<IssuerPlan>),
    Several {
        all: Vec<Arc<IssuerPlan>>,
        of_issuers: BTreeMap<Issuer, Arc<IssuerPlan>>,
    },
}

impl Plans {
    /// The plan of a trusted issuer. The issuer was found by its exact name, and each name is trusted once.
    pub(super) fn of(&self, issuer: &TrustedIssuer) -> Option<&IssuerPlan> {
        match self {
            Self::One(plan) => Some(plan),
            Self::Several { of_issuers, .. } => of_issuers.get(issuer.issuer()).map(|plan| &**plan),
        }
    }

    pub(super) fn all(&self) -> &[Arc<IssuerPlan>] {
        match self {
            Self::One(plan) => std::slice::from_ref(plan),
            Self::Several { all, .. } => all,
        }
    }

    /// The plan with which an appraisal begins.
    pub(super) fn base(&self, blueprint: &Blueprint<'_>) -> Result<Arc<Plan>, ConfigError> {
        match self {
            Self::One(only) => Ok(Arc::clone(&only.plan)),
            Self::Several { all, .. } => {
                let base = blueprint.base_plan();
                match all.iter().find(|plan| !base.begins_as(&plan.plan)) {
                    Some(other) => {
                        let dialect = other.plan.dialect().unwrap_or_default().to_owned();
                        let problem = "has other checks before the signature".to_owned();
                        Err(ConfigError::Dialect { dialect, problem })
                    }
                    None => Ok(Arc::new(base)),
                }
            }
        }
    }

    /// The checks of all plans, each code once and in an order that fits every plan.
    pub(super) fn checks(&self) -> Vec<&PlannedCheck> {
        let mut merged: Vec<&PlannedCheck> = Vec::new();
        for plan in self.all() {
            let mut next = 0_usize;
            for check in plan.plan.checks() {
                let known = merged.iter().position(|known| known.id == check.id);
                let place = known.unwrap_or(next);
                if known.is_none() {
                    merged.insert(next, check);
                }
                next = place.saturating_add(1);
            }
        }
        merged
    }

    /// Whether a check is waived for the tokens of any issuer.
    fn waive(&self, code: &CheckId) -> bool {
        let mut checks = self.all().iter().flat_map(|plan| plan.plan.checks());
        checks.any(|check| check.waived && check.id == *code)
    }

    /// The codes of the checks that are waived in any plan.
    pub(super) fn waived(&self) -> impl Iterator<Item = &CheckId> {
        let codes = self.checks().into_iter().map(|check| &check.id);
        codes.filter(|code| self.waive(code))
    }

    /// The dialects that are not the standard one.
    pub(super) fn dialects(&self) -> Vec<&Dialect> {
        let deviations = self.all().iter().filter_map(|plan| plan.deviation.as_ref());
        deviations.map(|deviation| &deviation.dialect).collect()
    }
}

/// The dialects of the issuers that a validator trusts. There is always one.
#[derive(Debug)]
pub(super) struct Dialects {
    all: Vec<Dialect>,
    of_issuers: Vec<(Issuer, usize)>,
}

impl Dialects {
    /// The dialects of the issuers, each of which must be sound for the kind.
    pub(super) fn of(trust: &Trust, kind: &Kind) -> Result<Self, ConfigError> {
        let (mut all, mut of_issuers) = (Vec::<Dialect>::new(), Vec::new());
        let trusted = match trust {
            Trust::Issuers(trusted) => trusted,
            Trust::Source(_, dialect) => {
                dialect.check(kind)?;
                return Ok(Self { all: vec![dialect.clone()], of_issuers });
            }
            Trust::Unset | Trust::HolderOfKey(_) => {
                return Ok(Self { all: vec![Dialect::standard()], of_issuers });
            }
        };
        for trust in trusted {
            let dialect = trust.dialect();
            let known = all.iter().position(|known| known.name() == dialect.name());
            let place = match known {
                Some(place) if all.get(place) != Some(dialect) => {
                    let problem = "has the name of another dialect of this validator".to_owned();
                    let dialect = dialect.name().to_owned();
                    return Err(ConfigError::Dialect { dialect, problem });
                }
                Some(place) => place,
                None => {
                    dialect.check(kind)?;
                    all.push(dialect.clone());
                    all.len().saturating_sub(1)
                }
            };
            of_issuers.push((trust.issuer().issuer().clone(), place));
        }
        if all.is_empty() {
            all.push(Dialect::standard());
        }
        Ok(Self { all, of_issuers })
    }

    /// The longest lifetime that a caller may set: the longest that any issuer's tokens may have.
    pub(super) fn longest_lifetime(&self, kind: &Kind) -> i64 {
        let longest = self.all.iter().filter_map(Dialect::longest_lifetime).max();
        longest.map_or(kind.longest_lifetime, |longest| longest.max(kind.longest_lifetime))
    }

    /// The types of all dialects.
    pub(super) fn types(&self, kind: &Kind) -> TypPolicy {
        let kinds: Vec<_> =
            self.all.iter().map(|dialect| dialect.applied_to(kind.clone())).collect();
        match kinds.as_slice() {
            [only] => only.typ.clone(),
            several => TypPolicy::any_of(several.iter().map(|kind| &kind.typ)),
        }
    }

    /// The dialect of each issuer, in the order of their names; of a source of issuers its only dialect.
    pub(super) fn by_issuer(&self) -> Vec<(Option<&Issuer>, Option<&Dialect>)> {
        if self.of_issuers.is_empty() {
            return self.all.iter().map(|dialect| (None, Some(dialect))).collect();
        }
        let named = self.of_issuers.iter();
        let mut by_issuer: Vec<_> =
            named.map(|(issuer, place)| (Some(issuer), self.all.get(*place))).collect();
        by_issuer.sort_by_key(|(issuer, _)| *issuer);
        by_issuer
    }

    /// Makes the plan of each dialect: the kind, then the dialect, then the caller's settings.
    pub(super) fn plans(
        &self,
        kind: &Kind,
        settings: &Settings,
        blueprint: &Blueprint<'_>,
    ) -> Result<Plans, ConfigError> {
        let longest = self.longest_lifetime(kind);
        let plan = |dialect| IssuerPlan::new(dialect, kind, settings, longest, blueprint);
        let all: Vec<_> = self.all.iter().map(plan).collect::<Result<_, _>>()?;
        if let [only] = all.as_slice() {
            return Ok(Plans::One(Arc::clone(only)));
        }
        let of_issuer =
            |(name, place): &(Issuer, usize)| Some((name.clone(), Arc::clone(all.get(*place)?)));
        let of_issuers = self.of_issuers.iter().filter_map(of_issuer).collect();
        Ok(Plans::Several { all, of_issuers })
    }
}

impl IssuerPlan {
    fn new(
        dialect: &Dialect,
        kind: &Kind,
        settings: &Settings,
        longest: i64,
        blueprint: &Blueprint<'_>,
    ) -> Result<Arc<Self>, ConfigError> {
        let own = complete_kind(dialect.applied_to(kind.clone()), settings, longest)?;
        let algorithms = blueprint.header.algorithms.clone();
        let header = HeaderPolicy { typ: own.typ.clone(), algorithms };
        let usual = blueprint.parameters;
        let parameters = Parameters {
            max_lifetime: own.max_lifetime,
            scopes_may_be_elsewhere: usual.scopes_may_be_elsewhere || !dialect.knows_scopes(),
            ..usual.clone()
        };
        let (header, parameters) = (&header, &parameters);
        let planned = Blueprint { kind: &own, header, parameters, dialect, ..*blueprint }.plan()?;
        let deviation = (!dialect.is_standard()).then(|| Deviation {
            dialect: dialect.clone(),
            typ: kind.typ.clone(),
            lifetime: usual.max_lifetime.zip(own.max_lifetime).filter(|(usual, own)| own > usual),
            may_lack: may_lack(kind, &planned.rules),
        });
        Ok(Arc::new(Self {
            plan: Arc::new(planned.plan),
            rules: planned.rules,
            first_custom_rule: planned.first_custom_rule,
            typ: own.typ,
            deviation,
        }))
    }
}

/// The claims that the kind requires and the plan does not.
fn may_lack(kind: &Kind, rules: &[PlannedRule]) -> Vec<(&'static str, Leniency)> {
    let claims = [
        ("sub", Leniency::NoSubject),
        ("jti", Leniency::NoTokenId),
        ("client_id", Leniency::NoClient),
    ];
    let is_optional = |claim: &str| {
        let mut about = rules.iter().filter(|rule| rule.is_about(claim)).peekable();
        about.peek().is_some() && about.all(PlannedRule::is_optional)
    };
    claims.into_iter().filter(|(claim, _)| kind.requires(claim) && is_optional(claim)).collect()
}

impl IssuerPlan {
    /// Whether the plan is that of the standard dialect.
    pub(super) fn is_standard(&self) -> bool {
        self.deviation.is_none()
    }

    /// Goes on with this plan, now that the issuer is known, and decides about the type again.
    #[inline(never)]
    pub(super) fn settle(&self, header: AdmittedHeader<'_>, ledger: &mut Ledger) -> Option<()> {
        ledger.switch(&self.plan);
        ledger.check_again(Stage::HeaderTyp, || header.check_typ(&self.typ));
        let passed = ledger.is_clean();
        if passed && self.deviation.as_ref().is_some_and(|usual| !header.is_typed(&usual.typ)) {
            ledger.note_lenient(Leniency::Typ);
        }
        passed.then_some(())
    }

    /// Checks the tells of the dialect on the claims as the issuer wrote them, and then grafts the names that
    /// every later check reads.
    #[inline]
    pub(super) fn translate(
        &self,
        payload: &mut VerifiedDocument<'_, '_>,
        ledger: &mut Ledger,
    ) -> Option<()> {
        match &self.deviation {
            None => Some(()),
            Some(deviation) => deviation.translate(payload, ledger),
        }
    }

    /// Notes what the dialect permitted, once the rules have run.
    #[inline]
    pub(super) fn note_leniencies(
        &self,
        claims: VerifiedClaims<'_>,
        now: Seconds,
        ledger: &mut Ledger,
    ) {
        if let Some(deviation) = &self.deviation {
            deviation.note(claims, now, ledger);
        }
    }
}

impl Deviation {
    #[inline(never)]
    fn translate(&self, payload: &mut VerifiedDocument<'_, '_>, ledger: &mut Ledger) -> Option<()> {
        let mut grafts = payload.grafts();
        ledger.check(Stage::DialectTells, || self.dialect.check_tells(grafts.value(grafts.root())));
        let mut used = Leniencies::default();
        ledger.check(Stage::DialectNames, || {
            let named = self.dialect.graft_names(&mut grafts, |leniency| used.add(leniency));
            Finding::from(named)
        });
        used.iter().for_each(|leniency| ledger.note_lenient(leniency));
        ledger.is_clean().then_some(())
    }

    #[inline(never)]
    fn note(&self, claims: VerifiedClaims<'_>, now: Seconds, ledger: &mut Ledger) {
        for (claim, leniency) in &self.may_lack {
            if claims.get(claim).is_none() {
                ledger.note_lenient(*leniency);
            }
        }
        if let (Some((usual, most)), Ok(Some(seconds))) =
            (self.lifetime, lifetime(claims.root(), now))
            && seconds > usual
            && seconds <= most
        {
            ledger.note_lenient(Leniency::LongLifetime);
        }
    }
}
