//! Stage 3, SELECT: the admitted header and the issuer's keys → exactly one key.
//!
//! JWKs are read ([`Jwk`], [`JwkSet`]), bound to their one algorithm and imported once
//! ([`KeyStore`]), and belong to one issuer ([`TrustedIssuer`]). The recipient's own keys
//! ([`DecryptionKeys`]) are bound in the same way.

mod bind;
mod decryption;
mod embedded;
mod issuer;
mod jwk;
#[cfg(feature = "pem")]
mod oid;
mod opening;
#[cfg(feature = "pem")]
mod pem;
#[cfg(feature = "pem")]
mod pkcs8;
mod private;
mod refresh;
mod secret;
mod select;
mod set;
mod store;
mod strength;
mod thumbprint;

pub use decryption::{DecryptionKey, DecryptionKeys};
pub use issuer::{IssuerSource, TrustedIssuer};
pub use jwk::Jwk;
pub use refresh::KeyRefresher;
pub use secret::SharedSecret;
pub use set::JwkSet;
pub use store::{KeyReport, KeyStore};
pub use thumbprint::Thumbprint;

pub(crate) use embedded::embedded_key;
pub(crate) use opening::{OpeningKeys, StoredOpeningKey, ephemeral_key};
pub(crate) use select::{SelectedKey, check_key_alg, select};
pub(crate) use store::KeySnapshot;
#[cfg(feature = "jwks-cache")]
pub(crate) use store::{NoUsableKey, Replaced, WeakKeyStore};
