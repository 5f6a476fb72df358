//! The walk in CONTRIBUTING.md, followed as it is written.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;
use test_support::program::with_tools;

/// What the walk asks its reader to do.
enum Step {
    /// A change, as `git apply` takes it.
    Patch(String),
    /// A command, and lines that it prints.
    Command { line: String, expected: Vec<String>, code: i32 },
    /// One version is replaced by another.
    Versions { old: String, new: String },
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn steps(text: &str) -> Vec<Step> {
    let walk = text.split("## A first change").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut steps = Vec::new();
    let mut lines = walk.lines();
    while let Some(line) = lines.next() {
        let mut block = || lines.by_ref().take_while(|line| *line != "```").map(|line| format!("{line}\n")).collect();
        match line {
            "```diff" => steps.push(Step::Patch(block())),
            "```console" => {
                let block: String = block();
                for part in block.split("$ ").filter(|part| !part.is_empty()) {
                    let mut lines = part.lines();
                    let line = lines.next().unwrap().to_owned();
                    let mut expected: Vec<String> = lines.map(|line| line.trim().to_owned()).collect();
                    let code = match expected.last().and_then(|last| last.strip_prefix("exit ")) {
                        Some(code) => code.parse().unwrap(),
                        None => 0,
                    };
                    expected.retain(|line| !line.starts_with("exit "));
                    steps.push(Step::Command { line, expected, code });
                }
            }
            _ => {
                if let Some((_, versions)) = line.split_once("replace `") {
                    let (old, rest) = versions.split_once("` by `").unwrap();
                    let (new, _) = rest.split_once('`').unwrap();
                    steps.push(Step::Versions { old: old.to_owned(), new: new.to_owned() });
                }
            }
        }
    }
    steps
}

/// A clean clone, as far as the walk looks: what git knows of, without history.
fn clone() -> TempDir {
    let folder = TempDir::new().unwrap();
    let listed = with_tools("git").args(["ls-files", "-z"]).current_dir(workspace()).output().unwrap();
    for file in String::from_utf8(listed.stdout).unwrap().split('\0').filter(|file| !file.is_empty()) {
        // A file that was just deleted is no longer part of it.
        if let Ok(content) = fs::read(workspace().join(file)) {
            let target = folder.path().join(file);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(target, content).unwrap();
        }
    }
    git(folder.path(), &["init", "--quiet", "--initial-branch", "main"]);
    git(folder.path(), &["add", "--all"]);
    let author = ["-c", "user.name=walk", "-c", "user.email=walk@localhost", "-c", "commit.gpgsign=false"];
    git(folder.path(), &[&author[..], &["commit", "--quiet", "--message", "clone"]].concat());
    folder
}

fn git(folder: &Path, arguments: &[&str]) -> Output {
    let output = with_tools("git").args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn run(folder: &Path, line: &str) -> Output {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["cargo", "xtask", arguments @ ..] => {
            with_tools(env!("CARGO_BIN_EXE_xtask")).args(arguments).current_dir(folder).output().unwrap()
        }
        ["git", arguments @ ..] => git(folder, arguments),
        _ => panic!("the walk has a command that this test doesn't know: {line}"),
    }
}

#[test]
fn the_walk_works_as_it_is_written() {
    let text = fs::read_to_string(workspace().join("CONTRIBUTING.md")).unwrap();
    let steps = steps(&text);
    let commands = steps.iter().filter(|step| matches!(step, Step::Command { .. })).count();
    assert!(commands >= 8, "the walk has only {commands} commands");
    let clone = clone();
    let folder = clone.path();
    for step in steps {
        match step {
            Step::Patch(patch) => {
                fs::write(folder.join("target.patch"), patch).unwrap();
                git(folder, &["apply", "--recount", "target.patch"]);
                fs::remove_file(folder.join("target.patch")).unwrap();
            }
            Step::Versions { old, new } => {
                let manifest = folder.join("Cargo.toml");
                let text = fs::read_to_string(&manifest).unwrap();
                fs::write(&manifest, text.replace(&old, &new)).unwrap();
            }
            Step::Command { line, expected, code } => {
                let output = run(folder, &line);
                let text =
                    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
                assert_eq!(output.status.code(), Some(code), "`{line}` printed:\n{text}");
                for expected in expected {
                    assert!(text.contains(&expected), "`{line}` doesn't print `{expected}` but:\n{text}");
                }
            }
        }
    }
}
