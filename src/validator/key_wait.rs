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
use crate::token::UnverifiedToken;

impl<C, R> Validator<C, R> {
    /// What ends when the keys of the issuer that the token names have been fetched; `None` if nobody
    /// fetches them at the moment. A token that was refused for want of a key
    /// ([`Refused::may_succeed_after_refresh`](crate::Refused::may_succeed_after_refresh)) can be appraised again after it. It ends at
    /// once where keys came in the last seconds, since that may have been after the refusal.
    ///
    /// A fetch that takes too long is ended by the next call, or the next token that asks for keys, and not
    /// by itself: there is no timer here. So whoever waits should have a bound of his own.
    ///
    /// Of an encrypted token the issuer is known only if there is a single one.
    pub fn keys_under_way(
        &self,
        token: impl AsRef<[u8]>,
    ) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>> {
        self.keys_under_way_at(token, self.0.clock.now())
    }

    /// The same, as if it were `now`.
    pub fn keys_under_way_at(
        &self,
        token: impl AsRef<[u8]>,
        now: OffsetDateTime,
    ) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>> {
        let issuer = self.issuer_named(token.as_ref())?;
        issuer.key_store()?.refresher()?.under_way(now)
    }

    /// Before anything was verified: the name is not believed.
    fn issuer_named(&self, token: &[u8]) -> Option<Arc<TrustedIssuer>> {
        let stages = &self.0.stages;
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
