//! Disclosed claims: each takes the place of its digest in the issuer's payload.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::compact::SdJwt;
use super::hash::SdHash;
use crate::base64url;
use crate::check::{Found, Reason, ReasonKind, fail};
use crate::json::{Fragment, GraftError, Grafts, JsonKind, NewValue, Place, Value};

/// The member of an object that lists digests of members.
const DIGESTS: &str = "_sd";

/// The only member of an object that stands for an element of an array.
const ELEMENT_DIGEST: &str = "...";

/// The member of the payload that names the hash function.
const HASH: &str = "_sd_alg";

/// Puts every disclosed claim into the place of its digest, and removes the digests and what they
/// stand for. Whatever is left of SD-JWT in the payload after that is refused.
///
/// A disclosure is read only if the payload, or a disclosure that was read, has its digest. So it
/// is the issuer who wrote everything that is read here, and its bounds are those of the payload.
///
/// <https://www.rfc-editor.org/rfc/rfc9901#section-7.1>
pub(crate) fn disclose<'t>(
    sd_jwt: &SdJwt<'t>,
    hash: SdHash,
    decoded: &'t OnceCell<Vec<u8>>,
    grafts: &mut Grafts<'_, 't>,
) -> Result<(), Reason> {
    let mut octets = Vec::new();
    for disclosure in sd_jwt.disclosures() {
        let decoded = base64url::decode(disclosure).map_err(|_| ReasonKind::NotBase64url)?;
        octets.extend(decoded);
    }
    let mut rest: &'t [u8] = decoded.get_or_init(|| octets);
    let mut unused = BTreeMap::new();
    for disclosure in sd_jwt.disclosures() {
        let digest = hash.of(disclosure).ok_or(ReasonKind::NotPermitted)?;
        let length = base64url::decoded_len(disclosure.len());
        let (octets, others) = rest.split_at_checked(length).ok_or(ReasonKind::Disclosure)?;
        rest = others;
        if unused.insert(digest, octets).is_some() {
            return malformed(ReasonKind::Disclosure, "it is there twice");
        }
    }
    Discloser { grafts, unused, seen: BTreeSet::new(), open: Vec::new() }.run()
}

/// The walk through the payload.
struct Discloser<'g, 'd, 't> {
    grafts: &'g mut Grafts<'d, 't>,
    /// The disclosures to which no digest has led yet, by their digests.
    unused: BTreeMap<String, &'t [u8]>,
    /// All digests so far, also those that have no disclosure.
    seen: BTreeSet<String>,
    /// The objects and arrays that were not looked at yet. A list instead of recursion, because
    /// disclosed values contain further digests.
    open: Vec<Place>,
}

impl<'t> Discloser<'_, '_, 't> {
    fn run(mut self) -> Result<(), Reason> {
        let root = self.grafts.root();
        if self.grafts.member(root, HASH).is_some() {
            self.grafts.hide(root, HASH).map_err(refused)?;
        }
        self.open.push(root);
        while let Some(place) = self.open.pop() {
            if self.grafts.value(place).kind() == JsonKind::Object {
                self.object(place)?;
            } else {
                self.array(place)?;
            }
        }
        if self.unused.is_empty() { Ok(()) } else { Err(ReasonKind::UnknownDisclosure.into()) }
    }

    fn object(&mut self, object: Place) -> Result<(), Reason> {
        let value = self.grafts.value(object);
        if value.get(ELEMENT_DIGEST).is_some() {
            return malformed(ReasonKind::Malformed, "\"...\" is only in an element of an array");
        }
        if value.get(HASH).is_some() {
            return malformed(ReasonKind::Malformed, "\"_sd_alg\" is only at the top level");
        }
        if let Some(list) = value.get(DIGESTS) {
            let Some(digests) = texts(list) else {
                return malformed(ReasonKind::Malformed, "\"_sd\" is an array of strings");
            };
            self.grafts.hide(object, DIGESTS).map_err(refused)?;
            for digest in digests {
                self.member(object, digest)?;
            }
        }
        let members = self.grafts.members(object).map(|(_, place)| place);
        self.open.extend(members.filter(|place| is_container(self.grafts.value(*place))));
        Ok(())
    }

