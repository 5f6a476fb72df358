//! `cargo xtask diff`: its inputs, its forms, and its exit codes.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;
use std::path::Path;
use std::process::Output;

use contract::{CONTRACT, load};
use serde_json::Value;
use tempfile::TempDir;
use test_support::program::with_tools;

const BOTH_WAYS: &str = include_str!("../../crates/contract-diff/tests/fixtures/both-ways.yaml");

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgsign=false"];
    let output = with_tools("git").arg("-C").arg(folder).args(identity).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A repository whose first commit holds the contract, and whose second one has another text as well.
fn repository() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    git(folder.path(), &["init", "--quiet"]);
    write(folder.path(), BOTH_WAYS);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "--message", "first"]);
    fs::write(folder.path().join("notes"), "").unwrap();
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "--quiet", "--message", "second"]);
    folder
}

fn write(folder: &Path, contract: &str) {
    let path = folder.join(CONTRACT);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, contract).unwrap();
}

/// The contract with a text in it exchanged.
fn with(from: &str, to: &str) -> String {
    assert!(BOTH_WAYS.contains(from), "{from}");
    BOTH_WAYS.replacen(from, to, 1)
}

fn diff(folder: &Path, arguments: &[&str]) -> Output {
    with_tools(env!("CARGO_BIN_EXE_xtask")).arg("diff").args(arguments).current_dir(folder).output().unwrap()
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn without_a_release_the_first_contract_is_the_old_one() {
    let folder = repository();
    write(folder.path(), &with("description: Made.", "description: Done."));
    let output = diff(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        printed(&output).contains("(the first contract) to the working tree: patch (1 patch)"),
        "{}",
        printed(&output)
    );
}

#[test]
fn the_last_release_is_the_old_one() {
    let folder = repository();
    git(folder.path(), &["tag", "v0.1.0"]);
    write(folder.path(), &with("minimum: 1, maximum: 9", "minimum: 1"));
    let text = printed(&diff(folder.path(), &[]));
    assert!(text.starts_with("from v0.1.0 to the working tree: minor (1 minor)"), "{text}");
}

#[test]
fn files_and_revisions_are_taken_in_either_position() {
    let folder = repository();
    fs::write(folder.path().join("new.yaml"), with("operationId: make_thing", "operationId: do_thing")).unwrap();
    assert!(printed(&diff(folder.path(), &["HEAD~1", "new.yaml"])).contains("MAJOR"));
    assert!(printed(&diff(folder.path(), &["new.yaml", "HEAD"])).contains("MAJOR"));
    assert!(printed(&diff(folder.path(), &["HEAD~1", "HEAD"])).contains(": none"));
}

#[test]
fn order_comments_layout_and_json_are_no_difference() {
    let folder = repository();
    let value = load::parse("contract.yaml", BOTH_WAYS).unwrap().to_json();
    fs::write(folder.path().join("new.json"), serde_json::to_string(&value).unwrap()).unwrap();
    let mut lines: Vec<&str> = BOTH_WAYS.lines().collect();
    let closed = lines.iter().position(|line| line.contains("ClosedIn: {type")).unwrap();
    lines.swap(closed, closed + 3);
    fs::write(folder.path().join("new.yaml"), lines.join("   # as it was\n\n")).unwrap();
    for new in ["new.json", "new.yaml"] {
        let text = printed(&diff(folder.path(), &["HEAD", new, "--fail-on", "patch"]));
        assert_eq!(text, format!("from HEAD to {new}: none, nothing changed in meaning\n"));
    }
}

#[test]
fn a_threshold_fails_on_its_verdict_and_on_greater_ones() {
    let folder = repository();
    let patch = with("description: Made.", "description: Done.");
    let minor = with("minimum: 1, maximum: 9", "minimum: 1");
    let major = with("minimum: 1, maximum: 9", "minimum: 1, maximum: 8");
    for (contract, failing) in [(patch, 1), (minor, 2), (major, 3)] {
        write(folder.path(), &contract);
        for (index, threshold) in ["patch", "minor", "major"].into_iter().enumerate() {
            let output = diff(folder.path(), &["--fail-on", threshold]);
            let expected = i32::from(index < failing);
            assert_eq!(output.status.code(), Some(expected), "--fail-on {threshold}: {}", printed(&output));
        }
    }
}

#[test]
fn an_unusable_input_is_reported_with_its_location() {
    let folder = repository();
    write(folder.path(), &with("#/components/schemas/OpenIn'", "#/components/schemas/Nowhere'"));
    fs::write(folder.path().join("words.txt"), "no contract").unwrap();
    fs::write(folder.path().join("bytes"), [0xff, 0xfe, 0x00]).unwrap();
    for (arguments, message) in [
        (&[][..], "Nowhere"),
        (&["HEAD~7"], "neither a file nor a git revision"),
        (&["HEAD", "--no-such"], "unexpected argument"),
        (&["HEAD", "words.txt"], "words.txt"),
        (&["HEAD", "bytes"], "bytes"),
    ] {
        let output = diff(folder.path(), arguments);
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {complaint}");
        assert!(complaint.contains(message), "{arguments:?}: {complaint}");
        assert!(output.stdout.is_empty(), "{arguments:?}: {}", printed(&output));
    }
}

#[test]
fn without_history_there_is_no_default() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), BOTH_WAYS);
    assert_eq!(diff(folder.path(), &[]).status.code(), Some(2));
}

#[test]
fn programs_get_verdict_and_changes() {
    let folder = repository();
    write(folder.path(), &format!("# One line more.\n{}", with("minimum: 1, maximum: 9", "minimum: 1, maximum: 8")));
    let json: Value = serde_json::from_str(&printed(&diff(folder.path(), &["--format", "json"]))).unwrap();
    assert_eq!(json["verdict"], "major");
    let change = &json["changes"][0];
    assert_eq!(change["operations"], serde_json::json!(["make_thing"]));
    assert_eq!(change["pointer"], "/paths/~1things~1{id}/post/parameters/1/schema/maximum");
    assert_eq!(change["direction"], "request");
    assert_eq!((change["verdict"].as_str(), change["wire"]["verdict"].as_str()), (Some("major"), Some("major")));
    assert_eq!(change["rust"]["verdict"], "none");
    let line = change["old"]["line"].as_u64().unwrap();
    assert_eq!(change["new"]["line"].as_u64(), Some(line + 1));
    write(folder.path(), BOTH_WAYS);
    let same: Value = serde_json::from_str(&printed(&diff(folder.path(), &["--format", "json"]))).unwrap();
    assert_eq!((&same["verdict"], &same["changes"]), (&Value::from("none"), &serde_json::json!([])));
}

#[test]
fn people_get_location_reach_and_both_effects() {
    let folder = repository();
    write(folder.path(), &format!("# One line more.\n{}", with("minimum: 1, maximum: 9", "minimum: 1, maximum: 8")));
    let text = printed(&diff(folder.path(), &[]));
    for part in [
        "MAJOR\n  POST /things/{id} (make_thing): query parameter `page`: `maximum` `9` becomes `8`\n",
        "spec/partner-center-orders.yaml:11 (was at 10)  /paths/~1things~1{id}/post/parameters/1/schema/maximum\n",
        "requests of make_thing\n",
        "wire  major: requests that were valid may be rejected\n",
        "rust  none: ",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let page = printed(&diff(folder.path(), &["--format", "markdown"]));
    assert!(page.contains("\n### Major\n\n| what | where | on the wire | in Rust |\n|---|---|---|---|\n"), "{page}");
}
