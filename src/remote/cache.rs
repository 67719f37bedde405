//! The cache: an issuer's keys, what to fetch for them, and when.

use std::fmt;

use ::time::OffsetDateTime;

use super::builder::JwksCacheBuilder;
use super::fetch::{FetchAnswer, FetchRequest};
use super::rounds::Rounds;
use super::update::{Status, Step, Update};
use crate::keys::{KeyStore, TrustedIssuer};
use crate::names::Issuer;

/// An issuer whose keys are fetched, without I/O: the cache says what to fetch and when, and takes the answers.
///
/// A driver with an HTTP client uses two calls, [`poll`](Self::poll) and [`complete`](Self::complete), from any
/// thread or task. The keys are in the [`trusted_issuer`](Self::trusted_issuer) from the first good answer on.
/// Until then, tokens are `Undetermined`.
///
/// - **Location.** The issuer's metadata says where its keys are. We try the URL of OAuth first
///   ([RFC 8414 §3](https://www.rfc-editor.org/rfc/rfc8414#section-3)) and fall back to that of
///   [OpenID Connect §4](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig) on any
///   failure except an unreachable server. The metadata's `issuer` must equal this one, code point by code
///   point. Metadata is fetched again after 24 h, and after a request for keys that failed. While it cannot be
///   read, the known location stays in use until 24 h and [`stale_for`](JwksCacheBuilder::stale_for) after
///   it was read, and metadata is tried every 5 min at most. After that there is no location any more, and the
///   keys expire. With a [`jwks_uri`](JwksCacheBuilder::jwks_uri) no metadata is needed.
/// - **Refresh.** Keys are fresh for as long as the response says (`max-age` less `Age`,
///   [RFC 9111 §4.2](https://www.rfc-editor.org/rfc/rfc9111#section-4.2)), from 5 min to 24 h, for 1 h if it
///   says nothing, and for 5 min if it forbids caching. The next round begins after four fifths of that. After
///   a failed round it begins 5 s later, then 10 s, and so on up to 5 min (backoff). It begins earlier if a
///   token needs a key that is unknown or could not be used, or if its signature fails, but never earlier than
///   one [cooldown](JwksCacheBuilder::cooldown) after the last request. A round has one request for keys, and
///   at most two for metadata before it.
/// - **Replacement.** A set replaces the previous one as a whole if at least one of its keys can be used
///   ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)). Single bad keys are left out and
///   reported. Any other answer keeps the cached keys and reports the error. They stay usable for
///   [`stale_for`](JwksCacheBuilder::stale_for) after they expire, even if the cache is no longer polled, and
///   then tokens are `Undetermined`. A set of other keys of which none can be used ends the freshness of the
///   cached ones, but an empty set does not. Keys that came more than 24 h ahead of the present clock are
///   not used.
///
/// One request is in flight at a time. A request that is not completed 5 s after its timeout is given up as
/// failed, and its answer is then ignored. No lock is held between `poll` and `complete`, nor while a waker is
/// called. A waker that panics does not keep the others from being woken.
///
/// Tokens that wait for a round continue when it ends. If the driver does not end it in time, the next caller
/// of the cache or of its validators ends it, and no token waits again until the driver polls.
///
/// A service without an async runtime drives it with the HTTP client that it has:
///
/// ```
/// use jwt_appraisal::remote::{FetchAnswer, JwksCache, Step};
/// use jwt_appraisal::{Profile, SignatureAlgorithm, Validator};
/// use time::OffsetDateTime;
///
/// # struct Response { status: u16, body: Vec<u8>, cache_control: Option<String>, age: Option<String>, etag: Option<String> }
/// # struct HttpClient { jwks: String }
/// # impl HttpClient {
/// #     fn get(&self, url: &str, _: &str, _: Option<&str>, _: std::time::Duration, _: usize) -> Result<Response, ()> {
/// #         let metadata = r#"{"issuer":"https://as.example.com","jwks_uri":"https://as.example.com/keys"}"#;
/// #         let body = if url.ends_with("/keys") { self.jwks.clone() } else { metadata.to_owned() };
/// #         Ok(Response { status: 200, body: body.into(), cache_control: Some("max-age=3600".to_owned()), age: None, etag: None })
/// #     }
/// # }
/// # let as_ = jwt_appraisal::testing::TestIssuer::new("https://as.example.com");
/// # let token = as_.access_token("https://api.example.com").sign();
/// # let http = HttpClient { jwks: as_.jwks() };
/// let cache = JwksCache::issuer("https://as.example.com")
///     .algorithms([SignatureAlgorithm::Es256])
///     .build()?;
/// let validator = Validator::builder(Profile::access_token())
///     .issuer(cache.trusted_issuer())
///     .audience("https://api.example.com")
///     .build()?;
///
/// // At the start, and then every second in a thread of its own.
/// while let Step::Fetch(request) = cache.poll(OffsetDateTime::now_utc()) {
///     let response = http.get(
///         request.url(),
///         request.accept(),
///         request.if_none_match(),
///         request.timeout().unsigned_abs(),
///         request.body_limit(),
///     );
///     let answer = match response {
///         Ok(response) => FetchAnswer::new(response.status, response.body)
///             .cache_control(response.cache_control.as_deref())
///             .age(response.age.as_deref())
///             .etag(response.etag.as_deref()),
///         Err(_) => FetchAnswer::failed("the client could not connect"),
///     };
///     let update = cache.complete(request, answer, OffsetDateTime::now_utc());
///     println!("{update}"); // one line, for the log
/// }
///
/// assert!(validator.appraise(&token).into_result().is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct JwksCache {
    issuer: Issuer,
    store: KeyStore,
    rounds: Rounds,
}

