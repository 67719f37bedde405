//! Key material that cannot be used.

use super::invalid_key::InvalidKey;
use super::out_of_range::{DurationError, FractionOfSecond, OutOfRange};

/// Key material that cannot be used: the operator's or the issuer's fault, never a token's.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is not strict JSON.
    #[error("the key material is not strict JSON: it {fault}")]
    #[non_exhaustive]
    Json {
        /// The fault, which completes a sentence that begins with "it".
        fault: &'static str,
    },
    /// A JWK set is longer than the limit.
    #[error(
        "the JWK set has {found} bytes, but at most {most} are read; see Limits::key_set_bytes"
    )]
    #[non_exhaustive]
    SetTooLong {
        /// Its length in bytes.
        found: usize,
        /// The limit in bytes.
        most: usize,
    },
    /// A JWK set is not an object with an array `keys`
    /// ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)).
    #[error("the text is not a JWK set, which is an object whose member \"keys\" is an array")]
    NotASet,
    /// A JWK set has more keys than the limit.
    #[error("the JWK set has more than {most} keys; see Limits::keys_per_set")]
    #[non_exhaustive]
    TooManyKeys {
        /// The limit.
        most: usize,
    },
    /// A number is out of its range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// A duration is not a whole number of seconds.
    #[error(transparent)]
    FractionOfSecond(#[from] FractionOfSecond),
    /// A key store was given a second refresher.
    #[error(
        "the key store has a refresher already, so a second one would never be asked; give it one"
    )]
    SecondRefresher,
    /// A key store was given no algorithm.
    #[error("no algorithm is permitted; give those that the issuer signs with")]
    NoAlgorithms,
    /// No secret was given for a party that shares secrets with the verifier.
    #[error("no secret is given for a party that shares secrets; give at least one")]
    NoSecrets,
    /// More secrets were given for one party than a token without `kid` is verified with.
    #[error("{found} secrets are given for one party, but at most {most} are permitted")]
    #[non_exhaustive]
    TooManySecrets {
        /// How many were given.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// One key cannot be used.
    #[error(transparent)]
    Key(#[from] InvalidKey),
    /// The text is not PEM, or its content is not such a key in DER.
    #[error("the key is not {expected}")]
    #[non_exhaustive]
    Encoding {
        /// What the key should have been, which completes the sentence "the key is not …".
        expected: &'static str,
    },
}

impl From<DurationError> for KeyError {
    fn from(error: DurationError) -> Self {
        match error {
            DurationError::OutOfRange(error) => Self::OutOfRange(error),
            DurationError::FractionOfSecond(error) => Self::FractionOfSecond(error),
        }
    }
}
