//! One bad presentation for each rule, beside a good one.

use serde_json::{Value as Model, json};

use super::{Bounds, SdJwt, WIDE, digest, encoded, presented, processed, processed_within};
use crate::check::ReasonKind;

#[test]
fn an_sd_jwt_is_split_at_its_tildes() {
    for (token, issuer_jwt, disclosures, key_binding_jwt) in [
        ("a.b.c~", "a.b.c", &[][..], None),
        ("a.b.c~AA~", "a.b.c", &["AA"], None),
        ("a.b.c~AA~BBBB~", "a.b.c", &["AA", "BBBB"], None),
        ("a.b.c~d.e.f", "a.b.c", &[], Some("d.e.f")),
        ("a.b.c~AA~d.e.f", "a.b.c", &["AA"], Some("d.e.f")),
        // Other checks look at these parts.
        ("~", "", &[], None),
        ("~é..", "", &[], Some("é..")),
    ] {
        let split = SdJwt::split(token.as_bytes(), 2).unwrap();
        assert_eq!(split.issuer_jwt(), issuer_jwt, "{token}");
        assert_eq!(split.disclosures().collect::<Vec<_>>(), disclosures, "{token}");
        assert_eq!(split.key_binding_jwt(), key_binding_jwt, "{token}");
    }
}

#[test]
fn what_is_no_sd_jwt_is_refused_without_an_allocation() {
    let many = format!("a.b.c~{}", "AA~".repeat(5_000));
    for (token, kind) in [
        (&b""[..], ReasonKind::NotSdJwt),
        (b"a.b.c", ReasonKind::NotSdJwt),
        (b"a.b.c~\xff~", ReasonKind::Alphabet),
        (b"a.b.c~~", ReasonKind::Disclosure),
        (b"a.b.c~AA~~", ReasonKind::Disclosure),
        (b"a.b.c~~AA~", ReasonKind::Disclosure),
        (b"a.b.c~ AA~", ReasonKind::Alphabet),
        (b"a.b.c~AA==~", ReasonKind::Alphabet),
        (b"a.b.c~A.A~", ReasonKind::Alphabet),
        (b"a.b.c~AB~", ReasonKind::NotBase64url),
        (b"a.b.c~A~", ReasonKind::NotBase64url),
        (b"a.b.c~AA", ReasonKind::Unterminated),
        (b"a.b.c~d.e", ReasonKind::Unterminated),
        (b"a.b.c~d.e.f.g", ReasonKind::Unterminated),
        (b"a.b.c~AA~AA~AA~", ReasonKind::TooMany),
        (many.as_bytes(), ReasonKind::TooMany),
    ] {
        let info = allocation_counter::measure(|| {
            let refused = SdJwt::split(token, 2).unwrap_err();
            assert_eq!(refused.kind(), kind, "{}", token.escape_ascii());
        });
        assert_eq!(info.count_total, 0, "{}", token.escape_ascii());
    }
}

/// A presentation with the digests of all its disclosures in `_sd`.
fn in_members(disclosures: &[Model]) -> String {
    let disclosures: Vec<_> = disclosures.iter().map(encoded).collect();
    let digests: Vec<_> = disclosures.iter().map(|disclosure| digest(disclosure)).collect();
    let payload = json!({"iss": "a", "_sd": digests});
    presented(&payload, disclosures.iter().map(String::as_str))
}

/// A presentation with the digest of its disclosure in an array.
fn in_array(disclosure: &Model) -> String {
    let disclosure = encoded(disclosure);
    presented(&json!({"list": ["x", {"...": digest(&disclosure)}]}), [disclosure.as_str()])
}

#[track_caller]
fn expect_refused(token: &str, kind: ReasonKind) {
    let refused = processed(token).map_err(|reason| reason.kind());
    assert_eq!(refused, Err(kind), "{token}");
}

