//! Strict JSON: a text is read once into a flat document, which both the checks and the caller's
//! type read.
//!
//! Nothing is repaired. The reader refuses duplicate names at any depth, trailing text, a byte order
//! mark, lone surrogates, integers beyond 64 bits, other numbers from 2^53 on, and every text that
//! exceeds the bounds.
//!
//! [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259),
//! [RFC 7519 §4](https://www.rfc-editor.org/rfc/rfc7519#section-4)

mod children;
mod de;
mod deserialize_error;
mod document;
mod graft;
#[cfg(test)]
mod graft_tests;
mod names;
mod plant;
mod read;
mod same;
mod scan;
mod skim;
mod value;

pub use deserialize_error::DeserializeError;
pub use value::{JsonKind, Value};

pub(crate) use document::Document;
pub(crate) use graft::{Fragment, GraftError, Grafts, NewValue, Place, Verification};
#[cfg(test)]
pub(crate) use graft_tests::Tested;
pub(crate) use names::name_hash;
pub(crate) use read::{Bounds, JsonError};
pub(crate) use skim::Skimmer;
pub(crate) use value::Member;
