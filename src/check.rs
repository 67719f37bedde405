//! The vocabulary of an appraisal: checks, their outcomes, and the reasons for a refusal.

use std::fmt;
use std::sync::Arc;

use crate::alg::JwsAlgorithm;
use crate::json::JsonKind;
use crate::names::KeyId;
use crate::time::Seconds;

/// The checks that this crate has, in the order in which they run.
macro_rules! rows {
    ($($(#[doc = $doc:literal])* $row:ident = $code:literal,)*) => {
        /// A check of this crate's own.
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub(crate) enum Row {
            $($(#[doc = $doc])* $row,)*
        }

        impl Row {
            pub(crate) const ALL: &[Self] = &[$(Self::$row,)*];

            pub(crate) const fn code(self) -> &'static str {
                match self {
                    $(Self::$row => $code,)*
                }
            }
        }
    };
}

rows! {
    FormSize = "form.size",
    FormCompact = "form.compact",
    FormBase64url = "form.base64url",
    FormHeader = "form.header",
    HeaderAlg = "header.alg",
    HeaderTyp = "header.typ",
    HeaderCty = "header.cty",
    HeaderCrit = "header.crit",
    HeaderB64 = "header.b64",
    HeaderZip = "header.zip",
    HeaderKid = "header.kid",
    HeaderKeys = "header.keys",
    KeyIssuer = "key.issuer",
    KeyFound = "key.found",
    KeyAlg = "key.alg",
    CryptoSignature = "crypto.signature",
    PayloadJson = "payload.json",
    ClaimsIss = "claims.iss",
    ClaimsAud = "claims.aud",
    ClaimsExp = "claims.exp",
    ClaimsNbf = "claims.nbf",
    ClaimsIat = "claims.iat",
    TimeLifetime = "time.lifetime",
    TimeAge = "time.age",
    ClaimsSub = "claims.sub",
    ClaimsJti = "claims.jti",
    ClaimsCnf = "claims.cnf",
    ClaimsClientId = "claims.client_id",
    ClaimsScope = "claims.scope",
    ClaimsAuthTime = "claims.auth_time",
    ClaimsAcr = "claims.acr",
    ClaimsAmr = "claims.amr",
    ClaimsAct = "claims.act",
    ClaimsAuthorizationDetails = "claims.authorization_details",
    PayloadShape = "payload.shape",
}

impl Row {
    #[expect(clippy::as_conversions, reason = "the number of a fieldless variant")]
    pub(crate) const fn index(self) -> usize {
        self as usize
    }
}

/// The stable code of a check, `stage.thing`: the same string in reports, logs, tests and docs.
///
/// ```
/// # use jwt_appraisal::testing::TestIssuer;
/// # use jwt_appraisal::{KeyStore, JwkSet, Profile, SignatureAlgorithm, TrustedIssuer, Validator};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let issuer = TestIssuer::new("https://as.example.com");
/// # let keys = KeyStore::new([SignatureAlgorithm::Es256], JwkSet::from_json(&issuer.jwks())?)?;
/// # let validator = Validator::builder(Profile::access_token())
/// #     .issuer(TrustedIssuer::new("https://as.example.com", keys))
/// #     .audience("https://api.example.com")
/// #     .build()?;
/// let appraisal = validator.appraise("not.a.token");
/// assert!(appraisal.checks().any(|check| check.id() == "form.header"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct CheckId(Code);

#[derive(Clone, Eq, Hash, PartialEq)]
enum Code {
    BuiltIn(&'static str),
    Named(Arc<str>),
}

impl CheckId {
    pub(crate) fn named(code: impl Into<Arc<str>>) -> Self {
        Self(Code::Named(code.into()))
    }

    /// The code, such as `header.alg`.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Code::BuiltIn(code) => code,
            Code::Named(code) => code,
        }
    }
}

impl From<Row> for CheckId {
    fn from(row: Row) -> Self {
        Self(Code::BuiltIn(row.code()))
    }
}

impl PartialEq<str> for CheckId {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for CheckId {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl fmt::Debug for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What became of one check.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// It ran and passed.
    Pass,
    /// It is about an optional member that is not there.
    Absent,
    /// It ran and failed: the token's fault.
    Fail(Reason),
    /// It could not be decided: neither the token's fault nor the caller's.
    Undetermined(Reason),
    /// An earlier stage failed, so it did not run.
    NotReached,
    /// It was switched off through [`danger`](crate::danger) when the validator was built.
    Waived,
}

impl Outcome {
    /// Whether this outcome stands in the way of acceptance.
    pub fn refuses(&self) -> bool {
        !matches!(self, Self::Pass | Self::Absent | Self::Waived)
    }

    /// The word for it in serialised reports: `pass`, `absent`, `fail`, `undetermined`,
    /// `not_reached` or `waived`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Absent => "absent",
            Self::Fail(_) => "fail",
            Self::Undetermined(_) => "undetermined",
            Self::NotReached => "not_reached",
            Self::Waived => "waived",
        }
    }

    /// The reason, if it failed or could not be decided.
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Fail(reason) | Self::Undetermined(reason) => Some(reason),
            Self::Pass | Self::Absent | Self::NotReached | Self::Waived => None,
        }
    }
}

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
            | Found::Bytes(_)
            | Found::Count { .. }
            | Found::Moment(_)
            | Found::Lasting { .. }
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
            const ALL: &[Self] = &[$(Self::$kind,)*];

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
    /// An empty payload: a detached JWS, which is not a JWT.
    Detached = "has no payload",
    /// Not canonical base64url without padding.
    NotBase64url = "has a segment that is not canonical base64url without padding",
    /// Not UTF-8.
    NotUtf8 = "is not UTF-8",
    /// Not JSON.
    NotJson = "is not JSON",
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
    /// No key of that `kid`.
    UnknownKey = "no key of the issuer has this kid",
    /// A key of that `kid` was in the set, but it can not be used.
    UnusableKey = "the issuer's key with this kid can not be used",
    /// Several keys could be meant.
    AmbiguousKey = "several keys of the issuer could be meant",
    /// No key for this algorithm.
    NoCandidate = "no key of the issuer is for this algorithm",
    /// The key is for another algorithm.
    OtherAlgorithm = "the key is for another algorithm",
    /// The signature does not verify.
    BadSignature = "signature does not verify",
    /// A token for somebody else.
    WrongAudience = "is meant for others",
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
    /// The caller's claims type can not be read from it.
    Misfit = "does not fit the claims type",
    /// A rule of the caller's own.
    Rule = "a rule of the profile refuses it",
}

