//! Private keys in PKCS #8, as other implementations write them.
//!
//! See `tests/vectors/jwe`.
#![expect(clippy::unwrap_used, reason = "a test stops where it can not go on")]

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jwt_appraisal::crypto::aws_lc_rs::PROVIDER;
use jwt_appraisal::testing::TestRecipient;
use jwt_appraisal::{
    ContentEncryptionAlgorithm, DecryptionKey, DecryptionKeys, JwkSet, KeyError,
    KeyManagementAlgorithm, KeyStore, Profile, SignatureAlgorithm, TrustedIssuer, Validator,
    Verdict,
};
use serde::Deserialize;
use serde_json::Value;
use time::OffsetDateTime;

#[derive(Deserialize)]
struct Vectors {
    jwks: Value,
    good: Vec<Good>,
    bad: Vec<Bad>,
}

/// A key in both forms, and a token that was encrypted to it.
#[derive(Deserialize)]
struct Good {
    name: String,
    alg: String,
    enc: String,
    pem: String,
    der: String,
    token: String,
}

/// A key in a form that is not taken.
#[derive(Deserialize)]
struct Bad {
    name: String,
    pem: Option<String>,
    der: Option<String>,
}

impl Vectors {
    fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/jwe/pkcs8.json");
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }

    /// What becomes of the token where this is the only key.
    fn verdict(&self, row: &Good, key: DecryptionKey) -> Verdict {
        let set = JwkSet::from_json(self.jwks.to_string()).unwrap();
        let keys = KeyStore::with_provider(&PROVIDER, [SignatureAlgorithm::Es256], set).unwrap();
        let (alg, enc) = (row.alg.parse().unwrap(), row.enc.parse().unwrap());
        let validator = Validator::builder_with(&PROVIDER, Profile::access_token())
            .issuer(TrustedIssuer::new("https://as.example.com", keys))
            .audience("https://api.example.com")
            .encrypted_to(DecryptionKeys::new([key], [alg], [enc]))
            .build()
            .unwrap();
        let now = OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        validator.appraise_at(&row.token, now).verdict()
    }
}

impl Good {
    fn der(&self) -> Vec<u8> {
        STANDARD.decode(&self.der).unwrap()
    }
}

impl Bad {
    fn error(&self) -> KeyError {
        let read = match (&self.pem, &self.der) {
            (Some(pem), None) => DecryptionKey::from_pkcs8_pem(pem),
            (None, Some(der)) => DecryptionKey::from_pkcs8_der(STANDARD.decode(der).unwrap()),
            _ => unreachable!("{} has one form", self.name),
        };
        read.unwrap_err()
    }

    /// Whether a text has eight characters of the key's base64 in a row.
    fn shows_in(&self, text: &str) -> bool {
        let lines = self.pem.iter().chain(&self.der).flat_map(|key| key.lines());
        let mut lines = lines.filter(|line| !line.contains(['-', ':']));
        lines.any(|line| {
            let mut parts = line.as_bytes().windows(8);
            parts.any(|part| text.contains(str::from_utf8(part).unwrap()))
        })
    }
}

#[test]
fn each_form_opens_what_was_encrypted_to_the_key() {
    let vectors = Vectors::read();
    assert_eq!(vectors.good.len(), 8);
    for row in &vectors.good {
        let [pem, der] = [
            DecryptionKey::from_pkcs8_pem(&row.pem).unwrap(),
            DecryptionKey::from_pkcs8_der(row.der()).unwrap(),
        ];
        assert_eq!(pem.kid(), None, "{}", row.name);
        assert_eq!(vectors.verdict(row, pem), Verdict::Accepted, "{}", row.name);
        let named = der.clone().with_kid("enc-1");
        assert_eq!(vectors.verdict(row, named), Verdict::Accepted, "{}", row.name);
        let other = der.with_kid("enc-2");
        assert_eq!(vectors.verdict(row, other), Verdict::Rejected, "{}", row.name);
    }
}

