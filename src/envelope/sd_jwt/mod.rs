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
}

impl<'t> SdJwt<'t> {
    /// Splits an SD-JWT that has at most `most` disclosures, and refuses what cannot be verified.
    pub(crate) fn open(token: &'t [u8], most: usize, ledger: &mut Ledger) -> Option<Self> {
        let sd_jwt = ledger.take(Stage::FormSdJwt, Self::split(token, most))?;
        ledger.check(Stage::SdJwtKeyBinding, || match sd_jwt.key_binding_jwt() {
            Some(_) => ReasonKind::KeyBinding.into(),
            None => Finding::Absent,
        });
        ledger.is_clean().then_some(sd_jwt)
    }

    /// The disclosures, for the time after the signature.
    pub(crate) fn into_disclosures(self) -> Disclosures<'t> {
        Disclosures { sd_jwt: self, decoded: OnceCell::new() }
    }
}

impl Disclosures<'_> {
    /// Puts the disclosed claims into a payload whose signature was verified.
    pub(crate) fn graft<'t>(
        &'t self,
        payload: &mut VerifiedDocument<'_, 't>,
        provider: &'static CryptoProvider,
        ledger: &mut Ledger,
    ) -> Option<()> {
        let mut grafts = payload.grafts();
        let hash = ledger.take(Stage::SdJwtAlg, SdHash::find(&grafts, provider))?;
        let disclosed = disclose(&self.sd_jwt, hash, &self.decoded, &mut grafts);
        ledger.take(Stage::SdJwtDisclosures, disclosed)
    }
}
