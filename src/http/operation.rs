//! The operation of an MCP request that was denied, for logs.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// The operation that a denied MCP request asked for: its method, and the tool that it calls.
///
/// A name is shown only if the operator's [`McpScopes`](super::McpScopes) or the protocol has it; of any
/// other name only the length is kept, because it is the sender's choice. It prints as
/// `tools/call "delete_file"`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct McpOperation {
    pub(super) method: OperationName,
    pub(super) tool: Option<OperationName>,
}

/// A name that is known, or the length of one that is not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum OperationName {
    Known(Box<str>),
    Bytes(usize),
}

impl McpOperation {
    /// Returns the method, if it is a known one.
    pub fn method(&self) -> Option<&str> {
        self.method.known()
    }

    /// Returns the tool, if the request calls a known one.
    pub fn tool(&self) -> Option<&str> {
        self.tool.as_ref()?.known()
    }
}

impl OperationName {
    /// Keeps a name that is known.
    pub(super) fn of(name: &str, is_known: bool) -> Self {
        if is_known { Self::Known(name.into()) } else { Self::Bytes(name.len()) }
    }

    fn known(&self) -> Option<&str> {
        match self {
            Self::Known(name) => Some(name),
            Self::Bytes(_) => None,
        }
    }
}

impl fmt::Display for McpOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.method {
            OperationName::Known(method) => f.write_str(method)?,
            OperationName::Bytes(bytes) => write!(f, "a method of {bytes} bytes")?,
        }
        match &self.tool {
            Some(OperationName::Known(tool)) => write!(f, " {tool:?}"),
            Some(OperationName::Bytes(bytes)) => write!(f, " a tool of {bytes} bytes"),
            None => Ok(()),
        }
    }
}

/// Serialises the known names.
impl Serialize for McpOperation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("method", &self.method())?;
        map.serialize_entry("tool", &self.tool())?;
        map.end()
    }
}
