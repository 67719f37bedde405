//! A source that panics does not take the request along.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::ask::Answer;
use super::source::Answers;

/// The answers of a source, or none if it panics.
pub(crate) struct Unwound<'a>(Option<Answers<'a>>);

impl<'a> Unwound<'a> {
    /// Asks; a source may panic while it builds its future.
    pub(crate) fn of(ask: impl FnOnce() -> Answers<'a>) -> Self {
        Self(catch_unwind(AssertUnwindSafe(ask)).ok())
    }
}

impl Future for Unwound<'_> {
    type Output = Vec<Answer>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Vec<Answer>> {
        let Some(answers) = &mut self.0 else {
            return Poll::Ready(Vec::new());
        };
        let polled = catch_unwind(AssertUnwindSafe(|| answers.as_mut().poll(cx)));
        // A future that panicked must not be polled again.
        polled.unwrap_or_else(|_| {
            self.0 = None;
            Poll::Ready(Vec::new())
        })
    }
}
