//! Text → document, with `serde_json` as the reader underneath.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::document::{Document, Node, name_hash};

/// How much JSON is read before it is refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) depth: usize,
    pub(crate) values: usize,
    pub(crate) members: usize,
    /// For key sets, where one bad key does not break the set: a name twice in one object is noted
    /// instead of refused, and whoever sets this asks
    /// [`Value::repeated_names`](super::Value::repeated_names); and a number may be rounded, since
    /// no member of a key that is read is a number.
    pub(crate) lenient_keys: bool,
}

/// Why a text is not the JSON that is read here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum JsonFault {
    NotUtf8,
    Syntax,
    DuplicateName,
    TooDeep,
    TooManyValues,
    TooManyMembers,
    NumberRange,
    ReservedName,
}

impl JsonFault {
    /// What it is, to be read after "it".
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

/// Other crates of a build can switch on features of `serde_json` that give member names of this
/// prefix a meaning of their own; read from input they would slip past every check.
const RESERVED: &str = "$serde_json::private::";

/// How `serde_json` hands out numbers where its `arbitrary_precision` is on.
const NUMBER: &str = "$serde_json::private::Number";

/// Beyond this a double no longer holds every integer, so what was read is not what was written.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl<'t> Document<'t> {
    /// Reads the whole of `bytes` as one JSON value.
    pub(crate) fn read(&mut self, bytes: &'t [u8], bounds: Bounds) -> Result<(), JsonFault> {
        self.clear();
        let text = std::str::from_utf8(bytes).map_err(|_| JsonFault::NotUtf8)?;
        let mut json = serde_json::Deserializer::from_str(text);
        let mut fault = None;
        let mut state = State { doc: self, bounds, fault: &mut fault };
        let reader = Reader { state: &mut state, depth: 0 };
        let read = reader.deserialize(&mut json).and_then(|()| json.end());
        read.map_err(|_| fault.unwrap_or(JsonFault::Syntax))
    }
}

/// What the readers of all values of a text share.
struct State<'r, 't> {
    doc: &'r mut Document<'t>,
    bounds: Bounds,
    fault: &'r mut Option<JsonFault>,
}

/// Reads one value, and those inside it, into the document.
struct Reader<'s, 'r, 't> {
    state: &'s mut State<'r, 't>,
    depth: usize,
}

impl<'r, 't> Reader<'_, 'r, 't> {
    fn refuse<E: serde::de::Error>(&mut self, fault: JsonFault) -> E {
        *self.state.fault = Some(fault);
        E::custom("")
    }

    fn push<E: serde::de::Error>(&mut self, node: Node<'t>) -> Result<usize, E> {
        if self.state.doc.len() >= self.state.bounds.values {
            return Err(self.refuse(JsonFault::TooManyValues));
        }
        Ok(self.state.doc.push(node))
    }

    fn push_text<E: serde::de::Error>(&mut self, text: Cow<'t, str>) -> Result<usize, E> {
        match text {
            Cow::Borrowed(text) => self.push(Node::Text(text)),
            Cow::Owned(_) if self.state.doc.len() >= self.state.bounds.values => {
                Err(self.refuse(JsonFault::TooManyValues))
            }
            Cow::Owned(text) => Ok(self.state.doc.push_unescaped(text)),
        }
    }

    fn push_float<E: serde::de::Error>(&mut self, value: f64) -> Result<(), E> {
        let exact = value.abs() < EXACT || self.state.bounds.lenient_keys;
        if value.is_finite() && exact {
            self.push(Node::Float(value)).map(|_| ())
        } else {
            Err(self.refuse(JsonFault::NumberRange))
        }
    }

    /// A number as `arbitrary_precision` gives it: its text.
    fn push_number<E: serde::de::Error>(&mut self, text: &str) -> Result<(), E> {
        if let Ok(value) = text.parse() {
            return self.push(Node::Unsigned(value)).map(|_| ());
        }
        if let Ok(value) = text.parse() {
            return self.push(Node::Signed(value)).map(|_| ());
        }
        self.push_float(text.parse().unwrap_or(f64::NAN))
    }

    /// A reader for a value one level down.
    fn inner(&mut self) -> Reader<'_, 'r, 't> {
        Reader { state: &mut *self.state, depth: self.depth }
    }

    fn enter<E: serde::de::Error>(&mut self) -> Result<(), E> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > self.state.bounds.depth {
            return Err(self.refuse(JsonFault::TooDeep));
        }
        Ok(())
    }

    fn repeated_name<E: serde::de::Error>(&mut self) -> Result<(), E> {
        if self.state.bounds.lenient_keys {
            self.state.doc.note_repeated_name();
            Ok(())
        } else {
            Err(self.refuse(JsonFault::DuplicateName))
        }
    }

    /// Appends a name to an object, unless it has that name already.
    fn push_name<E: serde::de::Error>(
        &mut self,
        object: &mut OpenObject,
        name: Cow<'t, str>,
    ) -> Result<(), E> {
        if name.starts_with(RESERVED) {
            return Err(self.refuse(JsonFault::ReservedName));
        }
        let hash = name_hash(&name);
        if object.may_have(hash) && self.has_name(object.at, &name) {
            self.repeated_name()?;
        }
        if object.at == 0 {
            self.state.doc.index_name(hash);
        }
        object.members = object.members.saturating_add(1);
        if object.members > self.state.bounds.members {
            return Err(self.refuse(JsonFault::TooManyMembers));
        }
        self.push_text(name).map(|_| ())
    }

    fn has_name(&self, object: usize, name: &str) -> bool {
        let mut at = object.saturating_add(1);
        while at < self.state.doc.len() {
            if self.state.doc.text(at) == Some(name) {
                return true;
            }
            at = self.state.doc.after(self.state.doc.after(at));
        }
        false
    }
}

