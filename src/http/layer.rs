//! The resource server as a `tower` layer.

use std::fmt;
use std::future::{poll_fn, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use ::http::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use ::http::{Extensions, HeaderValue, Method, Request, Response, StatusCode};
use bytes::Bytes;
use http_body_util::{Either, Full};
use tower_layer::Layer;
use tower_service::Service;

use super::authenticate::{Attempt, Authenticated};
use super::challenge::{Challenge, DPOP_NONCE};
use super::credentials::Scheme;
use super::denied::Denied;
use super::request::RequestHead;
use super::resource_server::ResourceServer;
use super::shared::Shared;
use super::waiting::{Fetched, Place, Turn};
use crate::appraisal::Accepted;
use crate::state::{Local, Reach};

/// Guards a service: every request is authenticated before the service sees it.
///
/// - The caller stands in the request's extensions, as [`Accepted<C>`](crate::Accepted).
/// - The headers `Authorization` and `DPoP` are taken away: what the service does not have it can not
///   pass on ([`danger::keep_authorization`](crate::danger::keep_authorization) leaves them).
/// - A request that is denied gets its [`Challenge`], and its [`Denied`] stands in the extensions of the
///   response, as `Arc<Denied>`, for a layer outside of this one that writes a log.
/// - A token that names a key which is being fetched waits for the fetch, with up to 1,000 others.
/// - If the validator has a source of state, the request waits for its answers, after every local check. The
///   number of such requests has no bound here, because only callers with good tokens can make them; a
///   concurrency limit outside bounds them.
/// - A [`Challenge`] in the extensions of the service's own response is completed with what this server
///   offers.
/// - The metadata is served, to anybody, at its well-known path.
///
/// Put it around the whole router, after all routes: axum's `Router::layer` leaves routes that are added
/// later unguarded. Inside of it, a layer of the same server for an operation
/// ([`ResourceServer::requiring`]) demands what that needs of the caller who was authenticated already. Where
/// several resources share a router, or the layer is inside of a `nest`, serve the metadata
/// ([`ResourceServer::metadata_json`]) by a route outside, and give the prefix in
/// [`public_base`](super::ResourceServerBuilder::public_base). A layer for CORS goes outside, since a
/// preflight has no token; browsers read a challenge only if it exposes `WWW-Authenticate` (and
/// `DPoP-Nonce`).
///
/// MCP authorization, "Token Handling", [RFC 9728 §3](https://www.rfc-editor.org/rfc/rfc9728#section-3)
pub struct ResourceServerLayer<C, R = Local> {
    pub(super) server: ResourceServer<C, R>,
    pub(crate) keeps_authorization: bool,
}

/// A service behind a [`ResourceServerLayer`].
pub struct Guarded<S, C, R = Local> {
    inner: S,
    layer: ResourceServerLayer<C, R>,
}

impl<C, R> ResourceServer<C, R> {
    /// This server as a layer.
    pub fn layer(&self) -> ResourceServerLayer<C, R> {
        ResourceServerLayer { server: self.clone(), keeps_authorization: false }
    }
}

impl<S, C, R> Layer<S> for ResourceServerLayer<C, R> {
    type Service = Guarded<S, C, R>;

    fn layer(&self, inner: S) -> Guarded<S, C, R> {
        Guarded { inner, layer: self.clone() }
    }
}

/// The body of an answer: the service's, or one of this crate.
pub(super) type Answer<B> = Response<Either<B, Full<Bytes>>>;

pub(super) type Answering<B, E> = Pin<Box<dyn Future<Output = Result<Answer<B>, E>> + Send>>;

impl<S, C, R, A, B> Service<Request<A>> for Guarded<S, C, R>
where
    S: Service<Request<A>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    C: Send + Sync + 'static,
    R: Reach,
    A: Send + 'static,
    B: Send + 'static,
{
    type Response = Answer<B>;
    type Error = S::Error;
    type Future = Answering<B, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let server = &self.layer.server;
        if server.serves_metadata_at(request.uri()) {
            let metadata = server.serve_metadata(request.method());
            self.give_back_turn();
            return at_once(metadata);
        }
        if let Some(passed) = Authenticated::by(server, request.extensions()) {
            return match server.check(&passed) {
                Ok(()) => self.layer.call(&mut self.inner, request, passed.used),
                Err(denied) => self.refuse(denied),
            };
        }
        let head = RequestHead::from(&request);
        match server.attempt(&head) {
            Attempt::Done(Ok(authenticated)) => {
                self.layer.pass(&mut self.inner, request, authenticated)
            }
            Attempt::Done(Err(denied)) => match server.place_to_wait(&head, &denied) {
                Place::Free(turn, fetched) => self.wait(Wait::Keys(turn, fetched), request),
                Place::Taken => {
                    let denied = denied.undetermined();
                    self.refuse(denied)
                }
                Place::Needless => self.refuse(denied),
            },
            pending @ Attempt::Pending { .. } => self.wait(Wait::State(pending), request),
        }
    }
}

/// What a request waits for.
enum Wait<C> {
    /// The answers of a source of state.
    State(Attempt<C>),
    /// Keys that are being fetched.
    Keys(Turn<C>, Fetched),
}

impl<S: Clone, C, R: Reach> Guarded<S, C, R> {
    /// Who is not let in gives back the turn that `poll_ready` took.
    fn give_back_turn(&mut self) {
        let fresh = self.inner.clone();
        self.inner = fresh;
    }

    fn refuse<B: Send + 'static, E: Send + 'static>(&mut self, denied: Denied) -> Answering<B, E> {
        self.give_back_turn();
        at_once(answer(denied))
    }

