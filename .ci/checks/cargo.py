"""What the checks of this folder share: the workspace as cargo describes it."""

import json
import os
import pathlib
import subprocess
import sys


def root():
    """The workspace to check: the first argument, or the one around this file."""
    default = pathlib.Path(__file__).resolve().parents[2]
    return pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else default


def cargo(folder, *arguments, **options):
    """Runs cargo in a folder; returns what it printed, or ends with what it complained about."""
    done = subprocess.run(["cargo", *arguments], cwd=folder, stdout=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"`cargo {' '.join(arguments)}` failed")
    return done.stdout


def metadata(folder, *options):
    return json.loads(cargo(folder, "metadata", "--format-version", "1", *options))


def members(described):
    """The packages of the workspace itself."""
    ids = set(described["workspace_members"])
    return [package for package in described["packages"] if package["id"] in ids]


def publishable(described):
    """The members that are published: all without `publish = false`."""
    return [package for package in members(described) if package["publish"] != []]


def folder_of(package):
    return pathlib.Path(package["manifest_path"]).parent


def target(described, name):
    """A folder below the target folder for what a check builds."""
    folder = pathlib.Path(described["target_directory"]) / name
    os.makedirs(folder, exist_ok=True)
    return folder


def finish(check, problems):
    """Prints what was found, and ends with 1 if anything was."""
    for problem in problems:
        print(f"{check}: {problem}", file=sys.stderr)
    sys.exit(1 if problems else 0)
