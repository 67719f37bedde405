//! Tokens that are good for one use.

use std::sync::Arc;

use jwt_appraisal::testing::TestToken;
use jwt_appraisal::{
    ConfigError, MemoryReplayGuard, Profile, Replay, ReplayGuard, TokenId, Validator, Verdict,
    danger,
};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::kind::{Party, facts, guard, proof, proofs};
use super::support::{
    AUDIENCE, NOW, expect_accepted, expect_rejected, findings, now, validator_builder,
};

fn appraise(
    validator: &Validator<Value>,
    token: &TestToken,
    at: OffsetDateTime,
) -> jwt_appraisal::Appraisal<Value> {
    validator.appraise_with_at(token.sign(), &facts(), at)
}

#[test]
fn a_token_is_good_once() {
    let party = Party::new();
    for kind in ["client-assertion", "logout-token", "dpop-proof"] {
        let validator = party.validator(kind);
        let token = party.good(kind);
        expect_accepted("CLM-11", kind, &appraise(&validator, &token, now()));
        let again = appraise(&validator, &token, now());
        expect_rejected("CLM-11 DP-12", &["state.replay"], kind, &again);
        let resigned = token.clone().header("x", 1);
        let again = appraise(&validator, &resigned, now());
        expect_rejected("CLM-11", &["state.replay"], "the same jti, signed anew", &again);
        let another = token.claim("jti", "j-2");
        expect_accepted("CLM-11", "another jti", &appraise(&validator, &another, now()));
        assert_eq!(validator.checks().last().unwrap(), "state.replay", "last of all");
    }
}

#[test]
fn what_is_refused_uses_nothing_up() {
    let party = Party::new();
    let validator = party.validator("dpop-proof");
    let forged = proof(party.0.key()).signature([0; 64]);
    let other = proof(party.0.key()).claim("htm", "GET");
    for bad in [&forged, &other] {
        assert_eq!(appraise(&validator, bad, now()).verdict(), Verdict::Rejected);
    }
    let good = proof(party.0.key());
    expect_accepted("CLM-11", "the first use", &appraise(&validator, &good, now()));
    let strict = proofs(Profile::dpop_proof().claims::<Value>());
    let strict = strict.rule("order.total", |_, _| Err("never")).build().unwrap();
    for time in ["once", "again"] {
        let appraisal = appraise(&strict, &good, now());
        expect_rejected("CLM-11", &["order.total"], time, &appraisal);
    }
}

#[test]
fn kinds_parties_and_names_do_not_meet() {
    let (one, other) = (Party::new(), Party::new());
    let shared = guard();
    let of = |party: &Party, typ: &str| {
        let builder = validator_builder(Profile::<Value>::new(typ).single_use());
        let builder = builder.issuer(party.trusted()).audience(AUDIENCE);
        let guard: Arc<MemoryReplayGuard> = Arc::clone(&shared);
        builder.replay_guard(guard).build().unwrap()
    };
    let (a, b) = (of(&one, "a+jwt"), of(&one, "b+jwt"));
    let draft = |typ: &str| one.draft(typ).claim("jti", "j");
    expect_accepted("CLM-11", "a kind", &appraise(&a, &draft("a+jwt"), now()));
    expect_accepted("CLM-11", "another", &appraise(&b, &draft("b+jwt"), now()));
    let again = appraise(&a, &draft("a+jwt"), now());
    expect_rejected("CLM-11", &["state.replay"], "the first again", &again);
    let proofs = one.validator("dpop-proof");
    for party in [&one, &other] {
        let appraisal = appraise(&proofs, &proof(party.0.key()), now());
        expect_accepted("CLM-11", "each key has its own", &appraisal);
    }
}

#[derive(Debug)]
struct Unreachable;

impl ReplayGuard for Unreachable {
    fn first_use(&self, _: &TokenId, _: OffsetDateTime, _: OffsetDateTime) -> Replay {
        Replay::Unknown
    }
}

#[test]
fn a_guard_that_can_not_say_leaves_it_open() {
    let party = Party::new();
    let builder = party.issued(Profile::logout_token().claims());
    let validator = builder.replay_guard(Arc::new(Unreachable)).build().unwrap();
    let appraisal = appraise(&validator, &party.good("logout-token"), now());
    assert_eq!(appraisal.verdict(), Verdict::Undetermined, "{appraisal}");
    assert_eq!(findings(&appraisal), ["state.replay"]);
    assert!(appraisal.into_result().is_err(), "no claims");
}

