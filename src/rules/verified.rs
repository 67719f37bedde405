//! Claims whose signature was verified: the only claims that checks ever see.

use serde::de::DeserializeOwned;

use crate::base64url;
use crate::check::{Failure, Found, Reason, ReasonKind, fail};
use crate::crypto::Verified;
use crate::json::{Bounds, Document, JsonKind, Value};
use crate::limits::Limits;

/// A claims set, verified and read, not yet checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VerifiedClaims<'d>(Value<'d>);

/// The octets of a verified payload.
#[derive(Clone, Copy)]
pub(crate) struct VerifiedOctets<'t>(&'t [u8]);

/// Room for a decoded payload: an ordinary one on the stack.
pub(crate) struct PayloadBuffer(base64url::Buffer<1024, { 4 * 1024 }>);

impl PayloadBuffer {
    pub(crate) fn new() -> Self {
        Self(base64url::Buffer::new())
    }

    /// Decodes a verified payload.
    pub(crate) fn decode(&mut self, verified: &Verified<'_>) -> Result<VerifiedOctets<'_>, Reason> {
        let octets = self.0.decode(verified.payload());
        octets.map(VerifiedOctets).map_err(|_| ReasonKind::NotBase64url.into())
    }
}

impl<'d> VerifiedClaims<'d> {
    /// Reads the claims: strict JSON, an object.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7519#section-7.2>
    pub(crate) fn read<'t>(
        octets: VerifiedOctets<'t>,
        document: &'d mut Document<'t>,
        limits: &Limits,
    ) -> Result<Self, Reason> {
        let bounds = Bounds {
            depth: limits.json_depth,
            values: limits.json_values,
            members: limits.object_members,
            lenient_keys: false,
        };
        document.read(octets.0, bounds)?;
        let root = document.root();
        if root.kind() != JsonKind::Object {
            return fail(ReasonKind::NotAnObject, Found::Kind(root.kind()));
        }
        Ok(Self(root))
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
