//! The reader: it turns a text into a document and enforces the grammar and the bounds.

use std::borrow::Cow;

use super::document::{Document, INLINE, Node};
use super::names::name_hash;
use super::scan::Scanner;
use crate::limits::Limits;

/// How much JSON the reader accepts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) depth: usize,
    pub(crate) values: usize,
    pub(crate) members: usize,
    /// For key sets, where one bad key must not break the set. A duplicate name is recorded instead
    /// of refused, and the caller must ask [`Value::repeated_names`](super::Value::repeated_names).
    /// A number may be rounded, because no member of a key that is read is a number.
    pub(crate) lenient_keys: bool,
}

impl Bounds {
    /// Returns the bounds for a text that is read strictly.
    pub(crate) fn of(limits: &Limits) -> Self {
        Self {
            depth: limits.json_depth,
            values: limits.json_values,
            members: limits.object_members,
            lenient_keys: false,
        }
    }
}

/// Why the reader refuses a text.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum JsonError {
    NotUtf8,
    Syntax,
    DuplicateName,
    TooDeep,
    TooManyValues,
    TooManyMembers,
    NumberRange,
    ReservedName,
}

impl JsonError {
    /// Describes the error, to follow the word "it".
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::NotUtf8 => "is not UTF-8",
            Self::Syntax => "is not well-formed",
            Self::DuplicateName => "has a member name twice in one object",
            Self::TooDeep => "is nested too deep",
            Self::TooManyValues => "has too many values",
            Self::TooManyMembers => "has an object with too many members",
            Self::NumberRange => "has a number beyond what is read exactly",
            Self::ReservedName => "has a member name that is reserved by the JSON library",
        }
    }
}

/// If another crate of the build enables a feature of `serde_json`, its types give member names with
/// this prefix a special meaning. A caller's type may contain such a type.
pub(super) const RESERVED: &str = "$serde_json::private::";

/// From here on a double cannot represent every integer, so the value read could differ from the
/// value written.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl<'t> Document<'t> {
    /// Reads the whole of `bytes` as one JSON value.
    pub(crate) fn read(&mut self, bytes: &'t [u8], bounds: Bounds) -> Result<(), JsonError> {
        self.clear();
        self.append(bytes, bounds)
    }

    /// Reads the whole of `bytes` as one JSON value, if this takes no memory beside the document
    /// itself: it has few values and no escapes. Returns whether it was read.
    pub(crate) fn read_on_stack(
        &mut self,
        bytes: &'t [u8],
        bounds: Bounds,
    ) -> Result<bool, JsonError> {
        self.clear();
        let few = Bounds { values: bounds.values.min(INLINE), ..bounds };
        let mut reader = Reader { doc: self, bounds: few, scan: Scanner::of(bytes)? };
        reader.scan.refuse_escapes();
        match reader.whole() {
            Err(JsonError::TooManyValues) if few.values < bounds.values => Ok(false),
            Err(_) if reader.scan.refused_escape() => Ok(false),
            read => read.map(|()| true),
        }
    }

    /// Reads the whole of `bytes` as one JSON value behind what was read before.
    pub(super) fn append(&mut self, bytes: &'t [u8], bounds: Bounds) -> Result<(), JsonError> {
        Reader { doc: self, bounds, scan: Scanner::of(bytes)? }.whole()
    }
}

/// Reads a text into a document, one value after another.
struct Reader<'d, 't> {
    doc: &'d mut Document<'t>,
    bounds: Bounds,
    scan: Scanner<'t>,
}

