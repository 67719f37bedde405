//! When the next round begins.

use crate::time::Seconds;

/// Backoff: after a failed round the next one comes after 5 s, then after twice as long each time, up to
/// 5 min.
const FIRST_RETRY: i64 = 5;
const LAST_RETRY: i64 = 300;

/// When the last request went out, and when the next round is due.
#[derive(Default)]
pub(super) struct Schedule {
    sent: Option<Seconds>,
    next: Option<Seconds>,
    failures: u32,
}

impl Schedule {
    /// Returns when a round is due: as planned, or earlier if a token requested keys, but not within the
    /// cooldown after the last request of the previous round.
    pub(super) fn due(&self, requested: bool, cooldown: i64, now: Seconds) -> Seconds {
        let (Some(sent), Some(next)) = (self.sent, self.next) else {
            return now;
        };
        // A clock that was set back far does not stop refreshes.
        if sent.since(now) > cooldown {
            return now;
        }
        let earliest = Seconds::nearest(sent.plus(cooldown));
        if requested { next.min(earliest) } else { next }
    }

    /// Records that a request is sent.
    pub(super) fn send(&mut self, now: Seconds) {
        self.sent = Some(now);
    }

    /// Plans the next round after four fifths of the freshness, so that an outage within the last fifth goes
    /// unnoticed.
    pub(super) fn succeed(&mut self, since: Seconds, lifetime: i64) {
        self.failures = 0;
        self.next = Some(Seconds::nearest(since.plus(lifetime.saturating_mul(4) / 5)));
    }

    /// Plans the next round after a failed one.
    pub(super) fn fail(&mut self, now: Seconds) {
        self.sent = self.sent.map(|sent| sent.min(now));
        let wait = FIRST_RETRY.saturating_mul(2_i64.saturating_pow(self.failures)).min(LAST_RETRY);
        self.failures = self.failures.saturating_add(1);
        self.next = Some(Seconds::nearest(now.plus(wait)));
    }

    pub(super) fn failures(&self) -> u32 {
        self.failures
    }
}
