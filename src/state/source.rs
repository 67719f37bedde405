//! Sources of state: one that answers at once, and one that has to be waited for.

use std::fmt;
use std::pin::Pin;

use ::time::OffsetDateTime;

use super::ask::{Answer, Ask, AskKind, Question, Says};

/// A source that answers at once, without I/O: a list in memory. It is asked within
/// [`Validator::appraise`](crate::Validator::appraise).
///
/// For tokens that are good for one use there is [`ReplayGuard`](crate::ReplayGuard).
pub trait LocalSource: fmt::Debug + Send + Sync {
    /// Answers a question, as if it were `now`.
    fn answer(&self, ask: &Ask, now: OffsetDateTime) -> Says;
}

/// A source that has to be waited for: a database, or a service of the issuer. A validator with one has
/// [`appraise_async`](crate::Validator::appraise_async) in place of `appraise`.
///
/// The questions of one round are asked together, so that one round trip answers all of them. Today each round
/// has one question. A question without an answer is undetermined, and so is every question if the source
/// panics. There is no timer here, so a source must limit its own time.
///
/// ```
/// use jwt_appraisal::state::{Answer, Ask, AskKind, Question, Says, StateSource};
/// use time::OffsetDateTime;
///
/// #[derive(Debug)]
/// struct Sessions;
///
/// impl StateSource for Sessions {
///     fn kinds(&self) -> &[AskKind] {
///         &[AskKind::Revoked]
///     }
///
///     async fn ask(&self, questions: &[Question], _: OffsetDateTime) -> Vec<Answer> {
///         // One query for all of them.
///         questions.iter().map(|question| question.answer(Says::Clear)).collect()
///     }
/// }
/// ```
pub trait StateSource: fmt::Debug + Send + Sync {
    /// The kinds of questions that this source answers. No other question is asked of it.
    fn kinds(&self) -> &[AskKind];

    /// Answers the questions of one round, in any order, as if it were `now`.
    fn ask(
        &self,
        questions: &[Question],
        now: OffsetDateTime,
    ) -> impl Future<Output = Vec<Answer>> + Send;
}

/// The answers of a source that is not known by its type.
pub(crate) type Answers<'a> = Pin<Box<dyn Future<Output = Vec<Answer>> + Send + 'a>>;

/// A [`StateSource`] of any type.
pub(crate) trait AnySource: fmt::Debug + Send + Sync {
    fn answers(&self, kind: AskKind) -> bool;
    fn ask<'a>(&'a self, questions: &'a [Question], now: OffsetDateTime) -> Answers<'a>;
}

impl<S: StateSource> AnySource for S {
    fn answers(&self, kind: AskKind) -> bool {
        self.kinds().contains(&kind)
    }

    fn ask<'a>(&'a self, questions: &'a [Question], now: OffsetDateTime) -> Answers<'a> {
        Box::pin(StateSource::ask(self, questions, now))
    }
}
