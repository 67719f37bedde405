//! Strict JSON: read once into a flat document, from which checks and the caller's type both take.
//!
//! Nothing is repaired. Duplicate names at any depth, trailing text, a byte order mark, lone
//! surrogates, integers beyond 64 bits, other numbers from 2^53 on, and whatever exceeds the bounds
//! are refused.
//!
//! [RFC 8259](https://www.rfc-editor.org/rfc/rfc8259),
//! [RFC 7519 §4](https://www.rfc-editor.org/rfc/rfc7519#section-4)

mod de;
mod document;
mod misfit;
mod read;
mod same;
mod scan;

pub use document::JsonKind;
pub(crate) use document::{Document, Member, Value, name_hash};
pub(crate) use read::{Bounds, JsonFault};
