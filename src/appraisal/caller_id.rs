//! The name under which a caller owns something: a session, or room in a replay guard.

use super::facts::Part;
use super::record::VerifiedFacts;

impl VerifiedFacts<'_> {
    /// The caller by the issuer and the subject, or the client if the token has no subject. Each part
    /// follows its length, so that no two names differ only by where one part ends. `None` for a token that
    /// names neither.
    pub(crate) fn caller_id(self) -> Option<String> {
        let subject = self.facts.get(Part::Subject).map(|subject| ("sub", subject));
        let client = || self.facts.get(Part::ClientId).map(|client| ("client", client));
        let (kind, name) = subject.or_else(client)?;
        let issuer = self.signed.party.as_str();
        Some(format!("{kind}:{}:{issuer}{}:{name}", issuer.len(), name.len()))
    }
}
