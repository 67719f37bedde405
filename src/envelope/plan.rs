//! The checks of a JWE, in their order.

use super::jwe::Decryption;
use crate::check::PlannedCheck;
use crate::check::Stage;

/// The checks of a JWE.
pub(crate) const JWE: &[Stage] = &[
    Stage::FormJwe,
    Stage::JweAlg,
    Stage::JweEnc,
    Stage::JweCty,
    Stage::JweZip,
    Stage::JweKey,
    Stage::JweDecrypt,
];

impl Decryption {
    /// A check of the JWE, with what it expects in the operator's words.
    pub(crate) fn planned(&self, stage: Stage) -> PlannedCheck {
        let (check, policy) = (PlannedCheck::of(stage), &self.policy);
        if stage == Stage::JweAlg {
            let names: Vec<_> = policy.key_management.iter().map(|alg| alg.name()).collect();
            check.expecting(names.join(" or "))
        } else if stage == Stage::JweEnc {
            let names: Vec<_> = policy.content_encryption.iter().map(|enc| enc.name()).collect();
            check.expecting(names.join(" or "))
        } else if stage == Stage::JweCty {
            check.expecting("\"JWT\"").waived_if(policy.cty_waived)
        } else {
            check
        }
    }
}
