//! Validators of tokens and of proofs that ask remote sources.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use jwt_appraisal::state::{Answer, AskKind, Local, Question, Reach, Says, StateSource};
use jwt_appraisal::{AccessTokenClaims, Begun, Profile, SignatureAlgorithm, Validator, Verdict};
use time::OffsetDateTime;

use super::client::{Client, facts, proofs, tokens};
use super::support::{expect_accepted, findings, now, validator_builder};

/// Counts how often it was asked, and answers everything in the same way.
#[derive(Clone, Debug)]
struct Source {
    kinds: &'static [AskKind],
    says: Says,
    asked: Arc<Mutex<usize>>,
}

impl Source {
    fn new(kinds: &'static [AskKind], says: Says) -> Self {
        Self { kinds, says, asked: Arc::default() }
    }

    fn asked(&self) -> usize {
        *self.asked.lock().unwrap()
    }
}

impl StateSource for Source {
    fn kinds(&self) -> &[AskKind] {
        self.kinds
    }

    async fn ask(&self, questions: &[Question], _: OffsetDateTime) -> Vec<Answer> {
        *self.asked.lock().unwrap() += questions.len();
        questions.iter().map(|question| question.answer(self.says)).collect()
    }
}

fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!("the source answers at once"),
    }
}

/// The use of the proof and the use of the token are asked of the source of each, the proof first.
#[test]
fn asks_for_the_use_of_the_proof_before_the_use_of_the_token() {
    for (of_proof, of_token, verdict, asked) in [
        (Says::Clear, Says::Clear, Verdict::Accepted, (1, 1)),
        (Says::Denied, Says::Clear, Verdict::Rejected, (1, 0)),
        (Says::Unknown, Says::Clear, Verdict::Undetermined, (1, 0)),
        (Says::Clear, Says::Denied, Verdict::Rejected, (1, 1)),
        (Says::Clear, Says::Unknown, Verdict::Undetermined, (1, 1)),
    ] {
        let client = Client::new();
        let source = |says| Source::new(&[AskKind::FirstUse], says);
        let (of_proof, of_token) = (source(of_proof), source(of_token));
        let builder =
            validator_builder(Profile::dpop_proof()).algorithms([SignatureAlgorithm::Es256]);
        let proofs = builder.state_source(of_proof.clone()).build().unwrap();
        let builder = client.scene.builder_of(Profile::access_token().single_use());
        let validator = builder.state_source(of_token.clone()).dpop(proofs).build().unwrap();
        let token = client.token().sign();
        let proof = client.proof(&token).sign();
        let facts = facts(&proof);
        let appraisal = at_once(validator.appraise_async_at(&token, &facts, now()));
        assert_eq!(appraisal.verdict(), verdict, "{appraisal}");
        assert_eq!((of_proof.asked(), of_token.asked()), asked);
    }
}

/// What the validator of proofs asks is asked of its own source.
#[test]
fn each_answer_decides_the_row_that_asked() {
    let all: &'static [AskKind] = &[AskKind::Revoked, AskKind::FirstUse];
    let says = [Says::Clear, Says::Denied, Says::Unknown];
    for of_proof in says {
        for of_token in says {
            let client = Client::new();
            let source = |says| Source::new(all, says);
            let builder =
                validator_builder(Profile::dpop_proof()).algorithms([SignatureAlgorithm::Es256]);
            let proofs = builder.state_source(source(of_proof)).build().unwrap();
            let builder = client.scene.builder_of(Profile::access_token().single_use());
            let validator = builder.state_source(source(of_token)).dpop(proofs).build().unwrap();
            let token = client.token().sign();
            let proof = client.proof(&token).sign();
            let appraisal = at_once(validator.appraise_async_at(&token, &facts(&proof), now()));
            let expected: &[&str] = match (of_token, of_proof) {
                (Says::Clear, Says::Clear) => &[],
                (Says::Clear, _) => &["proof.state.revoked"],
                _ => &["state.revoked"],
            };
            assert_eq!(findings(&appraisal), expected, "{of_proof:?} {of_token:?}");
            assert_eq!(appraisal.is_accepted(), expected.is_empty());
        }
    }
}

/// A local guard may remember the proof although the remote question about the token's use stayed open, so
/// the client repeats the request with a fresh proof.
#[test]
fn accepts_a_fresh_proof_after_a_request_without_an_answer() {
    for is_dropped in [true, false] {
        let client = Client::new();
        let proofs = proofs();
        let validator = |says| {
            let builder = client.scene.builder_of(Profile::access_token().single_use());
            let builder = builder.state_source(Source::new(&[AskKind::FirstUse], says));
            builder.dpop(proofs.clone()).build().unwrap()
        };
        let token = client.token().sign();
        let proof = client.proof(&token).sign();
        let open = validator(Says::Unknown);
        if is_dropped {
            let begun = open.begin_at(&token, &facts(&proof), now());
            assert!(matches!(begun, Begun::Pending(_)));
        } else {
            let unanswered = at_once(open.appraise_async_at(&token, &facts(&proof), now()));
            assert_eq!(findings(&unanswered), ["state.replay"]);
            assert_eq!(unanswered.verdict(), Verdict::Undetermined);
        }
        let fresh = client.proof(&token).claim("jti", "p-2").sign();
        let validator = validator(Says::Clear);
        let again = at_once(validator.appraise_async_at(&token, &facts(&fresh), now()));
        expect_accepted("DP-12", "the same token with a fresh proof", &again);
    }
}

/// A validator is remote as soon as its proofs are.
#[test]
fn remote_proofs_make_a_validator_remote() {
    fn appraises_async<R: Reach>(_: &Validator<AccessTokenClaims, R>) -> &'static str {
        std::any::type_name::<R>()
    }
    let client = Client::new();
    let source = Source::new(&[AskKind::FirstUse], Says::Clear);
    let builder = validator_builder(Profile::dpop_proof()).algorithms([SignatureAlgorithm::Es256]);
    let proofs = builder.state_source(source).build().unwrap();
    let builder = client.scene.builder_of(Profile::access_token());
    let validator = builder.dpop(proofs).build().unwrap();
    assert!(appraises_async(&validator).ends_with("Remote"));
    assert!(appraises_async::<Local>(&tokens(&client)).ends_with("Local"));
}
