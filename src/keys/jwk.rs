//! A JSON Web Key: its type, its numbers, and what it says of its use.

use std::ops::RangeInclusive;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::{Zeroize as _, Zeroizing};

use super::bounds::bounds;
use crate::base64url;
use crate::error::{InvalidKey, KeyError, KeyErrorKind};
use crate::json::{Document, JsonError, JsonKind, Member, Value};
use crate::limits::Limits;
use crate::names::KeyId;
use crate::redacted::redacted_debug;

/// A JSON Web Key of type `RSA`, `EC`, `OKP`, `AKP` or `oct`.
///
/// Reading one checks its form; whether it is strong enough and may be used is decided where it is
/// bound to an algorithm, in a [`KeyStore`](crate::KeyStore). Unknown members are ignored.
///
/// [RFC 7517 §4](https://www.rfc-editor.org/rfc/rfc7517#section-4),
/// [RFC 7518 §6](https://www.rfc-editor.org/rfc/rfc7518#section-6),
/// [RFC 8037 §2](https://www.rfc-editor.org/rfc/rfc8037#section-2)
#[derive(Clone)]
pub struct Jwk {
    pub(super) kid: Option<KeyId>,
    pub(super) alg: Option<Box<str>>,
    pub(super) key_use: Option<Box<str>>,
    pub(super) key_ops: Option<Vec<Box<str>>>,
    pub(super) material: Material,
    /// A member that only private and symmetric keys have.
    pub(super) private_member: Option<&'static str>,
    /// Whether it has a certificate in `x5c`.
    pub(super) certified: bool,
}

/// The numbers of a key, by its type.
#[derive(Clone)]
pub(super) enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    Ec { curve: EcCurve, x: Vec<u8>, y: Vec<u8> },
    Okp { curve: OkpCurve, x: Vec<u8> },
    Akp { alg: Box<str>, public: Vec<u8> },
    Oct { k: Zeroizing<Vec<u8>> },
}

/// The curves of `kty` `EC`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum EcCurve {
    P256,
    P384,
    P521,
    Secp256k1,
}

impl EcCurve {
    const ALL: &[Self] = &[Self::P256, Self::P384, Self::P521, Self::Secp256k1];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
        }
    }

    /// The full length of a coordinate: <https://www.rfc-editor.org/rfc/rfc7518#section-6.2.1.2>
    pub(super) fn coordinate_bytes(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// The curves of `kty` `OKP`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum OkpCurve {
    Ed25519,
    Ed448,
    X25519,
    X448,
}

impl OkpCurve {
    const ALL: &[Self] = &[Self::Ed25519, Self::Ed448, Self::X25519, Self::X448];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
            Self::X25519 => "X25519",
            Self::X448 => "X448",
        }
    }

    /// <https://www.rfc-editor.org/rfc/rfc8037#section-2>
    pub(super) fn key_bytes(self) -> usize {
        match self {
            Self::Ed25519 | Self::X25519 => 32,
            Self::Ed448 => 57,
            Self::X448 => 56,
        }
    }
}

impl Jwk {
    /// Reads one JWK from its JSON text.
    ///
    /// # Errors
    ///
    /// [`KeyError::Json`] if the text is not strict JSON, [`KeyError::Key`] with the member at
    /// fault if the key is malformed or of an unknown type.
    ///
    /// ```
    /// # use jwt_appraisal::Jwk;
    /// let jwk = Jwk::from_json(
    ///     r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
    /// )?;
    /// assert_eq!(jwk.thumbprint().to_string(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    /// # Ok::<(), jwt_appraisal::KeyError>(())
    /// ```
    pub fn from_json(json: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let mut document = Document::new();
        document.read(json.as_ref(), bounds(&Limits::default()))?;
        Ok(Self::parse(document.root())?)
    }

    /// The key's `kid`.
    pub fn kid(&self) -> Option<&KeyId> {
        self.kid.as_ref()
    }

    /// The same key with another `kid`; for keys that came without one, such as from PEM.
    pub fn with_kid(mut self, kid: impl Into<KeyId>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    #[cfg(feature = "pem")]
    pub(super) fn public(material: Material) -> Self {
        Self {
            kid: None,
            alg: None,
            key_use: None,
            key_ops: None,
            material,
            private_member: None,
            certified: false,
        }
    }

    pub(super) fn parse(jwk: Value<'_>) -> Result<Self, InvalidKey> {
        if jwk.kind() != JsonKind::Object {
            return Err(InvalidKey::new(None, KeyErrorKind::NotAnObject));
        }
        check_names(jwk)?;
        let material = Material::parse(jwk)?;
        check_x5c(jwk, &material)?;
        Ok(Self {
            kid: optional(jwk, "kid")?.map(KeyId::from),
            alg: optional(jwk, "alg")?.map(Box::from),
            key_use: optional(jwk, "use")?.map(Box::from),
            key_ops: operations(jwk)?,
            private_member: material.private_member(jwk),
            certified: jwk.get("x5c").is_some(),
            material,
        })
    }
}

// A key's numbers are not printed, not even public ones, because they do not help in a log.
redacted_debug!(Jwk, |jwk| { kty: jwk.material.kty(), kid: jwk.kid });

impl Material {
    pub(super) fn kty(&self) -> &'static str {
        match self {
            Self::Rsa { .. } => "RSA",
            Self::Ec { .. } => "EC",
            Self::Okp { .. } => "OKP",
            Self::Akp { .. } => "AKP",
            Self::Oct { .. } => "oct",
        }
    }

