//! B. Who chooses the algorithm, and for which key.

use std::sync::Arc;

use jwt_appraisal::testing::{TestIssuer, TestKey, TestToken};
use jwt_appraisal::{
    Jwk, JwkSet, KeyError, KeyErrorKind, MacAlgorithm, Profile, SharedSecret,
    SignatureAlgorithm as Alg, danger,
};
use serde_json::{Value, json};

use super::support::{
    AUDIENCE, ISSUER, Scene, expect_accepted, expect_rejected, key_store, now, validator_builder,
};
use super::with_secret;
use super::{Public, Source, b64, der_of, draft, key_fault, left_out, octets, publishing, trusted};

/// What a forger makes of public octets: a token with a MAC.
fn maced(scene: &Scene, algorithm: MacAlgorithm, public: &[u8]) -> String {
    scene.token().signed_by(&TestKey::secret("k1", algorithm, public)).sign()
}

#[test]
fn lesson_015_cve_2015_9235_none_and_macs_are_no_signatures() {
    let rsa = Public::named("RSA-2048");
    let scene = publishing(&rsa.jwk, &[Alg::Rs256]);
    for none in ["none", "None", "NONE", "nOnE"] {
        assert!(none.parse::<Alg>().is_err() && none.parse::<MacAlgorithm>().is_err());
        let token = scene.token().unsecured().header("alg", none).sign();
        scene.refuses("015", "header.alg", none, token);
    }
    for mac in MacAlgorithm::ALL {
        assert!(mac.name().parse::<Alg>().is_err(), "{mac}");
        let token = maced(&scene, *mac, rsa.pem.spki.as_bytes());
        scene.refuses("015", "header.alg", mac.name(), token);
    }
}

#[test]
fn lesson_016_cve_2016_10555_every_form_of_the_public_key() {
    let rsa = Public::named("RSA-2048");
    let all: Vec<Alg> = Alg::ALL.iter().copied().filter(|alg| ring_has(*alg)).collect();
    let mut jwk = rsa.jwk.clone();
    jwk["alg"] = json!("RS256");
    let scene = publishing(&jwk, &all);
    let mut forms: Vec<Vec<u8>> = vec![octets(&jwk, "n"), jwk["n"].as_str().unwrap().into()];
    for pem in rsa.pems() {
        forms.extend([pem.into(), pem.trim_end().into(), pem.replace('\n', "").into_bytes()]);
        forms.extend([der_of(pem), pem.replace('\n', "\r\n").into_bytes()]);
    }
    for form in forms {
        let what = format!("{} octets of the public key", form.len());
        scene.refuses("016", "header.alg", &what, maced(&scene, MacAlgorithm::Hs256, &form));
    }
}

fn ring_has(algorithm: Alg) -> bool {
    jwt_appraisal::crypto::ring::PROVIDER.signature_algorithms().contains(&algorithm)
}

#[test]
fn lesson_023_cve_2024_54150_coordinates_are_no_secret() {
    let scene = Scene::new();
    let jwk = scene.issuer.key().jwk();
    let (x, y) = (octets(&jwk, "x"), octets(&jwk, "y"));
    let parity = 2 + (y[31] & 1);
    for (what, public) in [
        ("x", x.clone()),
        ("x and y", [x.clone(), y.clone()].concat()),
        ("the point", [vec![4], x.clone(), y].concat()),
        ("the compressed point", [vec![parity], x].concat()),
    ] {
        let token = maced(&scene, MacAlgorithm::Hs256, &public);
        scene.refuses("023", "header.alg", what, token.clone());
        let relabelled = TestKey::secret("k1", MacAlgorithm::Hs256, &public);
        let token = scene.token().signed_by(&relabelled).header("alg", "ES256").sign();
        scene.refuses("023", "crypto.signature", what, token);
    }
}

