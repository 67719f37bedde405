//! Dialects: how one issuer writes a kind of token.
//!
//! A [`kind`](crate::kind) says what the specification says. Many issuers deviate from it: they send no
//! type, name the client `azp`, or send scopes as an array. A [`Dialect`] describes such an issuer as data,
//! and belongs to the issuer, so issuers of one validator can have different dialects:
//!
//! ```
//! # use jwt_appraisal::testing::TestIssuer;
//! use jwt_appraisal::dialect::{Dialect, Form};
//! # use jwt_appraisal::{JwkSet, KeyError, KeyStore, SignatureAlgorithm};
//! use jwt_appraisal::{Profile, TrustedIssuer, Validator};
//!
//! # fn keys(issuer: &TestIssuer) -> Result<KeyStore, KeyError> {
//! #     KeyStore::new([SignatureAlgorithm::Es256], JwkSet::from_json(issuer.jwks())?)
//! # }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let issuer = TestIssuer::new("https://id.acme.example");
//! # let other = TestIssuer::new("https://as.example.com");
//! let acme = Dialect::new("acme")
//!     .untyped()
//!     .is("token_use", "access")
//!     .client("cid")
//!     .scopes("scp", Form::List);
//! let validator = Validator::builder(Profile::access_token())
//!     .issuers([
//!         TrustedIssuer::new("https://id.acme.example", keys(&issuer)?).dialect(acme),
//!         TrustedIssuer::new("https://as.example.com", keys(&other)?).into(),
//!     ])
//!     .audience("https://api.example.com")
//!     .build()?;
//! # let draft = issuer.access_token("https://api.example.com").without_header("typ");
//! # let draft = draft.claim("token_use", "access").claim("cid", "client-1").claim("scp", vec!["read"]);
//! # let token = draft.without("client_id").without("scope").sign();
//!
//! let accepted = validator.appraise(&token).into_result()?;
//! assert_eq!(accepted.client_id(), Some("client-1"));
//! assert!(accepted.scopes().eq(["read"]));
//! assert_eq!(accepted.record().dialect(), Some("acme"));
//! # Ok(())
//! # }
//! ```
//!
//! # What a dialect can change
//!
//! | question | set by | without it |
//! |---|---|---|
//! | Which `typ` does the header have? | [`typ`](Dialect::typ), [`untyped`](Dialect::untyped) | the kind's |
//! | How do these tokens differ from the issuer's other tokens? | [`is`](Dialect::is), [`has`](Dialect::has), [`has_one_of`](Dialect::has_one_of), [`is_not`](Dialect::is_not), [`has_not`](Dialect::has_not) | by their type |
//! | Where are client, scopes and audience? | [`client`](Dialect::client), [`scopes`](Dialect::scopes), [`audience`](Dialect::audience) | `client_id`, `scope`, `aud` |
//! | How long may a token be valid? | [`max_lifetime`](Dialect::max_lifetime) | as long as the kind permits |
//! | Which claims may be absent? | [`may_lack`](Dialect::may_lack) | those that the kind permits |
//!
//! Nothing else can be changed. A dialect cannot touch the signature, `iss`, `exp`, `nbf`, `iat`, `cnf`,
//! `act` or `crit`, and a token always has an audience.
//!
//! # What the caller requires
//!
//! A dialect replaces what the kind demands and never what the caller demands. What
//! [`Profile::require`](crate::Profile::require) requires is required of the tokens of every issuer, and of two
//! bounds on the lifetime the shorter one applies. The audience is compared with the validator's names,
//! wherever it was read.
//!
//! # What the caller sees
//!
//! The dialect is the issuer's, so a token cannot choose it. Two checks show it: `dialect.tells` and
//! `dialect.names`, which issuers with the [standard](Dialect::standard) dialect do not have. After the second
//! one, client, scopes and audience have their standard names, for every later check and for the claims type.
//! If a token has a claim in two places with different values, it is rejected.
//!
//! Each [`Leniency`](crate::Leniency) that a token used shows in its appraisal and in
//! [`Record::leniencies`](crate::Record::leniencies), and the validator's `Debug` has the dialects in full.