#[test]
fn other_forms_are_refused_and_no_error_shows_the_key() {
    const SEVERAL: &str = "the key is not one PEM block alone: it has several \"-----BEGIN\" lines";
    const OLDER: &str = "the key is not in the form PKCS #8: it is in an older form, which has to be \
                         converted";
    const ALGORITHM: &str = "the key is not of RSA, an elliptic curve or X25519: it is for another \
                             algorithm";
    const DER: &str = "the key is not a PrivateKeyInfo (PKCS #8) in DER";
    let expected = [
        ("encrypted", "the key is not a plain private key: it is encrypted with a password"),
        ("RSA PRIVATE KEY", OLDER),
        ("RSA PRIVATE KEY, encrypted", OLDER),
        ("EC PRIVATE KEY", OLDER),
        ("PUBLIC KEY", "the key is not private: a public key was given, expected the private half"),
        ("two blocks", SEVERAL),
        ("a public block after it", SEVERAL),
        ("Ed25519", ALGORITHM),
        ("X448", ALGORITHM),
        (
            "secp256k1",
            "the key is not of a curve to agree on by its name: expected P-256, P-384 or P-521",
        ),
        (
            "RSA of three primes",
            "key: its member \"oth\" says that the key has more than two primes, which is not supported",
        ),
        (
            "bytes after it",
            "the key is not one PrivateKeyInfo (PKCS #8) alone: more bytes follow it",
        ),
        ("truncated", DER),
        ("encrypted DER", DER),
        ("PKCS #1 DER", DER),
        ("SEC1 DER", DER),
        ("public DER", DER),
    ];
    let rows = Vectors::read().bad;
    let found = rows.iter().map(|row| (row.name.clone(), row.error().to_string()));
    let found: Vec<_> = found.collect();
    assert_eq!(found, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    for row in rows {
        let error = row.error();
        assert!(!row.shows_in(&format!("{error} {error:?}")), "{}", row.name);
        assert!(row.shows_in(row.pem.as_ref().or(row.der.as_ref()).unwrap()), "{}", row.name);
    }
}

#[test]
fn no_part_of_a_key_is_a_key() {
    for row in Vectors::read().good {
        let (pem, der) = (row.pem.trim_end(), row.der());
        for length in 0..pem.len() {
            let part = pem.get(..length).unwrap();
            assert!(DecryptionKey::from_pkcs8_pem(part).is_err(), "{} {length}", row.name);
        }
        for length in 0..der.len() {
            let part = der.get(..length).unwrap();
            assert!(DecryptionKey::from_pkcs8_der(part).is_err(), "{} {length}", row.name);
        }
        assert!(DecryptionKey::from_pkcs8_der(pem).is_err(), "{}", row.name);
        assert!(DecryptionKey::from_pkcs8_pem(der).is_err(), "{}", row.name);
    }
}

/// A DER element of less than 65,536 bytes.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let length: &[u8] = match (high, low) {
        (0, ..0x80) => &[low],
        (0, _) => &[0x81, low],
        _ => &[0x82, high, low],
    };
    [&[tag], length, content].concat()
}

const RSA: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
const EC: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01";
const X25519: &[u8] = b"\x06\x03\x2b\x65\x6e";
const NULL: &[u8] = b"\x05\x00";
const P256: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const SECP256K1: &[u8] = b"\x06\x05\x2b\x81\x04\x00\x0a";

/// A PrivateKeyInfo, with its public key where there is one (RFC 5958 section 2).
fn info(algorithm: &[u8], key: &[u8], public: Option<&[u8]>) -> Vec<u8> {
    let version = [2, 1, u8::from(public.is_some())];
    let algorithm = element(0x30, algorithm);
    let key = element(4, key);
    let public = public.map(|public| element(0x81, &[&[0], public].concat()));
    let public = public.unwrap_or_default();
    element(0x30, &[&version, algorithm.as_slice(), &key, &public].concat())
}

fn refusal(der: &[u8]) -> Option<String> {
    DecryptionKey::from_pkcs8_der(der).err().map(|error| error.to_string())
}

fn octets(jwk: &Value, name: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(jwk.get(name).and_then(Value::as_str).unwrap()).unwrap()
}

/// What a key says of its public half and of its curve is held to the key itself.
#[test]
fn the_parts_of_a_key_belong_together() {
    const SEVERAL: &str = "the key is not one key: its parts are of several";
    let [one, other] = ["a", "b"]
        .map(|kid| TestRecipient::generate(kid, KeyManagementAlgorithm::EcdhEs).private_jwk());
    let point = |jwk: &Value| [vec![4], octets(jwk, "x"), octets(jwk, "y")].concat();
    let ec = [EC, P256].concat();
    let inner = |parameters: &[u8], public: Option<&[u8]>| {
        let curve = element(0xa0, parameters);
        let curve = if parameters.is_empty() { &[] } else { curve.as_slice() };
        let public = public.map(|point| element(0xa1, &element(3, &[&[0], point].concat())));
        let d = element(4, &octets(&one, "d"));
        element(0x30, &[&[2, 1, 1], d.as_slice(), curve, &public.unwrap_or_default()].concat())
    };
    let (own, foreign) = (point(&one), point(&other));
    let rows = [
        (info(&ec, &inner(&[], Some(&own)), None), None),
        (info(&ec, &inner(P256, Some(&own)), Some(&own)), None),
        (info(&ec, &inner(&[], None), Some(&own)), None),
        (info(&ec, &inner(SECP256K1, Some(&own)), None), Some(SEVERAL)),
        (info(&ec, &inner(&[], Some(&own)), Some(&foreign)), Some(SEVERAL)),
    ];
    for (nth, (der, expected)) in rows.iter().enumerate() {
        assert_eq!(refusal(der).as_deref(), *expected, "{nth}");
    }
    let of = |kid| {
        TestRecipient::generate_on(kid, KeyManagementAlgorithm::EcdhEs, "X25519").private_jwk()
    };
    let (one, other) = (of("a"), of("b"));
    let key = element(4, &octets(&one, "d"));
    for (der, builds) in [
        (info(&ec, &inner(&[], None), Some(&foreign)), false),
        (info(X25519, &key, Some(&octets(&one, "x"))), true),
        (info(X25519, &key, Some(&octets(&other, "x"))), false),
        (info(X25519, &key, None), true),
    ] {
        let key = DecryptionKey::from_pkcs8_der(der).unwrap();
        let algs = ([KeyManagementAlgorithm::EcdhEs], [ContentEncryptionAlgorithm::A128Gcm]);
        let keys = DecryptionKeys::new([key], algs.0, algs.1);
        let store =
            KeyStore::with_provider(&PROVIDER, [SignatureAlgorithm::Es256], JwkSet::default());
        let built = Validator::builder_with(&PROVIDER, Profile::access_token())
            .issuer(TrustedIssuer::new("https://as.example.com", store.unwrap()))
            .audience("https://api.example.com")
            .encrypted_to(keys)
            .build();
        let text = "a decryption key cannot be used: key 0: its member \"d\" is not that of the public key beside it";
        assert_eq!(
            built.map(|_| ()).map_err(|error| error.to_string()),
            if builds { Ok(()) } else { Err(text.to_owned()) }
        );
    }
}

