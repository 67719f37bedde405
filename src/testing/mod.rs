//! A test issuer: it generates keys, publishes a JWK set, signs and encrypts tokens, good ones and
//! bad ones.
//!
//! For the tests of services that appraise tokens, and of this crate itself. Never in production:
//! it checks nothing, it signs whatever it is told to, and it panics on a mistake of the test.
//! It signs with aws-lc-rs, so that a test of the default crypto provider has another
//! implementation on the other side.
//!
//! ```
//! use jwt_appraisal::testing::TestIssuer;
//!
//! let issuer = TestIssuer::new("https://as.example.com");
//!
//! // What the service under test is configured with
//! let jwks = issuer.jwks();
//!
//! // A good access token, and the same with one thing wrong
//! let good = issuer.access_token("https://api.example.com");
//! let expired = good.clone().at(1_700_000_000);
//! let mistyped = good.clone().header("typ", "JWT");
//! let anonymous = good.clone().without("sub");
//! let unsecured = good.clone().unsecured();
//!
//! let token = good.sign();
//! assert_eq!(token.split('.').count(), 3);
//! assert!(unsecured.sign().ends_with('.'));
//! # let _ = (jwks, expired.sign(), mistyped.sign(), anonymous.sign());
//! ```
//!
//! [`TestKey`] is a key with its `kid` and its one algorithm, [`TestIssuer`] an issuer with its
//! keys, [`TestToken`] a token that is not signed yet. [`compact`] signs any two strings of bytes,
//! and [`tamper`] changes a token after it was signed. [`TestRecipient`] is a key that tokens are
//! encrypted to, [`TestEnvelope`] a token that is not encrypted yet, [`TestDisclosure`] a claim of an
//! SD-JWT. [`TestAccepted`] makes an accepted token without any of them, for the unit tests of handlers.
//!
//! # A client with DPoP
//!
//! A client has a key, which its token names and which signs a proof for each request:
//!
//! ```
//! use base64::Engine;
//! use base64::engine::general_purpose::URL_SAFE_NO_PAD;
//! use jwt_appraisal::testing::{TestIssuer, TestKey};
//! use jwt_appraisal::{JwkSet, SignatureAlgorithm};
//! # use jwt_appraisal::{KeyStore, MemoryReplayGuard, Profile, RequestFacts, TrustedIssuer, Validator};
//! use serde_json::json;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let issuer = TestIssuer::new("https://as.example.com");
//! let key = TestKey::generate("client", SignatureAlgorithm::Es256);
//! let keys = JwkSet::from_json(json!({ "keys": [key.jwk()] }).to_string())?;
//! let thumbprint = keys.keys().next().expect("a key").thumbprint().to_string();
//! let token = issuer
//!     .access_token("https://api.example.com")
//!     .claim("cnf", json!({ "jkt": thumbprint }))
//!     .sign();
//!
//! let ath = ring::digest::digest(&ring::digest::SHA256, token.as_bytes());
//! let proof = TestIssuer::new("the client")
//!     .with_key(key.clone())
//!     .token("dpop+jwt")
//!     .header("jwk", key.jwk())
//!     .without("iss")
//!     .without("exp")
//!     .claim("jti", "proof-1") // another one for each request
//!     .claim("htm", "GET")
//!     .claim("htu", "https://api.example.com/notes")
//!     .claim("ath", URL_SAFE_NO_PAD.encode(ath))
//!     .sign(); // and the claim `nonce`, if the server gave one
//! # let keys = JwkSet::from_json(issuer.jwks())?;
//! # let issuer = TrustedIssuer::new(
//! #     "https://as.example.com",
//! #     KeyStore::new([SignatureAlgorithm::Es256], keys)?,
//! # );
//! # let proofs = Validator::builder(Profile::dpop_proof())
//! #     .algorithms([SignatureAlgorithm::Es256])
//! #     .replay_guard(std::sync::Arc::new(MemoryReplayGuard::new(10)))
//! #     .build()?;
//! # let tokens = Validator::builder(Profile::access_token())
//! #     .issuer(issuer)
//! #     .audience("https://api.example.com")
//! #     .dpop(proofs)
//! #     .build()?;
//! # let facts = RequestFacts::new().dpop_proof(&proof).method("GET");
//! # let appraisal = tokens.appraise_with(&token, &facts.uri("https://api.example.com/notes"));
//! # assert!(appraisal.is_accepted(), "{appraisal}");
//! # Ok(())
//! # }
//! ```

mod accepted;
mod compact;
mod disclosure;
mod envelope;
mod issuer;
mod key;
mod recipient;
mod token;
mod wrap;

pub use accepted::TestAccepted;
pub use compact::{Segment, compact, tamper};
pub use disclosure::TestDisclosure;
pub use envelope::TestEnvelope;
pub use issuer::TestIssuer;
pub use key::TestKey;
pub use recipient::TestRecipient;
pub use token::TestToken;
