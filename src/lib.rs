//! Decide whether to believe a JSON Web Token.
//!
//! A JWT is evidence to be appraised, not a login ticket. One call takes a token and a policy and
//! returns an [`Appraisal`]: a verdict, every check with its outcome, and the claims only if all
//! passed. This crate validates; it does not issue tokens and runs no authorization server, and its
//! core does no I/O.
//!
//! # Example
//!
//! An OAuth access token ([RFC 9068](https://www.rfc-editor.org/rfc/rfc9068)), with the issuer's
//! keys from a JWK set:
//!
//! ```
//! use jwt_appraisal::{JwkSet, KeyStore, Profile, SignatureAlgorithm, TrustedIssuer, Validator};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let as_ = jwt_appraisal::testing::TestIssuer::new("https://as.example.com");
//! # let jwks = as_.jwks();
//! # let token = as_.access_token("https://api.example.com").sign();
//! let issuer = TrustedIssuer::new(
//!     "https://as.example.com",
//!     KeyStore::new([SignatureAlgorithm::Es256], JwkSet::from_json(&jwks)?)?,
//! );
//! let validator = Validator::builder(Profile::access_token())
//!     .issuer(issuer)
//!     .audience("https://api.example.com")
//!     .build()?;
//!
//! match validator.appraise(&token).into_result() {
//!     Ok(accepted) => println!("client {}", accepted.claims().client_id),
//!     Err(refused) => println!("{refused}"), // one line, for the log
//! }
//! # assert!(validator.appraise(&token).into_result().is_ok());
//! # Ok(())
//! # }
//! ```
//!
//! # Overview
//!
//! - [`Validator`] appraises tokens of one kind under one policy. Its builder asks for what has no
//!   safe default: the kind of token, whom to trust, and who the verifier is.
//! - [`Profile`] is a kind of token: what its header and claims have to say, and their Rust type.
//!   There is one for each kind that OAuth and OpenID Connect have, such as
//!   [`Profile::access_token`], [`Profile::id_token`] and [`Profile::dpop_proof`];
//!   [`Profile::new`] makes one of your own.
//! - [`RequestFacts`] is what the verifier knows of the request that a token came with.
//! - [`KeyStore`] holds an issuer's keys, each bound to one algorithm and imported once;
//!   [`TrustedIssuer`] binds them to the issuer's name.
//! - `http::ResourceServer` takes the token out of a request and says what to answer (feature `http`).
//! - `remote::issuer` is an issuer whose keys are fetched and kept fresh (feature `remote`).
//! - [`DecryptionKeys`] are the verifier's own, where tokens have to be encrypted to it.
//! - [`Appraisal`] is the result; [`Accepted`] is the only way to the claims, and [`Refused`] says
//!   why there are none and whom to blame.
//! - [`Record`] is what every appraisal says of itself, the same for every claims type: for logs, metrics
//!   and audits.
//! - [`dialect`] describes issuers that write their tokens in another way than the specification says.
//! - [`kind`] has the kinds as data and a builder for your own; [`rules`] has the rules that they consist of.
//! - [`ReplayGuard`] remembers tokens that are good for one use; [`state`] has sources that know which
//!   tokens were revoked. [`ValidatorSet`] takes several kinds at one endpoint.
//!
//! # The six stages
//!
//! ```text
//! token bytes
//!    │  (where tokens have to be encrypted: form.jwe, jwe.*, and on with the bytes inside)
//!    │  1 parse      form.*      alphabet, segments, base64url, strict JSON header
//!    ▼
//! UnverifiedToken
//!    │  2 admit      header.*    alg, typ, cty, crit, b64, zip, kid, keys brought along
//!    ▼
//! AdmittedHeader
//!    │  3 select     key.*       the issuer's keys, exactly one of them
//!    ▼
//! VerifyingKey
//!    │  4 verify     crypto.*    the signature
//!    ▼
//! Verified
//!    │  5 check      payload.*, dialect.*, claims.*, time.*, your own rules, request.*, state.*
//!    ▼
//! ledger
//!    │  6 appraise   the verdict, derived from the checks
//!    ▼
//! Appraisal<C>
//! ```
//!
//! A stage begins when every check before it passed, so "expired" is never said of a forged token;
//! within a stage all checks run, so one report names everything that is wrong.
//!
//! # Supports
//!
//! - Compact JWS with RS256/384/512, PS256/384/512, ES256, ES384, Ed25519 (and its older name
//!   EdDSA), and HS256/384/512 through a separate shared secret; with feature `aws-lc-rs` also
//!   ES512, ES256K and ML-DSA-44/65/87.
//! - Encrypted tokens, where the caller demands them
//!   ([`encrypted_to`](ValidatorBuilder::encrypted_to)): a JWE whose content is such a JWS. With
//!   feature `aws-lc-rs`: `dir`, A128/192/256KW, A128/192/256GCMKW, RSA-OAEP(-256/384/512), ECDH-ES
//!   (+A128/192/256KW) on P-256, P-384, P-521 and X25519, PBES2; A128/192/256GCM,
//!   A128CBC-HS256, A192CBC-HS384, A256CBC-HS512. On `ring`: `dir`, A128GCMKW, A256GCMKW with
//!   A128GCM, A256GCM.
//! - SD-JWTs, for kinds that declare disclosures
//!   ([`with_disclosures`](kind::KindBuilder::with_disclosures)), also with key binding
//!   ([`key_binding`](ValidatorBuilder::key_binding)).
//! - JWKs of type RSA, EC, OKP and oct, JWK sets, RFC 7638 thumbprints; with feature `pem` also
//!   PEM and DER: SubjectPublicKeyInfo, PKCS#1, the key of an X.509 certificate, and PKCS#8 for
//!   private keys to decrypt with.
//! - One issuer, several, or a source of them, each bound to its own keys and algorithms, and each with its
//!   dialect: other header types, other names for client, scopes and audience.
//! - OAuth access tokens (RFC 9068, also of issuers that do not type them, and for MCP servers), ID
//!   tokens, client assertions, JWT bearer grants, ID-JAGs, request objects, JARM and introspection
//!   responses, logout tokens, security event tokens, DPoP proofs; and kinds of one's own with typed
//!   claims, required claims, bounds on age and lifetime, and rules.
//! - Proof of possession by DPoP and by certificates, delegation, step-up, replay guards, revocation
//!   by a source of yours, local or remote.
//! - Scopes with a hierarchy ([`Accepted::require_scopes`]) and authorization details.
//! - HTTP resource servers and MCP servers (features `http`, `tower`, `axum`): credentials, challenges,
//!   protected resource metadata, DPoP with nonces, scopes of tools.
//! - Keys over HTTPS (features `jwks-cache`, `remote`).
//!
//! # Does not support (yet)
//!
//! - Ed448 and X448: refused until a provider has them.
//! - Confirmation (`cnf`) by other members than `jkt`, `x5t#S256` and, for an SD-JWT, `jwk`: such a
//!   token is refused.
//! - SD-JWT VC, status lists, EAT, WIMSE and transaction tokens.
//!
//! # Does not support, on purpose
//!
//! - `alg` `none`, RSA1_5, and any way to choose the algorithm from the header.
//! - The JSON serializations, detached and unencoded payloads, `crit` extensions.
//! - Keys from `jku`, `x5u` and `x5c` headers, and from `jwk` but for the kinds that are signed with
//!   it; fetching anything a token names.
//! - Tokens that are only encrypted, or encrypted twice, or signed around an encrypted one.
//! - Claims of a token that was not accepted. For diagnosis there is
//!   [`danger::peek_unverified_header`].
//!
//! # Crate features
//!
//! | feature | default | |
//! |---|---|---|
//! | `ring` | yes | the crypto provider on `ring` |
//! | `aws-lc-rs` | no | a second provider, which also has ES512, ES256K, ML-DSA-44/65/87, and all of JWE |
//! | `pem` | no | keys from PEM and DER |
//! | `deflate` | no | compressed content of encrypted tokens, where the caller allows it |
//! | `http` | no | between a request and a trusted caller, without I/O, on the types of the `http` crate |
//! | `tower` | no | the same as layers, for axum, tonic and hyper |
//! | `axum` | no | an extractor for the caller, and challenges as responses; includes `tower`, which includes `http` |
//! | `jwks-cache` | no | what to fetch of an issuer's keys, and when, for one's own HTTP client |
//! | `remote` | no | the same with an HTTP client, for `tokio`: an issuer whose keys keep themselves fresh |
//! | `testing` | no | a test issuer that signs tokens, a recipient to encrypt to, and accepted tokens for unit tests; for tests only |
//!
//! Features are additive: switching one on changes nothing until it is used.
//!
//! # Minimum supported Rust version
//!
//! Rust 1.88. A newer one is a minor release, never a patch.
//!
//! # More
//!
//! The [`manual`] has the design, the threats by trust boundary, each default with its reason, the
//! lessons of known attacks, and the changelog.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod alg;
mod appraisal;
mod authorization;
mod base64url;
mod check;
pub mod crypto;
pub mod danger;
pub mod dialect;
mod envelope;
mod error;
mod header_policy;
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub mod http;
pub mod json;
mod keys;
pub mod kind;
mod limits;
pub mod manual;
mod names;
mod policy;
mod redacted;
#[cfg(feature = "jwks-cache")]
#[cfg_attr(docsrs, doc(cfg(feature = "jwks-cache")))]
pub mod remote;
mod request_facts;
pub mod rules;
mod scope;
pub mod state;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;
mod thumbprint;
mod time;
mod token;
mod uri;
mod validator;

