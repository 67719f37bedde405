//! Why a check did not pass: a kind, and what was found instead.

use std::fmt;
use std::sync::Arc;

use crate::alg::KeyAlgorithm;
use crate::json::{JsonKind, Value};
use crate::names::KeyId;
use crate::time::Seconds;

/// Why a check did not pass.
///
/// It never holds text from the token: names from this crate's own tables, lengths, counts, kinds
/// of JSON, and (after the signature passed) times.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Reason {
    kind: ReasonKind,
    found: Found,
}

impl Reason {
    pub(crate) fn new(kind: ReasonKind, found: Found) -> Self {
        Self { kind, found }
    }

    /// A reason in the words of the program, for a rule of the caller's own.
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

    /// The value has the wrong JSON type.
    pub fn wrong_type(value: Value<'_>) -> Self {
        Self::new(ReasonKind::WrongType, Found::Kind(value.kind()))
    }

    /// What kind of reason it is.
    pub fn kind(&self) -> ReasonKind {
        self.kind
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
        let separator = match self.found {
            Found::Nothing => "",
            Found::Key(..) => " ",
            Found::Kind(_)
            | Found::Name(_)
            | Found::Member(_)
            | Found::Bytes(_)
            | Found::Number(_)
            | Found::Count { .. }
            | Found::Moment(_)
            | Found::Lasting { .. }
            | Found::Problem(_)
            | Found::Words(_) => ": ",
        };
        write!(f, "{}{separator}{}", self.kind.text(), self.found)
    }
}

