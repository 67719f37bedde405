//! What to answer to a request that is denied.

use std::sync::Arc;

use ::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use ::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use ::time::Duration;

use super::attribute::{Attributes, scope_list};
use super::credentials::Scheme;
use crate::appraisal::Refused;
use crate::check::{Outcome, ReasonKind};
use crate::scope::InsufficientScope;

/// What to answer to a request that is denied: a status and headers. It holds words of the program and
/// of its configuration, and nothing that came with the request.
///
/// | status | error | when |
/// |---|---|---|
/// | 400 | `invalid_request` | the request's credentials are malformed, or given twice |
/// | 401 | none | there are no credentials, or of a scheme that is not offered |
/// | 401 | `invalid_token` | the token is rejected |
/// | 401 | `invalid_dpop_proof`, `use_dpop_nonce` | the proof is rejected, or lacks the server's nonce |
/// | 401 | `insufficient_user_authentication` | the user has to authenticate otherwise, or again |
/// | 403 | `insufficient_scope` | the token does not permit the operation |
/// | 503 |  | the server can not tell: `Retry-After` says when to come again |
///
/// [RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3),
/// [RFC 9449 §7.1](https://www.rfc-editor.org/rfc/rfc9449#section-7.1),
/// [RFC 9470 §3](https://www.rfc-editor.org/rfc/rfc9470#section-3),
/// [RFC 9728 §5.1](https://www.rfc-editor.org/rfc/rfc9728#section-5.1)
#[derive(Clone, Debug)]
pub struct Challenge {
    problem: Problem,
    /// The scheme that the request used, on whose challenge the error stands; on all, where that is
    /// not known.
    used: Option<Scheme>,
    offer: Arc<Offer>,
    dpop_nonce: Option<HeaderValue>,
}

/// What a client is offered.
#[derive(Debug)]
pub(super) struct Offer {
    pub(super) bearer: bool,
    /// The algorithms of proofs, where DPoP is offered.
    pub(super) dpop_algs: Option<Box<str>>,
    pub(super) resource_metadata: Box<str>,
    /// The scopes of the operation.
    pub(super) scope: Box<str>,
    /// In seconds.
    pub(super) retry_after: u32,
}

/// 5 seconds: a fetch of keys is over by then, or has failed.
pub(super) const RETRY_AFTER_SECONDS: u32 = 5;

