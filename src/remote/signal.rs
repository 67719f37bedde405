//! The signal between appraisals, which need keys, and the driver of a cache, which fetches them.
//!
//! It needs no runtime, and no lock of the cache.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::time::OffsetDateTime;

use super::waiters::{Waiters, WakeUps};
use crate::keys::KeyRefresher;
use crate::time::Seconds;

/// Grace period in seconds: a token that was refused just before new keys arrived may retry immediately.
const RETRY_GRACE: i64 = 5;

/// What a key store, its cache and the cache's driver share.
pub(super) struct Signal {
    /// How long the requests of a round may take together, in seconds.
    round_timeout: i64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// A token has requested keys since the last round began.
    refresh_requested: bool,
    /// A token has requested keys since the driver last noticed such a request.
    driver_called: bool,
    /// The driver should end, because the key store was dropped or a shutdown was requested.
    stop: bool,
    /// The driver has ended, so no request for keys will be served.
    closed: bool,
    /// A round took too long, and the driver has not polled since.
    driver_missing: bool,
    /// The number of the current round, or of the next one if none is open.
    round: u64,
    /// When the current round was opened: by the driver, or by a token that requested it.
    opened: Option<Seconds>,
    /// When keys last arrived.
    keys_arrived: Option<Seconds>,
    /// Tokens that wait for the end of the current round.
    tokens: Waiters,
    /// Drivers that wait for a request for keys, or for the moment to end.
    drivers: Waiters,
    wake_ups: WakeUps,
}