/// The kinds of reasons.
///
/// A service branches on these and not on texts.
macro_rules! reason_kinds {
    ($($(#[doc = $doc:literal])* $kind:ident = $text:literal,)*) => {
        /// The kinds of reasons why a check did not pass.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum ReasonKind {
            $($(#[doc = $doc])* $kind,)*
        }

        impl ReasonKind {
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
    TooLong = "has too many bytes",
    /// A character that no compact token has.
    Alphabet = "has a character other than A-Z a-z 0-9 - _ .",
    /// Not three segments.
    Segments = "is not three segments",
    /// A JWE where a JWS was expected.
    Encrypted = "is encrypted (JWE), but a signed token (JWS) is expected",
    /// Not five segments.
    JweSegments = "is not five segments",
    /// A JWS where a JWE was expected.
    NotEncrypted = "is signed (JWS), but an encrypted token (JWE) is expected",
    /// An empty payload: a detached JWS, which is not a JWT.
    Detached = "has no payload",
    /// Not canonical base64url without padding.
    NotBase64url = "has a segment that is not canonical base64url without padding",
    /// Not UTF-8.
    NotUtf8 = "is not UTF-8",
    /// Not JSON.
    NotJson = "is not well-formed JSON",
    /// A name twice in one object.
    DuplicateName = "has a member name twice in one object",
    /// A member name that a JSON library gives a meaning of its own.
    ReservedName = "has a member name that is reserved by the JSON library",
    /// Nested too deep.
    TooDeep = "is nested too deep",
    /// Too many values.
    TooMany = "has too many values",
    /// A number that can not be represented exactly.
    NumberRange = "has a number beyond what is read exactly",
    /// A date that is not within the calendar's years 0 to 9999.
    OutsideCalendar = "is not within the years 0 to 9999",
    /// JSON, but not an object.
    NotAnObject = "is not a JSON object",
    /// A required member is not there.
    Missing = "is missing",
    /// A member has the wrong JSON type.
    WrongType = "has the wrong JSON type",
    /// A member is of the right type but not well-formed.
    Malformed = "is malformed",
    /// A value that the policy does not permit.
    NotPermitted = "is not permitted",
    /// An extension that is not understood.
    NotUnderstood = "names an extension that is not understood",
    /// An issuer that is not trusted.
    UntrustedIssuer = "is not a trusted issuer",
    /// The issuer's key store has no keys yet.
    NoKeys = "the issuer's keys are not available yet",
    /// The issuer's keys are older than they may be, and newer ones could not be fetched.
    StaleKeys = "the issuer's keys are too old, and newer ones are not available yet",
    /// No key of that `kid`.
    UnknownKey = "no key of the issuer has this kid",
    /// No key of that `kid`, but newer keys were requested and have not arrived, or could not be
    /// fetched.
    UnknownKeyForNow = "no key of the issuer has this kid, and newer keys are not available yet",
    /// A key of that `kid` was in the set, but it can not be used.
    UnusableKey = "the issuer's key with this kid can not be used",
    /// The key that the header brings along can not be used.
    UnusableEmbeddedKey = "the key in the header can not be used",
    /// Several keys could be meant.
    AmbiguousKey = "several keys of the issuer could be meant",
    /// No key for this algorithm.
    NoCandidate = "no key of the issuer is for this algorithm",
    /// The key is for another algorithm.
    OtherAlgorithm = "the key is for another algorithm",
    /// The signature does not verify.
    BadSignature = "signature does not verify",
    /// A parameter of the algorithm is missing or malformed.
    Parameter = "lacks a parameter of the algorithm, or has it malformed",
    /// More or fewer iterations than are permitted.
    Iterations = "demands a number of iterations that is not permitted",
    /// An encrypted key where the algorithm has none, or none where it has one.
    EncryptedKey = "has an encrypted key that does not go with the algorithm",
    /// No decryption key for the token.
    NoDecryptionKey = "no decryption key is for this kid and these algorithms",
    /// Several decryption keys could be meant.
    SeveralDecryptionKeys = "several decryption keys could be meant",
    /// The content does not decrypt; nothing is said of why.
    NotDecrypted = "does not decrypt",
    /// Compressed content that can not be inflated.
    NotDeflate = "is not a complete DEFLATE stream",
    /// A claim that the header of the JWE replicates differs.
    Replicated = "differs from the same claim in the header of the JWE",
    /// A token for somebody else.
    WrongAudience = "is meant for others",
    /// A token for others beside the verifier.
    SharedAudience = "is meant for others as well",
    /// A token from somebody else.
    WrongIssuer = "is not the issuer that the key belongs to",
    /// Expired.
    Expired = "has expired",
    /// Not valid yet.
    NotYetValid = "is not valid yet",
    /// Issued in the future.
    IssuedAhead = "was issued in the future",
    /// Older than the profile permits.
    TooOld = "is too old",
    /// Valid for longer than the profile permits.
    LivesTooLong = "is valid for too long",
    /// Bound to a key whose possession was not shown.
    Unsatisfied = "demands a proof of possession that was not given",
    /// A claim that this kind of token must not have.
    Forbidden = "must not be there",
    /// The check needs a fact of the request that the verifier was not given.
    FactNotGiven = "can not be checked: the verifier was not given what it belongs to",
    /// The claim is not what the request says.
    OtherRequest = "does not belong to this request",
    /// The claim names another party than it has to.
    OtherParty = "names another party",
    /// The user did not authenticate in a way, or as recently, as is demanded.
    InsufficientAuthentication = "says that the user did not authenticate as is demanded",
    /// The token permits more than the one that it was derived from.
    BroaderScope = "permits more than the token that it was derived from",
    /// The token lacks a scope that the operation needs.
    InsufficientScope = "does not have every scope that the operation needs",
    /// The same actor stands twice in a chain.
    ActorTwice = "has an actor twice",
    /// An actor that is not permitted.
    OtherActor = "is not an actor that is permitted",
    /// The token was used before.
    Replayed = "was used before",
    /// The token, or a name that it has, was revoked.
    Revoked = "was revoked",
    /// The validator could not find out whether the token was revoked.
    RevocationUnknown = "the validator could not find out whether the token was revoked",
    /// The verifier could not find out whether the token was used before.
    ReplayUnknown = "the verifier could not find out whether the token was used before",
    /// The token does not say that it is of this kind.
    NoDiscriminator = "does not say that it is of this kind",
    /// The claims cannot be deserialized into the caller's type.
    Deserialize = "does not fit the claims type",
    /// A rule of the caller's own.
    Rule = "a rule of the profile refuses it",
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

/// What was found instead: nothing that an attacker could have written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Found {
    Nothing,
    Kind(JsonKind),
    /// A name from a table of ours.
    Name(&'static str),
    /// A member of the header, by its name in a table of ours.
    Member(&'static str),
    /// A text of so many bytes.
    Bytes(usize),
    /// So many of something.
    Number(usize),
    /// So many of something, where at most so many are permitted.
    Count {
        found: usize,
        most: usize,
    },
    Moment(Seconds),
    /// So many seconds, where at most so many are permitted.
    Lasting {
        seconds: i64,
        most: i64,
    },
    /// The issuer's key or a decryption key, by its `kid` and algorithm.
    Key(Option<KeyId>, KeyAlgorithm),
    /// What is wrong with the issuer's key.
    Problem(Arc<str>),
    /// Words of the program, not of the token.
    Words(Box<str>),
}

impl Found {
    /// A text by its name in a table of ours, else by its length.
    pub(crate) fn text(text: &str, known: Option<&'static str>) -> Self {
        known.map_or(Self::Bytes(text.len()), Self::Name)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => Ok(()),
            Self::Kind(kind) => write!(f, "found {kind}"),
            Self::Name(name) => write!(f, "found \"{name}\""),
            Self::Member(name) => write!(f, "\"{name}\""),
            Self::Bytes(bytes) => write!(f, "found a text of {bytes} bytes"),
            Self::Number(found) => write!(f, "found {found}"),
            Self::Count { found, most } => write!(f, "found {found}, permitted {most}"),
            Self::Moment(moment) => write!(f, "{moment}"),
            Self::Lasting { seconds, most } => write!(f, "{seconds} s, permitted {most} s"),
            Self::Key(Some(kid), alg) => write!(f, "under key {kid:?} ({})", alg.name()),
            Self::Key(None, alg) => write!(f, "under the key without kid ({})", alg.name()),
            Self::Problem(problem) => f.write_str(problem),
            Self::Words(words) => f.write_str(words),
        }
    }
}
