//! The README's example, run as it is written.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::fs;
use std::process::Command;

const README: &str = include_str!("../README.md");

/// Returns the README's first code block in this language.
fn block(language: &str) -> &'static str {
    let begin = format!("```{language}\n");
    README.split_once(&begin).and_then(|(_, rest)| rest.split_once("```")).map(|(block, _)| block).unwrap()
}

#[test]
fn the_readme_example_prints_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("order.json"), block("json")).unwrap();
    let (command, printed) = block("console").split_once('\n').unwrap();
    let arguments = command.strip_prefix("$ pcorders ").unwrap().split(' ');

    let output =
        Command::new(env!("CARGO_BIN_EXE_pcorders")).args(arguments).current_dir(folder.path()).output().unwrap();

    let shown = String::from_utf8(output.stdout).unwrap();
    let (printed, code) = printed.rsplit_once("exit ").unwrap();
    assert_eq!(output.status.code(), Some(code.trim().parse().unwrap()), "{shown}");
    for line in printed.lines() {
        assert!(shown.lines().any(|shown| shown == line), "`{line}` is missing in:\n{shown}");
    }
}

#[test]
fn the_readme_names_every_command() {
    let help = Command::new(env!("CARGO_BIN_EXE_pcorders")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let commands = commands.lines().filter_map(|line| line.split_whitespace().next());
    for command in commands.filter(|command| *command != "help") {
        assert!(README.contains(&format!("`pcorders {command}")), "{command}");
    }
}
