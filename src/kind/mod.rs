//! Kinds of tokens as data, one file per kind.
//!
//! # What a kind is
//!
//! A [`Kind`] answers seven questions about a token:
//!
//! | question | set by | default |
//! |---|---|---|
//! | Which `typ` does its header have? | [`typ`](KindBuilder::typ), [`typ_or_untyped`](KindBuilder::typ_or_untyped) | none or `JWT` |
//! | Who signs it? | [`issued`](KindBuilder::issued), [`signed_by_client`](KindBuilder::signed_by_client), [`signed_with_header_key`](KindBuilder::signed_with_header_key) | |
//! | Whom is it for? | [`sole_audience`](KindBuilder::sole_audience), [`trusted_audiences_only`](KindBuilder::trusted_audiences_only), [`resource_audience`](KindBuilder::resource_audience) | `aud` contains the verifier |
//! | How long is it valid? | [`max_lifetime`](KindBuilder::max_lifetime), [`max_token_age`](KindBuilder::max_token_age) | 24 hours |
//! | How often may it be used? | [`single_use`](KindBuilder::single_use) | until it expires |
//! | May its holder keep claims back? | [`with_disclosures`](KindBuilder::with_disclosures) | no |
//! | What must its claims be? | [`rules`](KindBuilder::rules) | |
//!
//! [`ALL`] lists the kinds of this crate. A [`Profile`] is a kind with what one caller requires beyond it
//! and the Rust type of the claims; a validator is built from a profile.
//!
//! # A kind of your own
//!
//! [`KindBuilder`] makes a kind in any crate, with everything that the kinds of this crate use. Begin with
//! [`rules::COMMON`](crate::rules::COMMON), then replace or add what is different: a rule replaces an
//! earlier one that has the same code.
//!
//! ```
//! use jwt_appraisal::kind::{KindBuilder, tag::SignedByClient};
//! use jwt_appraisal::rules;
//! # use jwt_appraisal::testing::TestIssuer;
//! use jwt_appraisal::{JwkSet, KeyStore, Profile, SignatureAlgorithm, TrustedIssuer, Validator};
//! use time::Duration;
//!
//! #[derive(serde::Deserialize)]
//! struct WorkOrder {
//!     sub: String,
//! }
//!
//! /// A work order, which a client signs for one service.
//! fn work_order() -> Profile<WorkOrder, SignedByClient> {
//!     KindBuilder::signed_by_client("work-order", "client_id")
//!         .typ("work-order+jwt")
//!         .sole_audience()
//!         .max_lifetime(Duration::minutes(10))
//!         .rules(rules::COMMON)
//!         .rules([
//!             rules::ISS.forbidden().says("the client signs"),
//!             rules::SUB.required(),
//!             rules::CLIENT_ID_OF_SIGNER.required(),
//!             rules::NONCE.forbidden().says("an ID token has one"),
//!         ])
//!         .profile()
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let client = TestIssuer::new("client-7");
//! # let jwks = client.jwks();
//! let keys = KeyStore::new([SignatureAlgorithm::Es256], JwkSet::from_json(&jwks)?)?;
//! let validator = Validator::builder(work_order())
//!     .client(TrustedIssuer::new("client-7", keys))
//!     .audience("https://orders.example.com")
//!     .build()?;
//!
//! # let draft = client.token("work-order+jwt").without("iss").claim("client_id", "client-7");
//! # let draft = draft.claim("aud", "https://orders.example.com").claim("sub", "user-1");
//! # let (token, with_nonce) = (draft.sign(), draft.claim("nonce", "n-1").sign());
//! let accepted = validator.appraise(&token).into_result()?;
//! assert_eq!(accepted.claims().sub, "user-1");
//! assert_eq!(accepted.client_id(), Some("client-7"));
//!
//! let refused = validator.appraise(&with_nonce).into_result().unwrap_err();
//! assert_eq!(refused.to_string(), "rejected: claims.nonce: must be absent");
//! # Ok(())
//! # }
//! ```
//!
//! Give the kind an explicit type, and forbid a claim that only other kinds of the same issuer have:
//! the rules of two kinds must be mutually exclusive, so that no token passes for both
//! ([RFC 8725 §3.12](https://www.rfc-editor.org/rfc/rfc8725#section-3.12)).
//!
//! # What does not build
//!
//! `build()` of a validator checks the kind, because a forgotten rule is not visible in any report:
//!
//! - Every kind has the rules on `exp`, `nbf` and `cnf`, and one that has an audience has the rule on
//!   `aud`. To forbid such a claim, other than `aud`, is enough.
//! - Each setting has the rule that checks it, such as
//!   [`rules::AGE`](crate::rules::AGE) for [`max_token_age`](KindBuilder::max_token_age).
//! - The kind has a name and, if it is typed, a type that no kind of this crate has.
//! - A rule of your own has a code with a prefix of its own.
//!
//! ```
//! # use jwt_appraisal::testing::TestIssuer;
//! # use jwt_appraisal::{JwkSet, KeyStore, SignatureAlgorithm, TrustedIssuer};
//! use jwt_appraisal::kind::KindBuilder;
//! use jwt_appraisal::{ConfigError, Validator, rules};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let keys = JwkSet::from_json(TestIssuer::new("https://as.example.com").jwks())?;
//! # let keys = KeyStore::new([SignatureAlgorithm::Es256], keys)?;
//! # let issuer = TrustedIssuer::new("https://as.example.com", keys);
//! let careless = KindBuilder::issued("receipt").typ("receipt+jwt").rules([rules::ISS, rules::AUD]);
//! let built = Validator::builder(careless.profile::<serde_json::Value>())
//!     .issuer(issuer)
//!     .audience("https://api.example.com")
//!     .build();
//! assert!(matches!(built, Err(ConfigError::MissingRule { code: "claims.exp", .. })));
//! # Ok(())
//! # }
//! ```
//!
//! # A kind of this crate
//!
//! A new kind is one file in `src/kind` and one line in the macro `kinds` of this module. The file has the
//! function that returns the `KindBuilder`, the constructor of [`Profile`] and the claims type. The
//! table in the documentation of the constructor is generated from the rules; run the suite `kinds` with
//! `UPDATE_DOCUMENTATION=1` and `UPDATE_SNAPSHOTS=1`.

