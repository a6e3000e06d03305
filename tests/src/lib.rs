//! What the end-to-end tests in `tests/tests/` and the harnesses in `fuzz/` share.

pub mod attack;