pub use alg::{
    ContentEncryptionAlgorithm, KeyManagementAlgorithm, MacAlgorithm, SignatureAlgorithm,
    UnknownAlgorithm,
};
pub use appraisal::{
    Accepted, Appraisal, CheckResult, Checks, Claimed, PlainRecord, Record, RecordedActor, Refused,
    Report, Verdict,
};
pub use authorization::RequiredDetail;
pub use check::{
    CheckId, Finding, IgnoredKeys, Leniencies, Leniency, Outcome, Reason, ReasonKind, Section,
};
pub use dialect::{Dialect, IssuerTrust};
pub use error::{ConfigError, FractionOfSecond, InvalidKey, KeyError, KeyErrorKind, OutOfRange};
pub use json::JsonKind;
pub use keys::{
    DecryptionKey, DecryptionKeys, IssuerSource, Jwk, JwkSet, KeyNote, KeyNoteKind, KeyRefresher,
    KeyReport, KeyStore, SharedSecret, TrustedIssuer,
};
pub use kind::claims::*;
pub use kind::{Actor, Audiences, AuthorizationDetail, Profile, Scopes};
pub use limits::Limits;
pub use names::{Audience, Issuer, KeyId, MediaType, UntrustedStr};
pub use request_facts::RequestFacts;
pub use rules::RuleContext;
pub use scope::InsufficientScope;
pub use state::{MemoryReplayGuard, Replay, ReplayGuard, TokenId};
pub use thumbprint::Thumbprint;
pub use time::{Clock, FixedClock, SystemClock};
pub use validator::{
    Begun, Pending, Validator, ValidatorBuilder, ValidatorSet, ValidatorSetBuilder, states,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
