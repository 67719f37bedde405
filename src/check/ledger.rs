//! The ledger: the outcome of each check. Only the validator writes it.

use std::sync::Arc;

use super::finding::Finding;
use super::found::Found;
use super::plan::{Plan, PolicyId, bit};
use super::reason::{Reason, ReasonKind};
use super::{CheckId, IgnoredKeys, Leniencies, Leniency, Outcome, Stage};

/// The outcomes of the checks of a plan. A check that was never recorded was not reached, and an
/// appraisal with such a check accepts nothing.
pub(crate) struct Ledger {
    plan: Arc<Plan>,
    /// A bit for each check that passed.
    passed: u128,
    /// A bit for each check whose optional member is absent.
    absent: u128,
    /// The keys in the header that nothing used.
    ignored: IgnoredKeys,
    /// The keys in the header of the second token that nothing used.
    ignored_by_second: IgnoredKeys,
    /// What the issuer's dialect permitted.
    lenient: Leniencies,
    failures: Failures,
}

/// The checks that failed. The first few stand inline, so that a refusal before the signature
/// allocates nothing.
struct Failures {
    inline: [Option<Failed>; Self::INLINE],
    /// What the first failed check found.
    first: Found,
    #[expect(
        clippy::box_collection,
        reason = "one pointer, as almost no ledger has more failures"
    )]
    further: Option<Box<Vec<(Failed, Found)>>>,
}

#[derive(Clone, Copy)]
struct Failed {
    place: u8,
    kind: ReasonKind,
}

impl Failures {
    /// As many as the checks of one header can fail.
    const INLINE: usize = 8;
    const NONE: Self = Self { inline: [None; Self::INLINE], first: Found::Nothing, further: None };

    fn is_empty(&self) -> bool {
        self.inline.first().is_none_or(Option::is_none)
    }

    /// The same failures of checks that stand so many places further down.
    fn moved_by(mut self, places: u8) -> Self {
        let further = self.further.iter_mut().flat_map(|further| further.iter_mut());
        let failed = self.inline.iter_mut().flatten().chain(further.map(|(failed, _)| failed));
        failed.for_each(|failed| failed.place = failed.place.saturating_add(places));
        self
    }

    fn iter(&self) -> impl Iterator<Item = Failed> {
        let further = self.further.iter().flat_map(|further| further.iter());
        self.inline.iter().copied().flatten().chain(further.map(|(failed, _)| *failed))
    }
}

impl Ledger {
    pub(crate) fn new(plan: &Arc<Plan>) -> Self {
        let (plan, ignored) = (Arc::clone(plan), IgnoredKeys::default());
        let (lenient, failures) = (Leniencies::default(), Failures::NONE);
        let ignored_by_second = ignored;
        Self { plan, passed: 0, absent: 0, ignored, ignored_by_second, lenient, failures }
    }

    /// Goes on with the plan of the issuer, which begins as the plan so far does.
    pub(crate) fn switch(&mut self, plan: &Arc<Plan>) {
        self.plan = Arc::clone(plan);
    }

    /// Decides a check of the pipeline again, which passed before the issuer was known.
    pub(crate) fn check_again(&mut self, stage: Stage, check: impl FnOnce() -> Finding) {
        if let Some(place) = self.plan.place(stage) {
            self.passed &= !bit(place);
            self.absent &= !bit(place);
            self.record(place, check());
        }
    }

    /// Notes that the issuer's dialect permitted what the kind of token does not.
    pub(crate) fn note_lenient(&mut self, leniency: Leniency) {
        self.lenient.add(leniency);
    }

    /// What the issuer's dialect permitted.
    pub(crate) fn leniencies(&self) -> Leniencies {
        self.lenient
    }

    /// Runs a check of the pipeline, if the plan has it.
    pub(crate) fn check<F: Into<Finding>>(&mut self, stage: Stage, check: impl FnOnce() -> F) {
        if let Some(place) = self.plan.place(stage) {
            self.record(place, check().into());
        }
    }

    /// Records the finding of the check at a place of the plan.
    #[inline]
    pub(crate) fn record(&mut self, place: usize, finding: Finding) {
        match finding {
            Finding::Pass => self.passed |= bit(place),
            Finding::Absent => self.absent |= bit(place),
            Finding::Blocked => {}
            Finding::Fail(reason) => self.refuse(place, reason),
        }
    }

    /// Notes the keys in the header that nothing uses, if the row `header.keys` passed. It is absent for
    /// most tokens, and then nothing looks for them.
    pub(crate) fn note_ignored(&mut self, ignored: impl FnOnce() -> IgnoredKeys) {
        let place = self.plan.place(Stage::HeaderKeys);
        if place.is_some_and(|place| self.passed & bit(place) != 0) {
            self.ignored = ignored();
        }
    }

