//! What a cache reports: the next step, the result of an answer, and the state of the keys.

use std::fmt;

use ::time::OffsetDateTime;

use super::error::FetchError;
use super::fetch::FetchRequest;
use crate::keys::KeyReport;
use crate::time::Seconds;

/// The next step for the driver of a cache.
#[derive(Debug)]
#[non_exhaustive]
pub enum Step {
    /// Make this request, and complete it with its answer.
    Fetch(FetchRequest),
    /// Wait until this moment, or until a token requests keys.
    WaitUntil(OffsetDateTime),
}

/// The result of an answer. It prints as one line, for the log.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Update {
    /// There is more to fetch in this round. The driver should poll again at once.
    #[non_exhaustive]
    InProgress {
        /// Why the metadata could not be read. Next is the other well-known URL, or the known location of
        /// the keys.
        error: Option<FetchError>,
    },
    /// The keys were replaced by those of another set.
    #[non_exhaustive]
    Replaced {
        /// How often the keys were replaced.
        generation: u64,
        /// Which keys can be used, and why the others cannot.
        report: KeyReport,
        /// When they expire for good, if nothing newer is fetched.
        usable_until: OffsetDateTime,
        /// Why the issuer's metadata could not be read the last time. The keys came from their known location
        /// then.
        metadata: Option<FetchError>,
    },
    /// The issuer publishes the same set as before.
    #[non_exhaustive]
    Unchanged {
        /// When the keys expire for good, if nothing newer is fetched.
        usable_until: OffsetDateTime,
        /// Why the issuer's metadata could not be read the last time.
        metadata: Option<FetchError>,
    },
    /// The round brought no keys, so the cached ones are kept until they expire. They expire earlier than
    /// before if the issuer published others of which none can be used.
    #[non_exhaustive]
    Kept {
        /// Why.
        error: FetchError,
        /// When the cached keys expire for good, or `None` if there never were any.
        usable_until: Option<OffsetDateTime>,
    },
    /// The request had been given up, or belongs to another cache, so its answer has no effect.
    Ignored,
    /// The refresh task has ended by a panic or with its runtime, while a validator still uses the keys. They
    /// will expire. It is the last update.
    Stopped,
}

impl Update {
    /// Returns whether an operator should look at this, which is meant for the level of a log line: the round
    /// brought no keys, the issuer's metadata cannot be read, or the task has ended.
    ///
    /// Metadata that is missing at one of the two well-known URLs is no fault, since many issuers publish it
    /// at one of them only, and neither are keys that cannot be used beside others that can.
    pub fn is_fault(&self) -> bool {
        match self {
            Self::Replaced { metadata, .. } | Self::Unchanged { metadata, .. } => {
                metadata.is_some()
            }
            Self::Kept { .. } | Self::Stopped => true,
            Self::InProgress { .. } | Self::Ignored => false,
        }
    }
}

impl fmt::Display for Update {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InProgress { error: None } => f.write_str("metadata read"),
            Self::InProgress { error: Some(error) } => write!(f, "metadata skipped: {error}"),
            Self::Replaced { generation, report, usable_until, metadata } => {
                let (usable, until) = (report.usable(), Seconds::at(*usable_until));
                write!(f, "keys replaced (generation {generation}, until {until}): ")?;
                write!(f, "{usable} usable, {} not", report.skipped().len())?;
                report.skipped().iter().try_for_each(|problem| write!(f, "; {problem}"))?;
                write_metadata(f, metadata.as_ref())
            }
            Self::Unchanged { usable_until, metadata } => {
                write!(f, "keys unchanged (until {})", Seconds::at(*usable_until))?;
                write_metadata(f, metadata.as_ref())
            }
            Self::Kept { error, usable_until: Some(until) } => {
                write!(f, "cached keys kept (until {}): {error}", Seconds::at(*until))
            }
            Self::Kept { error, usable_until: None } => write!(f, "no keys yet: {error}"),
            Self::Ignored => f.write_str("a late answer was ignored"),
            Self::Stopped => f.write_str("the refresh task has ended, so the keys will expire"),
        }
    }
}

fn write_metadata(f: &mut fmt::Formatter<'_>, error: Option<&FetchError>) -> fmt::Result {
    error.map_or(Ok(()), |error| write!(f, "; without metadata: {error}"))
}

/// The state of an issuer's keys.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Status {
    /// How often the keys were replaced, 0 if there never were any.
    pub generation: u64,
    /// Which keys can be used, and why the others cannot.
    pub report: KeyReport,
    /// When they expire.
    pub fresh_until: Option<OffsetDateTime>,
    /// When they expire for good, because they are too old even for an outage.
    pub usable_until: Option<OffsetDateTime>,
    /// Whether they may be used now.
    pub usable: bool,
    /// Why the last round failed, if it did.
    pub last_failure: Option<FetchError>,
    /// How many rounds have failed in a row.
    pub failures: u32,
    /// Why the issuer's metadata could not be read the last time, if it could not. Keys may still come from
    /// their known location for a while.
    pub metadata_failure: Option<FetchError>,
}
