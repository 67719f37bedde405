//! A kind of token as data, and the builder that makes it.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

use ::time::Duration;

use super::profile::{AnyProfile, Profile};
use super::tag::{Issued, SignedByClient, SignedByHolder};
use crate::names::MediaType;
use crate::policy::{
    AudiencePolicy, AudienceRule, DAY, Discriminator, ExtraAudiences, LONGEST_LIFETIME, Signer,
    SingleUse, TypPolicy,
};
use crate::rules::{ClaimRule, Presence};

/// A kind of token as data: its header types, who signs it, its audience, the bounds on its life, and
/// its rules. [`ALL`](super::ALL) lists the kinds of this crate; [`KindBuilder`] makes one.
#[derive(Clone, Debug)]
pub struct Kind {
    pub(crate) name: Cow<'static, str>,
    pub(crate) typ: TypPolicy,
    pub(crate) signer: Signer,
    pub(crate) audience: AudiencePolicy,
    pub(crate) rules: Vec<ClaimRule>,
    /// What a token's identity is hashed with, beside its type: kinds of one family share it.
    pub(crate) family: Cow<'static, str>,
    /// The most that `exp − iat` may be, in seconds; `None` where the kind has no such bound.
    pub(crate) max_lifetime: Option<i64>,
    /// The most that a caller may set for it.
    pub(crate) longest_lifetime: i64,
    /// The most that `now − iat` may be, in seconds, if the kind bounds it.
    pub(crate) max_token_age: Option<i64>,
    /// The most that a caller may set for it.
    pub(crate) longest_token_age: i64,
    /// A bound on the age takes the place of `exp`.
    pub(crate) age_replaces_exp: bool,
    /// The most that `iat − now` may be, in seconds, where it is not the leeway.
    pub(crate) max_ahead: Option<i64>,
    pub(crate) single_use: SingleUse,
    pub(crate) discriminator: Option<Discriminator>,
    /// A bound that was given with a fraction of a second.
    pub(crate) fraction_of: Option<&'static str>,
    pub(crate) has_disclosures: bool,
}

impl Kind {
    /// Whether a rule compares the class of the user's authentication with what the request demands.
    pub(crate) fn shows_class(&self) -> bool {
        self.permits_rule("claims.acr") || self.permits_rule("claims.token_introspection")
    }

    /// Whether a rule compares the time of the user's authentication with what the request demands.
    pub(crate) fn shows_recency(&self) -> bool {
        self.permits_rule("claims.auth_time") || self.permits_rule("claims.token_introspection")
    }

    /// The name of the kind, such as `access-token`. Those of [`ALL`](super::ALL) are unique.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The rules on claims, in their order.
    pub fn rules(&self) -> &[ClaimRule] {
        &self.rules
    }

    /// The explicit type of the kind; `None` for a kind that has none.
    pub fn typ(&self) -> Option<&MediaType> {
        match &self.typ {
            TypPolicy::Exactly(typ) | TypPolicy::UntypedOr(Some(typ)) => Some(typ),
            TypPolicy::UntypedOr(None) | TypPolicy::OneOf { .. } | TypPolicy::Waived => None,
        }
    }

    /// Whether a token without a type, or of type `JWT`, is acceptable as well.
    pub fn accepts_untyped(&self) -> bool {
        matches!(self.typ, TypPolicy::UntypedOr(_))
    }

    /// Whether a token may be used once only.
    pub fn is_single_use(&self) -> bool {
        self.single_use != SingleUse::No
    }

    /// Whether its tokens are SD-JWTs.
    pub fn has_disclosures(&self) -> bool {
        self.has_disclosures
    }

    /// A profile of the kind, for claims of type `C`: for programs that learn at run time which kind
    /// of token they appraise.
    ///
    /// ```
    /// use jwt_appraisal::kind::{self, AnyProfile};
    ///
    /// let named = |name: &str| kind::ALL.iter().map(|kind| kind()).find(|kind| kind.name() == name);
    /// let profile = named("id-token").expect("a kind of this crate").profile::<serde_json::Value>();
    /// assert!(matches!(profile, AnyProfile::Issued(_)));
    /// ```
    pub fn profile<C>(self) -> AnyProfile<C> {
        match self.signer {
            Signer::Issuer => AnyProfile::Issued(Profile::of(self)),
            Signer::Client(_) => AnyProfile::SignedByClient(Profile::of(self)),
            Signer::HeaderKey | Signer::ConfirmedKey => {
                AnyProfile::SignedByHolder(Profile::of(self))
            }
        }
    }

    /// Whether a claim must be present.
    pub(crate) fn requires(&self, claim: &str) -> bool {
        let required = |rule: &&ClaimRule| rule.presence() == Presence::Required;
        self.rules.iter().filter(required).any(|rule| rule.claim() == Some(claim))
    }

    /// Whether a claim must be absent.
    pub(crate) fn forbids(&self, claim: &str) -> bool {
        let forbidden = |rule: &&ClaimRule| rule.presence() == Presence::Forbidden;
        self.rules.iter().filter(forbidden).any(|rule| rule.claim() == Some(claim))
    }

