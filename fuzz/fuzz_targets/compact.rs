//! Any bytes as a token.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| jwt_appraisal_fuzz::compact(input));
