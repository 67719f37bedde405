//! The identity of a policy: the operator's name for it, and a digest of what it says.

use std::fmt::{self, Write};

use crate::base64url;
use crate::check::PolicyId;
use crate::crypto::CryptoProvider;

/// Names a policy by a digest of its parts, in the words of their `Debug`. Keys, secrets, clocks and sources
/// are no parts, because they change while the policy stays.
pub(super) fn policy_id(
    name: Option<Box<str>>,
    parts: &[&dyn fmt::Debug],
    provider: &CryptoProvider,
) -> PolicyId {
    let mut text = String::new();
    for part in parts {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{part:?}");
    }
    let digest = base64url::encode(&(provider.sha256)(text.as_bytes()));
    PolicyId { name: name.map(Into::into), digest: Some(digest.into()) }
}
