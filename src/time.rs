//! Time is a parameter. Inside it is whole seconds since the epoch; outside, the `time` crate's types.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use ::time::OffsetDateTime;

/// Where [`Validator::appraise`](crate::Validator::appraise) reads the time.
///
/// The default is [`SystemClock`]. Tests pass their own, or call
/// [`Validator::appraise_at`](crate::Validator::appraise_at).
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present moment.
    fn now(&self) -> OffsetDateTime;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        let seconds = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_secs()).unwrap_or(Seconds::LAST),
            Err(before) => {
                let before = i64::try_from(before.duration().as_secs()).unwrap_or(i64::MAX);
                before.saturating_neg()
            }
        };
        let seconds = seconds.clamp(Seconds::FIRST, Seconds::LAST);
        OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

/// A clock that always shows the same moment.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FixedClock(OffsetDateTime);

impl FixedClock {
    /// A clock that shows `now`.
    pub fn new(now: OffsetDateTime) -> Self {
        Self(now)
    }
}

impl Clock for FixedClock {
    fn now(&self) -> OffsetDateTime {
        self.0
    }
}

/// A moment in whole seconds since the epoch, always within the calendar's years 0 to 9999.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Seconds(i64);

impl Seconds {
    /// 0000-01-01T00:00:00Z.
    const FIRST: i64 = -62_167_219_200;
    /// 9999-12-31T23:59:59Z.
    const LAST: i64 = 253_402_300_799;

    pub(crate) fn new(seconds: i64) -> Option<Self> {
        (Self::FIRST..=Self::LAST).contains(&seconds).then_some(Self(seconds))
    }

    /// This moment, or the one of the calendar that is nearest.
    pub(crate) fn nearest(seconds: i64) -> Self {
        Self(seconds.clamp(Self::FIRST, Self::LAST))
    }

    /// The present, as the caller gives it.
    pub(crate) fn at(moment: OffsetDateTime) -> Self {
        Self::nearest(moment.unix_timestamp())
    }

    pub(crate) fn to_moment(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(self.0).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    pub(crate) fn get(self) -> i64 {
        self.0
    }

    /// Seconds from `earlier` to `self`; negative if it lies ahead.
    pub(crate) fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    pub(crate) fn plus(self, seconds: i64) -> i64 {
        self.0.saturating_add(seconds)
    }
}

/// From one moment to another, both included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    from: Seconds,
    until: Seconds,
}

impl Span {
    pub(crate) const ALWAYS: Self =
        Self { from: Seconds(Seconds::FIRST), until: Seconds(Seconds::LAST) };

    pub(crate) fn until(until: Seconds) -> Self {
        Self { until, ..Self::ALWAYS }
    }

    #[cfg(feature = "jwks-cache")]
    pub(crate) fn new(from: Seconds, until: Seconds) -> Self {
        Self { from, until }
    }

    pub(crate) fn contains(self, now: Seconds) -> bool {
        self.from <= now && now <= self.until
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = &::time::format_description::well_known::Rfc3339;
        let moment = OffsetDateTime::from_unix_timestamp(self.0).map_err(|_| fmt::Error)?;
        f.write_str(&moment.format(format).map_err(|_| fmt::Error)?)
    }
}
