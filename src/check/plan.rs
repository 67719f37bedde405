//! The plan: which checks an appraisal has, settled when the validator is built.

use std::borrow::Cow;
use std::sync::Arc;

use super::{CheckId, Stage};

/// Which policy an appraisal was held to.
#[derive(Clone, Debug)]
pub(crate) struct PolicyId {
    /// The name that the operator gave to the policy.
    pub(crate) name: Option<Arc<str>>,
    /// The digest of the policy, in base64url. `None` if a test made the appraisal.
    pub(crate) digest: Option<Arc<str>>,
}

/// An appraisal's checks, in order.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The name of the kind of token.
    kind: Box<str>,
    pub(super) policy: PolicyId,
    /// The name of the issuer's dialect, once the issuer is known.
    dialect: Option<Box<str>>,
    checks: Vec<PlannedCheck>,
    /// The place of each check of the pipeline in `checks`.
    places: Places,
    /// A bit for each check that was waived.
    waived: u128,
    /// The checks of a token that follows this one.
    second: Option<Second>,
    /// The issuer is not known yet, so nothing is accepted under this plan.
    is_base: bool,
}

/// The place of the checks of a second token in the plan of the first one, which they follow.
#[derive(Debug)]
struct Second {
    start: u8,
    /// As in its own plan.
    places: Places,
}

/// The place of each check of the pipeline.
type Places = [Option<u8>; Stage::ALL.len()];

/// One check of a plan.
#[derive(Clone, Debug)]
pub(crate) struct PlannedCheck {
    pub(crate) id: CheckId,
    pub(crate) stage: Option<Stage>,
    pub(crate) waived: bool,
    /// What the check expects, in the operator's words.
    pub(crate) expects: Option<Box<str>>,
}

impl PlannedCheck {
    pub(crate) fn of(stage: Stage) -> Self {
        Self { id: stage.into(), stage: Some(stage), waived: false, expects: None }
    }

    pub(crate) fn named(id: CheckId) -> Self {
        Self { id, stage: None, waived: false, expects: None }
    }

    pub(crate) fn expecting(mut self, expects: impl Into<Box<str>>) -> Self {
        self.expects = Some(expects.into());
        self
    }

    pub(crate) fn waived_if(mut self, waived: bool) -> Self {
        self.waived = waived;
        self
    }
}

impl Plan {
    /// The most checks that an appraisal holds: two bits each, so that a refusal stays small.
    pub(crate) const MOST: usize = 128;

    pub(crate) fn new(kind: &str, policy: PolicyId, checks: Vec<PlannedCheck>) -> Self {
        let (mut places, mut waived) = ([None; Stage::ALL.len()], 0);
        for (place, check) in (0..=u8::MAX).zip(&checks) {
            if let Some(slot) = check.stage.and_then(|stage| places.get_mut(stage.index())) {
                *slot = Some(place);
            }
            if check.waived {
                waived |= bit(usize::from(place));
            }
        }
        let (kind, dialect, is_base) = (kind.into(), None, false);
        Self { kind, policy, dialect, checks, places, waived, second: None, is_base }
    }

    /// A plan with the first checks of several plans. Nothing is accepted under it.
    pub(crate) fn base(kind: &str, policy: PolicyId, checks: Vec<PlannedCheck>) -> Self {
        Self { is_base: true, ..Self::new(kind, policy, checks) }
    }

    /// The same plan for the issuers of one dialect.
    pub(crate) fn of_dialect(mut self, dialect: &str) -> Self {
        self.dialect = Some(dialect.into());
        self
    }

    /// Whether both plans have the same checks up to the signature, in the same places.
    pub(crate) fn begins_as(&self, other: &Self) -> bool {
        let Some(signature) = self.place(Stage::CryptoSignature) else {
            return false;
        };
        let first = |plan: &Self| {
            let checks = plan.checks.iter().take(signature.saturating_add(1));
            checks.map(|check| (check.id.clone(), check.stage)).collect::<Vec<_>>()
        };
        first(self) == first(other)
    }

    /// Adds the checks of a second token behind the own ones, each under the prefix.
    pub(crate) fn followed_by(mut self, second: &Self, prefix: &str) -> Self {
        let start = self.checks.len();
        for check in &second.checks {
            if check.waived {
                self.waived |= bit(self.checks.len());
            }
            let code = format!("{prefix}.{}", check.id);
            let id = CheckId::named(Cow::Owned(code));
            self.checks.push(PlannedCheck { id, stage: None, ..check.clone() });
        }
        let places = second.places;
        self.second = u8::try_from(start).ok().map(|start| Second { start, places });
        self
    }

    /// The place of the first check of the second token.
    pub(super) fn start_of_second(&self) -> Option<u8> {
        self.second.as_ref().map(|second| second.start)
    }

    /// The place of a check of the pipeline on the second token.
    pub(super) fn place_of_second(&self, stage: Stage) -> Option<usize> {
        let Second { start, places } = self.second.as_ref()?;
        let place = places.get(stage.index()).copied().flatten()?;
        Some(usize::from(place.saturating_add(*start)))
    }

    pub(crate) fn policy_digest(&self) -> Option<&str> {
        self.policy.digest.as_deref()
    }

    pub(crate) fn checks(&self) -> &[PlannedCheck] {
        &self.checks
    }

    pub(crate) fn kind(&self) -> &str {
        &self.kind
    }

    pub(crate) fn dialect(&self) -> Option<&str> {
        self.dialect.as_deref()
    }

    pub(super) fn waived(&self) -> u128 {
        self.waived
    }

    /// A bit for each check of the plan.
    pub(super) fn all(&self) -> u128 {
        let unused = Self::MOST.saturating_sub(self.checks.len());
        u128::MAX.checked_shr(u32::try_from(unused).unwrap_or(u32::MAX)).unwrap_or(0)
    }

    pub(super) fn is_base(&self) -> bool {
        self.is_base
    }

    /// The place of a check of the pipeline, if the plan has it.
    pub(crate) fn place(&self, stage: Stage) -> Option<usize> {
        let place = self.places.get(stage.index()).copied().flatten();
        place.map(usize::from)
    }
}

/// The bit of the check at a place; none beyond the last.
pub(super) fn bit(place: usize) -> u128 {
    u32::try_from(place).ok().and_then(|place| 1_u128.checked_shl(place)).unwrap_or(0)
}
