//! The program behind `cargo xtask simulate`: its output, and its exit code.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::process::Output;

use test_support::program::program;

fn simulate(arguments: &[&str]) -> Output {
    program(env!("CARGO_BIN_EXE_simulate")).args(arguments).output().expect("the program starts")
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn kept_promises_end_with_success_and_the_sum() {
    let output = simulate(&["--seed", "7", "--runs", "3"]);
    assert_eq!(output.status.code(), Some(0));
    let text = printed(&output);
    let last = text.lines().last().unwrap_or_default();
    assert!(last.starts_with("3 seeds in ") && last.ends_with("every promise was kept"), "{text}");
}

#[test]
fn a_broken_promise_ends_with_failure_a_trace_and_the_line_that_replays_it() {
    let output = simulate(&["--runs", "400", "--without", "retry-after"]);
    assert_eq!(output.status.code(), Some(1));
    let text = printed(&output);
    assert!(text.contains("before its Retry-After had passed") || text.contains("before the Retry-After"), "{text}");
    let again = text.lines().find_map(|line| line.strip_prefix("again: cargo xtask simulate "));
    let again = again.unwrap_or_else(|| panic!("no line replays it: {text}"));
    assert!(text.lines().filter(|line| line.contains("s task-")).count() > 1, "no trace: {text}");

    let replayed = simulate(&again.split(' ').collect::<Vec<_>>());
    assert_eq!(replayed.status.code(), Some(1));
    let (broken, _) = text.split_once("again: ").unwrap_or_default();
    assert!(printed(&replayed).starts_with(broken), "{}\n{broken}", printed(&replayed));
}

#[test]
fn every_seed_of_64_bits_can_be_run() {
    let output = simulate(&["--seed", "18446744073709551615", "--runs", "2"]);
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
}

#[test]
fn invalid_arguments_are_distinguished_from_broken_promises() {
    for arguments in [&["--seed", "x"][..], &["--runs"], &["--moon", "1"], &["--without", "hope"]] {
        let output = simulate(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains("usage: "), "{output:?}");
    }
}
