//! Keys and links in a header that nothing uses.

use std::fmt;

/// The header members that bring a key or a link to one along and that were ignored: `jwk`, `jku`, `x5u`
/// or `x5c`. An attacker can put any key there, so they are never fetched and never trusted.
///
/// [RFC 8725 §3.10](https://www.rfc-editor.org/rfc/rfc8725#section-3.10)
#[derive(Clone, Copy, Default, Eq, PartialEq)]
pub struct IgnoredKeys(u8);

impl IgnoredKeys {
    const MEMBERS: [(u8, &str); 4] = [(1, "jwk"), (2, "jku"), (4, "x5u"), (8, "x5c")];

    pub(crate) fn of(is_ignored: impl Fn(&str) -> bool) -> Self {
        let ignored = Self::MEMBERS.iter().filter(|(_, name)| is_ignored(name));
        Self(ignored.fold(0, |bits, (bit, _)| bits | bit))
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the names of the members.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::MEMBERS.into_iter().filter(move |(bit, _)| self.0 & bit != 0).map(|(_, name)| name)
    }
}

impl fmt::Debug for IgnoredKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

impl fmt::Display for IgnoredKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        self.names()
            .try_for_each(|name| write!(f, "{}{name}", std::mem::replace(&mut separator, ", ")))
    }
}
