//! Where appraisals ask for keys and wait for them, without a runtime and without the fetcher's lock.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use ::time::OffsetDateTime;

use crate::keys::KeyRefresher;
use crate::time::Seconds;

/// For so many seconds after keys came, who was refused is told to try again: the refusal may be older.
const NEWS: i64 = 5;

/// What a key store, a cache and whoever drives it share.
pub(super) struct Desk {
    /// What the requests of a round may take, in seconds.
    patience: i64,
    slip: Mutex<Slip>,
}

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
    /// A round took too long, and the driver was not seen since.
    absent: bool,
    /// The number of the round that is open, or of the next.
    round: u64,
    /// When the round was opened that is under way, or will be as soon as the driver comes.
    open: Option<Seconds>,
    /// When keys came last.
    keys_arrived: Option<Seconds>,
    /// The next visitor's.
    id: u64,
    /// Who waits for the round that is open.
    waiting: Wakers,
    /// Who waits to be told that a token asked, or that nobody uses the keys any more.
    driver: Wakers,
    /// Who is to be woken as soon as nobody holds a lock.
    called: Wakers,
}

/// By the visitor's number.
type Wakers = BTreeMap<u64, Waker>;

impl Desk {
    pub(super) fn new(patience: i64) -> Self {
        Self { patience, slip: Mutex::default() }
    }

    fn slip(&self) -> MutexGuard<'_, Slip> {
        self.slip.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes who was called. Whoever is woken may come back here at once, so no lock may be held.
    pub(super) fn wake(&self) {
        let called = std::mem::take(&mut self.slip().called);
        called.into_values().for_each(Waker::wake);
    }

    /// A token asks for keys.
    fn ask(&self, now: Seconds) {
        let mut slip = self.slip();
        if !slip.closed {
            slip.end_overdue(self.patience, now);
            slip.wanted = true;
            slip.rung = true;
            if !slip.absent {
                // From now on and not from when the driver comes: the token may wait at once.
                slip.open.get_or_insert(now);
            }
            slip.call_driver();
        }
        drop(slip);
        self.wake();
    }

    fn desert(&self) {
        let mut slip = self.slip();
        slip.deserted = true;
        slip.call_driver();
        drop(slip);
        self.wake();
    }

    /// What ends with the round that is open; at once, if keys came just now.
    fn under_way(self: &Arc<Self>, now: Seconds) -> Option<Ended> {
        let mut slip = self.slip();
        slip.end_overdue(self.patience, now);
        let (round, open) = (slip.round, slip.open.is_some());
        let news =
            slip.keys_arrived.is_some_and(|arrived| now.since(arrived).saturating_abs() < NEWS);
        drop(slip);
        self.wake();
        if open {
            let over = move |slip: &mut Slip| slip.round != round;
            Some(Box::pin(self.visit(|slip| &mut slip.waiting, over)))
        } else if news {
            Some(Box::pin(std::future::ready(())))
        } else {
            None
        }
    }

    /// A round begins if it is due, which may depend on whether a token asked for keys since the last
    /// one began. If it is not, nobody waits for it: a cooldown is longer than a request.
    pub(super) fn begin_round(
        &self,
        now: Seconds,
        due: impl FnOnce(bool) -> Seconds,
    ) -> Result<(), Seconds> {
        let mut slip = self.slip();
        slip.absent = false;
        let due = due(slip.wanted);
        if now < due {
            slip.end_round();
            return Err(due);
        }
        // Whoever asks from now on may want what this round does not bring.
        slip.wanted = false;
        slip.open = Some(now);
        Ok(())
    }

    /// Keys came. Who asked because there were none that may be used has them.
    pub(super) fn announce(&self, had_no_keys: bool, now: Seconds) {
        let mut slip = self.slip();
        slip.keys_arrived = Some(now);
        slip.wanted &= !had_no_keys;
    }

    /// No round is under way any more.
    pub(super) fn end_round(&self) {
        self.slip().end_round();
    }

    /// Nobody fetches any more.
    pub(super) fn close(&self) {
        let mut slip = self.slip();
        slip.closed = true;
        slip.end_round();
        drop(slip);
        self.wake();
    }

    /// Ends when a token asked for keys since this ended last, or nobody uses the keys any more.
    pub(super) fn rung(self: &Arc<Self>) -> impl Future<Output = ()> + Send + use<> {
        let over = |slip: &mut Slip| std::mem::take(&mut slip.rung) || slip.deserted;
        self.visit(|slip| &mut slip.driver, over)
    }

    /// Ends when nobody uses the keys any more.
    #[cfg(feature = "remote")]
    pub(super) fn deserted(self: &Arc<Self>) -> impl Future<Output = ()> + Send + use<> {
        self.visit(|slip| &mut slip.driver, |slip: &mut Slip| slip.deserted)
    }

    fn visit<F>(self: &Arc<Self>, queue: fn(&mut Slip) -> &mut Wakers, over: F) -> Visit<F> {
        let mut slip = self.slip();
        let id = slip.id;
        slip.id = id.wrapping_add(1);
        Visit { desk: Arc::clone(self), id, queue, over }
    }
}

impl Slip {
    fn end_round(&mut self) {
        if self.open.take().is_some() {
            self.round = self.round.wrapping_add(1);
            self.called.append(&mut self.waiting);
        }
    }

    /// A round that nobody ends is ended by whoever comes next. From then on nobody waits until the driver
    /// shows itself.
    fn end_overdue(&mut self, patience: i64, now: Seconds) {
        if self.open.is_some_and(|opened| now.since(opened).saturating_abs() > patience) {
            self.end_round();
            self.absent = true;
        }
    }

    fn call_driver(&mut self) {
        self.called.append(&mut self.driver);
    }
}

/// What a token waits for.
type Ended = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Somebody who stands at the desk until something is so. Who leaves takes his waker along.
struct Visit<F> {
    desk: Arc<Desk>,
    id: u64,
    queue: fn(&mut Slip) -> &mut Wakers,
    over: F,
}

impl<F: FnMut(&mut Slip) -> bool + Unpin> Future for Visit<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        // Wakers are somebody else's code: none is cloned, dropped or woken under the lock.
        let waker = cx.waker().clone();
        let mut slip = this.desk.slip();
        let over = (this.over)(&mut slip);
        let before = if over { None } else { (this.queue)(&mut slip).insert(this.id, waker) };
        drop(slip);
        drop(before);
        if over { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl<F> Drop for Visit<F> {
    fn drop(&mut self) {
        let mut slip = self.desk.slip();
        let waker = (self.queue)(&mut slip).remove(&self.id);
        drop(slip);
        drop(waker);
    }
}

/// What a key store holds of its cache: the desk and nothing else, so that neither keeps the other.
pub(super) struct Refresher(pub(super) Arc<Desk>);

impl KeyRefresher for Refresher {
    fn request(&self, now: OffsetDateTime) {
        self.0.ask(Seconds::at(now));
    }

    fn under_way(&self, now: OffsetDateTime) -> Option<Ended> {
        self.0.under_way(Seconds::at(now))
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