#[test]
fn a_disclosure_of_a_member_is_a_salt_a_name_and_a_value() {
    let good = processed(&in_members(&[json!(["s", "b", {"c": null}])]));
    assert_eq!(good, Ok(json!({"iss": "a", "b": {"c": null}})));
    assert_eq!(processed(&in_members(&[json!(["", "", 1])])), Ok(json!({"iss": "a", "": 1})));
    for bad in [
        json!([]),
        json!(["s"]),
        json!(["s", "b"]),
        json!(["s", "b", 1, 2]),
        json!([7, "b", 1]),
        json!([null, "b", 1]),
        json!(["s", 7, 1]),
        json!(["s", null, 1]),
        json!(["s", ["b"], 1]),
        json!({"s": "s", "b": "b", "c": "c"}),
        json!("sbc"),
        json!(null),
        json!(["s", "_sd", []]),
        json!(["s", "...", "x"]),
        json!(["s", "_sd_alg", "sha-256"]),
    ] {
        expect_refused(&in_members(&[bad]), ReasonKind::Disclosure);
    }
    expect_refused(&in_members(&[json!(["s", "iss", "b"])]), ReasonKind::DuplicateName);
    let twice = [json!(["s", "b", 1]), json!(["t", "b", 1])];
    expect_refused(&in_members(&twice), ReasonKind::DuplicateName);
    let reserved = json!(["s", "$serde_json::private::Number", "1"]);
    expect_refused(&in_members(&[reserved]), ReasonKind::ReservedName);
}

#[test]
fn a_disclosure_of_an_element_is_a_salt_and_a_value() {
    let good = processed(&in_array(&json!(["s", [1]])));
    assert_eq!(good, Ok(json!({"list": ["x", [1]]})));
    for bad in [json!(["s"]), json!(["s", "b", 1]), json!([7, 1]), json!({}), json!("s")] {
        expect_refused(&in_array(&bad), ReasonKind::Disclosure);
    }
    // An element that a disclosure brings along is no digest again.
    let again = in_array(&json!(["s", {"...": "d"}]));
    expect_refused(&again, ReasonKind::Malformed);
}

