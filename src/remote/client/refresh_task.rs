//! The task that keeps keys fresh for as long as somebody uses them.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use ::time::OffsetDateTime;
use tokio::runtime::Handle;

use super::http::HttpClient;
use crate::names::Issuer;
use crate::remote::rounds::Rounds;
use crate::remote::{FetchAnswer, FetchError, FetchRequest, Step, Update};
use crate::time::Clock;

pub(super) type Observer = Box<dyn Fn(&Issuer, &Update) + Send + Sync>;

/// A clock may be set, and a machine may sleep: so often at least the time is looked at.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

pub(super) struct RefreshTask {
    pub(super) issuer: Issuer,
    pub(super) rounds: Arc<Rounds>,
    pub(super) http: HttpClient,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) observer: Option<Observer>,
    pub(super) runtime: Handle,
}

impl RefreshTask {
    /// Fetches until there are keys, or something went wrong.
    pub(super) async fn fetch_first(&self) -> Result<(), FetchError> {
        while let Step::Fetch(request) = self.rounds.poll(self.clock.now()) {
            match self.fetch(request).await {
                Some(Update::Replaced { .. } | Update::Unchanged { .. }) => return Ok(()),
                Some(Update::Kept { error, .. }) => return Err(error),
                Some(Update::InProgress { .. } | Update::Ignored | Update::Stopped) | None => {}
            }
        }
        Err(FetchError::GivenUp)
    }

    pub(super) fn spawn(self) {
        let (runtime, task) = (self.runtime.clone(), Task(self));
        runtime.spawn(task.run());
    }

    /// Makes a request and says what it came to; nothing, if nobody uses the keys any more.
    async fn fetch(&self, request: FetchRequest) -> Option<Update> {
        let answer = {
            let mut deserted = pin!(self.rounds.signal.stopped());
            let mut fetch = pin!(self.http.fetch(&request));
            poll_fn(|cx| {
                if deserted.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(None);
                }
                // A panic of the client must not be the end of the task.
                let polled = catch_unwind(AssertUnwindSafe(|| fetch.as_mut().poll(cx)));
                let polled = polled.unwrap_or_else(|_| Poll::Ready(FetchAnswer::failed(PANICKED)));
                polled.map(Some)
            })
            .await?
        };
        let update = self.rounds.complete(request, answer, self.clock.now());
        self.say(&update);
        Some(update)
    }

    /// Tells the observer, whose panic is no reason to stop.
    fn say(&self, update: &Update) {
        if let Some(observer) = &self.observer {
            let _ = catch_unwind(AssertUnwindSafe(|| observer(&self.issuer, update)));
        }
    }
}

const PANICKED: &str = "the HTTP client panicked, as it does in a runtime without I/O";

/// The keeper at work.
struct Task(RefreshTask);

impl Task {
    async fn run(self) {
        let RefreshTask { rounds, clock, .. } = &self.0;
        while !rounds.signal.should_stop() {
            let now = clock.now();
            match rounds.poll(now) {
                Step::Fetch(request) => {
                    self.0.fetch(request).await;
                }
                Step::WaitUntil(due) => {
                    let pause = pause(now, due);
                    // Whichever comes first: the time, or a token that asks for keys.
                    let _ = tokio::time::timeout(pause, rounds.signal.called()).await;
                }
            }
        }
    }
}

/// Runs however the task ends, also if its runtime is shut down before it began.
impl Drop for Task {
    fn drop(&mut self) {
        // The signal is closed first, so that no token waits while the observer is called.
        let was_told_to_stop = self.0.rounds.signal.close();
        if !was_told_to_stop {
            self.0.say(&Update::Stopped);
        }
    }
}

fn pause(now: OffsetDateTime, due: OffsetDateTime) -> Duration {
    let left = due.unix_timestamp_nanos().saturating_sub(now.unix_timestamp_nanos());
    Duration::from_nanos(u64::try_from(left).unwrap_or(0)).min(LONGEST_PAUSE)
}
