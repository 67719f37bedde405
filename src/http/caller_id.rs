//! The name under which a caller owns something: a session, or room in a replay guard.

use crate::appraisal::Accepted;

/// The caller by the issuer and the subject, or the client where the token has no subject. Each part
/// follows its length, so that no two names differ only by where one part ends. `None` for a token that
/// names neither.
pub(super) fn caller_id<C>(caller: &Accepted<C>) -> Option<String> {
    let (kind, name) = match (caller.subject(), caller.client_id()) {
        (Some(subject), _) => ("sub", subject),
        (None, Some(client)) => ("client", client),
        (None, None) => return None,
    };
    let issuer = caller.issuer().as_str();
    Some(format!("{kind}:{}:{issuer}{}:{name}", issuer.len(), name.len()))
}
