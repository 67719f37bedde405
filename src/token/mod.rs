//! Stage 1, PARSE: bytes → [`UnverifiedToken`]; before it, of an encrypted token, [`EncryptedToken`].

mod compact;
mod encrypted;
mod header;
mod inflate;

pub(crate) use compact::{SignatureBuffer, UnverifiedToken, check_base64url, check_size};
pub(crate) use encrypted::EncryptedToken;
pub(crate) use header::{HeaderBuffer, JoseHeader};
pub(crate) use inflate::inflate;
