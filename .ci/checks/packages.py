#!/usr/bin/env python3
"""Makes the packages of all published crates, builds each from its package alone, and looks at what they hold."""

import io
import json
import os
import pathlib
import re
import shutil
import tarfile
import tomllib

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


def forget(packages, target):
    """Removes what earlier runs in this place unpacked and built: cargo takes the same version for the same content."""
    home = pathlib.Path(os.environ.get("CARGO_HOME") or pathlib.Path.home() / ".cargo")
    for package in packages:
        # Registries without a host are those that `cargo package` makes up.
        for unpacked in home.glob(f"registry/src/-*/{package['name']}-{package['version']}"):
            shutil.rmtree(unpacked)
        for built in (target / "debug/deps").glob(f"*{package['name'].replace('-', '_')}-*.d"):
            if "registry/src/-" in built.read_text(errors="replace"):
                key = built.stem.rsplit("-", 1)[1]
                shutil.rmtree(target / f"debug/.fingerprint/{package['name']}-{key}", ignore_errors=True)


def profile(root):
    """The workspace's own profiles of dependencies, as settings: a package on its own knows nothing of them."""
    manifest = tomllib.loads((root / "Cargo.toml").read_text())
    for name, settings in manifest.get("profile", {}).get("dev", {}).get("package", {}).items():
        for key, value in settings.items():
            yield f"profile.dev.package.{json.dumps(name)}.{key}={json.dumps(value)}"


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

    forget(packages, pathlib.Path(described["target_directory"]))
    selected = [argument for package in packages for argument in ("--package", package["name"])]
    # Dependencies as the workspace builds them otherwise, so that what was built for tests serves here too where the features
    # are the same; without what debuggers read, as nothing is run here.
    environment = {**os.environ, "CARGO_PROFILE_DEV_DEBUG": "false", "CARGO_INCREMENTAL": "0"}
    settings = [argument for setting in profile(root) for argument in ("--config", setting)]
    cargo.cargo(root, "package", "--quiet", "--locked", "--allow-dirty", *settings, *selected, env=environment)
    for package in packages:
        path = pathlib.Path(described["target_directory"]) / f"package/{package['name']}-{package['version']}.crate"
        problems += [f"{package['name']}: {problem}" for problem in contents(root, path)]
        with tarfile.open(path) as archive:
            count = len(archive.getmembers())
        print(f"packages: {path.name} has {count} files, {os.path.getsize(path) // 1024} KiB")
    cargo.finish("packages", problems)


main()
