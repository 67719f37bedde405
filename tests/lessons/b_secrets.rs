//! B. Public keys in the place of a secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jwt_appraisal::testing::TestKey;
use jwt_appraisal::{Jwk, KeyErrorKind, MacAlgorithm, SharedSecret, SignatureAlgorithm as Alg};
use serde_json::{Value, json};

use super::support::Scene;
use super::{Public, b64, key_fault, octets, publishing};

/// This text is refused as a secret, whatever the algorithm that it is long enough for.
#[track_caller]
fn is_public(what: &str, text: impl AsRef<[u8]>) {
    let text = text.as_ref();
    assert!(text.len() >= MacAlgorithm::Hs256.min_secret_bytes(), "{what}");
    for mac in MacAlgorithm::ALL.iter().filter(|mac| mac.min_secret_bytes() <= text.len()) {
        let refused = SharedSecret::new(*mac, text);
        assert_eq!(
            key_fault(refused),
            (Some("k"), KeyErrorKind::PublicSecret.to_string()),
            "{what} for {mac}"
        );
    }
}

/// A public key in the format of OpenSSH.
fn ssh(kind: &str, fields: &[&[u8]]) -> String {
    let mut blob = Vec::new();
    for field in [kind.as_bytes()].iter().chain(fields) {
        blob.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
        blob.extend(*field);
    }
    format!("{kind} {} admin@host", STANDARD.encode(blob))
}

#[test]
fn lesson_017_cve_2022_29217_pem_and_openssh_texts_are_no_secrets() {
    for key in Public::all() {
        for pem in key.pems() {
            is_public(&key.name, pem);
        }
    }
    let ed = Public::named("Ed25519");
    let rsa = Public::named("RSA-2048");
    let texts = [
        ssh("ssh-ed25519", &[&octets(&ed.jwk, "x")]),
        ssh("ssh-rsa", &[&octets(&rsa.jwk, "e"), &octets(&rsa.jwk, "n")]),
        ssh("ssh-dss", &[&[1; 128], &[2; 20]]),
    ];
    for text in texts {
        is_public(&text, &text);
        let scene = publishing(&ed.jwk, &[Alg::Ed25519]);
        let forger = TestKey::secret("k1", MacAlgorithm::Hs256, text.as_bytes());
        let token = scene.token().signed_by(&forger).sign();
        scene.refuses("017", "header.alg", &text, token);
    }
}

