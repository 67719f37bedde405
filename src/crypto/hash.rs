//! Hashes and the verification of MACs, for libraries with the interface of `ring`.

/// Implements both for one library: `import_secret`, `digest` and `sha256`.
macro_rules! implement_hashes {
    ($library:ident) => {
        use $library::{digest as hashes, hmac};

        fn import_secret(
            algorithm: $crate::alg::MacAlgorithm,
            secret: &[u8],
        ) -> Box<dyn $crate::crypto::Verifier> {
            use $crate::alg::MacAlgorithm;
            let algorithm = match algorithm {
                MacAlgorithm::Hs256 => hmac::HMAC_SHA256,
                MacAlgorithm::Hs384 => hmac::HMAC_SHA384,
                MacAlgorithm::Hs512 => hmac::HMAC_SHA512,
            };
            Box::new(hmac::Key::new(algorithm, secret))
        }

        impl $crate::crypto::Verifier for hmac::Key {
            fn accepts(&self, message: &[u8], tag: &[u8]) -> bool {
                hmac::verify(self, message, tag).is_ok()
            }
        }

        /// Hashes with SHA-2. Neither library has SHAKE256.
        fn digest(algorithm: $crate::crypto::Digest, bytes: &[u8]) -> Option<Vec<u8>> {
            use $crate::crypto::Digest;
            let algorithm = match algorithm {
                Digest::Sha256 => &hashes::SHA256,
                Digest::Sha384 => &hashes::SHA384,
                Digest::Sha512 => &hashes::SHA512,
                Digest::Shake256(_) => return None,
            };
            Some(hashes::digest(algorithm, bytes).as_ref().to_vec())
        }

        fn sha256(bytes: &[u8]) -> [u8; 32] {
            let mut output = [0; 32];
            output.copy_from_slice(hashes::digest(&hashes::SHA256, bytes).as_ref());
            output
        }
    };
}

pub(super) use implement_hashes;
