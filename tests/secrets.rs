//! Shared secrets: several of one party, and of several parties beside those with key sets.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it cannot go on"
)]

mod support;

use std::sync::Arc;

use jwt_appraisal::crypto::{CryptoProvider, aws_lc_rs, ring};
use jwt_appraisal::testing::{TestIssuer, TestKey, TestToken};
use jwt_appraisal::{
    AccessTokenClaims, Appraisal, ConfigError, DecryptionKey, DecryptionKeys, IssuerSource, Jwk,
    JwkSet, KeyError, KeyErrorKind, MacAlgorithm as Mac, MemoryReplayGuard, Profile, SharedSecret,
    SignatureAlgorithm, TrustedIssuer, UntrustedStr, Validator, ValidatorSet,
};
use serde_json::{Value, json};
use support::{
    AUDIENCE, ISSUER, NOW, expect_accepted, expect_rejected, key_store, now, provider,
    validator_builder,
};

const OTHER: &str = "https://other.example";

/// A secret, and the key that signs with it.
fn secret(kid: Option<&str>, alg: Mac, byte: u8) -> (SharedSecret, TestKey) {
    let bytes = vec![byte; 64];
    let mut jwk = json!({"kty": "oct", "k": base64url(&bytes)});
    if let Some(kid) = kid {
        jwk["kid"] = json!(kid);
    }
    let jwk = Jwk::from_json(jwk.to_string()).unwrap();
    let key = TestKey::secret(kid.unwrap_or("none"), alg, &bytes);
    (SharedSecret::from_jwk(alg, &jwk).unwrap(), key)
}

