//! An issuer and the keys that belong to it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::secret::SharedSecret;
use super::secrets::Secrets;
use super::snapshot::KeySnapshot;
use super::store::KeyStore;
use crate::alg::MacAlgorithm;
use crate::check::{Reason, ReasonKind};
use crate::crypto::CryptoProvider;
use crate::error::KeyError;
use crate::names::{Issuer, UntrustedStr};
use crate::thumbprint::Thumbprint;
use crate::time::Seconds;

/// An issuer that is trusted, or a client, bound to its own keys and algorithms.
///
/// A token that names it is verified with these keys and no others. Where clients sign, the name is
/// the `client_id`.
///
/// rfc8725bis §3.8
#[derive(Clone, Debug)]
pub struct TrustedIssuer {
    issuer: Issuer,
    keys: TrustedKeys,
}

impl TrustedIssuer {
    /// An issuer by the exact value of its tokens' `iss`, with its keys.
    pub fn new(issuer: impl Into<Issuer>, keys: KeyStore) -> Self {
        Self { issuer: issuer.into(), keys: TrustedKeys::Public(keys) }
    }

    /// Creates a party that shares one to four secrets with this verifier, for example the old one
    /// and the new one during a rotation. It can stand beside parties with key sets. Each validator
    /// imports the secrets with its own crypto provider.
    ///
    /// A token's `kid` names a secret of that `kid`. A `kid` that none of them has is for the secrets
    /// without one, if there are any. A token without `kid` can be signed with any of them: all
    /// secrets for its algorithm are computed, always the same number, and one has to fit. That is
    /// safe because all of them are this party's, and their number is small. Public keys are never
    /// tried in turn.
    ///
    /// A secret belongs to one party and one purpose: the same secret for two issuers of a
    /// validator, or for decryption too, is an error of `build()`. An
    /// [`IssuerSource`] must see to that itself, and must name the algorithms in
    /// [`IssuerSource::mac_algorithms`].
    ///
    /// [RFC 7515 §4.1.4](https://www.rfc-editor.org/rfc/rfc7515#section-4.1.4),
    /// [RFC 7515 §10.1](https://www.rfc-editor.org/rfc/rfc7515#section-10.1)
    ///
    /// # Errors
    ///
    /// [`KeyError::NoSecrets`] or [`KeyError::TooManySecrets`] if the number is not from one to four,
    /// and [`KeyError::Key`] if two secrets share a `kid` and an algorithm, or one is for two
    /// algorithms. A secret that is listed twice is one secret.
    ///
    /// ```
    /// # use jwt_appraisal::*;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (old, new) = ([7; 32], [8; 32]);
    /// let billing = TrustedIssuer::with_secrets(
    ///     "https://billing.example.com",
    ///     [SharedSecret::new(MacAlgorithm::Hs256, &old)?, SharedSecret::new(MacAlgorithm::Hs256, &new)?],
    /// )?;
    /// # let keys = KeyStore::new([SignatureAlgorithm::Es256], JwkSet::default())?;
    /// let validator = Validator::builder(Profile::access_token())
    ///     .issuers([billing, TrustedIssuer::new("https://as.example.com", keys)])
    ///     .audience("https://api.example.com")
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_secrets(
        issuer: impl Into<Issuer>,
        secrets: impl IntoIterator<Item = SharedSecret>,
    ) -> Result<Self, KeyError> {
        let secrets = Arc::new(Secrets::new(secrets)?);
        Ok(Self { issuer: issuer.into(), keys: TrustedKeys::Secrets(secrets) })
    }

    pub(crate) fn with_secret(issuer: Issuer, secret: SharedSecret) -> Self {
        Self { issuer, keys: TrustedKeys::Secrets(Arc::new(Secrets::one(secret))) }
    }

    /// A party that is known by its key alone.
    pub(super) fn by_key(party: Issuer, key: Arc<KeySnapshot>, thumbprint: Thumbprint) -> Self {
        Self { issuer: party, keys: TrustedKeys::Embedded { key, thumbprint } }
    }

    /// The issuer's name.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The issuer's key store; `None` for an issuer with shared secrets.
    pub fn key_store(&self) -> Option<&KeyStore> {
        match &self.keys {
            TrustedKeys::Public(store) => Some(store),
            TrustedKeys::Secrets(_) | TrustedKeys::Embedded { .. } => None,
        }
    }

    pub(crate) fn keys(&self) -> &TrustedKeys {
        &self.keys
    }

    /// Returns the secrets that the party shares with this verifier.
    pub(crate) fn secrets(&self) -> &[SharedSecret] {
        match &self.keys {
            TrustedKeys::Secrets(secrets) => secrets.all(),
            TrustedKeys::Public(_) | TrustedKeys::Embedded { .. } => &[],
        }
    }

