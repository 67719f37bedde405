//! Why a check did not pass: a kind, and what was found instead.

use std::fmt;

use super::found::Found;
use crate::json::Value;

/// Why a check did not pass.
///
/// Before the signature passed it holds no text of the token: only names from this crate's own tables,
/// lengths, counts and JSON types. After the signature passed it may also show times, and the issuer,
/// audience, client or scope that was found, escaped and at most 128 characters long. It never shows a
/// subject, a token's identifier, a nonce or a private claim.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reason {
    kind: ReasonKind,
    found: Found,
}

impl Reason {
    pub(crate) fn new(kind: ReasonKind, found: Found) -> Self {
        Self { kind, found }
    }

    /// Makes a reason in the program's words, for a custom rule.
    ///
    /// ```
    /// use jwt_appraisal::{Reason, ReasonKind};
    ///
    /// let reason = Reason::because(ReasonKind::NotPermitted, "expected a color of this service");
    /// assert_eq!(reason.to_string(), "is not permitted: expected a color of this service");
    /// ```
    pub fn because(kind: ReasonKind, words: &'static str) -> Self {
        Self::new(kind, Found::Words(words.into()))
    }

    /// Makes the reason for a value of the wrong JSON type.
    pub fn wrong_type(value: Value<'_>) -> Self {
        Self::new(ReasonKind::WrongType, Found::Kind(value.kind()))
    }

    /// Returns the kind of the reason, for a service to branch on.
    pub fn kind(&self) -> ReasonKind {
        self.kind
    }

    /// Returns the value that was found, as text, if the reason is about a value.
    pub fn found(&self) -> Option<String> {
        self.found.value()
    }

    /// Returns the bound that the value exceeds.
    pub(crate) fn bound(&self) -> Option<String> {
        self.found.bound()
    }

    /// Writes the sentence, with what the check expects.
    pub(crate) fn sentence(&self, expected: Option<&str>) -> String {
        let expected = expected.map(|expected| format!(", expected {expected}"));
        format!("{}{}{}", self.kind.text(), self.found, expected.unwrap_or_default())
    }

    pub(crate) fn into_found(self) -> Found {
        self.found
    }
}

impl From<ReasonKind> for Reason {
    fn from(kind: ReasonKind) -> Self {
        Self::new(kind, Found::Nothing)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence(self.bound().as_deref()))
    }
}

/// Defines the kinds of reasons: variant, name and sentence.
macro_rules! reason_kinds {
    ($($(#[doc = $doc:literal])* $kind:ident, $name:literal = $text:literal,)*) => {
        /// The kinds of reasons why a check did not pass. A service branches on these and not on texts.
        ///
        /// `Display` writes the sentence without its details, such as `has expired`.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum ReasonKind {
            $($(#[doc = $doc])* $kind,)*
        }

        impl ReasonKind {
            /// Every kind of reason.
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$kind,)*];

            /// Returns the stable name in serialised reports, such as `not_permitted`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }

            /// The sentence about the claim or header member, without its subject.
            fn text(self) -> &'static str {
                match self {
                    $(Self::$kind => $text,)*
                }
            }
        }
    };
}