/// An object that is being read.
struct OpenObject {
    at: usize,
    members: usize,
    /// A bit for each hash of a name that was seen: most names are told to be new without a look
    /// at the others.
    seen: u64,
}

impl OpenObject {
    /// Whether the object may have a name of this hash already; from now on it may.
    fn may_have(&mut self, hash: u32) -> bool {
        let bit = 1_u64.wrapping_shl(hash % 64);
        let seen = self.seen & bit != 0;
        self.seen |= bit;
        seen
    }
}

impl<'t> DeserializeSeed<'t> for Reader<'_, '_, 't> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Reader<'_, '_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: serde::de::Error>(mut self) -> Result<(), E> {
        self.push(Node::Null).map(|_| ())
    }

    fn visit_bool<E: serde::de::Error>(mut self, value: bool) -> Result<(), E> {
        self.push(Node::Bool(value)).map(|_| ())
    }

    fn visit_u64<E: serde::de::Error>(mut self, value: u64) -> Result<(), E> {
        self.push(Node::Unsigned(value)).map(|_| ())
    }

    fn visit_i64<E: serde::de::Error>(mut self, value: i64) -> Result<(), E> {
        self.push(Node::Signed(value)).map(|_| ())
    }

    fn visit_f64<E: serde::de::Error>(mut self, value: f64) -> Result<(), E> {
        self.push_float(value)
    }

    fn visit_borrowed_str<E: serde::de::Error>(mut self, text: &'t str) -> Result<(), E> {
        self.push(Node::Text(text)).map(|_| ())
    }

    fn visit_str<E: serde::de::Error>(mut self, text: &str) -> Result<(), E> {
        self.push_text(Cow::Owned(text.to_owned())).map(|_| ())
    }

    fn visit_seq<A: SeqAccess<'t>>(mut self, mut seq: A) -> Result<(), A::Error> {
        self.enter()?;
        let array = self.push(Node::Array { end: usize::MAX })?;
        while seq.next_element_seed(self.inner())?.is_some() {}
        let end = self.state.doc.len();
        self.state.doc.set(array, Node::Array { end });
        Ok(())
    }

    fn visit_map<A: MapAccess<'t>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut name = map.next_key_seed(Name)?;
        if name.as_deref() == Some(NUMBER) {
            return match map.next_value_seed(NumberText)? {
                Some(text) => self.push_number(&text),
                None => Err(self.refuse(JsonFault::ReservedName)),
            };
        }
        self.enter()?;
        let at = self.push(Node::Object { end: usize::MAX })?;
        let mut object = OpenObject { at, members: 0, seen: 0 };
        while let Some(next) = name {
            self.push_name(&mut object, next)?;
            map.next_value_seed(self.inner())?;
            name = map.next_key_seed(Name)?;
        }
        let end = self.state.doc.len();
        self.state.doc.set(at, Node::Object { end });
        Ok(())
    }
}

/// Reads a member's name.
struct Name;

impl<'t> DeserializeSeed<'t> for Name {
    type Value = Cow<'t, str>;

    fn deserialize<D: serde::Deserializer<'t>>(self, from: D) -> Result<Cow<'t, str>, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'t> Visitor<'t> for Name {
    type Value = Cow<'t, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, name: &'t str) -> Result<Cow<'t, str>, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Cow<'t, str>, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// Tells a number of `arbitrary_precision` from an object in the input that poses as one: only the
/// former arrives as an owned string.
struct NumberText;

impl<'t> DeserializeSeed<'t> for NumberText {
    type Value = Option<String>;

    fn deserialize<D: serde::Deserializer<'t>>(self, from: D) -> Result<Option<String>, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for NumberText {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Option<String>, E> {
        Ok(Some(text))
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<Option<String>, E> {
        Ok(None)
    }
}