    /// Waits, and gives the request to the service if it is authenticated then. A request that waits holds
    /// no permit of the service.
    fn wait<A, B>(&mut self, wait: Wait<C>, request: Request<A>) -> Answering<B, S::Error>
    where
        S: Service<Request<A>, Response = Response<B>> + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Send + 'static,
        C: Send + Sync + 'static,
        A: Send + 'static,
        B: Send + 'static,
    {
        self.give_back_turn();
        let (mut inner, layer) = (self.inner.clone(), self.layer.clone());
        Box::pin(async move {
            let attempt = match wait {
                Wait::State(attempt) => attempt,
                Wait::Keys(turn, fetched) => {
                    fetched.await;
                    drop(turn);
                    layer.server.attempt(&RequestHead::from(&request))
                }
            };
            match layer.server.finish(attempt).await {
                Ok(authenticated) => {
                    poll_fn(|cx| inner.poll_ready(cx)).await?;
                    layer.pass(&mut inner, request, authenticated).await
                }
                Err(denied) => Ok(answer(denied)),
            }
        })
    }
}

impl<C, R: Reach> ResourceServerLayer<C, R> {
    /// Gives the request to the service, with the caller and without the credentials.
    fn pass<S, A, B>(
        &self,
        inner: &mut S,
        mut request: Request<A>,
        Authenticated { caller, used }: Authenticated<C>,
    ) -> Answering<B, S::Error>
    where
        S: Service<Request<A>, Response = Response<B>>,
        S::Future: Send + 'static,
        C: Send + Sync + 'static,
    {
        if !self.keeps_authorization {
            request.headers_mut().remove(AUTHORIZATION);
            request.headers_mut().remove("DPoP");
        }
        let server = Arc::clone(&self.server.shared);
        request.extensions_mut().insert(PassedBy { server, caller: caller.clone(), used });
        request.extensions_mut().insert(caller);
        self.call(inner, request, used)
    }

    fn call<S, A, B>(
        &self,
        inner: &mut S,
        request: Request<A>,
        used: Scheme,
    ) -> Answering<B, S::Error>
    where
        S: Service<Request<A>, Response = Response<B>>,
        S::Future: Send + 'static,
        C: Send + Sync + 'static,
    {
        let (answering, server) = (inner.call(request), self.server.clone());
        Box::pin(async move { answering.await.map(|response| server.complete(response, used)) })
    }
}

/// Stands in the extensions of a request: the caller, and the server that authenticated the request.
///
/// The service reads the caller by its public type. The layers of this server read it here, because code
/// between two of them can replace the other one.
struct PassedBy<C> {
    server: Arc<Shared<C>>,
    caller: Accepted<C>,
    used: Scheme,
}

impl<C> Clone for PassedBy<C> {
    fn clone(&self) -> Self {
        let (server, caller) = (Arc::clone(&self.server), self.caller.clone());
        Self { server, caller, used: self.used }
    }
}

impl<C: Send + Sync + 'static> Authenticated<C> {
    /// Finds the caller if a layer of this very server authenticated the request. A caller that another
    /// server accepted says nothing here.
    pub(super) fn by<R>(server: &ResourceServer<C, R>, extensions: &Extensions) -> Option<Self> {
        let passed = extensions.get::<PassedBy<C>>()?;
        let is_own = Arc::ptr_eq(&passed.server, &server.shared);
        is_own.then(|| Self { caller: passed.caller.clone(), used: passed.used })
    }
}

impl<C, R> ResourceServer<C, R> {
    /// The service's own response, with what only this server knows.
    pub(super) fn complete<B>(&self, mut response: Response<B>, used: Scheme) -> Answer<B> {
        let headers = response.headers_mut();
        if used == Scheme::Dpop
            && let Some(nonce) = self.dpop_nonce()
        {
            // <https://www.rfc-editor.org/rfc/rfc9449#section-8.2>: such an answer is not to be kept.
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            headers.insert(DPOP_NONCE, nonce);
        }
        if let Some(challenge) = response.extensions_mut().remove::<Challenge>() {
            let challenge = challenge.of(&self.offer, Some(used));
            *response.status_mut() = challenge.status();
            response.headers_mut().extend(challenge.headers());
        }
        response.map(Either::Left)
    }

    /// <https://www.rfc-editor.org/rfc/rfc9728#section-3.2>
    fn serve_metadata<B>(&self, method: &Method) -> Answer<B> {
        let mut response = Response::new(Either::Right(Full::default()));
        if ![Method::GET, Method::HEAD].contains(method) {
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(CONTENT_TYPE, json);
        if *method == Method::GET {
            let document = Bytes::copy_from_slice(self.metadata_json().as_bytes());
            *response.body_mut() = Either::Right(Full::new(document));
        }
        response
    }
}

fn at_once<B: Send + 'static, E: Send + 'static>(answer: Answer<B>) -> Answering<B, E> {
    Box::pin(ready(Ok(answer)))
}

/// The challenge, and for those outside why.
pub(super) fn answer<B>(denied: Denied) -> Answer<B> {
    let mut response = denied.challenge().to_response::<Full<Bytes>>().map(Either::Right);
    response.extensions_mut().insert(Arc::new(denied));
    response
}

impl<C, R> Clone for ResourceServerLayer<C, R> {
    fn clone(&self) -> Self {
        Self { server: self.server.clone(), keeps_authorization: self.keeps_authorization }
    }
}

impl<S: Clone, C, R> Clone for Guarded<S, C, R> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), layer: self.layer.clone() }
    }
}

impl<C, R> fmt::Debug for ResourceServerLayer<C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceServerLayer")
            .field("server", &self.server)
            .field("keeps_authorization", &self.keeps_authorization)
            .finish()
    }
}

impl<S, C, R> fmt::Debug for Guarded<S, C, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").field("layer", &self.layer).finish_non_exhaustive()
    }
}
