//! A request and its response over HTTPS, bounded in time, bytes and redirects.

use std::error::Error;
use std::io;

use http::header::{ACCEPT, AGE, CACHE_CONTROL, ETAG, HeaderName, IF_NONE_MATCH, USER_AGENT};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::{Builder, Client};
use hyper_util::rt::TokioExecutor;

use super::http_client::HttpClient;
use super::redirect;
use crate::remote::address::Address;
use crate::remote::{FetchAnswer, FetchRequest};

const MOST_REDIRECTS: usize = 3;
const PRODUCT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// How one issuer uses a client.
#[derive(Debug)]
pub(super) struct Fetcher {
    pub(super) client: HttpClient,
    /// Whether HTTP is allowed on the loopback. Then no proxy is used, so that what is sent without TLS does
    /// not leave this machine.
    pub(super) allow_http_on_loopback: bool,
}

impl Fetcher {
    /// Makes a request. Its timeout covers the name look-up, connection, redirects and body.
    pub(super) async fn fetch(&self, request: &FetchRequest) -> FetchAnswer {
        let timeout = request.timeout().unsigned_abs();
        let answer = tokio::time::timeout(timeout, self.follow(request)).await;
        answer.unwrap_or_else(|_| FetchAnswer::timed_out())
    }

    /// Makes a request and follows redirects a few times.
    async fn follow(&self, request: &FetchRequest) -> FetchAnswer {
        let Ok(mut url) = Address::parse(request.url(), self.allow_http_on_loopback) else {
            return FetchAnswer::failed(BAD_URL);
        };
        let mut redirects = 0_usize;
        loop {
            let response = match self.send(&url, request).await {
                Ok(response) => response,
                Err(answer) => return answer,
            };
            match redirect::target(&url, response.status(), response.headers()) {
                Some(target) if redirects < MOST_REDIRECTS => url = target,
                Some(_) | None => {
                    let answer = read(response, request.body_limit()).await;
                    // After a redirect, the entity tag belongs to another resource.
                    let is_requested = **url.text() == *request.url();
                    return if is_requested { answer } else { answer.etag(None) };
                }
            }
            redirects = redirects.saturating_add(1);
        }
    }

    async fn send(
        &self,
        url: &Address,
        request: &FetchRequest,
    ) -> Result<Response<Incoming>, FetchAnswer> {
        let mut get = Request::get(&**url.text())
            .header(USER_AGENT, PRODUCT)
            .header(ACCEPT, request.accept());
        if let Some(tag) = request.if_none_match() {
            get = get.header(IF_NONE_MATCH, tag);
        }
        let get = get.body(Empty::<&'static [u8]>::new());
        let get = get.map_err(|_| FetchAnswer::failed(BAD_URL))?;
        let proxy = if self.allow_http_on_loopback { None } else { self.client.proxy(get.uri()) };
        let connector = self.client.connector();
        let response = match proxy {
            None => one_request().build(connector).request(get),
            Some(proxy) => {
                let mut tunnel = Tunnel::new(proxy.uri().clone(), connector);
                if let Some(credentials) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(credentials.clone());
                }
                one_request().build(self.client.with_tls(tunnel)).request(get)
            }
        };
        response.await.map_err(|error| {
            if is_of_tls(&error) {
                FetchAnswer::failed(TLS)
            } else if error.is_connect() {
                FetchAnswer::failed("the server could not be reached")
            } else {
                FetchAnswer::failed(BROKEN)
            }
        })
    }
}

const BAD_URL: &str = "the HTTP client cannot make a request of this URL";
const TLS: &str = "TLS failed, or the server's certificate is not trusted";
const BROKEN: &str = "the connection broke, or the answer is not HTTP";

/// Returns the settings of a client for one request. It keeps no connection, because the next request is
/// typically an hour away, and repeats none, because the cache decides when to try again.
fn one_request() -> Builder {
    let mut builder = Client::builder(TokioExecutor::new());
    builder.pool_max_idle_per_host(0).retry_canceled_requests(false);
    builder
}

