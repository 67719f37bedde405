//! No setting is silently ignored: each one that cannot be carried out fails, and the error names it.
#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

mod support;

use std::pin::Pin;
use std::sync::Arc;

use jwt_appraisal::crypto::CryptoProvider;
use jwt_appraisal::http::{
    DpopNonces, McpScopes, Requirement, ResourceServer, ResourceServerBuilder,
};
use jwt_appraisal::kind::KindBuilder;
use jwt_appraisal::kind::tag::{Issued, SignedByHolder};
use jwt_appraisal::remote::{self, JwksCache};
use jwt_appraisal::state::{Answer, AskKind, Question, StateSource};
use jwt_appraisal::states::Ready;
use jwt_appraisal::{
    AccessTokenClaims, ContentEncryptionAlgorithm, DecryptionKey, DecryptionKeys, JwkSet,
    KeyManagementAlgorithm, KeyRefresher, KeyStore, Limits, MacAlgorithm, MemoryReplayGuard,
    Profile, SharedSecret, SignatureAlgorithm, TrustedIssuer, ValidatorBuilder, danger, rules,
};
use serde_json::Value;
use support::{AUDIENCE, ISSUER, key_store, provider, validator_builder};
use time::{Duration, OffsetDateTime};

const NOT_WHOLE: Duration = Duration::milliseconds(1_500);

/// A row: the builder, the setting that is wrong, and what building it comes to.
type Row = (&'static str, &'static str, Result<(), String>);

/// Keeps of a result what a row shows.
fn outcome<T, E: ToString>(built: Result<T, E>) -> Result<(), String> {
    built.map(drop).map_err(|error| error.to_string())
}

/// Expects each row to fail, with a text that names its setting.
#[track_caller]
fn expect_failures(rows: Vec<Row>) {
    for (builder, setting, built) in rows {
        assert!(built.is_err(), "{builder}: {setting} was ignored");
        let error = built.unwrap_err();
        let words = setting.replace('_', " ");
        let names = error.contains(setting) || words.split(' ').all(|word| error.contains(word));
        assert!(names, "{builder}: {setting}: {error}");
    }
}

fn store() -> KeyStore {
    key_store([SignatureAlgorithm::Es256], JwkSet::default()).unwrap()
}

fn issued<C>(profile: Profile<C>) -> ValidatorBuilder<C, Issued, Ready> {
    validator_builder(profile).issuer(TrustedIssuer::new(ISSUER, store())).audience(AUDIENCE)
}

fn of_profile(profile: Profile<Value>) -> Result<(), String> {
    outcome(issued(profile).build())
}

fn of_holder(profile: Profile<Value, SignedByHolder>) -> Result<(), String> {
    outcome(validator_builder(profile).algorithms([SignatureAlgorithm::Es256]).build())
}

fn access_token() -> Profile<Value> {
    Profile::access_token().claims()
}

