//! The pages of `docs/rules/`, made from the catalogue and from two examples of each rule: one that is against it, one that is not.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::catalogue::sections;
use crate::rule::Rule;

/// The folder of the pages, from the root of the workspace.
pub const PAGES: &str = "docs/rules";

/// The folder of the examples, from the root of the workspace.
pub const EXAMPLES: &str = "crates/contract-lint/rules";

const INTRODUCTION: &str = "\
# Rules for contracts

`cargo xtask lint [FILE]` checks an OpenAPI file against these rules, and `cargo xtask generate` rejects a contract that breaks
one of them. Each page says why, and shows what is wrong and what is right; in the wrong examples a caret points at the position
that the rule reports.

The conventions at the end are for this project's own contract; `--conventions` applies them to any file.

`cargo xtask rules` writes these pages from the catalogue and the examples in `crates/contract-lint`.
";

/// The two examples of a rule.
pub struct Examples {
    /// The rule finds something in it, where the carets in its comments point.
    pub wrong: String,
    /// It finds nothing in it.
    pub right: String,
}

impl Examples {
    /// Reads those of a rule.
    ///
    /// # Errors
    /// When one can't be read; the error names it.
    pub fn of(rule: &Rule, root: &Path) -> io::Result<Self> {
        let read = |kind: &str| {
            let path = root.join(EXAMPLES).join(format!("{}.{kind}.yaml", rule.name));
            fs::read_to_string(&path)
                .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
        };
        Ok(Self { wrong: read("wrong")?, right: read("right")? })
    }
}

/// All pages, with their paths from the root of the workspace.
///
/// # Errors
/// When an example can't be read.
pub fn pages(root: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let mut list = INTRODUCTION.to_owned();
    let mut pages = Vec::new();
    for section in sections() {
        // Writing to a string can't fail.
        let _ = writeln!(list, "\n## {}\n", section.title);
        for rule in section.rules {
            let _ = writeln!(list, "- [{0}]({0}.md): {1}", rule.name, rule.summary);
            pages.push((Path::new(PAGES).join(format!("{}.md", rule.name)), page(rule, &Examples::of(rule, root)?)));
        }
    }
    pages.push((Path::new(PAGES).join("README.md"), list));
    Ok(pages)
}

fn page(rule: &Rule, examples: &Examples) -> String {
    let Rule { name, summary, why, remedy, .. } = rule;
    let Examples { wrong, right } = examples;
    let only_here = if rule.convention {
        "A convention of this project's own contract; other files are checked against it with `--conventions` only.\n\n"
    } else {
        ""
    };
    format!(
        "# {name}\n\n{summary}\n\n{only_here}## Why\n\n{why}\n\n\
         ## Against the rule\n\n```yaml\n{wrong}```\n\n\
         ## As it should be\n\n```yaml\n{right}```\n\n\
         What to do: {remedy}.\n"
    )
}
