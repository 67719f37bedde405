//! I. What a refusal tells the sender.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jwt_appraisal::MacAlgorithm;
use jwt_appraisal::testing::{TestIssuer, TestKey};

use super::support::{AUDIENCE, ISSUER, NOW, expect_accepted, expect_rejected, now};
use super::{b64, with_secret};

/// Time is not measured: no test on a shared machine can tell a few nanoseconds. What is held is
/// that a tag is compared as a whole, in one place, by the provider's comparison, and that nothing
/// but the time could tell two wrong tags apart.
#[test]
fn lesson_080_cve_2024_25189_every_wrong_tag_is_refused_alike() {
    for mac in MacAlgorithm::ALL {
        let validator = with_secret(*mac, &[8; 64]);
        let key = TestKey::secret("k1", *mac, &[8; 64]);
        let draft = TestIssuer::new(ISSUER).access_token(AUDIENCE).at(NOW).signed_by(&key);
        let good = draft.sign();
        expect_accepted("080", mac.name(), &validator.appraise_at(&good, now()));
        let tag = key.sign(good.rsplit_once('.').unwrap().0.as_bytes());
        let mut wrong: Vec<Vec<u8>> = (0..tag.len())
            .map(|at| {
                let mut tag = tag.clone();
                tag[at] ^= 0x80;
                tag
            })
            .collect();
        wrong.extend([tag.iter().map(|octet| !octet).collect(), vec![0; tag.len()]]);
        wrong.extend([tag[..tag.len() - 1].to_vec(), tag[..1].to_vec(), [&tag[..], &[0]].concat()]);
        let reports: Vec<String> = wrong
            .into_iter()
            .map(|tag| {
                let token = draft.clone().signature(tag).sign();
                let appraisal = validator.appraise_at(token, now());
                expect_rejected("080", &["crypto.signature"], mac.name(), &appraisal);
                format!("{appraisal}\n{appraisal:?}")
            })
            .collect();
        assert!(reports.iter().all(|report| *report == reports[0]), "{}", reports[0]);
    }
    let verification = include_str!("../../src/crypto/hash.rs");
    assert!(verification.contains("hmac::verify(self, message, tag).is_ok()"));
    let ring = include_str!("../../src/crypto/ring/mod.rs");
    let aws_lc_rs = include_str!("../../src/crypto/aws_lc_rs/mod.rs");
    for provider in [verification, ring, aws_lc_rs] {
        assert!(!provider.contains("hmac::sign") && !provider.contains("tag =="));
    }
    // What this process made itself is verified by the same comparison.
    let own = include_str!("../../src/crypto/server_mac.rs");
    assert!(own.contains(".accepts(message.as_bytes(), tag)") && !own.contains("=="));
}

#[test]
fn lesson_081_cve_2019_7644_no_report_has_the_right_signature() {
    for mac in MacAlgorithm::ALL {
        let validator = with_secret(*mac, &[8; 64]);
        let key = TestKey::secret("k1", *mac, &[8; 64]);
        let forged = TestIssuer::new(ISSUER).access_token(AUDIENCE).at(NOW).signed_by(&key);
        let forged = forged.claim("sub", "admin").signature(vec![0; 32]).sign();
        let right = key.sign(forged.rsplit_once('.').unwrap().0.as_bytes());
        let appraisal = validator.appraise_at(&forged, now());
        expect_rejected("081", &["crypto.signature"], mac.name(), &appraisal);
        let json = serde_json::to_string(&appraisal).unwrap();
        let mut reports = vec![appraisal.to_string(), format!("{appraisal:#?}"), json];
        let refused = appraisal.into_result().unwrap_err();
        reports.extend([refused.to_string(), format!("{refused:?}"), format!("{validator:?}")]);
        let hex: String = right.iter().map(|octet| format!("{octet:02x}")).collect();
        let spelled = format!("{:?}", &right[..8]);
        let spelled = spelled.trim_matches(['[', ']']).to_owned();
        for report in reports {
            for text in [b64(&right), STANDARD.encode(&right), hex.clone(), spelled.clone()] {
                let start: String = text.chars().take(16).collect();
                assert!(!report.to_lowercase().contains(&start.to_lowercase()), "{report}");
            }
        }
    }
}
