//! State that only a source outside the token knows: was it used before, was it revoked?
//!
//! The questions come after every other check has passed, so that a token which is rejected anyway costs
//! no question and uses nothing up. They come in two rounds: first those that only read, all at once, then
//! the one that remembers the token. A validator without sources has no questions and pays nothing.
//!
//! - A [`LocalSource`] or a [`ReplayGuard`] answers at once.
//! - A [`StateSource`] has to be waited for. Its validator has the type `Validator<C, Remote>`, and
//!   [`appraise_async`](crate::Validator::appraise_async) in place of `appraise`; or
//!   [`begin`](crate::Validator::begin) for a program that asks by itself.

mod ask;
mod reach;
mod replay;
mod source;
mod unwind;

pub use ask::{Answer, Ask, AskKind, FirstUse, Question, Says, TokenFacts};
pub use reach::{Local, Reach, Remote};
pub use replay::{MemoryReplayGuard, Replay, ReplayGuard, TokenId};
pub use source::{LocalSource, StateSource};

pub(crate) use ask::Round;
pub(crate) use source::AnySource;
pub(crate) use unwind::Unwound;
