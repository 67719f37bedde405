//! placeholder
#![cfg_attr(docsrs, feature(doc_cfg))]

mod alg;
mod appraisal;
mod base64url;
mod check;
mod claims;
pub mod crypto;
pub mod danger;
mod error;
mod header_policy;
mod json;
mod keys;
mod limits;
mod names;
mod policy;
mod profile;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
mod token;
mod validator;

pub use alg::{MacAlgorithm, SignatureAlgorithm, UnknownAlgorithm};
pub use appraisal::{Accepted, Appraisal, Check, Checks, Refused, Report, Verdict};
pub use check::{CheckId, Outcome, Reason, ReasonKind};
pub use claims::RuleContext;
pub use error::{ConfigError, KeyError, KeyFault, KeyProblem};
pub use json::JsonKind;
pub use keys::{
    IssuerSource, Jwk, JwkSet, KeyReport, KeyStore, SharedSecret, Thumbprint, TrustedIssuer,
};
pub use limits::Limits;
pub use names::{Audience, Issuer, KeyId, MediaType, Scope, UntrustedStr};
pub use profile::{
    AccessTokenClaims, Actor, Audiences, AuthorizationDetail, Issued, IssuedWithoutAudience,
    Profile, Scopes,
};
pub use time::{Clock, FixedClock, SystemClock};
pub use validator::{AfterIssuer, Ready, Validator, ValidatorBuilder, WantsAudience, WantsIssuer};
