//! The kinds of tokens as data, one file per kind.
//!
//! A [`Kind`] is a list of [rules](crate::rules) with a few settings, and [`ALL`] lists the kinds of this
//! crate. [`KindBuilder`] makes a kind of your own, with everything that the kinds of this crate use.

mod builder;
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
pub(crate) use profile::Settings;

/// Declares the kinds: a file each, whose claims types are public and whose functions make the kinds.
macro_rules! kinds {
    ($($module:ident: [$($kind:ident)+] $($claims:ident)*;)+) => {
        $(mod $module;)+

        /// The claims types of the kinds.
        pub mod claims {
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
