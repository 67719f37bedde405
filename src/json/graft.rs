//! Grafting: members that are added to a document, values that are replaced, and members and elements
//! that are hidden.
//!
//! A graft changes what every later reader sees. So the type that grafts is created only with a proof
//! that the text was verified ([`Verification`]). All bounds of the reader hold for the grafted
//! document as well, and no graft gives an object a name twice. A graft that fails changes nothing.

#![cfg_attr(not(test), expect(dead_code, reason = "disclosures will use the rest"))]

use std::borrow::Cow;

use super::document::{Document, Node, Size};
use super::names::name_hash;
use super::read::{Bounds, JsonError, RESERVED};
use super::value::{JsonKind, Value};

/// A proof that the text of a document was verified. Only `crypto` has a type that implements it.
pub(crate) trait Verification {}

/// A document that can be changed.
#[derive(Debug)]
pub(crate) struct Grafts<'d, 't> {
    pub(super) doc: &'d mut Document<'t>,
    pub(super) bounds: Bounds,
}

/// Where a value of the document is. It stays valid when the document is grafted; if its value was
/// replaced, it is the place of the new one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    at: usize,
    /// The number of objects and arrays around it.
    depth: usize,
}

/// An element of an array, by its place. It stays valid when other elements are removed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element(Place);

impl Element {
    /// The place of its value.
    pub(crate) fn place(self) -> Place {
        self.0
    }
}

/// A value of another text, which is not part of the document yet. A graft consumes it, so that no
/// value is in two places.
#[derive(Debug)]
pub(crate) struct Fragment(pub(super) usize);

/// A value that a graft puts into the document.
pub(crate) enum NewValue<'t> {
    /// A string.
    Text(Cow<'t, str>),
    /// An array of strings.
    Texts(Vec<Cow<'t, str>>),
    /// What the value at this place is now. Later changes of one of the two do not change the other.
    Copy(Place),
    /// A value of another text.
    Fragment(Fragment),
}

/// Why a graft failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum GraftError {
    /// The place has the wrong type, or lacks the member or element.
    NoPlace,
    /// The document would be one that the reader refuses.
    Refused(JsonError),
}

impl From<JsonError> for GraftError {
    fn from(error: JsonError) -> Self {
        Self::Refused(error)
    }
}

impl<'t> Document<'t> {
    /// Allows changes of a document that was verified and read within `bounds`.
    pub(crate) fn grafts(&mut self, bounds: Bounds, _: &impl Verification) -> Grafts<'_, 't> {
        Grafts { doc: self, bounds }
    }
}

