//! From a request to an accepted caller.

use std::pin::Pin;

use serde::de::DeserializeOwned;

use super::challenge::{Challenge, Problem, ToChallenge, failures};
use super::credentials::{Credentials, CredentialsError, Scheme};
use super::denied::{Cause, Denied};
use super::request::RequestHead;
use super::requirement::Requirement;
use super::resource_server::ResourceServer;
use crate::appraisal::{Accepted, Refused};
use crate::check::ReasonKind;
use crate::request_facts::RequestFacts;
use crate::scope::InsufficientScope;

impl<C: DeserializeOwned> ResourceServer<C> {
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
        let credentials = self.credentials(request)?;
        let caller = match credentials.scheme() {
            Scheme::Bearer => self.appraise(request, credentials, RequestFacts::new())?,
            Scheme::Dpop => self.appraise_with_proof(request, credentials)?,
        };
        Ok(caller)
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
            .then(|| self.shared.tokens.pending_refresh(credentials.token()))?
    }

    fn credentials<'a>(&self, request: &RequestHead<'a>) -> Result<Credentials<'a>, Denied> {
        let used = Scheme::used_by(request.headers);
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
            self.deny(Challenge::new(problem), used, Cause::Credentials(error))
        })?;
        let offered = match credentials.scheme() {
            Scheme::Bearer => self.offer.bearer,
            Scheme::Dpop => self.shared.dpop.is_some(),
        };
        offered.then_some(credentials).ok_or_else(|| self.not_offered(credentials.scheme()))
    }

    pub(super) fn not_offered(&self, scheme: Scheme) -> Denied {
        let challenge = Challenge::new(Problem::NoCredentials);
        self.deny(challenge, Some(scheme), Cause::Scheme(scheme.name()))
    }

    /// The token, with what else is known of the request.
    pub(super) fn appraise<'a>(
        &'a self,
        request: &RequestHead<'_>,
        credentials: Credentials<'_>,
        mut expect: RequestFacts<'a>,
    ) -> Result<Accepted<C>, Denied> {
        if !self.requirement.acr_values.is_empty() {
            expect = expect.acr_values(self.requirement.classes());
        }
        if let Some(max_authentication_age) = self.requirement.max_authentication_age {
            expect = expect.max_authentication_age(max_authentication_age);
        }
        expect = expect.required_scopes(self.requirement.scope_names());
        if let Some(certificate) = request.certificate {
            expect = expect.certificate_sha256(certificate.sha256());
        }
        let appraisal = self.shared.tokens.appraise_with(credentials.token(), &expect);
        appraisal.into_result().map_err(|refused| {
            let challenge = self.challenge_of(&refused);
            self.deny(challenge, Some(credentials.scheme()), Cause::Token(refused))
        })
    }
}

impl<C> ResourceServer<C> {
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
    pub(super) fn check(&self, caller: &Accepted<C>, used: Option<Scheme>) -> Result<(), Denied> {
        let unmet = self.unmet(caller, &self.requirement);
        unmet.map_or(Ok(()), |(challenge, cause)| Err(self.deny(challenge, used, cause)))
    }

    fn unmet(&self, caller: &Accepted<C>, requirement: &Requirement) -> Option<(Challenge, Cause)> {
        let tokens = &self.shared.tokens;
        if !requirement.is_authenticated(caller.record(), tokens.now(), tokens.leeway()) {
            return Some((step_up_to(requirement), Cause::StepUp));
        }
        let insufficient = caller.require_scopes(requirement.scope_names()).err()?;
        Some((insufficient.challenge(), Cause::Scope(insufficient)))
    }
}

impl<C> ResourceServer<C> {
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
