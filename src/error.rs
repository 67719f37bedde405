//! Errors of the caller and the operator. No token ever causes one: a token is appraised.

use crate::alg::SignatureAlgorithm;
use crate::json::JsonKind;
use crate::names::{Audience, Issuer, KeyId, MediaType};

/// A policy that can not be built: the caller's mistake, found before any token is seen.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No issuer was given.
    #[error("no issuer was given; expected at least one")]
    NoIssuer,
    /// An issuer's name is empty, or has a `:` and is not a URI
    /// ([RFC 7519 §2](https://www.rfc-editor.org/rfc/rfc7519#section-2)).
    #[error("issuer {0:?} is empty or not a URI")]
    IssuerName(Issuer),
    /// Two trusted issuers have the same name.
    #[error("issuer {0:?} was given twice")]
    IssuerTwice(Issuer),
    /// Two trusted issuers share one key store, so that each could sign in the other's name
    /// ([RFC 8725 §3.8](https://www.rfc-editor.org/rfc/rfc8725#section-3.8)).
    #[error("issuers {0:?} and {1:?} share a key store; expected one for each")]
    SharedKeyStore(Issuer, Issuer),
    /// Two trusted issuers have the same secret, so that each could sign in the other's name
    /// ([RFC 8725 §3.8](https://www.rfc-editor.org/rfc/rfc8725#section-3.8)).
    #[error("issuers {0:?} and {1:?} have the same secret; expected one for each")]
    SecretOfTwoIssuers(Issuer, Issuer),
    /// No audience was given.
    #[error("no audience was given; expected at least one name of this service")]
    NoAudience,
    /// An audience is empty, or has a `:` and is not a URI
    /// ([RFC 7519 §2](https://www.rfc-editor.org/rfc/rfc7519#section-2)): no token can have it.
    #[error("audience {0:?} is empty or not a URI")]
    AudienceName(Audience),
    /// The crypto provider does not have an algorithm.
    #[error(
        "algorithm {algorithm} of issuer {issuer:?} is not supported by the crypto provider {provider}"
    )]
    UnsupportedByProvider {
        /// Whose algorithm.
        issuer: Issuer,
        /// The algorithm.
        algorithm: SignatureAlgorithm,
        /// The provider's name.
        provider: &'static str,
    },
    /// A key store imported its keys with another provider than the validator's.
    #[error(
        "the validator's crypto provider is {validator}, but the keys of {issuer:?} were imported with {keys}"
    )]
    ProviderMismatch {
        /// Whose keys.
        issuer: Issuer,
        /// The provider of the key store.
        keys: &'static str,
        /// The provider of the validator.
        validator: &'static str,
    },
    /// A duration is negative, zero where that makes no sense, or above its maximum.
    #[error("{setting} is {found} s; expected {least} to {most} s")]
    Duration {
        /// The setting.
        setting: &'static str,
        /// Its value in seconds.
        found: i64,
        /// The least that it may be, in seconds.
        least: i64,
        /// The most that it may be, in seconds.
        most: i64,
    },
    /// A setting was given whose check was waived through [`danger`](crate::danger).
    #[error("{0} was given, but its check was waived")]
    Waived(&'static str),
    /// A limit is zero or above its maximum.
    #[error("limit {limit} is {found}; expected 1 to {most}")]
    Limit {
        /// The limit.
        limit: &'static str,
        /// Its value.
        found: usize,
        /// The most that it may be.
        most: usize,
    },
    /// The type of a profile is not a media type, has parameters, or is `JWT`, which types nothing
    /// ([RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11)).
    #[error("typ {0:?} is not an explicit type such as \"receipt+jwt\"")]
    Typ(MediaType),
    /// The type belongs to a kind of token that has a profile of its own.
    #[error("typ {typ:?} has a profile of its own: {profile}")]
    TypHasProfile {
        /// The type.
        typ: MediaType,
        /// The profile to use.
        profile: String,
    },
    /// A required claim has an empty name or was named twice.
    #[error("required claim {0:?} has an empty name, or was named twice")]
    RequiredClaim(String),
    /// A claim was required that this kind of token must not have.
    #[error("claim {0:?} was required, but this kind of token must not have it")]
    ForbiddenClaim(String),
    /// A claim that has to equal a fact of the request has an empty name or was named twice.
    #[error("matching claim {0:?} has an empty name, or was named twice")]
    MatchingClaim(String),
    /// The claim that is to tell a kind apart has an empty name, or is one that every kind has.
    #[error(
        "claim {0:?} does not tell this kind of token apart; expected one that no other kind has"
    )]
    Discriminator(String),
    /// A validator of another kind was given for DPoP proofs, whose rules may be weaker.
    #[error("the validator for DPoP proofs is for {0:?}; expected Profile::dpop_proof()")]
    NotDpop(Box<str>),
    /// A setting that this kind of token has no check for.
    #[error("{0} was given, but this kind of token has no check for it")]
    Unused(&'static str),
    /// A token that is good for one use could be used for ever.
    #[error(
        "a token that is good for one use has to be bounded; require exp, or set a max_token_age"
    )]
    SingleUseForEver,
    /// The list of actors is empty or has an empty name, so that it permits nobody or anybody.
    #[error("the list of permitted actors is empty, or has an empty name")]
    Actors,
    /// The audience of this kind is a resource, and the name is not a URI of one
    /// ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)).
    #[error("audience {0:?} is not a URI with an authority and without a fragment")]
    ResourceAudience(Audience),
    /// This kind of token is good for one use, and nobody was given who remembers.
    #[error(
        "this kind of token is good for one use, and no replay guard was given; \
         see ValidatorBuilder::replay_guard"
    )]
    NoReplayGuard,
    /// One question about state has two sources, whose answers could differ.
    #[error(
        "a question about state has a local source and a state source; give each question one of them"
    )]
    TwoSources,
    /// A replay guard was given for a kind that may be used again; `Profile::single_use` forbids it.
    #[error(
        "a replay guard was given, but this kind of token may be used again; see Profile::single_use"
    )]
    NeedlessReplayGuard,
    /// No algorithm was given for tokens that bring their key along.
    #[error("no algorithm was given; expected those that a token's own key may be for")]
    NoAlgorithms,
    /// A set has no validator, two that a token could be for, or two parties that share a key store or a secret.
    #[error("the set has {0}")]
    Set(&'static str),
    /// A rule's name is not of the form `word.word`, stands under a prefix of this crate's own, or
    /// was used twice.
    #[error(
        "rule {0:?} is not named like \"order.total\" with a prefix of its own, or named twice"
    )]
    RuleName(String),
    /// A kind lacks a rule of this crate, so that it would accept what the specifications forbid, or a
    /// setting would have no effect.
    #[error("the kind has no rule {code:?}, {why}; add it to the rules of the kind")]
    MissingRule {
        /// The code of the rule.
        code: &'static str,
        /// What the rule is needed for.
        why: &'static str,
    },
    /// The name of a kind is empty, has characters beside letters, digits, `-` and `_`, or is the name of
    /// a kind of this crate that has other rules.
    #[error(
        "kind {0:?} has the name of a kind of this crate, or a name that is not like \"work-order\""
    )]
    KindName(String),
    /// No decryption key was given.
    #[error("no decryption key was given; expected at least one")]
    NoDecryptionKey,
    /// No key management algorithm was permitted.
    #[error("no key management algorithm was permitted; expected those of the decryption keys")]
    NoKeyManagement,
    /// No content encryption algorithm was permitted.
    #[error("no content encryption algorithm was permitted; expected at least one")]
    NoContentEncryption,
    /// The crypto provider does not have an algorithm: of key management, of content encryption, or of
    /// a key that a token brings along.
    #[error("algorithm {algorithm} is not supported by the crypto provider {provider}")]
    AlgorithmUnsupportedByProvider {
        /// The algorithm's registered name.
        algorithm: &'static str,
        /// The provider's name.
        provider: &'static str,
    },
    /// A secret is both to sign with and to decrypt with, so that whoever may encrypt could sign
    /// (rfc8725bis §3.1).
    #[error("the shared secret is a decryption key too; expected one secret for each")]
    SecretForTwo,
    /// A decryption key can not be used.
    #[error("decryption {0}")]
    DecryptionKey(InvalidKey),
    /// More checks than an appraisal can hold.
    #[error("the policy has {found} checks; an appraisal holds at most {most}")]
    TooManyChecks {
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
}