impl<'t> Grafts<'_, 't> {
    /// The place of the outermost value.
    pub(crate) fn root(&self) -> Place {
        Place { at: 0, depth: 0 }
    }

    /// The value at a place.
    pub(crate) fn value(&self, place: Place) -> Value<'_> {
        Value::new(self.doc, place.at)
    }

    /// The place of the member `name` of an object.
    pub(crate) fn member(&self, object: Place, name: &str) -> Option<Place> {
        Some(object.inside(self.value(object).get(name)?))
    }

    /// The names and places of the members of an object.
    pub(crate) fn members(&self, object: Place) -> impl Iterator<Item = (&str, Place)> {
        let members = self.value(object).members();
        members.map(move |(name, value)| (name, object.inside(value)))
    }

    /// The elements of an array.
    pub(crate) fn elements(&self, array: Place) -> impl Iterator<Item = Element> {
        self.value(array).elements().map(move |value| Element(array.inside(value)))
    }

    /// Reads another text, which must live as long as the document's own.
    pub(crate) fn read(&mut self, bytes: &'t [u8]) -> Result<Fragment, JsonError> {
        let (size, at) = (self.doc.size(), self.doc.len());
        let read = self.doc.append(bytes, self.bounds);
        self.whole(size, read)?;
        Ok(Fragment(at))
    }

    /// The value of a fragment.
    pub(crate) fn fragment(&self, fragment: &Fragment) -> Value<'_> {
        Value::new(self.doc, fragment.0)
    }

    /// Takes one element out of a fragment that is an array.
    pub(crate) fn part(&self, fragment: Fragment, index: usize) -> Option<Fragment> {
        let part = self.fragment(&fragment).elements().nth(index)?;
        Some(Fragment(part.at()))
    }

    /// One element of a fragment that is an array, as a string that can become a name.
    pub(crate) fn text(&self, fragment: &Fragment, index: usize) -> Option<Cow<'t, str>> {
        let value = self.fragment(fragment).elements().nth(index)?;
        if let Node::Text(text) = self.doc.node(value.resolved()) {
            return Some(Cow::Borrowed(text));
        }
        value.as_str().map(|text| Cow::Owned(text.to_owned()))
    }

    /// Joins an array of strings to one string, as `scope` has it. Returns `None` if it is not such an
    /// array, or if an element is empty or contains the separator, because the joined string would
    /// then read as another list.
    pub(crate) fn joined(&self, array: Place, separator: char) -> Option<String> {
        let value = self.value(array);
        let mut joined = String::new();
        for element in value.elements() {
            let text = element.as_str().filter(|text| !text.is_empty())?;
            if text.contains(separator) {
                return None;
            }
            if !joined.is_empty() {
                joined.push(separator);
            }
            joined.push_str(text);
        }
        (value.kind() == JsonKind::Array).then_some(joined)
    }

    /// Adds a member to an object that has no member of this name.
    pub(crate) fn add(
        &mut self,
        object: Place,
        name: impl Into<Cow<'t, str>>,
        value: NewValue<'t>,
    ) -> Result<Place, GraftError> {
        let name = name.into();
        let target = self.value(object);
        if target.kind() != JsonKind::Object {
            return Err(GraftError::NoPlace);
        }
        if name.starts_with(RESERVED) {
            return Err(JsonError::ReservedName.into());
        }
        if target.get(&name).is_some() {
            return Err(JsonError::DuplicateName.into());
        }
        if target.members().count() >= self.bounds.members {
            return Err(JsonError::TooManyMembers.into());
        }
        let (at, hash, size) = (target.resolved(), name_hash(&name), self.doc.size());
        let member = self.push_member(name, value, object.depth.saturating_add(1));
        let member = self.whole(size, member)?;
        self.link(at, member);
        if at == 0 {
            self.doc.index_name(hash, member);
        }
        Ok(object.inside(Value::new(self.doc, member.saturating_add(1))))
    }

    /// Replaces the value of a member.
    pub(crate) fn replace(
        &mut self,
        object: Place,
        name: &str,
        value: NewValue<'t>,
    ) -> Result<Place, GraftError> {
        let place = self.member(object, name).ok_or(GraftError::NoPlace)?;
        self.put(place, value)?;
        Ok(place)
    }

    /// Hides a member.
    pub(crate) fn hide(&mut self, object: Place, name: &str) -> Result<(), GraftError> {
        let place = self.member(object, name).ok_or(GraftError::NoPlace)?;
        let name_at = place.at.saturating_sub(1);
        self.doc.set(name_at, Node::Hidden { end: self.doc.after(place.at) });
        if object.at == 0 {
            self.doc.unindex_name(name_hash(name), name_at);
        }
        Ok(())
    }

    /// Replaces an element of an array, unless it was removed.
    pub(crate) fn replace_element(
        &mut self,
        Element(place): Element,
        value: NewValue<'t>,
    ) -> Result<Place, GraftError> {
        if self.is_hidden(place) {
            return Err(GraftError::NoPlace);
        }
        self.put(place, value)?;
        Ok(place)
    }

    /// Removes an element of an array.
    pub(crate) fn remove_element(&mut self, Element(place): Element) -> Result<(), GraftError> {
        if self.is_hidden(place) {
            return Err(GraftError::NoPlace);
        }
        self.doc.set(place.at, Node::Hidden { end: self.doc.after(place.at) });
        Ok(())
    }

    fn is_hidden(&self, place: Place) -> bool {
        matches!(self.doc.node(place.at), Node::Hidden { .. })
    }

    /// Puts a new value in the place of another one.
    fn put(&mut self, place: Place, value: NewValue<'t>) -> Result<(), GraftError> {
        let (size, end) = (self.doc.size(), self.doc.after(place.at));
        let is_wide = end > place.at.saturating_add(1);
        let node = self
            .plant(value, place.depth)
            .and_then(|node| if is_wide { self.plant_apart(node) } else { Ok(node) });
        let node = self.whole(size, node)?;
        self.doc.set(place.at, ending(node, end));
        Ok(())
    }

    /// Appends a member of an object and the end of its links.
    fn push_member(
        &mut self,
        name: Cow<'t, str>,
        value: NewValue<'t>,
        depth: usize,
    ) -> Result<usize, GraftError> {
        let node = self.plant(value, depth)?;
        let member = self.doc.len();
        let name = self.text_node(name);
        self.push(name)?;
        self.push(ending(node, member.saturating_add(2)))?;
        self.push(Node::Link { next: 0 })?;
        Ok(member)
    }

    /// Lets the members of the object at `at` go on with the one at `member`.
    fn link(&mut self, at: usize, member: usize) {
        let Node::Object { end, more } = self.doc.node(at) else {
            return;
        };
        if more == 0 {
            self.doc.set(at, Node::Object { end, more: member });
        } else {
            self.doc.set(self.last_link(more), Node::Link { next: member });
        }
    }

    fn last_link(&self, first: usize) -> usize {
        let mut at = first;
        loop {
            let node = self.doc.node(at);
            at = if let Node::Link { next: 0 } = node {
                return at;
            } else if let Node::Hidden { end } | Node::Link { next: end } = node {
                end
            } else {
                // A name, which is followed by a value.
                self.doc.after(at.saturating_add(1))
            };
        }
    }

    /// Undoes what a graft that failed has appended.
    fn whole<T, E>(&mut self, size: Size, grafted: Result<T, E>) -> Result<T, E> {
        if grafted.is_err() {
            self.doc.truncate(size);
        }
        grafted
    }
}

impl Place {
    fn inside(self, value: Value<'_>) -> Self {
        Self { at: value.at(), depth: self.depth.saturating_add(1) }
    }
}

/// An alias with the end that it needs in its place; any other node as it is.
fn ending(node: Node<'_>, end: usize) -> Node<'_> {
    if let Node::Alias { to, .. } = node { Node::Alias { end, to } } else { node }
}
