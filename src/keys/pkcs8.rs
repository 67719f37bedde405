//! Private keys to decrypt with, from PKCS #8 in PEM and DER.

use der::asn1::{AnyRef, OctetStringRef};
use der::pem::Decoder;
use pkcs1::RsaPrivateKeyRef;
use pkcs8::PrivateKeyInfoRef;
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

use super::decryption::DecryptionKey;
use super::jwk::{Material, OkpCurve};
use super::oid;
use super::pem::{
    Form, check_length, check_null, check_one_block, decode, ec, named_curve, not_pem, octets,
    refuse, rsa as rsa_public,
};
use super::private::{PrivateMaterial, agreement_of};
use crate::crypto::{AgreementCurve, RsaPrivateNumbers};
use crate::error::{InvalidKey, KeyError, KeyErrorKind};

#[cfg_attr(docsrs, doc(cfg(feature = "pem")))]
impl DecryptionKey {
    /// Reads a private key from the PEM of a PKCS #8 PrivateKeyInfo, a block `PRIVATE KEY`, with
    /// nothing but white space around it.
    ///
    /// [RFC 7468 §10](https://www.rfc-editor.org/rfc/rfc7468#section-10)
    ///
    /// # Errors
    ///
    /// [`KeyError::Encoding`] if the text is anything else: a key that is encrypted with a password,
    /// or in an older form (`RSA PRIVATE KEY`, `EC PRIVATE KEY`), has to be converted first, for
    /// example by `openssl pkcs8 -topk8 -nocrypt`. Otherwise as [`DecryptionKey::from_pkcs8_der`].
    pub fn from_pkcs8_pem(pem: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        let text = pem.as_ref().trim_ascii();
        check_one_block(text)?;
        check_label(text)?;
        let mut block = Decoder::new_detect_wrap(text).map_err(not_pem)?;
        let mut der = Zeroizing::new(Vec::with_capacity(text.len()));
        block.decode_to_end(&mut der).map_err(not_pem)?;
        Self::from_pkcs8_der(&*der)
    }

    /// Reads a private key from the DER of a PKCS #8 PrivateKeyInfo: RSA, an elliptic curve (P-256,
    /// P-384, P-521) or X25519.
    ///
    /// [RFC 5958 §2](https://www.rfc-editor.org/rfc/rfc5958#section-2),
    /// [RFC 5915 §3](https://www.rfc-editor.org/rfc/rfc5915#section-3) (elliptic curves),
    /// [RFC 8410 §7](https://www.rfc-editor.org/rfc/rfc8410#section-7) (X25519)
    ///
    /// # Errors
    ///
    /// [`KeyError::Encoding`] if it is not exactly one PrivateKeyInfo in DER with such a key;
    /// [`KeyError::Key`] if the key has the wrong length.
    pub fn from_pkcs8_der(der: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        const FORM: Form = Form {
            malformed: "a PrivateKeyInfo (PKCS #8) in DER",
            followed: "one PrivateKeyInfo (PKCS #8) alone: more bytes follow it",
        };
        let info: PrivateKeyInfoRef<'_> = decode(der.as_ref(), &FORM)?;
        material(&info).map(Self::of)
    }
}

/// Checks the label before decoding, because an older form cannot be decoded if a password protects it.
fn check_label(text: &[u8]) -> Result<(), KeyError> {
    let begins = |label: &str| text.starts_with(format!("-----BEGIN {label}-----").as_bytes());
    if begins("PRIVATE KEY") {
        return Ok(());
    }
    if begins("ENCRYPTED PRIVATE KEY") {
        return refuse("a plain private key: it is encrypted with a password");
    }
    if begins("RSA PRIVATE KEY") || begins("EC PRIVATE KEY") {
        return refuse("in the form PKCS #8: it is in an older form, which has to be converted");
    }
    if begins("PUBLIC KEY") || begins("RSA PUBLIC KEY") || begins("CERTIFICATE") {
        return refuse("private: a public key was given, expected the private half");
    }
    refuse("a PEM block of a known label: expected PRIVATE KEY, found another")
}

