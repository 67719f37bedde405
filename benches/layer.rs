//! What the HTTP layer adds to an appraisal, `layer/<alg>`, and what many keys add to one, measured in
//! turns within one run as in `benches/ratios.rs`. With `--check` it fails unless the goals are met.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    reason = "a benchmark that does not do what it should has to stop; its arithmetic is small"
)]

mod turns;

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::hint::black_box;
use std::pin::pin;
use std::process::ExitCode;
use std::task::{Context, Poll, Waker};

use http::header::AUTHORIZATION;
use http::{HeaderValue, Request, Response};
use http_body_util::Empty;
use jwt_appraisal::http::{Requirement, ResourceServer};
use jwt_appraisal::testing::{TestIssuer, TestKey, TestToken};
use jwt_appraisal::{
    Accepted, AccessTokenClaims, JwkSet, KeyStore, MacAlgorithm, Profile, SharedSecret,
    SignatureAlgorithm, TrustedIssuer, Validator,
};
use tower::{Layer, Service};

const ISSUER: &str = "https://as.example.com";
const RESOURCE: &str = "https://api.example.com";
const SECRET: [u8; 32] = *b"a secret of the benchmarks alone";

/// The layer may take so many nanoseconds beside the appraisal.
const MOST_OVER_APPRAISAL: f64 = 2_000.0;

/// So many keys are to cost what one costs.
const MANY_KEYS: usize = 10_000;
const MOST_OVER_ONE_KEY: f64 = 1.02;

fn main() -> ExitCode {
    let rounds = turns::rounds();
    let mut missed = 0;
    println!("ns per request, medians; the difference in turns");
    for algorithm in ["HS256", "RS256", "ES256", "Ed25519"] {
        let bench = Bench::new(algorithm);
        let [appraisal, layer, difference] =
            compare(rounds, || bench.appraise(), || bench.ask(), |own, other| other - own);
        let met = difference <= MOST_OVER_APPRAISAL;
        missed += usize::from(!met);
        println!(
            "layer/{algorithm:<8} appraisal {appraisal:>8.0}  layer {layer:>8.0}  adds {difference:>6.0}  {}",
            if met { "met" } else { "missed" }
        );
    }
    let (one, many) = (ManyKeys::new(1), ManyKeys::new(MANY_KEYS));
    let [few, all, ratio] =
        compare(rounds, || one.appraise(), || many.appraise(), |own, other| other / own);
    let met = ratio <= MOST_OVER_ONE_KEY;
    missed += usize::from(!met);
    println!(
        "keys/{MANY_KEYS}    one {few:>8.0}  {MANY_KEYS} {all:>8.0}  ratio {ratio:.3}  {}",
        if met { "met" } else { "missed" }
    );
    if turns::asked("--check") && missed > 0 {
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

/// Medians of both, and of how they compare in each round.
fn compare(
    rounds: usize,
    one: impl Fn(),
    other: impl Fn(),
    difference: impl Fn(f64, f64) -> f64,
) -> [f64; 3] {
    let rounds = turns::measure(rounds, [&one, &other]);
    [
        turns::median(rounds.iter().map(|[one, _]| *one)),
        turns::median(rounds.iter().map(|[_, other]| *other)),
        turns::median(rounds.iter().map(|[one, other]| difference(*one, *other))),
    ]
}

type Body = Empty<&'static [u8]>;

/// A service that does nothing, behind the layer.
struct Bench {
    token: String,
    header: HeaderValue,
    validator: Validator<AccessTokenClaims>,
    server: ResourceServer<AccessTokenClaims>,
}

impl Bench {
    fn new(algorithm: &str) -> Self {
        let (validator, draft) = match algorithm {
            "HS256" => by_secret(),
            name => by_key(name.parse().unwrap()),
        };
        let token = draft.claim("scope", "files:read files:write").sign();
        let requirement = Requirement::scopes(["files:read"]);
        let server = ResourceServer::builder(validator.clone()).requirement(requirement);
        let header = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
        Self { token, header, validator, server: server.build().unwrap() }
    }

    /// The same request is made in both.
    fn request(&self) -> Request<Body> {
        let mut request = Request::new(Body::new());
        *request.uri_mut() = http::Uri::from_static("/files/1");
        request.headers_mut().insert(AUTHORIZATION, self.header.clone());
        request
    }

    fn appraise(&self) {
        let request = black_box(self.request());
        let accepted = self.validator.appraise(black_box(&self.token)).into_result();
        assert_eq!(&*accepted.unwrap().claims().sub, "user-1");
        drop(request);
    }

    fn ask(&self) {
        let mut service = self.server.layer().layer(Nothing);
        let answering = pin!(service.call(black_box(self.request())));
        let Poll::Ready(answer) = answering.poll(&mut Context::from_waker(Waker::noop())) else {
            unreachable!("nothing is waited for")
        };
        assert_eq!(answer.unwrap().status(), 200);
    }
}

#[derive(Clone)]
struct Nothing;

impl Service<Request<Body>> for Nothing {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let caller = request.extensions().get::<Accepted<AccessTokenClaims>>().unwrap();
        assert_eq!(&*caller.claims().sub, "user-1");
        ready(Ok(Response::new(())))
    }
}

fn by_key(algorithm: SignatureAlgorithm) -> (Validator<AccessTokenClaims>, TestToken) {
    let issuer = TestIssuer::new(ISSUER).with_key(TestKey::generate("2026-11", algorithm));
    let keys = KeyStore::new([algorithm], JwkSet::from_json(issuer.jwks()).unwrap()).unwrap();
    let validator = Validator::builder(Profile::access_token())
        .issuer(TrustedIssuer::new(ISSUER, keys))
        .audience(RESOURCE)
        .build();
    (validator.unwrap(), issuer.access_token(RESOURCE))
}

fn by_secret() -> (Validator<AccessTokenClaims>, TestToken) {
    let key = TestKey::secret("2026-11", MacAlgorithm::Hs256, &SECRET);
    let issuer = TestIssuer::new(ISSUER).with_key(key);
    let validator = Validator::builder(Profile::access_token())
        .shared_secret(ISSUER, SharedSecret::new(MacAlgorithm::Hs256, &SECRET).unwrap())
        .audience(RESOURCE)
        .build();
    (validator.unwrap(), issuer.access_token(RESOURCE))
}

/// An issuer with many keys, and a token by one in the middle.
struct ManyKeys {
    token: String,
    validator: Validator<AccessTokenClaims>,
}

impl ManyKeys {
    fn new(count: usize) -> Self {
        let key = TestKey::generate("key-000000", SignatureAlgorithm::Es256);
        let named = |nth: usize| key.with_kid(format!("key-{nth:06}"));
        let set = (0..count)
            .map(|nth| jwt_appraisal::Jwk::from_json(named(nth).jwk().to_string()).unwrap());
        let keys = KeyStore::new([SignatureAlgorithm::Es256], JwkSet::from_keys(set)).unwrap();
        assert_eq!(keys.report().usable(), count);
        let validator = Validator::builder(Profile::access_token())
            .issuer(TrustedIssuer::new(ISSUER, keys))
            .audience(RESOURCE)
            .build()
            .unwrap();
        let issuer = TestIssuer::new(ISSUER).with_key(named(count / 2));
        Self { token: issuer.access_token(RESOURCE).sign(), validator }
    }

    fn appraise(&self) {
        let accepted = self.validator.appraise(black_box(&self.token)).into_result();
        assert_eq!(&*accepted.unwrap().claims().sub, "user-1");
    }
}
