//! What surrounds a signed token, before stage 1: nothing, or a JWE. The content goes through every
//! stage as if it had arrived alone, because decryption does not prove who wrote it.

mod compact_jwe;
mod inflate;
mod jwe;
mod jwe_policy;
mod plan;
#[cfg_attr(not(test), expect(dead_code, unused_imports, reason = "the validator will use it"))]
mod sd_jwt;

pub(crate) use jwe::Decryption;
pub(crate) use plan::JWE;
