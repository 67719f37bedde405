//! How much of key material is read.

use crate::json::Bounds;
use crate::limits::Limits;

/// Returns how much of a set, or of one key, is read. A member name may occur twice in a key, which is then
/// left out while the rest of its set is used.
pub(super) fn bounds(limits: &Limits) -> Bounds {
    Bounds { lenient_keys: true, ..Bounds::of(limits) }
}
