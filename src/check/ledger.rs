//! The ledger: what became of each check, one byte each. Only the validator writes it.

use std::sync::Arc;

use super::plan::Plan;
use super::{CheckId, Finding, Found, Outcome, Present, Reason, ReasonKind, Row};

/// What became of the checks of a plan. A check that was never recorded was not reached, and an
/// appraisal with such a check accepts nothing.
pub(crate) struct Ledger {
    plan: Arc<Plan>,
    marks: [Mark; Plan::MOST],
    /// What was found by the first check that failed.
    first: Option<(u8, Found)>,
    /// What was found by further checks, once the signature passed.
    #[expect(clippy::box_collection, reason = "a refusal stays under 128 bytes")]
    further: Option<Box<Vec<(u8, Found)>>>,
}

/// The outcome of one check in one byte.
#[derive(Clone, Copy, Eq, PartialEq)]
struct Mark(u8);

impl Mark {
    const NOT_REACHED: Self = Self(0);
    const PASS: Self = Self(1);
    const ABSENT: Self = Self(2);
    const WAIVED: Self = Self(3);
    /// From here on a reason's number is added.
    const REASON: u8 = 4;

    fn of(kind: ReasonKind) -> Self {
        Self(Self::REASON.saturating_add(kind.to_byte()))
    }

    fn accepts(self) -> bool {
        (self == Self::PASS) | (self == Self::ABSENT) | (self == Self::WAIVED)
    }

    fn is_reason(self) -> bool {
        self.0 >= Self::REASON
    }

    fn reason(self) -> Option<ReasonKind> {
        ReasonKind::from_byte(self.0.checked_sub(Self::REASON)?)
    }
}

impl Ledger {
    pub(crate) fn new(plan: &Arc<Plan>) -> Self {
        let mut marks = [Mark::NOT_REACHED; Plan::MOST];
        for place in plan.waived() {
            if let Some(mark) = marks.get_mut(usize::from(*place)) {
                *mark = Mark::WAIVED;
            }
        }
        Self { plan: Arc::clone(plan), marks, first: None, further: None }
    }

    /// Runs a check of this crate, if the plan has it.
    pub(crate) fn check(&mut self, row: Row, check: impl FnOnce() -> Finding) {
        if let Some(place) = self.plan.place(row) {
            self.check_at(place, check);
        }
    }

    /// Runs the check at a place of the plan. One that was waived stays so, unless even what is
    /// left of it fails.
    pub(crate) fn check_at(&mut self, place: usize, check: impl FnOnce() -> Finding) {
        let finding = check();
        if self.mark(place) != Mark::WAIVED || finding.is_err() {
            self.record(place, finding);
        }
    }

    /// Runs a further rule of a check that ran: it can fail it, and else leaves it as it is.
    pub(crate) fn check_also(&mut self, row: Row, check: impl FnOnce() -> Finding) {
        if let Some(place) = self.plan.place(row)
            && !self.mark(place).is_reason()
            && let Err(reason) = check()
        {
            self.refuse(place, reason);
        }
    }

    /// Whether the plan has a check and it has not failed.
    pub(crate) fn may_still_fail(&self, row: Row) -> bool {
        self.plan.place(row).is_some_and(|place| !self.mark(place).is_reason())
    }

    /// Records a check that yields something: what it yields, or nothing if it failed.
    pub(crate) fn take<T>(&mut self, row: Row, yielded: Result<T, Reason>) -> Option<T> {
        let place = self.plan.place(row)?;
        match yielded {
            Ok(value) => {
                self.set(place, Mark::PASS);
                Some(value)
            }
            Err(reason) => {
                self.refuse(place, reason);
                None
            }
        }
    }

    /// Whether no check has failed so far.
    pub(crate) fn is_clean(&self) -> bool {
        // Without branches the compiler looks at many marks at once.
        !self.marks.iter().fold(false, |any, mark| any | mark.is_reason())
    }

    /// Whether every check of the plan passed, was absent or was waived.
    pub(crate) fn accepts(&self) -> bool {
        let marks = self.marks.get(..self.len());
        marks.is_some_and(|marks| marks.iter().fold(true, |all, mark| all & mark.accepts()))
    }

    pub(crate) fn len(&self) -> usize {
        self.plan.checks().len()
    }

    pub(crate) fn id(&self, place: usize) -> Option<&CheckId> {
        self.plan.checks().get(place).map(|check| &check.id)
    }

    pub(crate) fn expects(&self, place: usize) -> Option<&str> {
        self.plan.checks().get(place)?.expects.as_deref()
    }

    pub(crate) fn outcome(&self, place: usize) -> Outcome {
        let mark = self.mark(place);
        match mark {
            Mark::PASS => Outcome::Pass,
            Mark::ABSENT => Outcome::Absent,
            Mark::WAIVED => Outcome::Waived,
            _ => match mark.reason() {
                None => Outcome::NotReached,
                Some(kind) => {
                    let reason = Reason::new(kind, self.found(place));
                    if kind.is_undetermined() {
                        Outcome::Undetermined(reason)
                    } else {
                        Outcome::Fail(reason)
                    }
                }
            },
        }
    }

    /// The kinds of reasons why checks failed.
    pub(crate) fn reasons(&self) -> impl Iterator<Item = (usize, ReasonKind)> {
        let marks = self.marks.iter().enumerate();
        marks.filter_map(|(place, mark)| Some((place, mark.reason()?)))
    }

    fn mark(&self, place: usize) -> Mark {
        self.marks.get(place).copied().unwrap_or(Mark::NOT_REACHED)
    }

    fn found(&self, place: usize) -> Found {
        let further = self.further.iter().flat_map(|further| further.iter());
        let mut all = self.first.iter().chain(further);
        let found = all.find(|(at, _)| usize::from(*at) == place);
        found.map_or(Found::Nothing, |(_, found)| found.clone())
    }

    #[inline]
    fn record(&mut self, place: usize, finding: Finding) {
        match finding {
            Ok(Present::Yes) => self.set(place, Mark::PASS),
            Ok(Present::Absent) => self.set(place, Mark::ABSENT),
            Ok(Present::Unreadable) => self.set(place, Mark::NOT_REACHED),
            Err(reason) => self.refuse(place, reason),
        }
    }

    #[cold]
    fn refuse(&mut self, place: usize, reason: Reason) {
        self.set(place, Mark::of(reason.kind()));
        self.keep(place, reason.into_found());
    }

    fn set(&mut self, place: usize, mark: Mark) {
        if let Some(slot) = self.marks.get_mut(place) {
            *slot = mark;
        }
    }

    /// Keeps what was found: the first inline, further ones only where a signature passed, so that
    /// a token that nobody signed allocates nothing.
    fn keep(&mut self, place: usize, found: Found) {
        let Ok(at) = u8::try_from(place) else {
            return;
        };
        if found == Found::Nothing {
            return;
        }
        match &self.first {
            None => self.first = Some((at, found)),
            Some(_) if self.is_signed() => {
                self.further.get_or_insert_default().push((at, found));
            }
            Some(_) => {}
        }
    }

    fn is_signed(&self) -> bool {
        let place = self.plan.place(Row::CryptoSignature);
        place.is_some_and(|place| self.mark(place) == Mark::PASS)
    }
}
