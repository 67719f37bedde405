//! The part of a policy document that says how tokens are encrypted.

use std::path::Path;
use std::str::FromStr;

use jwt_appraisal::crypto::aws_lc_rs::PROVIDER;
use jwt_appraisal::{
    ContentEncryptionAlgorithm, DecryptionKey, DecryptionKeys, KeyManagementAlgorithm, Limits,
    UntrustedStr,
};

use crate::document::{Fault, Members, Place};
use crate::parties::key_set;

/// The member `decrypt`: with it tokens have to be encrypted, without it they must not be.
pub(crate) fn decryption_keys(
    policy: &Members<'_>,
    folder: &Path,
    limits: &Limits,
) -> Result<Option<DecryptionKeys>, Fault> {
    let Some(decrypt) = policy.optional("decrypt") else {
        return Ok(None);
    };
    let decrypt =
        decrypt.members(&["jwks", "jwks_file", "key_management", "content_encryption", "zip"])?;
    let (jwks, text) = key_set(&decrypt, folder, limits)?;
    let keys = DecryptionKey::from_jwk_set(text);
    let keys = DecryptionKeys::new(
        keys.map_err(|error| jwks.fault(error.to_string()))?,
        algorithms(&decrypt, "key_management", PROVIDER.key_management_algorithms())?,
        algorithms(&decrypt, "content_encryption", PROVIDER.content_encryption_algorithms())?,
    );
    match decrypt.optional("zip") {
        Some(zip) if zip.boolean()? => Ok(Some(keys.allow_deflate())),
        _ => Ok(Some(keys)),
    }
}

/// An algorithm that a document names.
trait Named: Copy + FromStr {
    const KIND: &'static str;

    fn name(self) -> &'static str;
}

impl Named for KeyManagementAlgorithm {
    const KIND: &'static str = "key management";

    fn name(self) -> &'static str {
        self.name()
    }
}

impl Named for ContentEncryptionAlgorithm {
    const KIND: &'static str = "content encryption";

    fn name(self) -> &'static str {
        self.name()
    }
}

/// Algorithms, at least one, each by its registered name.
fn algorithms<T: Named>(
    decrypt: &Members<'_>,
    member: &str,
    supported: &[T],
) -> Result<Vec<T>, Fault> {
    let place = decrypt.required(member)?;
    place.texts()?;
    let names: Vec<_> = supported.iter().map(|algorithm| algorithm.name()).collect();
    let names = names.join(", ");
    let algorithms = place.elements()?;
    if algorithms.is_empty() {
        return Err(place.fault(format!("is empty; expected some of {names}")));
    }
    algorithms.iter().map(|place| algorithm(place, &names)).collect()
}

fn algorithm<T: Named>(place: &Place<'_>, supported: &str) -> Result<T, Fault> {
    let name = UntrustedStr::new(place.text()?);
    name.expose_untrusted().parse().map_err(|_| {
        let kind = T::KIND;
        place.fault(format!(
            "{name:?} is not a supported {kind} algorithm; expected some of {supported}"
        ))
    })
}
