//! The resource server: a validator, and what only its HTTP side knows.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use ::http::{HeaderValue, Uri};

use super::attribute::scope_list;
use super::challenge::{Challenge, Offer, ToChallenge};
use super::error::ResourceServerError;
use super::metadata::ProtectedResourceMetadata;
use super::requirement::Requirement;
use super::shared::Shared;
use crate::state::Local;

/// An OAuth resource server: takes the access token out of each request, appraises it, and says what to
/// answer where it is refused. It is built once and shared.
///
/// ```
/// # use jwt_appraisal::testing::TestIssuer;
/// # use jwt_appraisal::{JwkSet, KeyStore, Profile, SignatureAlgorithm, TrustedIssuer, Validator};
/// use jwt_appraisal::http::{Requirement, ResourceServer};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let as_ = TestIssuer::new("https://as.example.com");
/// # let keys = KeyStore::new([SignatureAlgorithm::Es256], JwkSet::from_json(&as_.jwks())?)?;
/// # let issuer = TrustedIssuer::new("https://as.example.com", keys);
/// let validator = Validator::builder(Profile::mcp_access_token())
///     .issuer(issuer)
///     .audience("https://mcp.example.com/mcp")
///     .build()?;
/// let server = ResourceServer::builder(validator)
///     .scopes_supported(["files:read", "files:delete"])
///     .requirement(Requirement::scopes(["files:read"]))
///     .build()?;
///
/// let request = http::Request::get("/mcp").body(())?;
/// let denied = server.authenticate(&(&request).into()).unwrap_err();
/// assert_eq!(denied.challenge().status(), 401);
/// assert_eq!(
///     denied.challenge().headers()["www-authenticate"],
///     "Bearer scope=\"files:read\", resource_metadata=\
///      \"https://mcp.example.com/.well-known/oauth-protected-resource/mcp\""
/// );
/// # let token = as_.access_token("https://mcp.example.com/mcp").claim("scope", "files:read").sign();
/// # let request = http::Request::get("/mcp").header("Authorization", format!("Bearer {token}")).body(())?;
/// # assert!(server.authenticate(&(&request).into()).is_ok());
/// # Ok(())
/// # }
/// ```
///
/// `R` is [`Remote`](crate::state::Remote) if the validator has a source of state that must be waited for:
/// the server then has [`authenticate_async`](ResourceServer::authenticate_async) in place of `authenticate`.
pub struct ResourceServer<C, R = Local> {
    pub(super) shared: Arc<Shared<C>>,
    pub(super) offer: Arc<Offer>,
    pub(super) requirement: Arc<Requirement>,
    pub(super) reach: PhantomData<fn() -> R>,
}

impl<C, R> ResourceServer<C, R> {
    /// The same server for an operation with a requirement of its own, in place of the one that it has.
    ///
    /// # Errors
    ///
    /// [`ResourceServerError`] if no challenge could name a scope or an `acr` value.
    pub fn requiring(&self, requirement: Requirement) -> Result<Self, ResourceServerError> {
        requirement.check()?;
        let offer = Offer {
            bearer: self.offer.bearer,
            dpop_algs: self.offer.dpop_algs.clone(),
            resource_metadata: self.offer.resource_metadata.clone(),
            scope: match &requirement.scopes[..] {
                [] => self.shared.initial_scope.clone(),
                _ => scope_list(requirement.scope_names()),
            },
            retry_after: self.offer.retry_after,
        };
        Ok(Self {
            shared: Arc::clone(&self.shared),
            offer: Arc::new(offer),
            requirement: Arc::new(requirement),
            reach: PhantomData,
        })
    }

    /// The metadata of this resource, to be served at [`metadata_path`](Self::metadata_path).
    pub fn metadata(&self) -> &ProtectedResourceMetadata {
        &self.shared.metadata
    }

    /// The same as the document to serve: `application/json`, status 200.
    ///
    /// [RFC 9728 §3.2](https://www.rfc-editor.org/rfc/rfc9728#section-3.2)
    pub fn metadata_json(&self) -> &str {
        &self.shared.document
    }

    /// Where clients look for the metadata, on this resource's host: the well-known path before the path
    /// of the resource.
    ///
    /// [RFC 9728 §3.1](https://www.rfc-editor.org/rfc/rfc9728#section-3.1)
    pub fn metadata_path(&self) -> &str {
        &self.shared.metadata_path
    }

    /// The same as a URL, which every challenge names.
    pub fn metadata_url(&self) -> &str {
        &self.offer.resource_metadata
    }

    /// Whether a request is for the metadata.
    pub fn serves_metadata_at(&self, uri: &Uri) -> bool {
        let (path, query) =
            self.metadata_path().split_once('?').unwrap_or((self.metadata_path(), ""));
        uri.path() == path && (query.is_empty() || uri.query() == Some(query))
    }

    /// What to answer to something that was refused later on, as of this server.
    pub fn challenge(&self, refused: &impl ToChallenge) -> Challenge {
        refused.challenge().of(&self.offer, None).with_nonce(self.dpop_nonce())
    }

    /// What a client is to use as `DPoP-Nonce` in its next request, where nonces are demanded.
    pub fn dpop_nonce(&self) -> Option<HeaderValue> {
        self.shared.dpop_nonce()
    }
}

impl<C, R> Clone for ResourceServer<C, R> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            offer: Arc::clone(&self.offer),
            requirement: Arc::clone(&self.requirement),
            reach: PhantomData,
        }
    }
}

impl<C, R> fmt::Debug for ResourceServer<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceServer")
            .field("metadata", &self.shared.metadata)
            .field("requirement", &self.requirement)
            .field("policies", &self.shared.tokens.policies())
            .finish_non_exhaustive()
    }
}
