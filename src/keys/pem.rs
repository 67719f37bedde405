//! Public keys from PEM and DER: SubjectPublicKeyInfo, PKCS#1, or the key in a certificate.
//!
//! The format crates read the ASN.1; this file says which of its forms are keys, and takes out the
//! numbers that a JWK has.

use der::Decode;
use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier};
use der::pem::{self, Decoder};
use der::referenced::OwnedToRef as _;
use pkcs1::RsaPublicKeyRef;
use spki::SubjectPublicKeyInfoRef;
use x509_cert::Certificate;

use super::jwk::{EcCurve, Jwk, Material, OkpCurve};
use super::oid;
use crate::error::{InvalidKey, KeyError, KeyErrorKind};

#[cfg_attr(docsrs, doc(cfg(feature = "pem")))]
impl Jwk {
    /// Reads one public key from PEM: a block `PUBLIC KEY` ([`Jwk::from_spki_der`]),
    /// `RSA PUBLIC KEY` ([`Jwk::from_pkcs1_der`]) or `CERTIFICATE` ([`Jwk::from_certificate_der`]).
    ///
    /// There has to be exactly one block, with nothing but white space around it: of several keys
    /// it would not be clear which one is meant, and of a chain which certificate. Lines may have
    /// any length that is the same for all but the last. The key has no `kid` and no `alg`; give it
    /// the one that tokens name by [`Jwk::with_kid`].
    ///
    /// [RFC 7468 §2](https://www.rfc-editor.org/rfc/rfc7468#section-2),
    /// [§5](https://www.rfc-editor.org/rfc/rfc7468#section-5),
    /// [§13](https://www.rfc-editor.org/rfc/rfc7468#section-13)
    ///
    /// # Errors
    ///
    /// [`KeyError::Encoding`] if the text is anything else, a private key above all, and as the
    /// function for the block's label.
    ///
    /// ```
    /// # use jwt_appraisal::{Jwk, JwkSet, KeyStore, SignatureAlgorithm};
    /// let jwk = Jwk::from_pem(
    ///     "-----BEGIN PUBLIC KEY-----\n\
    ///      MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n\
    ///      -----END PUBLIC KEY-----\n",
    /// )?;
    /// let set = JwkSet::from_keys([jwk.with_kid("k1")]);
    /// let keys = KeyStore::new([SignatureAlgorithm::Ed25519], set)?;
    /// assert_eq!(keys.report().usable(), 1);
    /// # Ok::<(), jwt_appraisal::KeyError>(())
    /// ```
    pub fn from_pem(pem: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let text = pem.as_ref().trim_ascii();
        check_not_private(text)?;
        check_one_block(text)?;
        let mut block = Decoder::new_detect_wrap(text).map_err(not_pem)?;
        let material_of = reader_of(block.type_label())?;
        let mut der = Vec::new();
        block.decode_to_end(&mut der).map_err(not_pem)?;
        material_of(&der).map(Self::public)
    }

    /// Reads a public key from the DER of a SubjectPublicKeyInfo, the form that names its algorithm:
    /// RSA, an elliptic curve (P-256, P-384, P-521, secp256k1), Ed25519, Ed448, X25519 or X448.
    ///
    /// Only the form is checked here. Whether the key is strong enough, a point of its curve, and
    /// for one of the permitted algorithms is decided where it is bound, in a
    /// [`KeyStore`](crate::KeyStore).
    ///
    /// A key of id-RSASSA-PSS is refused: its parameters say with which hash and salt it may be used
    /// ([RFC 4055 §3.1](https://www.rfc-editor.org/rfc/rfc4055#section-3.1)), a JWK has no member
    /// for that, and to drop them would permit more than the key's owner did.
    ///
    /// [RFC 5280 §4.1.2.7](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.7),
    /// [RFC 3279 §2.3.1](https://www.rfc-editor.org/rfc/rfc3279#section-2.3.1) (RSA),
    /// [RFC 5480 §2](https://www.rfc-editor.org/rfc/rfc5480#section-2) (elliptic curves),
    /// [RFC 8410 §3, §4](https://www.rfc-editor.org/rfc/rfc8410#section-3) (Ed25519 and the like)
    ///
    /// # Errors
    ///
    /// [`KeyError::Encoding`] if it is not exactly one SubjectPublicKeyInfo in DER, of an algorithm
    /// and curve named above, with the parameters that these prescribe and an uncompressed point;
    /// [`KeyError::Key`] if the point or the key has the wrong length.
    ///
    /// ```
    /// # use jwt_appraisal::Jwk;
    /// // A header of 12 bytes says "Ed25519"; the 32 bytes of the key follow.
    /// let mut der = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00".to_vec();
    /// # let key = b"\xd7\x5a\x98\x01\x82\xb1\x0a\xb7\xd5\x4b\xfe\xd3\xc9\x64\x07\x3a\
    /// #             \x0e\xe1\x72\xf3\xda\xa6\x23\x25\xaf\x02\x1a\x68\xf7\x07\x51\x1a";
    /// der.extend(key);
    /// let jwk = Jwk::from_spki_der(&der)?;
    /// assert_eq!(jwk.thumbprint().to_string(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    /// # Ok::<(), jwt_appraisal::KeyError>(())
    /// ```
    pub fn from_spki_der(der: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        spki_material(der.as_ref()).map(Self::public)
    }