reason_kinds! {
    /// Longer than the limit.
    TooLong, "too_long" = "has too many bytes",
    /// A character that no compact token has.
    Alphabet, "alphabet" = "has a character other than A-Z a-z 0-9 - _ .",
    /// Not three segments.
    Segments, "segments" = "is not three segments",
    /// A JWE where a JWS was expected.
    Encrypted, "encrypted" = "is encrypted (JWE), but a signed token (JWS) is expected",
    /// Not five segments.
    JweSegments, "jwe_segments" = "is not five segments",
    /// A JWS where a JWE was expected.
    NotEncrypted, "not_encrypted" = "is signed (JWS), but an encrypted token (JWE) is expected",
    /// A JWS where an SD-JWT was expected.
    NotSdJwt, "not_sd_jwt" = "is signed (JWS), but an SD-JWT, which has at least one ~, is expected",
    /// An SD-JWT where a JWS was expected.
    SdJwt, "sd_jwt" = "is an SD-JWT, but a token without disclosures is expected",
    /// An SD-JWT whose last part is neither empty nor a JWT.
    Unterminated, "unterminated" = "has a last part that is neither empty nor a key-binding JWT",
    /// A malformed disclosure.
    Disclosure, "disclosure" = "has a malformed disclosure",
    /// A disclosure that the issuer did not sign.
    UnknownDisclosure, "unknown_disclosure" = "has a disclosure whose digest the issuer did not sign",
    /// A digest of a disclosure that occurs twice.
    DigestTwice, "digest_twice" = "has the same digest twice",
    /// A key-binding JWT where none is demanded.
    KeyBinding, "key_binding" = "has a key-binding JWT, but this validator demands none (see ValidatorBuilder::key_binding)",
    /// An empty payload: a detached JWS, which is not a JWT.
    Detached, "detached" = "has no payload",
    /// Not canonical base64url without padding.
    NotBase64url, "not_base64url" = "has a segment that is not canonical base64url without padding",
    /// Not UTF-8.
    NotUtf8, "not_utf8" = "is not UTF-8",
    /// Not JSON.
    NotJson, "not_json" = "is not well-formed JSON",
    /// A name twice in one object.
    DuplicateName, "duplicate_name" = "has a member name twice in one object",
    /// A member name that a JSON library gives a meaning of its own.
    ReservedName, "reserved_name" = "has a member name that is reserved by the JSON library",
    /// Nested too deep.
    TooDeep, "too_deep" = "is nested too deep",
    /// Too many values.
    TooMany, "too_many" = "has too many values",
    /// A number that cannot be represented exactly.
    NumberRange, "number_range" = "has a number that cannot be represented exactly",
    /// A date outside the calendar's years 0 to 9999.
    OutsideCalendar, "outside_calendar" = "is not within the years 0 to 9999",
    /// JSON, but not an object.
    NotAnObject, "not_an_object" = "is not a JSON object",
    /// A required member is absent.
    Missing, "missing" = "is missing",
    /// A member has the wrong JSON type.
    WrongType, "wrong_type" = "has the wrong JSON type",
    /// A member is of the right type but not well-formed.
    Malformed, "malformed" = "is malformed",
    /// A value that the policy does not permit.
    NotPermitted, "not_permitted" = "is not permitted",
    /// An extension that is not understood.
    NotUnderstood, "not_understood" = "names an extension that is not understood",
    /// An issuer that is not trusted.
    UntrustedIssuer, "untrusted_issuer" = "is not a trusted issuer",
    /// The issuer's key store has no keys yet.
    NoKeys, "no_keys" = "the issuer's keys are currently unavailable",
    /// The issuer's keys are older than they may be, and newer ones could not be fetched.
    StaleKeys, "stale_keys" = "the issuer's keys are too old, and newer ones are currently unavailable",
    /// No key of that `kid`.
    UnknownKey, "unknown_key" = "no key of the issuer has this kid",
    /// No key of that `kid`, but newer keys were requested and have not arrived, or could not be
    /// fetched.
    UnknownKeyForNow, "unknown_key_for_now" = "no key of the issuer has this kid, and newer keys are currently unavailable",
    /// The set has a key of that `kid`, but the key cannot be used.
    UnusableKey, "unusable_key" = "the issuer's key with this kid cannot be used",
    /// The key in the token's own header cannot be used.
    UnusableEmbeddedKey, "unusable_embedded_key" = "the key in the header cannot be used",
    /// The key that a token is bound to cannot be used.
    UnusableConfirmedKey, "unusable_confirmed_key" = "the key that the token is bound to cannot be used",
    /// Several keys fit.
    AmbiguousKey, "ambiguous_key" = "several keys of the issuer fit",
    /// No key for this algorithm.
    NoCandidate, "no_candidate" = "no key of the issuer is for this algorithm",
    /// The key is for another algorithm.
    OtherAlgorithm, "other_algorithm" = "the key is for another algorithm",
    /// The signature does not verify.
    BadSignature, "bad_signature" = "the signature does not verify",
    /// A parameter of the algorithm is missing or malformed.
    Parameter, "parameter" = "has a missing or malformed parameter of the algorithm",
    /// More or fewer iterations than are permitted.
    Iterations, "iterations" = "requires a number of iterations that is not permitted",
    /// An encrypted key where the algorithm has none, or none where it has one.
    EncryptedKey, "encrypted_key" = "has an encrypted key where the algorithm has none, or none where it has one",
    /// No decryption key for the token.
    NoDecryptionKey, "no_decryption_key" = "no decryption key fits this kid and these algorithms",
    /// Several decryption keys fit.
    SeveralDecryptionKeys, "several_decryption_keys" = "several decryption keys fit",
    /// The content does not decrypt. The reason is not told.
    NotDecrypted, "not_decrypted" = "does not decrypt",
    /// Compressed content that cannot be inflated.
    NotDeflate, "not_deflate" = "is not a complete DEFLATE stream",
    /// A claim that the header of the JWE replicates differs.
    Replicated, "replicated" = "differs from the same claim in the header of the JWE",
    /// The audience does not contain this service.
    WrongAudience, "wrong_audience" = "does not contain this service",
    /// The audience contains other recipients beside this service.
    SharedAudience, "shared_audience" = "contains other recipients as well",
    /// The issuer is not the one that the key belongs to.
    WrongIssuer, "wrong_issuer" = "is not the issuer that the key belongs to",
    /// Expired.
    Expired, "expired" = "has expired",
    /// Not valid yet.
    NotYetValid, "not_yet_valid" = "is not valid yet",
    /// Issued in the future.
    IssuedAhead, "issued_ahead" = "was issued in the future",
    /// Older than the profile permits.
    TooOld, "too_old" = "is too old",
    /// Valid for longer than the profile permits.
    LivesTooLong, "lives_too_long" = "is valid for too long",
    /// The token is bound to a key whose possession was not shown.
    Unsatisfied, "unsatisfied" = "requires a proof of possession that was not presented",
    /// A claim that this kind of token must not have.
    Forbidden, "forbidden" = "must be absent",
    /// The check needs a fact of the request that the caller did not supply.
    FactNotGiven, "fact_not_given" = "cannot be checked: the caller did not supply the request value that it must match",
    /// The claim does not match the request.
    OtherRequest, "other_request" = "does not belong to this request",
    /// The nonce is absent, or is none that the server gave out recently.
    WrongNonce, "wrong_nonce" = "must be a nonce that this server gave out recently",
    /// The claim names another party than it must.
    OtherParty, "other_party" = "names another party",
    /// The user did not authenticate by a required class, or not recently enough.
    InsufficientAuthentication, "insufficient_authentication" = "does not show the authentication that the request requires",
    /// The token permits more than the one that it was derived from.
    BroaderScope, "broader_scope" = "permits more than the token that it was derived from",
    /// The token lacks a scope that the operation needs.
    InsufficientScope, "insufficient_scope" = "does not have every scope that the operation needs",
    /// A chain names the same actor twice.
    ActorTwice, "actor_twice" = "names an actor twice",
    /// An actor that is not permitted.
    OtherActor, "other_actor" = "names an actor that is not permitted",
    /// The token was used before.
    Replayed, "replayed" = "was used before",
    /// The token, or a name that it has, was revoked.
    Revoked, "revoked" = "was revoked",
    /// The revocation source cannot tell whether the token was revoked.
    RevocationUnknown, "revocation_unknown" = "the revocation source cannot tell whether the token was revoked",
    /// The replay guard cannot tell whether the token was used before.
    ReplayUnknown, "replay_unknown" = "the replay guard cannot tell whether the token was used before",
    /// The token does not say that it is of this kind.
    NoDiscriminator, "no_discriminator" = "does not say that it is of this kind",
    /// Two claims that say the same thing have different values.
    Disagree, "disagree" = "is said in two places that disagree",
    /// The claims cannot be deserialized into the caller's type.
    Deserialize, "deserialize" = "does not fit the claims type",
    /// A rule of the caller's own.
    Rule, "rule" = "is rejected by a rule of the profile",
}

