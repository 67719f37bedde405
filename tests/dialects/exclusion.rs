//! A token of one kind is refused where another kind is wanted, in each dialect too.

use jwt_appraisal::kind::AnyProfile;
use jwt_appraisal::kind::tag::Issued;
use jwt_appraisal::states::Ready;
use jwt_appraisal::testing::{TestIssuer, TestToken};
use jwt_appraisal::{Profile, ValidatorBuilder, Verdict};
use serde_json::{Value, json};

use super::acme::{acme, globex, trusted};
use super::kind::{Party, facts, guard, kinds, names};
use super::support::{AUDIENCE, ISSUER, NOW, expect_accepted, findings, now, validator_builder};
use jwt_appraisal::dialect::Dialect;

/// How an issuer writes a standard access token.
type Writes = fn(TestToken) -> TestToken;

/// The dialects, each with the change that makes a standard access token one of it.
fn dialects() -> [(Dialect, Writes); 3] {
    [
        (acme(), |token| {
            let token = token.without_header("typ").claim("token_use", "access");
            let token = token.without("client_id").claim("cid", "client-1");
            token.without("scope").claim("scp", json!(["read"]))
        }),
        (globex(), |token| {
            let token = token.header("typ", "globex-at+jwt").claim("scope", json!(["read"]));
            token.without("aud").claim("resource", AUDIENCE)
        }),
        (Dialect::standard(), |token| token),
    ]
}

fn trusting(
    party: &Party,
    dialect: Dialect,
    profile: Profile<Value>,
) -> ValidatorBuilder<Value, Issued, Ready> {
    let issuer = trusted(&party.0).dialect(dialect);
    validator_builder(profile).issuer(issuer).audience(AUDIENCE)
}

/// Pairs of a dialect and a kind whose validator accepts the dialect's access token, and why.
const ACCEPTED_ELSEWHERE: &[(&str, &str, &str)] = &[
    ("acme", "access-token-legacy", "the same kind: an access token that is told by its scopes"),
    ("acme", "jwt-bearer-grant", "RFC 7523 permits any claims beside its own, and no type"),
    ("standard", "mcp-access-token", "the same kind: an MCP server takes RFC 9068 tokens"),
];

#[test]
fn every_kind_refuses_the_access_token_of_every_dialect() {
    let party = Party::new();
    let mut seen = Vec::new();
    for (dialect, write) in dialects() {
        let token = write(party.good("access-token"));
        for wanted in names().into_iter().filter(|wanted| *wanted != "access-token") {
            let validator = party.validator(wanted);
            let appraisal = validator.appraise_with_at(token.sign(), &facts(), now());
            println!("{:10} {wanted:24} {}", dialect.name(), findings(&appraisal).join(" "));
            if appraisal.verdict() == Verdict::Accepted {
                seen.push((dialect.name().to_owned(), wanted));
            }
        }
    }
    let listed: Vec<_> =
        ACCEPTED_ELSEWHERE.iter().map(|(one, other, _)| ((*one).to_owned(), *other)).collect();
    assert_eq!(seen, listed, "the pairs that pass for each other");
}

#[test]
fn every_dialect_refuses_the_tokens_of_every_other_kind() {
    let party = Party::new();
    for (dialect, write) in dialects() {
        let profile = Profile::access_token().claims::<Value>();
        let validator = trusting(&party, dialect.clone(), profile).build().unwrap();
        let own = write(party.good("access-token"));
        let appraisal = validator.appraise_with_at(own.sign(), &facts(), now());
        expect_accepted("-", dialect.name(), &appraisal);
        for kind in names().into_iter().filter(|kind| !kind.ends_with("access-token")) {
            for token in disguises(&dialect, &party.good(kind)) {
                let appraisal = validator.appraise_with_at(token.sign(), &facts(), now());
                assert_eq!(appraisal.verdict(), Verdict::Rejected, "{kind} as {dialect:?}");
            }
        }
    }
}

/// A token of another kind as it is, and with what an attacker may hope to be enough: the type, the audience
/// and the names of the dialect. What only the issuer's access tokens have is not among these.
fn disguises(dialect: &Dialect, token: &TestToken) -> Vec<TestToken> {
    let mut all = vec![token.clone()];
    let named = token.clone().claim("aud", AUDIENCE).claim("exp", NOW + 300).claim("iat", NOW);
    let named = named.claim("sub", "user-1").claim("jti", "j-1");
    if dialect.name() == "acme" {
        let named = named.claim("cid", "client-1").claim("scp", json!(["read"]));
        all.push(named.clone().without_header("typ"));
        all.push(named.header("typ", "JWT"));
    }
    all
}

/// Each kind that an issuer signs can be written in a dialect, and a token of it in the default dialect is
/// then rejected by the tells or the type alone.
#[test]
fn every_kind_that_an_issuer_signs_can_have_a_dialect() {
    let party = Party(TestIssuer::new(ISSUER));
    for kind in kinds() {
        let name = kind.name().to_owned();
        let single_use = kind.is_single_use();
        let AnyProfile::Issued(profile) = kind.profile::<Value>() else { continue };
        let profile = if name == "custom" { Profile::new("receipt+jwt") } else { profile };
        let dialect = Dialect::new("marked").untyped().is("kind", &*name);
        let builder = trusting(&party, dialect, profile);
        let builder = if single_use { builder.replay_guard(guard()) } else { builder };
        let validator = builder.build().unwrap();
        let good = party.good(&name).header("typ", "JWT");
        let appraise =
            |token: &TestToken| validator.appraise_with_at(token.sign(), &facts(), now());
        expect_accepted("-", &name, &appraise(&good.clone().claim("kind", &*name)));
        assert_eq!(findings(&appraise(&good)), ["dialect.tells"], "{name}");
        let typed = good.claim("kind", &*name).header("typ", "at+jwt");
        assert_eq!(findings(&appraise(&typed)), ["header.typ"], "{name}");
    }
}