impl<'t> Reader<'_, 't> {
    fn whole(&mut self) -> Result<(), JsonError> {
        self.value(0)?;
        self.scan.end()
    }

    /// Reads the next value, which is inside `depth` objects and arrays.
    fn value(&mut self, depth: usize) -> Result<(), JsonError> {
        match self.scan.peek() {
            Some(b'"') => {
                let text = self.scan.string()?;
                self.push_text(text)
            }
            Some(b'{') => self.object(self.enter(depth)?),
            Some(b'[') => self.array(self.enter(depth)?),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Node::Bool(true)),
            Some(b'f') => self.word("false", Node::Bool(false)),
            Some(b'n') => self.word("null", Node::Null),
            _ => Err(JsonError::Syntax),
        }
    }

    fn enter(&self, depth: usize) -> Result<usize, JsonError> {
        let inside = depth.saturating_add(1);
        if inside > self.bounds.depth { Err(JsonError::TooDeep) } else { Ok(inside) }
    }

    fn object(&mut self, depth: usize) -> Result<(), JsonError> {
        self.scan.step();
        let mut object = OpenObject { at: self.doc.len(), members: 0, seen: 0 };
        self.push(Node::Object { end: usize::MAX, more: 0 })?;
        let mut is_first = true;
        while self.scan.has_another(is_first, b'}')? {
            let name = self.scan.string()?;
            self.push_name(&mut object, name)?;
            self.scan.take(b':')?;
            self.value(depth)?;
            is_first = false;
        }
        self.doc.set(object.at, Node::Object { end: self.doc.len(), more: 0 });
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<(), JsonError> {
        self.scan.step();
        let at = self.doc.len();
        self.push(Node::Array { end: usize::MAX })?;
        let mut is_first = true;
        while self.scan.has_another(is_first, b']')? {
            self.value(depth)?;
            is_first = false;
        }
        self.doc.set(at, Node::Array { end: self.doc.len() });
        Ok(())
    }

    fn word(&mut self, word: &str, node: Node<'t>) -> Result<(), JsonError> {
        self.scan.word(word)?;
        self.push(node)
    }

    fn number(&mut self) -> Result<(), JsonError> {
        let number = self.scan.number()?;
        if let Node::Float(value) = number {
            let is_exact = value.abs() < EXACT || self.bounds.lenient_keys;
            if !value.is_finite() || !is_exact {
                return Err(JsonError::NumberRange);
            }
        }
        self.push(number)
    }

    fn push(&mut self, node: Node<'t>) -> Result<(), JsonError> {
        if self.doc.len() >= self.bounds.values {
            return Err(JsonError::TooManyValues);
        }
        self.doc.push(node);
        Ok(())
    }

    fn push_text(&mut self, text: Cow<'t, str>) -> Result<(), JsonError> {
        match text {
            Cow::Borrowed(text) => self.push(Node::Text(text)),
            Cow::Owned(text) => {
                let node = self.doc.keep_unescaped(text);
                self.push(node)
            }
        }
    }

    /// Appends a name to an object, unless the object has that name already.
    fn push_name(&mut self, object: &mut OpenObject, name: Cow<'t, str>) -> Result<(), JsonError> {
        if name.starts_with(RESERVED) {
            return Err(JsonError::ReservedName);
        }
        let hash = name_hash(&name);
        if object.may_have(hash) && self.has_name(object.at, &name) {
            if !self.bounds.lenient_keys {
                return Err(JsonError::DuplicateName);
            }
            self.doc.note_repeated_name();
        }
        if object.at == 0 {
            self.doc.index_name(hash, self.doc.len());
        }
        object.members = object.members.saturating_add(1);
        if object.members > self.bounds.members {
            return Err(JsonError::TooManyMembers);
        }
        self.push_text(name)
    }

    fn has_name(&self, object: usize, name: &str) -> bool {
        let mut at = object.saturating_add(1);
        while at < self.doc.len() {
            if self.doc.text(at) == Some(name) {
                return true;
            }
            at = self.doc.after(self.doc.after(at));
        }
        false
    }
}

/// An object whose end has not been read yet.
struct OpenObject {
    at: usize,
    members: usize,
    /// One bit per hash of a name, so that most names are known to be new without a comparison
    /// with all others.
    seen: u64,
}

impl OpenObject {
    /// Returns whether the object may have a name with this hash already, and records the hash.
    fn may_have(&mut self, hash: u32) -> bool {
        let bit = 1_u64.wrapping_shl(hash % 64);
        let seen = self.seen & bit != 0;
        self.seen |= bit;
        seen
    }
}
