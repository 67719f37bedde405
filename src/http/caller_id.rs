//! Whose something is: the caller by issuer and subject.

use crate::appraisal::Accepted;
use crate::authorization::AuthorizationClaims;

/// The caller, each part after its length, so that no two differ by where one ends. Without a subject it is
/// nobody's.
pub(super) fn caller_id<C: AuthorizationClaims>(caller: &Accepted<C>) -> Option<String> {
    let (issuer, sub) = (caller.issuer().as_str(), caller.claims().sub()?);
    Some(format!("{}:{issuer}{}:{sub}", issuer.len(), sub.len()))
}
