//! What a cache says: what to do next, what an answer came to, and how things stand.

use std::fmt;

use ::time::OffsetDateTime;

use super::error::FetchError;
use super::fetch::FetchRequest;
use crate::keys::KeyReport;
use crate::time::Seconds;

/// What to do next.
#[derive(Debug)]
#[non_exhaustive]
pub enum Step {
    /// Make this request, and hand in what came of it.
    Fetch(FetchRequest),
    /// There is nothing to do until then, or until a token asks for keys.
    WaitUntil(OffsetDateTime),
}

/// What an answer came to. It prints as one line, for the log.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Update {
    /// The metadata was answered for, and there is more to fetch: poll again at once.
    #[non_exhaustive]
    InProgress {
        /// What was wrong with the metadata, so that the other well-known place is next, or the keys at
        /// the place that is already known.
        error: Option<FetchError>,
    },
    /// The keys are those of another set now.
    #[non_exhaustive]
    Replaced {
        /// How often the keys were replaced.
        generation: u64,
        /// Which keys can be used, and why the others can not.
        report: KeyReport,
        /// Until when they may be used, if nothing newer is fetched.
        usable_until: OffsetDateTime,
        /// Why the issuer's metadata could not be had, when it was asked for last: the keys came from where
        /// it had said before.
        metadata: Option<FetchError>,
    },
    /// The issuer publishes the same set as before.
    #[non_exhaustive]
    Unchanged {
        /// Until when the keys may be used, if nothing newer is fetched.
        usable_until: OffsetDateTime,
        /// Why the issuer's metadata could not be had, as above.
        metadata: Option<FetchError>,
    },
    /// Nothing came that can be used. The keys are those of before, and will be too old in the end; sooner
    /// than before, where the issuer published others of which none can be used.
    #[non_exhaustive]
    Kept {
        /// Why.
        error: FetchError,
        /// Until when the keys of before may be used; `None` if there never were any.
        usable_until: Option<OffsetDateTime>,
    },
    /// The request had been given up, or was not this cache's: its answer counts for nothing.
    Ignored,
    /// The task that kept the keys fresh has ended, since its runtime is gone or by a panic, and somebody
    /// uses the keys still: they will be too old in the end. It is the last update.
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
            Self::InProgress { error: Some(error) } => write!(f, "metadata passed over: {error}"),
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
                write!(f, "keys of before kept (until {}): {error}", Seconds::at(*until))
            }
            Self::Kept { error, usable_until: None } => write!(f, "no keys yet: {error}"),
            Self::Ignored => f.write_str("an answer that nobody waits for was ignored"),
            Self::Stopped => f.write_str("nobody keeps the keys fresh any more"),
        }
    }
}

fn write_metadata(f: &mut fmt::Formatter<'_>, error: Option<&FetchError>) -> fmt::Result {
    error.map_or(Ok(()), |error| write!(f, "; without metadata: {error}"))
}

/// How things stand.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Status {
    /// How often the keys were replaced; 0 if there never were any.
    pub generation: u64,
    /// Which keys can be used, and why the others can not.
    pub report: KeyReport,
    /// Until when they are as new as the issuer asks for.
    pub fresh_until: Option<OffsetDateTime>,
    /// Until when they may be used.
    pub usable_until: Option<OffsetDateTime>,
    /// Whether they may be used now.
    pub usable: bool,
    /// Why the last round brought nothing, if it did not.
    pub last_failure: Option<FetchError>,
    /// How many rounds in a row brought nothing.
    pub failures: u32,
    /// Why the issuer's metadata could not be had, when it was asked for last, if it could not. Keys may
    /// have come all the same, for a while, from where it had said before.
    pub metadata_failure: Option<FetchError>,
}
