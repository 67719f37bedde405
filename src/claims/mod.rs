//! Stage 5, CHECK: [`Verified`](crate::crypto::Verified) → checked claims.
//!
//! This module can not see an unverified token.

mod context;
mod oauth;
mod registered;
mod replicated;
mod rules;
mod string_or_uri;
mod time;
mod verified;

pub use rules::RuleContext;

pub(crate) use context::Context;
pub(crate) use registered::check_required;
pub(crate) use replicated::{REPLICATED, check_replicated};
pub(crate) use rules::{Rule, check_rule};
pub(crate) use string_or_uri::is_string_or_uri;
pub(crate) use verified::{PayloadBuffer, VerifiedClaims, check_shape};

use crate::check::{Finding, Row};

/// One rule on claims.
pub(crate) type Check = fn(VerifiedClaims<'_>, &Context<'_>) -> Finding;

/// The rules on claims by their rows; a kind of token plans the rows that it has.
const CHECKS: &[(Row, Check)] = &[
    (Row::ClaimsIss, registered::check_iss),
    (Row::ClaimsAud, registered::check_aud),
    (Row::ClaimsExp, time::check_exp),
    (Row::ClaimsNbf, time::check_nbf),
    (Row::ClaimsIat, time::check_iat),
    (Row::TimeLifetime, time::check_lifetime),
    (Row::TimeAge, time::check_age),
    (Row::ClaimsSub, registered::check_sub),
    (Row::ClaimsJti, registered::check_jti),
    (Row::ClaimsCnf, oauth::check_cnf),
    (Row::ClaimsAct, oauth::check_act),
    (Row::ClaimsClientId, oauth::check_client_id),
    (Row::ClaimsScope, oauth::check_scope),
    (Row::ClaimsAuthTime, oauth::check_auth_time),
    (Row::ClaimsAcr, oauth::check_acr),
    (Row::ClaimsAmr, oauth::check_amr),
    (Row::ClaimsAuthorizationDetails, oauth::check_authorization_details),
];

/// The rule of a row, if the row is about claims.
pub(crate) fn check_of(row: Row) -> Option<Check> {
    CHECKS.iter().find(|(of, _)| *of == row).map(|(_, check)| *check)
}
