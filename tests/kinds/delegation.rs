//! Who acts for whom, and how far.

use jwt_appraisal::{ConfigError, Profile, RequestFacts, Validator};
use serde_json::{Value, json};

use super::kind::{Party, Rows};
use super::support::{ISSUER, expect_accepted, expect_rejected, now};

#[test]
fn chains_of_actors() {
    let rows = Rows::of("access-token", "AC-01");
    for act in [
        json!("agent"),
        json!([]),
        json!(null),
        json!({}),
        json!({ "sub": 1 }),
        json!({ "sub": "a", "exp": 1 }),
        json!({ "sub": "a", "act": null }),
    ] {
        rows.refuses("claims.act", &act.to_string(), &rows.with("act", act.clone()));
    }
    rows.rule("AC-03");
    for act in [
        json!({ "sub": "a", "act": { "sub": "a" } }),
        json!({ "sub": "a", "act": { "sub": "b", "act": { "sub": "a" } } }),
        json!({ "client_id": "a", "act": { "client_id": "b", "act": { "client_id": "a" } } }),
    ] {
        rows.refuses("claims.act", "a cycle", &rows.with("act", act));
    }
    let namesakes = json!({ "sub": "a", "act": { "sub": "a", "iss": "https://b.example" } });
    rows.accepts("namesakes of two issuers", &rows.with("act", namesakes));
    rows.rule("AC-04");
    rows.accepts("may_act", &rows.with("may_act", json!({ "sub": "agent" })));
    for may_act in [json!("agent"), json!(null), json!({}), json!({ "sub": [] })] {
        let token = rows.with("may_act", may_act.clone());
        rows.refuses("claims.may_act", &may_act.to_string(), &token);
    }
}

#[test]
fn actors_that_are_permitted() {
    let rows = Rows::of("access-token", "AC-02");
    let profile = Profile::access_token().claims::<Value>().actors(["agent-1"]);
    let validator = rows.party.issued(profile.clone()).build().unwrap();
    let appraise = |validator: &Validator<Value>, act: &Value| {
        validator.appraise_at(rows.with("act", act.clone()).sign(), now())
    };
    for act in [
        json!({ "sub": "agent-1" }),
        json!({ "sub": "agent-1", "iss": ISSUER }),
        json!({ "sub": "agent-1", "client_id": "anybody" }),
        json!({ "sub": "agent-1", "act": { "sub": "somebody" } }),
    ] {
        expect_accepted("AC-02", &act.to_string(), &appraise(&validator, &act));
    }
    for act in [
        json!({ "sub": "agent-3" }),
        // A client by the name of a subject is somebody else.
        json!({ "client_id": "agent-1" }),
        json!({ "sub": "agent-3", "client_id": "agent-1" }),
        json!({ "sub": "agent-1", "iss": "https://b.example" }),
        // Who acted before decides nothing.
        json!({ "sub": "agent-3", "act": { "sub": "agent-1" } }),
    ] {
        let appraisal = appraise(&validator, &act);
        expect_rejected("AC-02", &["actor.allowed"], &act.to_string(), &appraisal);
    }
    let both = rows.party.issued(profile.clone().actor_clients(["tool"])).build().unwrap();
    for act in [
        json!({ "sub": "agent-1" }),
        json!({ "client_id": "tool" }),
        json!({ "sub": "agent-1", "client_id": "tool" }),
    ] {
        expect_accepted("AC-02", &act.to_string(), &appraise(&both, &act));
    }
    for act in [
        json!({ "sub": "agent-1", "client_id": "other" }),
        json!({ "sub": "other", "client_id": "tool" }),
        json!({ "sub": "tool" }),
    ] {
        let appraisal = appraise(&both, &act);
        expect_rejected("AC-02", &["actor.allowed"], &act.to_string(), &appraisal);
    }
    let nobody = validator.appraise_at(rows.good().sign(), now());
    expect_accepted("AC-02", "nobody acts", &nobody);
    let demanding = rows.party.issued(profile.require("act")).build().unwrap();
    let nobody = demanding.appraise_at(rows.good().sign(), now());
    expect_rejected("AC-02", &["claims.act"], "somebody has to act", &nobody);
    for actors in [vec![], vec![""]] {
        let built = rows.party.issued(Profile::access_token().claims().actors(actors)).build();
        assert_eq!(built.unwrap_err(), ConfigError::Actors);
    }
    let proofs = super::kind::proofs(Profile::dpop_proof().claims::<Value>().actors(["a"])).build();
    expect_unused(proofs, "actors");
    let short = Profile::dpop_proof().claims::<Value>().max_lifetime(time::Duration::seconds(5));
    let built = super::kind::proofs(short).build();
    expect_unused(built, "max_lifetime");
    let alone =
        super::kind::proofs(Profile::dpop_proof().claims::<Value>().refuse_other_audiences());
    expect_unused(alone.build(), "refuse_other_audiences");
}

