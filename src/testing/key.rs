//! A signing key with its `kid` and its one algorithm.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test key that can not be made or used is a mistake of the test"
)]

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, PqdsaKeyPair,
    PqdsaSigningAlgorithm, RsaEncoding, RsaKeyPair,
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::compact::base64url;
use crate::alg::{MacAlgorithm, SignatureAlgorithm};

/// A signing key with its `kid` and its one algorithm.
///
/// Cloning is cheap and shares the key pair. Generating an RSA key takes tenths of a second;
/// several tests, and several algorithms, can share one:
///
/// ```
/// use std::sync::LazyLock;
/// use jwt_appraisal::SignatureAlgorithm;
/// use jwt_appraisal::testing::{TestIssuer, TestKey};
///
/// static RSA: LazyLock<TestKey> =
///     LazyLock::new(|| TestKey::generate("rsa-1", SignatureAlgorithm::Rs256));
///
/// let issuer = TestIssuer::new("https://as.example.com").with_key(RSA.clone());
/// let other = issuer.clone().with_key(RSA.with_alg(SignatureAlgorithm::Ps256));
/// assert_eq!(other.key().alg_name(), "PS256");
/// ```
#[derive(Clone)]
pub struct TestKey {
    kid: String,
    alg: Algorithm,
    signer: Signer,
}

impl TestKey {
    /// A fresh random key for `alg`. RSA keys have 2048 bits, the least that
    /// [RFC 7518 §3.3](https://www.rfc-editor.org/rfc/rfc7518#section-3.3) permits, because larger
    /// ones only make tests slower.
    ///
    /// # Panics
    ///
    /// If `alg` is Ed448, with which this module can not sign.
    pub fn generate(kid: impl Into<String>, alg: SignatureAlgorithm) -> Self {
        let signer = match scheme(alg) {
            Scheme::Rsa(padding) => Signer::rsa(padding, KeySize::Rsa2048),
            Scheme::Ecdsa(curve) => Signer::ecdsa(curve),
            Scheme::Ed25519 => Signer::ed25519(),
            Scheme::MlDsa(signing) => Signer::ml_dsa(alg.name(), signing),
        };
        Self { kid: kid.into(), alg: Algorithm::Signature(alg), signer }
    }

    /// A fresh random RSA key with a modulus of 2048, 3072, 4096 or 8192 bits.
    ///
    /// # Panics
    ///
    /// If `alg` is not one of RSA, or `bits` is another number than these.
    pub fn generate_rsa(kid: impl Into<String>, alg: SignatureAlgorithm, bits: usize) -> Self {
        let Scheme::Rsa(padding) = scheme(alg) else {
            panic!("{} does not sign with an RSA key", alg.name());
        };
        let size = match bits {
            2048 => KeySize::Rsa2048,
            3072 => KeySize::Rsa3072,
            4096 => KeySize::Rsa4096,
            8192 => KeySize::Rsa8192,
            _ => panic!("an RSA test key has 2048, 3072, 4096 or 8192 bits, not {bits}"),
        };
        let signer = Signer::rsa(padding, size);
        Self { kid: kid.into(), alg: Algorithm::Signature(alg), signer }
    }

    /// A secret that issuer and verifier share. Any length is taken, also one that a verifier has
    /// to refuse as too short.
    pub fn secret(kid: impl Into<String>, alg: MacAlgorithm, secret: &[u8]) -> Self {
        let secret = Arc::new(Zeroizing::new(secret.to_vec()));
        Self { kid: kid.into(), alg: Algorithm::Mac(alg), signer: Signer::Hmac(hash(alg), secret) }
    }

    /// The same key under another `kid`; for a forger's key that poses as the issuer's, and for key
    /// sets in which a `kid` stands twice.
    #[must_use]
    pub fn with_kid(&self, kid: impl Into<String>) -> Self {
        Self { kid: kid.into(), ..self.clone() }
    }

    /// The same key pair under another algorithm of its key type: any RSA key signs with `RS*` and
    /// `PS*`, any Ed25519 key under the names `Ed25519` and `EdDSA`.
    ///
    /// # Panics
    ///
    /// If the key pair is not of the type and curve that `alg` signs with.
    #[must_use]
    pub fn with_alg(&self, alg: SignatureAlgorithm) -> Self {
        let signer = match (&self.signer, scheme(alg)) {
            (Signer::Rsa(_, pair), Scheme::Rsa(padding)) => Signer::Rsa(padding, pair.clone()),
            (Signer::Ecdsa(has, pair), Scheme::Ecdsa(needs)) if has.crv == needs.crv => {
                Signer::Ecdsa(needs, pair.clone())
            }
            (Signer::Ed25519(pair), Scheme::Ed25519) => Signer::Ed25519(pair.clone()),
            _ => panic!("a key for {} does not sign with {}", self.alg_name(), alg.name()),
        };
        Self { kid: self.kid.clone(), alg: Algorithm::Signature(alg), signer }
    }

