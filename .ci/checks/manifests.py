#!/usr/bin/env python3
"""Rules on the manifests, checked by `cargo metadata --locked`.

- A published package has everything that its page in the registry and its documentation need.
- The declared Rust version is one that every locked dependency allows.
- A declared dependency is named by the source that it is declared for, and a version in the workspace is used by a member.
  Dependencies that only turn on features are listed in `[package.metadata.xtask] only-features`.
- The tools that this project is built from are direct dependencies of members that use them.
"""

import functools
import pathlib
import re

import cargo
import rust

# The registry accepts other categories too; add one here after looking it up in its list.
CATEGORIES = {
    "api-bindings",
    "asynchronous",
    "authentication",
    "command-line-utilities",
    "development-tools::testing",
    "encoding",
    "parser-implementations",
    "simulation",
    "web-programming::http-client",
    "web-programming::http-server",
}
LICENCES = ("LICENSE-APACHE", "LICENSE-MIT")
# The project is made with these, and not with copies or wrappers of them.
TOOLS = ("httpmock", "openapiv3", "progenitor", "reqwest", "schemars", "serde", "serde_json", "tokio")
# Which kinds of targets may use a kind of dependency; those of tests are there for all.
USERS = {None: {"lib", "bin", "proc-macro"}, "dev": None, "build": {"custom-build"}}


def publication(root, package):
    """What a package lacks to be published."""
    name, folder = package["name"], cargo.folder_of(package)
    for member in ("description", "license", "rust_version"):
        if not package[member]:
            yield f"it has no `{member.replace('_', '-')}`"
    if package["documentation"] != f"https://docs.rs/{name}":
        yield f'`documentation` is not "https://docs.rs/{name}"'
    if not package["readme"] or not (folder / package["readme"]).is_file():
        yield "it has no README.md"
    elif (folder / package["readme"]).resolve().parent != folder.resolve():
        yield "its README.md is that of another folder"
    keywords = package["keywords"]
    if not 1 <= len(keywords) <= 5:
        yield f"it has {len(keywords)} keywords instead of 1 to 5"
    for keyword in keywords:
        if not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_+-]{0,19}", keyword):
            yield f"the registry rejects the keyword `{keyword}`"
    if not 1 <= len(package["categories"]) <= 5:
        yield f"it has {len(package['categories'])} categories instead of 1 to 5"
    for category in package["categories"]:
        if category not in CATEGORIES:
            yield f"`{category}` is not one of the categories that {__file__.rpartition('/')[2]} knows"
    for licence in LICENCES:
        own, project = folder / licence, root / licence
        if not own.is_file() or own.read_bytes() != project.read_bytes():
            yield f"it lacks the text of the licence; `cp {licence} {folder.relative_to(root)}/`"
    docs = ((package["metadata"] or {}).get("docs") or {}).get("rs") or {}
    if docs.get("all-features") is not True or docs.get("rustdoc-args") != ["--cfg", "docsrs"]:
        yield "[package.metadata.docs.rs] lacks `all-features = true` or `rustdoc-args = [\"--cfg\", \"docsrs\"]`"
    for target in package["targets"]:
        if "lib" in target["kind"]:
            source = pathlib.Path(target["src_path"]).read_text()
            if "#![cfg_attr(docsrs, feature(doc_cfg))]" not in source:
                yield "lib.rs lacks `#![cfg_attr(docsrs, feature(doc_cfg))]`"


def cycles(packages):
    """Dependencies on members that can't be published first."""
    published = {package["name"] for package in packages}
    for package in packages:
        for dependency in package["dependencies"]:
            # A path without a version is left out of the package.
            if dependency.get("path") is None or dependency["req"] == "*":
                continue
            if dependency["name"] == package["name"]:
                yield f"{package['name']} depends on itself by version; name only the path"
            elif dependency["name"] not in published:
                yield f"{package['name']} depends on {dependency['name']}, which is not published"


def numbers(version):
    return tuple(int(part) for part in version.split("-")[0].split(".")) + (0,) * (3 - len(version.split(".")))


