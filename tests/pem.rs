//! Public keys from PEM and DER: every form that is taken, and what is refused for its form.
//!
//! The keys were made by another implementation, see `tests/vectors/pem`.
#![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

#[path = "support/provider.rs"]
mod provider;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jwt_appraisal::testing::{Segment, tamper};
use jwt_appraisal::{
    Jwk, JwkSet, KeyError, KeyErrorKind, KeyStore, Profile, SignatureAlgorithm, TrustedIssuer,
};
use provider::{key_store, provider, validator_builder};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

/// One key of the vectors.
#[derive(Deserialize)]
struct Row {
    name: String,
    alg: String,
    jwk: Value,
    pem: Forms,
    token: Option<String>,
}

/// The key's forms in PEM; PKCS#1 is for RSA keys only.
#[derive(Deserialize)]
struct Forms {
    spki: String,
    pkcs1: Option<String>,
    certificate: String,
}

type FromDer = fn(&[u8]) -> Result<Jwk, KeyError>;

const SPKI: FromDer = |der| Jwk::from_spki_der(der);
const PKCS1: FromDer = |der| Jwk::from_pkcs1_der(der);
const CERTIFICATE: FromDer = |der| Jwk::from_certificate_der(der);

impl Row {
    fn all() -> Vec<Self> {
        serde_json::from_str(include_str!("vectors/pem/keys.json")).unwrap()
    }

    fn named(name: &str) -> Self {
        let row = Self::all().into_iter().find(|row| row.name == name);
        row.unwrap()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.alg.parse().unwrap()
    }

    /// Each form in PEM, with the function for the same in DER.
    fn forms(&self) -> Vec<(&str, FromDer)> {
        let pkcs1 = self.pem.pkcs1.as_deref().map(|pem| (pem, PKCS1));
        let others = [(&*self.pem.spki, SPKI), (&*self.pem.certificate, CERTIFICATE)];
        others.into_iter().chain(pkcs1).collect()
    }

    /// What the other implementation says that the key is.
    fn thumbprint(&self) -> String {
        let jwk = Jwk::from_json(self.jwk.to_string()).unwrap();
        jwk.thumbprint().to_string()
    }

    fn spki(&self) -> Vec<u8> {
        der_of(&self.pem.spki)
    }

    /// The octets of a member of the JWK.
    fn octets(&self, member: &str) -> Vec<u8> {
        let text = self.jwk.get(member).and_then(Value::as_str).unwrap();
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }
}

/// The base64 between the boundaries, on one line.
fn body_of(pem: &str) -> String {
    pem.lines().filter(|line| !line.contains('-')).collect()
}

fn der_of(pem: &str) -> Vec<u8> {
    STANDARD.decode(body_of(pem)).unwrap()
}

