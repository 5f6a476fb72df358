//! Prints where the binary expressions and match arms of Rust files lie: lines of tab-separated fields, a position as its byte.
//!
//! `binary FILE OPERATOR LEFT-START RIGHT-END` and `arm FILE START ARROW GUARD-START GUARD-END`, the last two empty without one.

use std::ops::Range;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

struct Printer<'a>(&'a str);

fn bytes(item: &impl Spanned) -> Range<usize> {
    item.span().byte_range()
}

impl<'ast> Visit<'ast> for Printer<'_> {
    fn visit_expr_binary(&mut self, binary: &'ast syn::ExprBinary) {
        let (left, right) = (bytes(&binary.left), bytes(&binary.right));
        println!("binary\t{}\t{}\t{}\t{}", self.0, bytes(&binary.op).start, left.start, right.end);
        visit::visit_expr_binary(self, binary);
    }

    fn visit_arm(&mut self, arm: &'ast syn::Arm) {
        let guard = guard_of(arm).map(|guard| format!("{}\t{}", guard.start, guard.end));
        let arrow = bytes(&arm.fat_arrow_token).start;
        println!("arm\t{}\t{}\t{arrow}\t{}", self.0, bytes(arm).start, guard.unwrap_or_else(|| "\t".to_owned()));
        visit::visit_arm(self, arm);
    }
}

fn guard_of(arm: &syn::Arm) -> Option<Range<usize>> {
    match &arm.pat {
        syn::Pat::Guard(pattern) => Some(bytes(&pattern.guard)),
        _ => None,
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let file = syn::parse_file(&std::fs::read_to_string(&path)?).map_err(|error| format!("{path}: {error}"))?;
        Printer(&path).visit_file(&file);
    }
    Ok(())
}
