//! Disclosures: what has to hold for any payload that an issuer signs and any disclosures beside it.

use std::sync::LazyLock;

use jwt_appraisal::kind::KindBuilder;
use jwt_appraisal::testing::{TestDisclosure, TestIssuer};
use jwt_appraisal::{Outcome, Validator, Verdict, rules};
use serde_json::Value;

use crate::properties::{
    AUDIENCE, ISSUER, SIGNING, UNUSED, assert_sound, now, outcome, secret_key, with_secret,
};

/// The issuer and the holder agree on nothing, and still no claims type sees a digest.
///
/// The input is the members of the payload beside those of a good token, and the disclosures, a line each.
/// `#1` in a line stands for the digest of the first disclosure, and so on; one line can have the digests
/// of later lines only. What follows a `~` at the beginning of a line goes behind the token as it is.
pub fn sd_jwt(input: &[u8]) {
    static SIGNED: LazyLock<Validator<Value>> = LazyLock::new(|| validator(SIGNING));
    static FORGED: LazyLock<Validator<Value>> = LazyLock::new(|| validator(UNUSED));
    let token = presentation(&String::from_utf8_lossy(input));
    for validator in [&SIGNED, &FORGED] {
        let appraisal = validator.appraise_at(&token, now());
        assert_sound(&appraisal);
        let signed = outcome(&appraisal, "crypto.signature") == Outcome::Pass;
        let disclosed = outcome(&appraisal, "sd_jwt.disclosures") != Outcome::NotReached;
        assert!(signed || !disclosed, "{appraisal}");
        if let Ok(accepted) = appraisal.into_result() {
            assert!(!has_digests(accepted.claims()), "{token}");
            for edited in [token.replacen('~', "", 1), format!("{token}~"), format!("{token}AA~")] {
                let verdict = validator.appraise_at(edited, now()).verdict();
                assert_ne!(verdict, Verdict::Accepted, "{token}");
            }
        }
    }
}

fn validator(secret: &[u8]) -> Validator<Value> {
    let kind = KindBuilder::issued("fuzzed").typ("fuzzed+sd-jwt").with_disclosures();
    with_secret(secret, kind.rules(rules::COMMON).profile())
}

fn presentation(input: &str) -> String {
    let mut lines = input.lines();
    let members = lines.next().unwrap_or_default();
    let mut raw = String::new();
    let mut disclosures: Vec<(String, TestDisclosure)> = Vec::new();
    let lines: Vec<_> = lines.take(12).collect();
    for (index, line) in lines.iter().enumerate().rev() {
        if let Some(line) = line.strip_prefix('~') {
            raw.push_str(line);
        } else {
            let disclosure = TestDisclosure::raw(with_digests(line, &disclosures));
            disclosures.push((format!("#{}", index.saturating_add(1)), disclosure));
        }
    }
    let issuer = TestIssuer::new(ISSUER).with_key(secret_key());
    let good = issuer.token("fuzzed+sd-jwt").at(now().unix_timestamp()).claim("aud", AUDIENCE);
    let members = with_digests(members, &disclosures);
    let payload = good.claims_json().replacen('{', &format!("{{{members}"), 1);
    good.raw_payload(payload).present(disclosures.iter().map(|(_, shown)| shown)) + &raw
}

fn with_digests(line: &str, disclosures: &[(String, TestDisclosure)]) -> String {
    let known = disclosures.iter();
    known.fold(line.to_owned(), |line, (name, shown)| line.replace(name, &shown.digest()))
}

/// Whether something of SD-JWT is left.
fn has_digests(claims: &Value) -> bool {
    let reserved = |name: &String| ["_sd", "...", "_sd_alg"].contains(&name.as_str());
    match claims {
        Value::Object(members) => members.keys().any(reserved) || members.values().any(has_digests),
        Value::Array(elements) => elements.iter().any(has_digests),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