fn block(label: &str, body: &str) -> String {
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

/// A store of one key, and its fault if it was left out.
fn bound(jwk: Jwk, algorithm: SignatureAlgorithm) -> (KeyStore, Option<KeyErrorKind>) {
    let set = JwkSet::from_keys([jwk.with_kid("k1")]);
    let keys = key_store([algorithm], set).unwrap();
    let fault = keys.report().skipped().first().map(|key| key.kind().clone());
    (keys, fault)
}

#[track_caller]
fn refused(what: &str, read: Result<Jwk, KeyError>, text: &str) {
    let found = read.err().map(|error| error.to_string());
    assert_eq!(found.as_deref(), Some(text), "{what}");
}

#[test]
fn every_form_is_the_key_that_the_jwk_is() {
    for row in Row::all() {
        for (pem, from_der) in row.forms() {
            let jwk = Jwk::from_pem(pem).unwrap();
            assert_eq!(jwk.kid(), None, "{}", row.name);
            assert_eq!(jwk.thumbprint().to_string(), row.thumbprint(), "{pem}");
            let jwk = from_der(&der_of(pem)).unwrap();
            assert_eq!(jwk.thumbprint().to_string(), row.thumbprint(), "{pem}");
        }
    }
}

#[test]
fn white_space_around_and_line_ends_do_not_matter() {
    let row = Row::named("RSA-2048");
    let pem = &row.pem.spki;
    let body = body_of(pem);
    let wrapped = |width: usize| {
        let lines: Vec<_> = body.as_bytes().chunks(width).collect();
        let lines = String::from_utf8(lines.join(&b'\n')).unwrap();
        block("PUBLIC KEY", &lines)
    };
    let ends = [
        pem.trim_end().to_owned(),
        format!("\r\n \t{pem}\n\n"),
        pem.replace('\n', "\r\n"),
        pem.replace('\n', "\r"),
    ];
    for pem in (4..=body.len()).map(wrapped).chain(ends) {
        let jwk = Jwk::from_pem(&pem).unwrap();
        assert_eq!(jwk.thumbprint().to_string(), row.thumbprint(), "{pem}");
    }
}

#[test]
fn what_the_key_signed_verifies_where_the_key_can_be_used() {
    let unsupported =
        Some(format!("is not supported by the crypto provider {}", provider().name()));
    // P-521 and secp256k1 are what one provider has and the other has not.
    let on_ring = || unsupported.clone().filter(|_| provider().name() == "ring");
    let no_algorithm = |names: &str| {
        Some(format!("is missing, and no permitted algorithm ({names}) is for such keys"))
    };
    let rows = [
        ("RSA-2048", None),
        ("RSA-3072", None),
        ("RSA-1024", Some("has 1024 bits, but it must have from 2048 to 8192".to_owned())),
        ("P-256", None),
        ("P-384", None),
        ("P-521", on_ring()),
        ("secp256k1", on_ring()),
        ("Ed25519", None),
        ("Ed448", unsupported.clone()),
        ("X25519", no_algorithm("Ed25519")),
        ("X448", no_algorithm("Ed448")),
    ];
    assert_eq!(rows.len(), Row::all().len());
    for (name, fault) in rows {
        let row = Row::named(name);
        for (pem, _) in row.forms() {
            let (keys, found) = bound(Jwk::from_pem(pem).unwrap(), row.algorithm());
            assert_eq!(found.map(|kind| kind.to_string()), fault, "{name}");
            if fault.is_none() {
                verifies(&row, keys);
            }
        }
    }
}

#[track_caller]
fn verifies(row: &Row, keys: KeyStore) {
    let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
    let validator = validator_builder(Profile::<Value>::new("receipt+jwt"))
        .issuer(TrustedIssuer::new("https://as.example.com", keys))
        .audience("https://api.example.com")
        .build()
        .unwrap();
    let token = row.token.as_deref().unwrap();
    let good = validator.appraise_at(token, now);
    assert!(good.into_result().is_ok(), "{}", row.name);
    let forged = validator.appraise_at(tamper(token, Segment::Signature, 8), now);
    let failed: Vec<_> = forged.findings().map(|row| row.id().to_string()).collect();
    assert_eq!(failed, ["crypto.signature"], "{}", row.name);
}

#[test]
fn a_point_off_the_curve_is_left_out_where_it_is_bound() {
    for name in ["P-256", "P-384"] {
        let row = Row::named(name);
        let mut der = row.spki();
        *der.last_mut().unwrap() ^= 1;
        let (_, fault) = bound(Jwk::from_spki_der(der).unwrap(), row.algorithm());
        assert_eq!(fault, Some(KeyErrorKind::NotOnCurve), "{name}");
    }
}

#[test]
fn a_private_key_is_refused_as_such() {
    const REFUSED: &str =
        "the key is not public: a private key was given, expected its public half";
    // https://www.rfc-editor.org/rfc/rfc8410#section-10.3
    const BODY: &str = "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC";
    let public = Row::named("P-256").pem.spki;
    for kind in ["", "RSA ", "EC ", "DSA ", "ENCRYPTED ", "OPENSSH ", "SECRET "] {
        let private = block(&format!("{kind}PRIVATE KEY"), BODY);
        refused(kind, Jwk::from_pem(&private), REFUSED);
        refused(kind, Jwk::from_pem(private.clone() + &public), REFUSED);
        refused(kind, Jwk::from_pem(public.clone() + &private), REFUSED);
    }
    let headers = format!("Proc-Type: 4,ENCRYPTED\n\n{BODY}");
    let encrypted = block("RSA PRIVATE KEY", &headers);
    refused("encrypted", Jwk::from_pem(encrypted), REFUSED);
    let mislabelled = block("PUBLIC KEY", BODY);
    let text = "the key is not a SubjectPublicKeyInfo in DER";
    refused("mislabelled", Jwk::from_pem(mislabelled), text);
}

#[test]
fn what_is_not_one_block_of_a_known_label() {
    const NO_BEGIN: &str = "the key is not PEM: it has no \"-----BEGIN\" line";
    const BEGIN: &str = "the key is not PEM: its \"-----BEGIN\" line is malformed";
    const BEFORE: &str =
        "the key is not one PEM block alone: other text comes before \"-----BEGIN\"";
    const SEVERAL: &str = "the key is not one PEM block alone: it has several \"-----BEGIN\" lines";
    const END: &str =
        "the key is not PEM: it does not end with an \"-----END\" line of the same label";
    const LABEL: &str = "the key is not a PEM block of a known label: expected PUBLIC KEY, \
                         RSA PUBLIC KEY or CERTIFICATE, found another";
    const BASE64: &str =
        "the key is not PEM: what it holds is not base64 with padding, in lines of one length";
    let row = Row::named("Ed25519");
    let pem = row.pem.spki.as_str();
    let body = &body_of(pem);
    let unpadded = body.trim_end_matches('=');
    // The bits that no octet needs are zero, so the next character sets the last of them.
    let mut not_canonical = unpadded.to_owned();
    let last = not_canonical.pop().and_then(|last| u8::try_from(last).ok());
    not_canonical.push(char::from(last.unwrap() + 1));
    not_canonical.push('=');
    let labelled = |label| block(label, body);
    let holding = |body: &str| block("PUBLIC KEY", body);
    for (what, text, error) in [
        ("nothing", String::new(), NO_BEGIN),
        ("white space", " \n".into(), NO_BEGIN),
        ("base64 alone", body.clone(), NO_BEGIN),
        ("a JWK", row.jwk.to_string(), NO_BEGIN),
        ("SSH2", pem.replace("-----", "----"), NO_BEGIN),
        ("lower case", pem.to_lowercase(), NO_BEGIN),
        ("a mark before", format!("\u{feff}{pem}"), BEFORE),
        ("text before", format!("key:\n{pem}"), BEFORE),
        ("a hyphen before", format!("-{pem}"), BEFORE),
        ("text after", format!("{pem}end"), END),
        ("NUL after", format!("{pem}\0"), END),
        ("two blocks", pem.repeat(2), SEVERAL),
        ("a chain", row.pem.certificate.repeat(2), SEVERAL),
        ("a block in it", holding(pem), SEVERAL),
        ("no line after BEGIN", pem.replacen('\n', "", 1), BEGIN),
        ("two spaces", labelled("PUBLIC  KEY"), BEGIN),
        ("no END", pem.replace("END", "FIN"), END),
        ("another END", pem.replace("END PUBLIC", "END RSA PUBLIC"), END),
        ("BEGIN alone", "-----BEGIN PUBLIC KEY-----".into(), BEGIN),
        ("a request", labelled("CERTIFICATE REQUEST"), LABEL),
        ("an old label", labelled("X509 CERTIFICATE"), LABEL),
        ("EC", labelled("EC PUBLIC KEY"), LABEL),
        ("PKCS #7", labelled("PKCS7"), LABEL),
        ("a label in lower case", labelled("public key"), LABEL),
        ("no label", labelled(""), LABEL),
        ("an empty block", holding(""), BASE64),
        ("base64url", holding(&body.replacen('M', "_", 1)), BASE64),
        ("no padding", holding(unpadded), BASE64),
        ("not canonical", holding(&not_canonical), BASE64),
        ("headers", holding(&format!("Comment: key\n\n{body}")), BASE64),
        ("an empty line", holding(&format!("\n{body}")), BASE64),
        ("a space", holding(&body.replacen('A', " A", 1)), BASE64),
    ] {
        refused(what, Jwk::from_pem(text), error);
    }
    let not_utf8 = [pem.as_bytes(), &[0xff]].concat();
    refused("not UTF-8", Jwk::from_pem(not_utf8), END);
}

#[test]
fn a_label_of_another_form_than_what_is_in_it() {
    let row = Row::named("RSA-2048");
    let forms = row.forms();
    for (label, error) in [
        ("PUBLIC KEY", "the key is not a SubjectPublicKeyInfo in DER"),
        ("CERTIFICATE", "the key is not an X.509 certificate in DER"),
        ("RSA PUBLIC KEY", "the key is not an RSAPublicKey (PKCS#1) in DER with positive numbers"),
    ] {
        let boundary = format!("BEGIN {label}-----");
        let others = forms.iter().filter(|(pem, _)| !pem.starts_with(&format!("-----{boundary}")));
        let others: Vec<_> = others.collect();
        assert_eq!(others.len(), 2, "{label}");
        for (pem, _) in others {
            refused(label, Jwk::from_pem(block(label, &body_of(pem))), error);
        }
    }
}

/// A value in DER.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let length = match u8::try_from(value.len()).unwrap_or(0xff) {
        short @ 0..=0x7f => vec![short],
        _ => [&[0x82], &u16::try_from(value.len()).unwrap().to_be_bytes()[..]].concat(),
    };
    [&[tag], length.as_slice(), &value].concat()
}

