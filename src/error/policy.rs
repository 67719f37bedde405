//! Policies that cannot be carried out.

use super::invalid_key::InvalidKey;
use super::out_of_range::{DurationError, FractionOfSecond, OutOfRange};
use crate::alg::SignatureAlgorithm;
use crate::names::{Audience, Issuer, MediaType};

/// A policy that cannot be carried out: the caller's mistake, found before any token is seen.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No issuer was given.
    #[error("no issuer is trusted, so no token could be accepted; give at least one with its keys")]
    NoIssuer,
    /// An issuer's name is empty, or has a `:` and is not a URI
    /// ([RFC 7519 §2](https://www.rfc-editor.org/rfc/rfc7519#section-2)).
    #[error(
        "the issuer's name is {issuer:?}, but it must be a URI or a non-empty text without a colon"
    )]
    #[non_exhaustive]
    IssuerName {
        /// The name.
        issuer: Issuer,
    },
    /// Two trusted issuers have the same name.
    #[error("two issuers have the name {issuer:?}; give all keys of one issuer in one key store")]
    #[non_exhaustive]
    IssuerTwice {
        /// The name.
        issuer: Issuer,
    },
    /// Two trusted issuers share one key store, so that each could sign in the other's name
    /// ([RFC 8725 §3.8](https://www.rfc-editor.org/rfc/rfc8725#section-3.8)).
    #[error(
        "the issuers {other:?} and {issuer:?} share a key store, so each could sign in the other's \
         name; give each its own"
    )]
    #[non_exhaustive]
    SharedKeyStore {
        /// The issuer that was given later.
        issuer: Issuer,
        /// The issuer that was given earlier.
        other: Issuer,
    },
    /// Two trusted issuers have the same secret, so that each could sign in the other's name
    /// ([RFC 8725 §3.8](https://www.rfc-editor.org/rfc/rfc8725#section-3.8)).
    #[error(
        "the issuers {other:?} and {issuer:?} have the same secret, so each could sign in the other's \
         name; give each its own"
    )]
    #[non_exhaustive]
    SecretOfTwoIssuers {
        /// The issuer that was given later.
        issuer: Issuer,
        /// The issuer that was given earlier.
        other: Issuer,
    },
    /// No audience was given.
    #[error(
        "no audience is given, so tokens for other services could be accepted; give the name of this \
         service"
    )]
    NoAudience,
    /// An audience is empty, or has a `:` and is not a URI
    /// ([RFC 7519 §2](https://www.rfc-editor.org/rfc/rfc7519#section-2)): no token can have it.
    #[error(
        "the audience is {audience:?}, but it must be a URI or a non-empty text without a colon"
    )]
    #[non_exhaustive]
    AudienceName {
        /// The audience.
        audience: Audience,
    },
    /// The crypto provider does not have an algorithm.
    #[error(
        "the issuer {issuer:?} signs with {algorithm}, which the crypto provider {provider} does not \
         support; choose another provider or another algorithm"
    )]
    #[non_exhaustive]
    UnsupportedByProvider {
        /// The issuer that signs with the algorithm.
        issuer: Issuer,
        /// The algorithm.
        algorithm: SignatureAlgorithm,
        /// The provider's name.
        provider: &'static str,
    },
    /// A key store imported its keys with another provider than the validator's.
    #[error(
        "the validator's crypto provider is {validator}, but the keys of the issuer {issuer:?} were \
         imported with {keys}; give both the same provider"
    )]
    #[non_exhaustive]
    ProviderMismatch {
        /// The issuer that the keys belong to.
        issuer: Issuer,
        /// The provider of the key store.
        keys: &'static str,
        /// The provider of the validator.
        validator: &'static str,
    },
    /// A number is out of its range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// A duration is not a whole number of seconds.
    #[error(transparent)]
    FractionOfSecond(#[from] FractionOfSecond),
    /// A setting was given whose check was waived through [`danger`](crate::danger).
    #[error(
        "the setting {setting} is given, but its check was waived through danger; remove one of the two"
    )]
    #[non_exhaustive]
    Waived {
        /// The setting.
        setting: &'static str,
    },
    /// The type of a profile is not a media type, has parameters, or is `JWT`, which types nothing
    /// ([RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11)).
    #[error(
        "the typ of the kind is {typ:?}, but it must be an explicit type such as \"receipt+jwt\""
    )]
    #[non_exhaustive]
    Typ {
        /// The type.
        typ: MediaType,
    },
    /// The type belongs to a kind of token that has a profile of its own.
    #[error("the typ {typ:?} belongs to a kind that has its own rules; use {profile}")]
    #[non_exhaustive]
    TypHasProfile {
        /// The type.
        typ: MediaType,
        /// The profile to use.
        profile: String,
    },
    /// A required claim has an empty name or was named twice.
    #[error("the required claim {claim:?} has an empty name or is required twice; name it once")]
    #[non_exhaustive]
    RequiredClaim {
        /// The claim.
        claim: String,
    },
    /// A claim was required that this kind of token must not have.
    #[error(
        "the claim {claim:?} is required, but this kind of token must not have it; do not require it"
    )]
    #[non_exhaustive]
    ForbiddenClaim {
        /// The claim.
        claim: String,
    },
    /// A claim that must equal a fact of the request has an empty name or was named twice.
    #[error("the matching claim {claim:?} has an empty name or is named twice; name it once")]
    #[non_exhaustive]
    MatchingClaim {
        /// The claim.
        claim: String,
    },
    /// The claim that distinguishes a kind has an empty name, or is one that every kind has.
    #[error(
        "the claim {claim:?} does not distinguish this kind of token; name one that no other kind has"
    )]
    #[non_exhaustive]
    Discriminator {
        /// The claim.
        claim: String,
    },
    /// A validator of another kind was given for DPoP proofs, whose rules may be weaker.
    #[error(
        "the validator for DPoP proofs is of the kind {kind:?}; build one of Profile::dpop_proof()"
    )]
    #[non_exhaustive]
    NotDpop {
        /// The kind of the validator.
        kind: Box<str>,
    },
    /// A kind with disclosures has no explicit type. The `~` of an SD-JWT is not signed, so any other token
    /// of the issuer would pass as one ([RFC 9901 §9.11](https://www.rfc-editor.org/rfc/rfc9901#section-9.11)).
    #[error(
        "the kind has disclosures but no explicit type, so other tokens of the issuer would pass for it; \
         give it a type with KindBuilder::typ"
    )]
    UntypedDisclosures,
    /// A validator of another kind was given for key-binding JWTs, whose rules may be weaker.
    #[error(
        "the validator for key-binding JWTs is of the kind {kind:?}; build one of \
         Profile::key_binding()"
    )]
    #[non_exhaustive]
    NotKeyBinding {
        /// The kind of the validator.
        kind: Box<str>,
    },
    /// A setting that this kind of token has no check for.
    #[error(
        "the setting {setting} is given, but this kind of token has no check for it; remove it"
    )]
    #[non_exhaustive]
    Unused {
        /// The setting.
        setting: &'static str,
    },
    /// A token that is good for one use could be used for ever.
    #[error(
        "a token that is good for one use must expire, or it would have to be remembered for ever; \
         require exp, or set max_token_age"
    )]
    SingleUseForEver,
    /// The list of actors is empty or has an empty name.
    #[error(
        "the list of permitted actors is empty or has an empty name; name each actor, or require no \
         actors"
    )]
    Actors,
    /// The audience of this kind is a resource, and the name is not a URI of one
    /// ([RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)).
    #[error(
        "the audience is {audience:?}, but the audience of this kind must be a URI with an authority \
         and without a fragment"
    )]
    #[non_exhaustive]
    ResourceAudience {
        /// The audience.
        audience: Audience,
    },
    /// This kind of token is good for one use, and no replay guard was given.
    #[error(
        "this kind of token is good for one use, but no replay guard is given; see \
         ValidatorBuilder::replay_guard"
    )]
    NoReplayGuard,
    /// One question about state has two sources, whose answers could differ.
    #[error(
        "a question about state has a local source and a state source, whose answers could differ; \
         give each question one of them"
    )]
    TwoSources,
    /// A replay guard was given for a kind that may be used again; `Profile::single_use` forbids it.
    #[error(
        "a replay guard is given, but this kind of token may be used again; see Profile::single_use"
    )]
    NeedlessReplayGuard,
    /// No algorithm was given for tokens that carry their key.
    #[error("no algorithm is permitted; give those that the key in a token's header may be for")]
    NoAlgorithms,
    /// A set has no validator.
    #[error("the set has no validator; add at least one")]
    EmptySet,
    /// A token could be for two validators of a set.
    #[error(
        "a token could be for two validators of the set; give them different types of tokens or \
         different issuers"
    )]
    AmbiguousSet,
    /// Two parties of different validators of a set share a key store or a secret.
    #[error(
        "two parties of the set share a key store or a secret, so each could sign in the other's \
         name; give each its own"
    )]
    SetSharesKeys,
    /// A rule's name is not of the form `word.word`, has a prefix of this crate, or was used twice.
    #[error(
        "the rule {name:?} has a prefix of this crate, is named twice, or is not named like \
         \"order.total\"; give it a name of its own"
    )]
    #[non_exhaustive]
    RuleName {
        /// The rule's name.
        name: String,
    },
    /// A kind lacks a rule of this crate, so that it would accept what the specifications forbid, or a
    /// setting would have no effect.
    #[error("the kind has no rule {code:?}, {why}; add it to the rules of the kind")]
    #[non_exhaustive]
    MissingRule {
        /// The code of the rule.
        code: &'static str,
        /// The reason for which the kind needs the rule.
        why: &'static str,
    },
    /// The name of a kind is empty, has characters beside letters, digits, `-` and `_`, or is the name of
    /// a kind of this crate that has other rules.
    #[error(
        "the kind {name:?} has the name of a kind of this crate, or is not named like \"work-order\"; \
         give it a name of its own"
    )]
    #[non_exhaustive]
    KindName {
        /// The kind's name.
        name: String,
    },
    /// An issuer's dialect cannot be carried out, or would accept what no dialect may accept.
    #[error("the dialect {dialect:?} {problem}")]
    #[non_exhaustive]
    Dialect {
        /// The name of the dialect.
        dialect: String,
        /// What is wrong with it, and what to do about it.
        problem: String,
    },
    /// No decryption key was given.
    #[error("no decryption key is given, so no token could be decrypted; give at least one")]
    NoDecryptionKey,
    /// No key management algorithm was permitted.
    #[error("no key management algorithm is permitted; give those of the decryption keys")]
    NoKeyManagement,
    /// No content encryption algorithm was permitted.
    #[error("no content encryption algorithm is permitted; give at least one")]
    NoContentEncryption,
    /// The crypto provider does not have an algorithm: of key management, of content encryption, or of
    /// a key in a token's header.
    #[error(
        "the crypto provider {provider} does not support the algorithm {algorithm}; choose another \
         provider or another algorithm"
    )]
    #[non_exhaustive]
    AlgorithmUnsupportedByProvider {
        /// The algorithm's registered name.
        algorithm: &'static str,
        /// The provider's name.
        provider: &'static str,
    },
    /// A secret is both to sign with and to decrypt with, so that a client that may encrypt could sign
    /// (rfc8725bis §3.1).
    #[error(
        "a shared secret is a decryption key too, so a client that may encrypt could sign; use one \
         secret for each"
    )]
    SecretForTwo,
    /// A decryption key cannot be used.
    #[error("a decryption key cannot be used: {0}")]
    DecryptionKey(#[source] InvalidKey),
    /// The policy has more checks than an appraisal can hold.
    #[error(
        "the policy has {found} checks, but an appraisal holds at most {most}; remove some rules"
    )]
    #[non_exhaustive]
    TooManyChecks {
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
}

impl From<DurationError> for ConfigError {
    fn from(error: DurationError) -> Self {
        match error {
            DurationError::OutOfRange(error) => Self::OutOfRange(error),
            DurationError::FractionOfSecond(error) => Self::FractionOfSecond(error),
        }
    }
}