    /// Runs an additional rule under a recorded check. It can only turn a pass into a failure.
    pub(crate) fn check_also<F: Into<Finding>>(&mut self, stage: Stage, check: impl FnOnce() -> F) {
        if let Some(place) = self.plan.place(stage) {
            self.check_also_at(place, check);
        }
    }

    /// Runs an additional rule under the check at a place of the plan.
    pub(crate) fn check_also_at<F: Into<Finding>>(
        &mut self,
        place: usize,
        check: impl FnOnce() -> F,
    ) {
        if !self.has_failed(place)
            && let Finding::Fail(reason) = check().into()
        {
            self.refuse(place, reason);
        }
    }

    /// Records a check that yields a value: the value, or `None` if the check failed.
    pub(crate) fn take<T>(&mut self, stage: Stage, yielded: Result<T, Reason>) -> Option<T> {
        let place = self.plan.place(stage)?;
        match yielded {
            Ok(value) => {
                self.passed |= bit(place);
                Some(value)
            }
            Err(reason) => {
                self.refuse(place, reason);
                None
            }
        }
    }

    /// Takes over the outcomes of the second token, which has a ledger of its own while it is checked.
    pub(crate) fn absorb(&mut self, second: Self) {
        let Some(start) = self.plan.start_of_second() else {
            return;
        };
        let Self { passed, absent, ignored, failures, .. } = second;
        let shift = |bits: u128| bits.checked_shl(u32::from(start)).unwrap_or(0);
        self.passed |= shift(passed);
        self.absent |= shift(absent);
        self.ignored_by_second = ignored;
        // A second token is checked no further once the first one was refused, so one of the two has failed
        // at the most.
        if self.is_clean() {
            self.failures = failures.moved_by(start);
        }
    }

    /// Records that no second token was sent.
    pub(crate) fn skip_second(&mut self) {
        if let Some(start) = self.plan.start_of_second() {
            let before = bit(usize::from(start)).wrapping_sub(1);
            self.absent |= self.plan.all() & !before;
        }
    }

    /// Runs a check of the pipeline on the second token, if the plan has it.
    pub(crate) fn check_second<F: Into<Finding>>(
        &mut self,
        stage: Stage,
        check: impl FnOnce() -> F,
    ) {
        if let Some(place) = self.plan.place_of_second(stage) {
            self.record(place, check().into());
        }
    }

    /// Whether the plan has no second token, or none was sent.
    pub(crate) fn has_no_second(&self) -> bool {
        self.plan.start_of_second().is_none_or(|start| self.absent & bit(usize::from(start)) != 0)
    }

    /// Whether only checks of state have no outcome yet, and no check has failed.
    pub(crate) fn is_settled_but_for_state(&self) -> bool {
        let own = [Stage::StateRevoked, Stage::StateReplay].map(|stage| self.plan.place(stage));
        let second =
            [Stage::StateRevoked, Stage::StateReplay].map(|stage| self.plan.place_of_second(stage));
        let state =
            own.into_iter().chain(second).flatten().fold(0, |bits, place| bits | bit(place));
        let settled = self.passed | self.absent | self.plan.waived() | state;
        self.is_clean() && settled & self.plan.all() == self.plan.all()
    }

    /// Whether a check of the second token has failed.
    #[cfg(feature = "http")]
    pub(crate) fn second_has_failed(&self) -> bool {
        let start = self.plan.start_of_second();
        start.is_some_and(|start| self.failures.iter().any(|failed| failed.place >= start))
    }

    /// Records that a check of the pipeline passed.
    pub(crate) fn pass(&mut self, stage: Stage) {
        if let Some(place) = self.plan.place(stage) {
            self.passed |= bit(place);
        }
    }

