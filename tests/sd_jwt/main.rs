//! SD-JWT: a custom kind with disclosures, its good and bad presentations, and the vectors of plain
//! SD-JWTs.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it cannot continue"
)]

mod binding;
mod membership;
mod plain;
#[path = "../support/mod.rs"]
mod support;
mod vectors;
#[path = "../support/vectors.rs"]
mod vectors_folder;
