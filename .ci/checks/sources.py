#!/usr/bin/env python3
"""Every Rust file is part of some target, and no test or example is left out silently.

- A file that no `mod` declares is never compiled, whatever it holds.
- A documentation example marked `ignore` is not compiled either: `no_run`, `text` or a hidden line shows more.
- `#[ignore]` without a reason hides a test from everybody but its author.
- A file that a page of the top folder names, as `crates/…`, has to be there.

The modules are followed from the targets that cargo knows, in the workspace and in those next to it (`bench`, `fuzz`).
"""

import os
import pathlib
import re
import tomllib

import cargo
import rust

# Packages that are not members of the workspace.
OTHER_WORKSPACES = ("bench", "fuzz")

# Begins a block of documentation in Rust or Markdown.
FENCE = re.compile(r"^\s*(?://[/!]\s?)?\s*(`{3,}|~{3,})\s*([\w,\- ]*)")


def rust_files(root):
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name != "target" and not name.startswith(".")]
        for name in files:
            if name.endswith((".rs", ".md")):
                yield os.path.join(folder, name)


def roots(folder):
    """The roots of a package that cargo can't describe yet, as what it depends on is generated when it is run."""
    if not (folder / "Cargo.toml").exists():
        return
    manifest = tomllib.loads((folder / "Cargo.toml").read_text())
    explicit = [manifest.get("lib", {}), *manifest.get("bin", [])]
    yield from (folder / target["path"] for target in explicit if "path" in target)
    yield from (path for path in (folder / "src/lib.rs", folder / "src/main.rs") if path.exists())


def all_roots(root):
    for package in cargo.members(cargo.metadata(root, "--no-deps")):
        yield from (pathlib.Path(target["src_path"]) for target in package["targets"])
    for name in OTHER_WORKSPACES:
        yield from roots(root / name)


def silent(path, text):
    """Examples and tests of a file that are left out without a word."""
    fence = None
    for number, line in enumerate(text.splitlines(), 1):
        begins = FENCE.match(line)
        if fence is None and begins:
            fence = begins[1]
            words = re.split(r"[,\s]+", begins[2])
            if any(word == "ignore" or word.startswith("ignore-") for word in words):
                yield f"{path}:{number}: an example is marked `ignore`; mark it `no_run` or `text`, or let it run"
        elif fence is not None and begins and begins[1].startswith(fence) and not begins[2].strip():
            fence = None
    if path.endswith(".rs"):
        for number, line in enumerate(text.splitlines(), 1):
            if re.match(r"\s*#\[ignore\]", line):
                yield f"{path}:{number}: a test is ignored without a reason; write `#[ignore = \"why\"]`"


def missing_paths(root, path, text):
    """Files and folders of the project that a page names and that are not there."""
    folders = "|".join(
        re.escape(entry.name)
        for entry in root.iterdir()
        if entry.is_dir() and entry.name != "target" and entry.name[0] != "."
    )
    named = re.compile(rf"`((?:{folders})/[^`\s]*)`")
    for number, line in enumerate(text.splitlines(), 1):
        for match in named.finditer(line):
            # Words in capitals stand for a name: `spec/examples/OPERATION.request.json`.
            if not re.search(r"[A-Z]{4,}|…", match[1]) and not any(root.glob(match[1].rstrip("/"))):
                yield f"{path}:{number}: `{match[1]}` is not there"


def main():
    root = cargo.root()
    known = rust.reached(all_roots(root))
    problems = []
    for path in sorted(rust_files(root)):
        shown = os.path.relpath(path, root)
        if path.endswith(".rs") and pathlib.Path(path).resolve() not in known:
            problems.append(f"{shown}: no `mod` declares this file; declare it or delete it")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        problems += silent(shown, text)
        if path.endswith(".md") and os.sep not in shown:
            problems += missing_paths(root, shown, text)
    if not problems:
        print(f"sources: {len(known)} files, all declared")
    cargo.finish("sources", problems)


main()