mod builder;
mod key_binding;
mod profile;
mod sound;
pub mod tag;
mod values;

pub use builder::{Kind, KindBuilder};
pub use profile::{AnyProfile, Profile};
pub use values::{
    Actor, ActorsIter, Audiences, AudiencesIter, AuthorizationDetail, Scopes, ScopesIter,
};

pub(crate) use custom::untyped;
pub(crate) use dpop_proof::DPOP_PROOF;
pub(crate) use key_binding::KEY_BINDING;
pub(crate) use profile::Settings;

/// Every kind of this crate: those that a validator can accept alone, and the one that cannot.
pub(crate) fn shipped() -> impl Iterator<Item = Kind> {
    ALL.iter().map(|kind| kind()).chain([key_binding::key_binding().build()])
}

/// Declares the kinds: a file each, whose claims types are public and whose functions make the kinds.
macro_rules! kinds {
    ($($module:ident: [$($kind:ident)+] $($claims:ident)*;)+) => {
        $(mod $module;)+

        /// The claims types of the kinds.
        pub mod claims {
            pub use crate::kind::key_binding::KeyBindingClaims;
            $($(pub use super::$module::$claims;)*)+
        }

        /// Every kind of token of this crate, in the order of the documentation.
        ///
        /// ```
        /// use jwt_appraisal::kind;
        ///
        /// for kind in kind::ALL.iter().map(|kind| kind()) {
        ///     println!("{} has {} rules", kind.name(), kind.rules().len());
        /// }
        /// ```
        pub const ALL: &[fn() -> Kind] = &[$($(|| $module::$kind().build(),)+)+];
    };
}

kinds! {
    access_token: [access_token] AccessTokenClaims;
    access_token_legacy: [access_token_legacy] LegacyAccessTokenClaims;
    mcp_access_token: [mcp_access_token];
    id_token: [id_token] IdTokenClaims;
    client_assertion: [client_assertion] ClientAssertionClaims;
    jwt_bearer_grant: [jwt_bearer_grant] JwtBearerGrantClaims;
    id_jag: [id_jag] IdJagClaims;
    request_object: [request_object request_object_legacy] RequestObjectClaims;
    jarm_response: [jarm_response] JarmResponseClaims;
    introspection_response: [introspection_response] IntrospectionResponseClaims TokenIntrospection;
    logout_token: [logout_token logout_token_legacy] LogoutTokenClaims;
    security_event: [security_event shared_signal security_event_legacy] SecurityEventClaims;
    dpop_proof: [dpop_proof] DpopProofClaims;
    custom: [custom];
}
