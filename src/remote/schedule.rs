//! When the next round begins.

use crate::time::Seconds;

/// After a round that brought nothing the next comes after 5 s, then twice as long each time, up to
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
    /// When a round is due: as planned, or sooner where a token asked for keys, but not within the
    /// cooldown after the last request of the round before, which is that for keys if there was one.
    pub(super) fn due(&self, wanted: bool, cooldown: i64, now: Seconds) -> Seconds {
        let (Some(sent), Some(next)) = (self.sent, self.next) else {
            return now;
        };
        // A clock that went back far does not stop refreshes.
        if sent.since(now) > cooldown {
            return now;
        }
        let asked = Seconds::nearest(sent.plus(cooldown));
        if wanted { next.min(asked) } else { next }
    }

    /// A request goes out.
    pub(super) fn send(&mut self, now: Seconds) {
        self.sent = Some(now);
    }

    /// The next round comes when four fifths of the freshness are over, so that an outage of the last
    /// fifth goes unnoticed.
    pub(super) fn succeed(&mut self, since: Seconds, lifetime: i64) {
        self.failures = 0;
        self.next = Some(Seconds::nearest(since.plus(lifetime.saturating_mul(4) / 5)));
    }

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
