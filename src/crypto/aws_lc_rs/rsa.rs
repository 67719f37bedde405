//! RSAES-OAEP on `aws-lc-rs`.

use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepAlgorithm, OaepPrivateDecryptingKey, PrivateDecryptingKey,
};
use pkcs1::UintRef;
use pkcs8::der::SecretDocument;
use pkcs8::der::asn1::OctetStringRef;
use zeroize::Zeroizing;

use crate::alg::OaepHash;
use crate::crypto::ImportError;
use crate::crypto::decrypt::{KeyManager, RsaPrivateNumbers, Wrapped};

/// <https://www.rfc-editor.org/rfc/rfc7518#section-4.3>
struct Oaep {
    key: OaepPrivateDecryptingKey,
    padding: &'static OaepAlgorithm,
}

pub(super) fn import(
    hash: OaepHash,
    numbers: &RsaPrivateNumbers,
) -> Result<Box<dyn KeyManager>, ImportError> {
    let padding = match hash {
        OaepHash::Sha1 => &OAEP_SHA1_MGF1SHA1,
        OaepHash::Sha256 => &OAEP_SHA256_MGF1SHA256,
        OaepHash::Sha384 => &OAEP_SHA384_MGF1SHA384,
        OaepHash::Sha512 => &OAEP_SHA512_MGF1SHA512,
    };
    let document = pkcs8(numbers).map_err(|_| ImportError::Rejected)?;
    let key = PrivateDecryptingKey::from_pkcs8(document.as_bytes());
    let key = key.map_err(|_| ImportError::Rejected)?;
    let key = OaepPrivateDecryptingKey::new(key).map_err(|_| ImportError::Rejected)?;
    Ok(Box::new(Oaep { key, padding }))
}

/// The library takes no numbers, but PKCS #8.
fn pkcs8(numbers: &RsaPrivateNumbers) -> Result<SecretDocument, pkcs8::der::Error> {
    let key = pkcs1::RsaPrivateKey {
        modulus: UintRef::new(&numbers.n)?,
        public_exponent: UintRef::new(&numbers.e)?,
        private_exponent: UintRef::new(&numbers.d)?,
        prime1: UintRef::new(&numbers.p)?,
        prime2: UintRef::new(&numbers.q)?,
        exponent1: UintRef::new(&numbers.dp)?,
        exponent2: UintRef::new(&numbers.dq)?,
        coefficient: UintRef::new(&numbers.qi)?,
        other_prime_infos: None,
    };
    let key = SecretDocument::encode_msg(&key)?;
    let key = OctetStringRef::new(key.as_bytes())?;
    SecretDocument::encode_msg(&pkcs8::PrivateKeyInfoRef::new(pkcs1::ALGORITHM_ID, key))
}

/// The largest modulus that is accepted, in bytes.
const MOST_BYTES: usize = 1024;

impl KeyManager for Oaep {
    fn unwrap(&self, wrapped: &Wrapped<'_>, cek: &mut [u8]) -> Option<()> {
        let mut plaintext = Zeroizing::new([0; MOST_BYTES]);
        let plaintext = plaintext.get_mut(..self.key.min_output_size())?;
        let decrypted = self.key.decrypt(self.padding, wrapped.encrypted_key, plaintext, None);
        let decrypted = decrypted.ok()?;
        (decrypted.len() == cek.len()).then(|| cek.copy_from_slice(decrypted))
    }
}