fn base64url(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// An issuer with these secrets, and the keys that sign with them.
fn party<const N: usize>(
    name: &str,
    secrets: [(Option<&str>, Mac, u8); N],
) -> (TrustedIssuer, [TestKey; N]) {
    let (mut shared, secrets) =
        (Vec::new(), secrets.map(|(kid, alg, byte)| secret(kid, alg, byte)));
    let keys = secrets.map(|(secret, key)| {
        shared.push(secret);
        key
    });
    (TrustedIssuer::with_secrets(name, shared).unwrap(), keys)
}

fn validator(
    issuers: impl IntoIterator<Item = TrustedIssuer>,
) -> Result<Validator<AccessTokenClaims>, ConfigError> {
    validator_builder(Profile::access_token()).issuers(issuers).audience(AUDIENCE).build()
}

fn draft(key: &TestKey) -> TestToken {
    TestIssuer::new(ISSUER).with_key(key.clone()).access_token(AUDIENCE).at(NOW)
}

fn unnamed(key: &TestKey) -> TestToken {
    draft(key).without_header("kid")
}

fn appraise(
    validator: &Validator<AccessTokenClaims>,
    token: TestToken,
) -> Appraisal<AccessTokenClaims> {
    validator.appraise_at(token.sign(), now())
}

#[test]
fn while_a_secret_without_kid_is_replaced_both_verify() {
    let (issuer, [old, new]) = party(ISSUER, [(None, Mac::Hs256, 1), (None, Mac::Hs256, 2)]);
    let validator = validator([issuer]).unwrap();
    for key in [&old, &new] {
        expect_accepted("KEY-14", "no kid", &appraise(&validator, unnamed(key)));
        expect_accepted("KEY-14", "any kid", &appraise(&validator, draft(key)));
    }
    let third = TestKey::secret("none", Mac::Hs256, &[3; 64]);
    let forged = appraise(&validator, unnamed(&third));
    expect_rejected("KEY-14", &["crypto.signature"], "another secret", &forged);
    let line = "signature does not verify under the key without kid (HS256)";
    assert!(forged.to_string().contains(line), "{forged}");
    let (_, longer) = secret(None, Mac::Hs512, 1);
    let other = appraise(&validator, unnamed(&longer));
    expect_rejected("KEY-05", &["header.alg"], "another algorithm", &other);
}

#[test]
fn a_kid_names_a_secret() {
    let (issuer, [a, b]) = party(ISSUER, [(Some("a"), Mac::Hs256, 1), (Some("b"), Mac::Hs256, 2)]);
    let validator = validator([issuer]).unwrap();
    for key in [&a, &b] {
        let accepted = appraise(&validator, draft(key)).into_result().unwrap();
        assert_eq!(accepted.key_id().unwrap(), &key.kid());
        let unnamed = appraise(&validator, unnamed(key)).into_result().unwrap();
        assert_eq!(unnamed.key_id(), None, "it is not said which of them it was");
    }
    let swapped = appraise(&validator, draft(&a).header("kid", "b"));
    expect_rejected("KEY-14", &["crypto.signature"], "the other's kid", &swapped);
    let unknown = appraise(&validator, draft(&a).header("kid", "c"));
    expect_rejected("KEY-14", &["key.found"], "a kid that none has", &unknown);
}

#[test]
fn a_kid_that_no_secret_has_is_for_those_without_one() {
    let (issuer, [named, bare]) =
        party(ISSUER, [(Some("a"), Mac::Hs256, 1), (None, Mac::Hs256, 2)]);
    let validator = validator([issuer]).unwrap();
    expect_accepted("KEY-14", "its kid", &appraise(&validator, draft(&named)));
    expect_accepted("KEY-14", "any kid", &appraise(&validator, draft(&bare).header("kid", "x")));
    for key in [&named, &bare] {
        expect_accepted("KEY-14", "no kid", &appraise(&validator, unnamed(key)));
    }
    for (key, kid) in [(&named, "x"), (&bare, "a")] {
        let other = appraise(&validator, draft(key).header("kid", kid));
        expect_rejected("KEY-14", &["crypto.signature"], kid, &other);
    }
}

#[test]
fn secrets_of_several_algorithms() {
    let (issuer, [short, long]) =
        party(ISSUER, [(Some("a"), Mac::Hs256, 1), (Some("a"), Mac::Hs512, 2)]);
    let validator = validator([issuer]).unwrap();
    for key in [&short, &long] {
        expect_accepted("KEY-05", key.alg_name(), &appraise(&validator, draft(key)));
        expect_accepted("KEY-05", key.alg_name(), &appraise(&validator, unnamed(key)));
    }
    let (_, third) = secret(None, Mac::Hs384, 1);
    let other = appraise(&validator, draft(&third));
    expect_rejected("KEY-05", &["header.alg"], "not among them", &other);
    let forged = TestKey::secret("a", Mac::Hs256, &[2; 64]);
    let forged = appraise(&validator, draft(&forged));
    expect_rejected("KEY-05", &["crypto.signature"], "a secret for another algorithm", &forged);
}

#[test]
fn parties_with_secrets_and_parties_with_key_sets() {
    let (shared, [key]) = party(ISSUER, [(Some("k1"), Mac::Hs256, 1)]);
    let (second, [second_key]) = party("https://second.example", [(None, Mac::Hs256, 2)]);
    let public = TestIssuer::new(OTHER);
    let set = JwkSet::from_json(public.jwks()).unwrap();
    let keys = key_store([SignatureAlgorithm::Es256], set).unwrap();
    let validator = validator([shared, second, TrustedIssuer::new(OTHER, keys)]).unwrap();
    let named = |key: &TestKey, iss: &str| draft(key).claim("iss", iss);
    expect_accepted("KEY-14", "a secret", &appraise(&validator, draft(&key)));
    let token = named(&second_key, "https://second.example");
    expect_accepted("KEY-14", "another's secret", &appraise(&validator, token));
    expect_accepted("KEY-14", "a key set", &appraise(&validator, named(public.key(), OTHER)));
    for (what, token, codes) in [
        ("a secret for a key set", named(&key, OTHER), &["key.alg"]),
        ("a key for a secret", named(public.key(), ISSUER), &["key.alg"]),
        ("another's secret", named(&second_key, ISSUER).header("kid", "k1"), &["crypto.signature"]),
        ("without kid", named(&key, OTHER).without_header("kid"), &["key.found"]),
    ] {
        expect_rejected("CLM-10", codes, what, &appraise(&validator, token));
    }
}

#[test]
fn clients_with_secrets() {
    let (one, [one_key, next_key]) =
        party("client-1", [(None, Mac::Hs256, 1), (None, Mac::Hs256, 2)]);
    let (two, [two_key]) = party("client-2", [(None, Mac::Hs512, 3)]);
    let server = validator_builder(Profile::client_assertion().claims::<Value>())
        .clients([one, two])
        .audience(AUDIENCE)
        .replay_guard(Arc::new(MemoryReplayGuard::new(16)))
        .build()
        .unwrap();
    for (nth, (client, key, accepted)) in [
        ("client-1", &one_key, true),
        ("client-1", &next_key, true),
        ("client-2", &two_key, true),
        ("client-2", &one_key, false),
    ]
    .into_iter()
    .enumerate()
    {
        let client = TestIssuer::new(client).with_key(key.clone());
        let draft = client.token("client-authentication+jwt").at(NOW).claim("aud", AUDIENCE);
        let draft = draft.claim("sub", client.issuer()).claim("jti", nth.to_string());
        let appraisal = server.appraise_at(draft.without_header("kid").sign(), now());
        assert_eq!(appraisal.into_result().is_ok(), accepted, "{nth}");
    }
}

/// One party, of which the source says with which MACs it signs.
#[derive(Debug)]
struct Source(Arc<TrustedIssuer>, &'static [Mac]);

impl IssuerSource for Source {
    fn find(&self, issuer: UntrustedStr<'_>) -> Option<Arc<TrustedIssuer>> {
        (*self.0.issuer() == *issuer.expose_untrusted()).then(|| Arc::clone(&self.0))
    }

    fn mac_algorithms(&self) -> &[Mac] {
        self.1
    }
}

#[test]
fn a_source_says_which_macs_its_parties_have() {
    let (issuer, [old, new]) = party(ISSUER, [(None, Mac::Hs256, 1), (None, Mac::Hs256, 2)]);
    let issuer = Arc::new(issuer);
    let build = |macs, provider: &'static CryptoProvider| {
        let source: Arc<dyn IssuerSource> = Arc::new(Source(Arc::clone(&issuer), macs));
        let builder = Validator::builder_with(provider, Profile::access_token());
        builder.issuer_source(source).audience(AUDIENCE).build().unwrap()
    };
    let undeclared = appraise(&build(&[], provider()), draft(&old));
    expect_rejected("ALG-10", &["header.alg"], "a source of key sets", &undeclared);
    // One party can be shared by validators with different providers.
    for provider in [&ring::PROVIDER, &aws_lc_rs::PROVIDER] {
        let validator = build(&[Mac::Hs256], provider);
        for key in [&old, &new] {
            expect_accepted("KEY-14", provider.name(), &appraise(&validator, draft(key)));
        }
        let other = TestKey::secret("k", Mac::Hs256, &[9; 64]);
        let forged = appraise(&validator, draft(&other));
        expect_rejected("KEY-14", &["crypto.signature"], provider.name(), &forged);
    }
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let shared = |secrets: &[(Option<&str>, Mac, u8)]| {
        let secrets = secrets.iter().map(|(kid, alg, byte)| secret(*kid, *alg, *byte).0);
        TrustedIssuer::with_secrets(ISSUER, secrets)
    };
    assert_eq!(shared(&[]).unwrap_err(), KeyError::NoSecrets);
    let many: Vec<_> = (0..5).map(|byte| (None, Mac::Hs256, byte)).collect();
    let error = shared(&many).unwrap_err();
    assert!(matches!(error, KeyError::TooManySecrets { found: 5, most: 4, .. }), "{error}");
    assert_eq!(error.to_string(), "5 secrets are given for one party, but at most 4 are permitted");
    assert!(shared(many.get(1..).unwrap()).is_ok());
    let same = (Some("a"), Mac::Hs256, 1);
    assert!(shared(&[same; 4]).is_ok(), "a secret that is listed twice is one secret");
    for (what, secrets, member, kind) in [
        ("a kid for two", [same, (Some("a"), Mac::Hs256, 2)], "kid", KeyErrorKind::SharedKid),
        ("two algorithms", [same, (None, Mac::Hs512, 1)], "k", KeyErrorKind::SecondAlgorithm),
    ] {
        let KeyError::Key(invalid) = shared(&secrets).unwrap_err() else {
            unreachable!("{what}");
        };
        let found = (invalid.index(), invalid.member(), invalid.kind());
        assert_eq!(found, (Some(1), Some(member), &kind), "{what}");
    }

    let (one, _) = party(ISSUER, [(None, Mac::Hs256, 1), (None, Mac::Hs256, 2)]);
    let (two, _) = party(OTHER, [(Some("x"), Mac::Hs256, 2)]);
    let error = validator([one.clone(), two.clone()]).unwrap_err();
    let ConfigError::SecretOfTwoIssuers { issuer, other, .. } = &error else {
        unreachable!("{error}");
    };
    assert_eq!((other.as_str(), issuer.as_str()), (ISSUER, OTHER));
    let text = format!(
        "the issuers {ISSUER:?} and {OTHER:?} have the same secret, so each could sign in the other's name; give each its own"
    );
    assert_eq!(error.to_string(), text);
    let [one, two] = [one, two].map(|issuer| validator([issuer]).unwrap());
    let set = ValidatorSet::builder().member(one, |claims| claims);
    let set = set.member(two, |claims| claims).build().map(|_| ());
    let shared = ConfigError::SetSharesKeys;
    assert_eq!(set, Err(shared));
}

#[test]
fn a_secret_is_not_for_decryption_too() {
    let provider = &aws_lc_rs::PROVIDER;
    let build = |byte: u8| {
        let keys = DecryptionKeys::new(
            [DecryptionKey::from_secret(&[byte; 64]).unwrap()],
            [jwt_appraisal::KeyManagementAlgorithm::Dir],
            [jwt_appraisal::ContentEncryptionAlgorithm::A256CbcHs512],
        );
        let (issuer, _) = party(ISSUER, [(None, Mac::Hs256, 1), (None, Mac::Hs256, 2)]);
        let (other, _) = party(OTHER, [(None, Mac::Hs256, 3)]);
        let builder = Validator::builder_with(provider, Profile::access_token());
        let builder = builder.issuers([issuer, other]).audience(AUDIENCE).encrypted_to(keys);
        builder.build().err()
    };
    for byte in [1, 2, 3] {
        assert_eq!(build(byte), Some(ConfigError::SecretForTwo), "{byte}");
    }
    assert_eq!(build(4), None);
}

#[test]
fn no_secret_prints() {
    let (issuer, _) = party(ISSUER, [(None, Mac::Hs256, 65), (Some("b"), Mac::Hs512, 66)]);
    let text = format!("{issuer:?}");
    assert!(text.contains("SharedSecrets([HS256, HS512])"), "{text}");
    assert!(!text.contains("AAAA") && !text.contains("65, 65"), "{text}");
    let validator = validator([issuer]).unwrap();
    assert!(format!("{validator:?}").contains("SharedSecrets([HS256, HS512])"));
}
