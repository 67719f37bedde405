//! The checks of the envelopes, in their order.

use super::Envelope;
use super::jwe::Decryption;
use super::sd_jwt::SdHash;
use crate::check::PlannedCheck;
use crate::check::Stage;

const JWE: &[Stage] = &[
    Stage::FormJwe,
    Stage::JweAlg,
    Stage::JweEnc,
    Stage::JweCty,
    Stage::JweZip,
    Stage::JweKey,
    Stage::JweDecrypt,
];

const SD_JWT: &[Stage] = &[Stage::FormSdJwt, Stage::SdJwtKeyBinding];

impl Envelope {
    /// The checks before those of the signed token, with what they expect in the operator's words.
    pub(crate) fn opening(&self) -> Vec<PlannedCheck> {
        match self {
            Self::Plain => Vec::new(),
            Self::Encrypted(decryption) => {
                JWE.iter().map(|stage| decryption.planned(*stage)).collect()
            }
            Self::Disclosed => SD_JWT.iter().map(|stage| PlannedCheck::of(*stage)).collect(),
        }
    }

    /// The checks between the payload and the rules on claims.
    pub(crate) fn grafting(&self) -> Vec<PlannedCheck> {
        match self {
            Self::Plain | Self::Encrypted(_) => Vec::new(),
            Self::Disclosed => vec![
                PlannedCheck::of(Stage::SdJwtAlg).expecting(SdHash::EXPECTED),
                PlannedCheck::of(Stage::SdJwtDisclosures),
            ],
        }
    }
}

impl Decryption {
    /// A check of the JWE, with what it expects in the operator's words.
    fn planned(&self, stage: Stage) -> PlannedCheck {
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
