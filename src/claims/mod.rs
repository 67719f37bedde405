//! Stage 5, CHECK: [`Verified`](crate::crypto::Verified) → checked claims.
//!
//! This module can not see an unverified token.

mod oauth;
mod registered;
mod replicated;
mod rules;
mod string_or_uri;
mod time;
mod verified;

pub use rules::RuleContext;

pub(crate) use oauth::{
    check_acr, check_act, check_amr, check_auth_time, check_authorization_details, check_client_id,
    check_cnf, check_scope,
};
pub(crate) use registered::{check_aud, check_iss, check_jti, check_required, check_sub};
pub(crate) use replicated::{REPLICATED, check_replicated};
pub(crate) use rules::{Rule, check_rule};
pub(crate) use string_or_uri::is_string_or_uri;
pub(crate) use time::{check_age, check_exp, check_iat, check_lifetime, check_nbf};
pub(crate) use verified::{PayloadBuffer, VerifiedClaims, check_shape};