    /// The key's name, as it stands in the header's and the JWK's `kid`.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The registered name of the key's algorithm, as it stands in the header's and the JWK's
    /// `alg`.
    pub fn alg_name(&self) -> &'static str {
        match self.alg {
            Algorithm::Signature(alg) => alg.name(),
            Algorithm::Mac(alg) => alg.name(),
        }
    }

    /// The JWK ([RFC 7517 §4](https://www.rfc-editor.org/rfc/rfc7517#section-4)) that verifies what
    /// this key signs, with `kid`, `alg` and `"use": "sig"`.
    ///
    /// Of a key pair it is the public half. A shared secret has no public half: its `oct` JWK
    /// contains the secret, and [`TestIssuer::jwks`](super::TestIssuer::jwks) leaves it out.
    ///
    /// ```
    /// use jwt_appraisal::SignatureAlgorithm;
    /// use jwt_appraisal::testing::TestKey;
    ///
    /// let jwk = TestKey::generate("k1", SignatureAlgorithm::Ed25519).jwk();
    /// assert_eq!(jwk["kty"], "OKP");
    /// assert_eq!(jwk["kid"], "k1");
    /// assert!(jwk.get("d").is_none());
    /// ```
    pub fn jwk(&self) -> Value {
        let mut jwk = self.signer.key_members();
        if let Value::Object(members) = &mut jwk {
            members.insert("kid".into(), self.kid().into());
            members.insert("alg".into(), self.alg_name().into());
            members.insert("use".into(), "sig".into());
        }
        jwk
    }

    /// The signature or MAC of `message`, in the form that a JWS carries: ECDSA as `R || S`, each
    /// as long as the curve's coordinates
    /// ([RFC 7518 §3.4](https://www.rfc-editor.org/rfc/rfc7518#section-3.4)).
    ///
    /// # Panics
    ///
    /// If the cryptographic library reports an internal error.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.signer.sign(message)
    }

    pub(super) fn signature_algorithm(&self) -> Option<SignatureAlgorithm> {
        match self.alg {
            Algorithm::Signature(alg) => Some(alg),
            Algorithm::Mac(_) => None,
        }
    }
}

impl fmt::Debug for TestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestKey")
            .field("kid", &self.kid)
            .field("alg", &self.alg_name())
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy)]
enum Algorithm {
    Signature(SignatureAlgorithm),
    Mac(MacAlgorithm),
}

#[derive(Clone)]
enum Signer {
    Rsa(&'static dyn RsaEncoding, Arc<RsaKeyPair>),
    Ecdsa(Curve, Arc<EcdsaKeyPair>),
    Ed25519(Arc<Ed25519KeyPair>),
    MlDsa(&'static str, Arc<PqdsaKeyPair>),
    Hmac(hmac::Algorithm, Arc<Zeroizing<Vec<u8>>>),
}

impl Signer {
    fn rsa(padding: &'static dyn RsaEncoding, size: KeySize) -> Self {
        let pair = RsaKeyPair::generate(size).expect("aws-lc-rs generates an RSA key");
        Self::Rsa(padding, Arc::new(pair))
    }

    fn ecdsa(curve: Curve) -> Self {
        let pair = EcdsaKeyPair::generate(curve.signing).expect("aws-lc-rs generates an EC key");
        Self::Ecdsa(curve, Arc::new(pair))
    }

    fn ed25519() -> Self {
        let pair = Ed25519KeyPair::generate().expect("aws-lc-rs generates an Ed25519 key");
        Self::Ed25519(Arc::new(pair))
    }

    fn ml_dsa(alg: &'static str, signing: &'static PqdsaSigningAlgorithm) -> Self {
        let pair = PqdsaKeyPair::generate(signing).expect("aws-lc-rs generates an ML-DSA key");
        Self::MlDsa(alg, Arc::new(pair))
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(padding, pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*padding, &random, message, &mut signature)
                    .expect("aws-lc-rs signs with an RSA key");
                signature
            }
            Self::Ecdsa(_, pair) => {
                let signature = pair.sign(&random, message);
                signature.expect("aws-lc-rs signs with an EC key").as_ref().to_vec()
            }
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Self::MlDsa(_, pair) => {
                let mut signature = vec![0; pair.algorithm().signature_len()];
                pair.sign(message, &mut signature).expect("aws-lc-rs signs with an ML-DSA key");
                signature
            }
            Self::Hmac(hash, secret) => {
                hmac::sign(&hmac::Key::new(*hash, secret), message).as_ref().to_vec()
            }
        }
    }

