//! Stage 1, PARSE: bytes → [`UnverifiedToken`].

mod compact;
mod header;

pub(crate) use compact::{
    SignatureBuffer, UnverifiedToken, check_base64url, check_size, is_in_alphabet,
};
pub(crate) use header::{HeaderBuffer, JoseHeader};
