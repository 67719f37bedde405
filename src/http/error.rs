//! Mistakes in a resource server's configuration.

use crate::error::{DurationError, FractionOfSecond, OutOfRange};

/// A resource server that cannot be built: the caller's mistake, found before any request is seen.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResourceServerError {
    /// The resource identifier is not an https URL without user information and fragment
    /// ([RFC 9728 §1.2](https://www.rfc-editor.org/rfc/rfc9728#section-1.2)).
    #[error(
        "the resource is {resource:?}, but it must be an https URL without user information and fragment"
    )]
    #[non_exhaustive]
    Resource {
        /// The resource identifier.
        resource: Box<str>,
    },
    /// The validator has several audiences.
    #[error(
        "the validator has {found} audiences; name the one that is the resource with `resource`"
    )]
    #[non_exhaustive]
    SeveralAudiences {
        /// How many it has.
        found: usize,
    },
    /// The validator has no audience, so it accepts tokens for other services.
    #[error(
        "the validator has no audience, so it accepts tokens for other services; give it the resource's \
         URL as its audience"
    )]
    NoAudience,
    /// No authorization server is known, because the validator's issuers come from a source.
    #[error(
        "no authorization server is known to send clients to; name it with `authorization_servers`"
    )]
    NoAuthorizationServer,
    /// The issuer of an authorization server is not an https URL
    /// ([RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2)).
    #[error(
        "the authorization server is {server:?}, but it must be an https URL without query and fragment"
    )]
    #[non_exhaustive]
    AuthorizationServer {
        /// The authorization server's issuer.
        server: Box<str>,
    },
    /// The validator does not trust an authorization server, so it would reject its tokens.
    #[error(
        "the authorization server {server:?} is not an issuer of the validator, which would reject its \
         tokens; add it to the issuers"
    )]
    #[non_exhaustive]
    UntrustedAuthorizationServer {
        /// The authorization server's issuer.
        server: Box<str>,
    },
    /// Another member of the metadata is not an https URL.
    #[error("the metadata's {member} is {found:?}, but it must be an https URL")]
    #[non_exhaustive]
    Url {
        /// The member of the metadata.
        member: &'static str,
        /// Its value.
        found: Box<str>,
    },
    /// A scope that no token can have.
    #[error(
        "the scope {scope:?} is one that no token can have; give each scope of RFC 6749 §3.3 on its own"
    )]
    #[non_exhaustive]
    Scope {
        /// The scope.
        scope: Box<str>,
    },
    /// A scope that clients request from their authorization server, and that no resource needs.
    #[error("the scope \"offline_access\" is not for a resource to demand; remove it")]
    OfflineAccess,
    /// A class of authentication that no challenge can name.
    #[error("the acr value {class:?} is empty or has characters that a challenge cannot have")]
    #[non_exhaustive]
    Acr {
        /// The class.
        class: Box<str>,
    },
    /// A list of classes of authentication is empty.
    #[error("the list of acr values is empty, so no token could satisfy it; name at least one")]
    NoAcrValues,
    /// The nonces of DPoP proofs have two sources.
    #[error("both dpop_nonces and dpop_nonce_source are given; give one of them")]
    TwoNonceSources,
    /// A tool or a method of an MCP server is listed twice.
    #[error(
        "the operation {name:?} is listed twice, so one list of scopes would have no effect; list it once"
    )]
    #[non_exhaustive]
    OperationTwice {
        /// The name of the tool or method.
        name: Box<str>,
    },
    /// The method `tools/call` of an MCP server is listed.
    #[error(
        "the method \"tools/call\" is listed, but the called tool says what it needs; list the tools"
    )]
    ToolsCall,
    /// The URL that stands before the paths of requests is not an https URL without query.
    #[error(
        "the public base is {base:?}, but it must be an https URL without user information, query and \
         fragment"
    )]
    #[non_exhaustive]
    PublicBase {
        /// The URL.
        base: Box<str>,
    },
    /// A setting for DPoP is given, but the validator accepts no proofs.
    #[error(
        "the setting {setting} is given, but the validator accepts no DPoP proofs; see ValidatorBuilder::dpop"
    )]
    #[non_exhaustive]
    NoDpop {
        /// The setting.
        setting: &'static str,
    },
    /// A number is out of its range.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// A duration is not a whole number of seconds.
    #[error(transparent)]
    FractionOfSecond(#[from] FractionOfSecond),
    /// The operating system gave no random bytes for a nonce or a key.
    #[error("the operating system gave no random bytes for a nonce or a key")]
    NoRandomness,
}

impl From<DurationError> for ResourceServerError {
    fn from(error: DurationError) -> Self {
        match error {
            DurationError::OutOfRange(error) => Self::OutOfRange(error),
            DurationError::FractionOfSecond(error) => Self::FractionOfSecond(error),
        }
    }
}
