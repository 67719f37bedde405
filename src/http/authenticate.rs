//! From a request to an accepted caller.

use std::pin::Pin;

use super::challenge::{Challenge, Problem, ToChallenge, failures};
use super::credentials::{Credentials, CredentialsError, Scheme};
use super::denied::{Cause, Denied};
use super::proof::ProofOfRequest;
use super::request::RequestHead;
use super::requirement::Requirement;
use super::resource_server::ResourceServer;
use crate::appraisal::{Accepted, Appraisal, Refused};
use crate::check::ReasonKind;
use crate::request_facts::RequestFacts;
use crate::scope::InsufficientScope;
use crate::state::Remote;
use crate::validator::{Begun, Pending};

/// The caller of a request, and how its token was presented.
pub(super) struct Authenticated<C> {
    pub(super) caller: Accepted<C>,
    #[cfg_attr(not(feature = "tower"), expect(dead_code, reason = "for the layers"))]
    pub(super) used: Scheme,
}

/// A request that is being authenticated.
pub(super) enum Attempt<C> {
    Done(Result<Authenticated<C>, Denied>),
    /// Every local check passed, and a source of state has to be asked.
    Pending {
        pending: Box<Pending<C>>,
        used: Scheme,
    },
}

impl<C> ResourceServer<C> {
    /// Authenticates a request: its access token passes every check, is presented as it has to be, and
    /// permits what every request needs.
    ///
    /// # Errors
    ///
    /// [`Denied`] otherwise, with what to answer.
    ///
    /// [RFC 6750](https://www.rfc-editor.org/rfc/rfc6750),
    /// [RFC 9449 §7](https://www.rfc-editor.org/rfc/rfc9449#section-7)
    pub fn authenticate(&self, request: &RequestHead<'_>) -> Result<Accepted<C>, Denied> {
        let authenticated = match self.attempt(request) {
            Attempt::Done(authenticated) => authenticated,
            // Questions that nothing answers.
            Attempt::Pending { pending, used } => {
                self.conclude(Begun::Pending(pending).without_answers(), used)
            }
        };
        authenticated.map(|authenticated| authenticated.caller)
    }
}

impl<C: Send> ResourceServer<C, Remote> {
    /// Authenticates a request as `authenticate` does, and asks the validator's source of state what only
    /// it knows. Dropping the future accepts nothing.
    ///
    /// # Errors
    ///
    /// [`Denied`] unless the request is authenticated, with what to answer. If the source does not answer,
    /// that is 503.
    ///
    /// ```
    /// # use jwt_appraisal::http::{Denied, RequestHead, ResourceServer};
    /// # use jwt_appraisal::state::Remote;
    /// # use jwt_appraisal::AccessTokenClaims;
    /// async fn handle(
    ///     server: &ResourceServer<AccessTokenClaims, Remote>,
    ///     request: http::Request<()>,
    /// ) -> Result<String, Denied> {
    ///     let caller = server.authenticate_async(&RequestHead::from(&request)).await?;
    ///     Ok(format!("hello {}", caller.claims().sub))
    /// }
    /// ```
    pub async fn authenticate_async(
        &self,
        request: &RequestHead<'_>,
    ) -> Result<Accepted<C>, Denied> {
        let attempt = self.attempt(request);
        self.finish(attempt).await.map(|authenticated| authenticated.caller)
    }
}

impl<C, R> ResourceServer<C, R> {
    /// Waits for the answers that are still open.
    pub(super) async fn finish(&self, attempt: Attempt<C>) -> Result<Authenticated<C>, Denied> {
        match attempt {
            Attempt::Done(authenticated) => authenticated,
            Attempt::Pending { pending, used } => {
                self.conclude(Begun::Pending(pending).answered().await, used)
            }
        }
    }

    /// Runs every local check of a request.
    pub(super) fn attempt(&self, request: &RequestHead<'_>) -> Attempt<C> {
        let (begun, used) = match self.begin(request) {
            Ok(begun) => begun,
            Err(denied) => return Attempt::Done(Err(denied)),
        };
        match begun {
            Begun::Done(appraisal) => Attempt::Done(self.conclude(appraisal, used)),
            Begun::Pending(pending) => Attempt::Pending { pending, used },
        }
    }

    fn begin(&self, request: &RequestHead<'_>) -> Result<(Begun<C>, Scheme), Denied> {
        let credentials = self.credentials(request)?;
        let used = credentials.scheme();
        let facts = self.facts_of(request);
        let token = credentials.token().as_bytes();
        let tokens = &self.shared.tokens;
        if used == Scheme::Bearer {
            return Ok((tokens.begin_any(token, &facts, None), used));
        }
        let ProofOfRequest { proof, uri, nonces } = self.proof_of(request)?;
        let mut facts = facts.dpop_proof(proof).method(request.method.as_str()).uri(&uri);
        if self.shared.nonces.is_some() {
            facts = facts.dpop_nonces(nonces.iter().map(|nonce| &**nonce));
        }
        Ok((tokens.begin_any(token, &facts, None), used))
    }

    /// What the token must match, whatever its scheme.
    fn facts_of<'a>(&'a self, request: &RequestHead<'a>) -> RequestFacts<'a> {
        let mut facts = RequestFacts::new().required_scopes(self.requirement.scope_names());
        if !self.requirement.acr_values.is_empty() {
            facts = facts.acr_values(self.requirement.classes());
        }
        if let Some(max_authentication_age) = self.requirement.max_authentication_age {
            facts = facts.max_authentication_age(max_authentication_age);
        }
        match request.certificate {
            Some(certificate) => facts.certificate_sha256(certificate.sha256()),
            None => facts,
        }
    }

