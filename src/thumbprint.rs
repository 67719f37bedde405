//! The name of a key by its hash. It has its own module because claims are compared with it, and claims
//! must not see keys.

use std::fmt;
use std::str::FromStr;

use crate::base64url;
use crate::error::KeyError;

/// The SHA-256 thumbprint of a key; it prints in base64url.
///
/// [RFC 7638 §3](https://www.rfc-editor.org/rfc/rfc7638#section-3)
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Thumbprint([u8; 32]);

impl Thumbprint {
    pub(crate) fn new(sha256: [u8; 32]) -> Self {
        Self(sha256)
    }

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
        octets.map(Self).ok_or(KeyError::Encoding { expected: "a SHA-256 thumbprint in base64url" })
    }
}

impl fmt::Display for Thumbprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.0))
    }
}
