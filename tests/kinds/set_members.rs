//! A set accepts exactly what one of its members accepts, in whatever order they were given.

use jwt_appraisal::{
    JwkSet, Limits, Profile, SignatureAlgorithm, TrustedIssuer, Validator, ValidatorSet,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::support::{AUDIENCE, ISSUER, NOW, Scene, key_store, now, validator_builder};

const OTHER: &str = "https://other-as.example.com";

/// Two members share a type and differ in their issuer, and the third has a type of its own.
fn members(a: &Scene, b: &Scene, is_narrow: bool) -> [Validator<Value>; 3] {
    let mut limits = Limits::default();
    if is_narrow {
        limits.json_depth = 3;
        limits.header_bytes = 300;
        limits.token_bytes = 900;
    }
    let of = |scene: &Scene, name: &str, typ: &str, limits: Limits| {
        let set = JwkSet::from_json(scene.issuer.jwks()).unwrap();
        let keys = key_store([SignatureAlgorithm::Es256], set).unwrap();
        let builder = validator_builder(Profile::<Value>::new(typ));
        let builder = builder.issuer(TrustedIssuer::new(name, keys)).audience(AUDIENCE);
        builder.limits(limits).build().unwrap()
    };
    [
        of(a, ISSUER, "a+jwt", limits),
        of(b, OTHER, "a+jwt", Limits::default()),
        of(&Scene::new(), "https://third.example.com", "b+jwt", Limits::default()),
    ]
}

/// A token whose members decide where it is routed, near the limits of one of them.
#[derive(Clone, Debug)]
struct Draft {
    iss: &'static str,
    is_signed_by_b: bool,
    typ: &'static str,
    nesting: usize,
    padding: usize,
    has_two_issuers: bool,
    cut: Option<prop::sample::Index>,
}

impl Draft {
    fn sign(&self, a: &Scene, b: &Scene) -> String {
        let key = if self.is_signed_by_b { b.issuer.key() } else { a.issuer.key() };
        let nested = (0..self.nesting).fold(json!(1), |value, _| json!([value]));
        let again = if self.has_two_issuers { format!(r#","iss":"{OTHER}""#) } else { "".into() };
        let payload = format!(
            r#"{{"iss":"{}","aud":"{AUDIENCE}","exp":{},"iat":{NOW},"x":{nested},"pad":"{}"{again}}}"#,
            self.iss,
            NOW + 60,
            "p".repeat(self.padding)
        );
        let draft = a.issuer.token(self.typ).signed_by(key).raw_payload(payload.into_bytes());
        let mut token = draft.sign();
        if let Some(cut) = self.cut {
            token.truncate(cut.index(token.len()));
        }
        token
    }
}

fn drafts() -> impl Strategy<Value = Draft> {
    let issuers = [ISSUER, OTHER, "https://x.example.com", r"https:\/\/other-as.example.com"];
    let types = ["a+jwt", "application/a+jwt", "b+jwt", "A+JWT", "JWT"];
    (
        prop::sample::select(issuers.to_vec()),
        any::<bool>(),
        prop::sample::select(types.to_vec()),
        0_usize..6,
        0_usize..700,
        prop::bool::weighted(0.2),
        prop::option::weighted(0.1, any::<prop::sample::Index>()),
    )
        .prop_map(|(iss, is_signed_by_b, typ, nesting, padding, has_two_issuers, cut)| Draft {
            iss,
            is_signed_by_b,
            typ,
            nesting,
            padding,
            has_two_issuers,
            cut,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_set_accepts_exactly_what_its_member_accepts(
        is_narrow in any::<bool>(),
        order in Just([0_usize, 1, 2]).prop_shuffle(),
        draft in drafts(),
    ) {
        thread_local! {
            static SCENES: (Scene, Scene) = (Scene::new(), Scene::new());
        }
        SCENES.with(|(a, b)| {
            let members = members(a, b, is_narrow);
            let token = draft.sign(a, b);
            let accepts = |member: &Validator<_>| member.appraise_at(&token, now()).is_accepted();
            let expected = members.iter().position(accepts);
            let mut set = ValidatorSet::builder();
            for nth in order {
                set = set.member(members[nth].clone(), move |_: Value| nth);
            }
            let appraisal = set.build().unwrap().appraise_at(&token, now());
            let accepted_by = appraisal.accepted().map(|accepted| *accepted.claims());
            assert_eq!(accepted_by, expected, "{order:?} {token}\n{appraisal}");
        });
    }
}
