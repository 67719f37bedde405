//! A kind that a client signs, for a sole audience, with a claim that must be absent and a rule of its
//! own.

use jwt_appraisal::json::Value as Claim;
use jwt_appraisal::kind::tag::SignedByClient;
use jwt_appraisal::kind::{Kind, KindBuilder};
use jwt_appraisal::rules::{self, ClaimRule, RuleContext};
use jwt_appraisal::testing::{TestIssuer, TestToken};
use jwt_appraisal::{
    JwkSet, Profile, Reason, ReasonKind, RequestFacts, Section, SignatureAlgorithm, TrustedIssuer,
    Validator, Verdict,
};
use serde_json::{Value, json};
use time::Duration;

use super::Table;
use super::support::{AUDIENCE, NOW, expect_accepted, key_store, now, validator_builder};

pub(crate) const CLIENT: &str = "client-7";

const HANDBOOK: Section = Section::of("Handbook §4", "https://example.com/handbook#orders");

/// `priority` is one of three words.
fn check_priority(priority: Claim<'_>, _: &RuleContext<'_>) -> Result<(), Reason> {
    match priority.as_str() {
        Some("low" | "normal" | "high") => Ok(()),
        Some(_) => Err(Reason::because(ReasonKind::NotPermitted, "expected a known priority")),
        None => Err(Reason::wrong_type(priority)),
    }
}

fn builder() -> KindBuilder<SignedByClient> {
    KindBuilder::signed_by_client("work-order", "client_id")
        .typ("work-order+jwt")
        .sole_audience()
        .max_lifetime(Duration::minutes(10))
        .rules(rules::COMMON)
        .rules([
            rules::ISS.forbidden().says("the client signs"),
            rules::SUB.required(),
            rules::CLIENT_ID_OF_SIGNER.required(),
            rules::NONCE.forbidden().says("an ID token has one"),
            ClaimRule::new("order.priority", "priority", check_priority)
                .required()
                .section(HANDBOOK)
                .says("`low`, `normal` or `high`"),
        ])
}

pub(crate) fn kind() -> Kind {
    builder().build()
}

pub(crate) struct Client(TestIssuer);

impl Client {
    pub(crate) fn new() -> Self {
        Self(TestIssuer::new(CLIENT))
    }

    pub(crate) fn good(&self) -> TestToken {
        let draft = self.0.token("work-order+jwt").at(NOW).without("iss");
        draft
            .claim("client_id", CLIENT)
            .claim("aud", AUDIENCE)
            .claim("sub", "user-1")
            .claim("jti", "order-1")
            .claim("priority", "high")
    }

    fn trusted(&self, name: &str) -> TrustedIssuer {
        let keys = JwkSet::from_json(self.0.jwks()).unwrap();
        TrustedIssuer::new(name, key_store([SignatureAlgorithm::Es256], keys).unwrap())
    }

    pub(crate) fn validator(&self) -> Validator<Value> {
        self.validator_of(builder().profile())
    }

    fn validator_of(&self, profile: Profile<Value, SignedByClient>) -> Validator<Value> {
        let builder = validator_builder(profile).client(self.trusted(CLIENT));
        builder.audience(AUDIENCE).build().unwrap()
    }
}

