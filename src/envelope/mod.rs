//! What surrounds a signed token, before stage 1: nothing, a JWE, or the disclosures of an SD-JWT. The
//! token inside goes through every stage as if it had arrived alone, because neither decryption nor a
//! disclosure proves who wrote it. Disclosures are read after the signature, from which they have their
//! digests.

mod compact_jwe;
mod inflate;
mod jwe;
mod jwe_policy;
mod plan;
mod sd_jwt;

pub(crate) use jwe::Decryption;
pub(crate) use sd_jwt::{Disclosures, SdJwt};

/// What surrounds the signed tokens of a validator.
#[derive(Debug)]
pub(crate) enum Envelope {
    /// Nothing.
    Plain,
    /// A JWE.
    Encrypted(Decryption),
    /// Disclosures.
    Disclosed,
}

impl Envelope {
    pub(crate) fn is_encrypted(&self) -> bool {
        matches!(self, Self::Encrypted(_))
    }

    /// Whether a token has this form, as far as `~` tells. A token that is encrypted has none.
    pub(crate) fn fits(&self, token: &[u8]) -> bool {
        matches!(self, Self::Disclosed) == token.contains(&b'~')
    }
}

/// What stands before the disclosures: the part of a token that looks like a signed token from outside.
pub(crate) fn before_disclosures(token: &[u8]) -> &[u8] {
    token.split(|octet| *octet == b'~').next().unwrap_or(token)
}
