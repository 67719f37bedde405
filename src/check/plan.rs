//! The plan: which checks an appraisal has, settled when the validator is built.

use super::{CheckId, Row};

/// An appraisal's checks, in order.
#[derive(Debug)]
pub(crate) struct Plan {
    checks: Vec<PlannedCheck>,
    /// Where each built-in check stands in `checks`.
    places: [Option<u8>; Row::ALL.len()],
    /// Where the checks stand that were waived.
    waived: Vec<u8>,
}

/// One check of a plan.
#[derive(Clone, Debug)]
pub(crate) struct PlannedCheck {
    pub(crate) id: CheckId,
    pub(crate) row: Option<Row>,
    pub(crate) waived: bool,
    /// What the check expects, in the operator's words.
    pub(crate) expects: Option<Box<str>>,
}

impl PlannedCheck {
    pub(crate) fn built_in(row: Row) -> Self {
        Self { id: row.into(), row: Some(row), waived: false, expects: None }
    }

    pub(crate) fn named(code: String) -> Self {
        Self { id: CheckId::named(code), row: None, waived: false, expects: None }
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
    /// The most checks that an appraisal holds: one byte each, so that a refusal stays small.
    pub(crate) const MOST: usize = 64;

    pub(crate) fn new(checks: Vec<PlannedCheck>) -> Self {
        let mut places = [None; Row::ALL.len()];
        let waived = (0_u8..).zip(&checks).filter(|(_, check)| check.waived);
        let waived = waived.map(|(place, _)| place).collect();
        for (place, check) in (0_u8..).zip(&checks) {
            let row = check.row.and_then(|row| places.get_mut(row.index()));
            if let Some(slot) = row {
                *slot = Some(place);
            }
        }
        Self { checks, places, waived }
    }

    pub(crate) fn checks(&self) -> &[PlannedCheck] {
        &self.checks
    }

    pub(crate) fn waived(&self) -> &[u8] {
        &self.waived
    }

    /// The place of a built-in check, if the plan has it.
    pub(crate) fn place(&self, row: Row) -> Option<usize> {
        let place = self.places.get(row.index()).copied().flatten();
        place.map(usize::from)
    }
}
