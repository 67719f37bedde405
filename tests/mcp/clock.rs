//! A clock that can be put forward.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jwt_appraisal::{Clock, SystemClock};
use time::{Duration, OffsetDateTime};

/// The clock of the operating system, as far ahead as the test says. Clones show the same time.
#[derive(Clone, Debug, Default)]
pub(crate) struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.whole_seconds(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        SystemClock::default().now() + Duration::seconds(self.0.load(Ordering::SeqCst))
    }
}
