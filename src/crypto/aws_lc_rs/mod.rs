//! The provider on `aws-lc-rs`.

mod agreement;
mod content;
mod rsa;
#[cfg(test)]
mod tests;
mod unwrap;

use aws_lc_rs::rand;
use aws_lc_rs::signature::{
    self, EcdsaVerificationAlgorithm, ParsedPublicKey, PqdsaVerificationAlgorithm, RsaParameters,
    RsaPublicKeyComponents, VerificationAlgorithm,
};
use shake::Shake256;
use shake::digest::{ExtendableOutput as _, Update as _, XofReader as _};

use super::hash::implement_hashes;
#[cfg(feature = "tower")]
use super::server_mac::implement_hmac_sha256;
use super::{CryptoProvider, Digest, ImportError, PublicKey, Verifier};
use crate::alg::{ContentEncryptionAlgorithm, KeyManagementAlgorithm, SignatureAlgorithm};

/// All that `ring` has, and ES512, ES256K and ML-DSA-44/65/87; of encryption everything that can be
/// named.
///
/// Public keys are parsed once, when they are loaded. ECDSA is as JWA has it: of the two signatures
/// that each signature of ES256K stands for, with `s` and with `n − s`, both are accepted, since
/// [RFC 8812 §3.2](https://www.rfc-editor.org/rfc/rfc8812#section-3.2) singles out neither.
///
/// ```
/// use jwt_appraisal::crypto::aws_lc_rs;
/// use jwt_appraisal::{JwkSet, KeyStore, Profile, SignatureAlgorithm, TrustedIssuer, Validator};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let jwks = r#"{"keys":[]}"#;
/// let provider = &aws_lc_rs::PROVIDER;
/// let keys = KeyStore::with_provider(
///     provider,
///     [SignatureAlgorithm::Es512],
///     JwkSet::from_json(jwks)?,
/// )?;
/// let validator = Validator::builder_with(provider, Profile::access_token())
///     .issuer(TrustedIssuer::new("https://as.example.com", keys))
///     .audience("https://api.example.com")
///     .build()?;
/// # Ok(())
/// # }
/// ```
pub static PROVIDER: CryptoProvider = CryptoProvider {
    name: "aws-lc-rs",
    signatures: &[
        SignatureAlgorithm::Rs256,
        SignatureAlgorithm::Rs384,
        SignatureAlgorithm::Rs512,
        SignatureAlgorithm::Ps256,
        SignatureAlgorithm::Ps384,
        SignatureAlgorithm::Ps512,
        SignatureAlgorithm::Es256,
        SignatureAlgorithm::Es384,
        SignatureAlgorithm::Es512,
        SignatureAlgorithm::Es256k,
        SignatureAlgorithm::Ed25519,
        SignatureAlgorithm::EdDsa,
        SignatureAlgorithm::MlDsa44,
        SignatureAlgorithm::MlDsa65,
        SignatureAlgorithm::MlDsa87,
    ],
    import_public,
    import_secret,
    key_management: KeyManagementAlgorithm::ALL,
    content_encryption: ContentEncryptionAlgorithm::ALL,
    import_private: unwrap::import_private,
    content_cipher: content::content_cipher,
    random,
    sha256,
    #[cfg(feature = "tower")]
    hmac_sha256,
    digest: digest_or_shake,
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
        Alg::Es256 => import_ec(key, &signature::ECDSA_P256_SHA256_FIXED),
        Alg::Es384 => import_ec(key, &signature::ECDSA_P384_SHA384_FIXED),
        Alg::Es512 => import_ec(key, &signature::ECDSA_P521_SHA512_FIXED),
        Alg::Es256k => import_ec(key, &signature::ECDSA_P256K1_SHA256_FIXED),
        Alg::Ed25519 | Alg::EdDsa => import_ed25519(key),
        Alg::MlDsa44 => import_ml_dsa(key, &signature::ML_DSA_44),
        Alg::MlDsa65 => import_ml_dsa(key, &signature::ML_DSA_65),
        Alg::MlDsa87 => import_ml_dsa(key, &signature::ML_DSA_87),
        Alg::Ed448 => Err(ImportError::Unsupported),
    }
}

fn import_rsa(
    key: PublicKey<'_>,
    parameters: &'static RsaParameters,
) -> Result<Box<dyn Verifier>, ImportError> {
    let PublicKey::Rsa { n, e } = key else {
        return Err(ImportError::Rejected);
    };
    let parsed = RsaPublicKeyComponents { n, e }.to_parsed_public_key(parameters);
    Ok(Box::new(parsed.map_err(|_| ImportError::Rejected)?))
}

/// An uncompressed point of the right length is refused for one reason only.
fn import_ec(
    key: PublicKey<'_>,
    algorithm: &'static EcdsaVerificationAlgorithm,
) -> Result<Box<dyn Verifier>, ImportError> {
    let PublicKey::Ec { point } = key else {
        return Err(ImportError::Rejected);
    };
    import(point, algorithm).map_err(|_| ImportError::NotOnCurve)
}

fn import_ed25519(key: PublicKey<'_>) -> Result<Box<dyn Verifier>, ImportError> {
    let PublicKey::Ed25519 { x } = key else {
        return Err(ImportError::Rejected);
    };
    import(x, &signature::ED25519)
}

/// The context is the empty string, as RFC 9964 has it.
fn import_ml_dsa(
    key: PublicKey<'_>,
    algorithm: &'static PqdsaVerificationAlgorithm,
) -> Result<Box<dyn Verifier>, ImportError> {
    let PublicKey::MlDsa { public } = key else {
        return Err(ImportError::Rejected);
    };
    import(public, algorithm)
}

fn import(
    key: &[u8],
    algorithm: &'static dyn VerificationAlgorithm,
) -> Result<Box<dyn Verifier>, ImportError> {
    let parsed = ParsedPublicKey::new(algorithm, key).map_err(|_| ImportError::Rejected)?;
    Ok(Box::new(parsed))
}

implement_hashes!(aws_lc_rs);

#[cfg(feature = "tower")]
implement_hmac_sha256!(aws_lc_rs);

fn random(bytes: &mut [u8]) -> Result<(), ImportError> {
    rand::fill(bytes).map_err(|_| ImportError::Rejected)
}

/// SHAKE256, which `aws-lc-rs` does not offer, is of another crate.
fn digest_or_shake(algorithm: Digest, bytes: &[u8]) -> Option<Vec<u8>> {
    match algorithm {
        Digest::Shake256(length) => Some(shake256(bytes, length)),
        Digest::Sha256 | Digest::Sha384 | Digest::Sha512 => digest(algorithm, bytes),
    }
}

fn shake256(bytes: &[u8], length: usize) -> Vec<u8> {
    let mut output = vec![0; length];
    let mut shake = Shake256::default();
    shake.update(bytes);
    shake.finalize_xof().read(&mut output);
    output
}

impl Verifier for ParsedPublicKey {
    fn accepts(&self, message: &[u8], signature: &[u8]) -> bool {
        self.verify_sig(message, signature).is_ok()
    }
}
