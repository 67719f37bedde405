//! Remote keys: issuers whose keys are fetched from where they publish them.
//!
//! [`JwksCache`] (feature `jwks-cache`) decides what to fetch, when, and what to do with the answer. It does
//! no I/O, and needs no runtime and no clock. The rest (feature `remote`) drives it with an HTTP client and a
//! task of `tokio`:
//!
#![cfg_attr(feature = "remote", doc = "```no_run")]
#![cfg_attr(not(feature = "remote"), doc = "```ignore")]
//! use jwt_appraisal::{Profile, SignatureAlgorithm, Validator, remote};
//!
//! # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
//! let issuer = remote::issuer("https://as.example.com")
//!     .algorithms([SignatureAlgorithm::Rs256])
//!     .observe(|issuer, update| println!("{issuer}: {update}")) // one line, for the log
//!     .connect()
//!     .await?;
//! let validator = Validator::builder(Profile::access_token())
//!     .issuer(issuer)
//!     .audience("https://api.example.com")
//!     .build()?;
//! # Ok(())
//! # }
//! ```
//!
//! No part of a URL comes from a token. A token that needs a key causes a round of requests with one request
//! for keys, and never earlier than a cooldown after the last request. An issuer is believed only about
//! itself.
//!
//! Feature `remote` sets no default of the process. It uses `rustls` with its feature `ring` and names that
//! provider itself. If a build enables another provider of `rustls` too, `rustls` no longer chooses one by its
//! features, so code that relies on that choice must install a default provider.

mod address;
mod builder;
mod cache;
mod cached_keys;
#[cfg(feature = "remote")]
mod client;
mod error;
#[cfg(test)]
mod error_tests;
mod fetch;
mod freshness;
mod metadata;
mod plan;
mod round_step;
mod rounds;
mod schedule;
mod signal;
mod update;
mod waiters;

pub use address::UrlError;
pub use builder::JwksCacheBuilder;
pub use cache::JwksCache;
#[cfg(feature = "remote")]
#[cfg_attr(docsrs, doc(cfg(feature = "remote")))]
pub use client::{
    HttpClient, HttpClientBuilder, RemoteError, RemoteIssuer, RemoteIssuerBuilder, RemoteStatus,
    issuer,
};
pub use error::{FetchError, SetupError};
pub use fetch::{FetchAnswer, FetchRequest};
pub use update::{Status, Step, Update};