    /// Returns the numbers that make the key the one that it is, among keys for one algorithm.
    pub(super) fn public_numbers(&self) -> [&[u8]; 2] {
        match self {
            Self::Rsa { n, e } => [n, e],
            Self::Ec { x, y, .. } => [x, y],
            Self::Okp { x, .. } => [x, &[]],
            Self::Akp { public, .. } => [public, &[]],
            Self::Oct { .. } => [&[]; 2],
        }
    }

    fn parse(jwk: Value<'_>) -> Result<Self, InvalidKey> {
        match required(jwk, "kty")? {
            "RSA" => Ok(Self::Rsa { n: unsigned(jwk, "n")?, e: unsigned(jwk, "e")? }),
            "EC" => {
                let curve = named(jwk, EcCurve::ALL, EcCurve::name)?;
                let bytes = curve.coordinate_bytes();
                Ok(Self::Ec {
                    curve,
                    x: octets_of(jwk, "x", bytes)?,
                    y: octets_of(jwk, "y", bytes)?,
                })
            }
            "OKP" => {
                let curve = named(jwk, OkpCurve::ALL, OkpCurve::name)?;
                Ok(Self::Okp { curve, x: octets_of(jwk, "x", curve.key_bytes())? })
            }
            "AKP" => Self::parse_akp(jwk),
            "oct" => Ok(Self::Oct { k: Zeroizing::new(octets(jwk, "k")?) }),
            _ => Err(InvalidKey::new("kty", KeyErrorKind::Unknown)),
        }
    }

    /// RFC 9964: `alg` is required and fixes the length of `pub`.
    fn parse_akp(jwk: Value<'_>) -> Result<Self, InvalidKey> {
        let alg = required(jwk, "alg")?;
        let bytes = match alg {
            "ML-DSA-44" => 1312,
            "ML-DSA-65" => 1952,
            "ML-DSA-87" => 2592,
            _ => return Err(InvalidKey::new("alg", KeyErrorKind::Unknown)),
        };
        Ok(Self::Akp { alg: alg.into(), public: octets_of(jwk, "pub", bytes)? })
    }

