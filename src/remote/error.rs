//! Errors: settings that cannot be carried out, and answers that give no keys.

use super::address::UrlError;
use crate::error::{DurationError, FractionOfSecond, KeyError, OutOfRange};
use crate::keys::KeyReport;
use crate::names::Issuer;

/// Settings that cannot be carried out. They are found before anything is fetched.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The issuer's name is not a URL under which metadata can be
    /// ([RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2)). With a `jwks_uri` it need not
    /// be one.
    #[error(
        "the issuer's name {issuer:?} {error}, but it must be an https URL, under which its metadata is \
         found; if there is no metadata, give the jwks_uri"
    )]
    #[non_exhaustive]
    Issuer {
        /// The issuer.
        issuer: Issuer,
        /// What is wrong with it.
        error: UrlError,
    },
    /// The `jwks_uri` is not a URL to fetch from.
    #[error("the jwks_uri {error}, but it must be an https URL without user and fragment")]
    #[non_exhaustive]
    JwksUri {
        /// What is wrong with it.
        error: UrlError,
    },
    /// A number is out of its range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// A duration is not a whole number of seconds.
    #[error(transparent)]
    FractionOfSecond(#[from] FractionOfSecond),
    /// No crypto provider was given, and the default one is not part of the build.
    #[error("no crypto provider is given, and the feature `ring` is off; see `provider`")]
    NoProvider,
    /// No algorithm was given.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// Why an answer gave no keys. It holds lengths, numbers and the program's own texts. Of the answer it holds
/// only the `kid`s of keys that cannot be used, which print escaped.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// There was no answer, for a reason that the HTTP client gives.
    #[error("there was no answer: {reason}")]
    #[non_exhaustive]
    NoAnswer {
        /// The reason.
        reason: &'static str,
    },
    /// The answer was not complete in time.
    #[error("there was no complete answer within {seconds} s")]
    #[non_exhaustive]
    TimedOut {
        /// The timeout.
        seconds: i64,
    },
    /// The request was never completed, because the driver ended or forgot it.
    #[error("the request was never completed")]
    GivenUp,
    /// The answer is too long.
    #[error("the answer has more than {most} bytes; see Limits::key_set_bytes")]
    #[non_exhaustive]
    TooLong {
        /// The most that it may have.
        most: usize,
    },
    /// The answer redirects to another host, port or scheme, or there were too many redirects.
    #[error(
        "the answer (status {status}) redirects to another scheme, host or port, or too often; give the \
         URL that it leads to"
    )]
    #[non_exhaustive]
    Redirected {
        /// The status of the answer.
        status: u16,
    },
    /// The answer has another status than 200.
    #[error("the answer has the status {status}, but it must be 200")]
    #[non_exhaustive]
    Status {
        /// The status of the answer.
        status: u16,
    },
    /// The metadata is malformed.
    #[error("the metadata cannot be used: it {fault}")]
    #[non_exhaustive]
    NotMetadata {
        /// The fault, which completes a sentence that begins with "it".
        fault: &'static str,
    },
    /// The metadata is of another issuer
    /// ([RFC 8414 §3.3](https://www.rfc-editor.org/rfc/rfc8414#section-3.3)).
    #[error("the metadata names another issuer ({bytes} bytes), but it must name exactly this one")]
    #[non_exhaustive]
    OtherIssuer {
        /// How long the other name is.
        bytes: usize,
    },
    /// The metadata's `jwks_uri` is not a URL to fetch from.
    #[error(
        "the jwks_uri of the metadata {error}, but it must be an https URL without user and fragment"
    )]
    #[non_exhaustive]
    JwksUri {
        /// What is wrong with it.
        error: UrlError,
    },
    /// The answer is not a JWK set within the limits.
    #[error(transparent)]
    Set(KeyError),
    /// The set has no key that can be used, or none at all.
    #[error("the JWK set has no usable key, and {} that cannot be used", .report.skipped().len())]
    #[non_exhaustive]
    NoUsableKey {
        /// Why the other keys cannot be used.
        report: KeyReport,
    },
}

impl From<DurationError> for SetupError {
    fn from(error: DurationError) -> Self {
        match error {
            DurationError::OutOfRange(error) => Self::OutOfRange(error),
            DurationError::FractionOfSecond(error) => Self::FractionOfSecond(error),
        }
    }
}

impl FetchError {
    /// Returns whether there is nothing at this URL.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Status { status: 404 | 410 })
    }

    /// Returns whether metadata may be at the other well-known URL, because there is none of this issuer at
    /// the first. A server that is down does not say where metadata is.
    pub(super) fn leads_on(&self) -> bool {
        match self {
            Self::Status { status } => (400..500).contains(status) && ![408, 429].contains(status),
            Self::Redirected { .. }
            | Self::TooLong { .. }
            | Self::NotMetadata { .. }
            | Self::OtherIssuer { .. }
            | Self::JwksUri { .. } => true,
            Self::NoAnswer { .. }
            | Self::TimedOut { .. }
            | Self::GivenUp
            | Self::Set(_)
            | Self::NoUsableKey { .. } => false,
        }
    }
}
