//! What is read of a JSON-RPC message: its method, and the `name` among its parameters.
//!
//! Whoever handles the message reads it again, so there must not be two ways to read it: an object is an
//! object, it has the members of JSON-RPC and no others, each once, and nothing that looks like a `name` to
//! a reader that ignores letter case, or like a word of the JSON library.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::mcp::McpBodyError;

/// One message.
pub(super) enum Message<'a> {
    /// A request or a notification.
    Call { method: Cow<'a, str>, name: Option<Cow<'a, str>> },
    /// The answer to a request of the server.
    Answer,
}

impl<'a> Message<'a> {
    /// The only message of a body: MCP has no batches.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, McpBodyError> {
        let text = std::str::from_utf8(body).map_err(|_| McpBodyError::NotJsonRpc)?;
        serde_json::from_str(text).map_err(|_| McpBodyError::NotJsonRpc)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Message<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MessageVisitor)
    }
}

struct MessageVisitor;

impl<'de> Visitor<'de> for MessageVisitor {
    type Value = Message<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON-RPC message")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Message<'de>, A::Error> {
        let (mut method, mut params) = (None, None);
        let (mut version, mut id, mut result, mut error) = (None, None, None, None);
        while let Some(Text(member)) = members.next_key()? {
            match &*member {
                "method" => once(&mut method, members.next_value()?)?,
                "params" => once(&mut params, members.next_value_seed(Params)?)?,
                "jsonrpc" => once(&mut version, members.next_value::<IgnoredAny>()?)?,
                "id" => once(&mut id, members.next_value::<IgnoredAny>()?)?,
                "result" => once(&mut result, members.next_value::<IgnoredAny>()?)?,
                "error" => once(&mut error, members.next_value::<IgnoredAny>()?)?,
                _ => return Err(A::Error::custom("a member that JSON-RPC does not have")),
            }
        }
        match (method, result.is_some(), error.is_some()) {
            (Some(Text(method)), false, false) if !method.contains(char::is_control) => {
                Ok(Message::Call { method, name: params.flatten() })
            }
            (None, true, false) | (None, false, true) if id.is_some() && params.is_none() => {
                Ok(Message::Answer)
            }
            _ => Err(A::Error::custom("neither a request nor an answer")),
        }
    }
}

/// The `name` among parameters, whatever these are.
struct Params;

impl<'de> DeserializeSeed<'de> for Params {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Params {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("parameters")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut name = None;
        while let Some(Text(member)) = members.next_key()? {
            if *member == *"name" {
                once(&mut name, members.next_value()?)?;
            } else if is_ambiguous(&member) {
                return Err(A::Error::custom(
                    "a member that another reader takes for something else",
                ));
            } else {
                let _: IgnoredAny = members.next_value()?;
            }
        }
        match name {
            Some(Text(name)) if name.contains(char::is_control) => {
                Err(A::Error::custom("a name that another reader ends earlier"))
            }
            name => Ok(name.map(|Text(name)| name)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// A name to readers that ignore letter case or end a text at a NUL, or a word by which `serde_json` passes
/// raw text and numbers to itself.
fn is_ambiguous(member: &str) -> bool {
    member.eq_ignore_ascii_case("name")
        || member.contains(char::is_control)
        || member.starts_with("$serde_json::private::")
}

/// A string, borrowed where it has no escapes.
struct Text<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TextVisitor).map(Self)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

fn once<T, E: Error>(place: &mut Option<T>, value: T) -> Result<(), E> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(E::custom("a member stands twice")),
    }
}
