//! Private and symmetric keys, as a recipient of encrypted tokens has them.

use zeroize::Zeroizing;

use super::jwk::{EcCurve, Jwk, Material, OkpCurve, octets, octets_of, unsigned};
use super::secret::check_not_public;
use crate::alg::{ContentEncryptionAlgorithm, KeyManagementAlgorithm, Mode};
use crate::crypto::{AgreementCurve, PrivateKey, RsaPrivateNumbers};
use crate::error::{InvalidKey, KeyErrorKind};
use crate::json::Value;

/// The numbers of a private or symmetric key, by its type.
#[derive(Clone)]
pub(super) enum PrivateMaterial {
    Rsa(Box<RsaPrivateNumbers>),
    Agreement {
        curve: AgreementCurve,
        private: Zeroizing<Vec<u8>>,
        /// An uncompressed point, or `x` on X25519; absent where the format has none.
        public: Option<Vec<u8>>,
    },
    Secret(Zeroizing<Vec<u8>>),
}

impl PrivateMaterial {
    /// Reads the private members of a JWK whose public ones were read.
    ///
    /// [RFC 7518 §6.2.2](https://www.rfc-editor.org/rfc/rfc7518#section-6.2.2),
    /// [§6.3.2](https://www.rfc-editor.org/rfc/rfc7518#section-6.3.2)
    pub(super) fn parse(value: Value<'_>, jwk: &Jwk) -> Result<Self, InvalidKey> {
        match &jwk.material {
            Material::Rsa { n, e } => {
                let secret = |name| unsigned(value, name).map(Zeroizing::new);
                if value.get("oth").is_some() {
                    return Err(InvalidKey::new("oth", KeyErrorKind::MultiPrime));
                }
                Ok(Self::Rsa(Box::new(RsaPrivateNumbers {
                    n: n.clone(),
                    e: e.clone(),
                    d: secret("d")?,
                    p: secret("p")?,
                    q: secret("q")?,
                    dp: secret("dp")?,
                    dq: secret("dq")?,
                    qi: secret("qi")?,
                })))
            }
            Material::Ec { curve, .. } => {
                let bytes = curve.coordinate_bytes();
                let private = octets_of(value, "d", bytes).map(Zeroizing::new)?;
                let (curve, public) = agreement_of(&jwk.material).ok_or(not_for_agreement())?;
                Ok(Self::Agreement { curve, private, public: Some(public) })
            }
            Material::Okp { curve, .. } => {
                let private = octets_of(value, "d", curve.key_bytes()).map(Zeroizing::new)?;
                let (curve, public) = agreement_of(&jwk.material).ok_or(not_for_agreement())?;
                Ok(Self::Agreement { curve, private, public: Some(public) })
            }
            Material::Oct { .. } => Self::secret(octets(value, "k").map(Zeroizing::new)?),
            Material::Akp { .. } => Err(InvalidKey::new("kty", KeyErrorKind::NothingDecrypts)),
        }
    }

    pub(super) fn secret(secret: Zeroizing<Vec<u8>>) -> Result<Self, InvalidKey> {
        if secret.is_empty() {
            return Err(InvalidKey::new("k", KeyErrorKind::ShortSecret { found: 0, least: 1 }));
        }
        Ok(Self::Secret(secret))
    }

    /// Whether an algorithm is for keys of this type, curve and length.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7518#section-4.1>
    pub(super) fn is_for(
        &self,
        algorithm: KeyManagementAlgorithm,
        permitted: &[ContentEncryptionAlgorithm],
    ) -> bool {
        match (algorithm.mode(), self) {
            (Mode::KeyEncryption(_), Self::Rsa(_))
            | (
                Mode::DirectKeyAgreement | Mode::KeyAgreementWithKeyWrapping(_),
                Self::Agreement { .. },
            ) => true,
            (Mode::KeyWrapping(bytes) | Mode::GcmKeyWrapping(bytes), Self::Secret(key)) => {
                key.len() == bytes
            }
            (Mode::DirectEncryption, Self::Secret(key)) => {
                permitted.iter().any(|enc| enc.key_bytes() == key.len())
            }
            (Mode::Password(_), Self::Secret(_)) => true,
            _ => false,
        }
    }

