//! Between an HTTP request and a trusted caller: what is taken from a request, what is answered, what is
//! published, and what the service behind sees.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it cannot continue"
)]

mod axum;
mod challenge;
mod config;
mod contract;
mod credentials;
mod details;
mod dpop;
mod frameworks;
mod grammar;
mod layer;
mod mcp;
mod metadata;
mod nested;
mod scopes;
mod secrecy;
mod sessions;
mod sets;
mod site;
mod state;
#[path = "../support/mod.rs"]
mod support;
mod waiting;
