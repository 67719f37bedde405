//! The text of every error of a policy and of keys. Each text is a sentence without a final full stop.

use std::collections::BTreeSet;
use std::fmt::Display;

use super::{ConfigError, FractionOfSecond, InvalidKey, KeyError, KeyErrorKind, OutOfRange};
use crate::alg::SignatureAlgorithm;
use crate::json::JsonKind;

/// Compares each error with its text, and the number of errors with that of the variants of the source.
#[track_caller]
pub(crate) fn expect_texts<E: Display>(source: &str, rows: &[(E, &str)]) {
    for (error, text) in rows {
        assert_eq!(error.to_string(), *text);
        assert!(!text.ends_with('.') && !text.contains('\n'), "{text}");
    }
    let distinct: BTreeSet<_> = rows.iter().map(|(_, text)| *text).collect();
    assert_eq!(distinct.len(), rows.len(), "two variants have one text");
    assert_eq!(rows.len(), source.matches("#[error(").count(), "a variant has no row");
}

fn range() -> OutOfRange {
    OutOfRange { setting: "leeway", found: 900, least: 0, most: 300, unit: "s" }
}

const RANGE: &str = "the setting leeway is 900, but it must be from 0 to 300 s";

#[test]
fn policies() {
    let (issuer, other) = ("https://b.example".into(), "https://a.example".into());
    let [i1, i2, i3, i4] = ["a b:c", "a", "b", "c"].map(Into::into);
    let claim = || "nonce".to_owned();
    let setting = "actors";
    let invalid = InvalidKey::new("use", KeyErrorKind::DecryptionPurpose);
    let invalid = invalid.of_key(1, Some(&"k\n1".into()));
    let algorithm = SignatureAlgorithm::Ed448;
    expect_texts(
        include_str!("policy.rs"),
        &[
            (
                ConfigError::NoIssuer,
                "no issuer is trusted, so no token could be accepted; give at least one with its keys",
            ),
            (
                ConfigError::IssuerName { issuer: i1 },
                "the issuer's name is \"a b:c\", but it must be a URI or a non-empty text without a colon",
            ),
            (
                ConfigError::IssuerTwice { issuer: i2 },
                "two issuers have the name \"a\"; give all keys of one issuer in one key store",
            ),
            (
                ConfigError::SharedKeyStore { issuer, other },
                "the issuers \"https://a.example\" and \"https://b.example\" share a key store, so each \
                 could sign in the other's name; give each its own",
            ),
            (
                ConfigError::SecretOfTwoIssuers { issuer: i3, other: i4 },
                "the issuers \"c\" and \"b\" have the same secret, so each could sign in the other's name; \
                 give each its own",
            ),
            (
                ConfigError::NoAudience,
                "no audience is given, so tokens for other services could be accepted; give the name of \
                 this service",
            ),
            (
                ConfigError::AudienceName { audience: "".into() },
                "the audience is \"\", but it must be a URI or a non-empty text without a colon",
            ),
            (
                ConfigError::UnsupportedByProvider {
                    issuer: "a".into(),
                    algorithm,
                    provider: "ring",
                },
                "the issuer \"a\" signs with Ed448, which the crypto provider ring does not support; choose \
                 another provider or another algorithm",
            ),
            (
                ConfigError::ProviderMismatch { issuer: "a".into(), keys: "x", validator: "y" },
                "the validator's crypto provider is y, but the keys of the issuer \"a\" were imported with \
                 x; give both the same provider",
            ),
            (ConfigError::OutOfRange(range()), RANGE),
            (
                ConfigError::FractionOfSecond(FractionOfSecond { setting: "leeway" }),
                "the setting leeway has a fraction of a second, but it must be a whole number of seconds",
            ),
            (
                ConfigError::Waived { setting },
                "the setting actors is given, but its check was waived through danger; remove one of the \
                 two",
            ),
            (
                ConfigError::Typ { typ: "JWT".into() },
                "the typ of the kind is \"JWT\", but it must be an explicit type such as \"receipt+jwt\"",
            ),
            (
                ConfigError::TypHasProfile { typ: "at+jwt".into(), profile: "Profile::x()".into() },
                "the typ \"at+jwt\" belongs to a kind that has its own rules; use Profile::x()",
            ),
            (
                ConfigError::RequiredClaim { claim: claim() },
                "the required claim \"nonce\" has an empty name or is required twice; name it once",
            ),
            (
                ConfigError::ForbiddenClaim { claim: claim() },
                "the claim \"nonce\" is required, but this kind of token must not have it; do not require \
                 it",
            ),
            (
                ConfigError::MatchingClaim { claim: claim() },
                "the matching claim \"nonce\" has an empty name or is named twice; name it once",
            ),
            (
                ConfigError::Discriminator { claim: claim() },
                "the claim \"nonce\" does not distinguish this kind of token; name one that no other kind \
                 has",
            ),
            (
                ConfigError::UntypedDisclosures,
                "the kind has disclosures but no explicit type, so other tokens of the issuer would pass for \
                 it; give it a type with KindBuilder::typ",
            ),
            (
                ConfigError::NotKeyBinding { kind: "device-proof".into() },
                "the validator for key-binding JWTs is of the kind \"device-proof\"; build one of \
                 Profile::key_binding()",
            ),
            (
                ConfigError::NotDpop { kind: "device-proof".into() },
                "the validator for DPoP proofs is of the kind \"device-proof\"; build one of \
                 Profile::dpop_proof()",
            ),
            (
                ConfigError::Unused { setting },
                "the setting actors is given, but this kind of token has no check for it; remove it",
            ),
            (
                ConfigError::SingleUseForEver,
                "a token that is good for one use must expire, or it would have to be remembered for ever; \
                 require exp, or set max_token_age",
            ),
            (
                ConfigError::Actors,
                "the list of permitted actors is empty or has an empty name; name each actor, or require \
                 no actors",
            ),
            (
                ConfigError::ResourceAudience { audience: "a".into() },
                "the audience is \"a\", but the audience of this kind must be a URI with an authority and \
                 without a fragment",
            ),
            (
                ConfigError::NoReplayGuard,
                "this kind of token is good for one use, but no replay guard is given; see \
                 ValidatorBuilder::replay_guard",
            ),
            (
                ConfigError::TwoSources,
                "a question about state has a local source and a state source, whose answers could differ; \
                 give each question one of them",
            ),
            (
                ConfigError::NeedlessReplayGuard,
                "a replay guard is given, but this kind of token may be used again; see Profile::single_use",
            ),
            (
                ConfigError::NoAlgorithms,
                "no algorithm is permitted; give those that the key in a token's header may be for",
            ),
            (ConfigError::EmptySet, "the set has no validator; add at least one"),
            (
                ConfigError::AmbiguousSet,
                "a token could be for two validators of the set; give them different types of tokens or \
                 different issuers",
            ),
            (
                ConfigError::SetSharesKeys,
                "two parties of the set share a key store or a secret, so each could sign in the other's \
                 name; give each its own",
            ),
            (
                ConfigError::RuleName { name: "form.x".into() },
                "the rule \"form.x\" has a prefix of this crate, is named twice, or is not named like \
                 \"order.total\"; give it a name of its own",
            ),
            (
                ConfigError::MissingRule {
                    code: "claims.exp",
                    why: "which rejects expired tokens",
                },
                "the kind has no rule \"claims.exp\", which rejects expired tokens; add it to the rules of \
                 the kind",
            ),
            (
                ConfigError::KindName { name: "id-token".into() },
                "the kind \"id-token\" has the name of a kind of this crate, or is not named like \
                 \"work-order\"; give it a name of its own",
            ),
            (
                ConfigError::Dialect {
                    dialect: "acme".to_owned(),
                    problem: "names typ \"a+jwt\" twice".to_owned(),
                },
                "the dialect \"acme\" names typ \"a+jwt\" twice",
            ),
            (
                ConfigError::NoDecryptionKey,
                "no decryption key is given, so no token could be decrypted; give at least one",
            ),
            (
                ConfigError::NoKeyManagement,
                "no key management algorithm is permitted; give those of the decryption keys",
            ),
            (
                ConfigError::NoContentEncryption,
                "no content encryption algorithm is permitted; give at least one",
            ),
            (
                ConfigError::AlgorithmUnsupportedByProvider {
                    algorithm: "A192GCM",
                    provider: "ring",
                },
                "the crypto provider ring does not support the algorithm A192GCM; choose another provider \
                 or another algorithm",
            ),
            (
                ConfigError::SecretForTwo,
                "a shared secret is a decryption key too, so a client that may encrypt could sign; use one \
                 secret for each",
            ),
            (
                ConfigError::DecryptionKey(invalid),
                "a decryption key cannot be used: key 1 (kid \"k\\n1\"): its member \"use\" does not permit \
                 decryption",
            ),
            (
                ConfigError::TooManyChecks { found: 129, most: 128 },
                "the policy has 129 checks, but an appraisal holds at most 128; remove some rules",
            ),
        ],
    );
}

