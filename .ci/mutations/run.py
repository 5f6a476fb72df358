#!/usr/bin/env python3
"""Takes promises out of the code, one at a time, and expects a test to fail.

mutations.toml lists what is taken out and which tests must notice. Works in a copy of the workspace below the target folder, with a
target folder of its own that is kept between runs; the checkout is never changed.

    .ci/mutations/run.py NAME...             these
    .ci/mutations/run.py --all               each
    .ci/mutations/run.py --rotate SECONDS    others each day, as many as fit into that time, but one at least; the time
                                             begins when the first test program is built without a mutation
    .ci/mutations/run.py --check             none; only that each can be applied, which the others look at first too

The tests run without a mutation first, and must pass. Of each mutation one of these comes:

    caught           a test failed
    NOT CAUGHT       the tests passed
    timed out        the tests didn't end in time; a test that hangs tells nobody why, so this doesn't count as caught
    doesn't compile  the mutation is wrong
    doesn't apply    its function or text is not there, or is there more than once: the mutation has to follow the code

What cargo said of each is kept in mutations/logs below the target folder. Exits 1 unless all that ran were caught, 2 where the tests fail without a mutation.
"""

import argparse
import datetime
import fcntl
import json
import math
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import dataclass

import functions

HERE = pathlib.Path(__file__).resolve().parent

CAUGHT, NOT_CAUGHT, TIMED_OUT = "caught", "NOT CAUGHT", "timed out"
NO_COMPILE, NO_MATCH = "doesn't compile", "doesn't apply"
OUTCOMES = (CAUGHT, NOT_CAUGHT, TIMED_OUT, NO_COMPILE, NO_MATCH)

# A mutation may take so many times as long as the tests without it.
SLOWER = 10
# What a mutation takes is guessed as long as it never ran. In seconds.
GUESS = 30


@dataclass(frozen=True)
class Mutation:
    name: str
    breaks: str
    file: str
    function: str
    find: str
    replace: str
    package: str
    test: str
    filter: tuple = ()

    @property
    def target(self):
        """The test program that must notice it."""
        return self.package, self.test

    @property
    def options(self):
        return ["--package", self.package, *(["--lib"] if self.test == "lib" else ["--test", self.test])]

    def applied(self, source):
        return functions.replaced(source, self.function, self.find, self.replace)


def listed(path):
    mutations = []
    for entry in tomllib.loads(path.read_text())["mutation"]:
        entry["filter"] = tuple(entry.get("filter", ()))
        try:
            mutations.append(Mutation(**entry))
        except TypeError as error:
            sys.exit(f"{path}: {entry.get('name', '?')}: {error}")
    names = [mutation.name for mutation in mutations]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        sys.exit(f"{path}: named twice: {', '.join(twice)}")
    # By test program, so that each is built for as many as possible in a row.
    return sorted(mutations, key=lambda mutation: mutation.target)


def tracked(root):
    """The files of the checkout as they are, without those that git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=True).stdout.split("\0")
    return {name for name in names if name and (root / name).is_file()}


def copy(root, workspace):
    """Makes a folder hold what the checkout holds. What is the same is left alone, so that cargo doesn't build it anew."""
    names = tracked(root)
    for name in names:
        content, to = (root / name).read_bytes(), workspace / name
        if not to.is_file() or to.read_bytes() != content:
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(content)
    for folder, _, files in os.walk(workspace):
        for name in files:
            path = pathlib.Path(folder, name)
            if str(path.relative_to(workspace)) not in names:
                path.unlink()


