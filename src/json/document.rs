//! The document: values in the order of the text, in one flat list.
//!
//! Grafting (`graft`) appends to this list and changes single nodes of it, so that a document that
//! is not touched costs nothing.

use std::fmt;

use super::names::{NameIndex, Slot};
use super::value::Value;

/// The number of values that are kept on the stack. A header never has more.
pub(super) const INLINE: usize = 64;

/// One value. A container's children follow it; `end` is the place after its last one.
///
/// The variants that have an `end` stand side by side, so that one comparison tells them apart from
/// the others.
#[derive(Clone, Copy, Debug)]
pub(super) enum Node<'t> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    /// Text that is in the input as it is.
    Text(&'t str),
    /// Text that had escapes or was constructed, by its place in `unescaped`.
    Unescaped(usize),
    Array {
        end: usize,
    },
    /// Children alternate: name, value, name, value. `more` is the place of the first member that was
    /// grafted, or 0. There, a name and its value are followed by a link.
    Object {
        end: usize,
        more: usize,
    },
    /// A value that was replaced by the one at `to`, which is never an alias itself.
    Alias {
        end: usize,
        to: usize,
    },
    /// A member or an element that was hidden.
    Hidden {
        end: usize,
    },
    /// The place of the next grafted member of the same object, or 0.
    Link {
        next: usize,
    },
}

impl Node<'_> {
    /// The place after this node and its children, if it is at `at`.
    #[inline]
    pub(super) fn after(self, at: usize) -> usize {
        match self {
            Self::Array { end }
            | Self::Object { end, .. }
            | Self::Alias { end, .. }
            | Self::Hidden { end } => end,
            Self::Null
            | Self::Bool(_)
            | Self::Unsigned(_)
            | Self::Signed(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Unescaped(_)
            | Self::Link { .. } => at.saturating_add(1),
        }
    }
}

/// A strict JSON text that was read.
pub(crate) struct Document<'t> {
    inline: [Node<'t>; INLINE],
    spilled: Vec<Node<'t>>,
    len: usize,
    unescaped: Vec<String>,
    /// The places of names that their object has already.
    repeated: Vec<usize>,
    /// The names of the outermost object, which the checks ask for again and again.
    names: NameIndex,
}

/// The size of a document.
#[derive(Clone, Copy)]
pub(super) struct Size {
    values: usize,
    /// How many texts with escapes are stored.
    texts: usize,
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

    /// Removes everything that was read.
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

    /// Looks up the names of the outermost object that have this hash.
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

    /// Stores a text that is not in the input, and returns its node.
    pub(super) fn keep_unescaped(&mut self, text: String) -> Node<'t> {
        let place = self.unescaped.len();
        self.unescaped.push(text);
        Node::Unescaped(place)
    }

    /// Records that the next value is a name that its object has already.
    pub(super) fn note_repeated_name(&mut self) {
        self.repeated.push(self.len);
    }

    /// Records a name of the outermost object.
    pub(super) fn index_name(&mut self, hash: u32, place: usize) {
        self.names.add(hash, place);
    }

    /// Removes a name of the outermost object from the index, where the index has only this one.
    pub(super) fn unindex_name(&mut self, hash: u32, place: usize) {
        self.names.remove(hash, place);
    }

    /// Removes what was appended since the document had this size.
    pub(super) fn truncate(&mut self, Size { values, texts }: Size) {
        self.spilled.truncate(values.saturating_sub(INLINE));
        self.len = self.len.min(values);
        self.unescaped.truncate(texts);
    }

    /// Returns the present size, for [`Document::truncate`].
    pub(super) fn size(&self) -> Size {
        Size { values: self.len, texts: self.unescaped.len() }
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
        self.node(at).after(at)
    }
}

/// A document prints no content, because it may hold claims or a secret.
impl fmt::Debug for Document<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Document({} values)", self.len)
    }
}
