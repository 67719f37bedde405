//! Stage 1, PARSE: bytes → [`UnverifiedToken`].

mod compact;
mod header;
mod look;

pub(crate) use compact::{SignatureBuffer, UnverifiedToken, check_size, is_in_alphabet};
pub(crate) use header::{HeaderBuffer, JoseHeader};
pub(crate) use look::{Look, LookError};
