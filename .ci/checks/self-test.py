#!/usr/bin/env python3
"""Shows that each check of the workspace passes where all is well, and fails where it should: in a made-up workspace that has
no dependencies from outside, so that nothing is fetched and little is compiled."""

import os
import pathlib
import subprocess
import tempfile
import unittest

CHECKS = pathlib.Path(__file__).resolve().parent

ROOT = """[workspace]
resolver = "3"
members = ["crates/*"]

[workspace.package]
version = "0.1.0"
edition = "2024"
rust-version = "1.85"
license = "MIT"

[workspace.dependencies]
helper = { path = "crates/helper", version = "0.1.0" }
"""

MANIFEST = """[package]
name = "NAME"
description = "Made up"
version.workspace = true
edition.workspace = true
rust-version.workspace = true
license.workspace = true
documentation = "https://docs.rs/NAME"
keywords = ["made-up"]
categories = ["encoding"]
include = ["/src", "/README.md", "/LICENSE-APACHE", "/LICENSE-MIT"]

[package.metadata.docs.rs]
all-features = true
rustdoc-args = ["--cfg", "docsrs"]
"""

LIBRARY = """//! Made up.
#![cfg_attr(docsrs, feature(doc_cfg))]
"""


class Checks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        self.write("Cargo.toml", ROOT)
        for licence in ("LICENSE-MIT", "LICENSE-APACHE"):
            self.write(licence, licence)
        for name in ("helper", "user"):
            self.write(f"crates/{name}/Cargo.toml", MANIFEST.replace("NAME", name))
            self.write(f"crates/{name}/src/lib.rs", LIBRARY)
            for file in ("LICENSE-MIT", "LICENSE-APACHE", "README.md"):
                self.write(f"crates/{name}/{file}", file)
        self.append("crates/helper/src/lib.rs", "/// Helps.\npub fn help() {}\n")
        self.append("crates/user/Cargo.toml", "\n[dependencies]\nhelper.workspace = true\n")
        self.append("crates/user/src/lib.rs", "mod inner;\npub use helper::help;\n")
        self.write("crates/user/src/inner.rs", "")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def append(self, name, text):
        self.write(name, (self.root / name).read_text() + text)

    def replace(self, name, old, new):
        text = (self.root / name).read_text()
        self.assertIn(old, text)
        self.write(name, text.replace(old, new))

    def run_check(self, check):
        environment = {**os.environ, "CARGO_TARGET_DIR": str(self.root / "target"), "CARGO_NET_OFFLINE": "true"}
        subprocess.run(["cargo", "generate-lockfile", "--quiet"], cwd=self.root, env=environment, check=True)
        command = [CHECKS / check, self.root]
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def passes(self, check):
        code, output = self.run_check(check)
        self.assertEqual(code, 0, output)

    def fails(self, check, expected_text):
        code, output = self.run_check(check)
        self.assertNotEqual(code, 0, output)
        self.assertIn(expected_text, output)

    def test_manifests_pass(self):
        self.passes("manifests.py")

    def test_an_incomplete_manifest(self):
        for old, expected_text in (
            ('description = "Made up"\n', "no `description`"),
            ('documentation = "https://docs.rs/helper"\n', "`documentation`"),
            ('keywords = ["made-up"]\n', "0 keywords"),
            ('categories = ["encoding"]\n', "0 categories"),
            ("all-features = true\n", "docs.rs"),
            ("license.workspace = true\n", "no `license`"),
        ):
            with self.subTest(expected_text):
                before = (self.root / "crates/helper/Cargo.toml").read_text()
                self.replace("crates/helper/Cargo.toml", old, "")
                self.fails("manifests.py", expected_text)
                self.write("crates/helper/Cargo.toml", before)

    def test_words_that_the_registry_rejects(self):
        self.replace("crates/helper/Cargo.toml", "made-up", "much too long for a keyword")
        self.replace("crates/helper/Cargo.toml", "encoding", "odds-and-ends")
        self.fails("manifests.py", "rejects the keyword")
        self.fails("manifests.py", "odds-and-ends")

    def test_another_licence(self):
        self.append("crates/helper/LICENSE-MIT", "but not for everybody")
        self.fails("manifests.py", "cp LICENSE-MIT crates/helper/")

    def test_documentation_without_its_features(self):
        self.replace("crates/helper/src/lib.rs", "#![cfg_attr(docsrs, feature(doc_cfg))]\n", "")
        self.fails("manifests.py", "doc_cfg")

    def test_a_dependency_on_itself_by_version(self):
        self.append("crates/helper/Cargo.toml", "\n[dev-dependencies]\nhelper.workspace = true\n")
        self.fails("manifests.py", "depends on itself by version")

    def test_a_dependency_that_is_not_published(self):
        self.replace("crates/helper/Cargo.toml", 'name = "helper"', 'name = "helper"\npublish = false')
        self.fails("manifests.py", "user depends on helper, which is not published")

    def test_a_dependency_that_needs_a_newer_rust(self):
        self.write("new/Cargo.toml", '[package]\nname = "new"\nversion = "0.1.0"\nedition = "2024"\nrust-version = "1.90"\n')
        self.write("new/src/lib.rs", "")
        self.replace("Cargo.toml", "[workspace]\n", '[workspace]\nexclude = ["new"]\n')
        self.append("crates/helper/Cargo.toml", '\n[dependencies]\nnew = { path = "../../new" }\n')
        self.append("crates/helper/src/lib.rs", "pub use new as other;\n")
        self.fails("manifests.py", "new 0.1.0 needs Rust 1.90, but 1.85 is declared")

    def test_a_dependency_that_nothing_uses(self):
        self.replace("crates/user/src/lib.rs", "pub use helper::help;\n", "// helper::help\n")
        self.fails("manifests.py", "user declares helper")

    def test_tools_that_nothing_uses(self):
        self.write("spec/contract.yaml", "")
        self.fails("manifests.py", "no member declares progenitor and uses it")

    def test_a_version_that_no_member_takes(self):
        self.append("Cargo.toml", 'jsonschema = "1"\n')
        self.fails("manifests.py", "jsonschema, which no member takes")

    def test_sources_pass(self):
        self.passes("sources.py")

    def test_a_file_that_no_mod_declares(self):
        self.write("crates/user/src/inner/left_over.rs", "")
        self.fails("sources.py", "crates/user/src/inner/left_over.rs: no `mod`")

    def test_modules_in_comments_and_strings_declare_nothing(self):
        self.append("crates/user/src/lib.rs", '// mod left_over;\n/* mod left_over; */\nconst _: &str = "mod left_over;";\n')
        self.write("crates/user/src/left_over.rs", "")
        self.fails("sources.py", "left_over.rs: no `mod`")

    def test_modules_by_path_and_inside_modules_are_found(self):
        self.append("crates/user/src/lib.rs", '#[path = "odd/name.rs"]\nmod odd;\nmod a { pub mod b; }\n')
        self.write("crates/user/src/odd/name.rs", "mod next_to_it;\n")
        self.write("crates/user/src/odd/next_to_it.rs", "")
        self.write("crates/user/src/a/b.rs", "mod c;\n")
        self.write("crates/user/src/a/b/c.rs", "")
        self.passes("sources.py")

    def test_an_ignored_example_and_an_ignored_test(self):
        self.append("crates/user/src/lib.rs", "/// ```ignore\n/// nothing\n/// ```\nfn f() {}\n")
        self.fails("sources.py", "an example is marked `ignore`")
        self.append("crates/user/src/lib.rs", "#[test]\n#[ignore]\nfn t() {}\n")
        self.fails("sources.py", "a test is ignored without a reason")

    def test_a_page_that_names_a_file_that_is_not_there(self):
        self.write("README.md", "`crates/user/src/lib.rs`, `crates/*/src`, `target/anything` and `crates/CRATE/src` are fine.\n")
        self.passes("sources.py")
        self.append("README.md", "Look at `crates/user/src/gone.rs`.\n")
        self.fails("sources.py", "README.md:2: `crates/user/src/gone.rs` is not there")

    def test_packages_pass(self):
        self.passes("../packages.sh")

    def test_a_package_that_takes_in_what_lies_outside(self):
        self.append("crates/helper/src/lib.rs", '#[doc = include_str!("../../../outside.md")]\npub fn outside() {}\n')
        self.write("outside.md", "Outside.\n")
        self.fails("../packages.sh", "src/lib.rs takes in outside.md")

    def test_a_package_that_does_not_build_alone(self):
        # Hidden in a macro, from the check of files too; cargo finds it.
        self.append("crates/helper/src/lib.rs", 'pub const TEXT: &str = include_str!(concat!("../../../", "outside.md"));\n')
        self.write("outside.md", "Outside.\n")
        self.fails("../packages.sh", "outside.md")

    def test_a_package_with_tests(self):
        self.replace("crates/helper/Cargo.toml", '"/src"', '"/src", "/tests"')
        self.write("crates/helper/tests/all.rs", "")
        self.fails("../packages.sh", "tests/all.rs is in it")

    def test_features_pass(self):
        self.passes("../features.sh")

    def test_a_feature_that_needs_another(self):
        self.append("crates/helper/Cargo.toml", "\n[features]\none = []\ntwo = []\n")
        self.append("crates/helper/src/lib.rs", '#[cfg(feature = "one")]\nfn one() {}\n#[cfg(feature = "two")]\npub fn two() { one() }\n')
        self.fails("../features.sh", "helper does not compile cleanly with one alone")

    def test_a_feature_that_another_package_hides(self):
        self.append("crates/helper/Cargo.toml", "\n[features]\none = []\n")
        self.append("crates/helper/src/lib.rs", '#[cfg(feature = "one")]\n/// One.\npub fn one() {}\n')
        self.append("crates/user/src/lib.rs", "pub use helper::one;\n")
        self.fails("../features.sh", "user does not compile cleanly with none of its features alone")


if __name__ == "__main__":
    unittest.main()
