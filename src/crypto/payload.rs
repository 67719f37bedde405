//! The payload of a token: decoded and read once, before or after its signature is verified.
//!
//! If there are several issuers, the payload must be read before the signature is verified, because it
//! names the one whose keys apply. What was read then becomes a [`VerifiedDocument`] only with the proof
//! that the signature covers the same payload.
//!
//! Before the signature is verified, nothing is allocated. So a payload that needs memory, because it has
//! many values or escapes, is only searched for the one name then, and read after the signature.

use std::borrow::Cow;

use super::Verified;
use crate::base64url;
use crate::check::{Found, Reason, ReasonKind, fail};
use crate::json::{Bounds, Document, Grafts, JsonKind, Member, Skimmer, Value, Verification};
use crate::limits::Limits;

/// Space for a decoded payload. The whole payload of a token within the default limits fits on the
/// stack, and only as much as a payload needs is cleared.
pub(crate) struct PayloadBuffer {
    ordinary: base64url::Buffer<1024, ORDINARY>,
    long: Option<[u8; LONG]>,
}

const ORDINARY: usize = 4 * 1024;
const LONG: usize = 12 * 1024;

impl PayloadBuffer {
    pub(crate) fn new() -> Self {
        Self { ordinary: base64url::Buffer::new(), long: None }
    }

    fn decode(&mut self, segment: &str) -> Result<&[u8], Reason> {
        let len = base64url::decoded_len(segment.len());
        let decoded = if len > ORDINARY && len <= LONG {
            base64url::decode_into(segment, self.long.insert([0; LONG]))
        } else {
            self.ordinary.decode(segment)
        };
        decoded.map_err(|_| ReasonKind::NotBase64url.into())
    }
}

/// A payload whose signature is not verified yet. It gives out one name, which chooses whose keys the
/// signature must match, and nothing else.
pub(crate) struct UnverifiedPayload<'d, 't> {
    /// The payload in base64url.
    segment: &'t str,
    bounds: Bounds,
    octets: Octets<'t>,
    document: &'d mut Document<'t>,
    is_read: bool,
}

/// The octets of a payload.
enum Octets<'t> {
    Encoded(&'t mut PayloadBuffer),
    Decoded(&'t [u8]),
    Malformed,
}

/// A payload that was read and whose signature was verified: an object.
pub(crate) struct VerifiedDocument<'d, 't> {
    proof: &'d Verified<'t>,
    bounds: Bounds,
    document: &'d mut Document<'t>,
}

impl<'d, 't> UnverifiedPayload<'d, 't> {
    /// A payload that will be decoded and read when it is needed.
    pub(crate) fn of(
        segment: &'t str,
        limits: &Limits,
        buffer: &'t mut PayloadBuffer,
        document: &'d mut Document<'t>,
    ) -> Self {
        let bounds = Bounds::of(limits);
        let octets = Octets::Encoded(buffer);
        Self { segment, bounds, octets, document, is_read: false }
    }

    /// Returns the claim that names the token's signer. The caller must not believe it.
    pub(crate) fn unverified_name(&mut self, claim: &str) -> Result<Cow<'_, str>, Reason> {
        let octets = self.decode()?;
        let name = if self.is_read || self.document.read_on_stack(octets, self.bounds)? {
            check_object(self.document.root().kind())?;
            self.is_read = true;
            match self.document.root().string(claim) {
                Member::Absent => Member::Absent,
                Member::WrongType(kind) => Member::WrongType(kind),
                Member::Present(name) => Member::Present(Cow::Borrowed(name)),
            }
        } else {
            search(octets, self.bounds.depth, claim)?
        };
        match name {
            Member::Absent => fail(ReasonKind::Missing, Found::Nothing),
            Member::WrongType(kind) => fail(ReasonKind::WrongType, Found::Kind(kind)),
            Member::Present(name) => Ok(name),
        }
    }

    /// Reads the payload, unless that was done already, once its signature is verified.
    pub(crate) fn verified(
        mut self,
        proof: &'d Verified<'t>,
    ) -> Result<VerifiedDocument<'d, 't>, Reason> {
        let is_same = std::ptr::eq(proof.payload(), self.segment);
        if !is_same && proof.payload() != self.segment {
            return fail(ReasonKind::BadSignature, Found::Nothing);
        }
        if !self.is_read {
            self.read()?;
        }
        Ok(VerifiedDocument { proof, bounds: self.bounds, document: self.document })
    }

    /// Reads strict JSON, an object.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7519#section-7.2>
    fn read(&mut self) -> Result<(), Reason> {
        let octets = self.decode()?;
        self.document.read(octets, self.bounds)?;
        check_object(self.document.root().kind())
    }

    fn decode(&mut self) -> Result<&'t [u8], Reason> {
        let octets = match std::mem::replace(&mut self.octets, Octets::Malformed) {
            Octets::Encoded(buffer) => buffer.decode(self.segment)?,
            Octets::Decoded(octets) => octets,
            Octets::Malformed => return Err(ReasonKind::NotBase64url.into()),
        };
        self.octets = Octets::Decoded(octets);
        Ok(octets)
    }
}

fn check_object(kind: JsonKind) -> Result<(), Reason> {
    if kind == JsonKind::Object { Ok(()) } else { fail(ReasonKind::NotAnObject, Found::Kind(kind)) }
}