/// A number in DER, which has a zero before it where it would be a negative one.
fn integer(octets: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if octets.first().is_some_and(|first| *first >= 0x80) { &[0] } else { &[] };
    element(2, &[sign, octets].concat())
}

/// The numbers of a key one after the other.
fn sequence(jwk: &Value, names: &[&str]) -> Vec<u8> {
    names.iter().flat_map(|name| integer(&octets(jwk, name))).collect()
}

#[test]
fn an_rsa_key_says_the_same_of_its_public_half_and_has_the_parameters_null() {
    const SEVERAL: &str = "the key is not one key: its parts are of several";
    const PUBLIC: &str = "the key is not an RSAPublicKey (PKCS#1) in DER with positive numbers";
    const PARAMETERS: &str = "the key is not of rsaEncryption with the parameters NULL: they are \
                              absent or something else";
    let [one, other] = ["a", "b"]
        .map(|kid| TestRecipient::generate(kid, KeyManagementAlgorithm::RsaOaep).private_jwk());
    let names = ["n", "e", "d", "p", "q", "dp", "dq", "qi"];
    let key = element(0x30, &[integer(&[0]), sequence(&one, &names)].concat());
    let public = |jwk: &Value| element(0x30, &sequence(jwk, &["n", "e"]));
    let other_e = element(0x30, &[sequence(&one, &["n"]), integer(&[3])].concat());
    let rsa = [RSA, NULL].concat();
    let with = |parameters: &[u8]| info(&[RSA, parameters].concat(), &key, None);
    let rows = [
        ("no public half", info(&rsa, &key, None), None),
        ("its own", info(&rsa, &key, Some(&public(&one))), None),
        ("another's", info(&rsa, &key, Some(&public(&other))), Some(SEVERAL)),
        ("another exponent", info(&rsa, &key, Some(&other_e)), Some(SEVERAL)),
        ("no public key", info(&rsa, &key, Some(&[0])), Some(PUBLIC)),
        ("no parameters", with(&[]), Some(PARAMETERS)),
        ("a name as parameters", with(P256), Some(PARAMETERS)),
        ("an empty sequence as parameters", with(&element(0x30, &[])), Some(PARAMETERS)),
    ];
    for (what, der, expected) in rows {
        assert_eq!(refusal(&der).as_deref(), expected, "{what}");
    }
}

#[test]
fn keys_to_agree_with_have_their_length_and_parameters() {
    const PARAMETERS: &str = "the key is not of its algorithm without parameters: it has some";
    let ec = |bytes: usize| {
        let key = element(0x30, &[&[2, 1, 1], &*element(4, &vec![7; bytes])].concat());
        info(&[EC, P256].concat(), &key, None)
    };
    let x25519 = |parameters: &[u8], bytes: usize| {
        info(&[X25519, parameters].concat(), &element(4, &vec![7; bytes]), None)
    };
    let length = |found: usize| {
        let text = format!("key: its member \"d\" has {found} octets, but it must have 32");
        (found != 32).then_some(text)
    };
    for bytes in [0, 1, 31, 32, 33, 56, 64] {
        assert_eq!(refusal(&ec(bytes)), length(bytes), "P-256: {bytes}");
        assert_eq!(refusal(&x25519(&[], bytes)), length(bytes), "X25519: {bytes}");
    }
    for parameters in [NULL, P256] {
        assert_eq!(refusal(&x25519(parameters, 32)).as_deref(), Some(PARAMETERS));
    }
}
