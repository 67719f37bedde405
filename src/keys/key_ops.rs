//! The operations that a key is for.

use std::collections::BTreeSet;

use crate::error::{InvalidKey, KeyErrorKind};

/// What is wrong with the operations of a key.
pub(super) fn invalid_operations(kind: KeyErrorKind) -> InvalidKey {
    InvalidKey::new("key_ops", kind)
}

/// Returns the operations of a key, of which none may occur twice; `None` if the key does not name any.
///
/// <https://www.rfc-editor.org/rfc/rfc7517#section-4.3>
pub(super) fn distinct_operations(
    key_ops: Option<&[Box<str>]>,
) -> Result<Option<BTreeSet<&str>>, InvalidKey> {
    let Some(operations) = key_ops else {
        return Ok(None);
    };
    let distinct: BTreeSet<_> = operations.iter().map(|operation| &**operation).collect();
    if distinct.len() < operations.len() {
        return Err(invalid_operations(KeyErrorKind::Twice));
    }
    Ok(Some(distinct))
}
