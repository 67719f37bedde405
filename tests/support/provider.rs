//! The crypto provider of this run: `tests/aws_lc_rs.rs` runs the suites again, on the other one.

use jwt_appraisal::crypto::{CryptoProvider, aws_lc_rs, ring};
use jwt_appraisal::states::WantsTrust;
use jwt_appraisal::{
    JwkSet, KeyError, KeyStore, Profile, SignatureAlgorithm, Validator, ValidatorBuilder,
};

pub(crate) fn provider() -> &'static CryptoProvider {
    if env!("CARGO_CRATE_NAME") == "aws_lc_rs" { &aws_lc_rs::PROVIDER } else { &ring::PROVIDER }
}

pub(crate) fn validator_builder<C, T>(
    profile: Profile<C, T>,
) -> ValidatorBuilder<C, T, WantsTrust> {
    Validator::builder_with(provider(), profile)
}

/// Not every suite builds a validator of its own.
const _: fn() = || {
    let _ = validator_builder::<(), ()>;
};

pub(crate) fn key_store(
    algorithms: impl IntoIterator<Item = SignatureAlgorithm>,
    set: JwkSet,
) -> Result<KeyStore, KeyError> {
    KeyStore::with_provider(provider(), algorithms, set)
}