    /// Reads an RSA public key from the DER of an RSAPublicKey: the modulus and the exponent.
    ///
    /// Only the form is checked here; a key that is too short is refused where it is bound, in a
    /// [`KeyStore`](crate::KeyStore).
    ///
    /// [RFC 8017 A.1.1](https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.1)
    ///
    /// # Errors
    ///
    /// [`KeyError::Encoding`] if it is not exactly one RSAPublicKey in DER with positive numbers.
    ///
    /// ```
    /// # use jwt_appraisal::{Jwk, JwkSet, KeyErrorKind, KeyStore, SignatureAlgorithm};
    /// // The modulus 3233 and the exponent 17
    /// let toy = Jwk::from_pkcs1_der(b"\x30\x07\x02\x02\x0c\xa1\x02\x01\x11")?;
    /// let keys = KeyStore::new([SignatureAlgorithm::Rs256], JwkSet::from_keys([toy]))?;
    /// let kind = keys.report().skipped()[0].kind().clone();
    /// assert!(matches!(kind, KeyErrorKind::ModulusBits { found: 12, .. }));
    /// # Ok::<(), jwt_appraisal::KeyError>(())
    /// ```
    pub fn from_pkcs1_der(der: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        rsa(der.as_ref()).map(Self::public)
    }

    /// Takes the public key out of the DER of an X.509 certificate.
    ///
    /// The certificate is a container and nothing more: its signature, its dates, its key usage, its
    /// chain and whom it names are **not** checked, so an expired or self-made one serves as well. The
    /// caller decides whether to trust the key.
    ///
    /// [RFC 5280 §4.1.2.7](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.7)
    ///
    /// # Errors
    ///
    /// [`KeyError::Encoding`] if it is not exactly one certificate in DER, and as
    /// [`Jwk::from_spki_der`] for the key in it.
    ///
    /// ```
    /// # use base64::Engine as _;
    /// # use base64::engine::general_purpose::STANDARD;
    /// # use jwt_appraisal::Jwk;
    /// # let der = STANDARD.decode(concat!(
    /// #     "MIIBEDCBw6ADAgECAhRE9ta4RqSXeuNm8UDKmb5Kj6P+KjAFBgMrZXAwGTEXMBUG",
    /// #     "A1UEAwwOYXMuZXhhbXBsZS5jb20wHhcNMjcwMTE1MDAwMDAwWhcNMjcwMTE1MDAw",
    /// #     "MDAwWjAZMRcwFQYDVQQDDA5hcy5leGFtcGxlLmNvbTAqMAUGAytlcAMhAGwSBkZi",
    /// #     "ixGhkiBOr4PAs595rLxr9S8Ifc1dc/8MrIoIox0wGzAZBgNVHREEEjAQgg5hcy5l",
    /// #     "eGFtcGxlLmNvbTAFBgMrZXADQQAn+YlzMFLKEsPYV8ZgLSDtf+41gJUa7F8929HC",
    /// #     "8c3onB9wZiUJLWaaRyb2dEnxk+Sr6TsArgaLsf23K5WUR5gE",
    /// # )).unwrap();
    /// let jwk = Jwk::from_certificate_der(&der)?;
    /// assert_eq!(jwk.thumbprint().to_string(), "6PyNYG6vB8v-_ZcZphC1qR2I-j-D3vVyOOslHLwnY20");
    /// # Ok::<(), jwt_appraisal::KeyError>(())
    /// ```
    pub fn from_certificate_der(der: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        certificate_material(der.as_ref()).map(Self::public)
    }
}

