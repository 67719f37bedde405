//! The document: values in the order of the text, in one flat list.

use std::fmt;

use super::names::{NameIndex, Slot};
use super::value::Value;

/// So many values stand on the stack; a header never has more.
pub(super) const INLINE: usize = 64;

/// One value. A container's children follow it; `end` is the place after its last one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Node<'t> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    /// Text that stands in the input as it is.
    Text(&'t str),
    /// Text that had escapes, by its place in `unescaped`.
    Unescaped(usize),
    Array {
        end: usize,
    },
    /// Children alternate: name, value, name, value.
    Object {
        end: usize,
    },
}

/// A strict JSON text, read.
pub(crate) struct Document<'t> {
    inline: [Node<'t>; INLINE],
    spilled: Vec<Node<'t>>,
    len: usize,
    unescaped: Vec<String>,
    /// Where names stand that their object has already.
    repeated: Vec<usize>,
    /// The names of the outermost object: checks ask for them again and again.
    names: NameIndex,
}

impl<'t> Document<'t> {
    pub(crate) fn new() -> Self {
        Self {
            inline: [Node::Null; INLINE],
            spilled: Vec::new(),
            len: 0,
            unescaped: Vec::new(),
            repeated: Vec::new(),
            names: NameIndex::new(),
        }
    }

    /// Forgets what was read.
    pub(super) fn clear(&mut self) {
        self.spilled.clear();
        self.len = 0;
        self.unescaped.clear();
        self.repeated.clear();
        self.names = NameIndex::new();
    }

    /// The outermost value.
    pub(crate) fn root(&self) -> Value<'_> {
        Value::new(self, 0)
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The places of names that their object has already, in order.
    pub(super) fn repeated(&self) -> &[usize] {
        &self.repeated
    }

    /// What the index says of names of the outermost object that have this hash.
    #[inline]
    pub(super) fn slot(&self, hash: u32) -> Slot {
        self.names.find(hash)
    }

    #[inline]
    pub(super) fn push(&mut self, node: Node<'t>) {
        match self.inline.get_mut(self.len) {
            Some(slot) => *slot = node,
            None => self.spill(node),
        }
        self.len = self.len.saturating_add(1);
    }

    #[cold]
    fn spill(&mut self, node: Node<'t>) {
        self.spilled.push(node);
    }

    /// Keeps a text that had escapes, and gives the value that stands for it.
    pub(super) fn keep_unescaped(&mut self, text: String) -> Node<'t> {
        let place = self.unescaped.len();
        self.unescaped.push(text);
        Node::Unescaped(place)
    }

    /// Notes that the next value is a name that its object has already.
    pub(super) fn note_repeated_name(&mut self) {
        self.repeated.push(self.len);
    }

    /// Notes that the next value is a name of the outermost object.
    pub(super) fn index_name(&mut self, hash: u32) {
        self.names.add(hash, self.len);
    }

    pub(super) fn set(&mut self, at: usize, node: Node<'t>) {
        let spilled = at.saturating_sub(INLINE);
        let slot = match self.inline.get_mut(at) {
            Some(slot) => Some(slot),
            None => self.spilled.get_mut(spilled),
        };
        if let Some(slot) = slot {
            *slot = node;
        }
    }

    pub(super) fn node(&self, at: usize) -> Node<'t> {
        let found = match self.inline.get(at) {
            Some(node) => Some(node),
            None => self.spilled.get(at.saturating_sub(INLINE)),
        };
        found.copied().unwrap_or(Node::Null)
    }

    pub(super) fn text(&self, at: usize) -> Option<&str> {
        let node = self.node(at);
        if let Node::Text(text) = node {
            return Some(text);
        }
        let Node::Unescaped(place) = node else {
            return None;
        };
        self.unescaped.get(place).map(String::as_str)
    }

    /// The place after the value at `at`.
    pub(super) fn after(&self, at: usize) -> usize {
        if let Node::Array { end } | Node::Object { end } = self.node(at) {
            end
        } else {
            at.saturating_add(1)
        }
    }
}

/// A document prints no content: it may hold claims, or a secret.
impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} values)", self.len)
    }
}