    /// Returns whether both are parties of different names that have the same keys or a secret in
    /// common.
    pub(crate) fn shares_keys_with(&self, other: &Self) -> bool {
        let share = match (&self.keys, &other.keys) {
            (TrustedKeys::Public(own), TrustedKeys::Public(others)) => own.is_same(others),
            (TrustedKeys::Secrets(own), TrustedKeys::Secrets(others)) => own.share(others),
            _ => false,
        };
        share && self.issuer != other.issuer
    }

    /// The thumbprint of a party that is known by its key alone.
    pub(crate) fn thumbprint(&self) -> Option<Thumbprint> {
        match &self.keys {
            TrustedKeys::Embedded { thumbprint, .. } => Some(*thumbprint),
            TrustedKeys::Public(_) | TrustedKeys::Secrets(_) => None,
        }
    }
}

/// Public keys, shared secrets, or the key that a token brought along; never two of these.
#[derive(Clone)]
pub(crate) enum TrustedKeys {
    Public(KeyStore),
    Secrets(Arc<Secrets>),
    Embedded { key: Arc<KeySnapshot>, thumbprint: Thumbprint },
}

impl TrustedKeys {
    /// The names of the permitted algorithms.
    pub(crate) fn algorithm_names(&self) -> Vec<&'static str> {
        match self {
            Self::Public(store) => store.algorithms().iter().map(|alg| alg.name()).collect(),
            Self::Secrets(secrets) => secrets.algorithms().iter().map(|alg| alg.name()).collect(),
            Self::Embedded { .. } => Vec::new(),
        }
    }

    /// Returns the present keys, for one token. Secrets are those of this provider.
    pub(crate) fn snapshot(
        &self,
        now: Seconds,
        provider: &'static CryptoProvider,
    ) -> Cow<'_, Arc<KeySnapshot>> {
        match self {
            Self::Public(store) => Cow::Owned(store.snapshot(now)),
            Self::Secrets(secrets) => secrets.snapshot(provider),
            Self::Embedded { key, .. } => Cow::Borrowed(key),
        }
    }

    /// Imports what a validator with this provider verifies with, so that no token has to wait for
    /// it.
    pub(crate) fn import(&self, provider: &'static CryptoProvider) {
        if let Self::Secrets(secrets) = self {
            let _ = secrets.snapshot(provider);
        }
    }

    /// Requests newer keys if they may help a token that is refused for this reason under these
    /// keys. An unknown key is known to be unknown only after they have arrived.
    pub(crate) fn request_refresh(
        &self,
        reason: Reason,
        used: &KeySnapshot,
        now: Seconds,
    ) -> Reason {
        let Self::Public(store) = self else { return reason };
        if !reason.kind().suggests_refresh() {
            return reason;
        }
        let settled = store.request_refresh(used, now);
        if reason.kind() == ReasonKind::UnknownKey && !settled {
            return Reason::new(ReasonKind::UnknownKeyForNow, reason.into_found());
        }
        reason
    }

    /// Returns the `kid` by which to look for a key.
    pub(crate) fn kid_to_find<'a>(&self, kid: Option<&'a str>) -> Option<&'a str> {
        match self {
            Self::Public(_) | Self::Secrets(_) => kid,
            // A header that brings its key along has no need to name it.
            Self::Embedded { .. } => None,
        }
    }
}

impl fmt::Debug for TrustedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public(store) => store.fmt(f),
            Self::Secrets(secrets) => match secrets.all() {
                [secret] => write!(f, "SharedSecret({})", secret.algorithm()),
                all => {
                    let names: Vec<_> =
                        all.iter().map(|secret| secret.algorithm().name()).collect();
                    write!(f, "SharedSecrets([{}])", names.join(", "))
                }
            },
            Self::Embedded { thumbprint, .. } => write!(f, "Embedded({thumbprint})"),
        }
    }
}

/// Issuers that come and go: tenants, clients, federations.
///
/// The look-up happens before anything was verified, so it has to be an exact comparison with what
/// is known, without I/O: the name is the sender's choice. An issuer whose keys are still being
/// fetched is returned with an empty [`KeyStore`]; its tokens are then undetermined.
///
/// All issuers of a source have the same dialect, which the validator's builder is given.
pub trait IssuerSource: fmt::Debug + Send + Sync {
    /// The issuer of exactly this name, if it is trusted.
    fn find(&self, issuer: UntrustedStr<'_>) -> Option<Arc<TrustedIssuer>>;

    /// Returns the algorithms of the secrets that parties of this source share with the verifier
    /// ([`TrustedIssuer::with_secrets`]). A validator asks once, when it is built, and refuses tokens
    /// with any other MAC. The default is none.
    fn mac_algorithms(&self) -> &[MacAlgorithm] {
        &[]
    }
}

impl<T: IssuerSource + ?Sized> IssuerSource for Arc<T> {
    fn find(&self, issuer: UntrustedStr<'_>) -> Option<Arc<TrustedIssuer>> {
        (**self).find(issuer)
    }

    fn mac_algorithms(&self) -> &[MacAlgorithm] {
        (**self).mac_algorithms()
    }
}
