//! Disclosures of an SD-JWT.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::compact::base64url;

/// A disclosure of an SD-JWT: what a holder presents, and the digest that the issuer signs in its place.
/// `Display` writes it in base64url.
///
/// ```
/// use jwt_appraisal::testing::{TestDisclosure, TestIssuer};
/// use serde_json::json;
///
/// let name = TestDisclosure::claim("name", "Erika");
/// let team = TestDisclosure::element("chess");
/// let draft = TestIssuer::new("https://club.example.com")
///     .token("membership+sd-jwt")
///     .claim("_sd", json!([name.digest()]))
///     .claim("teams", json!([team.placeholder(), "go"]));
///
/// let without_the_team = draft.present([&name]);
/// assert!(without_the_team.ends_with(&format!("~{name}~")));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TestDisclosure(String);

impl TestDisclosure {
    /// Discloses a member of an object, with a salt of its own.
    pub fn claim(name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::json(&json!([salt(), name.into(), value.into()]))
    }

    /// Discloses an element of an array, with a salt of its own.
    pub fn element(value: impl Into<Value>) -> Self {
        Self::json(&json!([salt(), value.into()]))
    }

    /// Any JSON in place of an array of two or three elements.
    pub fn json(content: &Value) -> Self {
        Self::raw(content.to_string())
    }

    /// Any bytes in place of JSON.
    pub fn raw(content: impl AsRef<[u8]>) -> Self {
        Self(base64url(content.as_ref()))
    }

    /// Returns the SHA-256 digest, which stands in `_sd` for a member.
    pub fn digest(&self) -> String {
        base64url(digest(&SHA256, self.0.as_bytes()).as_ref())
    }

    /// Returns the object that stands for an element.
    pub fn placeholder(&self) -> Value {
        json!({ "...": self.digest() })
    }
}

impl fmt::Display for TestDisclosure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// No two disclosures have the same digest.
fn salt() -> String {
    static DRAWN: AtomicU64 = AtomicU64::new(1);
    format!("salt-{}", DRAWN.fetch_add(1, Ordering::Relaxed))
}
