//! SD-JWT: an issuer's JWT, and disclosures that put claims into its payload.

mod compact;
mod disclose;
mod hash;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;

use crate::check::{Finding, Ledger, ReasonKind, Stage};
use crate::crypto::{CryptoProvider, VerifiedDocument};
pub(crate) use compact::SdJwt;
use disclose::disclose;
pub(super) use hash::SdHash;

/// The disclosures of a token, which wait for its signature.
pub(crate) struct Disclosures<'t> {
    sd_jwt: SdJwt<'t>,
    /// What they decode to, once that is done.
    decoded: OnceCell<Vec<u8>>,
    /// The hash for a key-binding JWT, by the function that the verified payload names.
    sd_hash: OnceCell<String>,
}

impl<'t> SdJwt<'t> {
    /// Splits an SD-JWT that has at most `most` disclosures. Whether it must have a key-binding JWT is the
    /// verifier's policy, and not a matter of whether it has one.
    pub(crate) fn open(
        token: &'t [u8],
        most: usize,
        wants_key_binding: bool,
        ledger: &mut Ledger,
    ) -> Option<Self> {
        let sd_jwt = ledger.take(Stage::FormSdJwt, Self::split(token, most))?;
        ledger.check(Stage::SdJwtKeyBinding, || {
            match (sd_jwt.key_binding_jwt(), wants_key_binding) {
                (Some(_), true) => Finding::Pass,
                (Some(_), false) => ReasonKind::KeyBinding.into(),
                (None, true) => ReasonKind::Unsatisfied.into(),
                (None, false) => Finding::Absent,
            }
        });
        ledger.is_clean().then_some(sd_jwt)
    }

    /// The disclosures, for the time after the signature.
    pub(crate) fn into_disclosures(self) -> Disclosures<'t> {
        Disclosures { sd_jwt: self, decoded: OnceCell::new(), sd_hash: OnceCell::new() }
    }
}

impl Disclosures<'_> {
    pub(crate) fn issuer_jwt(&self) -> &[u8] {
        self.sd_jwt.issuer_jwt().as_bytes()
    }

    /// What `sd_hash` of a key-binding JWT must be, once the payload was verified.
    pub(crate) fn sd_hash(&self) -> Option<&str> {
        self.sd_hash.get().map(String::as_str)
    }

    /// Puts the disclosed claims into a payload whose signature was verified.
    pub(crate) fn graft<'t>(
        &'t self,
        payload: &mut VerifiedDocument<'_, 't>,
        provider: &'static CryptoProvider,
        ledger: &mut Ledger,
    ) -> Option<()> {
        let mut grafts = payload.grafts();
        let hash = ledger.take(Stage::SdJwtAlg, SdHash::find(&grafts, provider))?;
        if self.sd_jwt.key_binding_jwt().is_some() {
            let _ = self.sd_hash.set(hash.of(self.sd_jwt.bound()).unwrap_or_default());
        }
        let disclosed = disclose(&self.sd_jwt, hash, &self.decoded, &mut grafts);
        ledger.take(Stage::SdJwtDisclosures, disclosed)
    }
}
