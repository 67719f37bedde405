//! Between an HTTP request and a trusted caller: credentials, challenges, protected resource metadata.
//!
//! A [`ResourceServer`] is made of a [`Validator`](crate::Validator). It takes the access token out of a
//! request ([`Credentials`]), appraises it, with the DPoP proof where there is one, holds it against what
//! the operation needs ([`Requirement`]), and gives the caller, or a [`Denied`] whose [`Challenge`] says
//! what to answer: 400, 401, 403 or 503. From the same policy it makes the metadata that clients look for
//! ([`ProtectedResourceMetadata`]). All of this is pure: strings, and the types of the `http` crate.
//!
//! [RFC 6750](https://www.rfc-editor.org/rfc/rfc6750), [RFC 9449](https://www.rfc-editor.org/rfc/rfc9449),
//! [RFC 9470](https://www.rfc-editor.org/rfc/rfc9470), [RFC 9728](https://www.rfc-editor.org/rfc/rfc9728)

mod access_tokens;
mod attribute;
mod authenticate;
#[cfg(feature = "axum")]
mod axum;
mod builder;
mod challenge;
mod credentials;
mod denied;
mod error;
#[cfg(test)]
mod error_tests;
mod json_rpc;
#[cfg(feature = "tower")]
mod layer;
mod mcp;
#[cfg(feature = "tower")]
mod mcp_layer;
#[cfg(feature = "tower")]
mod mcp_session;
mod metadata;
mod nonce;
mod operation;
mod proof;
mod request;
mod requirement;
mod resource_server;
mod resource_url;
mod shared;
#[cfg(feature = "tower")]
mod waiting;

pub use access_tokens::AccessTokens;
#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub use axum::NotGuarded;
pub use builder::ResourceServerBuilder;
pub use challenge::{Challenge, ToChallenge};
pub use credentials::{Credentials, CredentialsError, Scheme};
pub use denied::Denied;
pub use error::ResourceServerError;
pub use json_rpc::McpBodyError;
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub use layer::{Guarded, ResourceServerLayer};
pub use mcp::McpScopes;
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub use mcp_layer::{McpGuarded, McpLayer};
pub use metadata::ProtectedResourceMetadata;
pub use nonce::DpopNonces;
pub use operation::McpOperation;
pub use request::{ClientCertificate, RequestHead};
pub use requirement::Requirement;
pub use resource_server::ResourceServer;
