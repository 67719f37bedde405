//! The example MCP server as it runs: on loopback, before a client of `rmcp` and an authorization server.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod answer;
mod authorization_server;
mod client;
mod clock;
mod flow;
mod keys;
#[path = "../../examples/mcp_server.rs"]
#[expect(dead_code, reason = "what the example does on its own")]
mod mcp_server;
mod refusals;
mod scene;
mod sessions;
mod stand_in;
