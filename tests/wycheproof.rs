//! Wycheproof's cases for JOSE, read in place, with every divergence and its reason.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops where it can not go on"
)]

mod in_place;

use in_place::{Policy, Recipient, Refusal, find, provider, read};
use jwt_appraisal::{
    ContentEncryptionAlgorithm, KeyManagementAlgorithm, SignatureAlgorithm, Verdict,
};
use serde_json::Value;

const ORIGIN: &str = "C2SP/wycheproof (its testvectors_v1, as the folder wycheproof)";

const FILES: [&str; 4] = ["signature", "encryption", "key", "crypto"];

/// Cases of a file whose result is not ours.
struct Divergence {
    file: &'static str,
    ids: &'static [u64],
    expected: &'static str,
    /// `accepted`, or what the refusal says.
    actual: &'static str,
    reason: &'static str,
}

/// One that no longer differs, or differs otherwise, fails.
const DIVERGENCES: &[Divergence] = &[
    Divergence {
        file: "signature",
        ids: &[259, 264, 268, 272, 320, 325],
        expected: "valid",
        actual: "form.compact Detached",
        reason: "an empty payload is a detached one (RFC 7515 appendix F), never a claims set \
                 (RFC 7519 section 7.2 step 10)",
    },
    Divergence {
        file: "signature",
        ids: &[346, 350],
        expected: "valid",
        actual: "header.alg NotPermitted",
        reason: "the suite adds `alg` PS256 to a key that has none in RFC 7520 section 3.3, and the \
                 token says PS384: a key is for one algorithm (RFC 7517 section 4.4, rfc8725bis \
                 section 3.1), as the suite's own WrongPrimitive cases demand",
    },
    Divergence {
        file: "signature",
        ids: &[347, 351],
        expected: "valid",
        actual: "UnsupportedByProvider ES512",
        reason: "the suite's key says ES521, which is no algorithm (RFC 7518 section 3.1); moreover \
                 ES512 is not in ring",
    },
    Divergence {
        file: "signature",
        ids: &[367, 370],
        expected: "invalid",
        actual: "accepted",
        reason: "the padding that these are about is not in the file: the token is that of case \
                 357, which is valid",
    },
    Divergence {
        file: "signature",
        ids: &[372, 373],
        expected: "valid",
        actual: "form.compact Alphabet",
        reason: "a `?` within a segment: no character outside of base64url is permitted (RFC 7515 \
                 sections 2 and 5.2, rfc8725bis section 3.14)",
    },
    Divergence {
        file: "key",
        ids: &[2],
        expected: "valid",
        actual: "NoAlgorithms",
        reason: "a set of secrets: a published set has public keys only, so no MAC can be permitted \
                 for one, and a shared secret is given on its own",
    },
    Divergence {
        file: "crypto",
        ids: &[48],
        expected: "valid",
        actual: "NoAlgorithms",
        reason: "a set of secrets, as case 2 of the keys",
    },
    Divergence {
        file: "encryption",
        ids: &[100, 101, 102, 103, 104, 105, 112, 128],
        expected: "valid",
        actual: RSA1_5,
        reason: "RSA1_5 has no name here (RFC 8725 section 3.2 tells to avoid it)",
    },
];

/// A key for RSA1_5 is bound to no algorithm.
const RSA1_5: &str = r#"alg NotPermitted { permitted: "RSA-OAEP" }"#;

