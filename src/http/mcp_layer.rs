//! An MCP server behind a `tower` layer: the resource server, and the scopes of its operations.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use ::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, TRAILER, TRANSFER_ENCODING};
use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use tower_layer::Layer;
use tower_service::Service;

use super::authenticate::Authenticated;
use super::challenge::{Challenge, Problem, ToChallenge};
use super::denied::{Cause, Denied};
use super::error::ResourceServerError;
use super::layer::{Answer, Answering, Guarded, ResourceServerLayer, answer};
use super::mcp::McpScopes;
use super::mcp_session::Sessions;
use super::resource_server::ResourceServer;
use crate::appraisal::Accepted;
use crate::state::{Local, Reach};

/// Guards an MCP server: a [`ResourceServerLayer`], and inside of it each request is held against the
/// scopes that it needs ([`McpScopes`]), which the challenge names all at once.
///
/// The body of a message is read as a whole, up to 4 MiB ([`most_body_bytes`](Self::most_body_bytes)), and
/// the service gets what was read; of requests whose body has no meaning (GET, DELETE) it gets none. A
/// body that is compressed, or said to be in another charset than UTF-8, is refused: decompress outside of
/// this layer, if at all. What comes over a
/// connection after an upgrade is not looked at. The headers `Mcp-Method` and `Mcp-Name` are not compared
/// with the body, which is what counts.
///
/// A session's id is no authentication. The one that the server gives out (`Mcp-Session-Id`) reaches the
/// client bound to its caller, by issuer and subject; who else shows it is told that there is no such session
/// (404). Nothing is remembered for it: the binding is a MAC under a key of the [`ResourceServer`], or one
/// that several processes share ([`session_key`](Self::session_key)). Callers without a subject have no
/// sessions. Sessions of the older transport, whose id stands in the query, are not bound.
///
/// A request with `Last-Event-ID` is refused with 400, because with an event store one caller could read
/// another caller's stream by its id. If the server checks that itself, say so
/// ([`event_ids_are_bound_to_callers`](Self::event_ids_are_bound_to_callers)).
///
/// MCP authorization, "Scope Challenge Handling"
pub struct McpLayer<C, R = Local> {
    guard: ResourceServerLayer<C, R>,
    scopes: Arc<McpScopes>,
    sessions: Arc<Sessions>,
    most_body_bytes: usize,
    event_ids_are_bound: bool,
}

/// A service behind the inner part of an [`McpLayer`].
pub struct McpGuarded<S, C, R = Local> {
    inner: S,
    layer: McpLayer<C, R>,
}

/// As much as servers of the protocol usually take.
const MOST_BODY_BYTES: usize = 4 * 1024 * 1024;

/// The last event that a client has seen of a stream.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

impl<C, R> ResourceServer<C, R> {
    /// This server as a layer around an MCP server.
    ///
    /// # Errors
    ///
    /// [`ResourceServerError`] if no token can have one of the scopes, or the operating system gave no
    /// random bytes.
    pub fn mcp_layer(&self, scopes: McpScopes) -> Result<McpLayer<C, R>, ResourceServerError> {
        scopes.check()?;
        Ok(McpLayer {
            guard: self.layer(),
            scopes: Arc::new(scopes),
            sessions: self.sessions()?,
            most_body_bytes: MOST_BODY_BYTES,
            event_ids_are_bound: false,
        })
    }
}

impl<C, R> McpLayer<C, R> {
    /// The most bytes that a body may have; a longer one is answered with 413.
    pub fn most_body_bytes(mut self, most: usize) -> Self {
        self.most_body_bytes = most;
        self
    }

    /// Passes requests with `Last-Event-ID` on, because the server behind the layer resumes a stream only
    /// for the caller that began it.
    ///
    /// By default such requests are refused with 400. An event id says nothing about its caller, so a
    /// server that looks it up in a shared event store would send one caller another caller's messages.
    ///
    /// MCP Streamable HTTP, "Resumability and Redelivery"
    pub fn event_ids_are_bound_to_callers(mut self) -> Self {
        self.event_ids_are_bound = true;
        self
    }

    /// A key to bind sessions with, for processes that share their sessions. By default a random one.
    pub fn session_key(mut self, key: [u8; 32]) -> Self {
        let server = &self.guard.server.shared;
        self.sessions = Arc::new(Sessions::under(
            key,
            server.tokens.first_policy().provider(),
            &server.metadata.resource,
        ));
        self
    }
}

impl<S, C, R> Layer<S> for McpLayer<C, R> {
    type Service = Guarded<McpGuarded<S, C, R>, C, R>;

    fn layer(&self, inner: S) -> Self::Service {
        self.guard.layer(McpGuarded { inner, layer: self.clone() })
    }
}

impl<S, C, R, A, B> Service<Request<A>> for McpGuarded<S, C, R>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    C: Send + Sync + 'static,
    R: Reach,
    A: Body<Data = Bytes> + Send + 'static,
    A::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: Send + 'static,
{
    type Response = Answer<B>;
    type Error = S::Error;
    type Future = Answering<B, S::Error>;

    /// The service is asked once the body was read: whoever sends it slowly takes no turn.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let (mut inner, layer) = (self.inner.clone(), self.layer.clone());
        Box::pin(async move {
            match layer.hold(request).await {
                Ok((request, caller)) => {
                    poll_fn(|cx| inner.poll_ready(cx)).await?;
                    let mut response = inner.call(request).await?;
                    layer.sessions.bind(response.headers_mut(), &caller);
                    Ok(response.map(Either::Left))
                }
                Err(denied) => Ok(answer(denied)),
            }
        })
    }
}