#[test]
fn the_guard_is_asked_for() {
    let party = Party::new();
    let built = party.issued(Profile::logout_token().claims()).build();
    assert_eq!(built.unwrap_err(), ConfigError::NoReplayGuard);
    let built = party.by_client(Profile::client_assertion().claims()).build();
    assert_eq!(built.unwrap_err(), ConfigError::NoReplayGuard);
    let built = party.issued(Profile::access_token().claims()).replay_guard(guard()).build();
    assert_eq!(built.unwrap_err(), ConfigError::NeedlessReplayGuard);
    let unbounded = Profile::request_object_legacy().claims::<Value>().single_use();
    let built = party.by_client(unbounded).replay_guard(guard()).build();
    assert_eq!(built.unwrap_err(), ConfigError::SingleUseForEver);
    let waived = danger::without_replay_guard(Profile::logout_token().claims::<Value>());
    let built = party.issued(waived.clone()).replay_guard(guard()).build();
    let error = built.unwrap_err();
    assert!(matches!(error, ConfigError::Waived { setting: "replay_guard", .. }), "{error}");
    let validator = party.issued(waived).build().unwrap();
    assert_eq!(
        validator.waived().map(|check| check.as_str()).collect::<Vec<_>>(),
        ["state.replay"]
    );
    for time in ["once", "again"] {
        expect_accepted("-", time, &appraise(&validator, &party.good("logout-token"), now()));
    }
}

fn id(party: &Party, jti: &str) -> TokenId {
    #[derive(Debug, Default)]
    struct Recorder(std::sync::Mutex<Option<TokenId>>);
    impl ReplayGuard for Recorder {
        fn first_use(&self, id: &TokenId, _: OffsetDateTime, _: OffsetDateTime) -> Replay {
            *self.0.lock().unwrap() = Some(*id);
            Replay::FirstUse
        }
    }
    let recorder = Arc::new(Recorder::default());
    let builder = party.issued(Profile::logout_token().claims());
    let guard: Arc<Recorder> = Arc::clone(&recorder);
    let builder = builder.replay_guard(guard);
    let token = party.good("logout-token").claim("jti", jti);
    expect_accepted("-", jti, &appraise(&builder.build().unwrap(), &token, now()));
    let id = recorder.0.lock().unwrap().take();
    id.unwrap()
}

#[test]
fn the_guard_is_bounded_and_forgets_nothing_that_lives() {
    let party = Party::new();
    let ids: Vec<_> = (0..4).map(|nth| id(&party, &format!("j-{nth}"))).collect();
    assert_ne!(ids[0], ids[1]);
    let guard = MemoryReplayGuard::new(2);
    let at = |seconds| now() + Duration::seconds(seconds);
    let ask = |nth: usize, until, now| guard.first_use(&ids[nth], at(until), at(now));
    assert_eq!(ask(0, 10, 0), Replay::FirstUse);
    assert_eq!(ask(1, 20, 0), Replay::FirstUse);
    assert_eq!(ask(0, 10, 5), Replay::Replayed);
    assert_eq!(ask(2, 30, 10), Replay::Unknown, "full of tokens that live");
    assert_eq!(ask(2, 30, 11), Replay::FirstUse, "the first has expired");
    assert_eq!(ask(3, 30, 11), Replay::Unknown, "full again");
    assert_eq!(ask(1, 20, 11), Replay::Replayed);
    assert_eq!(ask(0, 10, 0), Replay::Unknown, "the clock was set back");
    assert_eq!(ask(2, 30, 11), Replay::Replayed);
}

/// What may have been forgotten is not taken for new, also where there is room.
#[test]
fn a_clock_that_is_set_back_brings_nothing_back() {
    let party = Party::new();
    let ids: Vec<_> = (0..4).map(|nth| id(&party, &format!("j-{nth}"))).collect();
    let guard = MemoryReplayGuard::new(2);
    let at = |seconds| now() + Duration::seconds(seconds);
    let ask = |nth: usize, until, now| guard.first_use(&ids[nth], at(until), at(now));
    assert_eq!([ask(0, 10, 0), ask(1, 20, 0)], [Replay::FirstUse; 2]);
    assert_eq!(ask(2, 40, 25), Replay::FirstUse, "both have expired");
    assert_eq!([ask(0, 10, 0), ask(1, 20, 0)], [Replay::Unknown; 2]);
    assert_eq!(ask(3, 21, 0), Replay::FirstUse, "later than anything that was forgotten");
}

#[test]
fn one_party_has_so_much_room_and_no_more() {
    let party = Party::new();
    let ids: Vec<_> = (0..4).map(|nth| id(&party, &format!("j-{nth}"))).collect();
    let guard = MemoryReplayGuard::new(100).most_per_party(2);
    let at = |seconds| now() + Duration::seconds(seconds);
    let ask = |nth: usize, until, now| guard.first_use(&ids[nth], at(until), at(now));
    assert_eq!([ask(0, 10, 0), ask(1, 20, 0)], [Replay::FirstUse; 2]);
    assert_eq!(ask(2, 30, 0), Replay::Unknown);
    assert_eq!(ask(2, 30, 11), Replay::FirstUse, "the first has expired");
    assert_eq!(ask(3, 30, 11), Replay::Unknown, "two again");
    assert_eq!(ask(3, 50, 31), Replay::FirstUse, "both have expired");
}

