//! The document: values in the order of the text, in one flat list.

use std::fmt;

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

/// Where the names of the outermost object stand: a slot by a name's hash.
struct NameIndex([u8; Self::SLOTS]);

/// What a slot of the index says.
enum Slot {
    Empty,
    /// One name, which stands here.
    At(usize),
    /// Several names, or one that stands too far on.
    Unclear,
}

impl NameIndex {
    const SLOTS: usize = 128;
    /// No name stands at 0: that is where the object does.
    const EMPTY: u8 = 0;
    const UNCLEAR: u8 = u8::MAX;

    fn new() -> Self {
        Self([Self::EMPTY; Self::SLOTS])
    }

    fn add(&mut self, hash: u32, place: usize) {
        if let Some(slot) = self.0.get_mut(Self::slot(hash)) {
            *slot = match *slot {
                Self::EMPTY => u8::try_from(place).unwrap_or(Self::UNCLEAR),
                _ => Self::UNCLEAR,
            };
        }
    }

    fn find(&self, hash: u32) -> Slot {
        match self.0.get(Self::slot(hash)) {
            Some(&Self::EMPTY) => Slot::Empty,
            Some(&Self::UNCLEAR) | None => Slot::Unclear,
            Some(place) => Slot::At(usize::from(*place)),
        }
    }

    fn slot(hash: u32) -> usize {
        usize::try_from(hash).unwrap_or(0) % Self::SLOTS
    }
}

/// A number that differs for most names of one object.
#[inline]
pub(crate) fn name_hash(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let middle = bytes.get(bytes.len() / 2);
    let bytes = [bytes.first(), middle, bytes.last()].map(|b| u32::from(b.copied().unwrap_or(0)));
    let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
    bytes.iter().fold(length, |hash, b| hash.wrapping_mul(31).wrapping_add(*b))
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
        Value { doc: self, at: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.len
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

    fn node(&self, at: usize) -> Node<'t> {
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

/// One value of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'d> {
    doc: &'d Document<'d>,
    at: usize,
}

impl<'d> Value<'d> {
    pub(super) fn node(self) -> Node<'d> {
        self.doc.node(self.at)
    }

    pub(crate) fn kind(self) -> JsonKind {
        match self.node() {
            Node::Null => JsonKind::Null,
            Node::Bool(_) => JsonKind::Boolean,
            Node::Unsigned(_) | Node::Signed(_) | Node::Float(_) => JsonKind::Number,
            Node::Text(_) | Node::Unescaped(_) => JsonKind::String,
            Node::Array { .. } => JsonKind::Array,
            Node::Object { .. } => JsonKind::Object,
        }
    }

    pub(crate) fn as_str(self) -> Option<&'d str> {
        self.doc.text(self.at)
    }

    /// A number without its fraction: the integers next to it, below and above; an integer is both.
    #[expect(clippy::as_conversions, reason = "saturates; no double beyond 2^53 was read")]
    pub(crate) fn as_integers(self) -> Option<[i64; 2]> {
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

    pub(crate) fn as_bool(self) -> Option<bool> {
        if let Node::Bool(value) = self.node() { Some(value) } else { None }
    }

    /// The members of an object; nothing for any other value.
    pub(crate) fn members(self) -> impl Iterator<Item = (&'d str, Value<'d>)> {
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
    pub(crate) fn elements(self) -> impl Iterator<Item = Value<'d>> {
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
        let repeated = &self.doc.repeated;
        let first = repeated.partition_point(|at| *at < self.at);
        let after = repeated.partition_point(|at| *at < self.doc.after(self.at));
        let inside = repeated.get(first..after).unwrap_or_default();
        inside.iter().filter_map(|at| self.doc.text(*at))
    }

    /// The member `name` of an object. Inlined, so that the hash of a constant is one too.
    #[inline(always)]
    pub(crate) fn get(self, name: &str) -> Option<Value<'d>> {
        self.find(name, name_hash(name))
    }

    /// Whether the outermost object has no member whose name has this hash.
    #[inline]
    pub(crate) fn lacks(self, hash: u32) -> bool {
        self.at == 0 && matches!(self.doc.names.find(hash), Slot::Empty)
    }

    fn find(self, name: &str, hash: u32) -> Option<Value<'d>> {
        if self.at != 0 {
            return self.search(name);
        }
        match self.doc.names.find(hash) {
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