    /// The JWK members that hold the key itself, and `kty` and `crv` that say how to read them.
    fn key_members(&self) -> Value {
        match self {
            Self::Rsa(_, pair) => {
                let (n, e) = rsa_modulus_and_exponent(pair);
                json!({ "kty": "RSA", "n": base64url(&n), "e": base64url(&e) })
            }
            Self::Ecdsa(curve, pair) => {
                let (x, y) = ec_coordinates(pair);
                json!({ "kty": "EC", "crv": curve.crv, "x": base64url(&x), "y": base64url(&y) })
            }
            Self::Ed25519(pair) => {
                let x = pair.public_key().as_ref();
                json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url(x) })
            }
            Self::MlDsa(alg, pair) => {
                let public = pair.public_key().as_ref();
                json!({ "kty": "AKP", "alg": alg, "pub": base64url(public) })
            }
            Self::Hmac(_, secret) => json!({ "kty": "oct", "k": base64url(secret) }),
        }
    }
}

/// What an algorithm signs with.
enum Scheme {
    Rsa(&'static dyn RsaEncoding),
    Ecdsa(Curve),
    Ed25519,
    MlDsa(&'static PqdsaSigningAlgorithm),
}

#[derive(Clone, Copy)]
struct Curve {
    crv: &'static str,
    signing: &'static EcdsaSigningAlgorithm,
}

fn scheme(alg: SignatureAlgorithm) -> Scheme {
    use SignatureAlgorithm as Alg;
    let ecdsa = |crv, signing| Scheme::Ecdsa(Curve { crv, signing });
    match alg {
        Alg::Rs256 => Scheme::Rsa(&signature::RSA_PKCS1_SHA256),
        Alg::Rs384 => Scheme::Rsa(&signature::RSA_PKCS1_SHA384),
        Alg::Rs512 => Scheme::Rsa(&signature::RSA_PKCS1_SHA512),
        Alg::Ps256 => Scheme::Rsa(&signature::RSA_PSS_SHA256),
        Alg::Ps384 => Scheme::Rsa(&signature::RSA_PSS_SHA384),
        Alg::Ps512 => Scheme::Rsa(&signature::RSA_PSS_SHA512),
        Alg::Es256 => ecdsa("P-256", &signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        Alg::Es384 => ecdsa("P-384", &signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        Alg::Es512 => ecdsa("P-521", &signature::ECDSA_P521_SHA512_FIXED_SIGNING),
        Alg::Es256k => ecdsa("secp256k1", &signature::ECDSA_P256K1_SHA256_FIXED_SIGNING),
        Alg::Ed25519 | Alg::EdDsa => Scheme::Ed25519,
        Alg::MlDsa44 => Scheme::MlDsa(&signature::ML_DSA_44_SIGNING),
        Alg::MlDsa65 => Scheme::MlDsa(&signature::ML_DSA_65_SIGNING),
        Alg::MlDsa87 => Scheme::MlDsa(&signature::ML_DSA_87_SIGNING),
        Alg::Ed448 => panic!("the testing module can not sign with {}", alg.name()),
    }
}

fn hash(alg: MacAlgorithm) -> hmac::Algorithm {
    match alg {
        MacAlgorithm::Hs256 => hmac::HMAC_SHA256,
        MacAlgorithm::Hs384 => hmac::HMAC_SHA384,
        MacAlgorithm::Hs512 => hmac::HMAC_SHA512,
    }
}

/// Takes them from the tail of the DER `RSAPublicKey`, which needs no ASN.1 reader because both
/// lengths are known: the exponent of a generated key is always 65537.
fn rsa_modulus_and_exponent(pair: &RsaKeyPair) -> (Vec<u8>, Vec<u8>) {
    const EXPONENT: [u8; 3] = [1, 0, 1];
    const EXPONENT_DER: [u8; 5] = [2, 3, 1, 0, 1];
    let der = pair.public_key().as_ref();
    let (_, modulus) = der
        .strip_suffix(&EXPONENT_DER)
        .and_then(|rest| rest.split_at_checked(rest.len().checked_sub(pair.public_modulus_len())?))
        .expect("a generated RSA key ends in its modulus and the exponent 65537");
    (modulus.to_vec(), EXPONENT.to_vec())
}

/// Splits the uncompressed point, `4 || x || y`.
fn ec_coordinates(pair: &EcdsaKeyPair) -> (Vec<u8>, Vec<u8>) {
    let (_, coordinates) =
        pair.public_key().as_ref().split_first().expect("an EC public key is not empty");
    let (x, y) = coordinates.split_at(coordinates.len().div_euclid(2));
    (x.to_vec(), y.to_vec())
}
