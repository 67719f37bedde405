//! Futures that wait for the same event, each on a `oneshot` channel of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_channel::oneshot::{Receiver, Sender, channel};

/// The least number of waiters at which abandoned ones are looked for.
const PRUNE_AT_LEAST: usize = 16;

/// The waiters of one event.
#[derive(Default)]
pub(super) struct Waiters {
    senders: Vec<Sender<()>>,
    /// The number of waiters at which the abandoned ones are removed next. It is twice what was left the
    /// last time, so that adding a waiter takes constant time on average.
    prune_at: usize,
}

impl Waiters {
    /// Adds a waiter, which the receiver belongs to. Dropping the receiver deregisters its waker.
    ///
    /// Abandoned waiters move to `wake_ups`, because the end of a sender may drop a waker.
    pub(super) fn add(&mut self, wake_ups: &mut WakeUps) -> Receiver<()> {
        if self.senders.len() >= self.prune_at {
            let all = std::mem::take(&mut self.senders).into_iter();
            let (abandoned, waiting): (Vec<_>, Vec<_>) = all.partition(Sender::is_canceled);
            wake_ups.0.extend(abandoned);
            self.prune_at = waiting.len().saturating_mul(2).max(PRUNE_AT_LEAST);
            self.senders = waiting;
        }
        let (sender, receiver) = channel();
        self.senders.push(sender);
        receiver
    }

    /// Plans to wake all waiters as soon as no lock is held.
    pub(super) fn wake_later(&mut self, wake_ups: &mut WakeUps) {
        wake_ups.0.append(&mut self.senders);
    }
}

/// Waiters that are due to be woken as soon as no lock is held.
#[derive(Default)]
pub(super) struct WakeUps(Vec<Sender<()>>);

impl WakeUps {
    /// Wakes them all. A waker that panics does not keep the others from being woken.
    pub(super) fn run(self) {
        for sender in self.0 {
            let _ = catch_unwind(AssertUnwindSafe(|| sender.send(())));
        }
    }
}
