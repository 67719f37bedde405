//! Builds a resource server: the validator's policy, and what only its HTTP side knows.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use ::time::Duration;

use super::access_tokens::AccessTokens;
use super::attribute::scope_list;
use super::challenge::{Offer, RETRY_AFTER_SECONDS};
use super::error::ResourceServerError;
use super::metadata::ProtectedResourceMetadata;
use super::nonce::{DpopNonces, RotatingNonces};
use super::requirement::{Requirement, check_scopes};
use super::resource_server::ResourceServer;
use super::resource_url::ResourceUrl;
use super::shared::Shared;
use crate::error::whole_seconds;
use crate::names::{Audience, Issuer};
use crate::state::Local;
use crate::validator::Appraise;

/// Builds a [`ResourceServer`]. Everything that the validator says already is taken from it.
pub struct ResourceServerBuilder<C, R = Local> {
    tokens: Arc<dyn Appraise<C>>,
    dpop_required: bool,
    nonce_lifetime: Option<Duration>,
    nonce_source: Option<Arc<dyn DpopNonces>>,
    resource: Option<Box<str>>,
    authorization_servers: Option<Vec<Box<str>>>,
    public_base: Option<Box<str>>,
    requirement: Requirement,
    initial_scopes: Vec<Box<str>>,
    retry_after: Option<Duration>,
    loopback_http: bool,
    metadata: ProtectedResourceMetadata,
    reach: PhantomData<fn() -> R>,
}

impl<C, R> ResourceServer<C, R> {
    /// Begins a resource server that accepts what a validator, or a set of validators, accepts.
    pub fn builder(
        tokens: impl AccessTokens<Claims = C, Reach = R>,
    ) -> ResourceServerBuilder<C, R> {
        ResourceServerBuilder::new(tokens.into_shared())
    }
}

impl<C, R> ResourceServerBuilder<C, R> {
    fn new(tokens: Arc<dyn Appraise<C>>) -> Self {
        Self {
            tokens,
            reach: PhantomData,
            dpop_required: false,
            nonce_lifetime: None,
            nonce_source: None,
            resource: None,
            authorization_servers: None,
            public_base: None,
            requirement: Requirement::default(),
            initial_scopes: Vec::new(),
            retry_after: None,
            loopback_http: false,
            metadata: ProtectedResourceMetadata {
                resource: Box::default(),
                authorization_servers: Vec::new(),
                scopes_supported: Vec::new(),
                bearer_methods_supported: &["header"],
                resource_name: None,
                resource_documentation: None,
                resource_policy_uri: None,
                resource_tos_uri: None,
                tls_client_certificate_bound_access_tokens: false,
                authorization_details_types_supported: Vec::new(),
                dpop_signing_alg_values_supported: Vec::new(),
                dpop_bound_access_tokens_required: false,
            },
        }
    }

    /// The resource identifier: the https URL that clients ask for tokens for. By default the validator's
    /// only audience. It need not be an audience, because some authorization servers write another name
    /// into `aud`; the validator compares `aud` with its own audiences and nothing else.
    ///
    /// [RFC 9728 §1.2](https://www.rfc-editor.org/rfc/rfc9728#section-1.2)
    pub fn resource(mut self, resource: impl Into<Box<str>>) -> Self {
        self.resource = Some(resource.into());
        self
    }