#[test]
fn delegation_is_told_from_impersonation() {
    let party = Party::new();
    let validator = super::support::validator_builder(Profile::access_token())
        .issuer(party.trusted())
        .audience(super::support::AUDIENCE)
        .build()
        .unwrap();
    let claims = |draft: jwt_appraisal::testing::TestToken| {
        let accepted = validator.appraise_at(draft.sign(), now()).into_result().unwrap();
        accepted.claims().clone()
    };
    let good = || party.good("access-token");
    let chain = json!({ "sub": "agent-2", "act": { "sub": "agent-1" } });
    let delegated = claims(good().claim("act", chain));
    assert!(delegated.is_delegated() && !delegated.is_client_itself());
    let actor = delegated.act.unwrap();
    assert_eq!(actor.sub(), Some("agent-2"), "AC-02: the current one decides");
    assert_eq!(actor.history().filter_map(|actor| actor.sub()).collect::<Vec<_>>(), ["agent-1"]);
    assert!(!claims(good()).is_delegated(), "AC-06");
    let client = claims(good().claim("sub", "client-1"));
    assert!(client.is_client_itself(), "AT-11");
}

#[test]
fn scopes_only_become_narrower() {
    let rows = Rows::of("access-token", "AC-05");
    let parent = || RequestFacts::new().parent_scopes(["read", "write"]);
    for scope in ["read", "write read", ""] {
        rows.accepts_given(&parent(), scope, &rows.with("scope", scope));
    }
    for scope in ["admin", "read admin", "Read", "read:all"] {
        rows.refuses_given(&parent(), "claims.scope", scope, &rows.with("scope", scope));
    }
    rows.accepts_given(&parent(), "no scope", &rows.good().without("scope"));
    let legacy = Rows::of("access-token-legacy", "AC-05");
    legacy.refuses_given(&parent(), "claims.scope", "by another name", &legacy.good());
    legacy.accepts_given(&parent(), "by its name", &legacy.with("scope", "read"));
    let none = RequestFacts::new().parent_scopes([]);
    rows.refuses_given(&none, "claims.scope", "of a parent without any", &rows.good());
}

#[test]
fn context_claims_equal_the_facts() {
    let rows = Rows::of("custom", "custom");
    let profile =
        Profile::<Value>::new("receipt+jwt").matches_fact("workflow_id").matches_fact("agent_type");
    let validator = rows.party.issued(profile).build().unwrap();
    let given = RequestFacts::new().fact("workflow_id", "wf-7").fact("agent_type", "planner");
    let good = || rows.with("workflow_id", "wf-7").claim("agent_type", "planner");
    let appraise = |draft: jwt_appraisal::testing::TestToken, expect: &RequestFacts<'_>| {
        validator.appraise_with_at(draft.sign(), expect, now())
    };
    expect_accepted("-", "both", &appraise(good(), &given));
    let code = &["request.workflow_id"];
    expect_rejected("-", code, "another", &appraise(good().claim("workflow_id", "wf-8"), &given));
    expect_rejected("-", code, "absent", &appraise(good().without("workflow_id"), &given));
    expect_rejected("-", code, "a number", &appraise(good().claim("workflow_id", 7), &given));
    let one = RequestFacts::new().fact("agent_type", "planner");
    expect_rejected("-", code, "not given", &appraise(good(), &one));
    let later = given.clone().fact("workflow_id", "wf-8");
    expect_rejected("-", code, "the later one counts", &appraise(good(), &later));
    for names in [vec![""], vec!["a", "a"]] {
        let profile =
            names.iter().fold(Profile::<Value>::new("x+jwt"), |p, name| p.matches_fact(*name));
        let error = rows.party.issued(profile).build().unwrap_err();
        assert!(
            matches!(&error, ConfigError::MatchingClaim { claim, .. } if claim == names[0]),
            "{error}"
        );
    }
}

/// Expects that a setting is refused because the kind has no check for it.
#[track_caller]
fn expect_unused<T>(built: Result<T, ConfigError>, name: &str) {
    let error = built.err().unwrap();
    assert!(matches!(error, ConfigError::Unused { setting, .. } if setting == name), "{error}");
}