#[test]
fn a_disclosure_is_strict_json() {
    for (text, kind) in [
        (r#"["s","b",1"#, ReasonKind::NotJson),
        (r#"["s","b",1] x"#, ReasonKind::NotJson),
        (r#"["s","b",{"c":1,"c":2}]"#, ReasonKind::DuplicateName),
        (r#"["s","b",12345678901234567890123]"#, ReasonKind::NumberRange),
    ] {
        let disclosure = crate::base64url::encode(text.as_bytes());
        let token = presented(&json!({"_sd": [digest(&disclosure)]}), [disclosure.as_str()]);
        expect_refused(&token, kind);
    }
}

/// A presenter can add anything, so what the issuer did not sign is not even read.
#[test]
fn a_disclosure_that_the_issuer_did_not_sign_is_refused() {
    let signed = encoded(&json!(["s", "b", 1]));
    let payload = json!({"_sd": [digest(&signed)]});
    for other in [encoded(&json!(["s", "admin", true])), "AA".to_owned()] {
        let token = presented(&payload, [signed.as_str(), other.as_str()]);
        expect_refused(&token, ReasonKind::UnknownDisclosure);
    }
    // A disclosure of a part of a value whose disclosure was left out.
    let inner = encoded(&json!(["s", "c", 1]));
    let outer = encoded(&json!(["s", "b", {"_sd": [digest(&inner)]}]));
    let payload = json!({"_sd": [digest(&outer)]});
    let both = presented(&payload, [inner.as_str(), outer.as_str()]);
    assert_eq!(processed(&both), Ok(json!({"b": {"c": 1}})));
    expect_refused(&presented(&payload, [inner.as_str()]), ReasonKind::UnknownDisclosure);
    // The digest is over the characters, so another spelling has another digest.
    let spelled = crate::base64url::encode(br#"[ "s", "b", 1 ]"#);
    let token = presented(&json!({"_sd": [digest(&signed)]}), [spelled.as_str()]);
    expect_refused(&token, ReasonKind::UnknownDisclosure);
}

#[test]
fn a_digest_or_a_disclosure_that_occurs_twice_is_refused() {
    let one = encoded(&json!(["s", "b", 1]));
    let payload = json!({"_sd": [digest(&one)]});
    let twice = presented(&payload, [one.as_str(), one.as_str()]);
    expect_refused(&twice, ReasonKind::Disclosure);
    let inner = encoded(&json!(["s", "c", {"_sd": ["decoy"]}]));
    let element = encoded(&json!(["s", 1]));
    for payload in [
        json!({"_sd": ["decoy", "decoy"]}),
        json!({"_sd": ["decoy"], "x": {"_sd": ["decoy"]}}),
        json!({"_sd": ["decoy"], "x": [{"...": "decoy"}]}),
        json!({"x": [{"...": "decoy"}, {"...": "decoy"}]}),
        json!({"_sd": [digest(&one), digest(&one)]}),
        json!({"_sd": ["decoy", digest(&inner)]}),
        json!({"x": [{"...": digest(&element)}, {"...": digest(&element)}]}),
    ] {
        let known = [&one, &inner, &element].into_iter();
        let used = known.filter(|known| payload.to_string().contains(&digest(known)));
        expect_refused(&presented(&payload, used.map(String::as_str)), ReasonKind::DigestTwice);
    }
}

#[test]
fn digests_are_where_the_specification_has_them() {
    let decoys = json!({"_sd": ["d"], "x": [{"...": "e"}, {"_sd": []}], "y": {"_sd": ["f"]}});
    assert_eq!(processed(&presented(&decoys, [])), Ok(json!({"x": [{}], "y": {}})));
    for payload in [
        json!({"_sd": "d"}),
        json!({"_sd": [1]}),
        json!({"_sd": null}),
        json!({"_sd": {"d": "d"}}),
        json!({"_sd": [["d"]]}),
        json!({"x": {"_sd": "d"}}),
        json!({"...": "d"}),
        json!({"x": {"...": "d"}}),
        json!({"x": [{"...": "d", "y": 1}]}),
        json!({"x": [{"...": "d", "_sd": []}]}),
        json!({"x": [{"...": 1}]}),
        json!({"x": [{"...": ["d"]}]}),
        json!({"x": {"_sd_alg": "sha-256"}}),
        json!({"x": [{"_sd_alg": "sha-256"}]}),
    ] {
        expect_refused(&presented(&payload, []), ReasonKind::Malformed);
    }
}

#[test]
fn the_hash_function_is_a_permitted_one() {
    assert_eq!(processed(&presented(&json!({"_sd_alg": "sha-256"}), [])), Ok(json!({})));
    for (name, digest) in
        [("sha-384", crate::crypto::Digest::Sha384), ("sha-512", crate::crypto::Digest::Sha512)]
    {
        let disclosure = encoded(&json!(["s", "b", 1]));
        let digest = (super::PROVIDER.digest)(digest, disclosure.as_bytes()).unwrap();
        let payload = json!({"_sd_alg": name, "_sd": [crate::base64url::encode(&digest)]});
        assert_eq!(processed(&presented(&payload, [disclosure.as_str()])), Ok(json!({"b": 1})));
        // The digest of another function is no digest of the disclosure.
        let payload = json!({"_sd_alg": name, "_sd": [super::digest(&disclosure)]});
        let other = presented(&payload, [disclosure.as_str()]);
        expect_refused(&other, ReasonKind::UnknownDisclosure);
    }
    for name in ["", "SHA-256", "sha256", "sha-1", "md5", "sha-256-128", "sha-256-32", "none"] {
        expect_refused(&presented(&json!({"_sd_alg": name}), []), ReasonKind::NotPermitted);
    }
    for wrong in [json!(null), json!(1), json!(["sha-256"])] {
        expect_refused(&presented(&json!({"_sd_alg": wrong}), []), ReasonKind::WrongType);
    }
}

/// The bounds of a payload hold for what is disclosed as well.
#[test]
fn disclosed_values_count_against_the_bounds() {
    let deep = in_members(&[json!(["s", "b", [[1]]])]);
    let depth = |depth| processed_within(&deep, Bounds { depth, ..WIDE });
    assert!(depth(3).is_ok());
    assert_eq!(depth(2).unwrap_err().kind(), ReasonKind::TooDeep);
    let values = |values| processed_within(&deep, Bounds { values, ..WIDE });
    // The payload has 6 values with names, the disclosure 6, the member 3.
    assert!(values(15).is_ok());
    assert_eq!(values(14).unwrap_err().kind(), ReasonKind::TooMany);
    let two = in_members(&[json!(["s", "b", 1]), json!(["s", "c", 1])]);
    let members = |members| processed_within(&two, Bounds { members, ..WIDE });
    assert!(members(3).is_ok());
    assert_eq!(members(2).unwrap_err().kind(), ReasonKind::TooMany);
    // Disclosures inside of one another are as deep as their values.
    let mut disclosures = vec![encoded(&json!(["s", "b", {}]))];
    while disclosures.len() < 20 {
        let inner = disclosures.last().map(|inner| digest(inner));
        disclosures.push(encoded(&json!(["s", "b", {"_sd": [inner]}])));
    }
    let nested = |most: usize| {
        let disclosures = disclosures.iter().take(most);
        let outermost = disclosures.clone().next_back().map(|disclosure| digest(disclosure));
        presented(&json!({"_sd": [outermost]}), disclosures.map(String::as_str))
    };
    assert!(processed(&nested(15)).is_ok());
    expect_refused(&nested(16), ReasonKind::TooDeep);
}
