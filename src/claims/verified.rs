//! Claims whose signature was verified: the only claims that checks ever see.

use serde::de::DeserializeOwned;

use crate::base64url;
use crate::check::{Finding, Found, PASS, Reason, ReasonKind, fail};
use crate::crypto::Verified;
use crate::json::{Bounds, Document, JsonKind, Member, Value};
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

    /// Claims of another token inside of a claim.
    pub(super) fn inside(inner: Value<'d>) -> Self {
        Self(inner)
    }

    /// Whether no claim has a name with this hash; if so, none has the name.
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

/// The claims fit the caller's type; they are put into `typed`.
pub(crate) fn deserialize<C: DeserializeOwned>(
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

/// What is said of a claim that is not there.
pub(super) fn absent(required: bool) -> Finding {
    if required { fail(ReasonKind::Missing, Found::Nothing) } else { crate::check::ABSENT }
}

pub(super) fn wrong_type<T>(kind: JsonKind) -> Result<T, Reason> {
    fail(ReasonKind::WrongType, Found::Kind(kind))
}