/// Searches the outermost object for a string, without storing anything else.
fn search<'t>(octets: &'t [u8], depth: usize, name: &str) -> Result<Member<Cow<'t, str>>, Reason> {
    let mut json = Skimmer::of(octets, depth)?;
    check_object(json.kind()?)?;
    let mut found = Member::Absent;
    json.object(|json, member| {
        if member != name {
            return Ok(json.skip()?);
        }
        if found != Member::Absent {
            return fail(ReasonKind::DuplicateName, Found::Nothing);
        }
        let kind = json.kind()?;
        found = if kind == JsonKind::String {
            Member::Present(json.string()?)
        } else {
            json.skip()?;
            Member::WrongType(kind)
        };
        Ok(())
    })?;
    json.end()?;
    Ok(found)
}

impl<'d, 't> VerifiedDocument<'d, 't> {
    /// Allows changes of what the checks and the caller's type will see.
    pub(crate) fn grafts(&mut self) -> Grafts<'_, 't> {
        self.document.grafts(self.bounds, self.proof)
    }

    /// The payload, after all changes.
    pub(crate) fn into_root(self) -> Value<'d> {
        let document: &'d Document<'t> = self.document;
        document.root()
    }
}

impl Verification for Verified<'_> {}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops where it cannot continue")]

    use super::*;
    use crate::json::NewValue;

    /// What becomes of a payload whose signature covers `signed`.
    fn verify(segment: &str, signed: &str, is_read_before: bool) -> Result<String, Reason> {
        let (mut buffer, mut document) = (PayloadBuffer::new(), Document::new());
        let limits = Limits::default();
        let proof = Verified { payload: signed };
        let mut payload = UnverifiedPayload::of(segment, &limits, &mut buffer, &mut document);
        if is_read_before {
            payload.unverified_name("iss").map(drop)?;
        }
        let mut verified = payload.verified(&proof)?;
        let mut grafts = verified.grafts();
        grafts.add(grafts.root(), "x", NewValue::Text("grafted".into())).unwrap();
        let root = verified.into_root();
        assert_eq!(root.string("x").present(), Some("grafted"));
        Ok(root.string("iss").present().unwrap().to_owned())
    }

    #[test]
    fn a_payload_is_verified_only_by_its_own_signature() {
        // The second one needs memory, so it is read after the signature.
        for escape in ["a", r"\u0061"] {
            let payload = |iss: &str| base64url::encode(format!(r#"{{"iss":"{iss}"}}"#).as_bytes());
            let (one, other) = (payload(escape), payload("b"));
            for is_read_before in [true, false] {
                assert_eq!(verify(&one, &one.clone(), is_read_before), Ok("a".to_owned()));
                let refused = verify(&one, &other, is_read_before).unwrap_err();
                assert_eq!(refused.kind(), ReasonKind::BadSignature);
            }
        }
    }

    /// The search for a name and the reader agree on it, whichever of the two a payload needs.
    #[test]
    fn a_name_is_the_same_however_it_is_found() {
        for (payload, expected) in [
            (r#"{"iss":"a"}"#, Ok("a")),
            (r#"{"x":{"iss":"b"},"iss":"a"}"#, Ok("a")),
            (r#"{"iss":7}"#, Err(ReasonKind::WrongType)),
            (r#"{"iss":null}"#, Err(ReasonKind::WrongType)),
            (r#"{"ISS":"a"}"#, Err(ReasonKind::Missing)),
            (r#"{"iss":"a","iss":"a"}"#, Err(ReasonKind::DuplicateName)),
            (r#"{"iss":"a"}}"#, Err(ReasonKind::NotJson)),
            (r#"["iss","a"]"#, Err(ReasonKind::NotAnObject)),
            (r#""iss""#, Err(ReasonKind::NotAnObject)),
            ("", Err(ReasonKind::NotJson)),
        ] {
            let many = payload.replacen('{', &format!(r#"{{"y":[0{}],"#, ",0".repeat(70)), 1);
            let escaped = payload.replacen('{', r#"{"\u0079":"\n","#, 1);
            for text in [payload, &many, &escaped, &payload.replace("iss", r"\u0069ss")] {
                let segment = base64url::encode(text.as_bytes());
                let (mut buffer, mut document) = (PayloadBuffer::new(), Document::new());
                let limits = Limits::default();
                let mut payload =
                    UnverifiedPayload::of(&segment, &limits, &mut buffer, &mut document);
                let found = payload.unverified_name("iss").map_err(|reason| reason.kind());
                assert_eq!(found.as_deref(), expected.as_ref().map(|name| *name), "{text}");
            }
        }
    }

    /// A payload that was refused before the signature was verified stays refused.
    #[test]
    fn a_payload_that_was_refused_is_not_read_again() {
        for text in [r#"{"iss":"a","iss":"a"}"#, r#"{"iss":"a""#, r#"["iss"]"#] {
            let segment = base64url::encode(text.as_bytes());
            let (mut buffer, mut document) = (PayloadBuffer::new(), Document::new());
            let limits = Limits::default();
            let proof = Verified { payload: &segment };
            let mut payload = UnverifiedPayload::of(&segment, &limits, &mut buffer, &mut document);
            assert!(payload.unverified_name("iss").is_err());
            assert!(payload.verified(&proof).is_err(), "{text}");
        }
    }
}
