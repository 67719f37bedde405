//! A DPoP proof beside its access token: both are checked in one appraisal.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it cannot continue"
)]

mod agreement;
mod build;
mod client;
mod encrypted;
mod nonces;
mod proof;
mod refusals;
mod remote;
mod sets;
#[path = "../support/mod.rs"]
mod support;
mod uses;
