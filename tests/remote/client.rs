//! The client against a server: what it asks, what it takes, and when it gives up.

use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use jwt_appraisal::remote::{
    self, FetchError, HttpClient, RemoteError, RemoteIssuer, RemoteIssuerBuilder, SetupError,
    Update, UrlError,
};
use jwt_appraisal::{Issuer, KeyError, SignatureAlgorithm};
use serde_json::json;

use super::server::{Answer, KEYS, OAUTH, OPENID, Server, redirect, whole};
use super::support::provider;
use super::texts;

/// Settings for the issuer at a server.
pub(crate) fn at(server: &Server) -> RemoteIssuerBuilder {
    let builder = remote::issuer(&*server.url).algorithms([SignatureAlgorithm::Es256]);
    builder.provider(provider()).allow_http_on_loopback()
}

async fn error(builder: RemoteIssuerBuilder) -> FetchError {
    match builder.connect().await {
        Err(RemoteError::Fetch(error)) => error,
        other => unreachable!("{other:?}"),
    }
}

fn usable(remote: &RemoteIssuer) -> usize {
    remote.issuer().key_store().unwrap().report().usable()
}

#[tokio::test]
async fn keys_are_found_by_the_issuers_metadata() {
    let (server, _) = Server::of_issuer().await;
    let issuer = at(&server).connect().await.unwrap();
    assert_eq!(*issuer.issuer().issuer(), *server.url);
    assert_eq!(usable(&issuer), 1);
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    for (request, path, accept) in [
        (&requests[0], OAUTH, "application/json"),
        (&requests[1], KEYS, "application/jwk-set+json, application/json"),
    ] {
        let mut lines: Vec<_> = request.trim_end().split("\r\n").collect();
        lines.sort_unstable();
        let expected = [
            format!("GET {path} HTTP/1.1"),
            format!("accept: {accept}"),
            format!("host: 127.0.0.1:{}", server.port),
            format!("user-agent: jwt-appraisal/{}", env!("CARGO_PKG_VERSION")),
        ];
        assert_eq!(lines, expected, "and nothing else");
    }
}

#[tokio::test]
async fn where_there_is_no_metadata_of_oauth_that_of_openid_is_found() {
    let (server, _) = Server::of_issuer().await;
    server.answer(OAUTH, whole(404, ""));
    server.answer(OPENID, whole(200, server.metadata()));
    let issuer = at(&server).connect().await.unwrap();
    assert_eq!(usable(&issuer), 1);
    assert_eq!([OAUTH, OPENID, KEYS].map(|path| server.count(path)), [1, 1, 1]);
}

