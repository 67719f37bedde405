//! An accepted proof of possession as evidence for the token that it came with.

use crate::appraisal::Accepted;
use crate::kind::DPOP_PROOF;
use crate::kind::claims::DpopProofClaims;
use crate::request_facts::{Proof, RequestFacts};

impl<'a> RequestFacts<'a> {
    /// A DPoP proof that was accepted for this very request: the token is bound to its key, and is the
    /// one that the proof was made for. An accepted token of another kind shows nothing, although a caller
    /// can give its profile the same claims type.
    ///
    /// [RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1)
    pub fn proof(mut self, proof: &'a Accepted<DpopProofClaims>) -> Self {
        // A proof for no token is not a proof for any.
        let ath = Some(proof.claims().ath.as_deref().unwrap_or_default());
        let is_proof = proof.record().kind() == DPOP_PROOF;
        let key = proof.key_thumbprint().filter(|_| is_proof);
        self.proof = Some(Proof { key, ath });
        self
    }
}
