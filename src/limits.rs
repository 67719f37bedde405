//! Bounds on what is read, each with where its number comes from.

use serde::Deserialize;

/// How much of an input is read before it is refused.
///
/// ```
/// # use jwt_appraisal::Limits;
/// let mut limits = Limits::default();
/// limits.token_bytes = 4 * 1024;
/// ```
///
/// In a configuration file each member is optional, and unknown ones are refused.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The longest token in bytes. Default 16 KiB: what common servers accept as one header field
    /// at most; real access tokens have 0.5 to 4 KiB. At most 1 MiB.
    pub token_bytes: usize,
    /// The longest header segment in bytes, as encoded. Default and maximum 8 KiB: an `x5c` chain
    /// of three certificates fits, and it is decoded on the stack.
    pub header_bytes: usize,
    /// How deep JSON may nest. Default 16: twice what the deepest registered claim needs. At most
    /// 64; a thread then needs a stack of 128 KiB (512 KiB in a debug build).
    pub json_depth: usize,
    /// How many values, names included, a claims set or key set may have. Default 4,096: a token
    /// of 16 KiB with ordinary members has about 1,000. At most 65,536.
    pub json_values: usize,
    /// How many members one JSON object may have. Default 256; names are compared pairwise. At
    /// most 1,024.
    pub object_members: usize,
    /// How many disclosures an SD-JWT may have. Default 128: credentials with all their claims disclosed
    /// have 10 to 60. At most 1,024.
    pub disclosures: usize,
    /// How many actors an `act` claim may name, the current one included. Default 8: longer chains
    /// are a loop or an attack.
    pub actor_depth: usize,
    /// The longest JWK set in bytes. Default 256 KiB: 100 keys with their certificates.
    pub key_set_bytes: usize,
    /// How many keys a set may have. Default 100: issuers publish two to ten.
    pub keys_per_set: usize,
    /// The longest token in bytes that compressed content of an encrypted one is inflated to, where
    /// that is permitted. Default and maximum 250,000: "such as 250 KB" (rfc8725bis §3.15).
    pub inflated_bytes: usize,
}

impl Limits {
    /// Compressed content is not inflated beyond this.
    const MAX_INFLATED_BYTES: usize = 250_000;

    /// A header longer than this, encoded, is never read.
    pub(crate) const MAX_HEADER_BYTES: usize = 8 * 1024;

    pub(crate) const MAXIMUM: Self = Self {
        token_bytes: 1024 * 1024,
        header_bytes: Self::MAX_HEADER_BYTES,
        json_depth: 64,
        json_values: 65_536,
        object_members: 1_024,
        disclosures: 1_024,
        actor_depth: 64,
        key_set_bytes: 16 * 1024 * 1024,
        keys_per_set: 10_000,
        inflated_bytes: Self::MAX_INFLATED_BYTES,
    };

    /// The larger one of each limit on reading a token.
    pub(crate) fn widest(self, other: Self) -> Self {
        Self {
            token_bytes: self.token_bytes.max(other.token_bytes),
            header_bytes: self.header_bytes.max(other.header_bytes),
            json_depth: self.json_depth.max(other.json_depth),
            json_values: self.json_values.max(other.json_values),
            object_members: self.object_members.max(other.object_members),
            ..self
        }
    }

    /// Returns the first limit that is zero or above its maximum: its name, its value, the largest value
    /// that is permitted, and its unit.
    pub(crate) fn out_of_range(&self) -> Option<(&'static str, usize, usize, &'static str)> {
        let max = Self::MAXIMUM;
        let limits = [
            ("token_bytes", self.token_bytes, max.token_bytes, "bytes"),
            ("header_bytes", self.header_bytes, max.header_bytes, "bytes"),
            ("json_depth", self.json_depth, max.json_depth, "levels"),
            ("json_values", self.json_values, max.json_values, "values"),
            ("object_members", self.object_members, max.object_members, "members"),
            ("disclosures", self.disclosures, max.disclosures, "disclosures"),
            ("actor_depth", self.actor_depth, max.actor_depth, "actors"),
            ("key_set_bytes", self.key_set_bytes, max.key_set_bytes, "bytes"),
            ("keys_per_set", self.keys_per_set, max.keys_per_set, "keys"),
            ("inflated_bytes", self.inflated_bytes, max.inflated_bytes, "bytes"),
        ];
        limits.into_iter().find(|(_, found, most, _)| !(1..=*most).contains(found))
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            token_bytes: 16 * 1024,
            header_bytes: Self::MAX_HEADER_BYTES,
            json_depth: 16,
            json_values: 4_096,
            object_members: 256,
            disclosures: 128,
            actor_depth: 8,
            key_set_bytes: 256 * 1024,
            keys_per_set: 100,
            inflated_bytes: Self::MAX_INFLATED_BYTES,
        }
    }
}