impl ReasonKind {
    /// A number that the ledger keeps in one byte.
    pub(crate) fn to_byte(self) -> u8 {
        let at = Self::ALL.iter().position(|kind| *kind == self);
        at.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX)
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.get(usize::from(byte)).copied()
    }

    /// Whether it is neither the token's fault nor the caller's.
    pub(crate) fn is_undetermined(self) -> bool {
        matches!(self, Self::NoKeys)
    }

    /// How much the reason says about whose token this is: a wrong party ranks above a stale token.
    pub(crate) fn rank(self) -> u8 {
        const PARTY: &[ReasonKind] = &[
            ReasonKind::WrongIssuer,
            ReasonKind::UntrustedIssuer,
            ReasonKind::WrongAudience,
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
    /// A text of so many bytes.
    Bytes(usize),
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
    /// The issuer's key, by its `kid` and algorithm.
    Key(Option<KeyId>, JwsAlgorithm),
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
            Self::Bytes(bytes) => write!(f, "found another text of {bytes} bytes"),
            Self::Count { found, most } => write!(f, "found {found}, permitted {most}"),
            Self::Moment(moment) => write!(f, "{moment}"),
            Self::Lasting { seconds, most } => write!(f, "{seconds} s, permitted {most} s"),
            Self::Key(Some(kid), alg) => write!(f, "under key {kid:?} ({})", alg.name()),
            Self::Key(None, alg) => write!(f, "under the only key ({})", alg.name()),
            Self::Words(words) => f.write_str(words),
        }
    }
}

/// What a check function says: passed, not there, or the reason why not.
pub(crate) type Finding = Result<Present, Reason>;

/// How a check ended that did not fail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Present {
    Yes,
    Absent,
    /// What it needs was refused by another check.
    Unreadable,
}

/// A finding that the check passed.
pub(crate) const PASS: Finding = Ok(Present::Yes);

/// A finding that the optional member is not there.
pub(crate) const ABSENT: Finding = Ok(Present::Absent);

/// A finding that another check refuses what this one needs, so that it can not pass.
pub(crate) const UNREADABLE: Finding = Ok(Present::Unreadable);

/// A finding that the check failed.
pub(crate) fn fail<T>(kind: ReasonKind, found: Found) -> Result<T, Reason> {
    Err(Reason::new(kind, found))
}