/// What a refusal of an invalid case says, by a flag or by the comment of the case or of its group:
/// what the case is about, and not anything else.
const REASONS: &[(&str, &str)] = &[
    ("JsonSerialization", "Alphabet"),
    ("ModifiedPadding", "crypto.signature BadSignature"),
    ("ModifiedSignature", "crypto.signature BadSignature"),
    ("AlgIsNone", "header.alg NotPermitted"),
    ("rejectsNoneAlgorithmAndMissingSignature", "header.alg NotPermitted"),
    ("rejectsModifiedPayload", "crypto.signature BadSignature"),
    ("rejectsMissingSignature", "crypto.signature BadSignature"),
    ("rejectsSymmetryConfusionAttacks_aesKeyFromEcVerificationKeyBytes", "header.alg NotPermitted"),
    ("rejectsAttackerProvidedEmbeddedJwk", "crypto.signature BadSignature"),
    ("SpecialCaseEs256", "crypto.signature BadSignature"),
    ("ModifiedUnusedBitsInPayload", "form.base64url NotBase64url"),
    ("MacOfIncorrectlyEncodedMessage", "form.base64url NotBase64url"),
    ("jws_mixedSymmetryKeyset", "header.alg NotPermitted, k Symmetric"),
    ("jws_duplicate_kid", "NoAlgorithms"),
    ("rejectsKeyWithRocaVulnerability", "n Roca"),
    ("rejects1024bitRsaKey", "n ModulusBits { found: 1024 }"),
    ("rejectsPublicExponent1", "e Exponent"),
    ("key_too_short", "k ShortSecret"),
    ("empty_key", "k ShortSecret { found: 0,"),
    ("rejectWrongUse", "use Purpose"),
    ("rejectsWrongUse", "use Purpose"),
    ("rejectWrongKeyOps", "key_ops Purpose"),
    ("mismatchedAlgAndCurve", "alg NotPermitted"),
    ("rejectsAesKey", "alg NotPermitted"),
    ("invalid_use", "use Purpose"),
    ("invalid_point", "x NotOnCurve"),
    ("wrong_curve", "x Length { found: 32, expected: 48 }"),
    ("wrong_kty", "n Missing"),
    ("rejectsModifiedAuthenticationTag", "jwe.decrypt NotDecrypted"),
    ("rejectsModifiedAuthenticationTagAtEnd", "form.jwe NotBase64url"),
    ("rejectsModifiedCiphertext", "jwe.decrypt NotDecrypted"),
    ("rejectsModifiedIv", "jwe.decrypt NotDecrypted"),
    ("rejectsModifiedEncryptedKey", "jwe.decrypt NotDecrypted"),
    ("rejectsMissingCiphertext", "jwe.decrypt NotDecrypted"),
    ("rejectsInvalidCurvePoint", "jwe.decrypt NotDecrypted"),
    ("Pkcs5Padding", "jwe.decrypt NotDecrypted"),
    ("rejectsAuthenticationTagTooLong", "jwe.enc Parameter"),
    ("rejectsTruncatedAuthenticationTagBy1Byte", "jwe.enc Parameter"),
    ("rejectsTruncatedAuthenticationTagBy4Bytes", "jwe.enc Parameter"),
    ("rejectsTruncatedAuthenticationTagBy8Bytes", "jwe.enc Parameter"),
    ("rejectsGhashTooLong", "form.jwe NotBase64url"),
    ("rejectsTruncatedGhashBy1Byte", "jwe.enc Parameter"),
    ("tagTruncatedBy1", "jwe.enc Parameter"),
    ("rejectsMissingAuthenticationTag", "jwe.enc Parameter"),
    ("rejectsMissingIv", "jwe.enc Parameter"),
    ("rejectsMissingEncryptedKey", "jwe.alg EncryptedKey"),
    ("rejectsMissingCiphertextAndSeparator", "form.jwe JweSegments"),
    ("rejectsMissingHeader", "NotJson"),
    ("WrongCipher", "jwe.alg NotPermitted"),
    ("Pkcs15WithOaepKey", "jwe.alg NotPermitted"),
    ("ModifiedPkcs15Padding", RSA1_5),
];

#[test]
fn signature() {
    run("signature", 401);
}

#[test]
fn encryption() {
    run("encryption", 139);
}

#[test]
fn key() {
    run("key", 26);
}

