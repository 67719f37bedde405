//! Stage 3, SELECT: the admitted header and the issuer's keys → exactly one key.
//!
//! JWKs are read ([`Jwk`], [`JwkSet`]), bound to their one algorithm and imported once
//! ([`KeyStore`]), and belong to one issuer ([`TrustedIssuer`]). The recipient's own keys
//! ([`DecryptionKeys`]) are bound in the same way.

mod bounds;
mod decrypting;
mod decryption;
mod header_key;
mod import;
mod issuer;
mod jwk;
mod key_ops;
#[cfg(feature = "pem")]
mod oid;
#[cfg(feature = "pem")]
mod pem;
#[cfg(feature = "pem")]
mod pkcs8;
mod private;
mod refresh;
mod report;
mod secret;
mod secrets;
mod select;
mod set;
mod snapshot;
mod store;
mod strength;
mod thumbprint;

pub use decryption::{DecryptionKey, DecryptionKeys};
pub use issuer::{IssuerSource, TrustedIssuer};
pub use jwk::Jwk;
pub use refresh::KeyRefresher;
pub use report::{KeyNote, KeyNoteKind, KeyReport};
pub use secret::SharedSecret;
pub use set::JwkSet;
pub use store::KeyStore;

pub(crate) use decrypting::{DecryptingKeys, StoredDecryptingKey, ephemeral_key};
pub(crate) use header_key::{confirmed_key, header_key};
pub(crate) use select::{SelectedKey, check_key_alg, select};
pub(crate) use snapshot::KeySnapshot;
#[cfg(feature = "jwks-cache")]
pub(crate) use store::{NoUsableKey, Replaced, WeakKeyStore};
