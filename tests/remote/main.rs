//! Remote keys: the state machine under a simulated clock, and the client against a server.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test stops where it cannot go on"
)]

mod cache;
mod client;
mod clocks;
mod discovery;
mod fresh;
mod lessons;
mod many;
mod outage;
mod properties;
mod server;
mod setup;
mod sim;
#[path = "../support/mod.rs"]
mod support;
mod task;
mod texts;
mod tls;
mod waiting;
