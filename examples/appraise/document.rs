//! A strict JSON document: no name stands twice, and a fault says where it is.

use std::collections::HashSet;
use std::fmt;

use jwt_appraisal::UntrustedStr;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A document that was read, and the first name in it that stands twice in one object.
pub(crate) struct Document {
    value: Value,
    twice: Option<Steps>,
}

impl Document {
    /// Reads a text. `Value` keeps the last of two members of one name and tells nobody, so a
    /// second pass looks for them.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, Fault> {
        let not_json = |error| Fault::new("", format!("is not JSON: {error}"));
        let value = serde_json::from_slice(json).map_err(not_json)?;
        let Twice(twice) = serde_json::from_slice(json).map_err(not_json)?;
        Ok(Self { value, twice })
    }

    /// The whole document, if it is strict.
    pub(crate) fn root(&self) -> Result<Place<'_>, Fault> {
        match &self.twice {
            Some(steps) => Err(Fault::new(path(steps), "stands twice")),
            None => Ok(Place::root(&self.value)),
        }
    }

    /// A member of the document, strict or not.
    pub(crate) fn member(&self, name: &str) -> Option<&Value> {
        self.value.get(name)
    }
}

/// What is wrong with a document, and where.
#[derive(Debug)]
pub(crate) struct Fault {
    path: String,
    what: String,
}

impl Fault {
    fn new(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self { path: path.into(), what: what.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.path.is_empty() { "" } else { ": " };
        write!(f, "{}{separator}{}", self.path, self.what)
    }
}

/// A value, and where in its document it stands.
#[derive(Clone)]
pub(crate) struct Place<'v> {
    path: String,
    value: &'v Value,
}

impl<'v> Place<'v> {
    /// A value as a document of its own.
    pub(crate) fn root(value: &'v Value) -> Self {
        let path = String::new();
        Self { path, value }
    }

    pub(crate) fn value(&self) -> &'v Value {
        self.value
    }

    pub(crate) fn fault(&self, what: impl Into<String>) -> Fault {
        Fault::new(self.path.clone(), what)
    }

    /// The members of an object that has no others than these.
    pub(crate) fn members(&self, known: &[&str]) -> Result<Members<'v>, Fault> {
        let members = self.any_members()?;
        let mut names = members.map.keys();
        match names.find(|name| !known.contains(&name.as_str())) {
            Some(unknown) => {
                let expected = known.join(", ");
                let what = format!("is not a known member; expected {expected}");
                Err(Fault::new(inside(&self.path, unknown), what))
            }
            None => Ok(members),
        }
    }

    /// The members of an object, whatever they are called.
    pub(crate) fn any_members(&self) -> Result<Members<'v>, Fault> {
        let map = self.value.as_object();
        let map = map.ok_or_else(|| self.not("an object"))?;
        Ok(Members { path: self.path.clone(), map, names: &[], without: None })
    }

    /// The members of an object, each with its name.
    pub(crate) fn entries(&self) -> Result<Vec<(&'v str, Self)>, Fault> {
        let members = self.any_members()?;
        let place = |(name, value): (&'v String, &'v Value)| {
            (name.as_str(), Self { path: inside(&self.path, name), value })
        };
        Ok(members.map.iter().map(place).collect())
    }

    pub(crate) fn elements(&self) -> Result<Vec<Self>, Fault> {
        let array = self.value.as_array().ok_or_else(|| self.not("an array"))?;
        let element = |(index, value)| Self { path: format!("{}[{index}]", self.path), value };
        Ok(array.iter().enumerate().map(element).collect())
    }

    pub(crate) fn text(&self) -> Result<&'v str, Fault> {
        self.value.as_str().ok_or_else(|| self.not("a string"))
    }

    pub(crate) fn boolean(&self) -> Result<bool, Fault> {
        self.value.as_bool().ok_or_else(|| self.not("a boolean"))
    }

    /// Strings of which none stands twice.
    pub(crate) fn texts(&self) -> Result<Vec<&'v str>, Fault> {
        let mut texts = Vec::new();
        for element in self.elements()? {
            let text = element.text()?;
            if texts.contains(&text) {
                return Err(element.fault("stands twice"));
            }
            texts.push(text);
        }
        Ok(texts)
    }

    /// An integer that `T` can hold.
    pub(crate) fn integer<T: TryFrom<i64>>(&self) -> Result<T, Fault> {
        let Value::Number(number) = self.value else {
            return Err(self.not("an integer"));
        };
        let integer = number.as_i64().and_then(|integer| T::try_from(integer).ok());
        integer.ok_or_else(|| self.fault(format!("is {number}, which is no integer of its range")))
    }

    fn not(&self, expected: &str) -> Fault {
        let found = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        self.fault(format!("is {found}; expected {expected}"))
    }
}

/// The members of an object.
pub(crate) struct Members<'v> {
    path: String,
    map: &'v Map<String, Value>,
    /// Names as they stand, and names as they are read.
    names: &'static [(&'static str, &'static str)],
    without: Option<&'static str>,
}

impl<'v> Members<'v> {
    /// The same members under other names, one of them left out.
    pub(crate) fn renamed(
        &self,
        names: &'static [(&'static str, &'static str)],
        without: Option<&'static str>,
    ) -> Self {
        Self { path: self.path.clone(), map: self.map, names, without }
    }

    pub(crate) fn optional(&self, asked: &str) -> Option<Place<'v>> {
        if self.without == Some(asked) {
            return None;
        }
        let given = self.names.iter().filter(|(_, read)| *read == asked);
        let name = given.map(|(given, _)| *given).find(|given| self.map.contains_key(*given));
        let name = name.unwrap_or(asked);
        let value = self.map.get(name)?;
        let path = inside(&self.path, name);
        Some(Place { path, value })
    }

    pub(crate) fn required(&self, name: &str) -> Result<Place<'v>, Fault> {
        let missing = || self.fault_of(name, "is missing");
        self.optional(name).ok_or_else(missing)
    }

    /// A fault of a member, whether it is there or not.
    pub(crate) fn fault_of(&self, name: &str, what: impl Into<String>) -> Fault {
        Fault::new(inside(&self.path, name), what)
    }
}

fn inside(path: &str, name: &str) -> String {
    let separator = if path.is_empty() { "" } else { "." };
    format!("{path}{separator}{}", UntrustedStr::new(name))
}

/// The way to a value, from its end to its beginning.
type Steps = Vec<Step>;

enum Step {
    Member(String),
    Element(usize),
}

fn path(steps: &Steps) -> String {
    let walk = |path: String, step: &Step| match step {
        Step::Member(name) => inside(&path, name),
        Step::Element(index) => format!("{path}[{index}]"),
    };
    steps.iter().rev().fold(String::new(), walk)
}

/// The first name of a text that stands twice in one object.
struct Twice(Option<Steps>);

impl<'de> Deserialize<'de> for Twice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FindTwice).map(Self)
    }
}

struct FindTwice;

impl<'de> Visitor<'de> for FindTwice {
    type Value = Option<Steps>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let mut index = 0_usize;
        while let Some(Twice(found)) = array.next_element()? {
            if let Some(mut steps) = found {
                steps.push(Step::Element(index));
                while array.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Some(steps));
            }
            index = index.saturating_add(1);
        }
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = object.next_key::<String>()? {
            let Twice(inner) = object.next_value()?;
            let own = names.contains(&name).then(Vec::new);
            if let Some(mut steps) = own.or(inner) {
                steps.push(Step::Member(name));
                while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                return Ok(Some(steps));
            }
            names.insert(name);
        }
        Ok(None)
    }
}
