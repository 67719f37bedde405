//! Questions about state that only a source can answer: rounds, late, missing, wrong and contradicting
//! answers, and sources that panic.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops where it cannot continue"
)]

mod support;

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use jwt_appraisal::state::{
    Answer, Ask, AskKind, LocalSource, Question, Remote, Says, StateSource,
};
use jwt_appraisal::{
    AccessTokenClaims, Appraisal, Begun, ConfigError, MemoryReplayGuard, Pending, Profile,
    RequestFacts, Validator, Verdict,
};
use support::{NOW, Scene, expect_accepted, expect_rejected, findings, now};
use time::OffsetDateTime;

/// What a source does when it is asked.
#[derive(Clone, Copy, Debug)]
enum Behaviour {
    Answers(Says, Says),
    Late(usize),
    Never,
    Nothing,
    Contradicts,
    Reversed,
    PanicsAtOnce,
    PanicsLater,
}

#[derive(Clone, Debug)]
struct Source {
    kinds: &'static [AskKind],
    behaviour: Behaviour,
    asked: Arc<Mutex<Vec<AskKind>>>,
}

const BOTH: &[AskKind] = &[AskKind::Revoked, AskKind::FirstUse];

impl Source {
    fn new(behaviour: Behaviour) -> Self {
        Self { kinds: BOTH, behaviour, asked: Arc::default() }
    }

    fn asked(&self) -> Vec<AskKind> {
        self.asked.lock().unwrap().clone()
    }
}

impl StateSource for Source {
    fn kinds(&self) -> &[AskKind] {
        self.kinds
    }

    fn ask(
        &self,
        questions: &[Question],
        _: OffsetDateTime,
    ) -> impl Future<Output = Vec<Answer>> + Send {
        let kinds = questions.iter().map(|question| question.ask().kind());
        self.asked.lock().unwrap().extend(kinds);
        let (behaviour, questions) = (self.behaviour, questions.to_vec());
        assert!(!matches!(behaviour, Behaviour::PanicsAtOnce), "the source panics");
        async move {
            let clear = || questions.iter().map(|question| question.answer(Says::Clear));
            match behaviour {
                Behaviour::Answers(revoked, first_use) => {
                    let says = |question: &Question| {
                        if question.ask().kind() == AskKind::Revoked { revoked } else { first_use }
                    };
                    questions.iter().map(|question| question.answer(says(question))).collect()
                }
                Behaviour::Late(polls) => {
                    let mut left = polls;
                    poll_fn(|_| {
                        left = left.saturating_sub(1);
                        if left == 0 { Poll::Ready(()) } else { Poll::Pending }
                    })
                    .await;
                    clear().collect()
                }
                Behaviour::Never => pending().await,
                Behaviour::Nothing => Vec::new(),
                Behaviour::Contradicts => {
                    let denied = questions.iter().map(|question| question.answer(Says::Denied));
                    clear().chain(denied).collect()
                }
                Behaviour::Reversed => clear().rev().chain(clear()).collect(),
                Behaviour::PanicsAtOnce | Behaviour::PanicsLater => panic!("the source panics"),
            }
        }
    }
}

fn remote(scene: &Scene, source: Source) -> Validator<AccessTokenClaims, Remote> {
    let builder = scene.builder_of(Profile::access_token().single_use());
    builder.state_source(source).build().unwrap()
}

/// Polls a future for so many times.
fn polled<T>(future: impl Future<Output = T>, times: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    (0..times).find_map(|_| match future.as_mut().poll(&mut cx) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    })
}

fn appraise(scene: &Scene, source: &Source) -> Appraisal<AccessTokenClaims> {
    let validator = remote(scene, source.clone());
    let token = scene.token().sign();
    let facts = RequestFacts::new();
    polled(validator.appraise_async_at(token, &facts, now()), 10).unwrap()
}

