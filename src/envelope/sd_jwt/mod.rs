//! SD-JWT: an issuer's JWT, and disclosures that put claims into its payload.

mod compact;
mod disclose;
mod hash;
#[cfg(test)]
mod tests;

pub(crate) use compact::SdJwt;
pub(crate) use disclose::{DisclosureBuffer, disclose};
pub(crate) use hash::SdHash;
