//! Values: what the checks and the caller's type read of a document.

use std::fmt;

use super::children::{Elements, Members};
use super::document::{Document, Node};
use super::names::{Slot, name_hash};

/// One value of a JSON text that was read strictly: no name occurs twice in one object, and every
/// number is exact.
#[derive(Clone, Copy, Debug)]
pub struct Value<'d> {
    doc: &'d Document<'d>,
    at: usize,
}

impl<'d> Value<'d> {
    pub(super) fn new(doc: &'d Document<'d>, at: usize) -> Self {
        Self { doc, at }
    }

    /// The place at which the value, or an alias for it, is.
    pub(super) fn at(self) -> usize {
        self.at
    }

    /// The place at which the value is.
    #[inline]
    pub(super) fn resolved(self) -> usize {
        if let Node::Alias { to, .. } = self.doc.node(self.at) { to } else { self.at }
    }

    #[inline]
    pub(super) fn node(self) -> Node<'d> {
        let node = self.doc.node(self.at);
        if let Node::Alias { to, .. } = node { self.doc.node(to) } else { node }
    }

    /// The type of the value.
    pub fn kind(self) -> JsonKind {
        match self.node() {
            Node::Null | Node::Alias { .. } | Node::Hidden { .. } | Node::Link { .. } => {
                JsonKind::Null
            }
            Node::Bool(_) => JsonKind::Boolean,
            Node::Unsigned(_) | Node::Signed(_) | Node::Float(_) => JsonKind::Number,
            Node::Text(_) | Node::Unescaped(_) => JsonKind::String,
            Node::Array { .. } => JsonKind::Array,
            Node::Object { .. } => JsonKind::Object,
        }
    }

    /// The text of a string.
    #[inline]
    pub fn as_str(self) -> Option<&'d str> {
        self.doc.text(self.resolved())
    }

    /// Returns the nearest integers below and above a number. For an integer both are the same.
    #[expect(clippy::as_conversions, reason = "saturates; no double beyond 2^53 was read")]
    pub fn as_integers(self) -> Option<[i64; 2]> {
        match self.node() {
            Node::Unsigned(value) => Some([i64::try_from(value).unwrap_or(i64::MAX); 2]),
            Node::Signed(value) => Some([value; 2]),
            Node::Float(value) => Some([value.floor() as i64, value.ceil() as i64]),
            Node::Null
            | Node::Bool(_)
            | Node::Text(_)
            | Node::Unescaped(_)
            | Node::Array { .. }
            | Node::Object { .. }
            | Node::Alias { .. }
            | Node::Hidden { .. }
            | Node::Link { .. } => None,
        }
    }

    /// The value of a boolean.
    pub fn as_bool(self) -> Option<bool> {
        if let Node::Bool(value) = self.node() { Some(value) } else { None }
    }

    /// The members of an object; nothing for any other value.
    pub fn members(self) -> impl Iterator<Item = (&'d str, Value<'d>)> {
        Members::of(self.doc, self.resolved())
    }

    /// The elements of an array; nothing for any other value.
    pub fn elements(self) -> impl Iterator<Item = Value<'d>> {
        Elements::of(self.doc, self.resolved())
    }

    /// The names inside this value that one object has twice, where the reader recorded them.
    pub(crate) fn repeated_names(self) -> impl Iterator<Item = &'d str> {
        // The reader recorded the places in order.
        let repeated = self.doc.repeated();
        let first = repeated.partition_point(|at| *at < self.at);
        let after = repeated.partition_point(|at| *at < self.doc.after(self.at));
        let inside = repeated.get(first..after).unwrap_or_default();
        inside.iter().filter_map(|at| self.doc.text(*at))
    }

    /// Returns the member `name` of an object. Inlined, so that the hash of a constant name is a
    /// constant too.
    #[inline(always)]
    pub fn get(self, name: &str) -> Option<Value<'d>> {
        self.find(name, name_hash(name))
    }

    pub(crate) fn find(self, name: &str, hash: u32) -> Option<Value<'d>> {
        if self.at != 0 {
            return self.search(name);
        }
        match self.doc.slot(hash) {
            Slot::Empty => None,
            Slot::At(place) => self.member_at(place, name),
            Slot::Unclear => self.search(name),
        }
    }

    #[inline(never)]
    fn search(self, name: &str) -> Option<Value<'d>> {
        self.members().find_map(|(member, value)| (member == name).then_some(value))
    }

    /// Returns the member whose name is at `place`, if that is its name.
    fn member_at(self, place: usize, name: &str) -> Option<Value<'d>> {
        let value = Value { doc: self.doc, at: place.saturating_add(1) };
        (self.doc.text(place) == Some(name)).then_some(value)
    }

    /// Returns the member `name` as a string.
    #[inline(always)]
    pub(crate) fn string(self, name: &str) -> Member<&'d str> {
        self.member(name, Value::as_str)
    }

    /// Returns the member `name` as `read` reads it.
    #[inline(always)]
    pub(crate) fn member<T>(
        self,
        name: &str,
        read: impl FnOnce(Value<'d>) -> Option<T>,
    ) -> Member<T> {
        match self.get(name) {
            None => Member::Absent,
            Some(value) => Member::of(value, read),
        }
    }
}

/// A member of an object, which may have the wrong type. `null` is a wrong type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Member<T> {
    Absent,
    WrongType(JsonKind),
    Present(T),
}

impl<T> Member<T> {
    pub(crate) fn of<'d>(value: Value<'d>, read: impl FnOnce(Value<'d>) -> Option<T>) -> Self {
        match read(value) {
            Some(read) => Self::Present(read),
            None => Self::WrongType(value.kind()),
        }
    }

    /// Returns the value, for callers for which absence and a wrong type are the same.
    pub(crate) fn present(self) -> Option<T> {
        match self {
            Self::Present(value) => Some(value),
            Self::Absent | Self::WrongType(_) => None,
        }
    }
}

/// The types of JSON.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum JsonKind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl fmt::Display for JsonKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        })
    }
}
