//! A user of `reqwest` in the same build as `jwt-appraisal` with its feature `remote`.
//!
//! Cargo builds a shared dependency once, with the features that any crate asks for. A feature of
//! `jwt-appraisal` must not change how a client of `reqwest` behaves for its other users.

pub use jwt_appraisal::remote;
pub use reqwest;