/// Before anything is decoded, so that no copy of a private key is made.
fn check_not_private(text: &[u8]) -> Result<(), KeyError> {
    if count(text, b"PRIVATE KEY-----") > 0 {
        return refuse("public: a private key was given, expected its public half");
    }
    Ok(())
}

/// Text around the block is permitted by RFC 7468 §2, but it can hide what is read.
pub(super) fn check_one_block(text: &[u8]) -> Result<(), KeyError> {
    match count(text, b"-----BEGIN ") {
        0 => refuse("PEM: it has no \"-----BEGIN\" line"),
        1 if text.starts_with(b"-----BEGIN ") => Ok(()),
        1 => refuse("one PEM block alone: other text comes before \"-----BEGIN\""),
        _ => refuse("one PEM block alone: it has several \"-----BEGIN\" lines"),
    }
}

fn count(text: &[u8], part: &[u8]) -> usize {
    let windows = text.windows(part.len());
    windows.filter(|window| *window == part).count()
}

type MaterialOf = fn(&[u8]) -> Result<Material, KeyError>;

/// <https://www.rfc-editor.org/rfc/rfc7468#section-4>
fn reader_of(label: &str) -> Result<MaterialOf, KeyError> {
    match label {
        "PUBLIC KEY" => Ok(spki_material),
        "RSA PUBLIC KEY" => Ok(rsa),
        "CERTIFICATE" => Ok(certificate_material),
        _ => refuse(
            "a PEM block of a known label: expected PUBLIC KEY, RSA PUBLIC KEY or CERTIFICATE, found another",
        ),
    }
}

pub(super) fn not_pem(error: pem::Error) -> KeyError {
    // Where a beginning was found, an error at either boundary is one at the end.
    let is_end = matches!(
        error,
        pem::Error::PreEncapsulationBoundary | pem::Error::PostEncapsulationBoundary
    );
    let expected = if error == pem::Error::Label {
        "PEM: its \"-----BEGIN\" line is malformed"
    } else if is_end {
        "PEM: it does not end with an \"-----END\" line of the same label"
    } else {
        "PEM: what it holds is not base64 with padding, in lines of one length"
    };
    KeyError::Encoding { expected }
}

/// One value in DER and nothing after it.
pub(super) fn decode<'d, T>(der: &'d [u8], form: &Form) -> Result<T, KeyError>
where
    T: Decode<'d, Error = der::Error>,
{
    match T::from_der_partial(der) {
        Ok((value, [])) => Ok(value),
        Ok((_, _)) => refuse(form.followed),
        Err(_) => refuse(form.malformed),
    }
}

/// How a form is named where it was expected.
pub(super) struct Form {
    pub(super) malformed: &'static str,
    pub(super) followed: &'static str,
}

fn spki_material(der: &[u8]) -> Result<Material, KeyError> {
    const FORM: Form = Form {
        malformed: "a SubjectPublicKeyInfo in DER",
        followed: "one SubjectPublicKeyInfo alone: more bytes follow it",
    };
    material(decode(der, &FORM)?)
}

fn certificate_material(der: &[u8]) -> Result<Material, KeyError> {
    const FORM: Form = Form {
        malformed: "an X.509 certificate in DER",
        followed: "one X.509 certificate alone: more bytes follow it",
    };
    let certificate: Certificate = decode(der, &FORM)?;
    let spki = certificate.tbs_certificate().subject_public_key_info();
    material(spki.owned_to_ref())
}

fn material(spki: SubjectPublicKeyInfoRef<'_>) -> Result<Material, KeyError> {
    let parameters = spki.algorithm.parameters;
    let key = octets(spki.subject_public_key)?;
    match spki.algorithm.oid {
        oid::RSA => {
            check_null(parameters)?;
            rsa(key)
        }
        oid::EC => ec(named_curve(parameters)?, key),
        oid::ED25519 => okp(OkpCurve::Ed25519, parameters, key),
        oid::ED448 => okp(OkpCurve::Ed448, parameters, key),
        oid::X25519 => okp(OkpCurve::X25519, parameters, key),
        oid::X448 => okp(OkpCurve::X448, parameters, key),
        oid::RSA_PSS => {
            refuse("of rsaEncryption: it is of id-RSASSA-PSS, whose parameters a JWK cannot hold")
        }
        _ => refuse(
            "of a known algorithm: expected RSA, EC, Ed25519, Ed448, X25519 or X448, found another",
        ),
    }
}

