//! Values: what the checks and the caller's type read of a document.

use std::fmt;

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

    pub(super) fn node(self) -> Node<'d> {
        self.doc.node(self.at)
    }

    /// The type of the value.
    pub fn kind(self) -> JsonKind {
        match self.node() {
            Node::Null => JsonKind::Null,
            Node::Bool(_) => JsonKind::Boolean,
            Node::Unsigned(_) | Node::Signed(_) | Node::Float(_) => JsonKind::Number,
            Node::Text(_) | Node::Unescaped(_) => JsonKind::String,
            Node::Array { .. } => JsonKind::Array,
            Node::Object { .. } => JsonKind::Object,
        }
    }

    /// The text of a string.
    pub fn as_str(self) -> Option<&'d str> {
        self.doc.text(self.at)
    }

    /// A number without its fraction: the integers next to it, below and above. An integer is both.
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
            | Node::Object { .. } => None,
        }
    }

    /// The value of a boolean.
    pub fn as_bool(self) -> Option<bool> {
        if let Node::Bool(value) = self.node() { Some(value) } else { None }
    }

    /// The members of an object; nothing for any other value.
    pub fn members(self) -> impl Iterator<Item = (&'d str, Value<'d>)> {
        let end = if let Node::Object { end } = self.node() { end } else { 0 };
        let mut at = self.at.saturating_add(1);
        std::iter::from_fn(move || {
            let name = (at < end).then(|| self.doc.text(at))??;
            let value = Value { doc: self.doc, at: at.saturating_add(1) };
            at = self.doc.after(value.at);
            Some((name, value))
        })
    }

    /// The elements of an array; nothing for any other value.
    pub fn elements(self) -> impl Iterator<Item = Value<'d>> {
        let end = if let Node::Array { end } = self.node() { end } else { 0 };
        let mut at = self.at.saturating_add(1);
        std::iter::from_fn(move || {
            let element = (at < end).then_some(Value { doc: self.doc, at })?;
            at = self.doc.after(at);
            Some(element)
        })
    }

    /// The names inside of this value that stand twice in one object, where they were noted.
    pub(crate) fn repeated_names(self) -> impl Iterator<Item = &'d str> {
        // The places are in order, as the text was read.
        let repeated = self.doc.repeated();
        let first = repeated.partition_point(|at| *at < self.at);
        let after = repeated.partition_point(|at| *at < self.doc.after(self.at));
        let inside = repeated.get(first..after).unwrap_or_default();
        inside.iter().filter_map(|at| self.doc.text(*at))
    }

    /// The member `name` of an object. Inlined, so that the hash of a constant is one too.
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

    /// The member whose name stands at `place`, if that is its name.
    fn member_at(self, place: usize, name: &str) -> Option<Value<'d>> {
        let value = Value { doc: self.doc, at: place.saturating_add(1) };
        (self.doc.text(place) == Some(name)).then_some(value)
    }

    /// The member `name` as a string.
    #[inline(always)]
    pub(crate) fn string(self, name: &str) -> Member<&'d str> {
        self.member(name, Value::as_str)
    }

    /// The member `name` as `read` takes it.
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

/// A member of an object, of the type that it has to have or not. `null` is a wrong type.
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

    /// The value, where presence and type were settled before.
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