class Runner:
    def __init__(self, root, minimum):
        self.root, self.minimum = root, minimum
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", root / "target")).resolve()
        self.folder = target / "mutations"
        self.workspace = self.folder / "workspace"
        self.logs = self.folder / "logs"
        for folder in (self.workspace, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        self.lock = open(self.folder / "lock", "w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.known = self.folder / "seconds.json"
        self.seconds = json.loads(self.known.read_text()) if self.known.exists() else {}
        # How long the tests take without a mutation, by program and filter.
        self.unmutated = {}
        self.environment = {
            **os.environ,
            "CARGO_TARGET_DIR": str(self.folder / "build"),
            "CARGO_PROFILE_DEV_DEBUG": "false",
            "CARGO_TERM_COLOR": "never",
        }
        # One crate is changed and built again and again: incrementally, as cargo does of itself. Warnings about it don't matter.
        for name in ("CARGO_INCREMENTAL", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"):
            self.environment.pop(name, None)
        copy(root, self.workspace)

    def cargo_test(self, mutation, *options, limit=None):
        """Runs `cargo test`; gives its exit code and output, or none where it took too long."""
        command = ["cargo", "test", "--locked", "--quiet", *mutation.options, *options]
        process = subprocess.Popen(
            command,
            cwd=self.workspace,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        try:
            output, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return None
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return process.returncode, output

    def build(self, mutation):
        return self.cargo_test(mutation, "--no-run")

    def tests(self, mutation, limit=None):
        return self.cargo_test(mutation, "--no-fail-fast", "--", *mutation.filter, limit=limit)

    def build_unmutated(self, mutation):
        """Builds the test program as it is."""
        began = time.monotonic()
        code, output = self.build(mutation)
        if code != 0:
            fail(f"{output}\nthe tests of {mutation.package} can't be built without a mutation")
        print(f"{mutation.package} {mutation.test}: built in {time.monotonic() - began:.0f} s", flush=True)

    def run_unmutated(self, mutation):
        """Runs the tests that must notice a mutation without it; they must pass."""
        key = (mutation.target, mutation.filter)
        if key in self.unmutated:
            return
        began = time.monotonic()
        code, output = self.tests(mutation)
        if code != 0:
            fail(f"{output}\nthe tests of {mutation.package} fail without a mutation")
        if not re.search(r"^running [1-9]", output, re.MULTILINE):
            fail(f"{mutation.name}: no test matches {' '.join(mutation.filter)}")
        self.unmutated[key] = time.monotonic() - began

    def run(self, mutation):
        """Applies a mutation, runs its tests, and takes it back; gives the outcome and what there is to say about it."""
        path = self.workspace / mutation.file
        source = path.read_text()
        try:
            path.write_text(mutation.applied(source))
            code, output = self.build(mutation)
            (self.logs / f"{mutation.name}.txt").write_text(output)
            if code != 0:
                return NO_COMPILE, output
            limit = max(self.minimum, SLOWER * self.unmutated[mutation.target, mutation.filter])
            ended = self.tests(mutation, limit)
            if ended is None:
                return TIMED_OUT, f"after {limit:.0f} s"
            code, output = ended
            (self.logs / f"{mutation.name}.txt").write_text(output)
            if code == 0:
                return NOT_CAUGHT, mutation.breaks
            died = re.search(r"\(signal: .*\)", output)
            failed = list(dict.fromkeys(re.findall(r"^---- (\S+) stdout ----", output, re.MULTILINE)))
            if not failed and not died:
                fail(f"{output}\n{mutation.name}: cargo failed, and no test")
            more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
            return CAUGHT, f"{failed[0]}{more}" if failed else f"the test program died {died[0]}"
        finally:
            path.write_text(source)

    def estimate(self, mutation):
        known = self.seconds.values()
        return self.seconds.get(mutation.name, sum(known) / len(known) if known else GUESS)

    def fitting(self, mutations, until):
        """Those that can end before that time, as far as can be guessed."""
        chosen, ends = [], time.monotonic()
        for mutation in mutations:
            ends += self.estimate(mutation)
            if ends <= until:
                chosen.append(mutation)
        return chosen

    def run_all(self, mutations, seconds=math.inf):
        """Runs mutations, by test program; gives the outcomes. None but the first is begun that wouldn't end in that time, which
        begins when the first program is built: a cold build can take longer than all the rest."""
        outcomes, until = {}, None
        left = list(mutations)
        while left:
            group = [mutation for mutation in left if mutation.target == left[0].target]
            left = [mutation for mutation in left if mutation.target != group[0].target]
            if outcomes and not self.fitting(group, until):
                continue
            self.build_unmutated(group[0])
            until = until or time.monotonic() + seconds
            group = self.fitting(group, until) or ([] if outcomes else group[:1])
            for mutation in group:
                self.run_unmutated(mutation)
            for mutation in group:
                if outcomes and not self.fitting([mutation], until):
                    continue
                began = time.monotonic()
                outcome, why = self.run(mutation)
                took = time.monotonic() - began
                outcomes[mutation.name] = outcome
                self.seconds[mutation.name] = round(took, 1)
                self.known.write_text(json.dumps(self.seconds, indent=1, sort_keys=True))
                print(f"{outcome:16}{mutation.name} ({took:.0f} s): {why}", flush=True)
        return outcomes


def fail(why):
    print(why, file=sys.stderr)
    sys.exit(2)


def rotated(mutations, seed):
    """All, beginning with another one for each seed; after as many seeds as there are mutations, each was first."""
    count = len(mutations)
    stride = next(stride for stride in range(5, count + 6) if math.gcd(stride, count) == 1)
    begin = seed * stride % count
    return mutations[begin:] + mutations[:begin]


def main():
    # Ends what is running, as an interrupt does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--rotate", type=float, metavar="SECONDS")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--list", action="store_true", help="print names and what each breaks")
    parser.add_argument("--seed", type=int, help="for --rotate, in place of the day of the year")
    parser.add_argument("--time-limit", type=float, default=300, metavar="SECONDS", help="no mutation gets less")
    parser.add_argument("--root", type=pathlib.Path, default=HERE.parents[1], help="the workspace")
    parser.add_argument("--mutations", type=pathlib.Path, default=HERE / "mutations.toml")
    options = parser.parse_args()
    began = time.monotonic()
    root = options.root.resolve()
    mutations = listed(options.mutations)

    if options.list:
        for mutation in mutations:
            print(f"{mutation.name}: {mutation.breaks}")
        return
    unknown = set(options.names) - {mutation.name for mutation in mutations}
    if unknown:
        sys.exit(f"no such mutation: {', '.join(sorted(unknown))}")
    if not (options.names or options.all or options.check or options.rotate is not None):
        parser.error("name mutations, or give --all, --rotate or --check")

    outcomes = {}
    for mutation in mutations:
        try:
            mutation.applied((root / mutation.file).read_text())
        except (functions.NotFound, OSError) as error:
            outcomes[mutation.name] = NO_MATCH
            print(f"{NO_MATCH:16}{mutation.name}: {mutation.file}: {error}")
    left_out = len(mutations) - len(outcomes)

    if not options.check:
        chosen = [mutation for mutation in mutations if mutation.name not in outcomes]
        seconds = math.inf
        if options.names:
            chosen = [mutation for mutation in chosen if mutation.name in options.names]
        elif not options.all and chosen:
            seed = datetime.datetime.now(datetime.UTC).timetuple().tm_yday if options.seed is None else options.seed
            print(f"seed {seed}")
            chosen, seconds = rotated(chosen, seed), options.rotate
        ran = Runner(root, options.time_limit).run_all(chosen, seconds)
        outcomes |= ran
        left_out -= len(ran)

    counts = {outcome: list(outcomes.values()).count(outcome) for outcome in OUTCOMES}
    said = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    print(f"{len(mutations)} mutations in {time.monotonic() - began:.0f} s: {said}, {left_out} not run")
    sys.exit(0 if all(outcome == CAUGHT for outcome in outcomes.values()) else 1)


if __name__ == "__main__":
    main()