#[test]
fn crypto() {
    run("crypto", 83);
}

/// The suite is wrong where it calls one token valid and invalid; no other invalid one is accepted.
#[test]
fn nothing_invalid_is_accepted() {
    let accepted = DIVERGENCES.iter().filter(|listed| listed.expected == "invalid");
    for listed in accepted {
        let Some(cases) = cases(listed.file) else {
            return;
        };
        for case in cases.iter().filter(|case| listed.ids.contains(&case.id)) {
            let same = |other: &Case| other.token == case.token && other.key == case.key;
            assert!(cases.iter().any(|other| other.valid && same(other)), "{}", case.id);
        }
    }
}

#[test]
fn every_reason_is_of_a_case() {
    let files: Option<Vec<_>> = FILES.iter().map(|file| cases(file)).collect();
    let Some(files) = files else {
        return;
    };
    for (about, _) in REASONS {
        let mut cases = files.iter().flatten().filter(|case| !case.valid);
        assert!(cases.any(|case| case.is_about(about)), "{about}");
    }
}

/// Runs each case and holds the outcome to the suite's result or to the list of divergences.
fn run(file: &str, count: usize) {
    let Some(cases) = cases(file) else {
        return;
    };
    let (mut found, mut wrong) = (Vec::new(), Vec::new());
    for case in &cases {
        match judge(file, case) {
            Ok(outcome) => found.push(outcome),
            Err(text) => wrong.push(text),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(cases.len(), count);
    let count_of = |wanted| found.iter().filter(|found| **found == wanted).count();
    let listed = DIVERGENCES.iter().filter(|listed| listed.file == file);
    let listed: usize = listed.map(|listed| listed.ids.len()).sum();
    assert_eq!(count_of(Found::Listed), listed, "each that is listed is a case");
    println!(
        "wycheproof {file}: {} of {count} cases ({} as the suite says, {listed} listed)",
        cases.len(),
        count_of(Found::Agreed),
    );
}

/// How a case came out, where that is in order.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Found {
    /// As the suite says.
    Agreed,
    /// As the list of divergences says.
    Listed,
}

fn judge(file: &str, case: &Case) -> Result<Found, String> {
    let refusal = refusal(case);
    let actual = refusal.as_deref().unwrap_or("accepted");
    let mut list = DIVERGENCES.iter().filter(|listed| listed.file == file);
    let judged = match list.find(|listed| listed.ids.contains(&case.id)) {
        Some(listed) if listed.expected == case.result() && listed.actual_here() == actual => {
            Ok(Found::Listed)
        }
        Some(listed) => Err(listed.reason),
        None if case.valid != (actual == "accepted") => Err("not listed"),
        None => check_reason(case, actual),
    };
    let (id, about, result) = (case.id, &case.about, case.result());
    judged.map_err(|what| format!("{file} {id} {about:?}: {result}, but {actual} ({what})"))
}

/// A case that is refused is refused for what it is about.
fn check_reason(case: &Case, actual: &str) -> Result<Found, &'static str> {
    let mut reasons = REASONS.iter().filter(|(about, _)| !case.valid && case.is_about(about));
    match reasons.find(|(_, reason)| !actual.contains(reason)) {
        Some((_, reason)) => Err(reason),
        None => Ok(Found::Agreed),
    }
}

impl Divergence {
    /// A provider that has the algorithm comes to look at the key.
    fn actual_here(&self) -> &'static str {
        match (self.actual, provider().name()) {
            ("UnsupportedByProvider ES512", "aws-lc-rs") => {
                r#"key.found UnusableKey, alg NotPermitted { permitted: "ES512" }"#
            }
            (actual, _) => actual,
        }
    }
}

/// One case, with the key of its group.
struct Case {
    id: u64,
    valid: bool,
    encrypted: bool,
    /// Its flags, its comment, and its group's.
    about: Vec<String>,
    token: String,
    key: Value,
}