    fn conclude(&self, appraisal: Appraisal<C>, used: Scheme) -> Result<Authenticated<C>, Denied> {
        match appraisal.into_result() {
            Ok(caller) => Ok(Authenticated { caller, used }),
            Err(refused) => {
                let challenge = self.challenge_of(&refused);
                Err(self.deny(challenge, Some(used), Cause::Token(refused)))
            }
        }
    }

    /// Returns a future that completes when the pending fetch of the keys that a denied request needs
    /// finishes, or `None` if it needs none or no fetch is pending. After that the request can be
    /// authenticated again.
    pub fn pending_refresh(
        &self,
        request: &RequestHead<'_>,
        denied: &Denied,
    ) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>> {
        let credentials = Credentials::of(request.headers, request.uri).ok()?;
        denied
            .may_succeed_after_refresh()
            .then(|| self.shared.tokens.fetched(credentials.token().as_bytes()))?
    }

    fn credentials<'a>(&self, request: &RequestHead<'a>) -> Result<Credentials<'a>, Denied> {
        let credentials = Credentials::of(request.headers, request.uri).map_err(|error| {
            let problem = match error {
                CredentialsError::Missing => Problem::NoCredentials,
                CredentialsError::Repeated => {
                    Problem::InvalidRequest("expected one Authorization header")
                }
                CredentialsError::Malformed => {
                    Problem::InvalidRequest("expected a scheme, a space and a token")
                }
                CredentialsError::InQuery => {
                    Problem::InvalidRequest("expected no access token in the query")
                }
            };
            let used = Scheme::used_by(request.headers);
            self.deny(Challenge::new(problem), used, Cause::Credentials(error))
        })?;
        let offered = match credentials.scheme() {
            Scheme::Bearer => self.offer.bearer,
            Scheme::Dpop => self.offer.dpop_algs.is_some(),
        };
        offered.then_some(credentials).ok_or_else(|| self.not_offered(credentials.scheme()))
    }

    fn not_offered(&self, scheme: Scheme) -> Denied {
        let challenge = Challenge::new(Problem::NoCredentials);
        self.deny(challenge, Some(scheme), Cause::Scheme(scheme.name()))
    }

    /// The answer to a token that was refused. What the request demands is named in full.
    fn challenge_of(&self, refused: &Refused) -> Challenge {
        let failed = failures(refused);
        let only = |kind: ReasonKind| !failed.is_empty() && failed.iter().all(|own| *own == kind);
        if only(ReasonKind::InsufficientAuthentication) {
            return step_up_to(&self.requirement);
        }
        if only(ReasonKind::InsufficientScope) {
            let scopes = self.requirement.scope_names();
            return InsufficientScope::new(scopes, failed.len()).challenge();
        }
        refused.challenge()
    }

    /// Demands of an accepted caller what an operation needs, in a handler that knows which one it is.
    ///
    /// # Errors
    ///
    /// The [`Challenge`] to answer with.
    ///
    /// ```
    /// # use jwt_appraisal::http::{Challenge, Requirement, ResourceServer};
    /// # use jwt_appraisal::{AccessTokenClaims, Accepted};
    /// # use time::Duration;
    /// fn transfer(
    ///     server: &ResourceServer<AccessTokenClaims>,
    ///     caller: &Accepted<AccessTokenClaims>,
    /// ) -> Result<(), Challenge> {
    ///     let needed = Requirement::scopes(["payments:write"]).max_authentication_age(Duration::minutes(5));
    ///     server.require(caller, &needed)?;
    ///     // …
    ///     Ok(())
    /// }
    /// ```
    pub fn require(
        &self,
        caller: &Accepted<C>,
        requirement: &Requirement,
    ) -> Result<(), Challenge> {
        let unmet = self.unmet(caller, requirement);
        unmet.map_or(Ok(()), |(challenge, _)| Err(challenge.of(&self.offer, None)))
    }

    /// The same of what this server demands of every request.
    #[cfg(feature = "tower")]
    pub(super) fn check(&self, passed: &Authenticated<C>) -> Result<(), Denied>
    where
        C: Send + Sync + 'static,
    {
        let unmet = self.unmet(&passed.caller, &self.requirement);
        unmet.map_or(Ok(()), |(challenge, cause)| {
            Err(self.deny(challenge, Some(passed.used), cause).of_caller(&passed.caller))
        })
    }

    fn unmet(&self, caller: &Accepted<C>, requirement: &Requirement) -> Option<(Challenge, Cause)> {
        if !requirement.is_authenticated(caller.record(), self.shared.now()) {
            return Some((step_up_to(requirement), Cause::StepUp));
        }
        let insufficient = caller.require_scopes(requirement.scope_names()).err()?;
        Some((insufficient.challenge(), Cause::Scope(insufficient)))
    }
}

impl<C, R> ResourceServer<C, R> {
    pub(super) fn deny(&self, challenge: Challenge, used: Option<Scheme>, cause: Cause) -> Denied {
        Denied::new(challenge.of(&self.offer, used).with_nonce(self.dpop_nonce()), cause)
    }
}

fn step_up_to(requirement: &Requirement) -> Challenge {
    Challenge::insufficient_user_authentication(
        requirement.classes(),
        requirement.max_authentication_age,
    )
}
