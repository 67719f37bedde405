//! Claims that the header of an encrypted token replicates.

use super::verified::VerifiedClaims;
use crate::check::{Finding, Found, PASS, ReasonKind, Row, fail};
use crate::json::Value;

/// The claims that a header may replicate, and the checks that they belong to.
pub(crate) const REPLICATED: &[(Row, &str)] = &[
    (Row::ClaimsIss, "iss"),
    (Row::ClaimsSub, "sub"),
    (Row::ClaimsAud, "aud"),
    (Row::ClaimsExp, "exp"),
    (Row::ClaimsNbf, "nbf"),
    (Row::ClaimsIat, "iat"),
    (Row::ClaimsJti, "jti"),
];

/// A claim that stands in the header of the JWE is the verified one.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-5.3>
pub(crate) fn check_replicated(
    claims: VerifiedClaims<'_>,
    name: &str,
    replica: Option<Value<'_>>,
) -> Finding {
    let Some(replica) = replica else {
        return PASS;
    };
    match claims.get(name) {
        Some(claim) if claim.is_same(replica) => PASS,
        _ => fail(ReasonKind::Replicated, Found::Nothing),
    }
}
