//! An issuer whose keys a task keeps fresh.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::status::RemoteStatus;
use crate::dialect::{Dialect, IssuerTrust};
use crate::keys::TrustedIssuer;
use crate::remote::signal::Signal;

/// An issuer whose keys a task keeps fresh, from [`connect`](super::RemoteIssuerBuilder::connect) or
/// [`connect_in_background`](super::RemoteIssuerBuilder::connect_in_background).
///
/// A validator takes it as it is, or by reference if [`status`](Self::status) or
/// [`shutdown`](Self::shutdown) are needed later.
///
/// ```no_run
/// # use jwt_appraisal::{Profile, SignatureAlgorithm, Validator, remote};
/// # async fn serve() -> Result<(), Box<dyn std::error::Error>> {
/// let issuer = remote::issuer("https://as.example.com")
///     .algorithms([SignatureAlgorithm::Es256])
///     .connect()
///     .await?;
/// let validator = Validator::builder(Profile::access_token())
///     .issuer(&issuer)
///     .audience("https://api.example.com")
///     .build()?;
/// // When the service ends:
/// issuer.shutdown().await;
/// # Ok(())
/// # }
/// ```
///
/// The task ends by itself when the last clone of the issuer is dropped: this value, and every validator
/// that has it.
#[derive(Debug)]
pub struct RemoteIssuer {
    issuer: Arc<TrustedIssuer>,
    status: RemoteStatus,
    signal: Arc<Signal>,
    task: JoinHandle<()>,
}

impl RemoteIssuer {
    pub(super) fn new(
        issuer: TrustedIssuer,
        status: RemoteStatus,
        signal: Arc<Signal>,
        task: JoinHandle<()>,
    ) -> Self {
        Self { issuer: Arc::new(issuer), status, signal, task }
    }

    /// Returns the issuer, for a validator.
    pub fn issuer(&self) -> Arc<TrustedIssuer> {
        Arc::clone(&self.issuer)
    }

    /// Returns the issuer with a [dialect](crate::dialect), for a validator.
    ///
    /// ```no_run
    /// # use jwt_appraisal::{ConfigError, Profile, Validator, remote::RemoteIssuer};
    /// use jwt_appraisal::dialect::{Dialect, Form};
    ///
    /// # fn build(issuer: &RemoteIssuer) -> Result<(), ConfigError> {
    /// let validator = Validator::builder(Profile::access_token())
    ///     .issuer(issuer.dialect(Dialect::new("acme").scopes("scope", Form::Either)))
    ///     .audience("https://api.example.com")
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn dialect(&self, dialect: Dialect) -> IssuerTrust {
        IssuerTrust::new(self, dialect)
    }

    /// Returns a handle that tells how current the keys are, for health probes.
    pub fn status(&self) -> RemoteStatus {
        self.status.clone()
    }

    /// Ends the refresh task, also in the middle of a request, and returns when it has ended.
    ///
    /// Validators that have the issuer keep its keys until they expire. After that, its tokens are
    /// `Undetermined`. The [observer](super::RemoteIssuerBuilder::observe) is not told, because it was asked
    /// for.
    pub async fn shutdown(self) {
        self.signal.stop();
        // A task that panicked, or whose runtime was shut down, has ended as well.
        let _ = self.task.await;
    }
}

impl From<RemoteIssuer> for Arc<TrustedIssuer> {
    fn from(remote: RemoteIssuer) -> Self {
        remote.issuer
    }
}

impl From<&RemoteIssuer> for Arc<TrustedIssuer> {
    fn from(remote: &RemoteIssuer) -> Self {
        remote.issuer()
    }
}

impl From<RemoteIssuer> for IssuerTrust {
    fn from(remote: RemoteIssuer) -> Self {
        remote.issuer.into()
    }
}

impl From<&RemoteIssuer> for IssuerTrust {
    fn from(remote: &RemoteIssuer) -> Self {
        remote.issuer().into()
    }
}