/// A SubjectPublicKeyInfo of an algorithm with parameters, both in DER.
fn spki(algorithm: &[u8], parameters: &[u8], key: &[u8]) -> Vec<u8> {
    let algorithm = tlv(0x30, &[algorithm, parameters]);
    tlv(0x30, &[&algorithm, &tlv(0x03, &[&[0], key])])
}

const NULL: &[u8] = &[0x05, 0x00];
const RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
const RSA_PSS: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
const DSA: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x38\x04\x01";
const EC: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01";
const P256: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const P384: &[u8] = b"\x06\x05\x2b\x81\x04\x00\x22";
const BRAINPOOL: &[u8] = b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x07";
const ED25519: &[u8] = b"\x06\x03\x2b\x65\x70";

#[test]
fn rsa_keys_that_are_refused_for_their_form() {
    const PARAMETERS: &str = "the key is not of rsaEncryption with the parameters NULL: \
                              they are absent or something else";
    const PSS: &str = "the key is not of rsaEncryption: it is of id-RSASSA-PSS, \
                       whose parameters a JWK cannot hold";
    const NUMBERS: &str = "the key is not an RSAPublicKey (PKCS#1) in DER with positive numbers";
    let row = Row::named("RSA-2048");
    let key = der_of(row.pem.pkcs1.as_deref().unwrap());
    assert_eq!(spki(RSA, NULL, &key), row.spki());
    for (what, der, error) in [
        ("no parameters", spki(RSA, &[], &key), PARAMETERS),
        ("a curve", spki(RSA, P256, &key), PARAMETERS),
        ("a long NULL", spki(RSA, &[5, 1, 0], &key), PARAMETERS),
        ("PSS", spki(RSA_PSS, &[], &key), PSS),
        ("PSS with parameters", spki(RSA_PSS, &[0x30, 0], &key), PSS),
        ("no key", spki(RSA, NULL, &[]), NUMBERS),
    ] {
        refused(what, Jwk::from_spki_der(der), error);
    }
    let (n, e) = (row.octets("n"), row.octets("e"));
    let exponent = tlv(0x02, &[&e]);
    let modulus = tlv(0x02, &[&[0], &n]);
    assert_eq!(tlv(0x30, &[&modulus, &exponent]), key);
    let longer = tlv(0x02, &[&[0, 0], &n]);
    let negative = tlv(0x02, &[&n]);
    for (what, der) in [
        ("a negative modulus", tlv(0x30, &[&negative, &exponent])),
        ("a modulus too long", tlv(0x30, &[&longer, &exponent])),
        ("an empty exponent", tlv(0x30, &[&modulus, &[2, 0]])),
        ("no exponent", tlv(0x30, &[&modulus])),
        ("another number", tlv(0x30, &[&modulus, &exponent, &exponent])),
        ("a set", tlv(0x31, &[&modulus, &exponent])),
        ("no length", [&[0x30, 0x80], &*modulus, &exponent, &[0, 0]].concat()),
    ] {
        refused(what, Jwk::from_pkcs1_der(der), NUMBERS);
    }
}

