//! A JWK and the permitted algorithms → a key with its one algorithm.

use super::jwk::{EcCurve, Jwk, Material, OkpCurve};
use super::key_ops::{distinct_operations, invalid_operations};
use super::snapshot::StoredKey;
use crate::alg::SignatureAlgorithm;
use crate::crypto::{CryptoProvider, ImportError, PublicKey, VerifyingKey};
use crate::error::{InvalidKey, KeyErrorKind};

impl Jwk {
    /// Binds a public key to its algorithm and imports it.
    pub(super) fn import(
        &self,
        permitted: &[SignatureAlgorithm],
        provider: &CryptoProvider,
    ) -> Result<StoredKey, InvalidKey> {
        self.check_public()?;
        self.check_use()?;
        self.check_key_ops()?;
        let (algorithm, alias) = self.algorithm(permitted)?;
        self.material.check_strength()?;
        let key = self.import_for(algorithm, provider)?;
        Ok(StoredKey { kid: self.kid.clone(), key, alias })
    }

    /// A published key set has public keys only.
    fn check_public(&self) -> Result<(), InvalidKey> {
        match (&self.material, self.private_member) {
            (Material::Oct { .. }, _) => Err(InvalidKey::new("k", KeyErrorKind::Symmetric)),
            (_, Some("oth")) => Err(InvalidKey::new("oth", KeyErrorKind::MultiPrime)),
            (_, Some(member)) => Err(InvalidKey::new(member, KeyErrorKind::Private)),
            (_, None) => Ok(()),
        }
    }

    /// <https://www.rfc-editor.org/rfc/rfc7517#section-4.2>
    pub(super) fn check_use(&self) -> Result<(), InvalidKey> {
        match self.key_use.as_deref() {
            None | Some("sig") => Ok(()),
            Some(_) => Err(InvalidKey::new("use", KeyErrorKind::Purpose)),
        }
    }

    /// `verify` is among the operations, none stands twice, and none contradicts `use`.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7517#section-4.3>
    pub(super) fn check_key_ops(&self) -> Result<(), InvalidKey> {
        let Some(operations) = distinct_operations(self.key_ops.as_deref())? else {
            return Ok(());
        };
        let of_signatures = operations.iter().all(|op| matches!(*op, "sign" | "verify"));
        let contradicts_use = self.key_use.is_some() && !of_signatures;
        if !operations.contains("verify") || contradicts_use {
            return Err(invalid_operations(KeyErrorKind::Purpose));
        }
        Ok(())
    }

    /// Returns the key's one algorithm: the one that its `alg` names, if that is permitted and for
    /// such keys, or else the only permitted one for such keys. Ed25519 has two names
    /// ([RFC 9864 §2.2](https://www.rfc-editor.org/rfc/rfc9864#section-2.2)). If both are permitted,
    /// a key without `alg` serves the older one too.
    ///
    /// rfc8725bis §3.1
    fn algorithm(
        &self,
        permitted: &[SignatureAlgorithm],
    ) -> Result<(SignatureAlgorithm, Option<&'static str>), InvalidKey> {
        use SignatureAlgorithm::{Ed25519, EdDsa};
        let invalid = |kind| Err(InvalidKey::new("alg", kind));
        if let Some(named) = self.alg.as_deref() {
            return match SignatureAlgorithm::ALL.iter().find(|alg| alg.name() == named) {
                Some(alg) if !self.material.is_for(*alg) => {
                    invalid(KeyErrorKind::AlgorithmOfOtherKey)
                }
                Some(alg) if permitted.contains(alg) => Ok((*alg, None)),
                _ => invalid(KeyErrorKind::NotPermitted { permitted: names(permitted) }),
            };
        }
        let mut fitting = permitted.iter().filter(|alg| self.material.is_for(**alg));
        match (fitting.next(), fitting.next()) {
            (Some(alg), None) => Ok((*alg, None)),
            (Some(Ed25519 | EdDsa), Some(Ed25519 | EdDsa)) => Ok((Ed25519, Some(EdDsa.name()))),
            (None, _) => invalid(KeyErrorKind::NoAlgorithm { permitted: names(permitted) }),
            (Some(_), Some(_)) => {
                invalid(KeyErrorKind::SeveralAlgorithms { permitted: names(permitted) })
            }
        }
    }

