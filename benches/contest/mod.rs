//! The contestants: one token, the same demands on it, and every key ready before the clock runs.

mod bare;
mod theirs;
mod token;

use std::fmt;
use std::hint::black_box;

use jwt_appraisal::testing::TestKey;
use jwt_appraisal::{
    AccessTokenClaims, JwkSet, KeyStore, MacAlgorithm, Profile, SharedSecret, SignatureAlgorithm,
    TrustedIssuer, Validator,
};
use serde_json::json;

use bare::BareKey;
use theirs::Theirs;
pub(crate) use token::draft;
use token::{AUDIENCE, CLIENT, ISSUER};

/// The algorithms, by the name under which they appear in a benchmark's id.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Alg {
    Hs256,
    Rs256,
    Es256,
    Ed25519,
}

impl Alg {
    /// A fresh key. Ed25519 goes by its older name in the header: `jsonwebtoken` has no other.
    pub(crate) fn key(self) -> TestKey {
        match self {
            Self::Hs256 => TestKey::secret("2026-11", MacAlgorithm::Hs256, &SECRET),
            Self::Rs256 => TestKey::generate("2026-11", SignatureAlgorithm::Rs256),
            Self::Es256 => TestKey::generate("2026-11", SignatureAlgorithm::Es256),
            Self::Ed25519 => TestKey::generate("2026-11", SignatureAlgorithm::EdDsa),
        }
    }
}

impl fmt::Display for Alg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::Ed25519 => "Ed25519",
        })
    }
}

const SECRET: [u8; 32] = *b"a secret of the benchmarks alone";

/// Who takes part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Contestant {
    /// This crate: every check, and the claims in a type.
    Ours,
    /// Signature verification alone.
    RingBare,
    /// The crate that most services use.
    Jsonwebtoken,
}

impl Contestant {
    pub(crate) const ALL: [Self; 3] = [Self::Ours, Self::RingBare, Self::Jsonwebtoken];
}

impl fmt::Display for Contestant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ours => "ours",
            Self::RingBare => "ring-bare",
            Self::Jsonwebtoken => "jsonwebtoken",
        })
    }
}

/// One token and everyone's view of it.
pub(crate) struct Contest {
    token: String,
    validator: Validator<AccessTokenClaims>,
    bare: BareKey,
    signature: Vec<u8>,
    theirs: Theirs,
}

impl Contest {
    pub(crate) fn new(alg: Alg) -> Self {
        let key = alg.key();
        let token = draft(&key).sign();
        let (signing_input, _) = token.rsplit_once('.').unwrap();
        Self {
            validator: validator(alg, &key),
            bare: BareKey::new(alg, &key),
            signature: bare::signature_of(&token, signing_input.len()),
            theirs: Theirs::new(alg, &key),
            token,
        }
    }

    /// Runs one contestant once, and asserts that it believes the token.
    pub(crate) fn run(&self, contestant: Contestant) {
        match contestant {
            Contestant::Ours => self.ours(),
            Contestant::RingBare => self.ring_bare(),
            Contestant::Jsonwebtoken => self.jsonwebtoken(),
        }
    }

    fn ours(&self) {
        let appraisal = self.validator.appraise(black_box(&self.token));
        let accepted = appraisal.into_result().unwrap();
        assert_eq!(&*accepted.claims().client_id, CLIENT);
    }

    fn ring_bare(&self) {
        let (signing_input, _) = black_box(&self.token).rsplit_once('.').unwrap();
        self.bare.verify(signing_input.as_bytes(), black_box(&self.signature));
    }

    fn jsonwebtoken(&self) {
        self.theirs.decode(black_box(&self.token));
    }
}

/// A validator of the tokens that `key` signs.
pub(crate) fn validator(alg: Alg, key: &TestKey) -> Validator<AccessTokenClaims> {
    let profile = Validator::builder(Profile::access_token());
    let trusting = match alg {
        Alg::Hs256 => {
            let secret = SharedSecret::new(MacAlgorithm::Hs256, &SECRET).unwrap();
            profile.shared_secret(ISSUER, secret)
        }
        Alg::Rs256 => profile.issuer(issuer(SignatureAlgorithm::Rs256, key)),
        Alg::Es256 => profile.issuer(issuer(SignatureAlgorithm::Es256, key)),
        Alg::Ed25519 => profile.issuer(issuer(SignatureAlgorithm::EdDsa, key)),
    };
    trusting.audience(AUDIENCE).build().unwrap()
}

fn issuer(alg: SignatureAlgorithm, key: &TestKey) -> TrustedIssuer {
    let jwks = json!({ "keys": [key.jwk()] }).to_string();
    let keys = KeyStore::new([alg], JwkSet::from_json(&jwks).unwrap()).unwrap();
    TrustedIssuer::new(ISSUER, keys)
}
