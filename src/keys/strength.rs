//! Public keys that must not be used, whatever provider verifies with them.

use super::jwk::{EcCurve, Material, OkpCurve};
use crate::error::{InvalidKey, KeyErrorKind};

impl Material {
    /// Refuses weak and malformed public keys. Points of P-256 and P-384 are checked by the
    /// provider, on import.
    pub(super) fn check_strength(&self) -> Result<(), InvalidKey> {
        match self {
            Self::Rsa { n, e } => {
                check_modulus(n)?;
                check_exponent(e)
            }
            Self::Okp { curve: OkpCurve::Ed25519, x } => check_ed25519(x),
            Self::Ec {
                curve: EcCurve::P256 | EcCurve::P384 | EcCurve::P521 | EcCurve::Secp256k1,
                ..
            }
            | Self::Okp { .. }
            | Self::Akp { .. }
            | Self::Oct { .. } => Ok(()),
        }
    }
}

/// "A key of size 2048 bits or larger MUST be used":
/// <https://www.rfc-editor.org/rfc/rfc7518#section-3.3>
fn check_modulus(n: &[u8]) -> Result<(), InvalidKey> {
    let invalid = |kind| Err(InvalidKey::new("n", kind));
    let bits = bit_length(n);
    if !(2048..=8192).contains(&bits) {
        return invalid(KeyErrorKind::ModulusBits { found: bits });
    }
    if n.last().is_some_and(|low| low % 2 == 0) {
        return invalid(KeyErrorKind::EvenModulus);
    }
    if is_roca(n) {
        return invalid(KeyErrorKind::Roca);
    }
    Ok(())
}

/// An odd exponent of at least 3 (1 would make the signature its own proof) and at most 33 bits,
/// which bounds the work.
fn check_exponent(e: &[u8]) -> Result<(), InvalidKey> {
    const MOST: u64 = (1 << 33) - 1;
    let value = e
        .iter()
        .try_fold(0_u64, |value, byte| value.checked_mul(256)?.checked_add(u64::from(*byte)))
        .unwrap_or(0);
    if (3..=MOST).contains(&value) && value % 2 == 1 {
        Ok(())
    } else {
        Err(InvalidKey::new("e", KeyErrorKind::Exponent))
    }
}

fn bit_length(number: &[u8]) -> usize {
    let leading = number.first().map_or(0, |first| first.leading_zeros());
    let bits = number.len().saturating_mul(8);
    bits.saturating_sub(usize::try_from(leading).unwrap_or(0))
}

/// Keys of a flawed generator: modulo each of these primes the modulus is a power of 65537
/// (CVE-2017-15361). A sound key passes for one with a chance of about 2^-27.
fn is_roca(n: &[u8]) -> bool {
    const PRIMES: [u32; 38] = [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89,
        97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ];
    PRIMES.iter().all(|prime| {
        let residue = remainder(n, *prime);
        powers_of_65537(*prime).any(|power| power == residue)
    })
}

fn remainder(number: &[u8], prime: u32) -> u32 {
    let step = |rest: u32, byte: &u8| {
        rest.saturating_mul(256).saturating_add(u32::from(*byte)).checked_rem(prime).unwrap_or(0)
    };
    number.iter().fold(0, step)
}

fn powers_of_65537(prime: u32) -> impl Iterator<Item = u32> {
    let generator = 65537_u32.checked_rem(prime).unwrap_or(0);
    let next = move |power: &u32| {
        let product = power.saturating_mul(generator).checked_rem(prime)?;
        (product != 1).then_some(product)
    };
    std::iter::successors(Some(1), next)
}

/// Points of small order verify signatures that were made without the key. The encodings are those of order 1,
/// 2, 4 and 8, without the sign bit; a coordinate of 2^255 − 19 or more has another encoding.
fn check_ed25519(x: &[u8]) -> Result<(), InvalidKey> {
    const PRIME: [u8; 32] = {
        let mut prime = [0xff; 32];
        prime[0] = 0xed;
        prime[31] = 0x7f;
        prime
    };
    const ORDER_2: [u8; 32] = {
        let mut prime = PRIME;
        prime[0] = 0xec;
        prime
    };
    const ORDER_1: [u8; 32] = {
        let mut one = [0; 32];
        one[0] = 1;
        one
    };
    const ORDER_8: [[u8; 32]; 2] = [
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef,
            0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88,
            0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10,
            0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77,
            0x92, 0xac, 0x03, 0x7a,
        ],
    ];
    let invalid = || InvalidKey::new("x", KeyErrorKind::SmallOrder);
    let mut y = <[u8; 32]>::try_from(x).map_err(|_| invalid())?;
    if let Some(last) = y.last_mut() {
        *last &= 0x7f;
    }
    let canonical = y.iter().rev().lt(PRIME.iter().rev());
    let small = y == [0; 32] || y == ORDER_1 || y == ORDER_2 || ORDER_8.contains(&y);
    if canonical && !small { Ok(()) } else { Err(invalid()) }
}
