//! End-to-end tests of the project live in `tests/tests/`; this library is empty.
