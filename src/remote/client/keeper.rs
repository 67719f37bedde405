//! The task that keeps keys fresh for as long as somebody uses them.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use ::time::OffsetDateTime;
use tokio::runtime::Handle;

use super::http::HttpClient;
use crate::remote::machine::Machine;
use crate::remote::{FetchFault, FetchRequest, Step, Update};
use crate::time::Clock;

pub(super) type Observer = Box<dyn Fn(&Update) + Send + Sync>;

/// A clock may be set, and a machine may sleep: so often at least the time is looked at.
const LONGEST_NAP: Duration = Duration::from_secs(60);

pub(super) struct Keeper {
    pub(super) machine: Machine,
    pub(super) http: HttpClient,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) observer: Option<Observer>,
    pub(super) runtime: Handle,
}

impl Keeper {
    /// Fetches until there are keys, or something went wrong.
    pub(super) async fn fetch_first(&self) -> Result<(), FetchFault> {
        while let Step::Fetch(request) = self.machine.poll(self.clock.now()) {
            match self.fetch(request).await {
                Some(Update::Replaced { .. } | Update::Unchanged { .. }) => return Ok(()),
                Some(Update::Kept { fault, .. }) => return Err(fault),
                Some(Update::Underway { .. } | Update::Ignored) | None => {}
            }
        }
        Err(FetchFault::GivenUp)
    }

    pub(super) fn spawn(self) {
        let runtime = self.runtime.clone();
        runtime.spawn(async move { self.keep_fresh().await });
    }

    async fn keep_fresh(self) {
        while self.machine.is_used() {
            let now = self.clock.now();
            match self.machine.poll(now) {
                Step::Fetch(request) => {
                    self.fetch(request).await;
                }
                Step::WaitUntil(due) => {
                    let nap = nap(now, due);
                    // Whichever comes first: the time, or a token that asks for keys.
                    let _ = tokio::time::timeout(nap, self.machine.desk.rung()).await;
                }
            }
        }
    }

    /// Makes a request and says what it came to; nothing, if nobody uses the keys any more.
    async fn fetch(&self, request: FetchRequest) -> Option<Update> {
        let answer = {
            let mut deserted = pin!(self.machine.desk.deserted());
            let mut fetch = pin!(self.http.fetch(&request));
            poll_fn(|cx| match deserted.as_mut().poll(cx) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => fetch.as_mut().poll(cx).map(Some),
            })
            .await?
        };
        let update = self.machine.complete(request, answer, self.clock.now());
        if let Some(observer) = &self.observer {
            observer(&update);
        }
        Some(update)
    }
}

fn nap(now: OffsetDateTime, due: OffsetDateTime) -> Duration {
    let left = due.unix_timestamp_nanos().saturating_sub(now.unix_timestamp_nanos());
    Duration::from_nanos(u64::try_from(left).unwrap_or(0)).min(LONGEST_NAP)
}
