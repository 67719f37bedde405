//! Any encrypted token, and anything encrypted.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| jwt_appraisal_fuzz::open(input));