    /// Why an algorithm that its `alg` names is not for this key.
    pub(super) fn misfit(&self, algorithm: KeyManagementAlgorithm) -> InvalidKey {
        match (algorithm.mode(), self) {
            (Mode::KeyWrapping(expected) | Mode::GcmKeyWrapping(expected), Self::Secret(key)) => {
                InvalidKey::new("k", KeyErrorKind::Length { found: key.len(), expected })
            }
            _ => InvalidKey::new("alg", KeyErrorKind::AlgorithmOfOtherKey),
        }
    }

    /// Refuses weak RSA keys and short passwords.
    pub(super) fn check_strength(
        &self,
        algorithm: KeyManagementAlgorithm,
    ) -> Result<(), InvalidKey> {
        match (self, algorithm.mode()) {
            (Self::Rsa(numbers), _) => {
                Material::Rsa { n: numbers.n.clone(), e: numbers.e.clone() }.check_strength()
            }
            (Self::Secret(password), Mode::Password(_)) => check_password(password),
            _ => Ok(()),
        }
    }

    pub(super) fn as_key(&self) -> PrivateKey<'_> {
        match self {
            Self::Rsa(numbers) => PrivateKey::Rsa(numbers),
            Self::Agreement { curve, private, public } => {
                PrivateKey::Agreement { curve: *curve, private, public: public.as_deref() }
            }
            Self::Secret(secret) => PrivateKey::Secret(secret),
        }
    }

    /// Whether these are the numbers of the same key.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Rsa(one), Self::Rsa(other)) => one.n == other.n,
            (Self::Agreement { private: one, .. }, Self::Agreement { private: other, .. })
            | (Self::Secret(one), Self::Secret(other)) => one == other,
            _ => false,
        }
    }

    /// The `kty` of a JWK with these numbers.
    pub(super) fn kty(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RSA",
            Self::Agreement { curve: AgreementCurve::X25519, .. } => "OKP",
            Self::Agreement { .. } => "EC",
            Self::Secret(_) => "oct",
        }
    }

    /// The member that a provider's refusal is about.
    pub(super) fn main_member(&self) -> &'static str {
        match self {
            Self::Rsa(_) | Self::Agreement { .. } => "d",
            Self::Secret(_) => "k",
        }
    }
}

/// The least that is recommended: <https://www.rfc-editor.org/rfc/rfc7518#section-8.8>
fn check_password(password: &[u8]) -> Result<(), InvalidKey> {
    let (found, least) = (password.len(), 16);
    if found < least {
        return Err(InvalidKey::new("k", KeyErrorKind::ShortSecret { found, least }));
    }
    check_not_public(password)
}

impl EcCurve {
    pub(super) fn for_agreement(self) -> Option<AgreementCurve> {
        match self {
            Self::P256 => Some(AgreementCurve::P256),
            Self::P384 => Some(AgreementCurve::P384),
            Self::P521 => Some(AgreementCurve::P521),
            Self::Secp256k1 => None,
        }
    }
}

/// The public key on a curve to agree on, if it is on one.
pub(super) fn agreement_of(material: &Material) -> Option<(AgreementCurve, Vec<u8>)> {
    match material {
        Material::Ec { curve, x, y } => {
            Some((curve.for_agreement()?, [&[0x04], x.as_slice(), y].concat()))
        }
        Material::Okp { curve: OkpCurve::X25519, x } => Some((AgreementCurve::X25519, x.clone())),
        Material::Okp { .. }
        | Material::Rsa { .. }
        | Material::Akp { .. }
        | Material::Oct { .. } => None,
    }
}

fn not_for_agreement() -> InvalidKey {
    InvalidKey::new("crv", KeyErrorKind::NothingDecrypts)
}
