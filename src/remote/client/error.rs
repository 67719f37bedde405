//! Why a remote issuer could not be connected to.

use crate::remote::{FetchError, SetupError};

/// Why an issuer could not be connected to.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RemoteError {
    /// A setting cannot be carried out.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// A text of root certificates is not PEM, has no certificate, or has one that cannot be a root.
    #[error(
        "the text {index} of root certificates cannot be used, but it must be PEM with certificates that \
         can be roots"
    )]
    #[non_exhaustive]
    RootCertificate {
        /// Its position among the texts, from 0.
        index: usize,
    },
    /// Root certificates were given to an issuer that uses a shared HTTP client, which has its own.
    #[error(
        "root certificates are given beside a shared HTTP client, which has its own; give them to the \
         client's builder"
    )]
    RootsBesideClient,
    /// The HTTP client cannot be built.
    #[error("the HTTP client cannot be built: {fault}")]
    #[non_exhaustive]
    Client {
        /// The reason.
        fault: &'static str,
    },
    /// The call was made outside of a `tokio` runtime, or in one without a timer, so nothing could keep the
    /// keys fresh.
    #[error(
        "there is no tokio runtime with time, which must run for as long as the keys are used; connect \
         within one that has `enable_all`"
    )]
    NoRuntime,
    /// The keys could not be fetched.
    #[error("the keys could not be fetched: {0}")]
    Fetch(#[from] FetchError),
}
