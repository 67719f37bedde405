//! The requests of a round.

use std::sync::Arc;

use super::address::Address;
use super::error::FetchError;
use super::metadata;

/// A request of a round.
#[derive(Clone, Debug)]
pub(super) enum RoundStep {
    /// Metadata of an issuer, at the well-known URL of OAuth.
    Oauth(Address),
    /// Metadata of an issuer, at the well-known URL of OpenID Connect.
    Openid(Address),
    /// Keys, at this URL.
    Keys(Address),
}

impl RoundStep {
    pub(super) fn url(&self) -> Arc<str> {
        match self {
            Self::Oauth(issuer) => metadata::oauth_url(issuer).into(),
            Self::Openid(issuer) => metadata::openid_url(issuer).into(),
            Self::Keys(address) => Arc::clone(address.text()),
        }
    }

    pub(super) fn accept(&self) -> &'static str {
        if self.is_keys() {
            "application/jwk-set+json, application/json"
        } else {
            "application/json"
        }
    }

    pub(super) fn is_keys(&self) -> bool {
        matches!(self, Self::Keys(_))
    }

    /// Returns the request for the other metadata, if this error leads there.
    pub(super) fn fallback(&self, error: &FetchError) -> Option<Self> {
        match self {
            Self::Oauth(issuer) if error.leads_on() => Some(Self::Openid(issuer.clone())),
            Self::Oauth(_) | Self::Openid(_) | Self::Keys(_) => None,
        }
    }
}