    fn import_for(
        &self,
        algorithm: SignatureAlgorithm,
        provider: &CryptoProvider,
    ) -> Result<VerifyingKey, InvalidKey> {
        if !provider.supports(algorithm) {
            return Err(InvalidKey::new(
                "alg",
                KeyErrorKind::Unsupported { provider: provider.name() },
            ));
        }
        let (member, imported) = match &self.material {
            Material::Rsa { n, e } => {
                let key = PublicKey::Rsa { n, e };
                ("n", VerifyingKey::import_public(provider, algorithm, key))
            }
            Material::Ec { x, y, .. } => {
                let point = [&[0x04], x.as_slice(), y].concat();
                let key = PublicKey::Ec { point: &point };
                ("x", VerifyingKey::import_public(provider, algorithm, key))
            }
            Material::Okp { x, .. } => {
                let key = PublicKey::Ed25519 { x };
                ("x", VerifyingKey::import_public(provider, algorithm, key))
            }
            Material::Akp { public, .. } => {
                let key = PublicKey::MlDsa { public };
                ("pub", VerifyingKey::import_public(provider, algorithm, key))
            }
            Material::Oct { .. } => ("kty", Err(ImportError::Unsupported)),
        };
        imported.map_err(|error| InvalidKey::new(member, import_error(error, provider)))
    }
}

/// A provider's refusal, as it is reported.
pub(super) fn import_error(error: ImportError, provider: &CryptoProvider) -> KeyErrorKind {
    match error {
        ImportError::Unsupported => KeyErrorKind::Unsupported { provider: provider.name() },
        ImportError::NotOnCurve => KeyErrorKind::NotOnCurve,
        ImportError::OtherPublic => KeyErrorKind::OtherPublic,
        ImportError::Rejected => KeyErrorKind::Rejected { provider: provider.name() },
    }
}

impl Material {
    /// Whether an algorithm is for keys of this type and curve.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7518#section-3.1>
    pub(super) fn is_for(&self, algorithm: SignatureAlgorithm) -> bool {
        use SignatureAlgorithm as Alg;
        match algorithm {
            Alg::Rs256 | Alg::Rs384 | Alg::Rs512 | Alg::Ps256 | Alg::Ps384 | Alg::Ps512 => {
                matches!(self, Self::Rsa { .. })
            }
            Alg::Es256 => self.is_ec(EcCurve::P256),
            Alg::Es384 => self.is_ec(EcCurve::P384),
            Alg::Es512 => self.is_ec(EcCurve::P521),
            Alg::Es256k => self.is_ec(EcCurve::Secp256k1),
            Alg::Ed25519 | Alg::EdDsa => self.is_okp(OkpCurve::Ed25519),
            Alg::Ed448 => self.is_okp(OkpCurve::Ed448),
            Alg::MlDsa44 | Alg::MlDsa65 | Alg::MlDsa87 => {
                matches!(self, Self::Akp { alg, .. } if **alg == *algorithm.name())
            }
        }
    }

    fn is_ec(&self, wanted: EcCurve) -> bool {
        matches!(self, Self::Ec { curve, .. } if *curve == wanted)
    }

    fn is_okp(&self, wanted: OkpCurve) -> bool {
        matches!(self, Self::Okp { curve, .. } if *curve == wanted)
    }
}

pub(crate) fn names(algorithms: &[SignatureAlgorithm]) -> String {
    let names: Vec<_> = algorithms.iter().map(|alg| alg.name()).collect();
    names.join(", ")
}
