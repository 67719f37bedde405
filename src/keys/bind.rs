//! A JWK and the permitted algorithms → a key with its one algorithm.

use std::collections::BTreeSet;

use super::jwk::{EcCurve, Jwk, Material, OkpCurve};
use crate::alg::SignatureAlgorithm;
use crate::crypto::{CryptoProvider, ImportError, PublicKey, VerifyingKey};
use crate::error::{KeyFault, KeyProblem};

impl Jwk {
    /// Binds a public key to its algorithm and imports it.
    pub(super) fn bind(
        &self,
        permitted: &[SignatureAlgorithm],
        provider: &CryptoProvider,
    ) -> Result<VerifyingKey, KeyProblem> {
        self.check_public()?;
        self.check_use()?;
        self.check_key_ops()?;
        let algorithm = self.algorithm(permitted)?;
        self.material.check_strength()?;
        self.import(algorithm, provider)
    }

    /// A published key set has public keys only.
    fn check_public(&self) -> Result<(), KeyProblem> {
        match (&self.material, self.private_member) {
            (Material::Oct { .. }, _) => Err(KeyProblem::new("k", KeyFault::Symmetric)),
            (_, Some("oth")) => Err(KeyProblem::new("oth", KeyFault::MultiPrime)),
            (_, Some(member)) => Err(KeyProblem::new(member, KeyFault::Private)),
            (_, None) => Ok(()),
        }
    }

    /// <https://www.rfc-editor.org/rfc/rfc7517#section-4.2>
    pub(super) fn check_use(&self) -> Result<(), KeyProblem> {
        match self.key_use.as_deref() {
            None | Some("sig") => Ok(()),
            Some(_) => Err(KeyProblem::new("use", KeyFault::Purpose)),
        }
    }

    /// `verify` is among the operations, none stands twice, and none contradicts `use`.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc7517#section-4.3>
    pub(super) fn check_key_ops(&self) -> Result<(), KeyProblem> {
        let Some(operations) = &self.key_ops else {
            return Ok(());
        };
        let problem = |fault| Err(KeyProblem::new("key_ops", fault));
        let distinct: BTreeSet<_> = operations.iter().map(|op| &**op).collect();
        if distinct.len() < operations.len() {
            return problem(KeyFault::Twice);
        }
        let of_signatures = operations.iter().all(|op| matches!(&**op, "sign" | "verify"));
        let contradicts_use = self.key_use.is_some() && !of_signatures;
        if !distinct.contains("verify") || contradicts_use {
            return problem(KeyFault::Purpose);
        }
        Ok(())
    }

    /// The key's one algorithm: what its `alg` says, if that is permitted and for such keys; else
    /// the only permitted one for such keys.
    ///
    /// rfc8725bis §3.1
    fn algorithm(
        &self,
        permitted: &[SignatureAlgorithm],
    ) -> Result<SignatureAlgorithm, KeyProblem> {
        let problem = |fault| Err(KeyProblem::new("alg", fault));
        if let Some(named) = self.alg.as_deref() {
            return match SignatureAlgorithm::ALL.iter().find(|alg| alg.name() == named) {
                Some(alg) if !self.material.is_for(*alg) => problem(KeyFault::AlgorithmOfOtherKey),
                Some(alg) if permitted.contains(alg) => Ok(*alg),
                _ => problem(KeyFault::NotPermitted(names(permitted))),
            };
        }
        let mut fitting = permitted.iter().filter(|alg| self.material.is_for(**alg));
        match (fitting.next(), fitting.next()) {
            (Some(alg), None) => Ok(*alg),
            (None, _) => problem(KeyFault::NoAlgorithm(names(permitted))),
            (Some(_), Some(_)) => problem(KeyFault::SeveralAlgorithms(names(permitted))),
        }
    }

    fn import(
        &self,
        algorithm: SignatureAlgorithm,
        provider: &CryptoProvider,
    ) -> Result<VerifyingKey, KeyProblem> {
        if !provider.supports(algorithm) {
            return Err(KeyProblem::new("alg", KeyFault::Unsupported(provider.name())));
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
        imported.map_err(|error| KeyProblem::new(member, fault(error, provider)))
    }
}

/// A provider's refusal, as it is reported.
pub(super) fn fault(error: ImportError, provider: &CryptoProvider) -> KeyFault {
    match error {
        ImportError::Unsupported => KeyFault::Unsupported(provider.name()),
        ImportError::NotOnCurve => KeyFault::NotOnCurve,
        ImportError::OtherPublic => KeyFault::OtherPublic,
        ImportError::Rejected => KeyFault::Rejected(provider.name()),
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
