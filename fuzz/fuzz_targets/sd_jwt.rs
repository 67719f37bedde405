//! Any payload and any disclosures.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| jwt_appraisal_fuzz::sd_jwt(input));
