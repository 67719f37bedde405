//! The feature `remote` changes nothing for another user of `reqwest`.

use std::io::{Read, Write};
use std::net::TcpListener;

use reqwest_neighbour::{remote, reqwest};

/// Starts a server that answers one request with JSON, and returns its URL.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a free port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client connects");
        let _ = stream.read(&mut [0; 4096]);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11";
        let _ = stream
            .write_all(format!("{head}\r\nConnection: close\r\n\r\n{{\"ok\":true}}").as_bytes());
    });
    url
}

#[tokio::test]
async fn reqwest_builds_a_client_and_makes_a_request_beside_remote() {
    let _ = remote::issuer("https://as.example.com");
    // Before, this panicked with "No rustls crypto provider is configured".
    let client = reqwest::Client::new();
    let response = client.get(serve()).send().await.expect("the server answers");
    let body: serde_json::Value = response.json().await.expect("the answer is JSON");
    assert_eq!(body, serde_json::json!({"ok": true}));
}
