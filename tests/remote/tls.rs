//! TLS: whom the client trusts, and what it leaves alone.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use jwt_appraisal::SignatureAlgorithm;
use jwt_appraisal::remote::{self, RemoteError, RemoteIssuerBuilder};
use jwt_appraisal::testing::TestIssuer;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, Stream};

use super::support::provider;
use super::texts;

/// A root that no system trusts; `localhost.pem` is by it.
const ROOT: &str = include_str!("../vectors/tls/root.pem");

/// The port of a server with the certificate of `localhost`, which answers everything with `answer`.
fn serve(answer: impl Fn(u16) -> String + Send + 'static) -> u16 {
    let chain = CertificateDer::pem_slice_iter(include_bytes!("../vectors/tls/localhost.pem"));
    let chain = chain.collect::<Result<_, _>>().unwrap();
    let key =
        PrivateKeyDer::from_pem_slice(include_bytes!("../vectors/tls/localhost.key")).unwrap();
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(ring).with_safe_default_protocol_versions();
    let config = config.unwrap().with_no_client_auth().with_single_cert(chain, key);
    let config = Arc::new(config.unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let mut connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = Stream::new(&mut connection, &mut socket);
            let mut request = [0; 4096];
            if stream.read(&mut request).is_ok_and(|read| read > 0) {
                let _ = stream.write_all(answer(port).as_bytes());
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    port
}

fn keys() -> impl Fn(u16) -> String + Send + 'static {
    let keys = TestIssuer::new("accounts").jwks();
    move |_| format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{keys}", keys.len())
}

fn at(host: &str, port: u16) -> RemoteIssuerBuilder {
    let builder = remote::issuer("accounts").algorithms([SignatureAlgorithm::Es256]);
    builder.provider(provider()).jwks_uri(format!("https://{host}:{port}/keys"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_root_is_trusted_where_it_is_given() {
    let port = serve(keys());
    let issuer = at("localhost", port).root_certificate_pem(ROOT).connect().await.unwrap();
    assert_eq!(issuer.issuer().key_store().unwrap().report().usable(), 1);
    assert!(rustls::crypto::CryptoProvider::get_default().is_none(), "the process has no default");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_prove_its_name_is_refused() {
    let port = serve(keys());
    let error = texts::no_answer("TLS failed, or the server's certificate is not trusted");
    let untrusted = at("localhost", port).connect().await.unwrap_err();
    assert_eq!(fetch_error(untrusted), error, "an unknown root");
    let other_name = at("127.0.0.1", port).root_certificate_pem(ROOT).connect().await.unwrap_err();
    assert_eq!(fetch_error(other_name), error, "another name");
    let loopback = at("localhost", port).allow_http_on_loopback().connect().await.unwrap_err();
    assert_eq!(fetch_error(loopback), error, "http being allowed changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_redirect_leads_away_from_tls() {
    let to = |port| {
        format!(
            "HTTP/1.1 302 Found\r\nLocation: http://localhost:{port}/\r\nContent-Length: 0\r\n\r\n"
        )
    };
    let port = serve(to);
    for builder in [at("localhost", port), at("localhost", port).allow_http_on_loopback()] {
        let error = builder.root_certificate_pem(ROOT).connect().await.unwrap_err();
        assert_eq!(fetch_error(error), texts::redirected(302));
    }
}

/// Returns the text of the error of a request.
#[track_caller]
fn fetch_error(error: RemoteError) -> String {
    match error {
        RemoteError::Fetch(error) => error.to_string(),
        other => unreachable!("{other}"),
    }
}
