//! The table of each profile is what it does.

use std::fs;

use jwt_appraisal::Profile;
use jwt_appraisal::testing::TestToken;
use serde_json::Value;
use time::Duration;

use super::kind::{Party, Rows, facts, guard, proofs};
use super::support::findings;

/// The rows of a profile's table: members, rule, check.
fn documented(file: &str) -> Vec<(String, String, String)> {
    let path = format!("{}/src/profile/{file}.rs", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).unwrap();
    let rows = text.lines().filter_map(|line| line.trim_start().strip_prefix("/// | "));
    let cells = rows.map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    let cells = cells.filter(|cells| cells[0] != "member");
    let row = |cells: Vec<&str>| {
        let check = cells[3].trim_matches('`');
        (cells[0].to_owned(), cells[1].to_owned(), check.to_owned())
    };
    cells.map(row).collect()
}

#[test]
fn tables_are_in_step_with_the_plans() {
    let party = Party::new();
    let minute = Duration::minutes(1);
    let issued = |profile: Profile<Value>| {
        let single = profile.clone().max_token_age(minute);
        match party.issued(single.clone()).build() {
            Ok(validator) => validator,
            Err(_) => party.issued(single).replay_guard(guard()).build().unwrap(),
        }
    };
    let assertion = party.by_client(Profile::client_assertion_as().max_token_age(minute));
    for (file, validator) in [
        ("access_token", issued(Profile::access_token_as())),
        ("access_token_legacy", issued(Profile::access_token_legacy_as("scp", None))),
        ("mcp_access_token", issued(Profile::mcp_access_token_as())),
        ("id_token", issued(Profile::id_token_as())),
        ("client_assertion", assertion.replay_guard(guard()).build().unwrap()),
        ("jwt_bearer_grant", issued(Profile::jwt_bearer_grant_as())),
        ("id_jag", issued(Profile::id_jag_as())),
        (
            "request_object",
            party.by_client(Profile::request_object_as().max_token_age(minute)).build().unwrap(),
        ),
        ("jarm_response", issued(Profile::jarm_response_as())),
        ("introspection_response", issued(Profile::introspection_response_as())),
        ("logout_token", issued(Profile::logout_token_as())),
        ("security_event", issued(Profile::security_event_as())),
        ("dpop_proof", proofs(Profile::dpop_proof_as()).build().unwrap()),
        ("custom", issued(Profile::new("receipt+jwt"))),
    ] {
        let of_form = [
            "form.",
            "key.found",
            "key.alg",
            "key.issuer",
            "crypto.",
            "payload.",
            "claims.deserialize",
        ];
        let of_kind = |code: &String| {
            let header = code.starts_with("header.") && code != "header.typ";
            !header && !of_form.iter().any(|prefix| code.starts_with(prefix))
        };
        let planned = validator.checks().map(ToString::to_string).filter(of_kind);
        let planned: Vec<_> = planned.collect();
        let mut written: Vec<_> = documented(file).into_iter().map(|(.., check)| check).collect();
        let all = written.len();
        written.dedup();
        assert_eq!(written.len(), all, "{file}: a check stands twice");
        assert_eq!(written, planned, "{file}");
    }
}

/// What a table says is required can not be left out, and what it says must not be there can not be
/// there; either is said by the check of its row.
#[test]
fn tables_tell_what_may_be_left_out() {
    for (file, kind) in [
        ("access_token", "access-token"),
        ("access_token_legacy", "access-token-legacy"),
        ("mcp_access_token", "mcp-access-token"),
        ("id_token", "id-token"),
        ("client_assertion", "client-assertion"),
        ("jwt_bearer_grant", "jwt-bearer-grant"),
        ("id_jag", "id-jag"),
        ("request_object", "request-object"),
        ("jarm_response", "jarm"),
        ("introspection_response", "introspection-response"),
        ("logout_token", "logout-token"),
        ("security_event", "security-event"),
        ("dpop_proof", "dpop-proof"),
        ("custom", "custom"),
    ] {
        let rows = Rows::of(kind, "table");
        let mut held = 0;
        for (member, rule, check) in documented(file) {
            let name = member.trim_matches('`');
            let single = !name.contains('`') && format!("claims.{name}") == check;
            if single && (rule.starts_with("required") || name == "iss" && !rule.contains("if")) {
                let without: TestToken = rows.good().without(name);
                let found = findings(&rows.appraise(&without, &facts()));
                assert!(found.contains(&check), "{file}: {name} is required, {found:?}");
                held += 1;
            }
            if rule.starts_with("must not be there") {
                for value in [Value::from("x"), Value::Null] {
                    let found = findings(&rows.appraise(&rows.with(name, value), &facts()));
                    assert_eq!(
                        found,
                        std::slice::from_ref(&check),
                        "{file}: {name} must not be there"
                    );
                }
                held += 1;
            }
        }
        assert!(held > 0, "{file}");
    }
}
