//! Tokens that are good for one use: what remembers which were used.

use std::cmp::Ordering;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Mutex, PoisonError};

use ::time::OffsetDateTime;

use crate::time::Seconds;

/// Remembers tokens that are good for one use (check `state.replay`).
///
/// It is asked last, about a token that passed every other check, so a forged token takes no room in
/// it; but whoever has a key or a client of his own can make good ones, so bound how many one party may
/// have in it ([`TokenId::party`]). Validators of one kind that share a guard have to have the same leeway and
/// the same greatest age, or one forgets what the other still accepts. A guard that several servers share has to decide and to remember in one step.
pub trait ReplayGuard: fmt::Debug + Send + Sync {
    /// Says whether this is the token's first use, and remembers it until `until`; after that the
    /// token is refused for its age.
    ///
    /// `now` is the time of the appraisal.
    fn first_use(&self, token: &TokenId, until: OffsetDateTime, now: OffsetDateTime) -> Replay;
}

/// What a [`ReplayGuard`] says of a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a guard has nothing else to say")]
pub enum Replay {
    /// It was not used before.
    FirstUse,
    /// It was used before.
    Replayed,
    /// The guard can not say: its store is full or out of reach. The appraisal is undetermined.
    Unknown,
}

/// A token's identity: a SHA-256 hash over its kind, its issuer and its `jti`, so that a store holds 32
/// bytes for each, however long a `jti` is, and nothing of what it says. It prints in base64url.
///
/// Comparisons ignore the [party](Self::party): one token is the same token, whatever name an entry point
/// gives to the party that presents it.
///
/// [RFC 9449 §11.1](https://www.rfc-editor.org/rfc/rfc9449#section-11.1)
#[derive(Clone, Copy, Debug)]
pub struct TokenId {
    id: [u8; 32],
    party: [u8; 32],
}

impl TokenId {
    pub(crate) fn new(id: [u8; 32], party: [u8; 32]) -> Self {
        Self { id, party }
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.id
    }

    /// A SHA-256 hash over the party that presents the token, so that a guard can bound the room that one
    /// party takes: its kind and its issuer. For a DPoP proof that is checked alone it is the proof's key. For
    /// one that is checked beside its access token it is the caller's issuer and subject, because a client may
    /// have many keys.
    pub fn party(&self) -> &[u8; 32] {
        &self.party
    }
}

impl Eq for TokenId {}

impl PartialEq for TokenId {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Hash for TokenId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl Ord for TokenId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.id.cmp(&other.id)
    }
}

impl PartialOrd for TokenId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::base64url::encode(&self.id))
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
/// // About 30 MB when it is full, which no client can do alone.
/// let guard = MemoryReplayGuard::new(100_000).most_per_party(1_000);
/// ```
pub struct MemoryReplayGuard {
    most: usize,
    most_per_party: usize,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    until: BTreeMap<TokenId, i64>,
    by_expiry: BTreeSet<(i64, TokenId)>,
    /// How many there are of each party.
    of_party: BTreeMap<[u8; 32], usize>,
    /// What expired up to here may have been forgotten.
    forgotten: Option<i64>,
}

impl MemoryReplayGuard {
    /// A guard that holds at most so many tokens, about 300 bytes each.
    pub fn new(most: usize) -> Self {
        Self { most, most_per_party: most, seen: Mutex::default() }
    }

    /// Holds at most so many tokens of one party; of a further one it can not say whether it was used.
    /// By default one party may take all the room. A client that sends `n` requests a second with DPoP
    /// has about 65 `n` proofs in it.
    pub fn most_per_party(mut self, most: usize) -> Self {
        self.most_per_party = most;
        self
    }
}

impl ReplayGuard for MemoryReplayGuard {
    fn first_use(&self, token: &TokenId, until: OffsetDateTime, now: OffsetDateTime) -> Replay {
        let (until, now) = (Seconds::at(until).get(), Seconds::at(now).get());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.until.contains_key(token) {
            return Replay::Replayed;
        }
        // The clock was set back, and what is valid again may have been used.
        if seen.forgotten.is_some_and(|forgotten| until <= forgotten) {
            return Replay::Unknown;
        }
        let full = |seen: &Seen| {
            let own = seen.of_party.get(token.party()).copied().unwrap_or(0);
            seen.until.len() >= self.most || own >= self.most_per_party
        };
        if full(&seen) {
            seen.forget(now);
        }
        if full(&seen) {
            return Replay::Unknown;
        }
        let own = seen.of_party.entry(*token.party()).or_default();
        *own = own.saturating_add(1);
        seen.until.insert(*token, until);
        seen.by_expiry.insert((until, *token));
        Replay::FirstUse
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
            self.forget_one_of(token.party());
            self.forgotten = self.forgotten.max(Some(until));
        }
    }

    fn forget_one_of(&mut self, party: &[u8; 32]) {
        if let Entry::Occupied(mut own) = self.of_party.entry(*party) {
            *own.get_mut() = own.get().saturating_sub(1);
            if *own.get() == 0 {
                own.remove();
            }
        }
    }
}

impl fmt::Debug for MemoryReplayGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryReplayGuard")
            .field("most", &self.most)
            .field("most_per_party", &self.most_per_party)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is forgotten of a token is forgotten of its party too, or parties would pile up.
    #[test]
    fn a_party_without_tokens_takes_no_room() {
        let guard = MemoryReplayGuard::new(1);
        let ask = |id: u8, until: i64, now: i64| {
            let token = TokenId::new([id; 32], [id; 32]);
            let at = |seconds| Seconds::nearest(seconds).to_moment();
            guard.first_use(&token, at(until), at(now))
        };
        assert_eq!(ask(1, 10, 0), Replay::FirstUse);
        assert_eq!(ask(2, 30, 11), Replay::FirstUse, "the first has expired");
        let seen = guard.seen.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(seen.of_party.keys().collect::<Vec<_>>(), [&[2; 32]]);
    }

    /// One proof that two entry points present under two names is a replay.
    #[test]
    fn a_token_of_two_parties_is_one_token() {
        let guard = MemoryReplayGuard::new(10);
        let at = |seconds| Seconds::nearest(seconds).to_moment();
        let (one, other) = (TokenId::new([1; 32], [1; 32]), TokenId::new([1; 32], [2; 32]));
        assert_eq!(one, other);
        assert_eq!(one.cmp(&other), Ordering::Equal);
        assert_eq!(std::collections::HashSet::from([one, other]).len(), 1);
        assert_eq!(guard.first_use(&one, at(10), at(0)), Replay::FirstUse);
        assert_eq!(guard.first_use(&other, at(10), at(0)), Replay::Replayed);
    }
}
