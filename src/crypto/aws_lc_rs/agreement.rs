//! ECDH-ES on `aws-lc-rs`.

use aws_lc_rs::agreement::{self, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::kdf::{
    SskdfDigestAlgorithm, SskdfDigestAlgorithmId, get_sskdf_digest_algorithm, sskdf_digest,
};
use zeroize::Zeroizing;

use super::unwrap::unwrap_aes;
use crate::alg::{KeyManagementAlgorithm, Mode};
use crate::crypto::ImportError;
use crate::crypto::decrypt::{AgreementCurve, KeyManager, Parameters, Wrapped};

/// <https://www.rfc-editor.org/rfc/rfc7518#section-4.6>
struct Agreement {
    algorithm: KeyManagementAlgorithm,
    curve: AgreementCurve,
    key: PrivateKey,
    hash: &'static SskdfDigestAlgorithm,
}

pub(super) fn import(
    algorithm: KeyManagementAlgorithm,
    curve: AgreementCurve,
    private: &[u8],
    public: Option<&[u8]>,
) -> Result<Box<dyn KeyManager>, ImportError> {
    let key = PrivateKey::from_private_key(on(curve), private);
    let key = key.map_err(|_| ImportError::Rejected)?;
    let own = key.compute_public_key().map_err(|_| ImportError::Rejected)?;
    if public.is_some_and(|public| public != own.as_ref()) {
        return Err(ImportError::OtherPublic);
    }
    let hash = get_sskdf_digest_algorithm(SskdfDigestAlgorithmId::Sha256);
    let hash = hash.ok_or(ImportError::Unsupported)?;
    Ok(Box::new(Agreement { algorithm, curve, key, hash }))
}

fn on(curve: AgreementCurve) -> &'static agreement::Algorithm {
    match curve {
        AgreementCurve::P256 => &agreement::ECDH_P256,
        AgreementCurve::P384 => &agreement::ECDH_P384,
        AgreementCurve::P521 => &agreement::ECDH_P521,
        AgreementCurve::X25519 => &agreement::X25519,
    }
}

impl KeyManager for Agreement {
    fn unwrap(&self, wrapped: &Wrapped<'_>, cek: &mut [u8]) -> Option<()> {
        let Mode::KeyAgreementWithKeyWrapping(kek_bytes) = self.algorithm.mode() else {
            return self.derive(wrapped, wrapped.enc.name(), cek);
        };
        let mut kek = Zeroizing::new([0; 32]);
        let kek = kek.get_mut(..kek_bytes)?;
        self.derive(wrapped, self.algorithm.name(), kek)?;
        unwrap_aes(kek, wrapped.encrypted_key, cek)
    }
}

impl Agreement {
    /// Agrees on a secret and derives a key from it. Points that are not on the curve are refused
    /// by the library (SP 800-56A), as is a secret of nothing but zeros
    /// (<https://www.rfc-editor.org/rfc/rfc7748#section-6>).
    fn derive(&self, wrapped: &Wrapped<'_>, algorithm: &str, key: &mut [u8]) -> Option<()> {
        let Parameters::Agreement { curve, ephemeral, apu, apv } = wrapped.parameters else {
            return None;
        };
        (*curve == self.curve).then_some(())?;
        let info = other_info(algorithm, apu, apv, key.len())?;
        let theirs = UnparsedPublicKey::new(on(self.curve), ephemeral);
        let derived = agree(&self.key, theirs, (), |secret| {
            sskdf_digest(self.hash, secret, &info, key).map_err(|_| ())
        });
        derived.ok()
    }
}

/// What the Concat KDF mixes in: <https://www.rfc-editor.org/rfc/rfc7518#section-4.6.2>
fn other_info(algorithm: &str, apu: &[u8], apv: &[u8], key_bytes: usize) -> Option<Vec<u8>> {
    let length = |bytes: usize| u32::try_from(bytes).ok().map(u32::to_be_bytes);
    let key_bits = length(key_bytes.checked_mul(8)?)?;
    let parts = [
        &length(algorithm.len())?,
        algorithm.as_bytes(),
        &length(apu.len())?,
        apu,
        &length(apv.len())?,
        apv,
        &key_bits,
    ];
    Some(parts.concat())
}