#[test]
fn key_material() {
    expect_texts(
        include_str!("keys.rs"),
        &[
            (
                KeyError::Json { fault: "is nested too deep" },
                "the key material is not strict JSON: it is nested too deep",
            ),
            (
                KeyError::SetTooLong { found: 9, most: 8 },
                "the JWK set has 9 bytes, but at most 8 are read; see Limits::key_set_bytes",
            ),
            (
                KeyError::NotASet,
                "the text is not a JWK set, which is an object whose member \"keys\" is an array",
            ),
            (
                KeyError::TooManyKeys { most: 100 },
                "the JWK set has more than 100 keys; see Limits::keys_per_set",
            ),
            (KeyError::OutOfRange(range()), RANGE),
            (
                KeyError::FractionOfSecond(FractionOfSecond { setting: "cooldown" }),
                "the setting cooldown has a fraction of a second, but it must be a whole number of seconds",
            ),
            (
                KeyError::SecondRefresher,
                "the key store has a refresher already, so a second one would never be asked; give it one",
            ),
            (
                KeyError::NoAlgorithms,
                "no algorithm is permitted; give those that the issuer signs with",
            ),
            (
                KeyError::NoSecrets,
                "no secret is given for a party that shares secrets; give at least one",
            ),
            (
                KeyError::TooManySecrets { found: 5, most: 4 },
                "5 secrets are given for one party, but at most 4 are permitted",
            ),
            (
                KeyError::Key(InvalidKey::new(None, KeyErrorKind::NotAnObject)),
                "key: it is not a JSON object",
            ),
            (KeyError::Encoding { expected: "exactly one key" }, "the key is not exactly one key"),
        ],
    );
}

