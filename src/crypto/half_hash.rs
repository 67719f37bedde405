//! The hash of a token or code that an ID token holds: by the algorithm that the ID token is signed
//! with.

use super::CryptoProvider;
use crate::alg::{JwsAlgorithm, MacAlgorithm, SignatureAlgorithm};
use crate::base64url;

/// A hash function, by what an ID token uses it for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Digest {
    Sha256,
    Sha384,
    Sha512,
    /// SHAKE256 with so many bytes of output.
    Shake256(usize),
}

impl CryptoProvider {
    /// The value of `at_hash`, `c_hash` or `s_hash` in an ID token that is signed by this algorithm:
    /// the left half of the hash that belongs to it, in base64url. `None` where the provider does not
    /// have that hash: `ring` has no SHAKE256, which Ed448 and ML-DSA need.
    ///
    /// [`SignatureAlgorithm::EdDsa`] stands for Ed25519 keys only, as everywhere here.
    ///
    /// [OpenID Connect Core §3.1.3.6](https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken)
    ///
    /// ```
    /// # use jwt_appraisal::crypto::ring;
    /// # use jwt_appraisal::SignatureAlgorithm;
    /// let at_hash = ring::PROVIDER.token_hash(SignatureAlgorithm::Rs256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
    /// assert_eq!(at_hash.as_deref(), Some("77QmUPtjPfzWtF2AnpK9RQ"));
    /// ```
    pub fn token_hash(&self, algorithm: SignatureAlgorithm, value: &str) -> Option<String> {
        self.half_hash(JwsAlgorithm::Signature(algorithm), value.as_bytes())
    }

    pub(crate) fn half_hash(&self, algorithm: JwsAlgorithm, value: &[u8]) -> Option<String> {
        let hash = (self.digest)(digest_of(algorithm), value)?;
        let (left, _) = hash.split_at_checked(hash.len() / 2)?;
        Some(base64url::encode(left))
    }
}

/// OpenID Connect token hash algorithm guide, "Hash Claim Calculation"
fn digest_of(algorithm: JwsAlgorithm) -> Digest {
    use SignatureAlgorithm as Alg;
    match algorithm {
        JwsAlgorithm::Mac(MacAlgorithm::Hs256)
        | JwsAlgorithm::Signature(Alg::Rs256 | Alg::Ps256 | Alg::Es256 | Alg::Es256k) => {
            Digest::Sha256
        }
        JwsAlgorithm::Mac(MacAlgorithm::Hs384)
        | JwsAlgorithm::Signature(Alg::Rs384 | Alg::Ps384 | Alg::Es384) => Digest::Sha384,
        JwsAlgorithm::Mac(MacAlgorithm::Hs512)
        | JwsAlgorithm::Signature(
            Alg::Rs512 | Alg::Ps512 | Alg::Es512 | Alg::Ed25519 | Alg::EdDsa,
        ) => Digest::Sha512,
        JwsAlgorithm::Signature(Alg::Ed448) => Digest::Shake256(114),
        JwsAlgorithm::Signature(Alg::MlDsa44 | Alg::MlDsa65 | Alg::MlDsa87) => Digest::Shake256(64),
    }
}
