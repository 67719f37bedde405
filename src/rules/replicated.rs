//! Claims that the header of an encrypted token replicates.

use crate::check::{Found, Reason, ReasonKind, fail};
use crate::json::Value;

/// The claims that a header may replicate.
pub(crate) const REPLICATED: &[&str] = &["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// A claim in the header of the JWE is the verified one.
///
/// <https://www.rfc-editor.org/rfc/rfc7519#section-5.3>
pub(crate) fn check_replicated(claim: Option<Value<'_>>, replica: Value<'_>) -> Result<(), Reason> {
    match claim {
        Some(claim) if claim.is_same(replica) => Ok(()),
        _ => fail(ReasonKind::Replicated, Found::Nothing),
    }
}