impl Default for Offer {
    fn default() -> Self {
        Self {
            bearer: true,
            dpop_algs: None,
            resource_metadata: Box::default(),
            scope: Box::default(),
            retry_after: RETRY_AFTER_SECONDS,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Problem {
    NoCredentials,
    InvalidRequest(&'static str),
    InvalidToken(&'static str),
    InvalidDpopProof(&'static str),
    UseDpopNonce,
    InsufficientUserAuthentication {
        acr_values: Box<str>,
        max_age: Option<i64>,
    },
    InsufficientScope {
        scope: Box<str>,
    },
    Undetermined,
    /// No token helps.
    #[cfg_attr(not(feature = "tower"), expect(dead_code, reason = "made by the layers"))]
    NotServed(StatusCode),
}

impl Challenge {
    pub(super) fn new(problem: Problem) -> Self {
        Self { problem, used: None, offer: Arc::default(), dpop_nonce: None }
    }

    /// The user has to authenticate otherwise, or again: by one of these classes, if there are any, and
    /// no longer ago than this, if it is given.
    pub fn insufficient_user_authentication<'a>(
        acr_values: impl IntoIterator<Item = &'a str>,
        max_age: Option<Duration>,
    ) -> Self {
        let max_age = max_age.map(|age| age.whole_seconds().max(0));
        let acr_values = scope_list(acr_values);
        Self::new(Problem::InsufficientUserAuthentication { acr_values, max_age })
    }

    /// With what this server offers; the error stands on the scheme that the request used.
    pub(super) fn of(self, offer: &Arc<Offer>, used: Option<Scheme>) -> Self {
        Self { offer: Arc::clone(offer), used, ..self }
    }

    /// With the nonce that the client is to use. One that cannot be sent is not asked for.
    pub(super) fn with_nonce(mut self, nonce: Option<HeaderValue>) -> Self {
        if nonce.is_none() && matches!(self.problem, Problem::UseDpopNonce) {
            self.problem =
                Problem::InvalidDpopProof("the DPoP proof is not valid for this request");
        }
        self.dpop_nonce = nonce;
        self
    }

    #[cfg(feature = "tower")]
    pub(super) fn undetermined(&self) -> Self {
        Self { problem: Problem::Undetermined, ..self.clone() }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        match &self.problem {
            Problem::InvalidRequest(_) => StatusCode::BAD_REQUEST,
            Problem::InsufficientScope { .. } => StatusCode::FORBIDDEN,
            Problem::Undetermined => StatusCode::SERVICE_UNAVAILABLE,
            Problem::NotServed(status) => *status,
            Problem::NoCredentials
            | Problem::InvalidToken(_)
            | Problem::InvalidDpopProof(_)
            | Problem::UseDpopNonce
            | Problem::InsufficientUserAuthentication { .. } => StatusCode::UNAUTHORIZED,
        }
    }

    /// The error code; none where credentials are absent, and where the server can not tell.
    pub fn error(&self) -> Option<&'static str> {
        match &self.problem {
            Problem::NoCredentials | Problem::Undetermined | Problem::NotServed(_) => None,
            Problem::InvalidRequest(_) => Some("invalid_request"),
            Problem::InvalidToken(_) => Some("invalid_token"),
            Problem::InvalidDpopProof(_) => Some("invalid_dpop_proof"),
            Problem::UseDpopNonce => Some("use_dpop_nonce"),
            Problem::InsufficientUserAuthentication { .. } => {
                Some("insufficient_user_authentication")
            }
            Problem::InsufficientScope { .. } => Some("insufficient_scope"),
        }
    }

    /// The headers of the answer: `WWW-Authenticate`, once for each scheme that is offered, or
    /// `Retry-After`; `DPoP-Nonce`, where the client has to use one.
    pub fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(self.problem, Problem::Undetermined) {
            headers.insert(RETRY_AFTER, self.offer.retry_after.into());
            return headers;
        }
        if matches!(self.problem, Problem::NotServed(_)) {
            return headers;
        }
        if self.offer.bearer {
            headers.append(WWW_AUTHENTICATE, self.attributes(Scheme::Bearer));
        }
        if self.offer.dpop_algs.is_some() {
            headers.append(WWW_AUTHENTICATE, self.attributes(Scheme::Dpop));
        }
        if let Some(nonce) = &self.dpop_nonce {
            headers.insert(DPOP_NONCE, nonce.clone());
        }
        headers
    }

    /// An answer with an empty body.
    pub fn to_response<B: Default>(&self) -> Response<B> {
        let mut response = Response::new(B::default());
        *response.status_mut() = self.status();
        *response.headers_mut() = self.headers();
        response
    }

    fn attributes(&self, scheme: Scheme) -> HeaderValue {
        let mut attributes = Attributes::of(scheme.name());
        if self.used.is_none_or(|used| used == scheme || !self.offers(used)) {
            self.push_error(&mut attributes);
        }
        attributes.push("scope", self.scope());
        attributes.push("resource_metadata", &self.offer.resource_metadata);
        if scheme == Scheme::Dpop {
            attributes.push("algs", self.offer.dpop_algs.as_deref().unwrap_or_default());
        }
        let bare = HeaderValue::from_static(scheme.name());
        HeaderValue::try_from(attributes.into_text()).unwrap_or(bare)
    }

    fn push_error(&self, attributes: &mut Attributes) {
        attributes.push("error", self.error().unwrap_or_default());
        attributes.push("error_description", self.description());
        if let Problem::InsufficientUserAuthentication { acr_values, max_age } = &self.problem {
            attributes.push("acr_values", acr_values);
            let max_age = max_age.map(|age| age.to_string());
            attributes.push("max_age", &max_age.unwrap_or_default());
        }
    }

    fn offers(&self, scheme: Scheme) -> bool {
        match scheme {
            Scheme::Bearer => self.offer.bearer,
            Scheme::Dpop => self.offer.dpop_algs.is_some(),
        }
    }

    /// All scopes of the operation.
    fn scope(&self) -> &str {
        match &self.problem {
            Problem::InsufficientScope { scope } => scope,
            Problem::NoCredentials
            | Problem::InvalidRequest(_)
            | Problem::InvalidToken(_)
            | Problem::InvalidDpopProof(_)
            | Problem::UseDpopNonce
            | Problem::InsufficientUserAuthentication { .. }
            | Problem::Undetermined
            | Problem::NotServed(_) => &self.offer.scope,
        }
    }

    fn description(&self) -> &'static str {
        match &self.problem {
            Problem::InvalidRequest(words)
            | Problem::InvalidToken(words)
            | Problem::InvalidDpopProof(words) => words,
            Problem::UseDpopNonce => "the DPoP proof has to have the nonce of the server",
            Problem::InsufficientUserAuthentication { .. } => {
                "the user has to authenticate otherwise or again"
            }
            Problem::InsufficientScope { .. } => "the token does not permit the operation",
            Problem::NoCredentials | Problem::Undetermined | Problem::NotServed(_) => "",
        }
    }
}

/// <https://www.rfc-editor.org/rfc/rfc9449#section-8>
pub(super) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// What says "no" to a token says what to answer.
pub trait ToChallenge {
    /// The answer, as of a server that offers Bearer and nothing else and publishes no metadata;
    /// [`ResourceServer::challenge`](super::ResourceServer::challenge) says the rest.
    fn challenge(&self) -> Challenge;
}

impl ToChallenge for Refused {
    fn challenge(&self) -> Challenge {
        Challenge::new(problem_of_token(self))
    }
}

impl ToChallenge for InsufficientScope {
    fn challenge(&self) -> Challenge {
        Challenge::new(Problem::InsufficientScope { scope: scope_list(self.required()) })
    }
}

impl From<InsufficientScope> for Challenge {
    fn from(insufficient: InsufficientScope) -> Self {
        insufficient.challenge()
    }
}

/// The client-safe words for a refused token. What they tell is told of tokens whose signature passed.
fn problem_of_token(refused: &Refused) -> Problem {
    if matches!(refused, Refused::Undetermined(_)) {
        return Problem::Undetermined;
    }
    let kinds = failures(refused);
    if refused.is_about_proof() {
        // Only a proof with nothing wrong but its nonce is worth another try.
        let lacks_nonce = kinds.iter().all(|kind| *kind == ReasonKind::WrongNonce);
        return if lacks_nonce {
            Problem::UseDpopNonce
        } else {
            Problem::InvalidDpopProof("the DPoP proof is not valid for this request")
        };
    }
    let step_up = |kind: &ReasonKind| *kind == ReasonKind::InsufficientAuthentication;
    if !kinds.is_empty() && kinds.iter().all(step_up) {
        return Problem::InsufficientUserAuthentication {
            acr_values: Box::default(),
            max_age: None,
        };
    }
    let words = match refused.reason().and_then(|check| reason_kind(check.outcome())) {
        Some(ReasonKind::Expired) => "the access token has expired",
        Some(ReasonKind::WrongAudience) => "the access token was not issued for this resource",
        Some(ReasonKind::Unsatisfied) => "the access token demands a proof of possession",
        _ => "the access token is not valid",
    };
    Problem::InvalidToken(words)
}

/// Why the checks failed that did.
pub(super) fn failures(refused: &Refused) -> Vec<ReasonKind> {
    refused.checks().filter_map(|check| reason_kind(check.outcome())).collect()
}

fn reason_kind(outcome: &Outcome) -> Option<ReasonKind> {
    outcome.reason().map(crate::check::Reason::kind)
}