#[test]
fn lesson_024_cve_2023_48238_the_header_chooses_nothing() {
    for own in [Alg::Rs256, Alg::Es256, Alg::Es384, Alg::Ed25519] {
        let scene = Scene::signing_with(own);
        let names = Alg::ALL.iter().map(|alg| alg.name());
        let names = names.chain(MacAlgorithm::ALL.iter().map(|alg| alg.name()));
        for other in names.filter(|name| *name != own.name()) {
            let token = scene.token().header("alg", other).sign();
            scene.refuses("024", "header.alg", &format!("{other} for {own}"), token);
        }
        scene.accepts("024", own.name(), scene.token().sign());
    }
}

#[test]
fn lesson_026_cve_2024_37568_a_public_key_can_not_be_published_for_macs() {
    let rsa = Public::named("RSA-2048");
    for mac in ["HS256", "HS384", "HS512"] {
        let mut jwk = rsa.jwk.clone();
        jwk["alg"] = json!(mac);
        let fault = "is not among the permitted algorithms (RS256)";
        assert_eq!(left_out(&jwk, &[Alg::Rs256]), (Some("alg"), fault.to_owned()), "{mac}");
        let scene = publishing(&jwk, &[Alg::Rs256]);
        let token = maced(&scene, mac.parse().unwrap(), rsa.pem.certificate.as_bytes());
        scene.refuses("026", "header.alg", mac, token);
    }
}

#[test]
fn lesson_027_cve_2026_22817_a_key_without_alg_is_bound_when_loaded() {
    let rsa = TestKey::generate("k1", Alg::Rs256);
    let mut jwk = rsa.jwk();
    jwk.as_object_mut().unwrap().remove("alg");
    let issuer = TestIssuer::new(ISSUER).with_key(rsa.clone());
    let publish = |algorithms: &[Alg]| {
        let jwks = json!({ "keys": [jwk] }).to_string();
        Scene::publishing(issuer.clone(), &jwks, algorithms)
    };
    let one = publish(&[Alg::Rs256, Alg::Es256]);
    one.accepts("027", "the one that fits", one.token().sign());
    let pss = one.token().signed_by(&rsa.with_alg(Alg::Ps256)).sign();
    one.refuses("027", "header.alg", "the header says PS256", pss);
    let named = publish(&[Alg::Rs256, Alg::Es256]);
    let token = named.token().header("alg", "ES256").sign();
    named.refuses("027", "key.alg", "the header says ES256", token);
    let two = [Alg::Rs256, Alg::Ps256];
    let fault = "is missing, and several permitted algorithms (RS256, PS256) are for such keys; add it to the key";
    assert_eq!(left_out(&jwk, &two), (Some("alg"), fault.to_owned()));
    for key in [rsa.clone(), rsa.with_alg(Alg::Ps256)] {
        let scene = publish(&two);
        let token = scene.token().signed_by(&key).sign();
        scene.refuses("027", "key.found", "the header would have to choose", token);
    }
}

#[test]
fn lesson_028_cve_2026_23552_realms_that_share_keys_are_two_issuers() {
    let key = TestKey::generate("k1", Alg::Rs256);
    let realm = |name: &str| TestIssuer::new(format!("https://id.example/realms/{name}"));
    let [ours, theirs] = ["ours", "theirs"].map(|name| realm(name).with_key(key.clone()));
    let validator = validator_builder(Profile::access_token())
        .issuer(trusted(&ours))
        .audience(AUDIENCE)
        .build()
        .unwrap();
    let appraise = |draft: TestToken| validator.appraise_at(draft.sign(), now());
    expect_accepted("028", "our realm", &appraise(draft(&ours)));
    let foreign = appraise(draft(&theirs));
    expect_rejected("028", &["claims.iss"], "the same key, another realm", &foreign);
    let unsigned = appraise(draft(&ours).unsecured());
    expect_rejected("028", &["header.alg"], "the header chooses none", &unsigned);
}

