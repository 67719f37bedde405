//! From a request to an accepted caller.

use std::pin::Pin;

use serde::de::DeserializeOwned;

use super::challenge::{Challenge, Problem, ToChallenge};
use super::credentials::{Credentials, CredentialsError, Scheme};
use super::denied::{Cause, Denied};
use super::request::RequestHead;
use super::resource_server::ResourceServer;
use crate::appraisal::Accepted;
use crate::authorization::Scoped;
use crate::expect::Expect;

impl<C: DeserializeOwned + Scoped> ResourceServer<C> {
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
            Scheme::Bearer => self.appraise(request, credentials, Expect::new())?,
            Scheme::Dpop => self.appraise_with_proof(request, credentials)?,
        };
        match caller.require_scopes(self.requirement.scope_names()) {
            Ok(()) => Ok(caller),
            Err(insufficient) => {
                let challenge =
                    insufficient.challenge().of(&self.offer, Some(credentials.scheme()));
                Err(Denied::new(challenge, Cause::Scope(insufficient)))
            }
        }
    }

    /// What ends when the keys have been fetched that a denied request waits for; `None` if it waits for
    /// none, or if nobody fetches them at the moment. After it the request can be authenticated again.
    pub fn keys_under_way(
        &self,
        request: &RequestHead<'_>,
        denied: &Denied,
    ) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>> {
        let credentials = Credentials::of(request.headers, request.uri).ok()?;
        denied.awaits_keys().then(|| self.shared.tokens.keys_under_way(credentials.token()))?
    }

    fn credentials<'a>(&self, request: &RequestHead<'a>) -> Result<Credentials<'a>, Denied> {
        let used = Scheme::used_by(request.headers);
        let denied = |problem, cause| Denied::new(self.told(problem, used), cause);
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
            denied(problem, Cause::Credentials(error))
        })?;
        let offered = match credentials.scheme() {
            Scheme::Bearer => self.offer.bearer,
            Scheme::Dpop => self.shared.dpop.is_some(),
        };
        let scheme = credentials.scheme().name();
        offered
            .then_some(credentials)
            .ok_or_else(|| denied(Problem::NoCredentials, Cause::Scheme(scheme)))
    }

    /// The token, with what else is known of the request.
    pub(super) fn appraise<'a>(
        &'a self,
        request: &RequestHead<'_>,
        credentials: Credentials<'_>,
        mut expect: Expect<'a>,
    ) -> Result<Accepted<C>, Denied> {
        if !self.requirement.acr_values.is_empty() {
            expect = expect.acr_values(self.requirement.acr_values.iter().map(|acr| &**acr));
        }
        if let Some(max_age) = self.requirement.max_age {
            expect = expect.max_age(max_age);
        }
        if let Some(certificate) = request.certificate {
            expect = expect.certificate_sha256(certificate.sha256());
        }
        let appraisal = self.shared.tokens.appraise_with(credentials.token(), &expect);
        appraisal.into_result().map_err(|refused| {
            let challenge = match refused.challenge() {
                stepped_up if stepped_up.demands_step_up() => {
                    let acr_values = self.requirement.acr_values.iter().map(|acr| &**acr);
                    Challenge::insufficient_user_authentication(
                        acr_values,
                        self.requirement.max_age,
                    )
                }
                other => other,
            };
            let challenge = challenge.of(&self.offer, Some(credentials.scheme()));
            Denied::new(challenge, Cause::Token(refused))
        })
    }

    pub(super) fn told(&self, problem: Problem, used: Option<Scheme>) -> Challenge {
        Challenge::new(problem).of(&self.offer, used).with_nonce(self.dpop_nonce())
    }
}
