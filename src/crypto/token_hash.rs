//! The hash of a token or code that an ID token holds: by the algorithm that the ID token is signed
//! with.

use super::CryptoProvider;
use crate::alg::JwsAlgorithm;
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
    /// The value of `at_hash`, `c_hash` or `s_hash` in an ID token that is signed by the algorithm of
    /// this registered name: the left half of the hash that belongs to it, in base64url.
    ///
    /// `EdDSA` needs the curve of the key. `None` where no hash belongs to the algorithm, or where the
    /// provider does not have it: `ring` has no SHAKE256, which Ed448 and ML-DSA need.
    ///
    /// [OpenID Connect Core §3.1.3.6](https://openid.net/specs/openid-connect-core-1_0.html#CodeIDToken)
    ///
    /// ```
    /// use jwt_appraisal::crypto::ring;
    ///
    /// let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    /// let at_hash = ring::PROVIDER.token_hash("RS256", None, access_token);
    /// assert_eq!(at_hash.as_deref(), Some("77QmUPtjPfzWtF2AnpK9RQ"));
    /// ```
    pub fn token_hash(&self, alg: &str, crv: Option<&str>, value: &str) -> Option<String> {
        let digest = match (alg, crv) {
            ("EdDSA", Some(curve @ ("Ed25519" | "Ed448"))) => digest_of(curve),
            ("EdDSA", _) => None,
            _ => digest_of(alg),
        };
        self.left_half(digest?, value)
    }

    /// As [`CryptoProvider::token_hash`], for a key that was bound to its algorithm: `EdDSA` is then
    /// Ed25519, the only curve that a provider has.
    pub(crate) fn token_hash_for(&self, algorithm: JwsAlgorithm, value: &str) -> Option<String> {
        self.token_hash(algorithm.name(), Some("Ed25519"), value)
    }

    fn left_half(&self, digest: Digest, value: &str) -> Option<String> {
        let hash = (self.digest)(digest, value.as_bytes())?;
        let (left, _) = hash.split_at_checked(hash.len() / 2)?;
        Some(base64url::encode(left))
    }
}

/// The hash that belongs to an algorithm: the one that it signs with, or the one that was agreed on.
///
/// OpenID Connect token hash algorithm guide, "Hash Claim Calculation"
fn digest_of(alg: &str) -> Option<Digest> {
    Some(match alg {
        "HS256" | "RS256" | "PS256" | "ES256" | "ES256K" | "SLH-DSA-SHA2-128s" => Digest::Sha256,
        "HS384" | "RS384" | "PS384" | "ES384" => Digest::Sha384,
        "HS512" | "RS512" | "PS512" | "ES512" | "Ed25519" => Digest::Sha512,
        "Ed448" => Digest::Shake256(114),
        "ML-DSA-44" | "ML-DSA-65" | "ML-DSA-87" | "SLH-DSA-SHAKE-128s" => Digest::Shake256(64),
        _ => return None,
    })
}
