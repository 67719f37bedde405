//! Any bytes as a JWK set.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| jwt_appraisal_fuzz::jwk_set(input));