#[test]
fn an_id_is_a_hash() {
    let party = Party::new();
    let (one, other) = (id(&party, "j-1"), id(&party, "j-2"));
    assert_eq!(one.to_string().len(), 43);
    assert_ne!(one.to_string(), other.to_string());
    assert_ne!(one.as_bytes(), other.as_bytes());
    assert_eq!(one, id(&party, "j-1"), "the same token");
    assert!(!format!("{one:?} {:?}", guard()).contains("j-1"));
    let debug = format!("{:?}", guard());
    assert_eq!(debug, "MemoryReplayGuard { most: 100, most_per_party: 100, .. }");
    assert_eq!(one.party(), other.party(), "one issuer");
    assert_ne!(one.party(), one.as_bytes());
}

#[test]
fn a_token_is_remembered_as_long_as_it_is_accepted() {
    let party = Party::new();
    let guard = Arc::new(MemoryReplayGuard::new(1));
    let builder = party.issued(Profile::logout_token().claims());
    let validator = builder.replay_guard(guard).build().unwrap();
    let token = party.good("logout-token");
    expect_accepted("CLM-11", "once", &appraise(&validator, &token, now()));
    // It expires a minute after now, and the leeway is another.
    let last = now() + Duration::seconds(119);
    let again = appraise(&validator, &token, last);
    expect_rejected("CLM-11", &["state.replay"], "in its last second", &again);
    let newer = token.clone().claim("jti", "j-9").claim("iat", NOW + 119).claim("exp", NOW + 200);
    let open = appraise(&validator, &newer, last);
    assert_eq!(open.verdict(), Verdict::Undetermined, "{open}");
    let later = now() + Duration::seconds(121);
    expect_accepted("CLM-11", "the room is free", &appraise(&validator, &newer, later));
    let late = appraise(&validator, &token, later);
    expect_rejected("CLM-11", &["claims.exp"], "and the first has expired", &late);
}

/// A proof has no `exp`: it is remembered for as long as its age permits.
#[test]
fn a_proof_is_remembered_as_long_as_it_is_accepted() {
    let party = Party::new();
    let guard = Arc::new(MemoryReplayGuard::new(1));
    let algorithms = [jwt_appraisal::SignatureAlgorithm::Es256];
    let builder = validator_builder(Profile::dpop_proof().claims::<Value>()).algorithms(algorithms);
    let validator = builder.replay_guard(guard).build().unwrap();
    let token = proof(party.0.key());
    expect_accepted("DP-12", "once", &appraise(&validator, &token, now()));
    let last = now() + Duration::seconds(60);
    let again = appraise(&validator, &token, last);
    expect_rejected("DP-12", &["state.replay"], "in its last second", &again);
    let newer = token.claim("jti", "proof-2").claim("iat", NOW + 60);
    assert_eq!(appraise(&validator, &newer, last).verdict(), Verdict::Undetermined);
    let later = last + Duration::seconds(1);
    expect_accepted("DP-12", "the room is free", &appraise(&validator, &newer, later));
}

/// However a validator spells the type.
#[test]
fn one_kind_has_one_name() {
    let party = Party::new();
    let shared = guard();
    for (nth, typ) in ["receipt+jwt", "application/Receipt+JWT"].into_iter().enumerate() {
        let builder = validator_builder(Profile::<Value>::new(typ).single_use());
        let guard: Arc<MemoryReplayGuard> = Arc::clone(&shared);
        let builder = builder.issuer(party.trusted()).audience(AUDIENCE).replay_guard(guard);
        let validator = builder.build().unwrap();
        let appraisal = appraise(&validator, &party.good("custom"), now());
        if nth == 0 {
            expect_accepted("CLM-11", typ, &appraisal);
        } else {
            expect_rejected("CLM-11", &["state.replay"], typ, &appraisal);
        }
    }
}

#[test]
fn threads_do_not_both_come_first() {
    let party = Party::new();
    let validator = party.validator("dpop-proof");
    let token = proof(party.0.key()).sign();
    let accepted = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| validator.appraise_with_at(&token, &facts(), now())))
            .collect();
        let verdicts = threads.into_iter().map(|thread| thread.join().unwrap().verdict());
        verdicts.filter(|verdict| *verdict == Verdict::Accepted).count()
    });
    assert_eq!(accepted, 1);
}