mod names;
mod sound;
mod tell;
mod trust;

use std::fmt;

use ::time::Duration;

pub use names::Form;
pub use trust::IssuerTrust;

use names::Places;
use tell::Tell;

use crate::kind::Kind;
use crate::names::MediaType;
use crate::policy::{SingleUse, TypPolicy};
use crate::rules::Presence;

/// How one issuer writes a kind of token. [The module](self) describes what it can say.
///
/// It is checked when the validator is built. Two dialects are equal if they say the same.
#[derive(Clone, Eq, PartialEq)]
pub struct Dialect {
    name: Box<str>,
    types: Vec<MediaType>,
    untyped: bool,
    tells: Vec<Tell>,
    places: Places,
    max_lifetime: Option<Duration>,
    may_lack: Vec<Box<str>>,
}

impl Dialect {
    const STANDARD: &str = "standard";

    /// Returns the dialect of issuers that write tokens as the specification of their kind says: for access
    /// tokens that is RFC 9068. It is the default.
    pub fn standard() -> Self {
        Self::new(Self::STANDARD)
    }

    /// Begins a dialect. Its name is shown by records: letters, digits, `-` and `_`.
    ///
    /// ```
    /// use jwt_appraisal::dialect::{Dialect, Form};
    /// use time::Duration;
    ///
    /// let acme = Dialect::new("acme")
    ///     .untyped()
    ///     .has_one_of(["scp", "roles"])
    ///     .is_not("token_use", "id")
    ///     .client("azp")
    ///     .scopes("scp", Form::Text)
    ///     .max_lifetime(Duration::hours(28))
    ///     .may_lack("jti");
    /// assert_eq!(acme.name(), "acme");
    /// ```
    pub fn new(name: impl Into<Box<str>>) -> Self {
        Self {
            name: name.into(),
            types: Vec::new(),
            untyped: false,
            tells: Vec::new(),
            places: Places::default(),
            max_lifetime: None,
            may_lack: Vec::new(),
        }
    }

    /// Accepts this type instead of the kind's. A further call adds a type. A type of another kind of this
    /// crate does not build.
    ///
    /// [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11)
    pub fn typ(mut self, typ: impl Into<MediaType>) -> Self {
        self.types.push(typ.into());
        self
    }

    /// Accepts tokens without a type or of type `JWT`, instead of the kind's type; together with
    /// [`typ`](Self::typ), beside the types given there. That says nothing about the kind of token, so
    /// the dialect must say which claim does: it does not build without [`is`](Self::is),
    /// [`has`](Self::has) or [`has_one_of`](Self::has_one_of).
    ///
    /// [RFC 8725 §3.12](https://www.rfc-editor.org/rfc/rfc8725#section-3.12)
    pub fn untyped(mut self) -> Self {
        self.untyped = true;
        self
    }

    /// Requires a claim that the issuer puts into tokens of this kind and into no others. `null` does not
    /// count.
    pub fn has(self, claim: impl Into<Box<str>>) -> Self {
        self.tell(Tell::Has(claim.into()))
    }

    /// Requires at least one of several claims, as [`has`](Self::has) requires one.
    pub fn has_one_of<N: Into<Box<str>>>(self, claims: impl IntoIterator<Item = N>) -> Self {
        self.tell(Tell::HasOneOf(claims.into_iter().map(Into::into).collect()))
    }

    /// Requires a claim to be this string, such as `token_use` to be `access`.
    pub fn is(self, claim: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        self.tell(Tell::Is(claim.into(), value.into()))
    }

    /// Rejects tokens with a claim that the issuer puts into other tokens only, whatever its value. It does not
    /// build for kinds with disclosures, because the holder of such a token can withhold a claim. The same
    /// holds for [`is_not`](Self::is_not).
    pub fn has_not(self, claim: impl Into<Box<str>>) -> Self {
        self.tell(Tell::HasNot(claim.into()))
    }

