//! What the body of an MCP request needs: the scopes of the tools that it calls.

use std::collections::BTreeMap;

use super::json_rpc::{McpBodyError, Message};
use super::operation::{McpOperation, OperationName};

use super::error::ResourceServerError;
use super::requirement::check_scopes;

/// The scopes that the operations of an MCP server need. All of them go to one URL, and which one a
/// request is for stands in its body.
///
/// A tool that is not listed is refused ([`other_tools`](Self::other_tools) says what such tools need), and
/// so is a method that is not, but for those by which a client finds out what there is: `initialize`,
/// `server/discover`, `ping`, `logging/setLevel`, those that end in `/list`, and notifications. So nothing
/// is forgotten: `resources/read`, `prompts/get`, `completion/complete`, `tasks/…` have to be listed.
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
    other_methods: Option<Vec<Box<str>>>,
    /// An operation that was listed twice.
    repeated: Option<Box<str>>,
}

impl McpScopes {
    /// No tool is listed yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// What a tool needs: all of these scopes, or none beyond an accepted token.
    pub fn tool<'a>(mut self, name: &str, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        let repeated = list(&mut self.tools, name, scopes);
        self.repeated = self.repeated.or(repeated);
        self
    }

    /// What every tool needs that is not listed. Without this such tools are refused.
    pub fn other_tools<'a>(mut self, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        self.other_tools = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// What a method needs, such as `resources/read` or `prompts/get`; for `tools/call` the tool says.
    pub fn method<'a>(mut self, name: &str, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        let repeated = list(&mut self.methods, name, scopes);
        self.repeated = self.repeated.or(repeated);
        self
    }

    /// What every method needs that is not listed. Without this such methods are refused.
    pub fn other_methods<'a>(mut self, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        self.other_methods = Some(scopes.into_iter().map(Into::into).collect());
        self
    }

    /// The scopes that a request with this body needs; `None` if it is for a tool or a method that is not
    /// listed.
    ///
    /// # Errors
    ///
    /// [`McpBodyError`] if the body does not say without doubt what it asks for.
    pub fn needed_by(&self, body: &[u8]) -> Result<Option<Vec<&str>>, McpBodyError> {
        let Message::Call { method, name } = Message::read(body)? else {
            return Ok(Some(Vec::new()));
        };
        let scopes = match (&*method, name) {
            ("tools/call", None) => return Err(McpBodyError::NotJsonRpc),
            ("tools/call", Some(tool)) => self.tools.get(&*tool).or(self.other_tools.as_ref()),
            (method, _) if self.methods.contains_key(method) => self.methods.get(method),
            (method, _) if finds_out(method) => return Ok(Some(Vec::new())),
            _ => self.other_methods.as_ref(),
        };
        Ok(scopes.map(|scopes| scopes.iter().map(|scope| &**scope).collect()))
    }

    /// Returns the operation that a body asks for, with the names that are known. A body that is not one
    /// message has none.
    pub fn operation_of(&self, body: &[u8]) -> Option<McpOperation> {
        const PROTOCOL: &[&str] = &[
            "tools/call",
            "tools/list",
            "resources/list",
            "resources/read",
            "prompts/list",
            "prompts/get",
        ];
        let Message::Call { method, name } = Message::read(body).ok()? else {
            return None;
        };
        let of_protocol = PROTOCOL.contains(&&*method) || FIXED.contains(&&*method);
        let is_known = of_protocol || self.methods.contains_key(&*method);
        let tool = name.filter(|_| method == "tools/call");
        Some(McpOperation {
            method: OperationName::of(&method, is_known),
            tool: tool.map(|tool| OperationName::of(&tool, self.tools.contains_key(&*tool))),
        })
    }

    /// Checks that tokens can have the scopes; [`ResourceServer::mcp_layer`](super::ResourceServer) does it.
    ///
    /// # Errors
    ///
    /// [`ResourceServerError`] if no token can have one, or no resource needs it; if an operation is listed
    /// twice; or if `tools/call` is listed as a method, because the tool that it calls says what it needs.
    pub fn check(&self) -> Result<(), ResourceServerError> {
        if let Some(name) = &self.repeated {
            return Err(ResourceServerError::OperationTwice { name: name.clone() });
        }
        if self.methods.contains_key("tools/call") {
            return Err(ResourceServerError::ToolsCall);
        }
        let others = self.other_tools.iter().chain(&self.other_methods);
        let listed = self.tools.values().chain(self.methods.values()).chain(others);
        check_scopes(listed.flatten().map(|scope| &**scope))
    }
}

/// Methods by which a client only finds out what there is.
const FIXED: &[&str] = &["initialize", "server/discover", "ping", "logging/setLevel"];

/// Whether a client only finds out by it what there is, or says something that gives it nothing.
fn finds_out(method: &str) -> bool {
    let lists = method.ends_with("/list") && !method.starts_with("tasks/");
    FIXED.contains(&method) || lists || method.starts_with("notifications/")
}

/// Lists what an operation needs, and returns its name if it was listed before.
fn list<'a>(
    list: &mut BTreeMap<Box<str>, Vec<Box<str>>>,
    name: &str,
    scopes: impl IntoIterator<Item = &'a str>,
) -> Option<Box<str>> {
    let earlier = list.insert(name.into(), scopes.into_iter().map(Into::into).collect());
    earlier.map(|_| name.into())
}
