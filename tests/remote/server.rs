//! A server on the loopback that answers what it is told to, and remembers what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jwt_appraisal::testing::TestIssuer;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) const OAUTH: &str = "/.well-known/oauth-authorization-server";
pub(crate) const OPENID: &str = "/.well-known/openid-configuration";
pub(crate) const KEYS: &str = "/keys";

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// Status, header fields and body.
    Whole(u16, String, String),
    /// Header fields, and a body that never ends.
    Endless(&'static str),
    /// A body of which a byte comes now and then.
    Dripping,
    /// Nothing at all.
    Silent,
    /// The connection is closed without an answer.
    Closed,
    /// Other bytes than those of HTTP.
    Garbage,
}

#[derive(Default)]
struct Book {
    answers: BTreeMap<String, Answer>,
    requests: Vec<String>,
}

pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) port: u16,
    book: Arc<Mutex<Book>>,
}

impl Server {
    /// A server that has nothing yet.
    pub(crate) async fn empty() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let book = Arc::new(Mutex::new(Book::default()));
        let shared = Arc::clone(&book);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&shared)));
            }
        });
        Self { url: format!("http://127.0.0.1:{port}"), port, book }
    }

    /// The server of an issuer of its URL, with metadata and keys.
    pub(crate) async fn of_issuer() -> (Self, TestIssuer) {
        let server = Self::empty().await;
        let issuer = TestIssuer::new(server.url.clone());
        server.answer(OAUTH, whole(200, server.metadata()));
        server.answer(KEYS, whole(200, issuer.jwks()));
        (server, issuer)
    }

    pub(crate) fn metadata(&self) -> String {
        json!({"issuer": self.url, "jwks_uri": format!("{}{KEYS}", self.url)}).to_string()
    }

    /// From now on this is the answer at this path.
    pub(crate) fn answer(&self, path: &str, answer: Answer) {
        self.book.lock().unwrap().answers.insert(path.to_owned(), answer);
    }

    /// What was asked so far: whole requests.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.book.lock().unwrap().requests.clone()
    }

    /// How often this path was asked for.
    pub(crate) fn count(&self, path: &str) -> usize {
        let line = format!("GET {path} HTTP/1.1\r\n");
        self.requests().iter().filter(|request| request.starts_with(&line)).count()
    }

    /// Waits until this path was asked for so often.
    pub(crate) async fn wait_for(&self, path: &str, times: usize) {
        eventually(|| self.count(path) >= times).await;
    }
}

/// Waits until something is so.
pub(crate) async fn eventually(mut is_so: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    unreachable!("it did not come to be within ten seconds");
}

pub(crate) fn whole(status: u16, body: impl Into<String>) -> Answer {
    Answer::Whole(status, String::new(), body.into())
}

pub(crate) fn redirect(to: &str) -> Answer {
    Answer::Whole(302, format!("Location: {to}\r\n"), String::new())
}

async fn serve(mut stream: TcpStream, book: Arc<Mutex<Book>>) {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => request.push(byte),
            Err(_) => return,
        }
    }
    let request = String::from_utf8(request).unwrap();
    let path = request.split(' ').nth(1).unwrap().to_owned();
    let answer = {
        let mut book = book.lock().unwrap();
        book.requests.push(request);
        book.answers.get(&path).cloned().unwrap_or_else(|| whole(404, "not here"))
    };
    let _ = reply(&mut stream, answer).await;
}

async fn reply(stream: &mut TcpStream, answer: Answer) -> std::io::Result<()> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    match answer {
        Answer::Whole(status, fields, body) => {
            let length = body.len();
            let head = format!("HTTP/1.1 {status} So\r\n{fields}Content-Length: {length}\r\n\r\n");
            stream.write_all(format!("{head}{body}").as_bytes()).await?;
        }
        Answer::Endless(fields) => {
            stream.write_all(format!("{head}{fields}\r\n").as_bytes()).await?;
            loop {
                stream.write_all(&[b' '; 4096]).await?;
            }
        }
        Answer::Dripping => {
            stream.write_all(format!("{head}Content-Length: 1000\r\n\r\n").as_bytes()).await?;
            loop {
                stream.write_all(b" ").await?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Answer::Silent => std::future::pending::<()>().await,
        Answer::Closed => {}
        Answer::Garbage => stream.write_all(b"SSH-2.0-CANARY\r\n\r\n").await?,
    }
    stream.shutdown().await
}
