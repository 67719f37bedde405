//! Keys that are being fetched while a token waits for them.

use std::pin::Pin;
use std::sync::Arc;

use super::Validator;
use super::route::Issuers;
use crate::keys::TrustedIssuer;
use crate::policy::Signer;
use crate::token::UnverifiedToken;

impl<C> Validator<C> {
    /// What ends when the keys of the issuer that the token names have been fetched; `None` if nobody
    /// fetches them at the moment. A token that was refused for want of a key
    /// ([`Refused::awaits_keys`](crate::Refused::awaits_keys)) can be appraised again after it; and also if
    /// there is nothing to wait for, since the keys may have come between the refusal and this call. That
    /// costs little: such a token is refused before its signature is looked at.
    ///
    /// Of an encrypted token the issuer is known only if there is a single one.
    pub fn keys_under_way(
        &self,
        token: impl AsRef<[u8]>,
    ) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>> {
        let issuer = self.issuer_named(token.as_ref())?;
        issuer.key_store()?.refresher()?.under_way()
    }

    /// Before anything was verified: the name is not believed.
    fn issuer_named(&self, token: &[u8]) -> Option<Arc<TrustedIssuer>> {
        let stages = &self.0.stages;
        let claim = match (&stages.issuers, stages.policy.claims.kind.signer) {
            (Issuers::One(issuer), _) => return Some(Arc::clone(issuer)),
            (_, Signer::Issuer) => "iss",
            (_, Signer::Client(claim)) => claim,
            (_, Signer::Embedded) => return None,
        };
        let token = UnverifiedToken::split(token).ok()?;
        stages.issuers.find(&token, claim).ok()
    }
}
