//! Why there is no remote issuer.

use crate::remote::{FetchError, SetupError};

/// Why an issuer could not be connected to.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// A setting is not in order.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// A text of root certificates can not be read, or has one that is no root.
    #[error("root certificate {0} is not certificates in PEM")]
    RootCertificate(usize),
    /// The client can not be made.
    #[error("the HTTP client can not be made: {0}")]
    Client(&'static str),
    /// There is no `tokio` runtime here, or none with time, in which keys could be kept fresh.
    #[error(
        "there is no tokio runtime with time; expected one that runs as long as the keys are used"
    )]
    NoRuntime,
    /// The keys could not be fetched.
    #[error("the keys could not be fetched: {0}")]
    Fetch(#[from] FetchError),
}