fn cases(file: &str) -> Option<Vec<Case>> {
    let document = read(&find(&format!("wycheproof/json_web_{file}_test.json"), ORIGIN)?);
    let groups = document["testGroups"].as_array().unwrap();
    let cases = groups.iter().flat_map(|group| {
        group["tests"].as_array().unwrap().iter().map(|case| Case::read(case, group))
    });
    Some(cases.collect())
}

impl Case {
    fn read(case: &Value, group: &Value) -> Self {
        let flags = case["flags"].as_array().unwrap().iter();
        let about = flags.chain([&case["comment"], &group["comment"]]);
        let token = case.get("jws").unwrap_or(&case["jwe"]);
        let encrypted = case.get("jwe").is_some();
        let key = if encrypted { "private" } else { "public" };
        Self {
            id: case["tcId"].as_u64().unwrap(),
            valid: match case["result"].as_str().unwrap() {
                "valid" => true,
                "invalid" => false,
                other => unreachable!("a result of another kind: {other}"),
            },
            encrypted,
            about: about.map(|text| text.as_str().unwrap().to_owned()).collect(),
            token: token.as_str().map_or_else(|| token.to_string(), str::to_owned),
            key: group.get(key).unwrap_or(&group["private"]).clone(),
        }
    }

    fn result(&self) -> &'static str {
        if self.valid { "valid" } else { "invalid" }
    }

    fn is_about(&self, what: &str) -> bool {
        self.about.iter().any(|about| about == what)
    }
}

/// Why the case's signature is refused, or why it is not opened, if so. No payload of the suite is a
/// claims set, so no token is accepted.
fn refusal(case: &Case) -> Option<Refusal> {
    if case.encrypted {
        return match recipient(&case.key) {
            Ok(recipient) => {
                assert_eq!(recipient.verdict(&case.token), Verdict::Rejected, "{}", case.token);
                recipient.refusal(&case.token)
            }
            Err(refusal) => Some(refusal),
        };
    }
    match policy(&case.key) {
        Ok(policy) => {
            assert_eq!(policy.verdict(&case.token), Verdict::Rejected, "{}", case.token);
            policy.refusal(&case.token)
        }
        Err(refusal) => Some(refusal),
    }
}

/// A recipient with this key, by its own algorithm; `dir`, where that is one of the content.
fn recipient(key: &Value) -> Result<Recipient, Refusal> {
    let named = key["alg"].as_str().unwrap();
    let algorithm = match named {
        _ if named.parse::<KeyManagementAlgorithm>().is_ok() => named,
        _ if named.parse::<ContentEncryptionAlgorithm>().is_ok() => "dir",
        _ => "RSA-OAEP",
    };
    Recipient::of_key(key, algorithm, None)
}

/// The policy of a careful user who was given these keys: one key by its one algorithm, several as
/// the set that they are.
fn policy(key: &Value) -> Result<Policy, Refusal> {
    match key.get("keys").map(|keys| keys.as_array().unwrap().as_slice()) {
        None => Policy::of_key(key, algorithm(key)),
        Some([only]) => Policy::of_key(only, algorithm(only)),
        Some(several) => {
            let algorithms = several.iter().filter_map(|key| algorithm(key).parse().ok());
            Policy::of_set(key, algorithms)
        }
    }
}

/// The key's own algorithm, or where it names none of ours what keys of its type usually sign by.
fn algorithm(key: &Value) -> &str {
    match key["alg"].as_str() {
        Some(alg) if alg.starts_with("HS") => alg,
        Some(alg) if alg.parse::<SignatureAlgorithm>().is_ok() => alg,
        _ => match (key["kty"].as_str(), key["crv"].as_str()) {
            (Some("RSA"), _) => "RS256",
            (Some("EC"), Some("P-521")) => "ES512",
            (Some("EC"), _) => "ES256",
            _ => "HS256",
        },
    }
}
