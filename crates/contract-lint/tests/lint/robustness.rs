//! No text, however malformed, makes load or lint panic, and every finding has a position in the text.

use std::path::Path;
use std::sync::LazyLock;

use contract::diagnostic::Report;
use contract::load;
use contract_lint::{Scope, lint};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

static CONTRACT: LazyLock<String> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parameters.yaml");
    std::fs::read_to_string(path).expect("a contract to alter")
});

/// Words that mean something to YAML or OpenAPI, to get further than noise does.
const WORDS: [&str; 34] = [
    "openapi: 3.0.3\n",
    "info: ",
    "paths:\n",
    "  /a/{b}:\n",
    "    get:\n",
    "components:\n",
    "  schemas:\n",
    "    A:\n",
    "      type: object\n",
    "      $ref: '#/components/schemas/A'\n",
    "      allOf:\n",
    "        - ",
    "[",
    "]",
    "{",
    "}",
    ": ",
    "&a ",
    "*a",
    "!!str ",
    "'",
    "\"",
    "|\n",
    ">-\n",
    "? ",
    "---\n",
    "...\n",
    "<<: *a\n",
    "\t",
    "\r\n",
    "é",
    "\u{feff}",
    "enum: [a, A]\n",
    "null",
];

fn lint_bytes(bytes: &[u8]) -> Report {
    match load::parse_bytes("any.yaml", bytes) {
        Ok(document) => {
            document.to_json();
            lint(&document, Scope::Project)
        }
        Err(report) => report,
    }
}

fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    let report = lint_bytes(bytes);
    let lines = bytes.len() + 1;
    for finding in &report {
        prop_assert!(finding.line >= 1 && finding.line <= lines && finding.column >= 1, "{finding}");
    }
    // Drawing the findings cuts the text at their positions.
    report.render(false);
    Ok(())
}

/// A contract with a few lines taken out, repeated, moved or spoilt.
fn malformed() -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..6_u8, prop::sample::select(&WORDS[..]));
    prop::collection::vec(edit, 1..6).prop_map(|edits| {
        let mut lines: Vec<String> = CONTRACT.lines().map(str::to_owned).collect();
        for (position, other, kind, word) in edits {
            let (position, other) = (position.index(lines.len()), other.index(lines.len()));
            match kind {
                0 => drop(lines.remove(position)),
                1 => lines.insert(position, lines[other].clone()),
                2 => lines.swap(position, other),
                3 => lines[position] = format!("  {}", lines[position]),
                4 => {
                    let middle =
                        lines[position].char_indices().map(|(at, _)| at).nth(lines[position].chars().count() / 2);
                    lines[position].insert_str(middle.unwrap_or_default(), word);
                }
                _ => lines[position] = lines[position].split(':').next().unwrap_or_default().to_owned() + ": " + word,
            }
            if lines.is_empty() {
                lines.push(String::new());
            }
        }
        lines.join("\n")
    })
}

#[test]
fn deeply_nested_schemas_are_checked_on_a_small_stack() {
    let work = || {
        for (open, close) in [("{type: array, items: ", "}"), ("{properties: {a: ", "}}"), ("{allOf: [", "]}")] {
            for inner in ["{type: string}", "{type: 7}", "{$ref: '#/components/schemas/A'}"] {
                let levels = 60 / close.len();
                let schema = format!("{}{inner}{}", open.repeat(levels), close.repeat(levels));
                let text = format!(
                    "openapi: 3.0.3\ninfo: {{title: t, version: '1'}}\npaths: {{}}\ncomponents: {{schemas: {{A: {schema}}}}}\n"
                );
                let document = load::parse("any.yaml", &text).expect("it doesn't nest too deep");
                lint(&document, Scope::Project).render(false);
                lint(&document, Scope::Generation).render(false);
            }
        }
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20_180_313),
        ..ProptestConfig::default()
    })]

    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes)?;
    }

    #[test]
    fn arbitrary_text(text in "\\PC{0,200}") {
        check(text.as_bytes())?;
    }

    #[test]
    fn words_of_yaml_in_any_order(words in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..40)) {
        check(words.concat().as_bytes())?;
    }

    #[test]
    fn malformed_contracts(text in malformed()) {
        check(text.as_bytes())?;
    }
}
