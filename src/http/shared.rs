//! What all clones of a resource server share, whatever the operation needs.

use std::sync::Arc;

use ::http::HeaderValue;
use ::time::OffsetDateTime;

#[cfg(feature = "tower")]
use super::mcp_session::Sessions;
use super::metadata::ProtectedResourceMetadata;
use super::nonce::DpopNonces;
use crate::validator::Appraise;

pub(super) struct Shared<C> {
    pub(super) tokens: Arc<dyn Appraise<C>>,
    /// `None` if proofs need no nonce.
    pub(super) nonces: Option<Arc<dyn DpopNonces>>,
    /// What stands before the path of a request.
    pub(super) public_base: Box<str>,
    pub(super) metadata: ProtectedResourceMetadata,
    /// With the query.
    pub(super) metadata_path: Box<str>,
    pub(super) document: Box<str>,
    /// What a client without a token is told where the operation needs no scope.
    pub(super) initial_scope: Box<str>,
    /// How many requests wait for keys.
    #[cfg(feature = "tower")]
    pub(super) waiting: std::sync::atomic::AtomicUsize,
    #[cfg(feature = "tower")]
    pub(super) sessions: std::sync::OnceLock<Arc<Sessions>>,
}

impl<C> Shared<C> {
    /// The present time, by the validator's clock.
    pub(super) fn now(&self) -> OffsetDateTime {
        self.tokens.first_policy().now()
    }

    /// What a client is to use as `DPoP-Nonce` in its next request, if proofs need a nonce.
    pub(super) fn dpop_nonce(&self) -> Option<HeaderValue> {
        let nonce = self.nonces.as_ref()?.current(self.now());
        HeaderValue::try_from(&*nonce).ok()
    }
}
