//! Keys that are being fetched while a token waits for them.

use std::pin::Pin;
use std::sync::Arc;

use ::time::OffsetDateTime;

use super::Validator;
use super::route::Issuers;
use crate::crypto::PayloadBuffer;
use crate::json::Document;
use crate::keys::TrustedIssuer;
use crate::policy::Signer;
use crate::token::{UnverifiedToken, check_size};

impl<C, R> Validator<C, R> {
    /// Returns a future that completes when the pending fetch of keys finishes, successfully or not, or
    /// `None` if no keys of the issuer that the token names are being fetched.
    ///
    /// A token that was refused because a key is missing
    /// ([`Refused::may_succeed_after_refresh`](crate::Refused::may_succeed_after_refresh)) can be appraised
    /// again after that. The future is complete already if keys arrived in the last seconds, because the
    /// token may have been refused just before.
    ///
    /// There is no timer here, so a fetch that takes too long is ended only by the next call or by the next
    /// token that requests keys. The caller should bound the time that it waits.
    ///
    /// The issuer of an encrypted token is known only if the validator has a single one. A token that is
    /// longer than [`Limits::token_bytes`](crate::Limits::token_bytes) is not read, and waits for nothing.
    pub fn pending_refresh(
        &self,
        token: impl AsRef<[u8]>,
    ) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>> {
        self.pending_refresh_at(token, self.0.clock.now())
    }

    /// Returns the same future as [`pending_refresh`](Self::pending_refresh), as if it were `now`.
    pub fn pending_refresh_at(
        &self,
        token: impl AsRef<[u8]>,
        now: OffsetDateTime,
    ) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>> {
        let issuer = self.issuer_named(token.as_ref())?;
        issuer.key_store()?.refresher()?.pending_refresh(now)
    }

    /// Before anything was verified: the name is not believed.
    fn issuer_named(&self, token: &[u8]) -> Option<Arc<TrustedIssuer>> {
        let stages = &self.0.stages;
        // A longer token is refused without a look at its keys.
        check_size(token, stages.limits.token_bytes).ok()?;
        let claim = match (&stages.issuers, stages.kind.signer) {
            (Issuers::One(issuer), _) => return Some(Arc::clone(issuer)),
            (_, Signer::Issuer) => "iss",
            (_, Signer::Client(claim)) => claim,
            (_, Signer::HeaderKey) => return None,
        };
        let token = UnverifiedToken::split(token).ok()?;
        let (mut octets, mut json) = (PayloadBuffer::new(), Document::new());
        let mut payload = stages.payload(&token, &mut octets, &mut json);
        stages.issuers.find(&mut payload, claim).ok()
    }
}