impl JwksCache {
    /// Returns settings for the keys of this issuer. The name is the exact value of its tokens' `iss`. It must
    /// be an HTTPS URL without query and fragment, under which its metadata is found, unless a
    /// [`jwks_uri`](JwksCacheBuilder::jwks_uri) is given.
    pub fn issuer(name: impl Into<Issuer>) -> JwksCacheBuilder {
        JwksCacheBuilder::new(name.into())
    }

    pub(super) fn new(issuer: Issuer, store: KeyStore, rounds: Rounds) -> Self {
        Self { issuer, store, rounds }
    }

    /// Returns the issuer, for a validator. All returned values share the same keys, which the caller should not
    /// replace. If it does, the next good answer replaces them again.
    pub fn trusted_issuer(&self) -> TrustedIssuer {
        TrustedIssuer::new(self.issuer.clone(), self.store.clone())
    }

    /// Returns the next step. A returned request must be made, and its answer handed to
    /// [`complete`](Self::complete). Until then, this says to wait.
    pub fn poll(&self, now: OffsetDateTime) -> Step {
        self.rounds.poll(now)
    }

    /// Takes the answer to a request.
    pub fn complete(
        &self,
        request: FetchRequest,
        answer: FetchAnswer,
        now: OffsetDateTime,
    ) -> Update {
        self.rounds.complete(request, answer, now)
    }

    /// Completes when a token has requested keys, so that it is time to poll before the moment of
    /// [`Step::WaitUntil`]. It works under any async runtime.
    pub async fn asked(&self) {
        self.rounds.signal.called().await;
    }

    /// Returns the state of the keys.
    pub fn status(&self, now: OffsetDateTime) -> Status {
        self.rounds.status(now)
    }

    /// Splits the cache into what fetches, and the issuer. Only the issuer keeps the keys alive, so that the
    /// driver ends when no validator uses them.
    #[cfg(feature = "remote")]
    pub(super) fn split(self) -> (Rounds, TrustedIssuer) {
        let issuer = self.trusted_issuer();
        (self.rounds, issuer)
    }
}

impl fmt::Debug for JwksCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwksCache")
            .field("issuer", &self.issuer)
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}
