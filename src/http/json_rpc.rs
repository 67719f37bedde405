//! What is read of a JSON-RPC message: its method, and the `name` among its parameters.
//!
//! The service reads the message again, so there must not be two ways to read it. It must be an object
//! that has the members of JSON-RPC and no others, each once. No member of the parameters may look like
//! `name` to a reader that ignores letter case, or be a word with which a JSON library talks to itself.

use std::borrow::Cow;

use crate::json::{JsonError, JsonKind, Skimmer};

/// Why the body of an MCP request says nothing of what it needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum McpBodyError {
    /// It is not one JSON-RPC message, or two readers could take it for two different ones: it has a
    /// member twice, a member that JSON-RPC does not have, or one that another reader takes for `name`.
    #[error("the body is not a JSON-RPC message")]
    NotJsonRpc,
}

/// One message.
pub(super) enum Message<'a> {
    /// A request or a notification.
    Call { method: Cow<'a, str>, name: Option<Cow<'a, str>> },
    /// The answer to a request of the server.
    Answer,
}

/// How deep objects and arrays of a message may nest: as deep as common readers accept.
const DEPTH: usize = 127;

impl<'a> Message<'a> {
    /// Reads the only message of a body. MCP has no batches.
    pub(super) fn read(body: &'a [u8]) -> Result<Self, McpBodyError> {
        let mut json = Skimmer::of(body, DEPTH)?;
        let members = Members::read(&mut json)?;
        json.end()?;
        members.message()
    }
}

/// The members of a message.
#[derive(Default)]
struct Members<'a> {
    method: Option<Cow<'a, str>>,
    params: Option<Option<Cow<'a, str>>>,
    has_version: bool,
    has_id: bool,
    has_result: bool,
    has_error: bool,
}

impl<'a> Members<'a> {
    fn read(json: &mut Skimmer<'a>) -> Result<Self, McpBodyError> {
        let mut members = Self::default();
        json.object(|json, member| match &*member {
            "method" => once(&mut members.method, json.string()?),
            "params" => once(&mut members.params, read_params(json)?),
            "jsonrpc" => skip_once(&mut members.has_version, json),
            "id" => skip_once(&mut members.has_id, json),
            "result" => skip_once(&mut members.has_result, json),
            "error" => skip_once(&mut members.has_error, json),
            _ => Err(McpBodyError::NotJsonRpc),
        })?;
        Ok(members)
    }

    /// The message, if the members are those of one.
    fn message(self) -> Result<Message<'a>, McpBodyError> {
        match (self.method, self.has_result, self.has_error) {
            (Some(method), false, false) if !method.contains(char::is_control) => {
                Ok(Message::Call { method, name: self.params.flatten() })
            }
            (None, true, false) | (None, false, true) if self.has_id && self.params.is_none() => {
                Ok(Message::Answer)
            }
            _ => Err(McpBodyError::NotJsonRpc),
        }
    }
}

/// Reads the `name` among parameters, which may be an object, an array or `null`.
fn read_params<'a>(json: &mut Skimmer<'a>) -> Result<Option<Cow<'a, str>>, McpBodyError> {
    if let JsonKind::Array | JsonKind::Null = json.kind()? {
        json.skip()?;
        return Ok(None);
    }
    let mut name = None;
    json.object(|json, member| {
        if member == "name" {
            once(&mut name, json.string()?)
        } else if is_ambiguous(&member) {
            Err(McpBodyError::NotJsonRpc)
        } else {
            Ok(json.skip()?)
        }
    })?;
    // Some readers end a text at a NUL.
    let is_ambiguous = name.as_ref().is_some_and(|name| name.contains(char::is_control));
    if is_ambiguous { Err(McpBodyError::NotJsonRpc) } else { Ok(name) }
}

/// Returns whether a reader that ignores letter case or ends a text at a NUL could take the member for
/// `name`, or whether it is a word by which `serde_json` passes raw text and numbers to itself.
fn is_ambiguous(member: &str) -> bool {
    member.eq_ignore_ascii_case("name")
        || member.contains(char::is_control)
        || member.starts_with("$serde_json::private::")
}

fn once<T>(place: &mut Option<T>, value: T) -> Result<(), McpBodyError> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(McpBodyError::NotJsonRpc),
    }
}

/// Skips the value of a member that may be there once.
fn skip_once(has_it: &mut bool, json: &mut Skimmer<'_>) -> Result<(), McpBodyError> {
    if std::mem::replace(has_it, true) {
        return Err(McpBodyError::NotJsonRpc);
    }
    Ok(json.skip()?)
}

impl From<JsonError> for McpBodyError {
    fn from(_: JsonError) -> Self {
        Self::NotJsonRpc
    }
}
