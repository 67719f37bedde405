//! Any text as signed claims.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| jwt_appraisal_fuzz::json(input));