    /// The first member that a public key of this type does not have.
    fn private_member(&self, jwk: Value<'_>) -> Option<&'static str> {
        let private: &[&'static str] = match self {
            Self::Rsa { .. } => &["d", "p", "q", "dp", "dq", "qi", "oth"],
            Self::Ec { .. } | Self::Okp { .. } => &["d"],
            Self::Akp { .. } => &["priv"],
            Self::Oct { .. } => &["k"],
        };
        private.iter().find(|name| jwk.get(name).is_some()).copied()
    }

    /// Octets that the DER of a certificate for this key holds.
    fn fingerprint(&self) -> Vec<u8> {
        match self {
            Self::Rsa { n, e } => [n.as_slice(), &der_integer(e)].concat(),
            // An uncompressed point, in a string of whole octets.
            Self::Ec { x, y, .. } => [&[0x00, 0x04], x.as_slice(), y].concat(),
            Self::Okp { x, .. } => x.clone(),
            Self::Akp { public, .. } => public.clone(),
            Self::Oct { .. } => Vec::new(),
        }
    }
}

/// A short unsigned number in DER, as it follows the modulus in a certificate.
fn der_integer(number: &[u8]) -> Vec<u8> {
    let sign: &[u8] = if number.first().is_some_and(|first| *first >= 0x80) { &[0] } else { &[] };
    let length = number.len().saturating_add(sign.len());
    [&[0x02, u8::try_from(length).unwrap_or(u8::MAX)], sign, number].concat()
}

/// "Member names within a JWK MUST be unique": <https://www.rfc-editor.org/rfc/rfc7517#section-4>
fn check_names(jwk: Value<'_>) -> Result<(), InvalidKey> {
    const KNOWN: &[&str] = &[
        "kty", "use", "key_ops", "alg", "kid", "x5u", "x5c", "x5t", "x5t#S256", "crv", "x", "y",
        "n", "e", "d", "p", "q", "dp", "dq", "qi", "oth", "k", "pub", "priv",
    ];
    match jwk.repeated_names().next() {
        None => Ok(()),
        Some(name) => {
            let known = KNOWN.iter().find(|member| **member == name);
            Err(InvalidKey::new(known.copied(), KeyErrorKind::RepeatedName))
        }
    }
}

fn required<'d>(jwk: Value<'d>, name: &'static str) -> Result<&'d str, InvalidKey> {
    optional(jwk, name)?.ok_or(InvalidKey::new(name, KeyErrorKind::Missing))
}

fn optional<'d>(jwk: Value<'d>, name: &'static str) -> Result<Option<&'d str>, InvalidKey> {
    match jwk.string(name) {
        Member::Absent => Ok(None),
        Member::Present(text) => Ok(Some(text)),
        Member::WrongType(kind) => {
            Err(InvalidKey::new(name, KeyErrorKind::WrongType { found: kind }))
        }
    }
}

fn named<T: Copy>(jwk: Value<'_>, all: &[T], name: fn(T) -> &'static str) -> Result<T, InvalidKey> {
    let crv = required(jwk, "crv")?;
    let found = all.iter().find(|curve| name(**curve) == crv);
    found.copied().ok_or(InvalidKey::new("crv", KeyErrorKind::Unknown))
}

pub(super) fn octets(jwk: Value<'_>, name: &'static str) -> Result<Vec<u8>, InvalidKey> {
    base64url::decode(required(jwk, name)?)
        .map_err(|_| InvalidKey::new(name, KeyErrorKind::NotBase64url))
}

pub(super) fn octets_of(
    jwk: Value<'_>,
    name: &'static str,
    expected: usize,
) -> Result<Vec<u8>, InvalidKey> {
    let mut octets = octets(jwk, name)?;
    let found = octets.len();
    if found != expected {
        octets.zeroize();
        return Err(InvalidKey::new(name, KeyErrorKind::Length { found, expected }));
    }
    Ok(octets)
}

/// Numbers may be private, so what is refused is cleared.
///
/// A Base64urlUInt: <https://www.rfc-editor.org/rfc/rfc7518#section-2>
pub(super) fn unsigned(jwk: Value<'_>, name: &'static str) -> Result<Vec<u8>, InvalidKey> {
    let mut octets = octets(jwk, name)?;
    if octets.first().is_none_or(|first| *first == 0) {
        octets.zeroize();
        return Err(InvalidKey::new(name, KeyErrorKind::NotMinimal));
    }
    Ok(octets)
}

/// `key_ops`: <https://www.rfc-editor.org/rfc/rfc7517#section-4.3>
fn operations(jwk: Value<'_>) -> Result<Option<Vec<Box<str>>>, InvalidKey> {
    let wrong = |kind| InvalidKey::new("key_ops", KeyErrorKind::WrongType { found: kind });
    let Some(value) = jwk.get("key_ops") else {
        return Ok(None);
    };
    if value.kind() != JsonKind::Array {
        return Err(wrong(value.kind()));
    }
    let operation = |op: Value<'_>| op.as_str().map(Box::from).ok_or_else(|| wrong(op.kind()));
    value.elements().map(operation).collect::<Result<_, _>>().map(Some)
}

/// The leaf of `x5c` has to be a certificate of this key. The chain is no reason to trust it, so
/// the certificate is not read further than for the key's own octets.
///
/// <https://www.rfc-editor.org/rfc/rfc7517#section-4.7>
fn check_x5c(jwk: Value<'_>, material: &Material) -> Result<(), InvalidKey> {
    /// From Ed25519 to ML-DSA-87: other keys are too weak to use, or too long to look for.
    const LENGTHS: RangeInclusive<usize> = 32..=2592;
    let invalid = |kind| InvalidKey::new("x5c", kind);
    let Some(chain) = jwk.get("x5c") else {
        return Ok(());
    };
    let leaf = chain
        .elements()
        .next()
        .and_then(Value::as_str)
        .ok_or_else(|| invalid(KeyErrorKind::WrongType { found: chain.kind() }))?;
    if let Some(other) = chain.elements().find(|element| element.as_str().is_none()) {
        return Err(invalid(KeyErrorKind::WrongType { found: other.kind() }));
    }
    let der = STANDARD.decode(leaf).map_err(|_| invalid(KeyErrorKind::OtherCertificate))?;
    let key = material.fingerprint();
    let holds = LENGTHS.contains(&key.len()) && der.windows(key.len()).any(|part| part == key);
    if holds { Ok(()) } else { Err(invalid(KeyErrorKind::OtherCertificate)) }
}

impl From<JsonError> for KeyError {
    fn from(error: JsonError) -> Self {
        Self::Json { fault: error.text() }
    }
}
