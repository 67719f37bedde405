//! Questions about state: who is asked, in which round, and what the answers mean.

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;

use crate::appraisal::{Appraisal, Record, Trace};
use crate::check::{Finding, ReasonKind, Stage};
use crate::state::{
    Answer, AnySource, Ask, AskKind, FirstUse, LocalSource, Question, Replay, ReplayGuard, Round,
    Says, TokenFacts, Unwound,
};
use crate::time::Seconds;

/// What answers the questions of a validator.
#[derive(Clone, Debug, Default)]
pub(super) struct Sources {
    pub(super) guard: Option<Arc<dyn ReplayGuard>>,
    pub(super) revocation: Option<Arc<dyn LocalSource>>,
    pub(super) remote: Option<Arc<dyn AnySource>>,
}

/// The questions that are open about one token.
#[derive(Default)]
pub(super) struct OpenQuestions {
    pub(super) revoked: Option<Box<TokenFacts>>,
    pub(super) first_use: Option<FirstUse>,
}

impl Sources {
    fn asks_remotely(&self, kind: AskKind) -> bool {
        self.remote.as_ref().is_some_and(|source| source.answers(kind))
    }

    /// Whether one question has two sources, so that their answers could differ.
    pub(super) fn has_two_of_a_kind(&self) -> bool {
        (self.revocation.is_some() && self.asks_remotely(AskKind::Revoked))
            || (self.guard.is_some() && self.asks_remotely(AskKind::FirstUse))
    }

    pub(super) fn know_revocation(&self) -> bool {
        self.revocation.is_some() || self.asks_remotely(AskKind::Revoked)
    }

    pub(super) fn remember_uses(&self) -> bool {
        self.guard.is_some() || self.asks_remotely(AskKind::FirstUse)
    }
}

/// An appraisal that has begun: it is done, or questions are open that only a source of state can answer.
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "there is nothing between done and pending")]
pub enum Begun<C> {
    /// The appraisal is done.
    Done(Appraisal<C>),
    /// Every local check passed, and questions are open.
    Pending(Box<Pending<C>>),
}

/// A token that passed every local check, with open questions. It gives out neither claims nor facts, except
/// through its [record](Self::record_so_far).
///
/// Dropping it drops the appraisal: nothing was accepted, and no use of the token was remembered.
#[must_use]
pub struct Pending<C> {
    trace: Trace,
    at: Seconds,
    claims: C,
    sources: Sources,
    questions: Vec<Question>,
    /// What is asked when the questions of this round have good answers.
    first_use: Option<FirstUse>,
}

impl OpenQuestions {
    pub(super) fn is_empty(&self) -> bool {
        self.revoked.is_none() && self.first_use.is_none()
    }
}

impl<C> Begun<C> {
    /// The appraisal without any further answer.
    pub(super) fn without_answers(self) -> Appraisal<C> {
        let mut begun = self;
        loop {
            match begun {
                Self::Done(appraisal) => return appraisal,
                // Unanswered questions end the appraisal.
                Self::Pending(pending) => begun = pending.resolve(&[]),
            }
        }
    }

    /// The appraisal with the answers of its source.
    pub(super) async fn answered(self) -> Appraisal<C> {
        let mut begun = self;
        loop {
            match begun {
                Self::Done(appraisal) => return appraisal,
                Self::Pending(pending) => {
                    let answers = pending.ask().await;
                    begun = pending.resolve(&answers);
                }
            }
        }
    }

    /// Asks what can be answered at once. The first round only reads; a use of the token is remembered
    /// last, and only if every other answer was good.
    pub(super) fn new(
        trace: Trace,
        at: Seconds,
        claims: C,
        sources: &Sources,
        open: OpenQuestions,
    ) -> Self {
        let OpenQuestions { revoked, first_use } = open;
        let mut pending = Pending {
            trace,
            at,
            claims,
            sources: sources.clone(),
            questions: Vec::new(),
            first_use,
        };
        match revoked.map(Ask::Revoked) {
            Some(ask) if sources.asks_remotely(AskKind::Revoked) => {
                pending.questions = vec![Question::new(&Round::new(), ask)];
                Self::Pending(Box::new(pending))
            }
            Some(ask) => {
                let says =
                    sources.revocation.as_ref().map(|source| source.answer(&ask, pending.now()));
                pending.record(AskKind::Revoked, says.unwrap_or(Says::Unknown));
                pending.next_round()
            }
            None => pending.next_round(),
        }
    }
}

impl<C> Pending<C> {
    /// The open questions of this round.
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// The record so far. Its verdict is undetermined.
    pub fn record_so_far(&self) -> Record<'_> {
        Record::of_pending(&self.trace, self.at)
    }

    /// Takes the answers of this round. The appraisal is done then, or a second round is pending. A question
    /// without an answer is undetermined; an answer to another question does not count.
    pub fn resolve(mut self, answers: &[Answer]) -> Begun<C> {
        for question in std::mem::take(&mut self.questions) {
            self.record(question.ask().kind(), question.settle(answers));
        }
        self.next_round()
    }

    /// Asks the source; none of its answers if it panics.
    fn ask(&self) -> impl Future<Output = Vec<Answer>> + Send + use<C> {
        let (source, questions) = (self.sources.remote.clone(), self.questions.clone());
        let now = self.now();
        async move {
            match source {
                None => Vec::new(),
                Some(source) => Unwound::of(|| source.ask(&questions, now)).await,
            }
        }
    }

    fn now(&self) -> OffsetDateTime {
        self.at.to_moment()
    }

    /// Asks whether this is the first use, if nothing stands in the way, or concludes.
    fn next_round(mut self) -> Begun<C> {
        if !self.trace.ledger.is_clean() {
            return self.conclude();
        }
        match self.first_use.take() {
            None => self.conclude(),
            Some(first_use) if self.sources.asks_remotely(AskKind::FirstUse) => {
                self.questions = vec![Question::new(&Round::new(), Ask::FirstUse(first_use))];
                Begun::Pending(Box::new(self))
            }
            Some(first_use) => {
                let says = self.sources.guard.as_ref().map(|guard| {
                    match guard.first_use(first_use.token(), first_use.until(), self.now()) {
                        Replay::FirstUse => Says::Clear,
                        Replay::Replayed => Says::Denied,
                        Replay::Unknown => Says::Unknown,
                    }
                });
                self.record(AskKind::FirstUse, says.unwrap_or(Says::Unknown));
                self.conclude()
            }
        }
    }

    fn record(&mut self, kind: AskKind, says: Says) {
        let (stage, denied, unknown) = match kind {
            AskKind::Revoked => {
                (Stage::StateRevoked, ReasonKind::Revoked, ReasonKind::RevocationUnknown)
            }
            AskKind::FirstUse => {
                (Stage::StateReplay, ReasonKind::Replayed, ReasonKind::ReplayUnknown)
            }
        };
        self.trace.ledger.check(stage, || match says {
            Says::Clear => Finding::Pass,
            Says::Denied => denied.into(),
            Says::Unknown => unknown.into(),
        });
    }

    fn conclude(self) -> Begun<C> {
        Begun::Done(Appraisal::conclude(self.trace, self.at, Some(self.claims)))
    }
}

impl<C> fmt::Debug for Pending<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("questions", &self.questions).finish_non_exhaustive()
    }
}

impl<C> fmt::Debug for Begun<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done(appraisal) => appraisal.fmt(f),
            Self::Pending(pending) => pending.fmt(f),
        }
    }
}
