//! What lint finds, and where.

use std::path::{Path, PathBuf};

use contract::load;
use contract_lint::{Scope, lint, rules};

use crate::support::{expectations, found, report_of};

fn in_this_package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The contracts of the fixtures folder, by name.
fn fixtures() -> Vec<(String, String)> {
    let mut fixtures: Vec<(String, String)> = std::fs::read_dir(in_this_package("tests/fixtures"))
        .expect("the fixtures are there")
        .map(|entry| {
            let path = entry.expect("a fixture").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).expect("a fixture can be read"))
        })
        .collect();
    fixtures.sort();
    fixtures
}

/// `conventions.yaml` is checked as the project's own contract, the others as any contract.
fn scope(fixture: &str) -> Scope {
    if fixture.starts_with("conventions") { Scope::Project } else { Scope::Generation }
}

#[test]
fn every_fault_is_found_at_its_position_and_nothing_else() {
    for (name, text) in fixtures() {
        assert_eq!(found(&report_of(&name, &text, scope(&name))), expectations(&text), "{name}");
    }
}

#[test]
fn every_fault_is_addressed_by_a_pointer_that_leads_to_it() {
    for (name, text) in fixtures() {
        let Ok(document) = load::parse(&name, &text) else { continue };
        for finding in &lint(&document, scope(&name)) {
            let node = document.pointer(&finding.pointer);
            assert!(node.is_some(), "{name}: `{}` of {finding} leads nowhere", finding.pointer);
        }
    }
}

#[test]
fn the_findings_of_one_run_come_together_and_in_the_order_of_the_text() {
    let text = "\
openapi: 3.1.0
info: {title: Orders, version: '1'}
paths:
  /orders:
    get:
      operationId: list_orders
      responses:
        default:
          description: Anything.
          description: Twice.
    put:
      operationId: list_orders
      responses:
        '200':
          description: The orders.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Ordr'}
components:
  schemas:
    Order:
      type: object
      requred: [id]
      not: {type: string}
";
    let rules: Vec<_> = report_of("contract.yaml", text, Scope::Generation)
        .iter()
        .map(|finding| (finding.line, finding.rule))
        .collect();
    assert_eq!(
        rules,
        [
            (1, "openapi-version"),
            (8, "default-response"),
            (10, "duplicate-key"),
            (12, "duplicate-operation-id"),
            (18, "dangling-reference"),
            (23, "unknown-key"),
            (24, "not-keyword"),
        ]
    );
}

#[test]
fn two_enum_values_with_one_name_get_a_remedy_for_that_pair() {
    for (values, message, help) in [
        ("USD, usd", "`usd` and `USD` differ only in letter case", "without regard to letter case"),
        ("'>', '<'", "`<` and `>` have the same name in Rust, `X`", "keeps the other as an unknown value"),
        ("a-b, a_b", "`a_b` and `a-b` have the same name in Rust, `AB`", "keeps the other as an unknown value"),
        ("Élan, élan", "`élan` and `Élan` have the same name in Rust, `Élan`", "keeps the other as an unknown value"),
        ("a, a", "`a` is listed twice", "remove one of the two"),
    ] {
        let text = format!(
            "openapi: 3.0.3\ninfo: {{title: Orders, version: '1'}}\npaths: {{}}\ncomponents:\n  schemas:\n    \
             Comparison: {{type: string, x-extensible-enum: true, enum: [{values}]}}\n"
        );
        let report = report_of("contract.yaml", &text, Scope::Generation);
        let found: Vec<_> = report.iter().collect();
        let [finding] = found.as_slice() else { panic!("{values}: {report}") };
        assert_eq!((finding.rule, finding.message.as_str()), ("enum-clash", message), "{values}");
        assert!(finding.help.as_deref().is_some_and(|text| text.ends_with(help)), "{values}: {report}");
    }
}

#[test]
fn the_projects_own_contract_is_clean() {
    let document = load::load(&in_this_package("../../spec/partner-center-orders.yaml"))
        .unwrap_or_else(|report| panic!("{report}"));
    let report = lint(&document, Scope::Project);
    assert!(report.is_empty(), "{report}");
}

#[test]
fn conventions_are_for_the_projects_own_contract_only() {
    let text = std::fs::read_to_string(in_this_package("tests/fixtures/conventions.yaml")).expect("a fixture");
    let report = report_of("other.yaml", &text, Scope::Generation);
    let conventions = |name: &str| rules().any(|rule| rule.convention && rule.name == name);
    assert!(report.iter().all(|finding| !conventions(finding.rule)), "{report}");
}

#[test]
fn rules_have_names_of_their_own() {
    let mut names: Vec<&str> = rules().map(|rule| rule.name).collect();
    names.sort_unstable();
    let all = names.len();
    names.dedup();
    assert_eq!(names.len(), all);
}

const WITH_EXAMPLES: &str = "\
openapi: 3.0.3
info: {title: Orders, version: '1'}
paths: {}
components:
  responses:
    Orders:
      description: The orders.
      content:
        application/json:
          schema: {$ref: '#/components/schemas/Orders'}
          examples:
            there: {externalValue: examples/there.json}
            gone: {externalValue: examples/gone.json}
            broken: {externalValue: examples/broken.json}
            outside: {externalValue: ../outside.json}
  schemas:
    Orders: {type: array, description: The orders., items: {type: string}}
";

#[test]
fn example_files_must_be_there_and_hold_json() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("examples")).expect("a folder in it");
    std::fs::write(folder.path().join("examples/there.json"), "[]").expect("an example");
    std::fs::write(folder.path().join("examples/broken.json"), "[").expect("an example");
    let contract = folder.path().join("contract.yaml");
    std::fs::write(&contract, WITH_EXAMPLES).expect("a contract");

    let document = load::load(&contract).unwrap_or_else(|report| panic!("{report}"));
    let findings: Vec<_> = lint(&document, Scope::Project).iter().map(|finding| (finding.line, finding.rule)).collect();
    assert_eq!(findings, [(13, "example-file"), (14, "example-file"), (15, "example-file")]);
}

#[test]
fn a_file_that_is_not_there_is_a_finding_too() {
    let report = load::load(Path::new("no/such/contract.yaml")).expect_err("there is no such file");
    assert_eq!(report.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["yaml-syntax"]);
    assert!(report.to_string().starts_with("no/such/contract.yaml:1:1: error[yaml-syntax]: can't read the file"));
}
