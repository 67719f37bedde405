//! An issuer together with its dialect.

use std::sync::Arc;

use super::Dialect;
use crate::keys::TrustedIssuer;

/// A trusted issuer and the dialect in which it writes its tokens.
///
/// A [`TrustedIssuer`] converts into one with the [standard](Dialect::standard) dialect. The keys of an issuer
/// do not depend on its dialect, so one issuer can be shared by validators with different dialects for it.
///
/// ```
/// # use std::sync::Arc;
/// # use jwt_appraisal::TrustedIssuer;
/// use jwt_appraisal::dialect::{Dialect, IssuerTrust};
///
/// fn acme(issuer: Arc<TrustedIssuer>) -> IssuerTrust {
///     IssuerTrust::new(issuer, Dialect::new("acme").client("azp"))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct IssuerTrust {
    issuer: Arc<TrustedIssuer>,
    dialect: Dialect,
}

impl IssuerTrust {
    /// Trusts an issuer that has a dialect.
    pub fn new(issuer: impl Into<Arc<TrustedIssuer>>, dialect: Dialect) -> Self {
        Self { issuer: issuer.into(), dialect }
    }

    /// Returns the issuer.
    pub fn issuer(&self) -> &Arc<TrustedIssuer> {
        &self.issuer
    }

    /// Returns the dialect.
    pub fn dialect(&self) -> &Dialect {
        &self.dialect
    }
}

impl From<TrustedIssuer> for IssuerTrust {
    fn from(issuer: TrustedIssuer) -> Self {
        Self::new(issuer, Dialect::standard())
    }
}

impl From<Arc<TrustedIssuer>> for IssuerTrust {
    fn from(issuer: Arc<TrustedIssuer>) -> Self {
        Self::new(issuer, Dialect::standard())
    }
}

impl TrustedIssuer {
    /// Trusts the issuer with a dialect, because it writes its tokens in another way than the specification
    /// of their kind says. [`dialect`](crate::dialect) describes what it can say.
    ///
    /// ```
    /// # use jwt_appraisal::{KeyStore, Profile, TrustedIssuer, Validator};
    /// use jwt_appraisal::dialect::{Dialect, Form};
    ///
    /// # fn build(keys: KeyStore) -> Result<(), jwt_appraisal::ConfigError> {
    /// let validator = Validator::builder(Profile::access_token())
    ///     .issuer(
    ///         TrustedIssuer::new("https://id.example.com", keys)
    ///             .dialect(Dialect::new("duende").scopes("scope", Form::Either)),
    ///     )
    ///     .audience("https://api.example.com")
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn dialect(self, dialect: Dialect) -> IssuerTrust {
        IssuerTrust::new(self, dialect)
    }
}
