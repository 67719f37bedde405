//! The algorithms and curves of keys, by their registered identifiers.

use der::asn1::ObjectIdentifier as Oid;

pub(super) const RSA: Oid = pkcs1::ALGORITHM_OID;
/// <https://www.rfc-editor.org/rfc/rfc4055#section-3.1>
pub(super) const RSA_PSS: Oid = Oid::new_unwrap("1.2.840.113549.1.1.10");
/// <https://www.rfc-editor.org/rfc/rfc5480#section-2.1.1>
pub(super) const EC: Oid = Oid::new_unwrap("1.2.840.10045.2.1");
pub(super) const P256: Oid = Oid::new_unwrap("1.2.840.10045.3.1.7");
pub(super) const P384: Oid = Oid::new_unwrap("1.3.132.0.34");
pub(super) const P521: Oid = Oid::new_unwrap("1.3.132.0.35");
/// <https://www.secg.org/sec2-v2.pdf>
pub(super) const SECP256K1: Oid = Oid::new_unwrap("1.3.132.0.10");
/// <https://www.rfc-editor.org/rfc/rfc8410#section-3>
pub(super) const X25519: Oid = Oid::new_unwrap("1.3.101.110");
pub(super) const X448: Oid = Oid::new_unwrap("1.3.101.111");
pub(super) const ED25519: Oid = Oid::new_unwrap("1.3.101.112");
pub(super) const ED448: Oid = Oid::new_unwrap("1.3.101.113");