#[test]
fn lesson_029_cve_2021_46743_a_kid_brings_its_own_algorithm() {
    let keys = [("rsa", Alg::Rs256), ("ec", Alg::Es256), ("ed", Alg::Ed25519)];
    let keys = keys.map(|(kid, alg)| TestKey::generate(kid, alg));
    let scene = Scene::of(TestIssuer::new(ISSUER).with_keys(keys.clone()));
    for signer in &keys {
        scene.accepts("029", signer.kid(), scene.token().signed_by(signer).sign());
        for named in keys.iter().filter(|key| key.kid() != signer.kid()) {
            let what = format!("{} named as {}", signer.kid(), named.kid());
            let token = scene.token().signed_by(signer).header("kid", named.kid()).sign();
            scene.refuses("029", "key.alg", &what, token);
            let token = scene.token().signed_by(signer).header("alg", named.alg_name()).sign();
            scene.refuses("029", "key.alg", &what, token);
        }
    }
}

#[test]
fn lesson_030_ghsa_jc38_x7x8_2xc8_no_header_outside_of_the_signature() {
    let scene = Scene::new();
    let bare = scene.token().without_header("alg").sign();
    scene.refuses("030", "header.alg", "a protected header without alg", bare.clone());
    let parts: Vec<&str> = bare.split('.').collect();
    for alg in ["ES256", "none", "HS256"] {
        let outside = json!({"alg": alg, "kid": "k1"});
        let flat = json!({"protected": parts[0], "header": outside, "payload": parts[1], "signature": parts[2]});
        scene.refuses("030", "form.compact", alg, flat.to_string());
        let signatures = json!([{"protected": parts[0], "header": outside, "signature": parts[2]}]);
        let general = json!({"payload": parts[1], "signatures": signatures});
        scene.refuses("030", "form.compact", alg, general.to_string());
    }
}

#[test]
fn lesson_031_cve_2022_23540_no_default_algorithm_and_no_foreign_key() {
    let scene = Scene::new();
    let keys = || JwkSet::from_json(scene.issuer.jwks()).unwrap();
    assert_eq!(key_store([], keys()).unwrap_err(), KeyError::NoAlgorithms);
    let [rsa, ec] = [("https://a.example", Alg::Rs256), ("https://b.example", Alg::Es256)]
        .map(|(name, alg)| TestIssuer::new(name).with_key(TestKey::generate("k1", alg)));
    let source = Source([&rsa, &ec].map(|issuer| Arc::new(trusted(issuer))).to_vec());
    let source: Arc<dyn jwt_appraisal::IssuerSource> = Arc::new(source);
    let builder = validator_builder(Profile::access_token()).issuer_source(source);
    let validator = builder.audience(AUDIENCE).build().unwrap();
    let appraise = |draft: TestToken| validator.appraise_at(draft.sign(), now());
    expect_accepted("031", "each by its key", &appraise(draft(&ec)));
    let retrieved = appraise(draft(&ec).claim("iss", rsa.issuer()));
    expect_rejected("031", &["key.alg"], "the other one's key", &retrieved);
    let unsigned = appraise(draft(&rsa).unsecured());
    expect_rejected("031", &["header.alg"], "nothing said of none", &unsigned);
    for (name, alg) in [
        ("RSA-2048", "ES256"),
        ("P-256", "RS256"),
        ("P-256", "ES384"),
        ("P-384", "ES256"),
        ("Ed25519", "ES256"),
        ("RSA-2048", "EdDSA"),
    ] {
        let mut jwk = Public::named(name).jwk;
        jwk["alg"] = json!(alg);
        let fault = (Some("alg"), KeyErrorKind::AlgorithmOfOtherKey.to_string());
        assert_eq!(left_out(&jwk, &[alg.parse().unwrap()]), fault, "{name} for {alg}");
    }
    let dsa = json!({"kty": "DSA", "y": "AQAB", "alg": "RS256"});
    assert_eq!(left_out(&dsa, &[Alg::Rs256]), (Some("kty"), KeyErrorKind::Unknown.to_string()));
}

