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
    pub(super) second: Option<OpenAboutSecond>,
}

/// The questions that are open about a second token, and what answers them.
pub(super) struct OpenAboutSecond {
    pub(super) questions: Box<OpenQuestions>,
    pub(super) sources: Sources,
}

/// Which of the two tokens a question is about.
#[derive(Clone, Copy)]
enum About {
    First,
    Second,
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

    /// What a local source says. Where there is none, nothing is known.
    fn answer(&self, ask: &Ask, now: OffsetDateTime) -> Says {
        let says = match ask {
            Ask::Revoked(_) => self.revocation.as_ref().map(|source| source.answer(ask, now)),
            Ask::FirstUse(first_use) => self.guard.as_ref().map(|guard| {
                match guard.first_use(first_use.token(), first_use.until(), now) {
                    Replay::FirstUse => Says::Clear,
                    Replay::Replayed => Says::Denied,
                    Replay::Unknown => Says::Unknown,
                }
            }),
        };
        says.unwrap_or(Says::Unknown)
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
/// Dropping it drops the appraisal: nothing was accepted, and no use of the token was remembered. The use of
/// its DPoP proof may have been remembered by a local guard, which is asked before the remote question about
/// the use of the token.
#[must_use]
pub struct Pending<C> {
    trace: Trace,
    at: Seconds,
    claims: C,
    sources: Sources,
    /// What is asked when the questions of this round have good answers.
    open: Box<OpenQuestions>,
    about: About,
    questions: Vec<Question>,
}

impl<C> Begun<C> {
    /// The appraisal without any further answer.
    pub(crate) fn without_answers(self) -> Appraisal<C> {
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
    pub(crate) async fn answered(self) -> Appraisal<C> {
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

    /// Asks what can be answered at once.
    pub(super) fn new(
        trace: Trace,
        at: Seconds,
        claims: C,
        sources: &Sources,
        open: Box<OpenQuestions>,
    ) -> Self {
        let (sources, about, questions) = (sources.clone(), About::First, Vec::new());
        Pending { trace, at, claims, sources, open, about, questions }.next_round()
    }
}

impl<C> Pending<C> {
    /// The open questions of this round. A question about the first use may be about the token or about
    /// its DPoP proof; [`FirstUse::token`] identifies either.
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
            self.record(self.about, question.ask().kind(), question.settle(answers));
        }
        self.next_round()
    }

    /// Asks the source; none of its answers if it panics.
    fn ask(&self) -> impl Future<Output = Vec<Answer>> + Send + use<C> {
        let (source, questions) = (self.sources(self.about).remote.clone(), self.questions.clone());
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

    /// The questions in their order: those that only read, then those that use a token up. The second token
    /// comes before the first one there, because a request that repeats its proof must not use its access
    /// token up.
    fn next_question(&mut self) -> Option<(About, Ask)> {
        let open = &mut *self.open;
        let mut second = open.second.as_mut().map(|second| &mut second.questions);
        let revoked = open.revoked.take().map(|ask| (About::First, Ask::Revoked(ask)));
        revoked
            .or_else(|| {
                let revoked = second.as_mut()?.revoked.take()?;
                Some((About::Second, Ask::Revoked(revoked)))
            })
            .or_else(|| Some((About::Second, Ask::FirstUse(second.as_mut()?.first_use.take()?))))
            .or_else(|| Some((About::First, Ask::FirstUse(open.first_use.take()?))))
    }

    /// Asks the questions one after the other, as long as nothing stands in the way, until one has to be
    /// waited for, or concludes.
    fn next_round(mut self) -> Begun<C> {
        while self.trace.ledger.is_settled_but_for_state()
            && let Some((about, ask)) = self.next_question()
        {
            let (kind, sources) = (ask.kind(), self.sources(about));
            if sources.asks_remotely(kind) {
                self.about = about;
                self.questions = vec![Question::new(&Round::new(), ask)];
                return Begun::Pending(Box::new(self));
            }
            let says = sources.answer(&ask, self.now());
            self.record(about, kind, says);
        }
        self.conclude()
    }

    fn sources(&self, about: About) -> &Sources {
        match (about, &self.open.second) {
            (About::Second, Some(second)) => &second.sources,
            _ => &self.sources,
        }
    }

    fn record(&mut self, about: About, kind: AskKind, says: Says) {
        let (stage, denied, unknown) = match kind {
            AskKind::Revoked => {
                (Stage::StateRevoked, ReasonKind::Revoked, ReasonKind::RevocationUnknown)
            }
            AskKind::FirstUse => {
                (Stage::StateReplay, ReasonKind::Replayed, ReasonKind::ReplayUnknown)
            }
        };
        let finding = || match says {
            Says::Clear => Finding::Pass,
            Says::Denied => denied.into(),
            Says::Unknown => unknown.into(),
        };
        match about {
            About::First => self.trace.ledger.check(stage, finding),
            About::Second => self.trace.ledger.check_second(stage, finding),
        }
    }

    fn conclude(self) -> Begun<C> {
        Begun::Done(Appraisal::conclude(self.trace, self.at, self.claims))
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