    /// Rejects tokens in which a claim is this string. The claim may be absent; one that is no string is
    /// rejected.
    pub fn is_not(self, claim: impl Into<Box<str>>, value: impl Into<Box<str>>) -> Self {
        self.tell(Tell::IsNot(claim.into(), value.into()))
    }

    fn tell(mut self, tell: Tell) -> Self {
        self.tells.push(tell);
        self
    }

    /// Reads the client from this claim, a string, such as `azp`. A further call adds a claim. All that are
    /// present, and `client_id`, must agree.
    pub fn client(mut self, claim: impl Into<Box<str>>) -> Self {
        self.places.client.push(claim.into(), Form::Text);
        self
    }

    /// Reads the scopes from this claim. It can be `scope` itself, for an issuer that sends an array. A
    /// further call adds a claim. All that are present, and `scope`, must have the same scopes in the same
    /// order.
    pub fn scopes(mut self, claim: impl Into<Box<str>>, form: Form) -> Self {
        self.places.scopes.push(claim.into(), form);
        self
    }

    /// Reads the audience from this claim. A further call adds a claim. All that are present, and `aud`,
    /// must have the same audiences in the same order.
    pub fn audience(mut self, claim: impl Into<Box<str>>, form: Form) -> Self {
        self.places.audience.push(claim.into(), form);
        self
    }

    /// Bounds the lifetime of the issuer's tokens, instead of the kind's bound, at one year at the most. A
    /// shorter bound of the caller ([`Profile::max_lifetime`](crate::Profile::max_lifetime)) still applies.
    pub fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.max_lifetime = Some(lifetime);
        self
    }

    /// Accepts tokens without a claim that the kind requires: `sub`, `jti` or `client_id`. No other claim can
    /// be named. `jti` stays required of tokens that may be used once.
    pub fn may_lack(mut self, claim: impl Into<Box<str>>) -> Self {
        self.may_lack.push(claim.into());
        self
    }

    /// Whether it is known under which names the issuer sends scopes.
    pub(crate) fn knows_scopes(&self) -> bool {
        self.is_standard() || self.places.scopes.names().next().is_some()
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is the standard dialect, which changes nothing.
    pub(crate) fn is_standard(&self) -> bool {
        *self == Self::standard()
    }

    /// The most that the dialect permits a token to live, in seconds.
    pub(crate) fn longest_lifetime(&self) -> Option<i64> {
        self.max_lifetime.map(Duration::whole_seconds)
    }

    /// The kind as the issuer writes it. What the kind has waived stays waived.
    pub(crate) fn applied_to(&self, mut kind: Kind) -> Kind {
        if self.untyped || !self.types.is_empty() {
            kind.typ = TypPolicy::OneOf { types: self.types.clone(), untyped: self.untyped };
        }
        if let (Some(_), Some(longest)) = (kind.max_lifetime, self.longest_lifetime()) {
            kind.max_lifetime = Some(longest);
            kind.longest_lifetime = longest;
        }
        for claim in &self.may_lack {
            let is_used_up = **claim == *"jti" && kind.single_use != SingleUse::No;
            if kind.requires(claim) && !is_used_up {
                kind.set_presence(claim, Presence::Optional);
            }
        }
        kind
    }
}

impl Default for Dialect {
    fn default() -> Self {
        Self::standard()
    }
}

/// Shows everything that the dialect says, for a caller who wants to see what it permits.
impl fmt::Debug for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Dialect");
        shown.field("name", &self.name);
        if self.is_standard() {
            return shown.finish();
        }
        shown
            .field("types", &self.types)
            .field("untyped", &self.untyped)
            .field("tells", &self.tells)
            .field("client", &self.places.client)
            .field("scopes", &self.places.scopes)
            .field("audience", &self.places.audience)
            .field("max_lifetime", &self.max_lifetime)
            .field("may_lack", &self.may_lack)
            .finish()
    }
}
