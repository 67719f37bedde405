//! What a token says of itself, of which nothing was verified.

use std::fmt;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::names::UntrustedStr;

/// What a token that was refused before its signature passed says of itself, if the validator records that
/// ([`ValidatorBuilder::record_claimed`](crate::ValidatorBuilder::record_claimed)). An attacker can write
/// anything into it. It prints and serialises escaped, and each value is cut to 64 characters.
#[derive(Clone, Default)]
pub struct Claimed {
    pub(crate) algorithm: Option<Box<str>>,
    pub(crate) typ: Option<Box<str>>,
    pub(crate) key_id: Option<Box<str>>,
    pub(crate) party: Option<Box<str>>,
}

impl Claimed {
    /// The longest value that is kept, in bytes. A longer one is left out.
    pub(crate) const MOST_BYTES: usize = 512;

    /// The algorithm that the header names (`alg`).
    pub fn algorithm(&self) -> Option<UntrustedStr<'_>> {
        self.algorithm.as_deref().map(UntrustedStr::new)
    }

    /// The type that the header names (`typ`).
    pub fn typ(&self) -> Option<UntrustedStr<'_>> {
        self.typ.as_deref().map(UntrustedStr::new)
    }

    /// The key that the header names (`kid`).
    pub fn key_id(&self) -> Option<UntrustedStr<'_>> {
        self.key_id.as_deref().map(UntrustedStr::new)
    }

    /// The party that the payload names: the issuer (`iss`), or the client that should have signed.
    pub fn party(&self) -> Option<UntrustedStr<'_>> {
        self.party.as_deref().map(UntrustedStr::new)
    }
}

impl fmt::Debug for Claimed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claimed")
            .field("algorithm", &self.algorithm())
            .field("typ", &self.typ())
            .field("key_id", &self.key_id())
            .field("party", &self.party())
            .finish()
    }
}

impl Serialize for Claimed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in [
            ("alg", self.algorithm()),
            ("typ", self.typ()),
            ("kid", self.key_id()),
            ("party", self.party()),
        ] {
            map.serialize_entry(name, &value.map(|value| value.to_string()))?;
        }
        map.end()
    }
}
