//! The vocabulary of an appraisal: checks, their outcomes, and the reasons for a refusal.

mod ledger;
mod plan;
mod reason;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

pub use reason::{Reason, ReasonKind};

pub(crate) use ledger::Ledger;
pub(crate) use plan::{Plan, PlannedCheck};
pub(crate) use reason::Found;

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
    FormJwe = "form.jwe",
    JweAlg = "jwe.alg",
    JweEnc = "jwe.enc",
    JweCty = "jwe.cty",
    JweZip = "jwe.zip",
    JweKey = "jwe.key",
    JweDecrypt = "jwe.decrypt",
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
    KeyClient = "key.client",
    KeyEmbedded = "key.embedded",
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
    ClaimsMayAct = "claims.may_act",
    ClaimsGroups = "claims.groups",
    ClaimsRoles = "claims.roles",
    ClaimsEntitlements = "claims.entitlements",
    ClaimsResource = "claims.resource",
    ClaimsAzp = "claims.azp",
    ClaimsNonce = "claims.nonce",
    ClaimsAtHash = "claims.at_hash",
    ClaimsCHash = "claims.c_hash",
    ClaimsSHash = "claims.s_hash",
    ClaimsState = "claims.state",
    ClaimsRequest = "claims.request",
    ClaimsRequestUri = "claims.request_uri",
    RequestParameters = "request.parameters",
    ClaimsEvents = "claims.events",
    ClaimsSid = "claims.sid",
    ClaimsSubId = "claims.sub_id",
    ClaimsToe = "claims.toe",
    ClaimsTxn = "claims.txn",
    ClaimsTokenIntrospection = "claims.token_introspection",
    ClaimsHtm = "claims.htm",
    ClaimsHtu = "claims.htu",
    ClaimsAth = "claims.ath",
    CnfProofKey = "cnf.proof_key",
    ActorAllowed = "actor.allowed",
    KindDiscriminator = "kind.discriminator",
    StateReplay = "state.replay",
    ClaimsDeserialize = "claims.deserialize",
}

impl Row {
    /// The claim that it is about, if it is about one.
    pub(crate) fn claim(self) -> Option<&'static str> {
        self.code().strip_prefix("claims.")
    }

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
#[derive(Clone)]
pub struct CheckId(Code);

#[derive(Clone)]
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

impl Eq for CheckId {}

impl PartialEq for CheckId {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Hash for CheckId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
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
    /// It did not run: an earlier stage failed, or another check refused what it needs.
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
