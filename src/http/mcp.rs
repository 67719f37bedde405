//! What the body of an MCP request needs: the scopes of the tools that it calls.

use std::collections::BTreeMap;

use super::json_rpc::{Message, messages};

use super::error::ResourceServerError;
use super::requirement::check_scopes;

/// The scopes that the operations of an MCP server need. All of them go to one URL, and which one a
/// request is for stands in its body.
///
/// A tool that is not listed is refused ([`other_tools`](Self::other_tools) says what such tools need),
/// so that none is forgotten. Other methods need no scope unless they are listed.
///
/// MCP authorization, "Scope Challenge Handling"
///
/// ```
/// use jwt_appraisal::http::McpScopes;
///
/// let scopes = McpScopes::new()
///     .tool("read_file", ["files:read"])
///     .tool("delete_file", ["files:read", "files:delete"])
///     .method("resources/read", ["files:read"]);
/// let body = br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"read_file"}}"#;
/// assert_eq!(scopes.needed_by(body)?.as_deref(), Some(&["files:read"][..]));
/// # Ok::<(), jwt_appraisal::http::McpBodyError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct McpScopes {
    tools: BTreeMap<Box<str>, Vec<Box<str>>>,
    other_tools: Option<Vec<Box<str>>>,
    methods: BTreeMap<Box<str>, Vec<Box<str>>>,
}

/// Why the body of an MCP request says nothing of what it needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum McpBodyError {
    /// It is not a JSON-RPC message or an array of such, or has a member twice that matters here: two
    /// readers could take it for two different requests.
    #[error("the body is not a JSON-RPC message")]
    NotJsonRpc,
}

impl McpScopes {
    /// No tool is listed yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What a tool needs: all of these scopes, or none beyond an accepted token.
    pub fn tool<'a>(self, name: &str, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        let tools = listed(self.tools, name, scopes);
        Self { tools, ..self }
    }

    /// What every tool needs that is not listed. Without this such tools are refused.
    pub fn other_tools<'a>(mut self, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        self.other_tools = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// What a method needs, such as `resources/read` or `prompts/get`; for `tools/call` the tool says.
    pub fn method<'a>(self, name: &str, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        let methods = listed(self.methods, name, scopes);
        Self { methods, ..self }
    }

    /// The scopes that a request with this body needs; `None` if it calls a tool that is not listed.
    ///
    /// # Errors
    ///
    /// [`McpBodyError`] if the body does not say without doubt what it asks for.
    pub fn needed_by(&self, body: &[u8]) -> Result<Option<Vec<&str>>, McpBodyError> {
        let mut needed = Vec::new();
        for message in messages(body)? {
            match self.needed_for(&message)? {
                Some(scopes) => needed.extend(scopes.iter().map(|scope| &**scope)),
                None => return Ok(None),
            }
        }
        needed.sort_unstable();
        needed.dedup();
        Ok(Some(needed))
    }

    fn needed_for(&self, message: &Message<'_>) -> Result<Option<&[Box<str>]>, McpBodyError> {
        let Some(method) = message.method.as_deref() else {
            // A response to a request of the server.
            return Ok(Some(&[]));
        };
        if method != "tools/call" {
            return Ok(Some(self.methods.get(method).map_or(&[], Vec::as_slice)));
        }
        let tool = message.name.as_deref().ok_or(McpBodyError::NotJsonRpc)?;
        Ok(self.tools.get(tool).or(self.other_tools.as_ref()).map(Vec::as_slice))
    }

    /// Checks that tokens can have the scopes; [`ResourceServer::mcp_layer`](super::ResourceServer) does it.
    ///
    /// # Errors
    ///
    /// [`ResourceServerError`] if no token can have one, or no resource needs it.
    pub fn check(&self) -> Result<(), ResourceServerError> {
        let listed = self.tools.values().chain(&self.other_tools).chain(self.methods.values());
        check_scopes(listed.flatten().map(|scope| &**scope))
    }
}

fn listed<'a>(
    mut list: BTreeMap<Box<str>, Vec<Box<str>>>,
    name: &str,
    scopes: impl IntoIterator<Item = &'a str>,
) -> BTreeMap<Box<str>, Vec<Box<str>>> {
    list.insert(name.into(), scopes.into_iter().map(Into::into).collect());
    list
}
