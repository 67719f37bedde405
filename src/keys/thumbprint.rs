//! JWK thumbprints with SHA-256.

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

use super::jwk::{Jwk, Material};
use crate::base64url;
use crate::crypto::CryptoProvider;
use crate::error::KeyError;

/// The SHA-256 thumbprint of a key; it prints in base64url.
///
/// [RFC 7638 §3](https://www.rfc-editor.org/rfc/rfc7638#section-3)
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Thumbprint([u8; 32]);

impl Thumbprint {
    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The thumbprint as a URI.
    ///
    /// [RFC 9278 §3](https://www.rfc-editor.org/rfc/rfc9278#section-3)
    ///
    /// ```
    /// # use jwt_appraisal::Jwk;
    /// # let jwk = Jwk::from_json(
    /// #     r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    /// # )?;
    /// let uri = jwk.thumbprint().uri();
    /// assert!(uri.starts_with("urn:ietf:params:oauth:jwk-thumbprint:sha-256:"));
    /// # Ok::<(), jwt_appraisal::KeyError>(())
    /// ```
    pub fn uri(&self) -> String {
        format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{self}")
    }
}

/// Reads a thumbprint as it prints, such as that of `cnf.jkt`.
impl FromStr for Thumbprint {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let octets = base64url::decode(text).ok();
        let octets = octets.and_then(|octets| octets.as_slice().try_into().ok());
        octets.map(Self).ok_or(KeyError::Encoding("a SHA-256 thumbprint in base64url"))
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.0))
    }
}

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

    /// The thumbprint, hashed by a provider of one's choice.
    pub fn thumbprint_with(&self, provider: &CryptoProvider) -> Thumbprint {
        Thumbprint((provider.sha256)(self.canonical().as_bytes()))
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
