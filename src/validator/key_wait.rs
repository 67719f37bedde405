//! Keys that are being fetched while a token waits for them.

use std::pin::Pin;
use std::sync::Arc;

use ::time::OffsetDateTime;

use super::Validator;
use super::route::Whose;
use super::stages::Stages;
use crate::crypto::PayloadBuffer;
use crate::envelope::before_disclosures;
use crate::json::Document;
use crate::keys::TrustedIssuer;
use crate::token::{HeaderBuffer, Look, check_size};

/// A future that completes when a fetch of keys finishes.
pub(super) type Fetched = Pin<Box<dyn Future<Output = ()> + Send>>;

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
        self.0.stages.pending_refresh(token.as_ref(), now)
    }
}

impl Stages {
    pub(super) fn pending_refresh(&self, token: &[u8], now: OffsetDateTime) -> Option<Fetched> {
        let issuer = self.issuer_named(token)?;
        issuer.key_store()?.refresher()?.pending_refresh(now)
    }

    /// Before anything was verified, so the name must not be believed.
    fn issuer_named(&self, token: &[u8]) -> Option<Arc<TrustedIssuer>> {
        // A longer token is refused without a look at its keys.
        check_size(token, self.limits.token_bytes).ok()?;
        match self.issuers.whose(self.kind.signer) {
            Whose::Only(issuer) => Some(Arc::clone(issuer)),
            Whose::HeaderKey | Whose::ConfirmedKey => None,
            Whose::Named { claim, .. } => {
                let (mut octets, mut json) = (HeaderBuffer::new(), Document::new());
                let look =
                    Look::at_any(before_disclosures(token), &self.limits, &mut octets, &mut json)?;
                let (mut octets, mut json) = (PayloadBuffer::new(), Document::new());
                let mut payload = self.payload(&look.token, &mut octets, &mut json);
                self.issuers.find(&mut payload, claim).ok()
            }
        }
    }
}