impl fmt::Display for ReasonKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

impl ReasonKind {
    /// Whether it is neither the token's fault nor the caller's.
    pub(crate) fn is_undetermined(self) -> bool {
        matches!(
            self,
            Self::NoKeys
                | Self::StaleKeys
                | Self::UnknownKeyForNow
                | Self::ReplayUnknown
                | Self::RevocationUnknown
        )
    }

    /// Whether newer keys of the issuer may put it right.
    pub(crate) fn may_succeed_after_refresh(self) -> bool {
        matches!(
            self,
            Self::NoKeys
                | Self::StaleKeys
                | Self::UnknownKey
                | Self::UnknownKeyForNow
                | Self::UnusableKey
        )
    }

    /// Returns whether the issuer may have changed its keys. Unlike
    /// [`may_succeed_after_refresh`](Self::may_succeed_after_refresh) this includes what an
    /// attacker's token always looks like, so no request waits because of it.
    pub(crate) fn suggests_refresh(self) -> bool {
        self.may_succeed_after_refresh()
            || matches!(self, Self::NoCandidate | Self::OtherAlgorithm | Self::BadSignature)
    }

    /// Whether it is about something else than the value that the check expects.
    pub(crate) fn is_beside_the_value(self) -> bool {
        matches!(self, Self::Parameter | Self::Iterations | Self::EncryptedKey | Self::Replicated)
    }

    /// How much the reason says about whose token this is: a wrong party ranks above a stale token.
    pub(crate) fn rank(self) -> u8 {
        const PARTY: &[ReasonKind] = &[
            ReasonKind::WrongIssuer,
            ReasonKind::UntrustedIssuer,
            ReasonKind::WrongAudience,
            ReasonKind::OtherParty,
        ];
        const STALE: &[ReasonKind] = &[
            ReasonKind::Expired,
            ReasonKind::NotYetValid,
            ReasonKind::IssuedAhead,
            ReasonKind::TooOld,
            ReasonKind::LivesTooLong,
        ];
        if PARTY.contains(&self) {
            2
        } else if STALE.contains(&self) {
            0
        } else {
            1
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_of_kinds_are_distinct_and_in_snake_case() {
        let names: BTreeSet<_> = ReasonKind::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(names.len(), ReasonKind::ALL.len());
        for kind in ReasonKind::ALL {
            let camel = format!("{kind:?}");
            let same = kind.name().replace('_', "").eq_ignore_ascii_case(&camel);
            assert!(same && kind.name() == kind.name().to_ascii_lowercase(), "{camel}");
        }
    }
}