    /// The authorization servers that clients are sent to. By default the validator's issuers; they have
    /// to be named where those come from a source, and can be fewer than those.
    pub fn authorization_servers<'a>(mut self, issuers: impl IntoIterator<Item = &'a str>) -> Self {
        self.authorization_servers = Some(issuers.into_iter().map(Into::into).collect());
        self
    }

    /// The scopes that the metadata names. They need not be all that there are.
    pub fn scopes_supported<'a>(mut self, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        self.metadata.scopes_supported = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// What every request needs; by default nothing but an accepted token. Its scopes stand in the first
    /// challenge that a client without a token gets.
    pub fn requirement(mut self, requirement: Requirement) -> Self {
        self.requirement = requirement;
        self
    }

    /// The scopes that the challenge names for a client's first token, where not every request needs one:
    /// what a client usually begins with. They are not demanded.
    ///
    /// MCP authorization, "Scope Selection Strategy"
    pub fn initial_scopes<'a>(mut self, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        self.initial_scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Offers nothing but DPoP: bearer tokens are refused. The validator must accept proofs
    /// ([`ValidatorBuilder::dpop`](crate::ValidatorBuilder::dpop)).
    pub fn dpop_bound_access_tokens_required(mut self) -> Self {
        self.dpop_required = true;
        self
    }

    /// Demands that proofs have a nonce of this server, which it changes after this time, 30 s to 1 h; the
    /// one before is accepted too. The nonces are of this process: several servers behind one name need
    /// [`dpop_nonce_source`](Self::dpop_nonce_source).
    ///
    /// [RFC 9449 §9](https://www.rfc-editor.org/rfc/rfc9449#section-9)
    pub fn dpop_nonces(mut self, lifetime: Duration) -> Self {
        self.nonce_lifetime = Some(lifetime);
        self
    }

    /// Demands nonces that come from somewhere else, in place of [`dpop_nonces`](Self::dpop_nonces).
    pub fn dpop_nonce_source(mut self, nonces: Arc<dyn DpopNonces>) -> Self {
        self.nonce_source = Some(nonces);
        self
    }

    /// The URL that stands before the paths of requests, as clients know it, for DPoP's `htu`. By default
    /// the scheme and authority of the resource. It is never read from a request.
    ///
    /// [RFC 9449 §4.3](https://www.rfc-editor.org/rfc/rfc9449#section-4.3)
    pub fn public_base(mut self, base: impl Into<Box<str>>) -> Self {
        self.public_base = Some(base.into());
        self
    }

    /// When clients may come again after a 503, 1 s to 1 h; 5 s by default.
    pub fn retry_after(mut self, retry_after: Duration) -> Self {
        self.retry_after = Some(retry_after);
        self
    }

    /// Takes `http` URLs whose host is this machine itself, for tests and development.
    pub fn allow_http_on_loopback(mut self) -> Self {
        self.loopback_http = true;
        self
    }

    /// A name of the resource for people.
    pub fn resource_name(mut self, name: impl Into<Box<str>>) -> Self {
        self.metadata.resource_name = Some(name.into());
        self
    }

    /// A page for developers.
    pub fn resource_documentation(mut self, url: impl Into<Box<str>>) -> Self {
        self.metadata.resource_documentation = Some(url.into());
        self
    }

    /// A page on how clients may use the data.
    pub fn resource_policy_uri(mut self, url: impl Into<Box<str>>) -> Self {
        self.metadata.resource_policy_uri = Some(url.into());
        self
    }

    /// A page with the terms of service.
    pub fn resource_tos_uri(mut self, url: impl Into<Box<str>>) -> Self {
        self.metadata.resource_tos_uri = Some(url.into());
        self
    }

    /// Says that tokens may be bound to the client's certificate, which then has to come along with
    /// each request ([`ClientCertificate`](super::ClientCertificate)).
    ///
    /// [RFC 8705 §3](https://www.rfc-editor.org/rfc/rfc8705#section-3)
    pub fn tls_client_certificate_bound_access_tokens(mut self) -> Self {
        self.metadata.tls_client_certificate_bound_access_tokens = true;
        self
    }

    /// The types of `authorization_details` that the resource knows.
    pub fn authorization_details_types_supported<'a>(
        mut self,
        types: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        self.metadata.authorization_details_types_supported =
            types.into_iter().map(Into::into).collect();
        self
    }

    /// Builds the resource server.
    ///
    /// # Errors
    ///
    /// [`ResourceServerError`] if clients could not follow what it would say.
    pub fn build(mut self) -> Result<ResourceServer<C, R>, ResourceServerError> {
        self.requirement.check()?;
        check_scopes(self.metadata.scopes_supported.iter().map(|scope| &**scope))?;
        check_scopes(self.initial_scopes.iter().map(|scope| &**scope))?;
        let resource = self.settle_resource()?;
        let url = self
            .url(&resource)
            .ok_or_else(|| ResourceServerError::Resource { resource: resource.clone() })?;
        let has_public_base = self.public_base.is_some();
        let base = self.settle_base(url.origin)?;
        let metadata_path = url.metadata_path();
        let metadata_url = format!("{}{metadata_path}", url.origin);
        self.metadata.authorization_servers = self.settle_servers()?;
        self.check_pages()?;
        let dpop_algs = self.settle_dpop(has_public_base)?;
        let nonces = self.settle_nonces()?;
        let retry_after = self.settle_retry_after()?;
        let offer = Offer {
            bearer: !self.dpop_required,
            dpop_algs: dpop_algs.map(|algs| scope_list(algs.iter().copied())),
            resource_metadata: metadata_url.into(),
            scope: scope_list(self.told_scopes()),
            retry_after,
        };
        self.metadata.resource = resource.clone();
        let document = self.metadata.to_json().into();
        Ok(ResourceServer {
            shared: Arc::new(Shared {
                tokens: self.tokens,
                nonces,
                public_base: base,
                metadata: self.metadata,
                metadata_path: metadata_path.into(),
                document,
                #[cfg(feature = "tower")]
                waiting: std::sync::atomic::AtomicUsize::new(0),
                #[cfg(feature = "tower")]
                sessions: std::sync::OnceLock::new(),
                initial_scope: scope_list(self.initial_scopes.iter().map(|scope| &**scope)),
            }),
            offer: Arc::new(offer),
            requirement: Arc::new(self.requirement),
            reach: PhantomData,
        })
    }

    /// Those of every request, and of the first.
    fn told_scopes(&self) -> impl Iterator<Item = &str> {
        let required = &self.requirement.scopes;
        let initial = self.initial_scopes.iter().filter(|scope| !required.contains(scope));
        required.iter().chain(initial).map(|scope| &**scope)
    }

    fn url<'a>(&self, text: &'a str) -> Option<ResourceUrl<'a>> {
        ResourceUrl::parse(text, self.loopback_http)
    }

    /// Some audiences are not URLs, so the resource need not be one of them. By default it is the only
    /// audience.
    fn settle_resource(&mut self) -> Result<Box<str>, ResourceServerError> {
        let policies = self.tokens.policies();
        // A validator without an audience accepts tokens for other services.
        if policies.iter().any(|policy| policy.audiences().is_empty()) {
            return Err(ResourceServerError::NoAudience);
        }
        let mut audiences: Vec<&Audience> = Vec::new();
        for audience in policies.iter().flat_map(|policy| policy.audiences()) {
            if !audiences.contains(&audience) {
                audiences.push(audience);
            }
        }
        match (self.resource.take(), &audiences[..]) {
            (Some(resource), _) => Ok(resource),
            (None, [only]) => Ok(only.as_str().into()),
            (None, several) => Err(ResourceServerError::SeveralAudiences { found: several.len() }),
        }
    }

    fn settle_base(&mut self, origin: &str) -> Result<Box<str>, ResourceServerError> {
        let Some(base) = self.public_base.take() else {
            return Ok(origin.into());
        };
        match self.url(&base) {
            Some(url) if url.query.is_empty() => Ok(base.trim_end_matches('/').into()),
            _ => Err(ResourceServerError::PublicBase { base }),
        }
    }

    /// The authorization servers are issuers that the validator trusts, as far as it knows them.
    fn settle_servers(&mut self) -> Result<Vec<Box<str>>, ResourceServerError> {
        let policies = self.tokens.policies();
        let issuers: Option<Vec<Vec<&Issuer>>> =
            policies.iter().map(|policy| policy.issuers()).collect();
        let issuers = issuers.map(|issuers| issuers.concat());
        let servers = self.authorization_servers.take();
        let servers = match (servers, &issuers) {
            (Some(servers), _) => servers,
            (None, Some(issuers)) => issuers.iter().map(|issuer| issuer.as_str().into()).collect(),
            (None, None) => Vec::new(),
        };
        if servers.is_empty() {
            return Err(ResourceServerError::NoAuthorizationServer);
        }
        let trusted = |server: &str| {
            issuers.as_ref().is_none_or(|issuers| issuers.iter().any(|issuer| **issuer == *server))
        };
        let named = |server: &str| self.url(server).is_some_and(|url| url.query.is_empty());
        for server in &servers {
            if !trusted(server) {
                let server = server.clone();
                return Err(ResourceServerError::UntrustedAuthorizationServer { server });
            }
            if !named(server) {
                let server = server.clone();
                return Err(ResourceServerError::AuthorizationServer { server });
            }
        }
        Ok(servers)
    }

    fn check_pages(&self) -> Result<(), ResourceServerError> {
        let pages = [
            ("resource_documentation", &self.metadata.resource_documentation),
            ("resource_policy_uri", &self.metadata.resource_policy_uri),
            ("resource_tos_uri", &self.metadata.resource_tos_uri),
        ];
        for (member, page) in pages {
            if let Some(found) = page.as_ref().filter(|page| self.url(page).is_none()) {
                return Err(ResourceServerError::Url { member, found: found.clone() });
            }
        }
        Ok(())
    }

    /// Returns the algorithms of the proofs that the validator accepts, if it accepts any. Without proofs, a
    /// setting for them would have no effect.
    fn settle_dpop(
        &mut self,
        has_public_base: bool,
    ) -> Result<Option<Vec<&'static str>>, ResourceServerError> {
        let policies = self.tokens.policies();
        let mut accepted: Vec<&'static str> = Vec::new();
        let of_proofs = policies.iter().map(|policy| policy.proof_algorithms());
        let of_proofs: Vec<_> = of_proofs.collect();
        for algorithm in of_proofs.iter().flatten().flat_map(|own| own.iter().copied()) {
            if !accepted.contains(&algorithm) {
                accepted.push(algorithm);
            }
        }
        let (some_accept, all_accept) =
            (of_proofs.iter().any(Option::is_some), of_proofs.iter().all(Option::is_some));
        let idle = [
            ("dpop_bound_access_tokens_required", self.dpop_required && !all_accept),
            ("dpop_nonces", self.nonce_lifetime.is_some() && !some_accept),
            ("dpop_nonce_source", self.nonce_source.is_some() && !some_accept),
            ("public_base", has_public_base && !some_accept),
        ];
        if let Some((setting, _)) = idle.into_iter().find(|(_, is_idle)| *is_idle) {
            return Err(ResourceServerError::NoDpop { setting });
        }
        if !some_accept {
            return Ok(None);
        }
        self.metadata.dpop_signing_alg_values_supported.clone_from(&accepted);
        self.metadata.dpop_bound_access_tokens_required = self.dpop_required;
        Ok(Some(accepted))
    }

    fn settle_nonces(&mut self) -> Result<Option<Arc<dyn DpopNonces>>, ResourceServerError> {
        match (self.nonce_lifetime, self.nonce_source.take()) {
            (Some(_), Some(_)) => Err(ResourceServerError::TwoNonceSources),
            (None, source) => Ok(source),
            (Some(lifetime), None) => {
                let policy = self.tokens.first_policy();
                let lifetime = whole_seconds("dpop_nonces", lifetime, 30, 3_600)?;
                let rotating = RotatingNonces::new(policy.provider(), lifetime, policy.now())?;
                Ok(Some(Arc::new(rotating)))
            }
        }
    }

    fn settle_retry_after(&self) -> Result<u32, ResourceServerError> {
        let Some(retry_after) = self.retry_after else {
            return Ok(RETRY_AFTER_SECONDS);
        };
        let found = whole_seconds("retry_after", retry_after, 1, 3_600)?;
        Ok(u32::try_from(found).unwrap_or(RETRY_AFTER_SECONDS))
    }
}

impl<C, R> fmt::Debug for ResourceServerBuilder<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceServerBuilder")
            .field("resource", &self.resource)
            .field("requirement", &self.requirement)
            .finish_non_exhaustive()
    }
}
