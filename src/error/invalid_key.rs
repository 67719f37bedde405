//! What is wrong with one key.

use std::fmt;

use crate::json::JsonKind;
use crate::names::KeyId;

/// What is wrong with one key: which key, which member, and why.
///
/// `Display` writes one line with the key's place, its `kid` if it has one, and a sentence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvalidKey {
    index: Option<usize>,
    kid: Option<KeyId>,
    member: Option<&'static str>,
    kind: KeyErrorKind,
}

impl InvalidKey {
    pub(crate) fn new(member: impl Into<Option<&'static str>>, kind: KeyErrorKind) -> Self {
        Self { index: None, kid: None, member: member.into(), kind }
    }

    pub(crate) fn of_key(mut self, index: usize, kid: Option<&KeyId>) -> Self {
        self.index = Some(index);
        self.kid = kid.cloned();
        self
    }

    /// Removes the `kid`, for a report about a token that has the same one.
    pub(crate) fn without_kid(mut self) -> Self {
        self.kid = None;
        self
    }

    /// Returns the key's place in the set's array `keys`, from 0.
    pub fn index(&self) -> Option<usize> {
        self.index
    }

    /// Returns the key's `kid`, where it could be read.
    pub fn kid(&self) -> Option<&KeyId> {
        self.kid.as_ref()
    }

    /// Returns the member at fault, where it is one.
    pub fn member(&self) -> Option<&'static str> {
        self.member
    }

    /// Returns what is wrong.
    pub fn kind(&self) -> &KeyErrorKind {
        &self.kind
    }
}

impl std::error::Error for InvalidKey {}

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_place(f, self.index, self.kid.as_ref())?;
        match self.member {
            Some(member) => write!(f, ": its member \"{member}\" {}", self.kind),
            None => write!(f, ": it {}", self.kind),
        }
    }
}

/// Writes which key of a set is meant.
pub(crate) fn write_place(
    f: &mut fmt::Formatter<'_>,
    index: Option<usize>,
    kid: Option<&KeyId>,
) -> fmt::Result {
    match index {
        Some(index) => write!(f, "key {index}")?,
        None => f.write_str("key")?,
    }
    match kid {
        Some(kid) => write!(f, " (kid {kid:?})"),
        None => Ok(()),
    }
}