#[test]
fn curve_keys_that_are_refused_for_their_form() {
    const CURVE: &str = "the key is not of a known curve: expected P-256, P-384, P-521 or \
                         secp256k1, found another name";
    const NAMED: &str = "the key is not of a curve by name: the curve is described, or not given";
    const COMPRESSED: &str = "the key is not an uncompressed point: it is compressed";
    const POINT: &str =
        "the key is not an uncompressed point: it begins with another octet than 04";
    const PARAMETERS: &str = "the key is not of its algorithm without parameters: it has some";
    const UNKNOWN: &str = "the key is not of a known algorithm: expected RSA, EC, Ed25519, \
                           Ed448, X25519 or X448, found another";
    let row = Row::named("P-256");
    let (x, y) = (row.octets("x"), row.octets("y"));
    let point = [&[0x04], &*x, &y].concat();
    let other = |first: u8| [&[first], &*x].concat();
    let hybrid = [&[0x06], &*x, &y].concat();
    let ed25519 = Row::named("Ed25519").octets("x");
    assert_eq!(spki(EC, P256, &point), row.spki());
    assert_eq!(spki(ED25519, &[], &ed25519), Row::named("Ed25519").spki());
    for (what, der, error) in [
        ("no curve", spki(EC, &[], &point), NAMED),
        ("an implicit curve", spki(EC, NULL, &point), NAMED),
        ("a described curve", spki(EC, &tlv(0x30, &[&[2, 1, 1]]), &point), NAMED),
        ("another curve", spki(EC, BRAINPOOL, &point), CURVE),
        ("compressed, even", spki(EC, P256, &other(2)), COMPRESSED),
        ("compressed, odd", spki(EC, P256, &other(3)), COMPRESSED),
        ("hybrid", spki(EC, P256, &hybrid), POINT),
        ("infinity", spki(EC, P256, &[0]), POINT),
        ("no point", spki(EC, P256, &[]), POINT),
        ("no y", spki(EC, P256, &other(4)), "key: it has 32 octets, but it must have 64"),
        ("P-384", spki(EC, P384, &point), "key: it has 64 octets, but it must have 96"),
        (
            "a short key",
            spki(ED25519, &[], b"short"),
            "key: its member \"x\" has 5 octets, but it must have 32",
        ),
        ("Ed25519 with NULL", spki(ED25519, NULL, &ed25519), PARAMETERS),
        ("DSA", spki(DSA, NULL, &point), UNKNOWN),
    ] {
        refused(what, Jwk::from_spki_der(der), error);
    }
    let algorithm = tlv(0x30, &[ED25519]);
    let even = ed25519.iter().map(|octet| octet & 0xfe).collect::<Vec<_>>();
    let bits = tlv(0x30, &[&algorithm, &tlv(0x03, &[&[1], &even])]);
    let text = "the key is not a whole number of octets: its bit string has unused bits";
    refused("unused bits", Jwk::from_spki_der(bits), text);
}

