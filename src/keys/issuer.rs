//! An issuer and the keys that belong to it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::secret::SharedSecret;
use super::snapshot::{KeySnapshot, StoredKey};
use super::store::KeyStore;
use crate::alg::MacAlgorithm;
use crate::check::Reason;
use crate::crypto::CryptoProvider;
use crate::names::{Issuer, KeyId, UntrustedStr};
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

    pub(crate) fn with_secret(
        issuer: Issuer,
        secret: &SharedSecret,
        provider: &CryptoProvider,
    ) -> Self {
        Self {
            issuer,
            keys: TrustedKeys::Secret {
                algorithm: secret.algorithm(),
                kid: secret.kid().cloned(),
                key: Arc::new(KeySnapshot::single(StoredKey {
                    kid: secret.kid().cloned(),
                    key: secret.import(provider),
                    alias: None,
                })),
            },
        }
    }

    /// A party that is known by its key alone.
    pub(super) fn by_key(party: Issuer, key: Arc<KeySnapshot>, thumbprint: Thumbprint) -> Self {
        Self { issuer: party, keys: TrustedKeys::Embedded { key, thumbprint } }
    }

    /// The issuer's name.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The issuer's key store; `None` for an issuer with a shared secret.
    pub fn key_store(&self) -> Option<&KeyStore> {
        match &self.keys {
            TrustedKeys::Public(store) => Some(store),
            TrustedKeys::Secret { .. } | TrustedKeys::Embedded { .. } => None,
        }
    }

    pub(crate) fn keys(&self) -> &TrustedKeys {
        &self.keys
    }

    /// Whether it has another name and the same keys.
    pub(crate) fn shares_keys_with(&self, other: &Self) -> bool {
        match (self.key_store(), other.key_store()) {
            (Some(own), Some(others)) => self.issuer != other.issuer && own.is_same(others),
            _ => false,
        }
    }

    /// The thumbprint of a party that is known by its key alone.
    pub(crate) fn thumbprint(&self) -> Option<Thumbprint> {
        match &self.keys {
            TrustedKeys::Embedded { thumbprint, .. } => Some(*thumbprint),
            TrustedKeys::Public(_) | TrustedKeys::Secret { .. } => None,
        }
    }
}

/// Public keys, one shared secret, or the key that a token brought along; never two of these.
#[derive(Clone)]
pub(crate) enum TrustedKeys {
    Public(KeyStore),
    Secret { algorithm: MacAlgorithm, kid: Option<KeyId>, key: Arc<KeySnapshot> },
    Embedded { key: Arc<KeySnapshot>, thumbprint: Thumbprint },
}

impl TrustedKeys {
    /// The names of the permitted algorithms.
    pub(crate) fn algorithm_names(&self) -> Vec<&'static str> {
        match self {
            Self::Public(store) => store.algorithms().iter().map(|alg| alg.name()).collect(),
            Self::Secret { algorithm, .. } => vec![algorithm.name()],
            Self::Embedded { .. } => Vec::new(),
        }
    }

    /// The present keys, for one token.
    pub(crate) fn snapshot(&self, now: Seconds) -> Cow<'_, Arc<KeySnapshot>> {
        match self {
            Self::Public(store) => Cow::Owned(store.snapshot(now)),
            Self::Secret { key, .. } | Self::Embedded { key, .. } => Cow::Borrowed(key),
        }
    }

    /// No key was found for a token: newer keys may have it.
    pub(crate) fn request_refresh(&self, reason: &Reason, now: Seconds) {
        if let Self::Public(store) = self
            && reason.kind().may_succeed_after_refresh()
        {
            store.request_refresh(now);
        }
    }

    /// The `kid` by which to look for a key. One secret needs none; if it has one, a token that
    /// names another is not for it.
    pub(crate) fn kid_to_find<'a>(&self, kid: Option<&'a str>) -> Option<&'a str> {
        match self {
            Self::Public(_) => kid,
            // A header that brings its key along has no need to name it.
            Self::Embedded { .. } => None,
            Self::Secret { kid: own, .. } => {
                kid.filter(|kid| own.as_ref().is_some_and(|own| own != kid))
            }
        }
    }
}

impl fmt::Debug for TrustedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public(store) => store.fmt(f),
            Self::Secret { algorithm, .. } => write!(f, "SharedSecret({algorithm})"),
            Self::Embedded { thumbprint, .. } => write!(f, "Embedded({thumbprint})"),
        }
    }
}

/// Issuers that come and go: tenants, clients, federations.
///
/// The look-up happens before anything was verified, so it has to be an exact comparison with what
/// is known, without I/O: the name is the sender's choice. An issuer whose keys are still being
/// fetched is returned with an empty [`KeyStore`]; its tokens are then undetermined.
pub trait IssuerSource: fmt::Debug + Send + Sync {
    /// The issuer of exactly this name, if it is trusted.
    fn find(&self, issuer: UntrustedStr<'_>) -> Option<Arc<TrustedIssuer>>;
}

impl<T: IssuerSource + ?Sized> IssuerSource for Arc<T> {
    fn find(&self, issuer: UntrustedStr<'_>) -> Option<Arc<TrustedIssuer>> {
        (**self).find(issuer)
    }
}