/// Key material that can not be read: the operator's or the issuer's fault, never a token's.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The text is not strict JSON.
    #[error("the key material is not strict JSON: it {0}")]
    Json(&'static str),
    /// A JWK set is longer than the limit.
    #[error("the JWK set has {found} bytes; expected at most {most}")]
    SetTooLong {
        /// Its length in bytes.
        found: usize,
        /// The limit in bytes.
        most: usize,
    },
    /// A JWK set is not an object with an array `keys`
    /// ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)).
    #[error("the JWK set is not an object whose member \"keys\" is an array")]
    NotASet,
    /// A JWK set has more keys than the limit.
    #[error("the JWK set has more than {most} keys")]
    TooManyKeys {
        /// The limit.
        most: usize,
    },
    /// A limit for JWK sets is zero or above its maximum.
    #[error("limit {limit} is {found}; expected 1 to {most}")]
    Limit {
        /// The limit.
        limit: &'static str,
        /// Its value.
        found: usize,
        /// The most that it may be.
        most: usize,
    },
    /// A key store was given no algorithm.
    #[error("no algorithm was given; expected the algorithms that this issuer signs with")]
    NoAlgorithms,
    /// No secret was given for a party that shares secrets with the verifier.
    #[error("no secret was given; expected at least one")]
    NoSecrets,
    /// More secrets were given for one party than a token without `kid` is verified with.
    #[error("{found} secrets were given for one party; expected at most {most}")]
    TooManySecrets {
        /// How many were given.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// One key can not be used.
    #[error(transparent)]
    Key(#[from] InvalidKey),
    /// The text is not PEM, or what is inside is not such a key in DER.
    #[error("the key is not {0}")]
    Encoding(&'static str),
}

/// What is wrong with one key: which key, which member, and why.
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

    /// The key's place in the set's array `keys`, from 0.
    pub fn index(&self) -> Option<usize> {
        self.index
    }

    /// The key's `kid`, where it could be read.
    pub fn kid(&self) -> Option<&KeyId> {
        self.kid.as_ref()
    }

    /// The member at fault, where it is one.
    pub fn member(&self) -> Option<&'static str> {
        self.member
    }

    /// What is wrong.
    pub fn kind(&self) -> &KeyErrorKind {
        &self.kind
    }
}

impl std::error::Error for InvalidKey {}

impl std::fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.index {
            Some(index) => write!(f, "key {index}: ")?,
            None => f.write_str("key: ")?,
        }
        if let Some(member) = self.member {
            write!(f, "member \"{member}\" ")?;
        }
        write!(f, "{}", self.kind)
    }
}

