//! A token of one kind is refused where another kind is wanted.

use jwt_appraisal::Verdict;

use super::kind::{KINDS, Party, facts};
use super::support::{expect_accepted, findings, now};

/// Pairs (token, validator) that the specifications leave indistinguishable, and why.
const INDISTINGUISHABLE: &[(&str, &str, &str)] = &[
    ("access-token", "mcp-access-token", "the same kind: an MCP server takes RFC 9068 tokens"),
    (
        "access-token-legacy",
        "jwt-bearer-grant",
        "neither is typed, and RFC 7523 permits any claims beside its own: only the audience differs",
    ),
    ("mcp-access-token", "access-token", "the same kind: an MCP server takes RFC 9068 tokens"),
    ("shared-signal", "security-event", "the same kind: Shared Signals only demand more"),
];

#[test]
fn every_kind_refuses_every_other() {
    let party = Party::new();
    let mut seen = Vec::new();
    println!("token\\validator: the checks that refuse");
    for token in KINDS {
        for wanted in KINDS {
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
    let listed: Vec<_> = INDISTINGUISHABLE.iter().map(|(one, other, _)| (*one, *other)).collect();
    assert_eq!(seen, listed, "the pairs that pass for each other");
}
