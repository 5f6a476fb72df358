//! Lint as a whole: where it finds what, why each rule is there, and that nothing makes it panic.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]
mod generated;
mod pages;
mod positions;
mod proofs;
mod robustness;
mod support;
