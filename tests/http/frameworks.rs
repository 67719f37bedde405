//! Under hyper and tonic; for axum there is a file of its own.

use std::convert::Infallible;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use jwt_appraisal::{Accepted, AccessTokenClaims};
use tokio::net::TcpListener;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::Routes;
use tower::{Layer, Service, ServiceExt, service_fn};

use super::site::{METADATA, Site, bearer, challenges, request};

/// The caller's subject, or that there is none.
fn subject<B>(request: &Request<B>) -> String {
    let caller = request.extensions().get::<Accepted<AccessTokenClaims>>();
    caller.map_or("nobody".to_owned(), |caller| caller.claims().sub.to_string())
}

#[tokio::test]
async fn under_hyper() {
    let site = Site::new();
    let service = service_fn(|request: Request<Incoming>| async move {
        Ok::<_, Infallible>(Response::new(Full::<Bytes>::from(subject(&request))))
    });
    let service = TowerToHyperService::new(site.server().layer().layer(service));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let connection = hyper::server::conn::http1::Builder::new();
            let connection = connection.serve_connection(TokioIo::new(stream), service.clone());
            tokio::spawn(connection);
        }
    });
    let client =
        reqwest::Client::builder().tls_backend_preconfigured(no_tls()).no_proxy().build().unwrap();
    let url = format!("http://{address}/mcp");
    let denied = client.get(&url).send().await.unwrap();
    assert_eq!(denied.status().as_u16(), 401);
    assert!(denied.headers()["www-authenticate"].to_str().unwrap().contains(METADATA));
    let accepted = client.get(&url).bearer_auth(site.token().sign()).send().await.unwrap();
    assert_eq!(accepted.text().await.unwrap(), "user-1");
    let metadata = format!("http://{address}/.well-known/oauth-protected-resource/mcp");
    let metadata = client.get(metadata).send().await.unwrap().text().await.unwrap();
    assert_eq!(metadata, site.server().metadata().to_json());
}

/// A client for plain HTTP.
fn no_tls() -> rustls::ClientConfig {
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth()
}

/// What `tonic` makes of a service definition, without one.
#[derive(Clone)]
struct Greeter;

impl NamedService for Greeter {
    const NAME: &'static str = "files.Greeter";
}

impl Service<Request<Body>> for Greeter {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let body = Body::new(Full::<Bytes>::from(subject(&request)));
        std::future::ready(Ok(Response::new(body)))
    }
}

#[tokio::test]
async fn under_tonic() {
    let site = Site::new();
    let service = || site.server().layer().layer(Routes::new(Greeter).prepare());
    let call = |mut asked: Request<()>| {
        *asked.method_mut() = "POST".parse().unwrap();
        *asked.uri_mut() = "/files.Greeter/Greet".parse().unwrap();
        asked.map(|()| Body::empty())
    };
    let accepted = service().oneshot(call(bearer(&site.token().sign()))).await.unwrap();
    let body = accepted.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(&*body, b"user-1");
    let denied = service().oneshot(call(request(&[]))).await.unwrap();
    // A gRPC client takes 401 for UNAUTHENTICATED.
    assert_eq!(denied.status().as_u16(), 401);
    assert_eq!(challenges(denied.headers()).len(), 1);
}
