//! The checks of a JWE, in their order.

use super::jwe::Decryption;
use crate::check::PlannedCheck;
use crate::check::Row;

/// The checks of a JWE.
pub(crate) const JWE: &[Row] = &[
    Row::FormJwe,
    Row::JweAlg,
    Row::JweEnc,
    Row::JweCty,
    Row::JweZip,
    Row::JweKey,
    Row::JweDecrypt,
];

impl Decryption {
    /// A check of the JWE, with what it expects in the operator's words.
    pub(crate) fn planned(&self, row: Row) -> PlannedCheck {
        let (check, policy) = (PlannedCheck::built_in(row), &self.policy);
        if row == Row::JweAlg {
            let names: Vec<_> = policy.key_management.iter().map(|alg| alg.name()).collect();
            check.expecting(names.join(" or "))
        } else if row == Row::JweEnc {
            let names: Vec<_> = policy.content_encryption.iter().map(|enc| enc.name()).collect();
            check.expecting(names.join(" or "))
        } else if row == Row::JweCty {
            check.expecting("\"JWT\"").waived_if(policy.cty_waived)
        } else {
            check
        }
    }
}
