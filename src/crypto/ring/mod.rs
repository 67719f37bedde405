//! The provider on `ring`.

mod decrypt;

use ring::rand::{self, SecureRandom as _};
use ring::{agreement, signature};

use super::hash::implement_hashes;
#[cfg(feature = "tower")]
use super::server_mac::implement_hmac_sha256;
use super::{CryptoProvider, ImportError, PublicKey, Verifier};
use crate::alg::{ContentEncryptionAlgorithm, KeyManagementAlgorithm, SignatureAlgorithm};

/// RS256/384/512, PS256/384/512, ES256, ES384, Ed25519 (also by its older name EdDSA), and
/// HS256/384/512. Of encryption: `dir`, A128GCMKW and A256GCMKW, with A128GCM and A256GCM.
pub static PROVIDER: CryptoProvider = CryptoProvider {
    name: "ring",
    signatures: &[
        SignatureAlgorithm::Rs256,
        SignatureAlgorithm::Rs384,
        SignatureAlgorithm::Rs512,
        SignatureAlgorithm::Ps256,
        SignatureAlgorithm::Ps384,
        SignatureAlgorithm::Ps512,
        SignatureAlgorithm::Es256,
        SignatureAlgorithm::Es384,
        SignatureAlgorithm::Ed25519,
        SignatureAlgorithm::EdDsa,
    ],
    import_public,
    import_secret,
    key_management: &[
        KeyManagementAlgorithm::Dir,
        KeyManagementAlgorithm::A128GcmKw,
        KeyManagementAlgorithm::A256GcmKw,
    ],
    content_encryption: &[ContentEncryptionAlgorithm::A128Gcm, ContentEncryptionAlgorithm::A256Gcm],
    import_private: decrypt::import_private,
    content_cipher: decrypt::content_cipher,
    random,
    sha256,
    #[cfg(feature = "tower")]
    hmac_sha256,
    digest,
};

fn import_public(
    algorithm: SignatureAlgorithm,
    key: PublicKey<'_>,
) -> Result<Box<dyn Verifier>, ImportError> {
    use SignatureAlgorithm as Alg;
    match algorithm {
        Alg::Rs256 => import_rsa(key, &signature::RSA_PKCS1_2048_8192_SHA256),
        Alg::Rs384 => import_rsa(key, &signature::RSA_PKCS1_2048_8192_SHA384),
        Alg::Rs512 => import_rsa(key, &signature::RSA_PKCS1_2048_8192_SHA512),
        Alg::Ps256 => import_rsa(key, &signature::RSA_PSS_2048_8192_SHA256),
        Alg::Ps384 => import_rsa(key, &signature::RSA_PSS_2048_8192_SHA384),
        Alg::Ps512 => import_rsa(key, &signature::RSA_PSS_2048_8192_SHA512),
        Alg::Es256 => import_ec(key, &signature::ECDSA_P256_SHA256_FIXED, &agreement::ECDH_P256),
        Alg::Es384 => import_ec(key, &signature::ECDSA_P384_SHA384_FIXED, &agreement::ECDH_P384),
        Alg::Ed25519 | Alg::EdDsa => import_ed25519(key),
        Alg::Es512 | Alg::Es256k | Alg::Ed448 | Alg::MlDsa44 | Alg::MlDsa65 | Alg::MlDsa87 => {
            Err(ImportError::Unsupported)
        }
    }
}

fn import_rsa(
    key: PublicKey<'_>,
    parameters: &'static signature::RsaParameters,
) -> Result<Box<dyn Verifier>, ImportError> {
    let PublicKey::Rsa { n, e } = key else {
        return Err(ImportError::Rejected);
    };
    Ok(Box::new(Rsa {
        components: signature::RsaPublicKeyComponents { n: n.into(), e: e.into() },
        parameters,
    }))
}

fn import_ec(
    key: PublicKey<'_>,
    algorithm: &'static signature::EcdsaVerificationAlgorithm,
    curve: &'static agreement::Algorithm,
) -> Result<Box<dyn Verifier>, ImportError> {
    let PublicKey::Ec { point } = key else {
        return Err(ImportError::Rejected);
    };
    check_on_curve(point, curve)?;
    Ok(Box::new(signature::UnparsedPublicKey::new(algorithm, Box::<[u8]>::from(point))))
}

fn import_ed25519(key: PublicKey<'_>) -> Result<Box<dyn Verifier>, ImportError> {
    let PublicKey::Ed25519 { x } = key else {
        return Err(ImportError::Rejected);
    };
    Ok(Box::new(signature::UnparsedPublicKey::new(&signature::ED25519, Box::<[u8]>::from(x))))
}

/// `ring` looks at a point when it is used and not before; a throw-away key agreement is a use.
fn check_on_curve(point: &[u8], curve: &'static agreement::Algorithm) -> Result<(), ImportError> {
    let rng = rand::SystemRandom::new();
    let ours =
        agreement::EphemeralPrivateKey::generate(curve, &rng).map_err(|_| ImportError::Rejected)?;
    let theirs = agreement::UnparsedPublicKey::new(curve, point);
    agreement::agree_ephemeral(ours, &theirs, |_| ()).map_err(|_| ImportError::NotOnCurve)
}

implement_hashes!(ring);

#[cfg(feature = "tower")]
implement_hmac_sha256!(ring);

fn random(bytes: &mut [u8]) -> Result<(), ImportError> {
    rand::SystemRandom::new().fill(bytes).map_err(|_| ImportError::Rejected)
}

struct Rsa {
    components: signature::RsaPublicKeyComponents<Box<[u8]>>,
    parameters: &'static signature::RsaParameters,
}

impl Verifier for Rsa {
    fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        self.components.verify(self.parameters, message, signature).is_ok()
    }
}

impl Verifier for signature::UnparsedPublicKey<Box<[u8]>> {
    fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verify(message, signature).is_ok()
    }
}