#[tokio::test]
async fn keys_are_found_where_the_caller_says() {
    let (server, _) = Server::of_issuer().await;
    let url = format!("{}{KEYS}", server.url);
    let issuer = at(&server).jwks_uri(url).connect().await.unwrap();
    assert_eq!(usable(&issuer), 1);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn what_is_not_right_is_refused_and_said() {
    let other =
        json!({"issuer": "https://evil.example/CANARY", "jwks_uri": "https://evil.example"});
    let most = 256 * 1024;
    for (path, answer, expected) in [
        (OAUTH, whole(200, other.to_string()), texts::other_issuer("https://evil.example/CANARY")),
        (OAUTH, whole(500, "CANARY"), texts::status(500)),
        (KEYS, whole(404, "CANARY"), texts::status(404)),
        (KEYS, whole(200, "CANARY"), texts::not_json("is not well-formed")),
        (KEYS, whole(200, "{\"CANARY\":1}"), KeyError::NotASet.to_string()),
        (KEYS, Answer::Endless(""), texts::too_long(most)),
        (KEYS, Answer::Endless("Content-Length: 10000000\r\n"), texts::too_long(most)),
        (OAUTH, Answer::Endless(""), texts::too_long(most)),
        (KEYS, Answer::Dripping, texts::timed_out(1)),
        (KEYS, Answer::Silent, texts::timed_out(1)),
        (KEYS, Answer::Closed, texts::no_answer("the connection broke, or the answer is not HTTP")),
        (
            KEYS,
            Answer::Garbage,
            texts::no_answer("the connection broke, or the answer is not HTTP"),
        ),
    ] {
        let (server, _) = Server::of_issuer().await;
        server.answer(path, answer.clone());
        let begun = Instant::now();
        let error = error(at(&server).timeout(time::Duration::SECOND)).await;
        assert_eq!(error.to_string(), expected, "{answer:?}");
        assert!(!format!("{error} {error:?}").contains("CANARY"), "{error:?}");
        assert!(begun.elapsed() < Duration::from_secs(8), "{answer:?}");
    }
}

#[tokio::test]
async fn a_url_that_is_too_long_for_the_client_is_said_to_be() {
    let (server, _) = Server::of_issuer().await;
    let url = format!("{}/{}", server.url, "a".repeat(70_000));
    let error = error(at(&server).jwks_uri(url)).await;
    assert_eq!(
        error.to_string(),
        texts::no_answer("the HTTP client cannot make a request of this URL")
    );
}

#[tokio::test]
async fn an_issuer_that_is_not_there_is_no_issuer() {
    let server = Server::empty().await;
    assert_eq!(error(at(&server)).await.to_string(), texts::status(404));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let builder = remote::issuer(url).algorithms([SignatureAlgorithm::Es256]);
    let error = error(builder.provider(provider()).allow_http_on_loopback()).await;
    assert_eq!(error.to_string(), texts::no_answer("the server could not be reached"));
}

#[tokio::test]
async fn redirects_lead_on_within_the_same_host_a_few_times() {
    let (server, issuer) = Server::of_issuer().await;
    let keys = issuer.jwks();
    server.answer(KEYS, redirect("/1"));
    server.answer("/1", redirect(&format!("{}/2", server.url)));
    server.answer("/2", redirect("3"));
    server.answer("/3", whole(200, &*keys));
    assert_eq!(usable(&at(&server).connect().await.unwrap()), 1);

    server.answer("/3", redirect("/4"));
    server.answer("/4", whole(200, keys));
    assert_eq!(error(at(&server)).await.to_string(), texts::redirected(302));
    assert_eq!(server.count("/4"), 0);
}

#[tokio::test]
async fn redirects_do_not_lead_elsewhere() {
    let (server, issuer) = Server::of_issuer().await;
    let (other, _) = Server::of_issuer().await;
    server.answer("/elsewhere", whole(200, issuer.jwks()));
    other.answer("/elsewhere", whole(200, issuer.jwks()));
    for to in [
        format!("http://localhost:{}/elsewhere", server.port),
        format!("http://127.0.0.2:{}/elsewhere", server.port),
        format!("http://127.0.0.1:{}/elsewhere", other.port),
        format!("//127.0.0.1:{}/elsewhere", other.port),
        format!("https://127.0.0.1:{}/elsewhere", server.port),
        format!("http://user@127.0.0.1:{}/elsewhere", server.port),
        "file:///elsewhere".to_owned(),
        "http://169.254.169.254/elsewhere".to_owned(),
    ] {
        server.answer(KEYS, redirect(&to));
        let error = error(at(&server)).await;
        assert_eq!(error.to_string(), texts::redirected(302), "{to}");
    }
    assert_eq!((server.count("/elsewhere"), other.requests().len()), (0, 0));
}

#[tokio::test]
async fn one_bad_key_among_good_ones_is_left_out_and_said() {
    let (server, issuer) = Server::of_issuer().await;
    let set = json!({"keys": [{"kty": "quantum"}, issuer.key().jwk()]});
    server.answer(KEYS, whole(200, set.to_string()));
    let said = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&said);
    let observer = move |_: &Issuer, update: &Update| log.lock().unwrap().push(update.to_string());
    let trusted = at(&server).observe(observer).connect().await.unwrap();
    assert_eq!(usable(&trusted), 1);
    let said = said.lock().unwrap();
    assert_eq!(said[0], "metadata read");
    assert!(said[1].contains("1 usable, 1 not; key 0"), "{said:?}");
    assert_eq!(said.len(), 2);
}