#[test]
fn lesson_018_cve_2026_48526_the_text_of_a_jwk_is_no_secret() {
    for key in Public::all() {
        let mut jwk = key.jwk.clone();
        jwk["kid"] = json!("k1");
        for text in [jwk.to_string(), format!("{jwk:#}"), format!("\r\n\t {jwk}\n")] {
            is_public(&key.name, text);
        }
        for prefix in ["\u{feff}", "\0", "// key\n", "["] {
            is_public(prefix, format!("{prefix}{jwk}"));
        }
        let reordered = format!(r#"{{"use":"sig", "kty" : {}, "x5c":[]}}"#, jwk["kty"]);
        is_public(&key.name, format!("{reordered:<80}"));
    }
}

#[test]
fn lesson_019_cve_2023_48223_the_label_of_a_pem_does_not_matter() {
    let body = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo";
    for label in [
        "PUBLIC KEY",
        "RSA PUBLIC KEY",
        "EC PUBLIC KEY",
        "DSA PUBLIC KEY",
        "CERTIFICATE",
        "X509 CERTIFICATE",
        "TRUSTED CERTIFICATE",
        "CERTIFICATE REQUEST",
        "PGP PUBLIC KEY BLOCK",
        "SOMETHING ELSE",
        "",
    ] {
        is_public(label, format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"));
    }
}

#[test]
fn lesson_020_cve_2026_34950_white_space_before_a_pem_does_not_matter() {
    let pem = Public::named("RSA-2048").pem.spki;
    for space in [" ", "\n", "\r\n", "\t", "\u{b}", "\u{c}", "\u{85}", "\u{a0}", "\u{2028}"] {
        is_public(&format!("{space:?}"), format!("{space}{pem}"));
        is_public(&format!("{space:?} often"), format!("{}{pem}", space.repeat(1_000)));
    }
}

#[test]
fn lesson_021_ghsa_ww5h_9m49_7xx4_text_before_a_pem_does_not_matter() {
    let pem = Public::named("RSA-2048").pem.spki;
    for prefix in [
        "x",
        "\u{feff}",
        "\u{200b}",
        "\0",
        "#",
        "-",
        "subject=CN = as.example.com\n",
        "Bag Attributes\n    friendlyName: k1\n",
        "data:application/x-pem-file,",
    ] {
        is_public(&format!("{prefix:?}"), format!("{prefix}{pem}"));
    }
    is_public("octets that are not UTF-8", [&[0xff, 0xfe], pem.as_bytes()].concat());
    is_public("quoted", json!(pem).to_string());
}

#[test]
fn lesson_022_ghsa_g3jj_5cmm_3hxx_a_jwk_inside_of_a_secret() {
    let read = |k: &str| {
        let oct = json!({"kty": "oct", "k": b64(k.as_bytes())});
        SharedSecret::from_jwk(MacAlgorithm::Hs256, &Jwk::from_json(oct.to_string()).unwrap())
    };
    let scene = Scene::signing_with(Alg::Rs256);
    let set = scene.issuer.jwks();
    let jwk = scene.issuer.key().jwk();
    for text in [set, jwk.to_string(), format!("\n{jwk:#}")] {
        assert_eq!(
            key_fault(read(&text)),
            (Some("k"), KeyErrorKind::PublicSecret.to_string()),
            "{text}"
        );
        let forger = TestKey::secret("k1", MacAlgorithm::Hs256, text.as_bytes());
        let token = scene.token().signed_by(&forger).sign();
        scene.refuses("022", "header.alg", "the published text as a secret", token);
    }
    for key in Public::all() {
        let Ok(public) = Jwk::from_json(key.jwk.to_string()) else {
            unreachable!("{}", key.name);
        };
        let refused = SharedSecret::from_jwk(MacAlgorithm::Hs256, &public);
        let fault = (Some("kty"), KeyErrorKind::AlgorithmOfOtherKey.to_string());
        assert_eq!(key_fault(refused), fault, "{}", key.name);
    }
}

#[test]
fn lesson_025_cve_2024_33663_openssh_texts_of_ecdsa_keys_are_no_secrets() {
    let p256: Value = Public::named("P-256").jwk;
    let point = [vec![4], octets(&p256, "x"), octets(&p256, "y")].concat();
    for kind in [
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "ecdsa-sha2-nistp256-cert-v01@openssh.com",
        "ssh-ed25519-cert-v01@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
        "sk-ssh-ed25519@openssh.com",
    ] {
        let text = ssh(kind, &[b"nistp256", &point]);
        for text in [text.clone(), format!("\n{text}"), format!("{text}\n")] {
            is_public(kind, text);
        }
        for prefix in ["\u{feff}", "# key\n", "no-pty "] {
            is_public(prefix, format!("{prefix}{text}"));
        }
    }
}

/// Not only the texts of the advisories: each encoding of each kind of public key.
#[test]
fn public_keys_are_no_secrets_however_they_are_written() {
    let der = |prefix: &[u8], rest: usize| [prefix, &vec![0xa5; rest]].concat();
    let keys = [
        ("P-256 SPKI", der(b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", 78)),
        ("P-384 SPKI", der(b"\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", 107)),
        ("RSA SPKI", der(b"\x30\x81\x9f\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 146)),
        ("Ed25519 SPKI", der(b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 32)),
        ("PKCS#1", der(b"\x30\x82\x01\x0a\x02\x82\x01\x01\x00", 261)),
    ];
    for (what, key) in keys {
        let base64 = STANDARD.encode(&key);
        is_public(what, &key);
        is_public(what, &base64);
        is_public(what, format!(" \n{base64}\n"));
        let (line, rest) = base64.split_at(40);
        is_public(what, format!("{line}\n{rest}"));
        is_public(what, b64(&key));
        is_public(what, base64.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    }
    let x = b64(&[7; 32]);
    is_public("an escaped name", format!(r#"{{"\u006bty":"OKP","crv":"Ed25519","x":"{x}"}}"#));
    let text = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
    is_public("UTF-16", text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>());
    for random in [[0x30; 64], [0x02; 64], [0; 64]] {
        assert!(SharedSecret::new(MacAlgorithm::Hs256, &random).is_ok());
    }
}
