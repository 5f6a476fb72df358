//! `cargo xtask generate`, as a program, on copies of the contract.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

use std::path::{Path, PathBuf};
use std::process::Output;
use std::{fs, io};

use contract::{CONTRACT, ERROR_CODES};
use tempfile::TempDir;
use test_support::program::with_tools;

const CLIENT: &str = "crates/partner-center-orders-api/src/generated/client.rs";

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// A workspace that holds the contract and nothing else.
fn root() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    copy_folder(&workspace().join("spec"), &root.path().join("spec")).unwrap();
    root
}

fn generate(root: &Path, arguments: &[&str]) -> Output {
    with_tools(env!("CARGO_BIN_EXE_xtask"))
        .arg("generate")
        .arg("--root")
        .arg(root)
        .args(arguments)
        .current_dir(workspace())
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn read(root: &Path, file: &str) -> String {
    fs::read_to_string(root.join(file)).unwrap()
}

fn edit(root: &Path, file: &str, from: &str, to: &str) {
    let before = read(root, file);
    assert!(before.contains(from), "{file} holds no `{from}`");
    fs::write(root.join(file), before.replacen(from, to, 1)).unwrap();
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_under(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn the_same_contract_gives_the_same_bytes() {
    let (one, two) = (root(), root());
    assert!(generate(one.path(), &[]).status.success());
    assert!(generate(two.path(), &[]).status.success());
    let files = files_under(&one.path().join("crates"));
    assert!(!files.is_empty());
    for file in files {
        let other = two.path().join(file.strip_prefix(one.path()).unwrap());
        assert!(fs::read(&file).unwrap() == fs::read(other).unwrap(), "{} differs", file.display());
    }
}

#[test]
fn check_writes_nothing_and_passes_on_what_was_generated() {
    let root = root();
    let rejected = generate(root.path(), &["--check"]);
    assert_eq!(rejected.status.code(), Some(1));
    assert!(files_under(&root.path().join("crates")).is_empty());

    assert!(generate(root.path(), &[]).status.success());
    let passed = generate(root.path(), &["--check"]);
    assert!(passed.status.success(), "{}", text(&passed.stdout));
}

#[test]
fn a_stray_edit_in_a_generated_file_fails_the_check_with_a_diff() {
    let root = root();
    generate(root.path(), &[]);
    edit(root.path(), CLIENT, "pub struct Order {", "pub struct MyOrder {");

    let check = generate(root.path(), &["--check"]);

    assert_eq!(check.status.code(), Some(1));
    let diff = text(&check.stdout);
    assert!(diff.contains("-    pub struct MyOrder {") && diff.contains("+    pub struct Order {"), "{diff}");
    assert!(text(&check.stderr).contains("`cargo xtask generate` updates them"));
}

#[test]
fn a_new_optional_member_reaches_struct_mock_and_schemas() {
    let root = root();
    edit(
        root.path(),
        CONTRACT,
        "        alternateId:\n",
        "        moonPhase:\n          type: string\n          description: The phase of the moon.\n        alternateId:\n",
    );

    let generated = generate(root.path(), &[]);

    assert!(generated.status.success(), "{}", text(&generated.stderr));
    let client = read(root.path(), CLIENT);
    assert!(client.contains("pub moon_phase: Option<String>"));
    assert!(client.contains("pub fn moon_phase(mut self, moon_phase: impl Into<String>) -> Self"));
    assert!(client.contains("members.lenient(&mut self.moon_phase)"));
    assert!(client.contains("to.put_some(\"moonPhase\", self.moon_phase.as_ref())"));
    let forms = read(root.path(), "crates/partner-center-orders-api/src/generated/forms.rs");
    assert!(forms.contains("\"moonPhase\""), "an order sent back keeps the member that only the read form knows");
    for direction in ["request", "response"] {
        let bundle = read(root.path(), &format!("crates/partner-center-orders-schema/src/generated/{direction}.json"));
        let bundle: serde_json::Value = serde_json::from_str(&bundle).unwrap();
        assert_eq!(bundle["$defs"]["Order"]["properties"]["moonPhase"]["type"], "string");
    }
    // A mock responds with the client crate's own struct.
    let mocks = read(root.path(), "crates/partner-center-orders-httpmock/src/generated/mocks.rs");
    assert!(mocks.contains("pub fn success(self, status: u16, value: &types::Order) -> Self"));
}

#[test]
fn code_in_a_description_does_not_become_an_example_that_runs() {
    let root = root();
    edit(
        root.path(),
        CONTRACT,
        "        alternateId:\n",
        "        moonPhase:\n          type: string\n          description: |-\n            The phase.\n\n            ```\n            std::process::abort();\n            ```\n        alternateId:\n",
    );

    let generated = generate(root.path(), &[]);

    assert!(generated.status.success(), "{}", text(&generated.stderr));
    let client = read(root.path(), CLIENT);
    let before: Vec<&str> = client
        .lines()
        .zip(client.lines().skip(1))
        .filter(|(_, code)| code.contains("abort();"))
        .map(|(fence, _)| fence.trim_start_matches([' ', '/']))
        .collect();
    assert!(!before.is_empty() && before.iter().all(|fence| *fence == "```text"), "{before:?}");
}

#[test]
fn a_misspelt_security_scheme_changes_no_generated_code() {
    let (right, misspelt) = (root(), root());
    edit(misspelt.path(), CONTRACT, "- app_only: [", "- app_olny: [");
    for root in [&right, &misspelt] {
        let generated = generate(root.path(), &[]);
        assert!(generated.status.success(), "{}", text(&generated.stderr));
    }
    let differing: Vec<PathBuf> = files_under(&right.path().join("crates"))
        .into_iter()
        .map(|file| file.strip_prefix(right.path()).unwrap().to_owned())
        .filter(|file| fs::read(right.path().join(file)).unwrap() != fs::read(misspelt.path().join(file)).unwrap())
        .collect();
    // It holds the contract's digest. The kinds of authentication that are used are those of `x-auth`.
    assert_eq!(differing, [Path::new("crates/partner-center-orders-api/src/generated/contract.rs")]);
}

#[test]
fn a_wrong_contract_is_rejected_with_all_its_faults_and_nothing_is_written() {
    let root = root();
    edit(root.path(), CONTRACT, "#/components/schemas/OrderCollection'", "#/components/schemas/Orders'");
    edit(root.path(), CONTRACT, "operationId: get_order\n", "operationId: list_orders\n");

    let rejected = generate(root.path(), &[]);

    assert_eq!(rejected.status.code(), Some(1));
    let text = text(&rejected.stderr);
    assert!(text.contains("dangling-ref") && text.contains("duplicate-operation-id"), "{text}");
    assert!(files_under(&root.path().join("crates")).is_empty());
}

#[test]
fn a_contract_that_is_not_yaml_is_rejected_by_line_and_column() {
    let root = root();
    fs::write(root.path().join(CONTRACT), "openapi: 3.0.3\ninfo: {title: T\n").unwrap();
    let rejected = generate(root.path(), &[]);
    assert_eq!(rejected.status.code(), Some(1));
    let text = text(&rejected.stderr);
    assert!(text.contains("partner-center-orders.yaml:"), "{text}");
    assert!(!text.contains("panicked"), "{text}");
}

#[test]
fn a_wrong_table_of_error_codes_is_rejected_by_line() {
    let root = root();
    let rows = read(root.path(), ERROR_CODES);
    let line = rows.lines().count() + 1;
    fs::write(root.path().join(ERROR_CODES), format!("{rows}notanumber,400,Name,orders,,,documented\n")).unwrap();
    let rejected = generate(root.path(), &[]);
    assert_eq!(rejected.status.code(), Some(1));
    let text = text(&rejected.stderr);
    assert!(text.contains("spec/error-codes.csv") && text.contains(&format!("line: {line}")), "{text}");
    assert!(files_under(&root.path().join("crates")).is_empty());
}