impl<C: Send + Sync + 'static, R: Reach> McpLayer<C, R> {
    /// The request with the body that was read, if the caller's token permits what that asks for.
    async fn hold<A>(
        &self,
        mut request: Request<A>,
    ) -> Result<(Request<Full<Bytes>>, Accepted<C>), Denied>
    where
        A: Body<Data = Bytes>,
        A::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let server = &self.guard.server;
        let Some(passed) = Authenticated::by(server, request.extensions()) else {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            return Err(self.refuse(status, "nobody authenticated the request"));
        };
        if !self.event_ids_are_bound && request.headers().contains_key(LAST_EVENT_ID) {
            let words = "Last-Event-ID is present, but the server does not bind event ids to callers; if \
                         it does, see McpLayer::event_ids_are_bound_to_callers";
            return Err(self.refuse(StatusCode::BAD_REQUEST, words));
        }
        if !self.sessions.unbind(request.headers_mut(), &passed.caller) {
            return Err(self.refuse(StatusCode::NOT_FOUND, "the caller has no such session"));
        }
        let (mut parts, body) = request.into_parts();
        if !has_message(&parts.method) {
            // What says how long the body is would be wrong, and the next reader would wait for it.
            for header in [CONTENT_LENGTH, TRANSFER_ENCODING, TRAILER] {
                parts.headers.remove(header);
            }
            return Ok((Request::from_parts(parts, Full::default()), passed.caller));
        }
        if !is_plain(&parts.headers) {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(self.refuse(status, "the body is compressed, or not said to be UTF-8"));
        }
        let body = Limited::new(body, self.most_body_bytes).collect().await;
        let body = body.map_err(|error| self.unread(&*error))?.to_bytes();
        let of_operation = |denied: Denied| denied.of_operation(self.scopes.operation_of(&body));
        self.check(&passed, &body).map_err(of_operation)?;
        Ok((Request::from_parts(parts, Full::new(body)), passed.caller))
    }

    fn check(&self, passed: &Authenticated<C>, body: &[u8]) -> Result<(), Denied> {
        let Ok(needed) = self.scopes.needed_by(body) else {
            let words = "the body is not one JSON-RPC message, or reads in two ways";
            return Err(self.refuse(StatusCode::BAD_REQUEST, words));
        };
        let Some(needed) = needed else {
            // No scope helps, so none is asked for.
            let words = "the body calls a tool or a method that is not listed";
            return Err(self.refuse(StatusCode::FORBIDDEN, words));
        };
        passed.caller.require_scopes(needed).map_err(|insufficient| {
            let challenge = insufficient.challenge();
            let (used, cause) = (Some(passed.used), Cause::Scope(insufficient));
            self.guard.server.deny(challenge, used, cause).of_caller(&passed.caller)
        })
    }

    fn unread(&self, error: &(dyn std::error::Error + Send + Sync + 'static)) -> Denied {
        if error.is::<LengthLimitError>() {
            self.refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long")
        } else {
            self.refuse(StatusCode::BAD_REQUEST, "the body broke off")
        }
    }

    fn refuse(&self, status: StatusCode, words: &'static str) -> Denied {
        let challenge = Challenge::new(Problem::NotServed(status));
        self.guard.server.deny(challenge, None, Cause::Body(words))
    }
}

impl<C, R> ResourceServer<C, R> {
    /// One key for all layers of this server.
    fn sessions(&self) -> Result<Arc<Sessions>, ResourceServerError> {
        let known = &self.shared.sessions;
        if known.get().is_none() {
            // Of two at once the first stays.
            let provider = self.shared.tokens.first_policy().provider();
            let sessions = Sessions::random(provider, &self.shared.metadata.resource)?;
            let _ = known.set(Arc::new(sessions));
        }
        known.get().cloned().ok_or(ResourceServerError::NoRandomness)
    }
}

/// Every method but those of which a body has no meaning.
fn has_message(method: &Method) -> bool {
    ![Method::GET, Method::HEAD, Method::DELETE, Method::OPTIONS].contains(method)
}

/// Whether the body is what it is read as: UTF-8, not compressed.
fn is_plain(headers: &HeaderMap) -> bool {
    let plain = headers.get_all(CONTENT_ENCODING).iter().all(is_identity);
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let utf8 = types.next().is_none_or(|of_body| of_body.to_str().is_ok_and(is_utf8));
    plain && utf8 && types.next().is_none()
}

/// Whether an encoding is none. Its name is compared without regard to letter case.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1>
fn is_identity(encoding: &HeaderValue) -> bool {
    encoding.as_bytes().eq_ignore_ascii_case(b"identity")
}

/// Whether a content type names no charset, or UTF-8.
fn is_utf8(content_type: &str) -> bool {
    let mut charsets = content_type.split(';').skip(1).filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    charsets.all(|charset| charset.eq_ignore_ascii_case("utf-8"))
}

impl<C, R> Clone for McpLayer<C, R> {
    fn clone(&self) -> Self {
        Self {
            guard: self.guard.clone(),
            scopes: Arc::clone(&self.scopes),
            sessions: Arc::clone(&self.sessions),
            most_body_bytes: self.most_body_bytes,
            event_ids_are_bound: self.event_ids_are_bound,
        }
    }
}

impl<S: Clone, C, R> Clone for McpGuarded<S, C, R> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<C, R> fmt::Debug for McpLayer<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("McpLayer")
            .field("guard", &self.guard)
            .field("scopes", &self.scopes)
            .field("most_body_bytes", &self.most_body_bytes)
            .field("event_ids_are_bound", &self.event_ids_are_bound)
            .finish()
    }
}

impl<S, C, R> fmt::Debug for McpGuarded<S, C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("McpGuarded").field("layer", &self.layer).finish_non_exhaustive()
    }
}