    /// Changes whether a claim must be present. A claim that must be absent stays so, because no setting
    /// permits what the kind forbids.
    pub(crate) fn set_presence(&mut self, claim: &str, presence: Presence) {
        let rule = self.rules.iter_mut().find(|rule| rule.claim() == Some(claim));
        if let Some(rule) = rule.filter(|rule| rule.presence() != Presence::Forbidden) {
            rule.set_presence(presence);
        }
    }

    pub(crate) fn has_rule(&self, code: &str) -> bool {
        self.rules.iter().any(|rule| rule.code() == code)
    }
}

/// Builds a [`Kind`]. Every kind of this crate is made with it and with nothing else;
/// [the module](super) describes how to make one of your own.
///
/// ```
/// use jwt_appraisal::kind::KindBuilder;
/// use jwt_appraisal::rules;
/// use time::Duration;
///
/// let receipt = KindBuilder::issued("receipt")
///     .typ("receipt+jwt")
///     .max_lifetime(Duration::minutes(5))
///     .rules(rules::COMMON)
///     .rules([rules::SUB.forbidden().says("a receipt is about an order")]);
/// let profile = receipt.profile::<serde_json::Value>();
/// ```
#[derive(Clone, Debug)]
pub struct KindBuilder<T> {
    kind: Kind,
    any_lifetime: bool,
    tag: PhantomData<fn() -> T>,
}

impl KindBuilder<Issued> {
    /// A kind that an issuer signs; `iss` names it.
    pub fn issued(name: impl Into<Cow<'static, str>>) -> Self {
        Self::signed(name.into(), Signer::Issuer)
    }
}

impl KindBuilder<SignedByClient> {
    /// A kind that a client signs. The claim that names the client chooses whose keys verify it, so no
    /// client can sign in the name of another one.
    pub fn signed_by_client(name: impl Into<Cow<'static, str>>, claim: &'static str) -> Self {
        Self::signed(name.into(), Signer::Client(claim))
    }
}

impl KindBuilder<SignedByHolder> {
    /// A kind that is signed with the public key in its own header: a proof of possession. It has an
    /// audience only if it has a rule for one ([`rules::AUD`](crate::rules::AUD)); its validator is then
    /// given a name ([`for_audience`](crate::ValidatorBuilder::for_audience)).
    pub fn signed_with_header_key(name: impl Into<Cow<'static, str>>) -> Self {
        let mut builder = Self::signed(name.into(), Signer::HeaderKey);
        builder.kind.audience.rule = AudienceRule::None;
        builder
    }

    /// A kind of second token, which is signed with the key that the first token names in `cnf`.
    pub(crate) fn signed_with_confirmed_key(name: impl Into<Cow<'static, str>>) -> Self {
        let mut builder = Self::signed(name.into(), Signer::ConfirmedKey);
        builder.kind.audience.rule = AudienceRule::None;
        builder
    }
}

impl<T> KindBuilder<T> {
    fn signed(name: Cow<'static, str>, signer: Signer) -> Self {
        let kind = Kind {
            name,
            typ: TypPolicy::UntypedOr(None),
            signer,
            audience: AudiencePolicy::default(),
            rules: Vec::new(),
            family: Cow::Borrowed(""),
            max_lifetime: Some(DAY),
            longest_lifetime: DAY,
            max_token_age: None,
            longest_token_age: LONGEST_LIFETIME,
            age_replaces_exp: false,
            max_ahead: None,
            single_use: SingleUse::No,
            discriminator: None,
            fraction_of: None,
            has_disclosures: false,
        };
        Self { kind, any_lifetime: false, tag: PhantomData }
    }

    /// The explicit type of the kind. Without this call, a token has no type or the type `JWT`, which
    /// distinguishes nothing.
    ///
    /// [RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11)
    pub fn typ(mut self, typ: impl Into<MediaType>) -> Self {
        self.kind.typ = TypPolicy::Exactly(typ.into());
        self
    }

    /// As [`typ`](Self::typ), for a kind whose senders do not all send the type: a token without one,
    /// or of type `JWT`, is acceptable as well. Every other type is still rejected.
    pub fn typ_or_untyped(mut self, typ: impl Into<MediaType>) -> Self {
        self.kind.typ = TypPolicy::UntypedOr(Some(typ.into()));
        self
    }

    /// Adds rules. One with the code of an earlier rule replaces it.
    pub fn rules(mut self, rules: impl IntoIterator<Item = ClaimRule>) -> Self {
        for rule in rules {
            match self.kind.rules.iter_mut().find(|earlier| earlier.code() == rule.code()) {
                Some(earlier) => *earlier = rule,
                None => self.kind.rules.push(rule),
            }
        }
        self
    }

    /// The verifier is the only audience.
    pub fn sole_audience(mut self) -> Self {
        self.kind.audience.rule = AudienceRule::SolelyOneOfMine;
        self
    }

    /// Audiences beside the verifier's own names are rejected, unless the caller trusts them
    /// ([`Profile::trust_audience`]).
    pub fn trusted_audiences_only(mut self) -> Self {
        self.kind.audience.extra = ExtraAudiences::Trusted(Vec::new());
        self
    }