    /// Whether no check has failed so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.failures.is_empty()
    }

    /// Whether the check at a place has failed.
    pub(crate) fn has_failed(&self, place: usize) -> bool {
        self.failures.iter().any(|failed| usize::from(failed.place) == place)
    }

    pub(crate) fn place(&self, stage: Stage) -> Option<usize> {
        self.plan.place(stage)
    }

    /// Whether every check of the plan passed, was absent or was waived, and the plan is the issuer's.
    pub(crate) fn accepts(&self) -> bool {
        let settled = self.passed | self.absent | self.plan.waived();
        !self.plan.is_base() && self.is_clean() && settled & self.plan.all() == self.plan.all()
    }

    /// The name of the kind of token.
    pub(crate) fn kind(&self) -> &str {
        self.plan.kind()
    }

    pub(crate) fn policy(&self) -> &PolicyId {
        &self.plan.policy
    }

    /// The name of the issuer's dialect, once the issuer is known.
    pub(crate) fn dialect(&self) -> Option<&str> {
        self.plan.dialect()
    }

    pub(crate) fn id(&self, place: usize) -> Option<&CheckId> {
        self.plan.checks().get(place).map(|check| &check.id)
    }

    pub(crate) fn expects(&self, place: usize) -> Option<&str> {
        self.plan.checks().get(place)?.expects.as_deref()
    }

    pub(crate) fn outcome(&self, place: usize) -> Outcome {
        let failed = self.failures.iter().find(|failed| usize::from(failed.place) == place);
        match failed {
            Some(failed) if failed.kind.is_undetermined() => {
                Outcome::Undetermined(Reason::new(failed.kind, self.found(place)))
            }
            Some(failed) => Outcome::Fail(Reason::new(failed.kind, self.found(place))),
            None => self.settled(place, bit(place)),
        }
    }

    /// The outcome of a check that did not fail.
    #[inline]
    fn settled(&self, place: usize, bit: u128) -> Outcome {
        if self.plan.waived() & bit != 0 {
            Outcome::Waived
        } else if self.passed & bit != 0 {
            self.noted(place).unwrap_or(Outcome::Pass)
        } else if self.absent & bit != 0 {
            self.noted(place).unwrap_or(Outcome::Absent)
        } else {
            Outcome::NotReached
        }
    }

    /// What was noted about a check that did not fail.
    #[inline]
    fn noted(&self, place: usize) -> Option<Outcome> {
        let ignores = !self.ignored.is_empty() || !self.ignored_by_second.is_empty();
        if ignores || !self.lenient.is_empty() { self.note_at(place) } else { None }
    }

    #[cold]
    fn note_at(&self, place: usize) -> Option<Outcome> {
        if let Some(ignored) = self.ignored_at(place) {
            return Some(Outcome::Ignored(ignored));
        }
        let lenient = self.lenient.of(self.id(place)?.as_str());
        (!lenient.is_empty()).then_some(Outcome::Lenient(lenient))
    }

    /// The keys that were ignored, of the check of the header's keys.
    fn ignored_at(&self, place: usize) -> Option<IgnoredKeys> {
        let second = self.plan.place_of_second(Stage::HeaderKeys);
        let own = self.plan.place(Stage::HeaderKeys);
        [(own, self.ignored), (second, self.ignored_by_second)]
            .into_iter()
            .find(|(keys, ignored)| *keys == Some(place) && !ignored.is_empty())
            .map(|(_, ignored)| ignored)
    }

    /// The places of the checks that failed, each with the kind of its reason, in the order in which
    /// they failed.
    pub(crate) fn reasons(&self) -> impl Iterator<Item = (usize, ReasonKind)> {
        self.failures.iter().map(|failed| (usize::from(failed.place), failed.kind))
    }

    fn found(&self, place: usize) -> Found {
        let is_first = |failed: &Failed| usize::from(failed.place) == place;
        if self.failures.inline.first().copied().flatten().as_ref().is_some_and(is_first) {
            return self.failures.first.clone();
        }
        let mut further = self.failures.further.iter().flat_map(|further| further.iter());
        let found = further.find(|(failed, _)| usize::from(failed.place) == place);
        found.map_or(Found::Nothing, |(_, found)| found.clone())
    }

    /// Before the signature only the first failed check keeps what it found: an unsigned
    /// token must not make the validator allocate.
    #[cold]
    fn refuse(&mut self, place: usize, reason: Reason) {
        self.passed &= !bit(place);
        let Ok(at) = u8::try_from(place) else {
            return;
        };
        let failed = Failed { place: at, kind: reason.kind() };
        let is_first = self.failures.is_empty();
        let free = self.failures.inline.iter_mut().find(|slot| slot.is_none());
        match free {
            Some(slot) if is_first => {
                *slot = Some(failed);
                self.failures.first = reason.into_found();
            }
            Some(slot) if !is_verified(&self.plan, self.passed) => *slot = Some(failed),
            _ => {
                self.failures.further.get_or_insert_default().push((failed, reason.into_found()));
            }
        }
    }
}

/// Whether the signature has passed.
fn is_verified(plan: &Plan, passed: u128) -> bool {
    plan.place(Stage::CryptoSignature).is_some_and(|place| passed & bit(place) != 0)
}
