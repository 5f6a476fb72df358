#!/usr/bin/env python3
"""Makes the packages of all published crates, looks at what they hold, and unpacks them as a workspace of their own.

The last line names that workspace. Each package can be compiled there from what it holds, with the others' packages in place
of those in the registry: before any is published, and each by itself. `cargo package` would build all of them too, but with
code, and with one set of features each.
"""

import io
import os
import pathlib
import re
import shutil
import tarfile

import cargo
import rust

# The registry takes 10 MiB; ours are far from that, and what makes one grow was likely not meant to be in it.
MOST_BYTES = 512 * 1024


def outside(root, package, listed):
    """What packaged source takes in that is not in the package."""
    folder = cargo.folder_of(package)
    packaged = {(folder / name).resolve() for name in listed}
    for name in listed:
        path = folder / name
        if not name.endswith(".rs") or not path.exists():
            continue
        is_root = any(pathlib.Path(target["src_path"]) == path for target in package["targets"])
        wanted = [candidates for candidates in rust.modules(path, is_root)]
        wanted += [[file] for _, file in rust.included(path)]
        for candidates in wanted:
            existing = [file.resolve() for file in candidates if file.exists()]
            if existing and not packaged & set(existing):
                yield f"{name} takes in {os.path.relpath(existing[0], root)}, which is not in the package"


def contents(root, path):
    """What is wrong with a package's archive."""
    with tarfile.open(path) as archive:
        files = {member.name.partition("/")[2]: member for member in archive.getmembers()}
        read = lambda name: io.TextIOWrapper(archive.extractfile(files[name]), "utf-8").read()
        for name in ("Cargo.toml", "Cargo.lock", "README.md", "LICENSE-APACHE", "LICENSE-MIT"):
            if name not in files or not files[name].isfile():
                yield f"{name} is not in it"
        for name in files:
            if name.startswith(("tests/", "benches/", "target/", "spec/")):
                yield f"{name} is in it"
        manifest = read("Cargo.toml")
        for found in re.findall(r'^path = "(\.\.[^"]*)"', manifest, re.MULTILINE):
            yield f"its manifest names {found}, which lies outside"
    if os.path.getsize(path) > MOST_BYTES:
        yield f"it has {os.path.getsize(path)} bytes, more than {MOST_BYTES}"


def unpack(root, archives, folder):
    """Makes a workspace of the packages, with the project's locked versions and build profiles."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    names = []
    for path in archives:
        with tarfile.open(path) as archive:
            archive.extractall(folder)
        names.append(path.name.removesuffix(".crate"))
    profiles = re.findall(r"^\[profile\..*?(?=^\[(?!profile)|\Z)", (root / "Cargo.toml").read_text(), re.MULTILINE | re.DOTALL)
    patches = [f'{name.rpartition("-")[0]} = {{ path = "{name}" }}\n' for name in names]
    manifest = f'[workspace]\nresolver = "3"\nmembers = {names}\n\n[patch.crates-io]\n{"".join(patches)}\n{"".join(profiles)}'
    (folder / "Cargo.toml").write_text(manifest)
    shutil.copy(root / "Cargo.lock", folder / "Cargo.lock")
    # Forgets the versions of what is not published; nothing may have to be added.
    cargo.cargo(folder, "metadata", "--offline", "--format-version", "1")


def main():
    root = cargo.root()
    described = cargo.metadata(root, "--locked", "--no-deps")
    packages = cargo.publishable(described)
    problems = []
    for package in packages:
        listed = cargo.cargo(root, "package", "--list", "--allow-dirty", "--package", package["name"]).split("\n")
        problems += [f"{package['name']}: {problem}" for problem in outside(root, package, list(filter(None, listed)))]
    if problems:
        cargo.finish("packages", problems)

    selected = [argument for package in packages for argument in ("--package", package["name"])]
    cargo.cargo(root, "package", "--quiet", "--locked", "--allow-dirty", "--no-verify", *selected)
    made = pathlib.Path(described["target_directory"]) / "package"
    archives = [made / f"{package['name']}-{package['version']}.crate" for package in packages]
    for package, path in zip(packages, archives):
        problems += [f"{package['name']}: {problem}" for problem in contents(root, path)]
        with tarfile.open(path) as archive:
            count = len(archive.getmembers())
        print(f"packages: {path.name} has {count} files, {os.path.getsize(path) // 1024} KiB")
    if not problems:
        unpack(root, archives, made / "workspace")
        print(made / "workspace")
    cargo.finish("packages", problems)


main()