#[test]
fn accepts_a_token_that_every_source_clears() {
    let scene = Scene::new();
    for behaviour in
        [Behaviour::Answers(Says::Clear, Says::Clear), Behaviour::Late(4), Behaviour::Reversed]
    {
        let source = Source::new(behaviour);
        let appraisal = appraise(&scene, &source);
        expect_accepted("CLM-11", &format!("{behaviour:?}"), &appraisal);
        assert_eq!(source.asked(), BOTH, "reads first, remembers last");
        let last: Vec<_> = appraisal.checks().map(|check| check.id().to_string()).collect();
        assert!(last.ends_with(&["state.revoked".to_owned(), "state.replay".to_owned()]));
    }
}

#[test]
fn a_denied_question_rejects_and_remembers_nothing() {
    let scene = Scene::new();
    let revoked = Source::new(Behaviour::Answers(Says::Denied, Says::Clear));
    expect_rejected("SL", &["state.revoked"], "revoked", &appraise(&scene, &revoked));
    assert_eq!(revoked.asked(), [AskKind::Revoked], "the second round is never begun");
    let replayed = Source::new(Behaviour::Answers(Says::Clear, Says::Denied));
    expect_rejected("CLM-11", &["state.replay"], "replayed", &appraise(&scene, &replayed));
}

#[test]
fn an_unanswered_question_is_undetermined() {
    let scene = Scene::new();
    for behaviour in [
        Behaviour::Answers(Says::Unknown, Says::Clear),
        Behaviour::Nothing,
        Behaviour::Contradicts,
        Behaviour::PanicsAtOnce,
        Behaviour::PanicsLater,
    ] {
        let source = Source::new(behaviour);
        let appraisal = appraise(&scene, &source);
        assert_eq!(appraisal.verdict(), Verdict::Undetermined, "{behaviour:?}");
        assert_eq!(findings(&appraisal), ["state.revoked"], "{behaviour:?}");
        assert_eq!(source.asked(), [AskKind::Revoked], "{behaviour:?}");
    }
    let source = Source::new(Behaviour::Answers(Says::Clear, Says::Unknown));
    let appraisal = appraise(&scene, &source);
    assert_eq!(
        (appraisal.verdict(), findings(&appraisal)),
        (Verdict::Undetermined, vec!["state.replay".to_owned()])
    );
}

#[test]
fn a_source_that_never_answers_accepts_nothing() {
    let scene = Scene::new();
    let validator = remote(&scene, Source::new(Behaviour::Never));
    let (token, facts) = (scene.token().sign(), RequestFacts::new());
    assert!(polled(validator.appraise_async_at(token, &facts, now()), 100).is_none());
}

#[test]
fn a_token_that_is_rejected_anyway_is_asked_about_never() {
    let scene = Scene::new();
    let source = Source::new(Behaviour::Answers(Says::Clear, Says::Clear));
    let validator = remote(&scene, source.clone());
    let facts = RequestFacts::new().required_scopes(["nothing:has"]);
    for (token, facts) in [
        (scene.token().at(NOW - 3_600).sign(), RequestFacts::new()),
        (scene.token().without("jti").sign(), RequestFacts::new()),
        (scene.token().sign(), facts),
    ] {
        let appraisal = polled(validator.appraise_async_at(token, &facts, now()), 10).unwrap();
        assert_eq!(appraisal.verdict(), Verdict::Rejected);
    }
    assert!(source.asked().is_empty(), "a denied request consumes nothing");
}

fn pending_of(scene: &Scene) -> Box<Pending<AccessTokenClaims>> {
    let validator = remote(scene, Source::new(Behaviour::Nothing));
    match validator.begin_at(scene.token().sign(), &RequestFacts::new(), now()) {
        Begun::Pending(pending) => pending,
        Begun::Done(appraisal) => unreachable!("{appraisal}"),
    }
}

fn clear(pending: &Pending<AccessTokenClaims>) -> Vec<Answer> {
    pending.questions().iter().map(|question| question.answer(Says::Clear)).collect()
}