/// A source of state that answers these kinds of questions.
#[derive(Debug)]
struct Source(&'static [AskKind]);

impl StateSource for Source {
    fn kinds(&self) -> &[AskKind] {
        self.0
    }

    async fn ask(&self, _: &[Question], _: OffsetDateTime) -> Vec<Answer> {
        Vec::new()
    }
}

#[test]
fn validators() {
    let builder = || issued(access_token());
    let limited = |set: fn(&mut Limits)| {
        let mut limits = Limits::default();
        set(&mut limits);
        outcome(builder().limits(limits).build())
    };
    let guard = || Arc::new(MemoryReplayGuard::new(1));
    let decrypting = |keys| outcome(builder().encrypted_to(keys).build());
    let secret = || DecryptionKey::from_secret(&[7; 16]).unwrap();
    let dir = KeyManagementAlgorithm::Dir;
    let gcm = ContentEncryptionAlgorithm::A128Gcm;
    let proofs = || {
        let profile = Profile::dpop_proof().claims::<Value>();
        let builder = validator_builder(profile).algorithms([SignatureAlgorithm::Es256]);
        builder.replay_guard(guard())
    };
    let of_twice = validator_builder(access_token());
    let of_twice = of_twice.issuers([ISSUER, ISSUER].map(|name| TrustedIssuer::new(name, store())));
    let shared = || {
        let secret = SharedSecret::new(MacAlgorithm::Hs256, &[7; 32]).unwrap();
        validator_builder(access_token()).shared_secret(ISSUER, secret).audience(AUDIENCE)
    };
    let same = DecryptionKeys::new([DecryptionKey::from_secret(&[7; 32]).unwrap()], [dir], [gcm]);
    let waived = danger::without_replay_guard(Profile::logout_token().claims::<Value>());
    expect_failures(vec![
        ("ValidatorBuilder", "leeway", outcome(builder().leeway(Duration::minutes(6)).build())),
        ("ValidatorBuilder", "leeway", outcome(builder().leeway(NOT_WHOLE).build())),
        ("ValidatorBuilder", "token_bytes", limited(|limits| limits.token_bytes = 0)),
        ("ValidatorBuilder", "json_depth", limited(|limits| limits.json_depth = 65)),
        ("ValidatorBuilder", "keys_per_set", limited(|limits| limits.keys_per_set = 0)),
        ("ValidatorBuilder", "replay guard", outcome(builder().replay_guard(guard()).build())),
        ("ValidatorBuilder", "replay_guard", outcome(issued(waived).replay_guard(guard()).build())),
        ("ValidatorBuilder", "state_source", outcome(builder().state_source(Source(&[])).build())),
        (
            "ValidatorBuilder",
            "state_source",
            outcome(builder().state_source(Source(&[AskKind::FirstUse])).build()),
        ),
        (
            "ValidatorBuilder",
            "state source",
            outcome(proofs().state_source(Source(&[AskKind::FirstUse])).build()),
        ),
        ("ValidatorBuilder", "audience", outcome(proofs().for_audience(AUDIENCE).build())),
        ("ValidatorBuilder", "rule", outcome(builder().rule("form.x", |_, _| Ok(())).build())),
        ("ValidatorBuilder", "issuers", outcome(of_twice.audience(AUDIENCE).build())),
        ("ValidatorBuilder", "secret", outcome(shared().encrypted_to(same).build())),
        ("DecryptionKeys", "decryption key", decrypting(DecryptionKeys::new([], [dir], [gcm]))),
        (
            "DecryptionKeys",
            "key management",
            decrypting(DecryptionKeys::new([secret()], [], [gcm])),
        ),
        (
            "DecryptionKeys",
            "content encryption",
            decrypting(DecryptionKeys::new([secret()], [dir], [])),
        ),
        (
            "DecryptionKeys",
            "kid",
            decrypting(DecryptionKeys::new([secret(), secret()], [dir], [gcm])),
        ),
        (
            "DecryptionKeys",
            "A256GCMKW",
            decrypting(DecryptionKeys::new([secret()], [KeyManagementAlgorithm::A256GcmKw], [gcm])),
        ),
    ]);
}

#[test]
fn profiles() {
    let proof = || Profile::dpop_proof().claims::<Value>();
    let loose = danger::without_audience(access_token().refuse_other_audiences());
    let loose = validator_builder(loose).issuer(TrustedIssuer::new(ISSUER, store()));
    let long = danger::without_max_lifetime(access_token()).max_lifetime(Duration::minutes(1));
    let logout = Profile::logout_token().claims::<Value>().matches_fact("nonce");
    let guard = Arc::new(MemoryReplayGuard::new(1));
    expect_failures(vec![
        ("Profile", "max_lifetime", of_profile(access_token().max_lifetime(NOT_WHOLE))),
        ("Profile", "max_lifetime", of_profile(access_token().max_lifetime(Duration::days(2)))),
        ("Profile", "max_lifetime", of_profile(long)),
        ("Profile", "max_lifetime", of_holder(proof().max_lifetime(Duration::minutes(1)))),
        ("Profile", "max_token_age", of_profile(access_token().max_token_age(NOT_WHOLE))),
        ("Profile", "max_token_age", of_profile(access_token().max_token_age(Duration::ZERO))),
        ("Profile", "max_ahead", of_holder(proof().max_ahead(NOT_WHOLE))),
        ("Profile", "max_ahead", of_holder(proof().max_ahead(Duration::minutes(2)))),
        ("Profile", "refuse_other_audiences", of_holder(proof().refuse_other_audiences())),
        ("Profile", "refuse_other_audiences", outcome(loose.build())),
        ("Profile", "trust_audience", of_profile(access_token().trust_audience("a"))),
        ("Profile", "trust_audience", of_holder(proof().trust_audience("a"))),
        ("Profile", "trust_audience", {
            let sole = KindBuilder::issued("sole").typ("sole+jwt").sole_audience();
            of_profile(sole.rules(rules::COMMON).profile().trust_audience("a"))
        }),
        ("Profile", "audience", of_profile(Profile::id_token().claims().trust_audience(""))),
        ("Profile", "actors", of_holder(proof().actors(["a"]))),
        ("Profile", "actors", of_profile(access_token().actors([""]))),
        ("Profile", "actors", of_profile(access_token().actor_clients([""; 0]))),
        ("Profile", "required", of_profile(access_token().require(""))),
        ("Profile", "nonce", of_profile(Profile::logout_token().claims().require("nonce"))),
        ("Profile", "nonce", outcome(issued(logout).replay_guard(guard).build())),
        ("Profile", "matching", of_profile(access_token().matches_fact("a").matches_fact("a"))),
        ("Profile", "replay guard", of_profile(access_token().single_use())),
    ]);
}

/// Both settings count, in either order.
#[test]
fn a_trusted_audience_stays_trusted_when_others_are_refused() {
    let issuer = jwt_appraisal::testing::TestIssuer::new(ISSUER);
    let keys = JwkSet::from_json(issuer.jwks()).unwrap();
    let keys = key_store([SignatureAlgorithm::Es256], keys).unwrap();
    let now = OffsetDateTime::from_unix_timestamp(support::NOW).unwrap();
    let accepts = |profile: Profile<Value>, other: &str| {
        let builder = validator_builder(profile).issuer(TrustedIssuer::new(ISSUER, keys.clone()));
        let validator = builder.audience(AUDIENCE).build().unwrap();
        let token = issuer.access_token(AUDIENCE).at(support::NOW);
        let token = token.claim("aud", serde_json::json!([AUDIENCE, other])).sign();
        validator.appraise_at(token, now).is_accepted()
    };
    for profile in [
        access_token().trust_audience("a").refuse_other_audiences(),
        access_token().refuse_other_audiences().trust_audience("a"),
    ] {
        assert!(accepts(profile.clone(), "a"));
        assert!(!accepts(profile, "b"));
    }
}

#[test]
fn kinds() {
    let kind = || KindBuilder::issued("receipt").typ("receipt+jwt").rules(rules::COMMON);
    let built = |builder: KindBuilder<Issued>| of_profile(builder.profile());
    let held = || {
        let common = rules::COMMON
            .into_iter()
            .filter(|rule| !["claims.iss", "claims.aud"].contains(&rule.code()));
        KindBuilder::signed_with_header_key("held").typ("held+jwt").rules(common)
    };
    let of_held = |builder: KindBuilder<SignedByHolder>| of_holder(builder.profile());
    assert_eq!(of_held(held()), Ok(()));
    let aged = |default, most| built(kind().max_token_age(default, most));
    let minute = Duration::MINUTE;
    expect_failures(vec![
        ("KindBuilder", "max_lifetime", built(kind().max_lifetime(NOT_WHOLE))),
        ("KindBuilder", "max_lifetime", built(kind().max_lifetime(Duration::ZERO))),
        ("KindBuilder", "max_token_age", aged(NOT_WHOLE, minute)),
        ("KindBuilder", "max_token_age", aged(Duration::SECOND, NOT_WHOLE)),
        ("KindBuilder", "max_token_age", aged(minute, Duration::SECOND)),
        ("KindBuilder", "max_ahead", built(kind().max_ahead(NOT_WHOLE))),
        ("KindBuilder", "max_ahead", built(kind().max_ahead(Duration::minutes(2)))),
        ("KindBuilder", "discriminator", built(kind().discriminator("x", None))),
        ("KindBuilder", "sub", {
            built(kind().rules([rules::DISCRIMINATOR]).discriminator("sub", None))
        }),
        ("KindBuilder", "claims.aud", of_held(held().sole_audience())),
        ("KindBuilder", "trusted_audiences_only", of_held(held().trusted_audiences_only())),
        ("KindBuilder", "resource_audience", of_held(held().resource_audience())),
        ("KindBuilder", "mac_for_one_audience", of_held(held().mac_for_one_audience())),
        ("KindBuilder", "mac_for_one_audience", {
            of_held(held().rules([rules::AUD]).mac_for_one_audience())
        }),
        ("KindBuilder", "typ", built(kind().typ("JWT"))),
        ("KindBuilder", "kind", of_profile(KindBuilder::issued("a b").typ("x+jwt").profile())),
    ]);
}

/// `any_lifetime` and a default lifetime do not undo each other, whichever comes first.
#[test]
fn any_lifetime_is_permitted_beside_a_default() {
    for kind in [
        KindBuilder::issued("receipt").any_lifetime().max_lifetime(Duration::MINUTE),
        KindBuilder::issued("receipt").max_lifetime(Duration::MINUTE).any_lifetime(),
    ] {
        let profile = kind.typ("receipt+jwt").rules(rules::COMMON).profile();
        assert_eq!(of_profile(profile.max_lifetime(Duration::days(365))), Ok(()));
    }
}

#[derive(Debug)]
struct Never;

impl KeyRefresher for Never {
    fn request(&self, _: OffsetDateTime) {}

    fn pending_refresh(
        &self,
        _: OffsetDateTime,
    ) -> Option<Pin<Box<dyn Future<Output = ()> + Send>>> {
        None
    }
}

impl DpopNonces for Never {
    fn current(&self, _: OffsetDateTime) -> Arc<str> {
        "x".into()
    }

    fn previous(&self, _: OffsetDateTime) -> Option<Arc<str>> {
        None
    }
}

#[test]
fn keys_and_parties() {
    let secret = |byte: u8| SharedSecret::new(MacAlgorithm::Hs256, &[byte; 32]).unwrap();
    let party = |secrets: Vec<SharedSecret>| outcome(TrustedIssuer::with_secrets(ISSUER, secrets));
    let refresher = || Arc::new(Never);
    let provider: &'static CryptoProvider = provider();
    let mut limits = Limits::default();
    limits.key_set_bytes = 0;
    expect_failures(vec![
        ("KeyStore", "algorithm", {
            outcome(KeyStore::with_provider(provider, [], JwkSet::default()))
        }),
        ("KeyStore", "cooldown", outcome(store().cooldown(Duration::ZERO))),
        ("KeyStore", "cooldown", outcome(store().cooldown(Duration::days(2)))),
        ("KeyStore", "cooldown", outcome(store().cooldown(NOT_WHOLE))),
        ("KeyStore", "refresher", {
            outcome(store().refreshed_by(refresher()).unwrap().refreshed_by(refresher()))
        }),
        ("JwkSet", "key_set_bytes", outcome(JwkSet::from_json_within("{}", &limits))),
        ("TrustedIssuer", "secret", party(vec![])),
        ("TrustedIssuer", "secrets", party((0..5).map(secret).collect())),
        ("SharedSecret", "bytes", outcome(SharedSecret::new(MacAlgorithm::Hs256, b"short"))),
    ]);
}

type Server = ResourceServerBuilder<AccessTokenClaims>;

#[test]
fn resource_servers() {
    let tokens = || {
        let builder = validator_builder(Profile::mcp_access_token());
        let builder = builder.issuer(TrustedIssuer::new(ISSUER, store()));
        builder.audience("https://mcp.example.com/mcp")
    };
    let server = || ResourceServer::builder(tokens().build().unwrap());
    let with = |change: &dyn Fn(Server) -> Server| outcome(change(server()).build());
    let proofs = || {
        let builder = validator_builder(Profile::dpop_proof());
        let builder = builder.algorithms([SignatureAlgorithm::Es256]);
        builder.replay_guard(Arc::new(MemoryReplayGuard::new(1))).build().unwrap()
    };
    let with_dpop = |change: &dyn Fn(Server) -> Server| {
        let tokens = tokens().dpop(proofs()).build().unwrap();
        outcome(change(ResourceServer::builder(tokens)).build())
    };
    let requiring = |requirement: Requirement| with(&|b| b.requirement(requirement.clone()));
    let anyone = Requirement::default;
    let url = "https://mcp.example.com/v1";
    let scopes = |scopes: McpScopes| outcome(server().build().unwrap().mcp_layer(scopes));
    expect_failures(vec![
        ("ResourceServerBuilder", "resource", with(&|b| b.resource("http://a.example"))),
        ("ResourceServerBuilder", "authorization server", with(&|b| b.authorization_servers([]))),
        ("ResourceServerBuilder", "authorization server", {
            with(&|b| b.authorization_servers(["https://a.example"]))
        }),
        ("ResourceServerBuilder", "scope", with(&|b| b.scopes_supported(["a b"]))),
        ("ResourceServerBuilder", "scope", with(&|b| b.initial_scopes(["a b"]))),
        ("ResourceServerBuilder", "dpop_bound_access_tokens_required", {
            with(&|b| b.dpop_bound_access_tokens_required())
        }),
        ("ResourceServerBuilder", "dpop_nonces", with(&|b| b.dpop_nonces(Duration::MINUTE))),
        ("ResourceServerBuilder", "dpop_nonces", {
            with_dpop(&|b| b.dpop_nonces(Duration::SECOND))
        }),
        ("ResourceServerBuilder", "dpop_nonces", with_dpop(&|b| b.dpop_nonces(NOT_WHOLE))),
        ("ResourceServerBuilder", "dpop_nonce_source", {
            with(&|b| b.dpop_nonce_source(Arc::new(Never)))
        }),
        ("ResourceServerBuilder", "dpop_nonce_source", {
            with_dpop(&|b| b.dpop_nonces(Duration::MINUTE).dpop_nonce_source(Arc::new(Never)))
        }),
        ("ResourceServerBuilder", "public_base", with(&|b| b.public_base(url))),
        ("ResourceServerBuilder", "public base", with_dpop(&|b| b.public_base("x"))),
        ("ResourceServerBuilder", "retry_after", with(&|b| b.retry_after(Duration::ZERO))),
        ("ResourceServerBuilder", "retry_after", with(&|b| b.retry_after(NOT_WHOLE))),
        ("ResourceServerBuilder", "resource_documentation", {
            with(&|b| b.resource_documentation("x"))
        }),
        ("ResourceServerBuilder", "resource_policy_uri", with(&|b| b.resource_policy_uri("x"))),
        ("ResourceServerBuilder", "resource_tos_uri", with(&|b| b.resource_tos_uri("x"))),
        ("Requirement", "scope", requiring(Requirement::scopes(["offline_access"]))),
        ("Requirement", "acr", requiring(anyone().acr_values([""]))),
        ("Requirement", "acr values", requiring(anyone().acr_values([]))),
        ("Requirement", "max_authentication_age", {
            requiring(anyone().max_authentication_age(NOT_WHOLE))
        }),
        ("Requirement", "max_authentication_age", {
            requiring(anyone().max_authentication_age(Duration::seconds(-1)))
        }),
        ("McpScopes", "scope", scopes(McpScopes::new().tool("read", ["a b"]))),
        ("McpScopes", "read", scopes(McpScopes::new().tool("read", ["a"]).tool("read", ["b"]))),
        ("McpScopes", "resources/read", {
            scopes(McpScopes::new().method("resources/read", ["a"]).method("resources/read", []))
        }),
        ("McpScopes", "tools/call", scopes(McpScopes::new().method("tools/call", ["a"]))),
    ]);
}

#[tokio::test]
async fn remote_issuers() {
    let algorithms = [SignatureAlgorithm::Es256];
    let cache = || JwksCache::issuer(ISSUER).provider(provider()).algorithms(algorithms);
    let issuer = || remote::issuer(ISSUER).provider(provider()).algorithms(algorithms);
    let mut limits = Limits::default();
    limits.keys_per_set = 0;
    let client = remote::HttpClient::new().unwrap();
    expect_failures(vec![
        ("JwksCacheBuilder", "algorithm", outcome(cache().algorithms([]).build())),
        ("JwksCacheBuilder", "jwks_uri", outcome(cache().jwks_uri("http://a.example").build())),
        ("JwksCacheBuilder", "stale_for", outcome(cache().stale_for(NOT_WHOLE).build())),
        ("JwksCacheBuilder", "stale_for", outcome(cache().stale_for(Duration::days(2)).build())),
        ("JwksCacheBuilder", "cooldown", outcome(cache().cooldown(NOT_WHOLE).build())),
        ("JwksCacheBuilder", "cooldown", outcome(cache().cooldown(Duration::ZERO).build())),
        ("JwksCacheBuilder", "timeout", outcome(cache().timeout(NOT_WHOLE).build())),
        ("JwksCacheBuilder", "timeout", outcome(cache().timeout(Duration::minutes(2)).build())),
        ("JwksCacheBuilder", "keys_per_set", outcome(cache().limits(limits).build())),
        ("RemoteIssuerBuilder", "root certificates", {
            let root = include_str!("vectors/tls/root.pem");
            outcome(issuer().client(&client).root_certificate_pem(root).connect_in_background())
        }),
        (
            "RemoteIssuerBuilder",
            "timeout",
            outcome(issuer().timeout(NOT_WHOLE).connect_in_background()),
        ),
        ("HttpClientBuilder", "root certificates", {
            outcome(remote::HttpClient::builder().root_certificate_pem("x").build())
        }),
    ]);
}