/// Runs a test with the good token and a validator that knows one client, then with one that knows two.
fn with_tables(test: impl Fn(&Table<'_>)) {
    let (client, other) = (Client::new(), Client::new());
    let both = validator_builder::<Value, _>(builder().profile())
        .clients([client.trusted(CLIENT), other.trusted("client-8")])
        .audience(AUDIENCE)
        .build()
        .unwrap();
    for validator in [client.validator(), both] {
        let appraise =
            |token: &str, facts: &RequestFacts<'_>| validator.appraise_with_at(token, facts, now());
        test(&Table { good: client.good(), facts: RequestFacts::new(), appraise: &appraise });
    }
}

#[test]
fn accepts_a_good_token() {
    with_tables(|table| {
        table.accepts("as it is", |token| token);
        table.accepts("the audience as a list", |token| token.claim("aud", json!([AUDIENCE])));
        for optional in ["jti", "iat"] {
            table.accepts(optional, |token| token.without(optional));
        }
    });
}

#[test]
fn rejects_every_other_header() {
    with_tables(|table| {
        for typ in ["JWT", "at+jwt", "order+jwt"] {
            table.rejects("header.typ", typ, |token| token.header("typ", typ));
        }
        table.rejects("header.typ", "no type", |token| token.without_header("typ"));
        table.rejects("header.alg", "no algorithm", |token| token.header("alg", "none"));
        table.rejects("crypto.signature", "a forged one", |token| token.signature([1; 64]));
    });
}

#[test]
fn rejects_what_each_rule_rejects() {
    with_tables(|table| {
        for claim in ["aud", "exp", "sub", "priority"] {
            let code = if claim == "priority" { "order.priority" } else { "claims." };
            let code = if code == "claims." { format!("claims.{claim}") } else { code.to_owned() };
            table.rejects(&code, "absent", |token| token.without(claim));
            table.rejects(&code, "null", |token| token.claim(claim, Value::Null));
        }
        let other = "https://other.example.com";
        table.rejects("claims.iss", "forbidden", |token| token.claim("iss", CLIENT));
        table.rejects("claims.nonce", "forbidden", |token| token.claim("nonce", "n-1"));
        table.rejects("claims.aud", "another service", |token| token.claim("aud", other));
        table.rejects("claims.aud", "two services", |token| {
            token.claim("aud", json!([AUDIENCE, other]))
        });
        table.rejects("claims.exp", "expired", |token| token.claim("exp", NOW - 60));
        table.rejects("claims.nbf", "not yet", |token| token.claim("nbf", NOW + 61));
        table.rejects("claims.iat", "in the future", |token| token.claim("iat", NOW + 61));
        table.rejects("time.lifetime", "too long", |token| token.claim("exp", NOW + 601));
        table.rejects("claims.sub", "empty", |token| token.claim("sub", ""));
        table.rejects("claims.jti", "a number", |token| token.claim("jti", 7));
        table.rejects("claims.cnf", "no proof", |token| {
            token.claim("cnf", json!({ "jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }))
        });
        table.rejects("claims.act", "no name", |token| token.claim("act", json!({})));
        table.rejects("order.priority", "another word", |token| token.claim("priority", "now"));
        table.rejects("order.priority", "a number", |token| token.claim("priority", 1));
    });
}

/// The client that a token names chooses the keys, so no token can name another client.
#[test]
fn rejects_another_client() {
    let (client, other) = (Client::new(), Client::new());
    let stranger = client.good().claim("client_id", "client-8").sign();
    let one = client.validator().appraise_at(&stranger, now());
    super::expect_rejected("own kind", &["claims.client_id"], "one client", &one);
    let both = validator_builder::<Value, _>(builder().profile())
        .clients([client.trusted(CLIENT), other.trusted("client-8")])
        .audience(AUDIENCE)
        .build()
        .unwrap();
    let two = both.appraise_at(&stranger, now());
    super::expect_rejected("own kind", &["crypto.signature"], "two clients", &two);
    let unknown = both.appraise_at(client.good().claim("client_id", "client-9").sign(), now());
    super::expect_rejected("own kind", &["key.client"], "an unknown client", &unknown);
}

#[test]
fn a_caller_can_tighten_it() {
    let client = Client::new();
    let profile = || builder().profile::<Value>();
    let tightened = client.validator_of(profile().max_token_age(Duration::minutes(1)));
    let old = client.good().claim("iat", NOW - 121).sign();
    assert!(client.validator().appraise_at(&old, now()).is_accepted());
    super::expect_rejected("own kind", &["time.age"], "age", &tightened.appraise_at(&old, now()));
    let undated = tightened.appraise_at(client.good().without("iat").sign(), now());
    super::expect_rejected("own kind", &["claims.iat"], "no date", &undated);
    let permitted = client.validator_of(profile().actors(["actor-1"]));
    let act = |name: &str| client.good().claim("act", json!({ "sub": name })).sign();
    expect_accepted("own kind", "actor", &permitted.appraise_at(act("actor-1"), now()));
    let other = permitted.appraise_at(act("actor-2"), now());
    super::expect_rejected("own kind", &["actor.allowed"], "another actor", &other);
}

#[test]
fn the_record_has_the_facts() {
    let client = Client::new();
    let appraisal = client.validator().appraise_at(client.good().sign(), now());
    let record = appraisal.record();
    assert_eq!((record.kind(), record.verdict()), ("work-order", Verdict::Accepted));
    assert_eq!(record.party().map(|party| party.as_str()), Some(CLIENT));
    assert_eq!(record.subject(), Some("user-1"));
    assert_eq!(record.client_id(), Some(CLIENT));
    assert_eq!(record.audiences().collect::<Vec<_>>(), [AUDIENCE]);
    assert_eq!(record.token_id(), Some("order-1"));
    let accepted = appraisal.accepted().unwrap();
    assert_eq!(accepted.claims()["priority"], "high");
    // A fact that did not pass its rule is not recorded.
    let refused = client.validator().appraise_at(client.good().claim("sub", "").sign(), now());
    assert_eq!(refused.record().subject(), None);
    assert_eq!(refused.record().client_id(), Some(CLIENT));
}

#[test]
fn the_kind_describes_itself() {
    let kind = kind();
    let rule = kind.rules().iter().find(|rule| rule.code() == "order.priority").unwrap();
    assert_eq!(rule.source().map(|section| section.to_string()), Some("Handbook §4".to_owned()));
    assert_eq!(rule.sentence(), "`low`, `normal` or `high`");
    assert_eq!(kind.typ().map(|typ| typ.as_str()), Some("work-order+jwt"));
    assert!(!kind.is_single_use() && !kind.accepts_untyped());
}