#[test]
fn bytes_that_follow() {
    let row = Row::named("RSA-2048");
    let names = ["SubjectPublicKeyInfo", "X.509 certificate", "RSAPublicKey (PKCS#1)"];
    for ((pem, from_der), name) in row.forms().into_iter().zip(names) {
        let text = format!("the key is not one {name} alone: more bytes follow it");
        let longer = [der_of(pem), vec![0]].concat();
        refused(name, from_der(&longer), &text);
        let twice = der_of(pem).repeat(2);
        refused(name, from_der(&twice), &text);
    }
    let key = der_of(row.pem.pkcs1.as_deref().unwrap());
    let inside = spki(RSA, NULL, &[&*key, &[0]].concat());
    let text = "the key is not one RSAPublicKey (PKCS#1) alone: more bytes follow it";
    refused("inside", Jwk::from_spki_der(inside), text);
}

#[test]
fn whatever_is_cut_off_is_missed() {
    for row in Row::all() {
        for (pem, from_der) in row.forms() {
            let der = der_of(pem);
            for length in 0..der.len() {
                let part = der.get(..length).unwrap();
                assert!(from_der(part).is_err(), "{} {length}", row.name);
            }
            let pem = pem.trim_end();
            for length in 0..pem.len() {
                let part = pem.get(..length).unwrap();
                assert!(Jwk::from_pem(part).is_err(), "{} {length}", row.name);
            }
        }
    }
}

/// A certificate has octets that are not its key's.
#[test]
fn no_changed_octet_leaves_the_key_as_it_was() {
    for row in Row::all() {
        for (pem, from_der) in row.forms() {
            let der = der_of(pem);
            let is_key_alone = !pem.contains("CERTIFICATE");
            for (index, flip) in (0..der.len()).flat_map(|at| [(at, 0x01), (at, 0x80), (at, 0xff)])
            {
                let mut changed = der.clone();
                *changed.get_mut(index).unwrap() ^= flip;
                let Ok(jwk) = from_der(&changed) else {
                    continue;
                };
                let same = jwk.thumbprint().to_string() == row.thumbprint();
                assert!(!(same && is_key_alone), "{} {index} {flip:#x}", row.name);
                bound(jwk, row.algorithm());
            }
        }
    }
}
