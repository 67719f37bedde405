//! Tokens that are good for one use: what remembers which were used.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use ::time::OffsetDateTime;

use crate::time::Seconds;

/// Remembers tokens that are good for one use (check `state.replay`).
///
/// It is asked last, about a token that passed every other check, so a forged token takes no room in
/// it; but anybody can make a good DPoP proof with a key of his own, so bound who may send them, or
/// give each client a guard. Validators of one kind that share a guard have to have the same leeway and
/// the same greatest age, or one forgets what the other still accepts. A guard that several servers share has to decide and to remember in one step.
pub trait ReplayGuard: fmt::Debug + Send + Sync {
    /// Says whether this is the token's first use, and remembers it until `until`; after that the
    /// token is refused for its age.
    ///
    /// `now` is the time of the appraisal.
    fn first_use(&self, token: &TokenId, until: OffsetDateTime, now: OffsetDateTime) -> FirstUse;
}

/// What a [`ReplayGuard`] says of a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a guard has nothing else to say")]
pub enum FirstUse {
    /// It was not used before.
    Yes,
    /// It was used before.
    No,
    /// The guard can not say: its store is full or out of reach. The appraisal is undetermined.
    Unknown,
}

/// A token's identity: a SHA-256 hash over its kind, its issuer and its `jti`, so that a store holds 32
/// bytes for each, however long a `jti` is, and nothing of what it says. It prints in base64url.
///
/// [RFC 9449 §11.1](https://www.rfc-editor.org/rfc/rfc9449#section-11.1)
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TokenId([u8; 32]);

impl TokenId {
    pub(crate) fn new(hash: [u8; 32]) -> Self {
        Self(hash)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::base64url::encode(&self.0))
    }
}

/// A [`ReplayGuard`] in the memory of one process.
///
/// It holds a bounded number of tokens, each until it has expired. When it is full of tokens that
/// have not, it can not say of a further one whether it was used: nothing is ever forgotten to make
/// room. Other processes do not know what this one saw.
///
/// ```
/// # use jwt_appraisal::{MemoryReplayGuard, Profile, Validator};
/// // About 20 MB when it is full.
/// let guard = MemoryReplayGuard::new(100_000);
/// ```
pub struct MemoryReplayGuard {
    most: usize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    until: BTreeMap<TokenId, i64>,
    by_expiry: BTreeSet<(i64, TokenId)>,
    /// What expired up to here may have been forgotten.
    forgotten: Option<i64>,
}

impl MemoryReplayGuard {
    /// A guard that holds at most so many tokens, about 200 bytes each.
    pub fn new(most: usize) -> Self {
        Self { most, seen: Mutex::default() }
    }
}

impl ReplayGuard for MemoryReplayGuard {
    fn first_use(&self, token: &TokenId, until: OffsetDateTime, now: OffsetDateTime) -> FirstUse {
        let (until, now) = (Seconds::at(until).get(), Seconds::at(now).get());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.until.contains_key(token) {
            return FirstUse::No;
        }
        // The clock was set back, and what is valid again may have been used.
        if seen.forgotten.is_some_and(|forgotten| until <= forgotten) {
            return FirstUse::Unknown;
        }
        if seen.until.len() >= self.most {
            seen.forget(now);
        }
        if seen.until.len() >= self.most {
            return FirstUse::Unknown;
        }
        seen.until.insert(*token, until);
        seen.by_expiry.insert((until, *token));
        FirstUse::Yes
    }
}

impl Seen {
    /// Forgets what has expired.
    fn forget(&mut self, now: i64) {
        while let Some((until, token)) = self.by_expiry.first().copied()
            && until < now
        {
            self.by_expiry.remove(&(until, token));
            self.until.remove(&token);
            self.forgotten = self.forgotten.max(Some(until));
        }
    }
}

impl fmt::Debug for MemoryReplayGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayGuard").field("most", &self.most).finish_non_exhaustive()
    }
}
