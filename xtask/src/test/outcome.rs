//! What the harness of a test program prints.

/// What came of one run of a test program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// The tests that failed.
    pub(super) failed: Vec<String>,
    /// How many tests passed and failed; `None` where the program ended before it had counted them.
    pub(super) counted: Option<(usize, usize)>,
}

impl Outcome {
    /// Reads what a program printed.
    ///
    /// Tests may print, too, also in the middle of a line about another one: what counts is the list of failures and the sum
    /// behind all tests.
    pub(super) fn read(printed: &str) -> Self {
        let lines: Vec<&str> = printed.lines().collect();
        let sum = lines.iter().rposition(|line| line.starts_with("test result: "));
        let counted = sum.and_then(|at| Some((number(lines[at], " passed")?, number(lines[at], " failed")?)));
        let list = lines[..sum.unwrap_or(0)].iter().rposition(|line| *line == "failures:");
        let failed = list.map_or_else(Vec::new, |at| {
            lines[at + 1..].iter().map_while(|line| line.strip_prefix("    ")).map(str::to_owned).collect()
        });
        Self { failed, counted }
    }
}

/// The number before a word of the sum.
fn number(sum: &str, word: &str) -> Option<usize> {
    sum.split_once(word)?.0.rsplit(' ').next()?.parse().ok()
}

/// The tests that a program lists by `--list --format terse`.
pub(super) fn listed(printed: &str) -> usize {
    printed.lines().filter(|line| line.ends_with(": test")).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_failure_counts_its_tests() {
        let printed = "\nrunning 2 tests (shuffle seed: 1)\ntest a ... ok\ntest b ... ok\n\n\
            test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.03s\n\n";
        assert_eq!(Outcome::read(printed), Outcome { failed: vec![], counted: Some((2, 0)) });
    }

    #[test]
    fn failures_are_read_from_the_list_at_the_end() {
        let printed = "\nrunning 3 tests\ntest a ... printed by itselfok\ntest m::b ... FAILED\ntest c ... FAILED\n\n\
            failures:\n\n---- m::b stdout ----\nfailures:\n    not one\n\n\nfailures:\n    c\n    m::b\n\n\
            test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s\n\n";
        assert_eq!(
            Outcome::read(printed),
            Outcome { failed: vec!["c".to_owned(), "m::b".to_owned()], counted: Some((1, 2)) }
        );
    }

    #[test]
    fn a_program_that_breaks_off_has_counted_nothing() {
        assert_eq!(Outcome::read("\nrunning 3 tests\ntest a ... ok\n"), Outcome::default());
        assert_eq!(Outcome::read(""), Outcome::default());
    }

    #[test]
    fn benchmarks_are_no_tests() {
        assert_eq!(listed("m::a: test\nb: test\nc: benchmark\n"), 2);
    }
}
