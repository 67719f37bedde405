//! Issuers that write their access tokens in a dialect: good tokens, look-alikes, and what the caller
//! requires beyond both.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it cannot continue"
)]

mod acme;
mod build;
mod caller;
mod dpop;
mod exclusion;
mod good;
#[path = "../kinds/kind.rs"]
#[expect(dead_code, reason = "the suite `kinds` uses the rest")]
mod kind;
mod look_alikes;
mod model;
mod names;
mod report;
mod sets;
#[path = "../support/mod.rs"]
mod support;