/// Why a key can not be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyErrorKind {
    /// The key is not a JSON object.
    #[error("is not a JSON object")]
    NotAnObject,
    /// A required member is not there.
    #[error("is missing")]
    Missing,
    /// A member name stands twice in one object
    /// ([RFC 7517 §4](https://www.rfc-editor.org/rfc/rfc7517#section-4)).
    #[error("stands twice in one object")]
    RepeatedName,
    /// A member has the wrong JSON type.
    #[error("is {0}, not of the expected JSON type")]
    WrongType(JsonKind),
    /// A member is not canonical base64url without padding.
    #[error("is not canonical base64url without padding")]
    NotBase64url,
    /// A number has leading zero octets or none at all
    /// ([RFC 7518 §2](https://www.rfc-editor.org/rfc/rfc7518#section-2)).
    #[error("is not a number in the fewest possible octets")]
    NotMinimal,
    /// A member has the wrong length.
    #[error("has {found} octets; expected {expected}")]
    Length {
        /// Its length in octets.
        found: usize,
        /// The length that it has to have.
        expected: usize,
    },
    /// A key type, curve or algorithm that is not known here.
    #[error("has a value that is not known here")]
    Unknown,
    /// The point is not on the curve
    /// ([RFC 8725 §3.4](https://www.rfc-editor.org/rfc/rfc8725#section-3.4)).
    #[error("is not a point of the curve")]
    NotOnCurve,
    /// The point has a small order, so that signatures can be made without the key.
    #[error("is a point of small order, or not in canonical form")]
    SmallOrder,
    /// The RSA modulus is too short or too long
    /// ([RFC 7518 §3.3](https://www.rfc-editor.org/rfc/rfc7518#section-3.3)).
    #[error("has {0} bits; expected 2048 to 8192")]
    ModulusBits(usize),
    /// The RSA modulus is even.
    #[error("is even")]
    EvenModulus,
    /// The RSA exponent is even, below 3 or above 2^33 − 1.
    #[error("is not an odd exponent from 3 to 2^33 - 1")]
    Exponent,
    /// The RSA modulus was made by a generator whose keys can be factored (CVE-2017-15361).
    #[error("was made by a generator whose keys can be factored (ROCA)")]
    Roca,
    /// An RSA key of more than two primes.
    #[error("says that the key has more than two primes, which is not supported")]
    MultiPrime,
    /// A private key where a public one belongs.
    #[error("belongs to a private key; a published set has public keys only")]
    Private,
    /// A symmetric key where a public one belongs.
    #[error("belongs to a symmetric key; a published set has public keys only")]
    Symmetric,
    /// The key is not for verifying signatures
    /// ([RFC 7517 §4.2](https://www.rfc-editor.org/rfc/rfc7517#section-4.2)).
    #[error("does not permit the verification of signatures")]
    Purpose,
    /// A key type or curve that nothing is decrypted with.
    #[error("names what nothing is decrypted with")]
    NothingDecrypts,
    /// The key is not for decryption
    /// ([RFC 7517 §4.2](https://www.rfc-editor.org/rfc/rfc7517#section-4.2)).
    #[error("does not permit decryption")]
    DecryptionPurpose,
    /// Two decryption keys without a `kid` are for the same algorithm.
    #[error("is missing, as on another key for the same algorithm, so that no token finds either")]
    IndistinctKey,
    /// The public key beside a private key is that of another one.
    #[error("is not that of the public key beside it")]
    OtherPublic,
    /// Two decryption keys, or two secrets of a party, are one key under two algorithms
    /// (rfc8725bis §3.1).
    #[error("is that of another key too, which is for another algorithm")]
    SecondAlgorithm,
    /// A member has the same value twice.
    #[error("has a value twice")]
    Twice,
    /// The key's algorithm is not permitted for this issuer.
    #[error("is not among the permitted algorithms ({0})")]
    NotPermitted(String),
    /// The key's algorithm is not for keys of its type or curve.
    #[error("is not an algorithm for keys of this type and curve")]
    AlgorithmOfOtherKey,
    /// No permitted algorithm is for keys of this type and curve.
    #[error("is missing, and no permitted algorithm ({0}) is for such keys")]
    NoAlgorithm(String),
    /// Several permitted algorithms could be meant.
    #[error("is missing, and several permitted algorithms are for such keys ({0})")]
    SeveralAlgorithms(String),
    /// The crypto provider does not have the algorithm.
    #[error("is not supported by the crypto provider {0}")]
    Unsupported(&'static str),
    /// The crypto provider refuses the key.
    #[error("was refused by the crypto provider {0}")]
    Rejected(&'static str),
    /// A shared secret is shorter than the hash's output
    /// ([RFC 7518 §3.2](https://www.rfc-editor.org/rfc/rfc7518#section-3.2)), a password shorter than
    /// 16 bytes ([§8.8](https://www.rfc-editor.org/rfc/rfc7518#section-8.8)), or a secret is empty.
    #[error("has {found} bytes; expected at least {least}")]
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
    #[error("is shared with another key of the set, so neither can be used")]
    SharedKid,
}
