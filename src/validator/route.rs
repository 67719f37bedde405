//! Whose keys: the one issuer, or an exact look-up of the issuer that the token names.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::config::is_issuer_name;
use super::peek::peek_issuer;
use crate::base64url;
use crate::check::{Found, Reason, ReasonKind, fail};
use crate::keys::{IssuerSource, TrustedIssuer};
use crate::names::{Issuer, UntrustedStr};
use crate::token::UnverifiedToken;

/// The issuers that a validator trusts.
#[derive(Debug)]
pub(super) enum Issuers {
    One(Arc<TrustedIssuer>),
    Several(BTreeMap<Issuer, Arc<TrustedIssuer>>),
    Source(Arc<dyn IssuerSource>),
}

/// So many bytes of payload are decoded on the stack: all of a token within the default limits.
const ON_STACK: usize = 12 * 1024;

impl Issuers {
    /// Finds the issuer that the token names. The name is not believed: it chooses whose key has
    /// to fit, and is checked again among the verified claims.
    pub(super) fn find(&self, token: &UnverifiedToken<'_>) -> Result<Arc<TrustedIssuer>, Reason> {
        let mut buffer = base64url::Buffer::<1024, ON_STACK>::new();
        let payload = buffer.decode(token.unverified_payload());
        self.find_in(payload.map_err(|_| ReasonKind::NotBase64url)?)
    }

    fn find_in(&self, payload: &[u8]) -> Result<Arc<TrustedIssuer>, Reason> {
        let iss = peek_issuer(payload)?;
        let found = match self {
            Self::One(issuer) => Some(Arc::clone(issuer)),
            Self::Several(issuers) => issuers.get(&*iss).cloned(),
            Self::Source(source) => source.find(UntrustedStr::new(&iss)),
        };
        match found {
            // A source may come to hold what `build()` would have refused.
            Some(issuer) if *issuer.issuer() == *iss && is_issuer_name(&iss) => Ok(issuer),
            _ => fail(ReasonKind::UntrustedIssuer, Found::Bytes(iss.len())),
        }
    }
}