#[tokio::test]
async fn a_set_that_is_too_long_by_one_byte_is_too_long() {
    let (server, issuer) = Server::of_issuer().await;
    let keys = issuer.jwks();
    for (more, fits) in [(0, true), (1, false)] {
        let padded = format!("{keys}{}", " ".repeat(256 * 1024 - keys.len() + more));
        server.answer(KEYS, whole(200, padded));
        assert_eq!(at(&server).connect().await.is_ok(), fits);
    }
}

#[tokio::test]
async fn mistakes_are_found_before_anything_is_fetched() {
    let builder = remote::issuer("http://as.example.com").algorithms([SignatureAlgorithm::Es256]);
    let builder = builder.provider(provider()).allow_http_on_loopback();
    let error = builder.connect_in_background().unwrap_err();
    let RemoteError::Setup(SetupError::Issuer { issuer, error, .. }) = error else {
        unreachable!("{error}");
    };
    assert_eq!((issuer.as_str(), error), ("http://as.example.com", UrlError::Http));
    let server = Server::empty().await;
    let strict = remote::issuer(&*server.url).algorithms([SignatureAlgorithm::Es256]);
    assert!(matches!(strict.connect().await, Err(RemoteError::Setup(_))), "http was not allowed");
    let good = include_str!("../vectors/tls/root.pem");
    for pem in [
        "",
        "-----BEGIN CERTIFICATE-----\nAAA\n",
        "garbage",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
    ] {
        let builder = at(&server).root_certificate_pem(good).root_certificate_pem(pem);
        let error = builder.connect().await.unwrap_err();
        assert!(matches!(error, RemoteError::RootCertificate { index: 1, .. }), "{pem}: {error}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn root_certificates_beside_a_shared_client_are_an_error() {
    let server = Server::empty().await;
    let shared = HttpClient::new().unwrap();
    let good = include_str!("../vectors/tls/root.pem");
    let builder = at(&server).root_certificate_pem(good).client(&shared);
    assert_eq!(builder.connect().await.unwrap_err(), RemoteError::RootsBesideClient);
    let builder = at(&server).client(&shared).root_certificate_pem(good);
    assert_eq!(builder.connect_in_background().unwrap_err(), RemoteError::RootsBesideClient);
    assert!(server.requests().is_empty());
}

#[test]
fn without_a_runtime_there_is_no_task() {
    let builder =
        || remote::issuer("https://as.example.com").algorithms([SignatureAlgorithm::Es256]);
    assert_eq!(builder().connect_in_background().unwrap_err(), RemoteError::NoRuntime);
    let mut connect = std::pin::pin!(builder().connect());
    let Poll::Ready(Err(error)) = connect.as_mut().poll(&mut Context::from_waker(Waker::noop()))
    else {
        unreachable!("it ends at once");
    };
    assert_eq!(error, RemoteError::NoRuntime);
}

#[tokio::test]
async fn a_builder_says_what_it_was_given_and_no_certificate() {
    let pem = "-----BEGIN CERTIFICATE-----";
    let debug = format!("{:?}", remote::issuer("https://a").root_certificate_pem(pem));
    assert!(debug.contains("https://a") && debug.contains("root_certificates: 1"), "{debug}");
}

#[tokio::test(flavor = "multi_thread")]
async fn connecting_can_be_a_task_of_its_own() {
    let (server, _) = Server::of_issuer().await;
    let issuer = tokio::spawn(at(&server).connect()).await.unwrap().unwrap();
    assert_eq!(usable(&issuer), 1);
}
