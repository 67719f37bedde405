//! Names of the operator's configuration print exactly; text of a token does not.
#![expect(clippy::unwrap_used, reason = "a test stops where it cannot continue")]

use jwt_appraisal::{Audience, Issuer, KeyId, MediaType, UntrustedStr};

/// Two tenants of one identity provider, whose names differ after the 64th character only.
const TENANTS: [&str; 2] = [
    "https://login.microsoftonline.com/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/v2.0",
    "https://login.microsoftonline.com/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f1/v2.0",
];

#[test]
fn trusted_names_print_exactly() {
    for name in TENANTS {
        let printed = [
            Issuer::new(name).to_string(),
            Audience::new(name).to_string(),
            KeyId::new(name).to_string(),
            MediaType::new(name).to_string(),
        ];
        assert_eq!(printed, [name; 4]);
        let quoted = format!("\"{name}\"");
        assert_eq!(format!("{:?}", Issuer::new(name)), quoted);
        assert_eq!(format!("{:?}", MediaType::new(name)), quoted);
    }
    let aligned = format!("{:<6}|{:>4}", KeyId::new("k1"), Issuer::new("a"));
    assert_eq!(aligned, "k1    |   a");
}

#[test]
fn debug_escapes_names_and_keeps_them_whole() {
    let name = "a\"b\\c\nd\u{202e}é".repeat(20);
    let debug = format!("{:?}", KeyId::new(name.as_str()));
    let escaped = "a\\\"b\\\\c\\nd\\u{202e}\\u{e9}".repeat(20);
    assert_eq!(debug, format!("\"{escaped}\""));
}

#[test]
fn untrusted_text_is_escaped_and_cut() {
    let text = "a\n".repeat(60);
    let shown = UntrustedStr::new(&text).to_string();
    assert_eq!(shown, format!("{}… (120 bytes)", "a\\n".repeat(32)));
}

#[test]
fn names_convert_and_serialise() {
    let issuer: Issuer = TENANTS[0].parse().unwrap();
    assert_eq!(issuer.as_ref(), TENANTS[0]);
    assert_eq!(serde_json::to_value(&issuer).unwrap(), TENANTS[0]);
    let read: Issuer = serde_json::from_value(serde_json::to_value(&issuer).unwrap()).unwrap();
    assert_eq!(read, issuer);
    let typ: MediaType = "at+jwt".parse().unwrap();
    assert_eq!(serde_json::to_string(&typ).unwrap(), "\"at+jwt\"");
    assert_eq!(typ.as_ref(), "at+jwt");
}
