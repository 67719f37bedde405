//! Any header and payload, signed or not.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| jwt_appraisal_fuzz::never_claims(input));
