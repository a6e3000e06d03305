//! Lets a fuzzer attack the target `model`; the target itself is in `tests/src/attack/targets.rs`.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| tests::attack::feed("model", input));
