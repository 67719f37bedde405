//! Where appraisals ask for keys and wait for them, without a runtime and without the fetcher's lock.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use crate::keys::KeyRefresher;

/// What a key store, a cache and whoever drives it share.
#[derive(Default)]
pub(super) struct Desk(Mutex<Slip>);

#[derive(Default)]
struct Slip {
    /// A token asked for keys since the last round began.
    wanted: bool,
    /// The same, since the driver was last told.
    rung: bool,
    /// Nobody uses the keys any more.
    deserted: bool,
    /// Nobody drives the cache any more.
    closed: bool,
    /// The round that is under way, or will be as soon as the driver comes.
    round: Option<Arc<Round>>,
    driver: Vec<Waker>,
}

impl Desk {
    fn slip(&self) -> MutexGuard<'_, Slip> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A token asks for keys.
    fn ask(&self) {
        let mut slip = self.slip();
        if slip.closed {
            return;
        }
        slip.wanted = true;
        slip.rung = true;
        // From now on and not from when the driver comes: the token may wait at once.
        slip.round.get_or_insert_default();
        let driver = std::mem::take(&mut slip.driver);
        drop(slip);
        driver.into_iter().for_each(Waker::wake);
    }

    fn desert(&self) {
        let mut slip = self.slip();
        slip.deserted = true;
        let driver = std::mem::take(&mut slip.driver);
        drop(slip);
        driver.into_iter().for_each(Waker::wake);
    }

    fn round(&self) -> Option<Arc<Round>> {
        self.slip().round.clone()
    }

    /// A round begins if it is due, which may depend on whether a token asked for keys since the last
    /// one began. If it is not, nobody waits for it: a cooldown is longer than a request.
    pub(super) fn begin_round<E>(&self, due: impl FnOnce(bool) -> Result<(), E>) -> Result<(), E> {
        let mut slip = self.slip();
        if let Err(not_due) = due(slip.wanted) {
            let round = slip.round.take();
            drop(slip);
            round.iter().for_each(|round| round.end());
            return Err(not_due);
        }
        // Whoever asks from now on may want what this round does not bring.
        slip.wanted = false;
        slip.round.get_or_insert_default();
        Ok(())
    }

    /// Who asked because there were no keys at all has them.
    pub(super) fn satisfy(&self) {
        self.slip().wanted = false;
    }

    /// No round is under way any more.
    pub(super) fn end_round(&self) {
        let round = self.slip().round.take();
        if let Some(round) = round {
            round.end();
        }
    }

    /// Nobody fetches any more.
    pub(super) fn close(&self) {
        self.slip().closed = true;
        self.end_round();
    }

    /// Ends when a token asked for keys since this ended last, or nobody uses the keys any more.
    pub(super) async fn rung(&self) {
        poll_fn(|cx| {
            let mut slip = self.slip();
            if std::mem::take(&mut slip.rung) || slip.deserted {
                return Poll::Ready(());
            }
            remember(&mut slip.driver, cx);
            Poll::Pending
        })
        .await;
    }

    /// Ends when nobody uses the keys any more.
    #[cfg(feature = "remote")]
    pub(super) async fn deserted(&self) {
        poll_fn(|cx| {
            let mut slip = self.slip();
            if slip.deserted {
                return Poll::Ready(());
            }
            remember(&mut slip.driver, cx);
            Poll::Pending
        })
        .await;
    }
}

/// Who waits is woken once, however often it looked.
fn remember(waiting: &mut Vec<Waker>, cx: &Context<'_>) {
    if !waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
        waiting.push(cx.waker().clone());
    }
}

/// One round of fetching, which tokens wait for.
#[derive(Default)]
struct Round(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    ended: bool,
    wakers: Vec<Waker>,
}

impl Round {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) {
        let mut waiting = self.waiting();
        waiting.ended = true;
        let wakers = std::mem::take(&mut waiting.wakers);
        drop(waiting);
        wakers.into_iter().for_each(Waker::wake);
    }

    fn poll_ended(&self, cx: &Context<'_>) -> Poll<()> {
        let mut waiting = self.waiting();
        if waiting.ended {
            return Poll::Ready(());
        }
        remember(&mut waiting.wakers, cx);
        Poll::Pending
    }
}

/// What a key store holds of its cache: the desk and nothing else, so that neither keeps the other.
pub(super) struct Refresher(pub(super) Arc<Desk>);

impl KeyRefresher for Refresher {
    fn request(&self) {
        self.0.ask();
    }

    fn under_way(&self) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>> {
        let round = self.0.round()?;
        Some(Box::pin(poll_fn(move |cx| round.poll_ended(cx))))
    }
}

/// The store is gone, and with it whoever used the keys.
impl Drop for Refresher {
    fn drop(&mut self) {
        self.0.desert();
    }
}

impl fmt::Debug for Refresher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Refresher(JwksCache)")
    }
}
