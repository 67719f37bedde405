//! What can go wrong: the caller's mistakes when a cache is built, and errors of what is fetched.

use super::address::UrlError;
use crate::error::KeyError;
use crate::keys::KeyReport;
use crate::names::Issuer;

/// Settings that can not be carried out: the caller's mistake, found before anything is fetched.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// The issuer's name is not a URL at which metadata can be
    /// ([RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2)); with a `jwks_uri` it need not
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
    /// No crypto provider was given, and the default one is not part of the build.
    #[error("no crypto provider was given, and feature `ring` is off; see `provider`")]
    NoProvider,
    /// No algorithm was given, or a limit is out of its range.
    #[error(transparent)]
    Keys(#[from] KeyError),
}

/// Why an answer gave no keys. It holds lengths, numbers and words of the program, and no text of the
/// answer but the `kid`s of keys that can not be used, which print escaped.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// There was no answer, for a reason that the caller's client gives.
    #[error("there was no answer: {0}")]
    NoAnswer(&'static str),
    /// The answer was not complete in time.
    #[error("there was no complete answer within {seconds} s")]
    TimedOut {
        /// The time that it had.
        seconds: i64,
    },
    /// The request was never completed: its task ended, or forgot it.
    #[error("the request was given up by whoever was to make it")]
    GivenUp,
    /// The answer is too long.
    #[error("the answer has more than {most} bytes")]
    TooLong {
        /// The most that it may have.
        most: usize,
    },
    /// The answer leads elsewhere: to another host, port or scheme, or on and on.
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
    /// The metadata is not what it has to be; to be read after "it".
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
    #[error("the JWK set has no usable key, and {} that can not be used", .0.skipped().len())]
    NoUsableKey(KeyReport),
}

impl FetchError {
    /// Whether there is nothing at this place, so that something may be at another.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self, Self::Status { status: 404 | 410 })
    }

    /// Whether metadata may be at the other well-known place: there is none at the first, or what is
    /// there is not this issuer's. A server that is down says nothing of where metadata is.
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
