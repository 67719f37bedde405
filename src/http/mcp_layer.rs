//! The scopes of MCP operations as a `tower` layer.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use ::http::{Method, Request, Response, StatusCode};
use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use tower_layer::Layer;
use tower_service::Service;

use super::challenge::{Challenge, ToChallenge};
use super::credentials::Scheme;
use super::error::ResourceServerError;
use super::layer::{Answer, Answering, challenge_response, own_response};
use super::mcp::McpScopes;
use super::resource_server::ResourceServer;
use crate::appraisal::Accepted;
use crate::authorization::Scoped;

/// Holds each request to an MCP server against the scopes that it needs ([`McpScopes`]): the challenge
/// names all of them at once. It stands inside of a [`ResourceServerLayer`](super::ResourceServerLayer)
/// and refuses whatever did not come through one.
///
/// The body is read as a whole, up to 4 MiB ([`most_body_bytes`](Self::most_body_bytes)), and given to the
/// service as it was.
///
/// MCP authorization, "Scope Challenge Handling"
pub struct McpLayer<C> {
    server: ResourceServer<C>,
    scopes: Arc<McpScopes>,
    most_body_bytes: usize,
}

/// A service behind an [`McpLayer`].
pub struct McpGuarded<S, C> {
    inner: S,
    layer: McpLayer<C>,
}

/// As much as servers of the protocol usually take.
const MOST_BODY_BYTES: usize = 4 * 1024 * 1024;

impl<C> ResourceServer<C> {
    /// The scopes of an MCP server's operations as a layer.
    ///
    /// # Errors
    ///
    /// [`ResourceServerError`] if no token can have one of the scopes.
    pub fn mcp_layer(&self, scopes: McpScopes) -> Result<McpLayer<C>, ResourceServerError> {
        scopes.check()?;
        let scopes = Arc::new(scopes);
        Ok(McpLayer { server: self.clone(), scopes, most_body_bytes: MOST_BODY_BYTES })
    }
}

impl<C> McpLayer<C> {
    /// The most bytes that a body may have; a longer one is answered with 413.
    pub fn most_body_bytes(mut self, most: usize) -> Self {
        self.most_body_bytes = most;
        self
    }
}

impl<S, C> Layer<S> for McpLayer<C> {
    type Service = McpGuarded<S, C>;

    fn layer(&self, inner: S) -> McpGuarded<S, C> {
        McpGuarded { inner, layer: self.clone() }
    }
}

impl<S, C, A, B> Service<Request<A>> for McpGuarded<S, C>
where
    S: Service<Request<Either<A, Full<Bytes>>>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    C: Scoped + Send + Sync + 'static,
    A: Body<Data = Bytes> + Send + 'static,
    A::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: Send + 'static,
{
    type Response = Answer<B>;
    type Error = S::Error;
    type Future = Answering<B, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        // The service that is ready is this one; its clone need not be.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let layer = self.layer.clone();
        Box::pin(async move {
            let used = request.extensions().get::<Scheme>().copied();
            let request = match layer.hold(request).await {
                Ok(request) => request,
                Err(refusal) => return Ok(layer.answer(refusal, used)),
            };
            inner.call(request).await.map(|response| layer.server.complete(response, used))
        })
    }
}

impl<C: Scoped + Send + Sync + 'static> McpLayer<C> {
    /// The request as it came, if the caller's token permits what its body asks for.
    async fn hold<A>(&self, request: Request<A>) -> Result<Request<Either<A, Full<Bytes>>>, Refusal>
    where
        A: Body<Data = Bytes>,
        A::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let caller = request.extensions().get::<Accepted<C>>().cloned();
        let caller = caller.ok_or_else(|| Refusal::Challenge(Challenge::no_credentials()))?;
        if !has_message(request.method()) {
            return Ok(request.map(Either::Left));
        }
        let (parts, body) = request.into_parts();
        let body = Limited::new(body, self.most_body_bytes).collect().await;
        let body = body.map_err(|error| Refusal::Status(status_of(&*error)))?.to_bytes();
        self.check(&caller, &body)?;
        Ok(Request::from_parts(parts, Either::Right(Full::new(body))))
    }

    fn check(&self, caller: &Accepted<C>, body: &[u8]) -> Result<(), Refusal> {
        let needed = self.scopes.needed_by(body);
        let needed = needed.map_err(|_| Refusal::Status(StatusCode::BAD_REQUEST))?;
        // No scope helps with a tool that is not listed, so none is asked for.
        let needed = needed.ok_or(Refusal::Status(StatusCode::FORBIDDEN))?;
        let held = caller.require_scopes(needed);
        held.map_err(|insufficient| Refusal::Challenge(insufficient.challenge()))
    }

    fn answer<B>(&self, refusal: Refusal, used: Option<Scheme>) -> Answer<B> {
        match refusal {
            Refusal::Challenge(challenge) => {
                challenge_response(&challenge.of(&self.server.offer, used))
            }
            Refusal::Status(status) => own_response(status),
        }
    }
}

/// What a request is answered with that does not reach the service.
enum Refusal {
    Challenge(Challenge),
    Status(StatusCode),
}

/// Every method but those of which a body has no meaning.
fn has_message(method: &Method) -> bool {
    ![Method::GET, Method::HEAD, Method::DELETE, Method::OPTIONS].contains(method)
}

fn status_of(error: &(dyn std::error::Error + Send + Sync + 'static)) -> StatusCode {
    let too_long = error.is::<LengthLimitError>();
    if too_long { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::BAD_REQUEST }
}

impl<C> Clone for McpLayer<C> {
    fn clone(&self) -> Self {
        Self {
            server: self.server.clone(),
            scopes: Arc::clone(&self.scopes),
            most_body_bytes: self.most_body_bytes,
        }
    }
}

impl<S: Clone, C> Clone for McpGuarded<S, C> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<C> fmt::Debug for McpLayer<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("McpLayer")
            .field("server", &self.server)
            .field("scopes", &self.scopes)
            .field("most_body_bytes", &self.most_body_bytes)
            .finish()
    }
}

impl<S, C> fmt::Debug for McpGuarded<S, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("McpGuarded").field("layer", &self.layer).finish_non_exhaustive()
    }
}
