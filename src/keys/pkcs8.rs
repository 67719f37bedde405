//! Private keys to decrypt with, from PKCS #8 in PEM and DER.

use der::asn1::{AnyRef, OctetStringRef};
use der::pem::Decoder;
use pkcs1::RsaPrivateKeyRef;
use pkcs8::PrivateKeyInfoRef;
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

use super::decryption::DecryptionKey;
use super::jwk::{EcCurve, OkpCurve};
use super::oid;
use super::pem::{
    Form, check_length, check_null, check_one_block, decode, ec, named_curve, not_pem, refuse,
};
use super::private::{PrivateMaterial, agreement_of, not_for_agreement};
use crate::crypto::{AgreementCurve, RsaPrivateNumbers};
use crate::error::{KeyError, KeyFault, KeyProblem};

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
        let mut block = Decoder::new_detect_wrap(text).map_err(not_pem)?;
        check_label(block.type_label())?;
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

fn check_label(label: &str) -> Result<(), KeyError> {
    match label {
        "PRIVATE KEY" => Ok(()),
        "ENCRYPTED PRIVATE KEY" => refuse("a plain private key: it is encrypted with a password"),
        "RSA PRIVATE KEY" | "EC PRIVATE KEY" => {
            refuse("in the form PKCS #8: it is in an older form, which has to be converted")
        }
        "PUBLIC KEY" | "RSA PUBLIC KEY" | "CERTIFICATE" => {
            refuse("private: a public key was given, expected the private half")
        }
        _ => refuse("a PEM block of a known label: expected PRIVATE KEY, found another"),
    }
}

fn material(info: &PrivateKeyInfoRef<'_>) -> Result<PrivateMaterial, KeyError> {
    let (parameters, key) = (info.algorithm.parameters, info.private_key.as_bytes());
    match info.algorithm.oid {
        oid::RSA => check_null(parameters).and_then(|()| rsa(key)),
        oid::EC => agreement_on(named_curve(parameters)?, key),
        oid::X25519 => x25519(parameters, key),
        _ => refuse("of RSA, an elliptic curve or X25519: it is for another algorithm"),
    }
}

fn rsa(der: &[u8]) -> Result<PrivateMaterial, KeyError> {
    const FORM: Form = Form {
        malformed: "an RSAPrivateKey (PKCS #1) in DER with positive numbers",
        followed: "one RSAPrivateKey (PKCS #1) alone: more bytes follow it",
    };
    let key: RsaPrivateKeyRef<'_> = decode(der, &FORM)?;
    if key.other_prime_infos.is_some() {
        return Err(KeyProblem::new("oth", KeyFault::MultiPrime).into());
    }
    let secret = |number: pkcs1::UintRef<'_>| Zeroizing::new(number.as_bytes().to_vec());
    Ok(PrivateMaterial::Rsa(Box::new(RsaPrivateNumbers {
        n: key.modulus.as_bytes().to_vec(),
        e: key.public_exponent.as_bytes().to_vec(),
        d: secret(key.private_exponent),
        p: secret(key.prime1),
        q: secret(key.prime2),
        dp: secret(key.exponent1),
        dq: secret(key.exponent2),
        qi: secret(key.coefficient),
    })))
}

fn agreement_on(named: EcCurve, der: &[u8]) -> Result<PrivateMaterial, KeyError> {
    const FORM: Form = Form {
        malformed: "an ECPrivateKey in DER",
        followed: "one ECPrivateKey alone: more bytes follow it",
    };
    let key: EcPrivateKey<'_> = decode(der, &FORM)?;
    check_length(key.private_key, named.coordinate_bytes(), "d")?;
    let public = key.public_key.map(|point| ec(named, point)).transpose()?;
    Ok(PrivateMaterial::Agreement {
        curve: named.for_agreement().ok_or(not_for_agreement())?,
        private: Zeroizing::new(key.private_key.to_vec()),
        public: public.as_ref().and_then(agreement_of).map(|(_, point)| point),
    })
}

/// The octets of the key, in a string of their own:
/// <https://www.rfc-editor.org/rfc/rfc8410#section-7>
fn x25519(parameters: Option<AnyRef<'_>>, der: &[u8]) -> Result<PrivateMaterial, KeyError> {
    const FORM: Form = Form {
        malformed: "a CurvePrivateKey in DER",
        followed: "one CurvePrivateKey alone: more bytes follow it",
    };
    if parameters.is_some() {
        return refuse("of its algorithm without parameters: it has some");
    }
    let key: &OctetStringRef = decode(der, &FORM)?;
    check_length(key.as_bytes(), OkpCurve::X25519.key_bytes(), "d")?;
    let private = Zeroizing::new(key.as_bytes().to_vec());
    Ok(PrivateMaterial::Agreement { curve: AgreementCurve::X25519, private, public: None })
}
