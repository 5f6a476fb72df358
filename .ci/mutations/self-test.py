#!/usr/bin/env python3
"""The runner of mutations distinguishes each outcome, in a made-up crate without dependencies."""

import os
import pathlib
import subprocess
import tempfile
import unittest

import functions

RUN = pathlib.Path(__file__).resolve().parent / "run.py"

SOURCE = """//! Made up.

/// Waits. Not this one: `fn close(&self) { self.count + 1 }`
pub struct Gate<'a, T>(&'a T);

impl<'a, T: Fn() -> u32> Gate<'a, T> {
    /// Counts.
    pub fn count(&self) -> u32 {
        /* not } this */
        let text = "nor } this";
        let end = '}';
        if text.ends_with(end) { 0 } else { (self.0)() + 1 }
    }
}

impl<T> Clone for Gate<'_, T>
where
    T: Copy,
{
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

/// Steps down to nothing.
pub fn steps(mut from: u32) -> u32 {
    let mut steps = 0;
    while from > 0 {
        from -= 1;
        steps += 1;
    }
    steps
}

/// Nothing looks at it.
pub fn unseen() -> u32 {
    1 + 1 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts() {
        assert_eq!(Gate(&|| 2).count(), 3);
    }

    #[test]
    fn it_steps() {
        assert_eq!((steps(3), unseen() > 0), (3, true));
    }
}
"""

CAUGHT = {"function": "Gate::count", "find": "(self.0)()\n + 1", "replace": "(self.0)()"}
NOT_CAUGHT = {"function": "unseen", "find": "1 + 1 + 1", "replace": "1"}
# Endless: a count that overflows would end some time, with a panic.
TIMED_OUT = {"function": "steps", "find": "from -= 1;", "replace": "loop {}"}
NO_COMPILE = {"function": "steps", "find": "steps += 1;", "replace": "steps += true;"}
NO_FUNCTION = {"function": "Gate::close", "find": "1", "replace": "2"}
NO_TEXT = {"function": "Gate::count", "find": "(self.0)() + 2", "replace": "2"}
TWICE = {"function": "unseen", "find": "+ 1", "replace": "+ 2"}


