//! Errors of the caller and the operator. No token ever causes one: a token is appraised.
//!
//! A variant with data is a struct variant that can gain fields, or wraps another error of this crate.

mod invalid_key;
mod keys;
mod out_of_range;
mod policy;
#[cfg(test)]
pub(crate) mod tests;

pub use invalid_key::{InvalidKey, KeyErrorKind};
pub use keys::KeyError;
pub use out_of_range::{FractionOfSecond, OutOfRange};
pub use policy::ConfigError;

pub(crate) use invalid_key::write_place;
#[cfg(any(feature = "http", feature = "jwks-cache"))]
pub(crate) use out_of_range::DurationError;
pub(crate) use out_of_range::{check_limits, whole_seconds};