#[test]
fn lesson_032_ghsa_9gxv_x7rp_r2hc_none_is_refused_by_every_validator() {
    let scene = Scene::new();
    let forms = [
        scene.token().unsecured(),
        scene.token().header("alg", "none"),
        scene.token().unsecured().header("kid", "k1"),
        scene.token().unsecured().without_header("typ").header("typ", "at+jwt"),
    ];
    let shared = with_secret(MacAlgorithm::Hs256, &[9; 32]);
    let untyped = scene.validator_of::<Value>(danger::untyped_profile());
    let source: Arc<dyn jwt_appraisal::IssuerSource> =
        Arc::new(Source(vec![Arc::new(trusted(&scene.issuer))]));
    let source = validator_builder(Profile::access_token()).issuer_source(source);
    let source = source.audience(AUDIENCE).build().unwrap();
    for form in forms {
        let token = form.sign();
        scene.refuses("032", "header.alg", "an issuer", &token);
        expect_rejected("032", &["header.alg"], "a secret", &shared.appraise_at(&token, now()));
        expect_rejected("032", &["header.alg"], "untyped", &untyped.appraise_at(&token, now()));
        expect_rejected("032", &["header.alg"], "a source", &source.appraise_at(&token, now()));
    }
    let mut jwk = scene.issuer.key().jwk();
    jwk["alg"] = json!("none");
    let fault = "is not among the permitted algorithms (ES256)";
    assert_eq!(left_out(&jwk, &[Alg::Es256]), (Some("alg"), fault.to_owned()), "a key for none");
}

#[test]
fn lesson_033_a_header_of_another_key_type_is_refused_in_peace() {
    let all = [Alg::Rs256, Alg::Es256, Alg::Es384, Alg::Ed25519];
    for own in all {
        let key = TestKey::generate("k1", own);
        let mut jwk = key.jwk();
        jwk.as_object_mut().unwrap().remove("alg");
        let jwks = json!({ "keys": [jwk] }).to_string();
        let issuer = TestIssuer::new(ISSUER).with_key(key);
        let scene = Scene::publishing(issuer, &jwks, &all);
        scene.accepts("033", own.name(), scene.token().sign());
        for other in all.iter().filter(|alg| **alg != own) {
            let what = format!("{other} for a key that is for {own}");
            let token = scene.token().header("alg", other.name()).sign();
            scene.refuses("033", "key.alg", &what, token);
            let nameless = scene.token().header("alg", other.name()).without_header("kid");
            scene.refuses("033", "key.found", &what, nameless.sign());
        }
    }
}

#[test]
fn lesson_034_key_types_are_not_interchangeable() {
    let scene = Scene::signing_with(Alg::Ed25519);
    let okp = scene.issuer.key().jwk();
    let token = maced(&scene, MacAlgorithm::Hs256, &octets(&okp, "x"));
    scene.refuses("034", "header.alg", "an Ed25519 key as a secret", token);
    let mut okp = okp;
    okp.as_object_mut().unwrap().remove("alg");
    let okp = Jwk::from_json(okp.to_string()).unwrap();
    let refused = SharedSecret::from_jwk(MacAlgorithm::Hs256, &okp);
    assert_eq!(key_fault(refused), (Some("kty"), KeyErrorKind::AlgorithmOfOtherKey.to_string()));
    for alg in [json!(null), json!("EdDSA"), json!("Ed25519"), json!("HS256")] {
        let mut oct = json!({"kty": "oct", "k": b64(&[7; 32]), "alg": alg, "kid": "k1"});
        if alg.is_null() {
            oct.as_object_mut().unwrap().remove("alg");
        }
        let all = [Alg::Ed25519, Alg::EdDsa];
        assert_eq!(left_out(&oct, &all), (Some("k"), KeyErrorKind::Symmetric.to_string()), "{oct}");
        let scene = publishing(&oct, &all);
        let token = maced(&scene, MacAlgorithm::Hs256, &[7; 32]);
        scene.refuses("034", "header.alg", "a secret from a published set", token);
    }
}
