//! The cache: an issuer's keys, what to fetch for them, and when.

use std::fmt;

use ::time::OffsetDateTime;

use super::builder::JwksCacheBuilder;
use super::fetch::{FetchAnswer, FetchRequest};
use super::rounds::Rounds;
use super::update::{Status, Step, Update};
use crate::keys::{KeyStore, TrustedIssuer};
use crate::names::Issuer;

/// An issuer whose keys are fetched, without I/O: it says what to fetch and when, and takes what came
/// of it. Whoever has an HTTP client drives it with two calls, [`poll`](Self::poll) and
/// [`complete`](Self::complete), from wherever it likes; the keys are in the
/// [`trusted_issuer`](Self::trusted_issuer) from the first good answer on, and until then tokens are
/// undetermined.
///
/// - **Where.** The issuer's metadata says where its keys are: that of OAuth
///   ([RFC 8414 §3](https://www.rfc-editor.org/rfc/rfc8414#section-3)), or where there is none that
///   can be used, that of
///   [OpenID Connect §4](https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig).
///   Its `issuer` has to be this one, code point by code point. It is asked for again after 24 h, and
///   after a request for keys that brought none. While it can not be had, the place that it named is
///   used still, until 24 h and [`stale_for`](JwksCacheBuilder::stale_for) after it was read, and
///   metadata is not tried more often than every 5 min; then there is no place any more, and the keys get
///   too old. With a [`jwks_uri`](JwksCacheBuilder::jwks_uri) no metadata is needed.
/// - **When.** Keys are fresh for as long as the answer says (`max-age` less `Age`,
///   [RFC 9111 §4.2](https://www.rfc-editor.org/rfc/rfc9111#section-4.2)), from 5 min to 24 h, for 1 h
///   where it says nothing, and for 5 min where it forbids to keep them. The next round begins after
///   four fifths of that; or after a round that brought nothing, 5 s later, then 10 s, and so on up to
///   5 min; or, sooner than these, when a token needs a key that is unknown or could not be used, but no
///   sooner than one [cooldown](JwksCacheBuilder::cooldown) after the last request went out, whatever
///   tokens ask for. A round has one request for keys, and at most two for metadata before it.
/// - **What.** A set replaces the one before as a whole if at least one of its keys can be used
///   ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)); single bad keys are left out and
///   reported. Anything else leaves the keys as they are, and says so. Those may be used past their
///   freshness for [`stale_for`](JwksCacheBuilder::stale_for), even if nobody polls any more, and then
///   tokens are undetermined. A set of other keys, none of which can be used, ends the freshness of those
///   of before; an empty one does not. Keys that came more than 24 h ahead of the present clock are not
///   used.
///
/// One request is out at a time. One that is not completed 5 s after its timeout is given up, as if it had
/// failed; its answer is then ignored. No lock is held between `poll` and `complete`, nor while a task is
/// woken.
///
/// Tokens that wait for a round are let go when it ends, and where nobody ends it by whoever comes next
/// after the time that its requests may take; from then on none waits, until somebody polls.
///
/// A service without an async runtime, with the HTTP client that it has:
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
    /// Settings for the keys of this issuer. The name is the exact value of its tokens' `iss`, and an
    /// HTTPS URL without query and fragment, under which its metadata is found, unless a
    /// [`jwks_uri`](JwksCacheBuilder::jwks_uri) is given.
    pub fn issuer(name: impl Into<Issuer>) -> JwksCacheBuilder {
        JwksCacheBuilder::new(name.into())
    }

    pub(super) fn new(issuer: Issuer, store: KeyStore, rounds: Rounds) -> Self {
        Self { issuer, store, rounds }
    }

    /// The issuer, for a validator. All that are given out share the same keys; nobody else is to
    /// replace them. If somebody does, the next good answer replaces his.
    pub fn trusted_issuer(&self) -> TrustedIssuer {
        TrustedIssuer::new(self.issuer.clone(), self.store.clone())
    }

    /// What to do now. A request that is given out has to be made, and what came of it handed to
    /// [`complete`](Self::complete); until then this says to wait.
    pub fn poll(&self, now: OffsetDateTime) -> Step {
        self.rounds.poll(now)
    }

    /// Takes what came of a request.
    pub fn complete(
        &self,
        request: FetchRequest,
        answer: FetchAnswer,
        now: OffsetDateTime,
    ) -> Update {
        self.rounds.complete(request, answer, now)
    }

    /// Ends when a token asked for keys, so that it is time to poll before the moment of
    /// [`Step::WaitUntil`]. It needs no particular runtime.
    pub async fn asked(&self) {
        self.rounds.signal.called().await;
    }

    /// How things stand.
    pub fn status(&self, now: OffsetDateTime) -> Status {
        self.rounds.status(now)
    }

    /// What fetches, and the keys. Only the issuer keeps the keys, so that who fetches can see that
    /// nobody uses them any more.
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
