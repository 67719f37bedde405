//! The JOSE header: a strict JSON object, its members as found.

use crate::base64url;
use crate::check::{Found, Reason, ReasonKind, fail};
use crate::json::{Bounds, Document, JsonError, JsonKind, Member, Value};
use crate::limits::Limits;

/// Room for the decoded header, on the stack.
pub(crate) struct HeaderBuffer(base64url::Buffer<256, { Limits::MAX_HEADER_BYTES / 4 * 3 }>);

impl HeaderBuffer {
    pub(crate) fn new() -> Self {
        Self(base64url::Buffer::new())
    }

    /// Decodes the header segment.
    pub(crate) fn decode(&mut self, segment: &str, most: usize) -> Result<&[u8], Reason> {
        let found = segment.len();
        if found > most {
            return fail(ReasonKind::TooLong, Found::Count { found, most });
        }
        self.0.decode(segment).map_err(|_| ReasonKind::NotBase64url.into())
    }
}

/// A header of a token that was not verified.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JoseHeader<'d>(Value<'d>);

impl<'d> JoseHeader<'d> {
    /// A header has at most so many values; an embedded key and a certificate chain fit.
    const VALUES: usize = 64;

    /// Reads a header, "a completely valid JSON object".
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7515#section-5.2>
    pub(crate) fn parse<'t>(
        bytes: &'t [u8],
        document: &'d mut Document<'t>,
        limits: &Limits,
    ) -> Result<Self, Reason> {
        let bounds = Bounds { values: Self::VALUES, ..Bounds::of(limits) };
        document.read(bytes, bounds)?;
        let root = document.root();
        if root.kind() != JsonKind::Object {
            return fail(ReasonKind::NotAnObject, Found::Kind(root.kind()));
        }
        Ok(Self(root))
    }

    pub(crate) fn alg(self) -> Member<&'d str> {
        self.0.string("alg")
    }

    pub(crate) fn enc(self) -> Member<&'d str> {
        self.0.string("enc")
    }

    pub(crate) fn zip(self) -> Member<&'d str> {
        self.0.string("zip")
    }

    pub(crate) fn typ(self) -> Member<&'d str> {
        self.0.string("typ")
    }

    pub(crate) fn cty(self) -> Member<&'d str> {
        self.0.string("cty")
    }

    pub(crate) fn kid(self) -> Member<&'d str> {
        self.0.string("kid")
    }

    /// Every member, in the order of the header.
    pub(crate) fn members(self) -> impl Iterator<Item = (&'d str, Value<'d>)> {
        self.0.members()
    }

    /// The member `name`, whatever its type.
    #[inline(always)]
    pub(crate) fn get(self, name: &str) -> Option<Value<'d>> {
        self.0.get(name)
    }
}

impl From<JsonError> for Reason {
    fn from(error: JsonError) -> Self {
        let kind = match error {
            JsonError::NotUtf8 => ReasonKind::NotUtf8,
            JsonError::Syntax => ReasonKind::NotJson,
            JsonError::DuplicateName => ReasonKind::DuplicateName,
            JsonError::TooDeep => ReasonKind::TooDeep,
            JsonError::TooManyValues | JsonError::TooManyMembers => ReasonKind::TooMany,
            JsonError::NumberRange => ReasonKind::NumberRange,
            JsonError::ReservedName => ReasonKind::ReservedName,
        };
        kind.into()
    }
}