pub(super) fn octets(key: BitStringRef<'_>) -> Result<&[u8], KeyError> {
    key.as_bytes().ok_or(KeyError::Encoding {
        expected: "a whole number of octets: its bit string has unused bits",
    })
}

/// "The parameters field MUST have ASN.1 type NULL":
/// <https://www.rfc-editor.org/rfc/rfc3279#section-2.3.1>
pub(super) fn check_null(parameters: Option<AnyRef<'_>>) -> Result<(), KeyError> {
    match parameters {
        Some(parameters) if parameters.is_null() => Ok(()),
        _ => refuse("of rsaEncryption with the parameters NULL: they are absent or something else"),
    }
}

/// "implicitCurve and specifiedCurve MUST NOT be used":
/// <https://www.rfc-editor.org/rfc/rfc5480#section-2.1.1>
pub(super) fn named_curve(parameters: Option<AnyRef<'_>>) -> Result<EcCurve, KeyError> {
    match parameters.map(AnyRef::decode_as::<ObjectIdentifier>) {
        Some(Ok(oid::P256)) => Ok(EcCurve::P256),
        Some(Ok(oid::P384)) => Ok(EcCurve::P384),
        Some(Ok(oid::P521)) => Ok(EcCurve::P521),
        Some(Ok(oid::SECP256K1)) => Ok(EcCurve::Secp256k1),
        Some(Ok(_)) => refuse(
            "of a known curve: expected P-256, P-384, P-521 or secp256k1, found another name",
        ),
        Some(Err(_)) | None => refuse("of a curve by name: the curve is described, or not given"),
    }
}

/// The numbers come without the octet that DER puts before them for the sign, as a JWK has them.
pub(super) fn rsa(der: &[u8]) -> Result<Material, KeyError> {
    const FORM: Form = Form {
        malformed: "an RSAPublicKey (PKCS#1) in DER with positive numbers",
        followed: "one RSAPublicKey (PKCS#1) alone: more bytes follow it",
    };
    let key: RsaPublicKeyRef<'_> = decode(der, &FORM)?;
    Ok(Material::Rsa {
        n: key.modulus.as_bytes().to_vec(),
        e: key.public_exponent.as_bytes().to_vec(),
    })
}

/// An uncompressed point; a compressed one would have to be computed first.
///
/// <https://www.rfc-editor.org/rfc/rfc5480#section-2.2>
pub(super) fn ec(curve: EcCurve, point: &[u8]) -> Result<Material, KeyError> {
    let coordinates = match point {
        [0x04, coordinates @ ..] => coordinates,
        [0x02 | 0x03, ..] => return refuse("an uncompressed point: it is compressed"),
        _ => return refuse("an uncompressed point: it begins with another octet than 04"),
    };
    let length = curve.coordinate_bytes();
    check_length(coordinates, length.saturating_mul(2), None)?;
    let (x, y) = coordinates.split_at(length);
    Ok(Material::Ec { curve, x: x.to_vec(), y: y.to_vec() })
}

/// "The parameters MUST be absent": <https://www.rfc-editor.org/rfc/rfc8410#section-3>
fn okp(curve: OkpCurve, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Result<Material, KeyError> {
    if parameters.is_some() {
        return refuse("of its algorithm without parameters: it has some");
    }
    check_length(key, curve.key_bytes(), "x")?;
    Ok(Material::Okp { curve, x: key.to_vec() })
}

pub(super) fn check_length(
    octets: &[u8],
    expected: usize,
    member: impl Into<Option<&'static str>>,
) -> Result<(), InvalidKey> {
    let found = octets.len();
    if found != expected {
        return Err(InvalidKey::new(member, KeyErrorKind::Length { found, expected }));
    }
    Ok(())
}

pub(super) fn refuse<T>(instead_of: &'static str) -> Result<T, KeyError> {
    Err(KeyError::Encoding { expected: instead_of })
}
