//! Questions that only a source of state can answer, and their answers.

use std::fmt;
use std::sync::Arc;

use ::time::OffsetDateTime;

use super::replay::TokenId;
use crate::names::{Issuer, KeyId};

/// What is asked about a token that passed every local check.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Ask {
    /// Was the token revoked, or its subject, client, session or key suspended (check `state.revoked`)? This
    /// question only reads.
    Revoked(Box<TokenFacts>),
    /// Is this the first use of a token that is good for one use (check `state.replay`)? The source remembers
    /// the token in the same step, so this question is asked last, and only if every other answer was good.
    FirstUse(FirstUse),
}

/// The kinds of questions.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AskKind {
    /// [`Ask::Revoked`].
    Revoked,
    /// [`Ask::FirstUse`].
    FirstUse,
}

impl Ask {
    /// The kind of the question.
    pub fn kind(&self) -> AskKind {
        match self {
            Self::Revoked(_) => AskKind::Revoked,
            Self::FirstUse(_) => AskKind::FirstUse,
        }
    }
}

/// The identity of a token that is good for one use, and how long it must be remembered.
#[derive(Clone, Debug)]
pub struct FirstUse {
    pub(crate) token: TokenId,
    pub(crate) until: OffsetDateTime,
}

impl FirstUse {
    /// The identity of the token.
    pub fn token(&self) -> &TokenId {
        &self.token
    }

    /// The moment until which the token must be remembered. After it, the token is rejected for its age.
    pub fn until(&self) -> OffsetDateTime {
        self.until
    }
}

/// What is known of a token: every name under which a source may have revoked it.
#[derive(Clone)]
pub struct TokenFacts {
    pub(crate) issuer: Issuer,
    pub(crate) key_id: Option<KeyId>,
    pub(crate) token_id: Option<Box<str>>,
    pub(crate) subject: Option<Box<str>>,
    pub(crate) client_id: Option<Box<str>>,
    pub(crate) session_id: Option<Box<str>>,
    pub(crate) issued_at: Option<OffsetDateTime>,
    pub(crate) expires_at: Option<OffsetDateTime>,
}

impl TokenFacts {
    /// The party whose key verified the token. Every other name is unique within this party only.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The `kid` of the key.
    pub fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }

    /// The identifier of the token (`jti`).
    pub fn token_id(&self) -> Option<&str> {
        self.token_id.as_deref()
    }

    /// The subject.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// The client that the token was issued to.
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// The session at the issuer (`sid`).
    pub fn session_id(&self) -> Option<&str> {
        self.session_id.as_deref()
    }

    /// The time of issue.
    pub fn issued_at(&self) -> Option<OffsetDateTime> {
        self.issued_at
    }

    /// The end of the token's validity.
    pub fn expires_at(&self) -> Option<OffsetDateTime> {
        self.expires_at
    }
}

/// The names of a token are not printed, because they identify people.
impl fmt::Debug for TokenFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenFacts").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// What a source says about a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a source has nothing else to say")]
pub enum Says {
    /// Nothing stands in the way: the token is not revoked, or this is its first use.
    Clear,
    /// The token is revoked, or was used before.
    Denied,
    /// The source cannot tell: it is full, or out of reach. The appraisal is undetermined.
    Unknown,
}

/// An open question of one appraisal.
#[derive(Clone, Debug)]
pub struct Question {
    id: QuestionId,
    ask: Ask,
}

/// The answer to a [`Question`]. It is made from its question, so it cannot be mistaken for the answer about
/// another token, of another round, or of another appraisal.
#[derive(Clone, Debug)]
pub struct Answer {
    id: QuestionId,
    says: Says,
}

/// The round of an appraisal, and the kind of the question in it.
#[derive(Clone)]
struct QuestionId {
    round: Arc<Round>,
    kind: AskKind,
}

/// Identifies one round of one appraisal by its address.
#[derive(Debug)]
pub(crate) struct Round(());

impl Round {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(()))
    }
}

impl Question {
    pub(crate) fn new(round: &Arc<Round>, ask: Ask) -> Self {
        Self { id: QuestionId { round: Arc::clone(round), kind: ask.kind() }, ask }
    }

    /// What is asked.
    pub fn ask(&self) -> &Ask {
        &self.ask
    }

    /// The answer to this very question.
    pub fn answer(&self, says: Says) -> Answer {
        Answer { id: self.id.clone(), says }
    }

    /// What the answers say to this question. Without an answer, or with answers that contradict each other,
    /// nothing is known.
    pub(crate) fn settle(&self, answers: &[Answer]) -> Says {
        let mut own = answers.iter().filter(|answer| answer.id.is(&self.id)).map(|own| own.says);
        let Some(first) = own.next() else {
            return Says::Unknown;
        };
        if own.all(|says| says == first) { first } else { Says::Unknown }
    }
}

impl QuestionId {
    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.round, &other.round) && self.kind == other.kind
    }
}

impl fmt::Debug for QuestionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}
