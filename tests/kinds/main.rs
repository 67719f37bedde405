//! Every kind of token by its profile: what it demands, and that it refuses every other kind.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod delegation;
mod documentation;
mod exclusion;
mod kind;
mod oauth;
mod oidc;
mod possession;
mod replay;
mod resources;
mod rows;
mod set;
mod set_members;
mod sets;
#[path = "../support/mod.rs"]
mod support;