class Mutations(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.write("Cargo.toml", '[package]\nname = "made-up"\nversion = "0.1.0"\nedition = "2024"\n')
        self.write("src/lib.rs", SOURCE)
        self.write(".gitignore", "target\n")
        self.environment = {**os.environ, "CARGO_TARGET_DIR": str(self.root / "target"), "CARGO_NET_OFFLINE": "true"}
        for command in (["git", "init", "--quiet"], ["cargo", "generate-lockfile", "--quiet"]):
            subprocess.run(command, cwd=self.root, env=self.environment, check=True)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_with(self, mutations, *options):
        entries = []
        for name, mutation in mutations.items():
            entry = {"name": name, "breaks": "A promise.", "file": "src/lib.rs", "package": "made-up", "test": "lib"}
            lines = [f"{key} = '''{value}'''" for key, value in (entry | mutation).items() if key != "filter"]
            lines += [f"filter = {mutation['filter']}"] if "filter" in mutation else []
            entries.append("\n".join(["[[mutation]]", *lines]))
        # Where no test looks.
        self.write("target/mutations.toml", "\n".join(entries))
        command = [RUN, "--root", self.root, "--mutations", self.root / "target/mutations.toml", *options]
        done = subprocess.run(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        return done.returncode, done.stdout

    def expect(self, mutations, options, code, *expected_texts):
        got, output = self.run_with(mutations, *options)
        self.assertEqual(got, code, output)
        for expected_text in expected_texts:
            self.assertIn(expected_text, output)

    def test_a_mutation_that_is_caught(self):
        self.expect({"one": CAUGHT}, ["one"], 0, "caught          one", "tests::it_counts", "1 caught, 0 NOT CAUGHT")
        self.assertEqual((self.root / "src/lib.rs").read_text(), SOURCE)
        self.expect({"one": CAUGHT}, ["one"], 0, "caught          one")

    def test_what_is_known_is_not_run_again(self):
        both = {"fine": CAUGHT, "unseen": NOT_CAUGHT}
        ran, known = ["tests::it_counts", "1 caught, 1 NOT CAUGHT"], ["2 are known", "NOT CAUGHT      unseen: A promise."]
        self.expect(both, ["--all"], 1, "0 are known", *ran)
        _, output = self.run_with(both, "--all")
        self.assertNotIn("tests::it_counts", output)
        self.expect(both, ["--all"], 1, *known, "1 caught, 1 NOT CAUGHT")
        self.expect(both, ["--all", "--again"], 1, *ran)
        # Another mutation of that name, other tests, other sources.
        self.expect(both | {"unseen": CAUGHT}, ["--all"], 0, "1 are known", "caught          unseen", "2 caught")
        self.expect({"fine": CAUGHT | {"filter": ["it_counts"]}}, ["--all"], 0, "0 are known", "caught          fine")
        self.write("src/lib.rs", SOURCE.replace("it_steps", "it_steps_down"))
        self.expect(both, ["--all"], 1, "0 are known", *ran)
        # Whether a test ends in time is seen anew.
        for _ in range(2):
            self.expect({"hangs": TIMED_OUT}, ["--all", "--time-limit", "1"], 1, "0 are known", "timed out       hangs")

    def test_what_the_checkout_built_is_left_alone(self):
        self.write("src/main.rs", "//! Made up.\n\nfn main() {\n    println!(\"{}\", made_up::unseen());\n}\n")
        test = 'assert_eq!((made_up::unseen(), std::path::Path::new(env!("CARGO_BIN_EXE_made-up")).is_file()), (3, true));'
        self.write("tests/whole.rs", f"//! Made up.\n\n#[test]\nfn whole() {{\n    {test}\n}}\n")
        # The settings that the copy has, too.
        self.environment |= {"CARGO_PROFILE_DEV_DEBUG": "false", "CARGO_INCREMENTAL": "1"}
        build = ["cargo", "test", "--quiet", "--offline"]
        subprocess.run(build, cwd=self.root, env=self.environment, stdout=subprocess.DEVNULL, check=True)

        def built():
            files = [path for path in (self.root / "target/debug").rglob("*") if path.is_file()]
            return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files if path.name != ".cargo-lock"}

        before = built()
        self.expect({"seen": NOT_CAUGHT | {"test": "whole"}}, ["--all"], 0, "caught          seen", "whole")
        after = built()
        self.assertEqual([path for path in before if after.get(path) != before[path]], [])
        program = subprocess.run([self.root / "target/debug/made-up"], stdout=subprocess.PIPE, text=True, check=True)
        self.assertEqual(program.stdout, "3\n")

    def test_all_other_outcomes(self):
        mutations = {"fine": CAUGHT, "unseen": NOT_CAUGHT, "wrong": NO_COMPILE, "gone": NO_FUNCTION}
        output = ["NOT CAUGHT      unseen", "A promise.", "doesn't compile wrong"]
        output += ["doesn't apply   gone: src/lib.rs: there is no function `Gate::close`"]
        # The two that compile were in one build first.
        output += ["made-up lib: built with 2 mutations"]
        output += ["4 mutations", "1 caught, 1 NOT CAUGHT, 0 timed out, 1 doesn't compile, 1 doesn't apply, 0 not run"]
        self.expect(mutations, ["--all"], 1, *output)
        for name in ("unseen", "wrong"):
            with self.subTest(name):
                self.expect({name: mutations[name]}, [name], 1, name)

    def test_a_mutation_that_hangs(self):
        self.expect({"hangs": TIMED_OUT}, ["hangs", "--time-limit", "1"], 1, "timed out       hangs", "0 caught")

    def test_a_mutation_that_no_longer_applies_fails_whatever_runs(self):
        for mutation, output in (
            (NO_FUNCTION, "there is no function `Gate::close`"),
            (NO_TEXT, "the text is not in `Gate::count`"),
            (TWICE, "the text is 2 times in `unseen`"),
            (CAUGHT | {"file": "src/gone.rs"}, "No such file"),
        ):
            with self.subTest(output):
                self.expect({"fine": CAUGHT, "gone": mutation}, ["--check"], 1, output, "1 doesn't apply, 1 not run")
        self.expect({"fine": CAUGHT, "gone": NO_TEXT}, ["fine"], 1, "1 caught", "1 doesn't apply")

    def test_tests_that_fail_or_are_not_there(self):
        self.expect({"one": CAUGHT | {"filter": ["nothing"]}}, ["--all"], 2, "one: no test matches nothing")
        self.write("src/lib.rs", SOURCE.replace("count(), 3", "count(), 4"))
        self.expect({"one": CAUGHT}, ["--all"], 2, "fail without a mutation")
        self.expect({"one": CAUGHT}, ["two"], 1, "no such mutation: two")

    def test_others_each_day(self):
        mutations = {f"{number}": CAUGHT for number in range(4)}
        first = set()
        for seed in range(4):
            code, output = self.run_with(mutations, "--rotate", "0", "--seed", str(seed))
            self.assertEqual(code, 0, output)
            self.assertIn("1 caught", output)
            self.assertIn("3 not run", output)
            first |= {name for name in mutations if f"caught          {name} " in output}
        self.assertEqual(first, set(mutations))


class Functions(unittest.TestCase):
    def test_functions_are_found_by_their_path(self):
        source = """
            mod a { fn f() { 1; } mod b { fn f() { 2; } } }
            impl Trait for a::B<C> { fn f(&self) -> impl Fn() -> u8 { 3; fn g() { 4; } } }
            impl<T: Fn(u8) -> u8> dyn Other<T> + '_ { fn f(&self) where T: Copy { 5; } }
            trait Named { fn none(&self); fn some(&self) { 6; } }
            macro_rules! made { ($($type:ty),*) => {$( impl Named for $type { fn some(&self) { 7; } } )*}; }
            impl for<'a> Trait for &'a [u8] where for<'b> &'b u8: Copy { fn h(&self, f: fn(u8)) { 8; } }
        """
        for path, number in (
            ("a::f", 1),
            ("b::f", 2),
            ("a::b::f", 2),
            ("B::f", 3),
            ("Trait for B::f", 3),
            ("g", 4),
            ("B::f::g", 4),
            ("Other::f", 5),
            ("Named::some", 6),
            ("$type::some", 7),
            ("h", 8),
        ):
            with self.subTest(path):
                begin, end = functions.body(source, path)
                self.assertEqual(source[begin:end].strip().split(";")[0], str(number))
        for path in ("f", "some", "none", "c::f"):
            with self.subTest(path), self.assertRaises(functions.NotFound):
                functions.body(source, path)


if __name__ == "__main__":
    unittest.main()
