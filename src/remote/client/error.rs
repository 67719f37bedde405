//! Why a remote issuer could not be connected to.

use crate::remote::{FetchError, SetupError};

/// Why an issuer could not be connected to.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// A setting cannot be carried out.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// A text of root certificates is not PEM, has no certificate, or has one that cannot be a root. The
    /// number is its position among the texts, from 0.
    #[error("root certificate {0} is not certificates in PEM")]
    RootCertificate(usize),
    /// Root certificates were given to an issuer that uses a shared HTTP client, which has its own.
    #[error(
        "root certificates were given beside a shared HTTP client; give them to the client's builder"
    )]
    RootsBesideClient,
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built: {0}")]
    Client(&'static str),
    /// The call was made outside of a `tokio` runtime, or in one without a timer, so nothing could keep the
    /// keys fresh.
    #[error(
        "there is no tokio runtime with time; expected one that runs as long as the keys are used"
    )]
    NoRuntime,
    /// The keys could not be fetched.
    #[error("the keys could not be fetched: {0}")]
    Fetch(#[from] FetchError),
}
