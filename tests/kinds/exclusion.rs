//! A token of one kind is refused where another kind is wanted.

use jwt_appraisal::{RequestFacts, Verdict};

use super::kind::{Party, facts, names};
use super::support::{NOW, expect_accepted, findings, now};

/// Pairs (token, validator) that the specifications leave indistinguishable, and why.
const INDISTINGUISHABLE: &[(&str, &str, &str)] = &[
    ("access-token", "mcp-access-token", "the same kind: an MCP server takes RFC 9068 tokens"),
    (
        "access-token-legacy",
        "jwt-bearer-grant",
        "neither is typed, and RFC 7523 permits any claims beside its own: only the audience differs",
    ),
    ("mcp-access-token", "access-token", "the same kind: an MCP server takes RFC 9068 tokens"),
    ("request-object", "request-object-legacy", LENIENT),
    ("logout-token", "logout-token-legacy", LENIENT),
    ("security-event", "security-event-legacy", LENIENT),
    ("shared-signal", "security-event", "the same kind: Shared Signals only demand more"),
    ("shared-signal", "security-event-legacy", LENIENT),
    (
        "logout-token-legacy",
        "security-event-legacy",
        "a logout token is a security event token (RFC 8417 §2.1.2), and neither is typed",
    ),
];

const LENIENT: &str = "the same kind, where its type may be left out as well";

#[test]
fn every_kind_refuses_every_other() {
    let party = Party::new();
    let kinds = names();
    let mut seen = Vec::new();
    println!("token\\validator: the checks that refuse");
    for token in &kinds {
        for wanted in &kinds {
            let draft = party.good(token);
            let appraisal = party.validator(wanted).appraise_with_at(draft.sign(), &facts(), now());
            if token == wanted {
                expect_accepted(wanted, "its own kind", &appraisal);
                continue;
            }
            println!("{token:24} {wanted:24} {}", findings(&appraisal).join(" "));
            if appraisal.verdict() == Verdict::Accepted {
                seen.push((*token, *wanted));
            } else {
                assert_eq!(appraisal.verdict(), Verdict::Rejected, "{token} {wanted}");
            }
        }
    }
    let mut listed: Vec<_> =
        INDISTINGUISHABLE.iter().map(|(one, other, _)| (*one, *other)).collect();
    seen.sort_unstable();
    listed.sort_unstable();
    assert_eq!(seen, listed, "the pairs that pass for each other");
}

/// Pairs of kinds without a type, where nothing of the request tells them apart: no `nonce` and no
/// `state` was sent, and the tokens have the claims that the other kind demands.
const WITHOUT_FACTS: &[(&str, &str, &str)] = &[
    ("access-token-legacy", "id-token", "RFC 9068 demands a type of its own for this reason"),
    ("access-token-legacy", "jwt-bearer-grant", "RFC 7523 permits any claims beside its own"),
    ("id-token", "jwt-bearer-grant", "RFC 7523 permits any claims beside its own"),
    (
        "jwt-bearer-grant",
        "id-token",
        "an ID token has no claim of its own but those of the request",
    ),
];

#[test]
fn what_the_request_does_not_tell_apart() {
    let party = Party::new();
    let untyped = ["access-token-legacy", "id-token", "jwt-bearer-grant", "jarm-response"];
    let mut seen = Vec::new();
    for token in untyped {
        for wanted in untyped.iter().filter(|wanted| **wanted != token) {
            let draft = party.good(token).claim("iat", NOW).without("nonce").without("state");
            let facts = RequestFacts::new();
            let appraisal = party.validator(wanted).appraise_with_at(draft.sign(), &facts, now());
            if appraisal.verdict() == Verdict::Accepted {
                seen.push((token, *wanted));
            }
        }
    }
    let listed: Vec<_> = WITHOUT_FACTS.iter().map(|(one, other, _)| (*one, *other)).collect();
    assert_eq!(seen, listed, "the pairs that pass for each other");
}
