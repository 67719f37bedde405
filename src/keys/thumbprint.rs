//! The thumbprint of a JWK.

use zeroize::Zeroizing;

use super::jwk::{Jwk, Material};
use crate::base64url;
use crate::crypto::CryptoProvider;
use crate::thumbprint::Thumbprint;

impl Jwk {
    /// The key's SHA-256 thumbprint: over its required members alone, in the order of their names,
    /// so that it does not depend on how the key was written.
    ///
    /// The thumbprint of a symmetric key gives away a hash of the secret
    /// ([RFC 7638 §7](https://www.rfc-editor.org/rfc/rfc7638#section-7)).
    #[cfg(feature = "ring")]
    pub fn thumbprint(&self) -> Thumbprint {
        self.thumbprint_with(&crate::crypto::ring::PROVIDER)
    }

    /// Returns the thumbprint, hashed by this provider.
    pub fn thumbprint_with(&self, provider: &CryptoProvider) -> Thumbprint {
        Thumbprint::new((provider.sha256)(self.canonical().as_bytes()))
    }

    fn canonical(&self) -> Zeroizing<String> {
        let kty = self.material.kty();
        let b64 = base64url::encode;
        let json = match &self.material {
            Material::Rsa { n, e } => {
                format!(r#"{{"e":"{}","kty":"{kty}","n":"{}"}}"#, b64(e), b64(n))
            }
            Material::Ec { curve, x, y } => {
                let (crv, x, y) = (curve.name(), b64(x), b64(y));
                format!(r#"{{"crv":"{crv}","kty":"{kty}","x":"{x}","y":"{y}"}}"#)
            }
            Material::Okp { curve, x } => {
                format!(r#"{{"crv":"{}","kty":"{kty}","x":"{}"}}"#, curve.name(), b64(x))
            }
            Material::Akp { alg, public } => {
                format!(r#"{{"alg":"{alg}","kty":"{kty}","pub":"{}"}}"#, b64(public))
            }
            Material::Oct { k } => {
                let k = Zeroizing::new(b64(k));
                // With room for all of it, so that no copy stays behind.
                let mut json = String::with_capacity(k.len().saturating_add(32));
                json.extend([r#"{"k":""#, &k, r#"","kty":"oct"}"#]);
                json
            }
        };
        Zeroizing::new(json)
    }
}
