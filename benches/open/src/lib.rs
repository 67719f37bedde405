//! The contestants: one encrypted token, and every key ready before the clock runs.

mod bare;
mod ours;
mod theirs;
#[path = "../../contest/token.rs"]
mod token;

use std::fmt;
use std::hint::black_box;

use jwt_appraisal::testing::{TestKey, TestRecipient};
use jwt_appraisal::{ContentEncryptionAlgorithm, KeyManagementAlgorithm, SignatureAlgorithm};

use bare::Bare;
use ours::Ours;
use theirs::Theirs;

/// How tokens are encrypted.
#[derive(Clone, Copy, Debug)]
pub struct Algorithms {
    pub alg: KeyManagementAlgorithm,
    pub enc: ContentEncryptionAlgorithm,
}

impl Algorithms {
    pub const RSA: Self =
        Self { alg: KeyManagementAlgorithm::RsaOaep256, enc: ContentEncryptionAlgorithm::A256Gcm };
    pub const ECDH: Self = Self {
        alg: KeyManagementAlgorithm::EcdhEsA128Kw,
        enc: ContentEncryptionAlgorithm::A128Gcm,
    };
    pub const DIR: Self =
        Self { alg: KeyManagementAlgorithm::Dir, enc: ContentEncryptionAlgorithm::A128Gcm };
    pub const DIR_CBC: Self =
        Self { alg: KeyManagementAlgorithm::Dir, enc: ContentEncryptionAlgorithm::A256CbcHs512 };

    /// A recipient with a fresh key, or with [`SECRET`].
    fn recipient(self) -> TestRecipient {
        match self.alg {
            KeyManagementAlgorithm::Dir => {
                let secret = &SECRET[..self.enc.key_bytes()];
                TestRecipient::secret("enc-2026", self.alg, secret)
            }
            alg => TestRecipient::generate("enc-2026", alg),
        }
    }
}

impl fmt::Display for Algorithms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.alg, self.enc))
    }
}

const SECRET: [u8; 64] = *b"a secret of the benchmarks alone, and as long as the longest key";

/// What a contestant does with the token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Task {
    /// Opens it, and believes the signed token inside.
    Whole,
    /// Opens it, and no more. What is inside is of the same length, and no token.
    Opening,
}

/// Who takes part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Contestant {
    /// This crate: every check, and the claims in a type.
    Ours,
    /// The least that one can write with `aws-lc-rs`.
    Bare,
    /// The other crate that has all of JWE.
    Josekit,
}

impl Contestant {
    pub const ALL: [Self; 3] = [Self::Ours, Self::Bare, Self::Josekit];
}

impl fmt::Display for Contestant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ours => "ours",
            Self::Bare => "bare",
            Self::Josekit => "josekit",
        })
    }
}

/// One token and everyone's view of it.
pub struct Contest {
    task: Task,
    token: String,
    /// The length of what is inside.
    content_bytes: usize,
    ours: Ours,
    bare: Bare,
    theirs: Theirs,
}

impl Contest {
    pub fn new(algorithms: Algorithms, task: Task) -> Self {
        let issuer = TestKey::generate("2026-11", SignatureAlgorithm::Es256);
        let recipient = algorithms.recipient();
        let signed = token::draft(&issuer).sign();
        let content = match task {
            Task::Whole => signed.into_bytes(),
            // Its first byte is in no token, so that this crate gets no further.
            Task::Opening => vec![0xff; signed.len()],
        };
        Self {
            task,
            content_bytes: content.len(),
            token: recipient.envelope(content, algorithms.enc).encrypt(),
            ours: Ours::new(algorithms, &recipient, &issuer),
            bare: Bare::new(algorithms, &recipient, &issuer),
            theirs: Theirs::new(algorithms.alg, &recipient, &issuer),
        }
    }

    /// The length of what is inside.
    pub fn content_bytes(&self) -> usize {
        self.content_bytes
    }

    /// Runs one contestant once, and asserts that it did what it should.
    pub fn run(&self, contestant: Contestant) {
        let token = black_box(&*self.token);
        match (contestant, self.task) {
            (Contestant::Ours, Task::Whole) => self.ours.accept(token),
            (Contestant::Ours, Task::Opening) => self.ours.open(token),
            (Contestant::Bare, Task::Whole) => self.bare.verify(&self.bare.open(token)),
            (Contestant::Bare, Task::Opening) => self.check_opened(&self.bare.open(token)),
            (Contestant::Josekit, Task::Whole) => self.theirs.verify(&self.theirs.open(token)),
            (Contestant::Josekit, Task::Opening) => self.check_opened(&self.theirs.open(token)),
        }
    }

    /// The tag has been checked, so the length is enough.
    fn check_opened(&self, content: &[u8]) {
        assert_eq!(black_box(content).len(), self.content_bytes);
    }
}
