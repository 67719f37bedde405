//! Extractors and responses for axum.

use axum_core::extract::FromRequestParts;
use axum_core::response::{IntoResponse, Response};

use ::http::StatusCode;
use ::http::request::Parts;

use super::challenge::{Challenge, ToChallenge};
use super::denied::Denied;
use crate::appraisal::Accepted;
use crate::scope::InsufficientScope;

/// The caller, as a [`ResourceServerLayer`](super::ResourceServerLayer) found it.
///
/// ```
/// use jwt_appraisal::http::Challenge;
/// use jwt_appraisal::{AccessTokenClaims, Accepted};
///
/// async fn delete(caller: Accepted<AccessTokenClaims>) -> Result<String, Challenge> {
///     caller.require_scopes(["files:delete"])?; // 403, and the challenge names the scope
///     Ok(format!("deleted for {}", caller.claims().sub))
/// }
/// # let _: axum::routing::MethodRouter = axum::routing::get(delete);
/// ```
impl<C: Send + Sync + 'static, S: Send + Sync> FromRequestParts<S> for Accepted<C> {
    type Rejection = NotGuarded;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, NotGuarded> {
        parts.extensions.get::<Self>().cloned().ok_or(NotGuarded)
    }
}

/// A handler asked for a caller on a route that no [`ResourceServerLayer`](super::ResourceServerLayer)
/// with this claims type guards: the service's mistake, answered with 500.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no resource server layer with this claims type guards the route")]
#[non_exhaustive]
pub struct NotGuarded;

impl IntoResponse for NotGuarded {
    fn into_response(self) -> Response {
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}

/// The layer completes it with what the server offers.
impl IntoResponse for Challenge {
    fn into_response(self) -> Response {
        let mut response = self.to_response::<axum_core::body::Body>();
        response.extensions_mut().insert(self);
        response
    }
}

/// The challenge, as it is: it names what the server offers.
impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        self.challenge().to_response::<axum_core::body::Body>()
    }
}

impl IntoResponse for InsufficientScope {
    fn into_response(self) -> Response {
        self.challenge().into_response()
    }
}
