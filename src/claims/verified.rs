//! Claims whose signature was verified: the only claims that checks see.

use serde::de::DeserializeOwned;

use crate::check::{Finding, Found, PASS, Reason, ReasonKind, fail};
use crate::crypto::VerifiedDocument;
use crate::json::{JsonKind, Member, Value};

/// A claims set that was verified and read, and is not checked yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VerifiedClaims<'d>(Value<'d>);

impl<'d> VerifiedClaims<'d> {
    /// The claims of a verified payload. From here on nothing changes them.
    pub(crate) fn of(payload: VerifiedDocument<'d, '_>) -> Self {
        Self(payload.into_root())
    }

    /// The claims of another token inside a claim.
    pub(super) fn inside(inner: Value<'d>) -> Self {
        Self(inner)
    }

    /// Returns whether no claim has a name with this hash, so that none has the name.
    pub(crate) fn lacks(self, hash: u32) -> bool {
        self.0.lacks(hash)
    }

    pub(crate) fn get(self, name: &str) -> Option<Value<'d>> {
        self.0.get(name)
    }

    pub(crate) fn string(self, name: &str) -> Member<&'d str> {
        self.0.string(name)
    }
}

/// Deserializes the claims into the caller's type and stores them in `typed`.
pub(crate) fn check_shape<C: DeserializeOwned>(
    claims: VerifiedClaims<'_>,
    typed: &mut Option<C>,
) -> Finding {
    match claims.0.read_into() {
        Ok(read) => {
            *typed = Some(read);
            PASS
        }
        Err(error) => {
            let words = error.to_string().into_boxed_str();
            fail(ReasonKind::Deserialize, Found::Words(words))
        }
    }
}

/// The finding for an absent claim.
pub(super) fn absent(required: bool) -> Finding {
    if required { fail(ReasonKind::Missing, Found::Nothing) } else { crate::check::ABSENT }
}

pub(super) fn wrong_type<T>(kind: JsonKind) -> Result<T, Reason> {
    fail(ReasonKind::WrongType, Found::Kind(kind))
}