    /// Adds the member that a digest of an object stands for, if it is disclosed.
    fn member(&mut self, object: Place, digest: String) -> Result<(), Reason> {
        let Some(disclosure) = self.take(digest)? else {
            return Ok(());
        };
        let fragment = self.read(disclosure, 3)?;
        let Some(name) = self.grafts.text(&fragment, 1) else {
            return malformed(ReasonKind::Disclosure, "the name is a string");
        };
        if [DIGESTS, ELEMENT_DIGEST, HASH].contains(&&*name) {
            return malformed(ReasonKind::Disclosure, "the name is reserved by SD-JWT");
        }
        let value = self.grafts.part(fragment, 2).ok_or(ReasonKind::Disclosure)?;
        self.grafts.add(object, name, NewValue::Fragment(value)).map_err(refused)?;
        Ok(())
    }

    fn array(&mut self, array: Place) -> Result<(), Reason> {
        let elements: Vec<_> = self.grafts.elements(array).collect();
        for element in elements {
            let value = self.grafts.value(element.place());
            let Some(digest) = value.get(ELEMENT_DIGEST) else {
                continue;
            };
            let Some(digest) = digest.as_str().filter(|_| value.members().count() == 1) else {
                let words = "an object with \"...\" has one digest and no other member";
                return malformed(ReasonKind::Malformed, words);
            };
            let digest = digest.to_owned();
            match self.take(digest)? {
                None => self.grafts.remove_element(element).map_err(refused)?,
                Some(disclosure) => {
                    let fragment = self.read(disclosure, 2)?;
                    let value = self.grafts.part(fragment, 1).ok_or(ReasonKind::Disclosure)?;
                    let value = NewValue::Fragment(value);
                    self.grafts.replace_element(element, value).map_err(refused)?;
                }
            }
        }
        let elements = self.grafts.elements(array).map(|element| element.place());
        self.open.extend(elements.filter(|place| is_container(self.grafts.value(*place))));
        Ok(())
    }

    /// The disclosure that has this digest. No digest occurs twice, whether it has a disclosure or not.
    fn take(&mut self, digest: String) -> Result<Option<&'t [u8]>, Reason> {
        let disclosure = self.unused.remove(&digest);
        if !self.seen.insert(digest) {
            return fail(ReasonKind::DigestTwice, Found::Nothing);
        }
        Ok(disclosure)
    }

    /// Reads a disclosure: a salt, and so many elements in all.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc9901#section-4.2>
    fn read(&mut self, disclosure: &'t [u8], length: usize) -> Result<Fragment, Reason> {
        let fragment = self.grafts.read(disclosure)?;
        let value = self.grafts.fragment(&fragment);
        let salt = value.elements().next().and_then(Value::as_str);
        if salt.is_none() || value.elements().count() != length {
            let member = "a member is disclosed by an array of a salt, a name and a value";
            let element = "an element is disclosed by an array of a salt and a value";
            return malformed(ReasonKind::Disclosure, if length == 3 { member } else { element });
        }
        Ok(fragment)
    }
}

/// The texts of an array of strings.
fn texts(list: Value<'_>) -> Option<Vec<String>> {
    let is_array = list.kind() == JsonKind::Array;
    let texts = list.elements().map(|text| text.as_str().map(str::to_owned));
    is_array.then(|| texts.collect())?
}

fn is_container(value: Value<'_>) -> bool {
    matches!(value.kind(), JsonKind::Array | JsonKind::Object)
}

fn refused(error: GraftError) -> Reason {
    match error {
        GraftError::NoPlace => ReasonKind::Malformed.into(),
        GraftError::Refused(error) => error.into(),
    }
}

fn malformed<T>(kind: ReasonKind, words: &'static str) -> Result<T, Reason> {
    fail(kind, Found::Words(words.into()))
}