#[test]
fn kinds_of_key_errors() {
    let permitted = || "ES256, RS256".to_owned();
    expect_texts(
        include_str!("invalid_key.rs"),
        &[
            (KeyErrorKind::NotAnObject, "is not a JSON object"),
            (KeyErrorKind::Missing, "is missing"),
            (KeyErrorKind::RepeatedName, "occurs twice in one object"),
            (
                KeyErrorKind::WrongType { found: JsonKind::Number },
                "is a number, which is not the expected JSON type",
            ),
            (KeyErrorKind::NotBase64url, "is not canonical base64url without padding"),
            (KeyErrorKind::NotMinimal, "is not a number in the fewest possible octets"),
            (
                KeyErrorKind::Length { found: 31, expected: 32 },
                "has 31 octets, but it must have 32",
            ),
            (KeyErrorKind::Unknown, "has a value that this crate does not know"),
            (KeyErrorKind::NotOnCurve, "is not a point of the curve"),
            (KeyErrorKind::SmallOrder, "is a point of small order, or is not in canonical form"),
            (
                KeyErrorKind::ModulusBits { found: 1024 },
                "has 1024 bits, but it must have from 2048 to 8192",
            ),
            (KeyErrorKind::EvenModulus, "is even, so it is not the product of two large primes"),
            (KeyErrorKind::Exponent, "is not an odd exponent from 3 to 2^33 - 1"),
            (
                KeyErrorKind::Roca,
                "was made by a generator whose keys can be factored (ROCA); generate a new key",
            ),
            (
                KeyErrorKind::MultiPrime,
                "says that the key has more than two primes, which is not supported",
            ),
            (
                KeyErrorKind::Private,
                "belongs to a private key, but a published set has public keys only; replace the key",
            ),
            (
                KeyErrorKind::Symmetric,
                "belongs to a symmetric key, but a published set has public keys only; replace the key",
            ),
            (KeyErrorKind::Purpose, "does not permit the verification of signatures"),
            (
                KeyErrorKind::NothingDecrypts,
                "names a key type or curve that no algorithm decrypts with",
            ),
            (KeyErrorKind::DecryptionPurpose, "does not permit decryption"),
            (
                KeyErrorKind::IndistinctKey,
                "is missing, as on another key for the same algorithm, so no token could find either; give \
                 each its own kid",
            ),
            (KeyErrorKind::OtherPublic, "is not that of the public key beside it"),
            (
                KeyErrorKind::SecondAlgorithm,
                "is that of another key too, which is for another algorithm; use one key for each",
            ),
            (KeyErrorKind::Twice, "has a value twice"),
            (
                KeyErrorKind::NotPermitted { permitted: permitted() },
                "is not among the permitted algorithms (ES256, RS256)",
            ),
            (
                KeyErrorKind::AlgorithmOfOtherKey,
                "is not an algorithm for keys of this type and curve",
            ),
            (
                KeyErrorKind::NoAlgorithm { permitted: permitted() },
                "is missing, and no permitted algorithm (ES256, RS256) is for such keys",
            ),
            (
                KeyErrorKind::SeveralAlgorithms { permitted: permitted() },
                "is missing, and several permitted algorithms (ES256, RS256) are for such keys; add it to \
                 the key",
            ),
            (
                KeyErrorKind::Unsupported { provider: "ring" },
                "is not supported by the crypto provider ring",
            ),
            (
                KeyErrorKind::Rejected { provider: "ring" },
                "was refused by the crypto provider ring",
            ),
            (
                KeyErrorKind::ShortSecret { found: 16, least: 32 },
                "has 16 bytes, but it must have at least 32",
            ),
            (KeyErrorKind::PublicSecret, "is the text of a public key, which is no secret"),
            (KeyErrorKind::OtherCertificate, "holds a certificate of another key"),
            (
                KeyErrorKind::SharedKid,
                "is shared with another key of the set, so neither can be used; give each its own kid",
            ),
        ],
    );
}

/// The `kid` shows in what an operator reads, and not in a report about a token.
#[test]
fn a_key_is_named_by_its_place_and_its_kid() {
    let invalid = InvalidKey::new("kid", KeyErrorKind::Twice).of_key(3, Some(&"a".into()));
    assert_eq!(invalid.to_string(), "key 3 (kid \"a\"): its member \"kid\" has a value twice");
    assert_eq!(invalid.without_kid().to_string(), "key 3: its member \"kid\" has a value twice");
}