fn material(info: &PrivateKeyInfoRef<'_>) -> Result<PrivateMaterial, KeyError> {
    let (parameters, key) = (info.algorithm.parameters, info.private_key.as_bytes());
    let public = info.public_key.map(octets).transpose()?;
    match info.algorithm.oid {
        oid::RSA => {
            check_null(parameters)?;
            rsa(key, public)
        }
        oid::EC => agreement(parameters, key, public),
        oid::X25519 => x25519(parameters, key, public),
        _ => refuse("of RSA, an elliptic curve or X25519: it is for another algorithm"),
    }
}

fn rsa(der: &[u8], public: Option<&[u8]>) -> Result<PrivateMaterial, KeyError> {
    const FORM: Form = Form {
        malformed: "an RSAPrivateKey (PKCS #1) in DER with positive numbers",
        followed: "one RSAPrivateKey (PKCS #1) alone: more bytes follow it",
    };
    let key: RsaPrivateKeyRef<'_> = decode(der, &FORM)?;
    if key.other_prime_infos.is_some() {
        return Err(InvalidKey::new("oth", KeyErrorKind::MultiPrime).into());
    }
    let (n, e) = (key.modulus.as_bytes().to_vec(), key.public_exponent.as_bytes().to_vec());
    if let Some(public) = public {
        let same = matches!(rsa_public(public)?, Material::Rsa { n: its, e: of } if (&its, &of) == (&n, &e));
        check_same(same)?;
    }
    let secret = |number: pkcs1::UintRef<'_>| Zeroizing::new(number.as_bytes().to_vec());
    Ok(PrivateMaterial::Rsa(Box::new(RsaPrivateNumbers {
        n,
        e,
        d: secret(key.private_exponent),
        p: secret(key.prime1),
        q: secret(key.prime2),
        dp: secret(key.exponent1),
        dq: secret(key.exponent2),
        qi: secret(key.coefficient),
    })))
}

/// The curve and the public key may stand twice, and then are the same.
fn agreement(
    parameters: Option<AnyRef<'_>>,
    der: &[u8],
    public: Option<&[u8]>,
) -> Result<PrivateMaterial, KeyError> {
    const FORM: Form = Form {
        malformed: "an ECPrivateKey in DER",
        followed: "one ECPrivateKey alone: more bytes follow it",
    };
    const CURVE: &str = "of a curve to agree on by its name: expected P-256, P-384 or P-521";
    let named = named_curve(parameters).or_else(|_| refuse(CURVE))?;
    let Some(curve) = named.for_agreement() else {
        return refuse(CURVE);
    };
    let key: EcPrivateKey<'_> = decode(der, &FORM)?;
    if let Some(inner) = key.parameters.and_then(|inner| inner.named_curve()) {
        check_same(parameters.is_some_and(|outer| outer.decode_as() == Ok(inner)))?;
    }
    check_length(key.private_key, named.coordinate_bytes(), "d")?;
    let inner = key.public_key;
    check_same(inner.is_none() || public.is_none() || inner == public)?;
    let public = inner.or(public).map(|point| ec(named, point)).transpose()?;
    Ok(PrivateMaterial::Agreement {
        curve,
        private: Zeroizing::new(key.private_key.to_vec()),
        public: public.as_ref().and_then(agreement_of).map(|(_, point)| point),
    })
}

/// The octets of the key, in a string of their own:
/// <https://www.rfc-editor.org/rfc/rfc8410#section-7>
fn x25519(
    parameters: Option<AnyRef<'_>>,
    der: &[u8],
    public: Option<&[u8]>,
) -> Result<PrivateMaterial, KeyError> {
    const FORM: Form = Form {
        malformed: "a CurvePrivateKey in DER",
        followed: "one CurvePrivateKey alone: more bytes follow it",
    };
    if parameters.is_some() {
        return refuse("of its algorithm without parameters: it has some");
    }
    let key: &OctetStringRef = decode(der, &FORM)?;
    check_length(key.as_bytes(), OkpCurve::X25519.key_bytes(), "d")?;
    Ok(PrivateMaterial::Agreement {
        curve: AgreementCurve::X25519,
        private: Zeroizing::new(key.as_bytes().to_vec()),
        public: public.map(<[u8]>::to_vec),
    })
}

fn check_same(same: bool) -> Result<(), KeyError> {
    if same { Ok(()) } else { refuse("one key: its parts are of several") }
}
