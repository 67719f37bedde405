//! The task that keeps keys fresh for as long as a validator uses them.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use ::time::OffsetDateTime;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::exchange::Fetcher;
use crate::names::Issuer;
use crate::remote::rounds::Rounds;
use crate::remote::{FetchAnswer, FetchError, FetchRequest, Step, Update};
use crate::time::Clock;

pub(super) type Observer = Box<dyn Fn(&Issuer, &Update) + Send + Sync>;

/// The task looks at the clock at least this often, because the clock may be set and the machine may sleep.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

const PANICKED: &str = "the HTTP client panicked, as it does in a runtime without I/O";

pub(super) struct RefreshTask {
    pub(super) issuer: Issuer,
    pub(super) rounds: Arc<Rounds>,
    pub(super) fetcher: Fetcher,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) observer: Option<Observer>,
    pub(super) runtime: Handle,
}

impl RefreshTask {
    /// Fetches until there are keys, or until a round has failed.
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

    pub(super) fn spawn(self) -> JoinHandle<()> {
        let (runtime, task) = (self.runtime.clone(), Running(self));
        runtime.spawn(task.run())
    }

    /// Makes a request and hands in its answer. Returns `None` if the task should end.
    async fn fetch(&self, request: FetchRequest) -> Option<Update> {
        let answer = {
            let mut stopped = pin!(self.rounds.signal.stopped());
            // It is on the heap, so that a task that sleeps until the next round is small.
            let mut fetch = Box::pin(self.fetcher.fetch(&request));
            poll_fn(|cx| {
                if stopped.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(None);
                }
                // A panic of the client must not end the task.
                let polled = catch_unwind(AssertUnwindSafe(|| fetch.as_mut().poll(cx)));
                let polled = polled.unwrap_or_else(|_| Poll::Ready(FetchAnswer::failed(PANICKED)));
                polled.map(Some)
            })
            .await?
        };
        let update = self.rounds.complete(request, answer, self.clock.now());
        self.tell(&update);
        Some(update)
    }

    /// Tells the observer. A panic of the observer must not end the task.
    fn tell(&self, update: &Update) {
        if let Some(observer) = &self.observer {
            let _ = catch_unwind(AssertUnwindSafe(|| observer(&self.issuer, update)));
        }
    }
}

/// The task while it runs.
struct Running(RefreshTask);

impl Running {
    async fn run(self) {
        let RefreshTask { rounds, clock, .. } = &self.0;
        while !rounds.signal.should_stop() {
            let now = clock.now();
            match rounds.poll(now) {
                Step::Fetch(request) => {
                    self.0.fetch(request).await;
                }
                Step::WaitUntil(due) => {
                    // It ends at the time, or earlier if a token requests keys.
                    let pause = pause(now, due);
                    let _ = tokio::time::timeout(pause, rounds.signal.called()).await;
                }
            }
        }
    }
}

/// Runs however the task ends, also if its runtime is shut down before it began.
impl Drop for Running {
    fn drop(&mut self) {
        // The signal is closed first, so that no token waits while the observer is called.
        let was_told_to_stop = self.0.rounds.signal.close();
        if !was_told_to_stop {
            self.0.tell(&Update::Stopped);
        }
    }
}

fn pause(now: OffsetDateTime, due: OffsetDateTime) -> Duration {
    let left = due.unix_timestamp_nanos().saturating_sub(now.unix_timestamp_nanos());
    Duration::from_nanos(u64::try_from(left).unwrap_or(0)).min(LONGEST_PAUSE)
}
