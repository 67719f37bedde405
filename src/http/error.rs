//! Mistakes in a resource server's configuration.

/// A resource server that can not be built: the caller's mistake, found before any request is seen.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ResourceServerError {
    /// The resource identifier is not what one has to be
    /// ([RFC 9728 §1.2](https://www.rfc-editor.org/rfc/rfc9728#section-1.2)).
    #[error("resource {0:?} is not an https URL without user information and fragment")]
    Resource(Box<str>),
    /// The validator has several audiences.
    #[error("the validator has {0} audiences; expected `resource` to say which is the resource")]
    SeveralAudiences(usize),
    /// The validator has no audience, so tokens for anybody pass.
    #[error("the validator has no audience; expected the resource's own URL")]
    NoAudience,
    /// Nobody to get a token from: the validator's issuers come from a source.
    #[error("no authorization server is known; expected `authorization_servers`")]
    NoAuthorizationServer,
    /// The issuer of an authorization server is not an https URL
    /// ([RFC 8414 §2](https://www.rfc-editor.org/rfc/rfc8414#section-2)).
    #[error("authorization server {0:?} is not an https URL without query and fragment")]
    AuthorizationServer(Box<str>),
    /// An authorization server that the validator does not trust: its tokens would be refused.
    #[error("authorization server {0:?} is not an issuer of the validator")]
    UntrustedAuthorizationServer(Box<str>),
    /// Another URL of the metadata.
    #[error("{member} {found:?} is not an https URL")]
    Url {
        /// The member of the metadata.
        member: &'static str,
        /// What was given.
        found: Box<str>,
    },
    /// A scope that no token can have.
    #[error("scope {0:?} is not one scope of RFC 6749 §3.3")]
    Scope(Box<str>),
    /// A scope that clients ask their authorization server for, and no resource.
    #[error("scope \"offline_access\" is not for a resource to demand")]
    OfflineAccess,
    /// A class of authentication that no challenge can name.
    #[error("acr value {0:?} is empty or has characters that a challenge can not have")]
    Acr(Box<str>),
    /// An authentication that lies ahead.
    #[error("max_authentication_age is {0} s; expected 0 or more")]
    MaxAge(i64),
    /// The URL that stands before the paths of requests.
    #[error("public base {0:?} is not an https URL without user information, query and fragment")]
    PublicBase(Box<str>),
    /// DPoP is demanded, or nonces for it, but the validator accepts no proofs.
    #[error(
        "{0} was given, but the validator accepts no DPoP proofs; expected `ValidatorBuilder::dpop`"
    )]
    NoDpop(&'static str),
    /// A time out of its range.
    #[error("{setting} is {found} s; expected {least} to {most} s")]
    Duration {
        /// The setting.
        setting: &'static str,
        /// Its value in seconds.
        found: i64,
        /// The least that it may be, in seconds.
        least: i64,
        /// The most that it may be, in seconds.
        most: i64,
    },
    /// The operating system gave no random bytes for a nonce or a key.
    #[error("the operating system gave no random bytes")]
    NoRandomness,
}
