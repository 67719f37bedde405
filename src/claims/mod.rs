//! Stage 5, CHECK: [`Verified`](crate::crypto::Verified) → checked claims.
//!
//! This module can not see an unverified token.

mod audience;
mod context;
mod delegation;
mod events;
mod oauth;
mod oidc;
mod possession;
mod registered;
mod replay;
mod replicated;
mod rules;
mod string_or_uri;
mod time;
mod uri;
mod verified;

pub use rules::RuleContext;

pub(crate) use context::Context;
pub(crate) use registered::{check_forbidden, check_matching, check_required};
pub(crate) use replay::check_replay;
pub(crate) use replicated::{REPLICATED, check_replicated};
pub(crate) use rules::{Rule, check_rule};
pub(crate) use string_or_uri::is_string_or_uri;
pub(crate) use uri::is_resource;
pub(crate) use verified::{VerifiedClaims, check_shape};

use crate::check::{Finding, Row};

/// One rule on claims.
pub(crate) type Check = fn(VerifiedClaims<'_>, &Context<'_>) -> Finding;

/// The rules on claims by their rows; a kind of token plans the rows that it has.
const CHECKS: &[(Row, Check)] = &[
    (Row::ClaimsIss, registered::check_iss),
    (Row::ClaimsAud, audience::check_aud),
    (Row::ClaimsExp, time::check_exp),
    (Row::ClaimsNbf, time::check_nbf),
    (Row::ClaimsIat, time::check_iat),
    (Row::TimeLifetime, time::check_lifetime),
    (Row::TimeAge, time::check_age),
    (Row::ClaimsSub, registered::check_sub),
    (Row::ClaimsJti, registered::check_jti),
    (Row::ClaimsCnf, possession::check_cnf),
    (Row::ClaimsAct, delegation::check_act),
    (Row::ClaimsClientId, oauth::check_client_id),
    (Row::ClaimsScope, oauth::check_scope),
    (Row::ClaimsAuthTime, oauth::check_auth_time),
    (Row::ClaimsAcr, oauth::check_acr),
    (Row::ClaimsAmr, oauth::check_amr),
    (Row::ClaimsAuthorizationDetails, oauth::check_authorization_details),
    (Row::ClaimsMayAct, delegation::check_may_act),
    (Row::ClaimsGroups, oauth::check_groups),
    (Row::ClaimsRoles, oauth::check_roles),
    (Row::ClaimsEntitlements, oauth::check_entitlements),
    (Row::ClaimsResource, oauth::check_resource),
    (Row::ClaimsAzp, oidc::check_azp),
    (Row::ClaimsNonce, oidc::check_nonce),
    (Row::ClaimsAtHash, oidc::check_at_hash),
    (Row::ClaimsCHash, oidc::check_c_hash),
    (Row::ClaimsSHash, oidc::check_s_hash),
    (Row::ClaimsState, oidc::check_state),
    (Row::RequestParameters, oauth::check_parameters),
    (Row::ClaimsEvents, events::check_events),
    (Row::ClaimsSid, events::check_sid),
    (Row::ClaimsSubId, events::check_sub_id),
    (Row::ClaimsToe, events::check_toe),
    (Row::ClaimsTxn, events::check_txn),
    (Row::ClaimsTokenIntrospection, events::check_token_introspection),
    (Row::ClaimsHtm, possession::check_htm),
    (Row::ClaimsHtu, possession::check_htu),
    (Row::ClaimsAth, possession::check_ath),
    (Row::BindingKey, possession::check_binding),
    (Row::ActorAllowed, delegation::check_actor_allowed),
    (Row::KindMarker, registered::check_marker),
];

/// The rule of a row, if the row is about claims.
pub(crate) fn check_of(row: Row) -> Option<Check> {
    CHECKS.iter().find(|(of, _)| *of == row).map(|(_, check)| *check)
}

/// Claims that may be absent unless they are required, whatever is known of the request.
pub(crate) const OPTIONAL: &[Row] = &[
    Row::ClaimsNbf,
    Row::ClaimsAct,
    Row::ClaimsAmr,
    Row::ClaimsAuthorizationDetails,
    Row::ClaimsMayAct,
    Row::ClaimsGroups,
    Row::ClaimsRoles,
    Row::ClaimsEntitlements,
];