#[test]
fn answers_count_only_in_their_round_of_their_appraisal() {
    let scene = Scene::new();
    let (first, other) = (pending_of(&scene), pending_of(&scene));
    let of_other = clear(&other);
    let Begun::Done(appraisal) = first.resolve(&of_other) else { unreachable!() };
    assert_eq!(appraisal.verdict(), Verdict::Undetermined, "another appraisal");
    // The answers of the first round do not answer the second.
    let of_first_round = clear(&other);
    let Begun::Pending(second) = other.resolve(&of_first_round) else { unreachable!() };
    assert_eq!(second.questions()[0].ask().kind(), AskKind::FirstUse);
    let record = second.record_so_far();
    assert_eq!((record.verdict(), record.subject()), (Verdict::Undetermined, Some("user-1")));
    let Begun::Done(appraisal) = second.resolve(&of_first_round) else { unreachable!() };
    assert_eq!(findings(&appraisal), ["state.replay"]);
    let Begun::Pending(second) = pending_of(&scene).resolve(&[]) else { return };
    unreachable!("{second:?}");
}

#[test]
fn both_rounds_well_answered_accept() {
    let scene = Scene::new();
    let first = pending_of(&scene);
    let answers = clear(&first);
    let Begun::Pending(second) = first.resolve(&answers) else { unreachable!() };
    let answers = clear(&second);
    let Begun::Done(appraisal) = second.resolve(&answers) else { unreachable!() };
    expect_accepted("CLM-11", "both rounds", &appraisal);
}

/// A local guard is asked in the last resolve, when a remote source has cleared the token.
#[test]
fn a_local_guard_comes_after_a_remote_source() {
    let scene = Scene::new();
    let guard = Arc::new(MemoryReplayGuard::new(10));
    let build = |says| {
        let source =
            Source { kinds: &[AskKind::Revoked], ..Source::new(Behaviour::Answers(says, says)) };
        let builder = scene.builder_of(Profile::access_token().single_use());
        builder.replay_guard(guard.clone()).state_source(source).build().unwrap()
    };
    let token = scene.token().sign();
    let verdict = |says| {
        let facts = RequestFacts::new();
        polled(build(says).appraise_async_at(&token, &facts, now()), 10).unwrap()
    };
    expect_rejected("SL", &["state.revoked"], "revoked", &verdict(Says::Denied));
    expect_accepted("CLM-11", "the first use", &verdict(Says::Clear));
    expect_rejected("CLM-11", &["state.replay"], "the second use", &verdict(Says::Clear));
}

#[derive(Debug)]
struct List(AtomicUsize);

impl LocalSource for List {
    fn answer(&self, ask: &Ask, _: OffsetDateTime) -> Says {
        self.0.fetch_add(1, Ordering::Relaxed);
        let Ask::Revoked(token) = ask else { return Says::Unknown };
        if token.subject() == Some("user-2") { Says::Denied } else { Says::Clear }
    }
}

#[test]
fn a_local_list_answers_within_appraise() {
    let scene = Scene::new();
    let list = Arc::new(List(AtomicUsize::new(0)));
    let builder = scene.builder_of(Profile::access_token());
    let validator = builder.revocation_list(list.clone()).build().unwrap();
    expect_accepted("SL", "not listed", &validator.appraise_at(scene.token().sign(), now()));
    let listed = scene.token().claim("sub", "user-2").sign();
    expect_rejected("SL", &["state.revoked"], "listed", &validator.appraise_at(listed, now()));
    let _ = validator.appraise_at("a.b.c", now());
    assert_eq!(list.0.load(Ordering::Relaxed), 2, "never asked about a token that is rejected");
}

#[test]
fn a_question_has_one_source() {
    let scene = Scene::new();
    let source = || Source::new(Behaviour::Nothing);
    let builder = scene.builder_of(Profile::access_token().single_use());
    let guard = Arc::new(MemoryReplayGuard::new(10));
    let built = builder.replay_guard(guard).state_source(source()).build();
    assert_eq!(built.unwrap_err(), ConfigError::TwoSources);
    let builder = scene.builder_of(Profile::access_token().single_use());
    let reading = Source { kinds: &[AskKind::Revoked], ..source() };
    let built = builder.state_source(reading).build();
    assert_eq!(built.unwrap_err(), ConfigError::NoReplayGuard, "uses are remembered nowhere");
}
