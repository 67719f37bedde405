//! Requests to make, and their answers.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::time::Duration;

use super::error::FetchError;
use crate::names::UntrustedStr;

/// A request to make: a `GET` of a URL, without credentials and cookies.
///
/// The HTTP client must follow redirects only within the same scheme, host and port, give up after
/// [`timeout`](Self::timeout), and read no more than [`body_limit`](Self::body_limit) bytes, whatever
/// `Content-Length` says.
#[derive(Debug)]
pub struct FetchRequest {
    /// It is unique within the process.
    pub(super) id: u64,
    pub(super) url: Arc<str>,
    pub(super) accept: &'static str,
    pub(super) if_none_match: Option<Arc<str>>,
    pub(super) body_limit: usize,
    pub(super) timeout: Duration,
}

impl FetchRequest {
    pub(super) fn next_id() -> u64 {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        NEXT.fetch_add(1, Ordering::Relaxed)
    }

    /// The URL to get. It uses HTTPS, or HTTP on the loopback if that was allowed. No part of it comes from a
    /// token.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The value of the header field `Accept`.
    pub fn accept(&self) -> &'static str {
        self.accept
    }

    /// The value of the header field `If-None-Match`, if it should be sent.
    pub fn if_none_match(&self) -> Option<&str> {
        self.if_none_match.as_deref()
    }

    /// The longest body to read, in bytes. For a longer one, the answer is [`FetchAnswer::too_long`].
    pub fn body_limit(&self) -> usize {
        self.body_limit
    }

    /// The timeout of the whole request, the body included.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }
}

/// The answer to a request, or why there is none.
///
/// ```
/// use jwt_appraisal::remote::FetchAnswer;
///
/// let answer = FetchAnswer::new(200, r#"{"keys":[]}"#).cache_control("max-age=3600").age("60");
/// let nothing = FetchAnswer::failed("the connection was refused");
/// ```
pub struct FetchAnswer {
    pub(super) outcome: Result<Response, Failure>,
}

pub(super) struct Response {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
    pub(super) cache_control: Option<String>,
    pub(super) age: Option<String>,
    pub(super) etag: Option<Arc<str>>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Failure {
    NoAnswer(&'static str),
    TimedOut,
    TooLong,
}

impl FetchAnswer {
    /// Creates an answer with this status and body. The body counts only if the status is 200.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let response = Response { status, body, cache_control: None, age: None, etag: None };
        Self { outcome: Ok(response) }
    }

    /// Says that there was no answer. The reason goes to logs, so it must be a text of the program, never one
    /// from the network.
    pub fn failed(reason: &'static str) -> Self {
        Self { outcome: Err(Failure::NoAnswer(reason)) }
    }

    /// Says that the answer was not complete in time.
    pub fn timed_out() -> Self {
        Self { outcome: Err(Failure::TimedOut) }
    }

    /// Says that the answer was longer than [`FetchRequest::body_limit`] and was not read to its end.
    pub fn too_long() -> Self {
        Self { outcome: Err(Failure::TooLong) }
    }

    /// The answer's `Cache-Control`. Several fields are joined with commas.
    pub fn cache_control<'a>(mut self, value: impl Into<Option<&'a str>>) -> Self {
        if let Ok(response) = &mut self.outcome {
            response.cache_control = value.into().map(str::to_owned);
        }
        self
    }

    /// The answer's `Age`. The first of several fields counts.
    pub fn age<'a>(mut self, value: impl Into<Option<&'a str>>) -> Self {
        if let Ok(response) = &mut self.outcome {
            response.age = value.into().map(str::to_owned);
        }
        self
    }

    /// The answer's `ETag`, which the next request sends as [`FetchRequest::if_none_match`]. A value that is
    /// not an entity tag, or that is very long, counts as none. After a redirect it belongs to another
    /// resource and must be left out.
    pub fn etag<'a>(mut self, value: impl Into<Option<&'a str>>) -> Self {
        if let Ok(response) = &mut self.outcome {
            response.etag = value.into().filter(|tag| is_entity_tag(tag)).map(Into::into);
        }
        self
    }
}

/// Prints no body, because it is remote text.
impl fmt::Debug for FetchAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Ok(response) => f
                .debug_struct("FetchAnswer")
                .field("status", &response.status)
                .field("body_bytes", &response.body.len())
                .field("cache_control", &response.cache_control.as_deref().map(UntrustedStr::new))
                .field("age", &response.age.as_deref().map(UntrustedStr::new))
                .field("etag", &response.etag.as_deref().map(UntrustedStr::new))
                .finish(),
            Err(failure) => write!(f, "FetchAnswer({failure:?})"),
        }
    }
}

impl Failure {
    pub(super) fn error(self, body_limit: usize, timeout: Duration) -> FetchError {
        match self {
            Self::NoAnswer(reason) => FetchError::NoAnswer { reason },
            Self::TimedOut => FetchError::TimedOut { seconds: timeout.whole_seconds() },
            Self::TooLong => FetchError::TooLong { most: body_limit },
        }
    }
}

/// Returns whether a text is an entity tag of printable ASCII, so that it can be sent back as it is.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3>
fn is_entity_tag(text: &str) -> bool {
    const LONGEST: usize = 256;
    let opaque = text.strip_prefix("W/").unwrap_or(text);
    let inside = opaque.strip_prefix('"').and_then(|opaque| opaque.strip_suffix('"'));
    let printable = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
    text.len() <= LONGEST && inside.is_some_and(|inside| inside.bytes().all(printable))
}
