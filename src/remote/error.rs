//! Errors: settings that cannot be carried out, and answers that give no keys.

use super::address::UrlError;
use crate::error::KeyError;
use crate::keys::KeyReport;
use crate::names::Issuer;

/// Settings that cannot be carried out. They are found before anything is fetched.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The issuer's name is not a URL under which metadata can be
    /// ([RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2)). With a `jwks_uri` it need not
    /// be one.
    #[error("issuer {issuer:?} {error}; expected an https URL, or a jwks_uri beside it")]
    Issuer {
        /// The issuer.
        issuer: Issuer,
        /// What is wrong with it.
        error: UrlError,
    },
    /// The `jwks_uri` is not a URL to fetch from.
    #[error("the jwks_uri {0}; expected an https URL without user and fragment")]
    JwksUri(UrlError),
    /// A duration is out of its range.
    #[error("{setting} is {found} s; expected {least} to {most} s")]
    Duration {
        /// The setting.
        setting: &'static str,
        /// Its value in seconds.
        found: i64,
        /// The least that it may be, in seconds.
        least: i64,
        /// The most that it may be, in seconds.
        most: i64,
    },
    /// A duration is not a whole number of seconds. A part of a second would have no effect.
    #[error("{setting} is not a whole number of seconds")]
    FractionOfSecond {
        /// The setting.
        setting: &'static str,
    },
    /// No crypto provider was given, and the default one is not part of the build.
    #[error("no crypto provider was given, and feature `ring` is off; see `provider`")]
    NoProvider,
    /// No algorithm was given, or a limit is out of its range.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// Why an answer gave no keys. It holds lengths, numbers and the program's own texts. Of the answer it holds
/// only the `kid`s of keys that cannot be used, which print escaped.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// There was no answer, for a reason that the HTTP client gives.
    #[error("there was no answer: {0}")]
    NoAnswer(&'static str),
    /// The answer was not complete in time.
    #[error("there was no complete answer within {seconds} s")]
    TimedOut {
        /// The timeout.
        seconds: i64,
    },
    /// The request was never completed, because the driver ended or forgot it.
    #[error("the request was never completed")]
    GivenUp,
    /// The answer is too long.
    #[error("the answer has more than {most} bytes")]
    TooLong {
        /// The most that it may have.
        most: usize,
    },
    /// The answer redirects to another host, port or scheme, or there were too many redirects.
    #[error("the answer (status {status}) redirects to elsewhere, or too often")]
    Redirected {
        /// The status of the answer.
        status: u16,
    },
    /// The answer has another status than 200.
    #[error("the answer has status {status}; expected 200")]
    Status {
        /// The status of the answer.
        status: u16,
    },
    /// The metadata is malformed. The text completes a sentence that begins with "it".
    #[error("the metadata is not usable: it {0}")]
    NotMetadata(&'static str),
    /// The metadata is of another issuer
    /// ([RFC 8414 §3.3](https://www.rfc-editor.org/rfc/rfc8414#section-3.3)).
    #[error("the metadata names another issuer ({bytes} bytes), not exactly this one")]
    OtherIssuer {
        /// How long the other name is.
        bytes: usize,
    },
    /// The metadata's `jwks_uri` is not a URL to fetch from.
    #[error("the metadata's \"jwks_uri\" {0}")]
    JwksUri(UrlError),
    /// The answer is not a JWK set within the limits.
    #[error(transparent)]
    Set(KeyError),
    /// The set has no key that can be used, or none at all.
    #[error("the JWK set has no usable key, and {} that cannot be used", .0.skipped().len())]
    NoUsableKey(KeyReport),
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
            | Self::NotMetadata(_)
            | Self::OtherIssuer { .. }
            | Self::JwksUri(_) => true,
            Self::NoAnswer(_)
            | Self::TimedOut { .. }
            | Self::GivenUp
            | Self::Set(_)
            | Self::NoUsableKey(_) => false,
        }
    }
}