impl Signal {
    pub(super) fn new(round_timeout: i64) -> Self {
        Self { round_timeout, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the waiters that are due. The caller must hold no lock, because a waker may call back into
    /// the cache.
    pub(super) fn wake(&self) {
        let wake_ups = std::mem::take(&mut self.state().wake_ups);
        wake_ups.run();
    }

    /// Requests keys for a token.
    fn request_refresh(&self, now: Seconds) {
        let mut state = self.state();
        if !state.closed {
            state.end_overdue_round(self.round_timeout, now);
            state.refresh_requested = true;
            state.driver_called = true;
            if !state.driver_missing {
                // The round opens now and not when the driver polls, so that the token can wait for it.
                state.opened.get_or_insert(now);
            }
            state.call_drivers();
        }
        drop(state);
        self.wake();
    }

    /// Tells the driver to end.
    pub(super) fn stop(&self) {
        let mut state = self.state();
        state.stop = true;
        state.call_drivers();
        drop(state);
        self.wake();
    }

    /// Returns a future that completes when the current round ends, or at once if keys arrived just now.
    /// Returns `None` if there is nothing to wait for.
    fn pending_refresh(self: &Arc<Self>, now: Seconds) -> Option<Ended> {
        let mut state = self.state();
        state.end_overdue_round(self.round_timeout, now);
        let (round, open) = (state.round, state.opened.is_some());
        let recent = |arrived: Seconds| now.since(arrived).saturating_abs() < RETRY_GRACE;
        let may_retry = state.keys_arrived.is_some_and(recent);
        drop(state);
        self.wake();
        if open {
            let ended = move |state: &mut State| state.round != round;
            Some(Box::pin(self.wait(|state| (&mut state.tokens, &mut state.wake_ups), ended)))
        } else if may_retry {
            Some(Box::pin(std::future::ready(())))
        } else {
            None
        }
    }

    /// Begins a round if one is due, which may depend on whether a token has requested keys since the last
    /// one began.
    ///
    /// If none is due, tokens stop waiting, because a cooldown lasts longer than a request.
    ///
    /// # Errors
    ///
    /// The moment at which the next round is due.
    pub(super) fn begin_round(
        &self,
        now: Seconds,
        due: impl FnOnce(bool) -> Seconds,
    ) -> Result<(), Seconds> {
        let mut state = self.state();
        state.driver_missing = false;
        let due = due(state.refresh_requested);
        if now < due {
            state.end_round();
            return Err(due);
        }
        // A request that is made from now on may be for keys that this round does not bring.
        state.refresh_requested = false;
        state.opened = Some(now);
        Ok(())
    }

    /// Records that keys arrived. If there were none before, the requests so far are served.
    pub(super) fn keys_arrived(&self, had_no_keys: bool, now: Seconds) {
        let mut state = self.state();
        state.keys_arrived = Some(now);
        state.refresh_requested &= !had_no_keys;
    }

    /// Ends the current round. The caller must call [`Self::wake`] once it holds no lock.
    pub(super) fn end_round(&self) {
        self.state().end_round();
    }

    /// Records that the driver has ended. Returns whether it was told to.
    pub(super) fn close(&self) -> bool {
        let mut state = self.state();
        state.closed = true;
        state.end_round();
        let stop = state.stop;
        drop(state);
        self.wake();
        stop
    }

    /// Returns whether the driver should end.
    #[cfg(feature = "remote")]
    pub(super) fn should_stop(&self) -> bool {
        self.state().stop
    }

    /// Returns a future that completes when a token has requested keys since such a future last completed,
    /// or when the driver should end.
    pub(super) fn called(self: &Arc<Self>) -> impl Future<Output = ()> + Send + use<> {
        let called = |state: &mut State| std::mem::take(&mut state.driver_called) || state.stop;
        self.wait(|state| (&mut state.drivers, &mut state.wake_ups), called)
    }

    /// Returns a future that completes when the driver should end.
    #[cfg(feature = "remote")]
    pub(super) fn stopped(self: &Arc<Self>) -> impl Future<Output = ()> + Send + use<> {
        let stopped = |state: &mut State| state.stop;
        self.wait(|state| (&mut state.drivers, &mut state.wake_ups), stopped)
    }

    /// Returns a future that completes once the condition holds. Dropping it deregisters its waker.
    fn wait<F>(
        self: &Arc<Self>,
        waiters: fn(&mut State) -> (&mut Waiters, &mut WakeUps),
        mut condition: F,
    ) -> impl Future<Output = ()> + Send + use<F>
    where
        F: FnMut(&mut State) -> bool + Send + 'static,
    {
        let signal = Arc::clone(self);
        async move {
            while let Some(woken) = signal.register(waiters, &mut condition) {
                signal.wake();
                let _ = woken.await;
            }
        }
    }

    /// Registers a waiter unless the condition holds.
    fn register(
        &self,
        waiters: fn(&mut State) -> (&mut Waiters, &mut WakeUps),
        condition: &mut impl FnMut(&mut State) -> bool,
    ) -> Option<futures_channel::oneshot::Receiver<()>> {
        let mut state = self.state();
        if condition(&mut state) {
            return None;
        }
        let (waiters, wake_ups) = waiters(&mut state);
        Some(waiters.add(wake_ups))
    }
}

impl State {
    fn end_round(&mut self) {
        if self.opened.take().is_some() {
            self.round = self.round.wrapping_add(1);
            self.tokens.wake_later(&mut self.wake_ups);
        }
    }

    /// Ends a round that the driver has not ended in time. From then on no token waits until the driver
    /// polls again.
    fn end_overdue_round(&mut self, timeout: i64, now: Seconds) {
        if self.opened.is_some_and(|opened| now.since(opened).saturating_abs() > timeout) {
            self.end_round();
            self.driver_missing = true;
        }
    }

    fn call_drivers(&mut self) {
        self.drivers.wake_later(&mut self.wake_ups);
    }
}

impl fmt::Debug for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signal").finish_non_exhaustive()
    }
}

/// A future that a token waits for.
type Ended = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a key store holds of its cache. It is the signal alone, so that neither keeps the other alive.
pub(super) struct Refresher(pub(super) Arc<Signal>);

impl KeyRefresher for Refresher {
    fn request(&self, now: OffsetDateTime) {
        self.0.request_refresh(Seconds::at(now));
    }

    fn pending_refresh(&self, now: OffsetDateTime) -> Option<Ended> {
        self.0.pending_refresh(Seconds::at(now))
    }
}

/// The key store was dropped, so no validator uses its keys.
impl Drop for Refresher {
    fn drop(&mut self) {
        self.0.stop();
    }
}

impl fmt::Debug for Refresher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Refresher(JwksCache)")
    }
}
