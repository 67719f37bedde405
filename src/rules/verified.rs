//! Claims whose signature was verified: the only claims that rules ever see.

use serde::de::DeserializeOwned;

use crate::check::{Failure, Found, Reason, ReasonKind, fail};
use crate::crypto::VerifiedDocument;
use crate::json::Value;

/// A claims set that was verified and read, and is not checked yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VerifiedClaims<'d>(Value<'d>);

impl<'d> VerifiedClaims<'d> {
    /// The claims of a verified payload. From here on nothing changes them.
    pub(crate) fn of(payload: VerifiedDocument<'d, '_>) -> Self {
        Self(payload.into_root())
    }

    /// The claims set as a value.
    pub(crate) fn root(self) -> Value<'d> {
        self.0
    }

    pub(crate) fn get(self, name: &str) -> Option<Value<'d>> {
        self.0.get(name)
    }

    /// The claim of this name, whose hash is known.
    #[inline]
    pub(crate) fn find(self, name: &str, hash: u32) -> Option<Value<'d>> {
        self.0.find(name, hash)
    }

    /// Deserializes the claims into the caller's type.
    pub(crate) fn deserialize<C: DeserializeOwned>(self) -> Result<C, Reason> {
        self.0.read_into().map_err(|error| {
            let words = error.to_string().into_boxed_str();
            Reason::new(ReasonKind::Deserialize, Found::Words(words))
        })
    }
}

/// Fails because a value has the wrong JSON type.
pub(super) fn wrong_type<F: Failure>(value: Value<'_>) -> F {
    fail(ReasonKind::WrongType, Found::Kind(value.kind()))
}