/// Why a key cannot be used. The text completes a sentence whose subject is the key or one of its members.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyErrorKind {
    /// The key is not a JSON object.
    #[error("is not a JSON object")]
    NotAnObject,
    /// A required member is not there.
    #[error("is missing")]
    Missing,
    /// A member name occurs twice in one object
    /// ([RFC 7517 §4](https://www.rfc-editor.org/rfc/rfc7517#section-4)).
    #[error("occurs twice in one object")]
    RepeatedName,
    /// A member has the wrong JSON type.
    #[error("is {found}, which is not the expected JSON type")]
    #[non_exhaustive]
    WrongType {
        /// The JSON type that it has.
        found: JsonKind,
    },
    /// A member is not canonical base64url without padding.
    #[error("is not canonical base64url without padding")]
    NotBase64url,
    /// A number has leading zero octets or none at all
    /// ([RFC 7518 §2](https://www.rfc-editor.org/rfc/rfc7518#section-2)).
    #[error("is not a number in the fewest possible octets")]
    NotMinimal,
    /// A member has the wrong length.
    #[error("has {found} octets, but it must have {expected}")]
    #[non_exhaustive]
    Length {
        /// Its length in octets.
        found: usize,
        /// The length that it must have.
        expected: usize,
    },
    /// A key type, curve or algorithm that this crate does not know.
    #[error("has a value that this crate does not know")]
    Unknown,
    /// The point is not on the curve
    /// ([RFC 8725 §3.4](https://www.rfc-editor.org/rfc/rfc8725#section-3.4)).
    #[error("is not a point of the curve")]
    NotOnCurve,
    /// The point has a small order, so that signatures can be made without the key.
    #[error("is a point of small order, or is not in canonical form")]
    SmallOrder,
    /// The RSA modulus is too short or too long
    /// ([RFC 7518 §3.3](https://www.rfc-editor.org/rfc/rfc7518#section-3.3)).
    #[error("has {found} bits, but it must have from 2048 to 8192")]
    #[non_exhaustive]
    ModulusBits {
        /// Its length in bits.
        found: usize,
    },
    /// The RSA modulus is even.
    #[error("is even, so it is not the product of two large primes")]
    EvenModulus,
    /// The RSA exponent is even, below 3 or above 2^33 − 1.
    #[error("is not an odd exponent from 3 to 2^33 - 1")]
    Exponent,
    /// The RSA modulus was made by a generator whose keys can be factored (CVE-2017-15361).
    #[error("was made by a generator whose keys can be factored (ROCA); generate a new key")]
    Roca,
    /// An RSA key of more than two primes.
    #[error("says that the key has more than two primes, which is not supported")]
    MultiPrime,
    /// A private key where a public one belongs.
    #[error("belongs to a private key, but a published set has public keys only; replace the key")]
    Private,
    /// A symmetric key where a public one belongs.
    #[error(
        "belongs to a symmetric key, but a published set has public keys only; replace the key"
    )]
    Symmetric,
    /// The key is not for verifying signatures
    /// ([RFC 7517 §4.2](https://www.rfc-editor.org/rfc/rfc7517#section-4.2)).
    #[error("does not permit the verification of signatures")]
    Purpose,
    /// A key type or curve that no algorithm decrypts with.
    #[error("names a key type or curve that no algorithm decrypts with")]
    NothingDecrypts,
    /// The key is not for decryption
    /// ([RFC 7517 §4.2](https://www.rfc-editor.org/rfc/rfc7517#section-4.2)).
    #[error("does not permit decryption")]
    DecryptionPurpose,
    /// Two decryption keys without a `kid` are for the same algorithm.
    #[error(
        "is missing, as on another key for the same algorithm, so no token could find either; give \
         each its own kid"
    )]
    IndistinctKey,
    /// The public key beside a private key is that of another one.
    #[error("is not that of the public key beside it")]
    OtherPublic,
    /// Two decryption keys, or two secrets of a party, are one key under two algorithms
    /// (rfc8725bis §3.1).
    #[error("is that of another key too, which is for another algorithm; use one key for each")]
    SecondAlgorithm,
    /// A member has the same value twice.
    #[error("has a value twice")]
    Twice,
    /// The key's algorithm is not permitted for this issuer.
    #[error("is not among the permitted algorithms ({permitted})")]
    #[non_exhaustive]
    NotPermitted {
        /// The permitted algorithms, separated by commas.
        permitted: String,
    },
    /// The key's algorithm is not for keys of its type or curve.
    #[error("is not an algorithm for keys of this type and curve")]
    AlgorithmOfOtherKey,
    /// No permitted algorithm is for keys of this type and curve.
    #[error("is missing, and no permitted algorithm ({permitted}) is for such keys")]
    #[non_exhaustive]
    NoAlgorithm {
        /// The permitted algorithms, separated by commas.
        permitted: String,
    },
    /// Several permitted algorithms could be meant.
    #[error(
        "is missing, and several permitted algorithms ({permitted}) are for such keys; add it to the key"
    )]
    #[non_exhaustive]
    SeveralAlgorithms {
        /// The permitted algorithms, separated by commas.
        permitted: String,
    },
    /// The crypto provider does not have the algorithm.
    #[error("is not supported by the crypto provider {provider}")]
    #[non_exhaustive]
    Unsupported {
        /// The provider's name.
        provider: &'static str,
    },
    /// The crypto provider refuses the key.
    #[error("was refused by the crypto provider {provider}")]
    #[non_exhaustive]
    Rejected {
        /// The provider's name.
        provider: &'static str,
    },
    /// A shared secret is shorter than the hash's output
    /// ([RFC 7518 §3.2](https://www.rfc-editor.org/rfc/rfc7518#section-3.2)), a password shorter than
    /// 16 bytes ([§8.8](https://www.rfc-editor.org/rfc/rfc7518#section-8.8)), or a secret is empty.
    #[error("has {found} bytes, but it must have at least {least}")]
    #[non_exhaustive]
    ShortSecret {
        /// Its length in bytes.
        found: usize,
        /// The least for the algorithm.
        least: usize,
    },
    /// A shared secret that is the text of a public key, which everyone knows.
    #[error("is the text of a public key, which is no secret")]
    PublicSecret,
    /// The certificate in `x5c` is not of this key
    /// ([RFC 7517 §4.7](https://www.rfc-editor.org/rfc/rfc7517#section-4.7)).
    #[error("holds a certificate of another key")]
    OtherCertificate,
    /// Another key of the set has the same `kid`
    /// ([RFC 7517 §4.5](https://www.rfc-editor.org/rfc/rfc7517#section-4.5)). In the published set of
    /// an issuer, only another key for the same algorithm.
    #[error("is shared with another key of the set, so neither can be used; give each its own kid")]
    SharedKid,
}
