//! Tests of the real window; see `tests/`. Nothing is exported.