/// Reads the body up to the limit, whatever its announced length.
async fn read(mut response: Response<Incoming>, limit: usize) -> FetchAnswer {
    let mut body = Vec::new();
    while response.status() == StatusCode::OK {
        let frame = match response.frame().await {
            None => break,
            Some(Ok(frame)) => frame,
            Some(Err(error)) => {
                return FetchAnswer::failed(if is_of_tls(&error) { TLS } else { BROKEN });
            }
        };
        match frame.data_ref() {
            Some(chunk) if chunk.len() > limit.saturating_sub(body.len()) => {
                return FetchAnswer::too_long();
            }
            Some(chunk) => body.extend_from_slice(chunk),
            None => {}
        }
    }
    let joined = |name: HeaderName| {
        let values = response.headers().get_all(name);
        // A value that is not text is not left out. It counts as one that cannot be read.
        let texts: Vec<_> =
            values.iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
        (!texts.is_empty()).then(|| texts.join(", "))
    };
    FetchAnswer::new(response.status().as_u16(), body)
        .cache_control(joined(CACHE_CONTROL).as_deref())
        .age(joined(AGE).as_deref())
        .etag(joined(ETAG).as_deref())
}

/// Returns whether TLS failed. The error's own text is never shown, because it may repeat what the network
/// sent.
fn is_of_tls(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if error.is::<rustls::Error>() || inside.is_some_and(|inside| inside.is::<rustls::Error>())
        {
            return true;
        }
        next = match inside {
            Some(inside) => Some(inside),
            None => error.source(),
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::mpsc::{Receiver, channel};

    use hyper_util::client::proxy::matcher::Matcher;

    use super::*;

    /// Starts a proxy that refuses everything, and returns its address and what it was asked.
    fn refusing_proxy() -> Option<(String, Receiver<String>)> {
        let listener = TcpListener::bind("127.0.0.1:0").ok()?;
        let address = listener.local_addr().ok()?.to_string();
        let (asked, requests) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut stream = stream;
                let mut request = [0; 1024];
                let read = stream.read(&mut request).unwrap_or(0);
                let _ = asked.send(String::from_utf8_lossy(request.get(..read)?).into_owned());
                let _ = stream.write_all(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n");
            }
            Some(())
        });
        Some((address, requests))
    }

    async fn fetch(proxies: Matcher, url: &str, loopback: bool) -> String {
        let client = HttpClient::builder().build_with_proxies(proxies);
        let Ok(client) = client else { return "no client".to_owned() };
        let request = FetchRequest {
            id: FetchRequest::next_id(),
            url: url.into(),
            accept: "application/json",
            if_none_match: None,
            body_limit: 1024,
            timeout: time::Duration::seconds(10),
        };
        format!("{:?}", Fetcher { client, allow_http_on_loopback: loopback }.fetch(&request).await)
    }

    const UNREACHABLE: &str = "FetchAnswer(NoAnswer(\"the server could not be reached\"))";

    #[tokio::test]
    async fn https_goes_through_the_proxy_with_its_credentials() {
        let Some((proxy, requests)) = refusing_proxy() else {
            unreachable!("the loopback is there")
        };
        let proxies = || Matcher::builder().all(format!("http://me:secret@{proxy}")).build();
        let url = "https://as.example.com/keys";
        assert_eq!(fetch(proxies(), url, false).await, UNREACHABLE);
        let asked = requests.recv().unwrap_or_default();
        assert!(asked.starts_with("CONNECT as.example.com:443 HTTP/1.1\r\n"), "{asked}");
        assert!(
            asked.to_ascii_lowercase().contains("proxy-authorization: basic bwu6c2vjcmv0\r\n"),
            "{asked}"
        );
        assert!(!asked.contains("/keys"), "the proxy sees no path: {asked}");
        // A host that is to be reached directly, and an issuer that may use HTTP on the loopback.
        let direct = Matcher::builder().all(format!("http://{proxy}")).no("127.0.0.1").build();
        assert_eq!(fetch(direct, "https://127.0.0.1:1/keys", false).await, UNREACHABLE);
        assert_eq!(fetch(proxies(), "https://127.0.0.1:1/keys", true).await, UNREACHABLE);
        assert!(requests.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_proxy_of_another_kind_is_not_passed_by() {
        for proxy in ["socks5://127.0.0.1:1", "socks4://127.0.0.1:1"] {
            let proxies = Matcher::builder().all(proxy).build();
            let url = "https://127.0.0.1:1/keys";
            assert_eq!(fetch(proxies, url, false).await, UNREACHABLE, "{proxy}");
        }
    }

    #[tokio::test]
    async fn http_is_not_fetched_unless_it_is_allowed() {
        let refused = format!("FetchAnswer(NoAnswer({BAD_URL:?}))");
        for (url, loopback) in [
            ("http://127.0.0.1:1/keys", false),
            ("http://as.example.com/keys", true),
            ("ftp://127.0.0.1/keys", true),
        ] {
            let proxies = Matcher::builder().build();
            assert_eq!(fetch(proxies, url, loopback).await, refused, "{url}");
        }
    }
}