    /// Audiences are URIs of resources, compared in canonical form.
    ///
    /// [RFC 8707 §2](https://www.rfc-editor.org/rfc/rfc8707#section-2)
    pub fn resource_audience(mut self) -> Self {
        self.kind.audience.is_resource = true;
        self
    }

    /// A token with a MAC has a single audience, because a secret is shared with one audience.
    ///
    /// [OpenID Connect Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation)
    pub fn mac_for_one_audience(mut self) -> Self {
        self.kind.audience.mac_for_one_audience = true;
        self
    }

    /// The greatest distance between `iat` and `exp`; without `iat`, between now and `exp`. It is also
    /// the most that a caller may set. Default 24 hours. Checked by
    /// [`rules::LIFETIME`](crate::rules::LIFETIME).
    pub fn max_lifetime(mut self, lifetime: Duration) -> Self {
        let seconds = self.seconds("max_lifetime", lifetime);
        self.kind.max_lifetime = Some(seconds);
        if !self.any_lifetime {
            self.kind.longest_lifetime = seconds;
        }
        self
    }

    /// The greatest distance between `iat` and now, and the most that a caller may set. `iat` is then
    /// required. No default. Checked by [`rules::AGE`](crate::rules::AGE).
    pub fn max_token_age(mut self, default: Duration, most: Duration) -> Self {
        self.kind.max_token_age = Some(self.seconds("max_token_age", default));
        self.kind.longest_token_age = self.seconds("max_token_age", most);
        self
    }

    /// A caller's bound on the age takes the place of `exp`, which is optional then.
    pub fn age_replaces_exp(mut self) -> Self {
        self.kind.age_replaces_exp = true;
        self
    }

    /// The caller may permit any lifetime up to ten years, whatever the default is.
    pub fn any_lifetime(mut self) -> Self {
        self.any_lifetime = true;
        self.kind.longest_lifetime = LONGEST_LIFETIME;
        self
    }

    /// How far `iat` may lie in the future, at most 60 s. It replaces the leeway, which then does not
    /// lengthen the age either. Checked by [`rules::IAT`](crate::rules::IAT).
    pub fn max_ahead(mut self, ahead: Duration) -> Self {
        self.kind.max_ahead = Some(self.seconds("max_ahead", ahead));
        self
    }

    /// A token is accepted once. Its `jti` is then required.
    pub fn single_use(mut self) -> Self {
        self.kind.single_use = SingleUse::Guarded;
        self
    }

    /// The family that the identity of a single-use token belongs to. Kinds of one family and type
    /// recognise each other's tokens as used.
    pub fn family(mut self, family: impl Into<Cow<'static, str>>) -> Self {
        self.kind.family = family.into();
        self
    }

    /// The claim that distinguishes the kind where its type does not, and its value, if one is
    /// demanded. Checked by [`rules::DISCRIMINATOR`](crate::rules::DISCRIMINATOR).
    pub fn discriminator(mut self, claim: impl Into<Arc<str>>, value: Option<&str>) -> Self {
        let value = value.map(Arc::from);
        self.kind.discriminator = Some(Discriminator { claim: claim.into(), value });
        self
    }

    /// Returns the whole seconds of a bound, and remembers if that is not all of it.
    fn seconds(&mut self, setting: &'static str, bound: Duration) -> i64 {
        if bound.subsec_nanoseconds() != 0 {
            self.kind.fraction_of.get_or_insert(setting);
        }
        bound.whole_seconds()
    }

    /// A token is an SD-JWT: the issuer's JWT is followed by `~` and disclosures, each with a `~` behind
    /// it. Claims that the holder discloses stand where the issuer signed their digests; rules and the
    /// claims type see no difference. Claims that the holder keeps back are absent, so a claim that must
    /// not be kept back needs a rule that requires it.
    ///
    /// Without this call a token with disclosures is rejected, and with it a token without any `~`. A
    /// key-binding JWT is demanded by [`ValidatorBuilder::key_binding`](crate::ValidatorBuilder::key_binding)
    /// and rejected otherwise.
    ///
    /// [RFC 9901](https://www.rfc-editor.org/rfc/rfc9901)
    ///
    /// ```
    /// use jwt_appraisal::kind::KindBuilder;
    /// use jwt_appraisal::rules;
    ///
    /// let credential = KindBuilder::issued("membership")
    ///     .typ("membership+sd-jwt")
    ///     .with_disclosures()
    ///     .rules(rules::COMMON)
    ///     .build();
    /// assert!(credential.has_disclosures());
    /// ```
    pub fn with_disclosures(mut self) -> Self {
        self.kind.has_disclosures = true;
        self
    }

    pub(crate) fn without_typ(mut self) -> Self {
        self.kind.typ = TypPolicy::Waived;
        self
    }

    /// The kind, without its tag.
    pub fn build(self) -> Kind {
        self.kind
    }

    /// A profile of the kind, for claims of type `C`.
    pub fn profile<C>(self) -> Profile<C, T> {
        Profile::of(self.kind)
    }
}