def too_new(described):
    """Locked packages that need a newer Rust than the members declare."""
    declared = {package["rust_version"] for package in cargo.members(described)}
    if len(declared) != 1 or None in declared:
        yield f"the members declare several Rust versions or none: {declared}"
        return
    least = declared.pop()
    for package in described["packages"]:
        if package["rust_version"] and numbers(package["rust_version"]) > numbers(least):
            yield f"{package['name']} {package['version']} needs Rust {package['rust_version']}, but {least} is declared"


@functools.cache
def named_in(path, comments):
    """The first names of all paths in a file, with or without those in its comments."""
    text = path.read_text()
    if not comments:
        text = re.sub(r"//[^\n]*", "", text)
    # The lookbehind leaves out the rest of a path, and what is called on a value.
    return {head or used for head, used in re.findall(r"(?<![\w.])(?<!\w::)(\w+)::|\buse (\w+)", text)}


@functools.cache
def files_of(roots):
    return rust.reached(roots)


def named_by(package, kind):
    """The first names of all paths in the targets that may use dependencies of that kind."""
    kinds = USERS[kind]
    targets = [target for target in package["targets"] if kinds is None or kinds & set(target["kind"])]
    files = files_of(tuple(pathlib.Path(target["src_path"]) for target in targets))
    named = set().union(*(named_in(file, False) for file in files))
    # Examples in the documentation use dependencies of tests.
    if kind == "dev":
        folder = cargo.folder_of(package)
        pages = [*folder.glob("*.md"), *(folder / "docs").glob("*.md")]
        named = named.union(*(named_in(file, True) for file in [*files, *pages]))
    return named


def library_name(described, dependency):
    """What source names a dependency by."""
    if dependency["rename"]:
        return dependency["rename"].replace("-", "_")
    for package in described["packages"]:
        if package["name"] == dependency["name"]:
            for target in package["targets"]:
                if {"lib", "proc-macro", "rlib"} & set(target["kind"]):
                    return target["name"].replace("-", "_")
    return dependency["name"].replace("-", "_")


def unused(described):
    """Declared dependencies that no source names."""
    for package in cargo.members(described):
        only_features = ((package["metadata"] or {}).get("xtask") or {}).get("only-features", [])
        for dependency in package["dependencies"]:
            own = dependency["name"] == package["name"]
            if (dependency["rename"] or dependency["name"]) in only_features:
                continue
            if not own and library_name(described, dependency) not in named_by(package, dependency["kind"]):
                yield f"{package['name']} declares {dependency['name']}, but its source doesn't name it"


def unused_versions(root, described):
    """Versions in the workspace's manifest that no member takes."""
    manifest = (root / "Cargo.toml").read_text()
    table = re.search(r"^\[workspace\.dependencies\]\n(.*?)(?=^\[|\Z)", manifest, re.MULTILINE | re.DOTALL)
    taken = {
        dependency["rename"] or dependency["name"]
        for package in cargo.members(described)
        for dependency in package["dependencies"]
    }
    for name, entry in re.findall(r"^([\w-]+)\s*=(.*)", table[1] if table else "", re.MULTILINE):
        # The project's own crates are there for any crate that comes to need them.
        if name not in taken and "path =" not in entry:
            yield f"[workspace.dependencies] has {name}, which no member takes"


def tools(described):
    """Tools that no member declares and uses."""
    for tool in TOOLS:
        users = [
            package["name"]
            for package in cargo.members(described)
            for dependency in package["dependencies"]
            if dependency["name"] == tool
            and dependency["kind"] in (None, "dev")
            and library_name(described, dependency) in named_by(package, dependency["kind"])
        ]
        if users:
            print(f"manifests: {tool} is used directly by {', '.join(sorted(set(users)))}")
        else:
            yield f"no member declares {tool} and uses it"


def main():
    root = cargo.root()
    described = cargo.metadata(root, "--locked", "--all-features")
    packages = cargo.publishable(described)
    problems = [f"{package['name']}: {lack}" for package in packages for lack in publication(root, package)]
    problems += cycles(packages)
    problems += too_new(described)
    problems += unused(described)
    problems += unused_versions(root, described)
    # A made-up workspace, as the checks of this check use it, needs no tools.
    if (root / "spec").is_dir():
        problems += tools(described)
    if not problems:
        print(f"manifests: {len(packages)} published packages, {len(described['packages'])} locked")
    cargo.finish("manifests", problems)


main()
