//! Every rule that a validator must enforce, with the row that shows it: a list, held to the rows.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

use std::fs;
use std::path::Path;

/// How a rule is shown.
enum Shown {
    /// In this suite and test a token breaks it, and this check refuses the token.
    Refused(&'static str, &'static str, &'static str),
    /// In this suite and test a policy or a key breaks it, and this fault is reported.
    Reported(&'static str, &'static str, &'static str),
    /// In this suite and test something that keeps it is accepted.
    Accepted(&'static str, &'static str),
    /// In this suite and test a request is answered, or the service behind served, as it demands.
    Answered(&'static str, &'static str),
    /// It does not apply here, for this reason.
    NotApplicable(&'static str),
}
use Shown::{Accepted, Answered, NotApplicable, Refused, Reported};

const RULES: &[(&str, Shown)] = &[
    ("PAR-01", Refused("form", "form", "form.compact")),
    ("PAR-02", Refused("form", "form", "form.compact")),
    ("PAR-03", Refused("form", "form", "form.compact")),
    ("PAR-04", Refused("form", "form", "form.base64url")),
    ("PAR-05", Refused("form", "form", "form.base64url")),
    ("PAR-06", Refused("form", "header_json", "form.header")),
    ("PAR-07", Refused("form", "header_json", "form.header")),
    ("PAR-08", Refused("form", "header_json", "form.header")),
    ("PAR-09", Refused("form", "payload_json", "payload.json")),
    ("PAR-10", Refused("form", "payload_json", "payload.json")),
    ("PAR-11", Refused("form", "header_members", "header.alg")),
    ("PAR-12", Refused("form", "payload_json", "payload.json")),
    ("PAR-13", Refused("form", "header_members", "header.alg")),
    ("PAR-14", Refused("encrypted", "one_kind_is_not_taken_for_the_other", "form.jwe")),
    ("PAR-15", Refused("encrypted", "the_content_is_said_to_be_a_token", "jwe.cty")),
    ("PAR-17", Refused("form", "form", "form.compact")),
    ("HDR-01", Refused("form", "header_members", "header.alg")),
    ("HDR-02", Refused("encrypted", "algorithms_are_permitted_each_by_its_name", "jwe.enc")),
    ("HDR-03", Refused("form", "header_members", "header.kid")),
    ("HDR-04", Refused("form", "keys_that_the_token_brings_along", "crypto.signature")),
    ("HDR-05", Refused("form", "keys_that_the_token_brings_along", "crypto.signature")),
    ("HDR-06", Refused("form", "keys_that_the_token_brings_along", "crypto.signature")),
    ("HDR-07", Refused("form", "keys_that_the_token_brings_along", "crypto.signature")),
    ("HDR-08", Refused("form", "header_types", "header.typ")),
    ("HDR-11", Refused("encrypted", "the_inner_token_passes_everything", "header.typ")),
    ("HDR-12", Accepted("form", "header_members")),
    ("HDR-14", Refused("form", "form", "form.compact")),
    ("HDR-15", Refused("form", "header_members", "header.zip")),
    ("HDR-16", Refused("form", "header_members", "header.b64")),
    ("CRT-01", Refused("form", "critical_extensions", "header.crit")),
    ("CRT-02", Refused("form", "critical_extensions", "header.crit")),
    ("CRT-03", Refused("form", "critical_extensions", "header.crit")),
    ("CRT-04", Refused("form", "critical_extensions", "header.crit")),
    ("CRT-05", NotApplicable("a compact token has no header outside of the signature")),
    ("KEY-01", Refused("keys", "what_a_key_says_of_its_use", "key.found")),
    ("KEY-02", Accepted("key_sets", "sets")),
    ("KEY-03", Refused("keys", "what_a_key_says_of_its_use", "key.found")),
    ("KEY-04", Refused("keys", "what_a_key_says_of_its_use", "key.found")),
    ("KEY-05", Refused("keys", "one_key_one_algorithm", "key.alg")),
    ("KEY-06", Refused("keys", "one_key_one_algorithm", "key.alg")),
    ("KEY-07", Refused("keys", "one_key_one_algorithm", "key.alg")),
    ("KEY-08", Refused("form", "signatures", "crypto.signature")),
    ("KEY-09", Refused("key_sets", "sets", "key.found")),
    ("KEY-10", Refused("key_sets", "sets", "key.found")),
    ("KEY-11", Refused("keys", "weak_rsa_keys", "key.found")),
    ("KEY-12", Refused("keys", "weak_rsa_keys", "key.found")),
    ("KEY-13", Refused("keys", "points", "key.found")),
    ("KEY-14", Reported("keys", "secrets", "but it must have at least {least}")),
    ("KEY-15", Refused("keys", "edwards_points", "key.found")),
    ("KEY-16", Reported("keys", "keys_without_a_provider", "KEY-16")),
    ("KEY-17", Refused("keys", "keys_that_do_not_belong_in_a_published_set", "key.found")),
    ("KEY-18", Refused("keys", "keys_that_do_not_belong_in_a_published_set", "key.found")),
    ("KEY-19", Accepted("rfcs", "rfc7638_thumbprints")),
    (
        "KEY-20",
        NotApplicable("no metadata is fetched: keys are given, or come with the remote wing"),
    ),
    ("KEY-21", Refused("profiles", "possession_and_delegation", "claims.cnf")),
    ("ALG-01", Refused("form", "header_members", "header.alg")),
    ("ALG-02", Refused("form", "header_members", "header.alg")),
    ("ALG-04", Refused("form", "signatures", "crypto.signature")),
    ("ALG-05", Refused("rfcs", "rfc7518_salt_of_pss", "crypto.signature")),
    ("ALG-07", Refused("keys", "edwards_points", "key.found")),
    ("ALG-08", Refused("providers", "what_only_one_has", "crypto.signature")),
    ("ALG-09", Refused("keys", "one_key_one_algorithm", "key.alg")),
    ("ALG-10", Refused("pipeline", "shared_secrets", "header.alg")),
    ("ALG-11", Refused("key_management", "rsa1_5_has_no_name", "jwe.alg")),
    (
        "ALG-12",
        Refused("key_management", "points_that_are_not_on_the_curve_are_refused", "jwe.decrypt"),
    ),
    ("ALG-13", Refused("key_management", "lengths_of_the_content_are_exact", "jwe.enc")),
    ("ALG-14", Refused("key_management", "an_encrypted_key_where_there_is_one", "jwe.alg")),
    (
        "ALG-15",
        Refused("key_management", "the_content_key_has_the_length_of_its_algorithm", "jwe.decrypt"),
    ),
    ("ALG-18", Refused("form", "header_members", "header.alg")),
    ("CLM-01", Refused("profiles", "times", "claims.exp")),
    ("CLM-02", Refused("profiles", "times", "claims.nbf")),
    ("CLM-03", Refused("profiles", "times", "claims.iat")),
    ("CLM-04", Refused("profiles", "times", "claims.exp")),
    ("CLM-05", Reported("api", "wrong_settings_are_not_built", "the setting leeway is 900")),
    ("CLM-06", Refused("profiles", "parties", "claims.aud")),
    ("CLM-07", Refused("profiles", "parties", "claims.aud")),
    ("CLM-08", Refused("profiles", "parties", "claims.iss")),
    ("CLM-09", Refused("profiles", "parties", "claims.sub")),
    ("CLM-10", Refused("profiles", "parties", "claims.sub")),
    ("CLM-12", Accepted("form", "payload_json")),
    ("CLM-13", Refused("pipeline", "forged_and_expired_is_forged", "crypto.signature")),
    ("CLM-14", Refused("form", "header_types", "header.typ")),
    ("CLM-15", Refused("profiles", "parties", "claims.iss")),
    ("AT-01", Refused("form", "header_types", "header.typ")),
    ("AT-02", Refused("profiles", "parties", "claims.sub")),
    ("AT-03", Refused("profiles", "parties", "claims.iss")),
    ("AT-04", Refused("profiles", "parties", "claims.aud")),
    ("AT-05", Refused("form", "signatures", "crypto.signature")),
    ("AT-06", Refused("profiles", "times", "claims.exp")),
    ("AT-08", Answered("http/challenge", "tokens_that_are_refused")),
    ("AT-09", Refused("profiles", "scopes_and_details", "claims.scope")),
    ("AT-12", Refused("profiles", "scopes_and_details", "claims.acr")),
    ("AT-13", Refused("profiles", "possession_and_delegation", "claims.cnf")),
    ("AT-14", Refused("profiles", "possession_and_delegation", "claims.cnf")),
    ("AT-15", Refused("profiles", "possession_and_delegation", "claims.cnf")),
    ("AT-16", Refused("kinds/oauth", "access_tokens", "claims.auth_time")),
    ("AT-17", Refused("profiles", "scopes_and_details", "claims.authorization_details")),
    ("AC-01", Refused("profiles", "possession_and_delegation", "claims.act")),
    ("AC-02", Accepted("profiles", "possession_and_delegation")),
    ("AC-03", Refused("profiles", "possession_and_delegation", "claims.act")),
    ("AC-04", Refused("kinds/delegation", "chains_of_actors", "claims.may_act")),
    ("AC-05", Refused("profiles", "scopes_and_details", "claims.scope")),
    ("AC-06", Accepted("kinds/delegation", "delegation_is_told_from_impersonation")),
    ("IDT-01", Refused("kinds/oidc", "id_tokens", "claims.sub")),
    ("IDT-02", Refused("kinds/oidc", "id_tokens", "claims.iss")),
    ("IDT-03", Refused("kinds/oidc", "id_tokens", "claims.aud")),
    ("IDT-04", Refused("kinds/oidc", "id_tokens", "claims.azp")),
    ("IDT-05", Refused("kinds/oidc", "id_tokens", "crypto.signature")),
    ("IDT-07", Refused("kinds/oidc", "id_tokens_by_a_client_secret", "claims.aud")),
    ("IDT-08", Refused("kinds/oidc", "id_tokens", "claims.exp")),
    ("IDT-10", Refused("kinds/oidc", "id_tokens", "claims.nonce")),
    ("IDT-11", Refused("kinds/oidc", "how_the_user_authenticated", "claims.acr")),
    ("IDT-12", Refused("kinds/oidc", "how_the_user_authenticated", "claims.auth_time")),
    ("IDT-13", Refused("kinds/oidc", "hashes_of_what_came_along", "claims.at_hash")),
    ("IDT-14", Refused("kinds/oidc", "hashes_of_what_came_along", "claims.c_hash")),
    ("IDT-15", Accepted("kinds/oidc", "hashes_of_what_came_along")),
    ("IDT-16", Refused("kinds/oidc", "the_hash_belongs_to_the_algorithm", "claims.at_hash")),
    ("IDT-17", Refused("encrypted", "one_kind_is_not_taken_for_the_other", "form.jwe")),
    ("IDT-18", Refused("kinds/oidc", "id_tokens", "header.alg")),
    ("IDT-20", Refused("kinds/oidc", "id_tokens", "claims.events")),
    ("CA-01", Refused("kinds/oauth", "client_assertions", "claims.sub")),
    ("CA-02", Refused("kinds/oauth", "client_assertions", "claims.aud")),
    ("CA-03", Refused("kinds/oauth", "client_assertions", "claims.aud")),
    ("CA-04", Refused("kinds/oauth", "client_assertions", "claims.exp")),
    ("CA-05", Refused("kinds/oauth", "client_assertions", "claims.nbf")),
    ("CA-06", Refused("kinds/oauth", "client_assertions", "claims.jti")),
    (
        "CA-07",
        Refused("kinds/oauth", "clients_are_known_by_their_keys_or_a_secret", "crypto.signature"),
    ),
    ("CA-08", Refused("kinds/oauth", "client_assertions", "header.typ")),
    ("CA-09", Refused("kinds/oauth", "client_assertions", "claims.aud")),
    ("CA-10", Refused("kinds/oauth", "client_assertions", "claims.sub")),
    ("CA-11", NotApplicable(ANSWER)),
    ("JG-01", Refused("kinds/oauth", "jwt_bearer_grants", "claims.sub")),
    ("JG-02", Refused("kinds/oauth", "jwt_bearer_grants", "claims.aud")),
    ("JG-03", Refused("kinds/oauth", "jwt_bearer_grants", "claims.iss")),
    ("JG-04", NotApplicable(ANSWER)),
    ("JG-05", Refused("kinds/oauth", "jwt_bearer_grants", "state.replay")),
    ("JAG-01", Refused("kinds/oauth", "identity_assertion_grants", "header.typ")),
    ("JAG-02", Refused("kinds/oauth", "identity_assertion_grants", "claims.client_id")),
    ("JAG-03", Refused("kinds/oauth", "identity_assertion_grants", "claims.aud")),
    ("JAG-04", Refused("kinds/oauth", "identity_assertion_grants", "claims.client_id")),
    ("JAG-05", Refused("kinds/oauth", "identity_assertion_grants", "claims.exp")),
    ("JAG-06", Refused("kinds/oauth", "identity_assertion_grants", "claims.resource")),
    ("JAG-07", Accepted("kinds/oauth", "subjects_of_tenants_are_told_apart")),
    ("JAG-08", Refused("kinds/oauth", "identity_assertion_grants", "claims.cnf")),
    ("JAG-09", Refused("kinds/oauth", "identity_assertion_grants", "claims.aud")),
    ("JAG-11", Accepted("kinds/oauth", "identity_assertion_grants")),
    ("JAG-12", Refused("kinds/oauth", "identity_assertion_grants", "claims.resource")),
    ("JAR-01", Refused("kinds/oauth", "request_objects", "header.alg")),
    ("JAR-02", Refused("kinds/oauth", "request_objects", "claims.client_id")),
    ("JAR-03", Refused("kinds/oauth", "request_objects", "claims.client_id")),
    (
        "JAR-04",
        Refused("kinds/oauth", "the_key_of_a_request_object_is_its_clients", "crypto.signature"),
    ),
    (
        "JAR-05",
        NotApplicable("what stands beside the object in a query is not this crate's to read"),
    ),
    ("JAR-06", Refused("kinds/oauth", "request_objects", "claims.iss")),
    ("JAR-07", Refused("kinds/oauth", "request_objects", "header.typ")),
    ("JAR-08", Refused("kinds/oauth", "request_objects", "claims.sub")),
    ("JAR-09", NotApplicable("that a request comes without an object is the server's to see")),
    ("JAR-10", NotApplicable(ANSWER)),
    ("JAR-12", Refused("kinds/oauth", "request_objects", "request.parameters")),
    ("JM-01", Accepted("kinds/oauth", "authorization_responses")),
    ("JM-02", Refused("kinds/oauth", "authorization_responses", "claims.iss")),
    ("JM-03", Refused("kinds/oauth", "authorization_responses", "header.alg")),
    ("JM-04", Refused("kinds/oauth", "authorization_responses", "claims.exp")),
    ("JM-05", Refused("kinds/oauth", "authorization_responses", "time.lifetime")),
    ("JM-06", Refused("kinds/oauth", "authorization_responses", "claims.state")),
    ("IR-01", Refused("kinds/oauth", "introspection_responses", "header.typ")),
    ("IR-02", Refused("kinds/oauth", "introspection_responses", "time.age")),
    ("IR-03", Refused("kinds/oauth", "introspection_responses", "claims.token_introspection")),
    ("IR-04", Refused("kinds/oauth", "introspection_responses", "claims.sub")),
    ("IR-05", Refused("kinds/oauth", "introspection_responses", "claims.token_introspection")),
    ("IR-06", Refused("kinds/oauth", "introspection_responses", "header.typ")),
    ("DP-01", Answered("http/dpop", "exactly_one_proof")),
    ("DP-02", Refused("kinds/possession", "proofs_of_possession", "key.embedded")),
    ("DP-03", Refused("kinds/possession", "proofs_of_possession", "header.alg")),
    ("DP-04", Refused("kinds/possession", "proofs_of_possession", "crypto.signature")),
    ("DP-05", Refused("kinds/possession", "proofs_of_possession", "key.embedded")),
    ("DP-06", Refused("kinds/possession", "proofs_of_possession", "claims.htm")),
    ("DP-07", Refused("kinds/possession", "the_uri_of_a_request", "claims.htu")),
    ("DP-08", Refused("kinds/possession", "proofs_of_possession", "claims.nonce")),
    ("DP-09", Refused("kinds/possession", "proofs_of_possession", "time.age")),
    ("DP-10", Refused("kinds/possession", "proofs_of_possession", "claims.ath")),
    ("DP-11", Refused("kinds/possession", "proofs_of_possession", "cnf.proof_key")),
    ("DP-12", Refused("kinds/replay", "a_token_is_good_once", "state.replay")),
    ("DP-13", Refused("kinds/possession", "a_bound_token_comes_with_its_proof", "claims.cnf")),
    ("DP-14", Answered("http/dpop", "proofs_that_are_refused")),
    ("DP-15", Answered("http/dpop", "a_valid_proof_alone_grants_nothing")),
    ("DP-16", Accepted("kinds/oauth", "introspection_responses")),
    ("LO-01", Refused("kinds/oidc", "logout_tokens", "claims.sid")),
    ("LO-02", Refused("kinds/oidc", "logout_tokens", "claims.events")),
    ("LO-03", Refused("kinds/oidc", "logout_tokens", "claims.nonce")),
    ("LO-04", Refused("kinds/oidc", "logout_tokens", "header.alg")),
    ("LO-05", Refused("kinds/oidc", "logout_tokens", "header.typ")),
    ("LO-06", Refused("kinds/oidc", "logout_tokens", "claims.iat")),
    ("LO-08", Refused("kinds/oidc", "logout_tokens", "time.lifetime")),
    ("SE-01", Refused("kinds/set", "security_events", "claims.events")),
    ("SE-02", Refused("kinds/set", "security_events", "claims.aud")),
    ("SE-03", Refused("kinds/set", "shared_signals", "claims.exp")),
    ("SE-04", Refused("kinds/set", "security_events", "header.typ")),
    ("SE-05", Refused("kinds/set", "security_events", "claims.toe")),
    ("SE-06", Refused("kinds/set", "security_events", "claims.nonce")),
    ("SE-07", Refused("kinds/set", "shared_signals", "claims.sub_id")),
    ("SE-08", NotApplicable(ANSWER)),
    ("RA-01", Refused("profiles", "scopes_and_details", "claims.authorization_details")),
    ("RA-02", Answered("http/details", "a_type_alone")),
    ("RA-03", Accepted("profiles", "scopes_and_details")),
    ("MCP-02", Answered("http/layer", "the_metadata_is_for_everybody")),
    ("MCP-03", Answered("http/metadata", "it_says_what_the_validator_is_held_to")),
    ("MCP-04", Answered("http/layer", "a_request_that_is_denied_does_not_reach_the_service")),
    ("MCP-05", Answered("http/credentials", "never_the_query")),
    ("MCP-06", Refused("kinds/resources", "the_audience_is_this_server", "claims.aud")),
    ("MCP-07", Refused("kinds/resources", "the_audience_is_this_server", "claims.aud")),
    ("MCP-08", Refused("kinds/resources", "other_audiences_are_the_servers_to_say", "claims.aud")),
    ("MCP-09", Answered("http/layer", "the_service_sees_the_caller_and_not_the_token")),
    ("MCP-10", Answered("http/challenge", "requests_without_a_token_that_could_be_appraised")),
    ("MCP-13", Answered("http/scopes", "a_broader_scope_implies_a_narrower_one")),
    ("MCP-15", Refused("kinds/resources", "the_audience_is_this_server", "claims.aud")),
    ("MCP-16", Answered("http/layer", "the_metadata_is_for_everybody")),
    ("MCP-17", Answered("http/layer", "a_session_is_no_authentication")),
    ("MCP-18", NotApplicable("consent is the proxy's")),
];

const ANSWER: &str = "the verdict says rejected; what an authorization server or a receiver of events \
                      answers is its own";

/// The text of one test of a suite.
fn test(suite: &str, name: &str) -> String {
    let path = format!("{}/tests/{suite}.rs", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path).unwrap();
    let start = text
        .find(&format!("#[test]\nfn {name}("))
        .or_else(|| text.find(&format!("#[tokio::test]\nasync fn {name}(")))
        .unwrap_or_else(|| unreachable!("{suite}::{name}"));
    let end = text[start..].find("\n}\n").unwrap();
    text[start..start + end].to_owned()
}

/// Whether the text has a row with this id, alone or among others.
fn has_row(text: &str, id: &str) -> bool {
    text.match_indices(id).any(|(at, _)| {
        let before = text[..at].ends_with(['"', ' ']);
        let after = text[at + id.len()..].starts_with(['"', ' ', ':']);
        before && after
    })
}

#[test]
fn the_list_is_held_to_the_rows() {
    for (id, shown) in RULES {
        match shown {
            Refused(suite, name, code) => {
                let text = test(suite, name);
                let row = has_row(&text, id) && text.contains(&format!("\"{code}\""));
                let ways = ["refuses(", "refuses_given(", "expect_rejected("];
                let refuses = ways.iter().any(|way| text.contains(way));
                assert!(row && refuses, "{id}: no row in {suite}::{name} with {code}");
            }
            Reported(suite, name, fault) => {
                assert!(test(suite, name).contains(fault), "{id}: {suite}::{name} with {fault}");
            }
            Accepted(suite, name) | Answered(suite, name) => {
                let text = test(suite, name);
                assert!(has_row(&text, id), "{id}: no row in {suite}::{name}");
            }
            NotApplicable(reason) => assert!(!reason.is_empty()),
        }
    }
}

#[test]
fn no_rule_stands_twice() {
    let mut ids: Vec<_> = RULES.iter().map(|(id, _)| id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len());
}

/// Where the catalogue of rules is at hand, none of its `M` rules is missing from the list.
#[test]
fn the_list_is_complete() {
    let Ok(vectors) = std::env::var("JOSE_VECTORS") else {
        println!("skipped: set JOSE_VECTORS to the folder of test vectors beside the catalogue");
        return;
    };
    let catalogue = fs::read_to_string(Path::new(&vectors).join("../standards.md")).unwrap();
    let mut seen = 0;
    let mut section = "";
    for line in catalogue.lines() {
        if line.starts_with('#') {
            section = line.trim_start_matches('#').trim();
        }
        let covered = [
            "1.1 ", "1.2 ", "1.3 ", "1.4 ", "1.5 ", "1.6 ", "2.1 ", "2.2 ", "2.3 ", "2.4 ", "2.5 ",
            "2.6 ", "2.7 ", "2.8 ", "2.9 ", "2.10 ", "2.11 ", "2.20 ", "3. ",
        ];
        if !covered.iter().any(|number| section.starts_with(number)) {
            continue;
        }
        let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [id, .., level, _] = cells.as_slice() else {
            continue;
        };
        if id.contains('-') && level.starts_with('M') {
            assert!(RULES.iter().any(|(listed, _)| listed == id), "{id} is not in the list");
            seen += 1;
        }
    }
    assert!(seen > 130, "the catalogue was read: {seen} rules");
    println!("rules: {seen} of {seen} listed");
}
