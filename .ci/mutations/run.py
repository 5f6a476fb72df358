#!/usr/bin/env python3
"""Takes promises out of the code, one at a time, and expects a test to fail.

mutations.toml lists what is taken out and which tests must notice. Works in a copy of the workspace below the target folder; the
checkout is never changed. Dependencies are built once for both, and the copy's own crates lie next to the checkout's, not over them.
All mutations that one test program must notice are put into one build, each off until a variable names it. Those that can't be, or
that go unnoticed so (a test may clear the environment of what it starts), are built by themselves.

    .ci/mutations/run.py NAME...             these
    .ci/mutations/run.py --all               each that isn't known yet: results are kept for as long as neither the mutation nor
                                             anything that its tests are built from changes
    .ci/mutations/run.py --all --again       each, known or not
    .ci/mutations/run.py --rotate SECONDS    others each day, as many as fit into that time, building included, but one at least
    .ci/mutations/run.py --check             none; only that each can be applied, which the others look at first too

The tests run without a mutation first, and must pass. Of each mutation one of these comes:

    caught           a test failed
    NOT CAUGHT       the tests passed
    timed out        the tests didn't end in time; a test that hangs doesn't show why, so this doesn't count as caught
    doesn't compile  the mutation is wrong
    doesn't apply    its function or text is not there, or is there more than once: the mutation has to follow the code

Results are kept in mutations/results.json below the target folder, and cargo's output of each in mutations/logs. Exits 1 unless
all that ran or were known were caught, 2 where the tests fail without a mutation.
"""

import argparse
import datetime
import fcntl
import hashlib
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
import switched

HERE = pathlib.Path(__file__).resolve().parent

CAUGHT, NOT_CAUGHT, TIMED_OUT = "caught", "NOT CAUGHT", "timed out"
NO_COMPILE, NO_MATCH = "doesn't compile", "doesn't apply"
OUTCOMES = (CAUGHT, NOT_CAUGHT, TIMED_OUT, NO_COMPILE, NO_MATCH)

# A mutation may take so many times as long as the tests without it.
SLOWER = 10
# What a mutation takes is guessed as long as none ran. In seconds.
GUESS = 30
# Sets the crates of the copy apart, which cargo would otherwise build over the checkout's: their paths in their workspaces
# are the same, and so would be the names of what is built. No other build is likely to choose this number.
CODEGEN_UNITS = 251


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
    def is_own(self):
        """Whether it lies in the package whose tests must notice it."""
        return self.package in pathlib.Path(self.file).parts

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
    # By test program and file, so that as little as possible is built from one to the next; those of other packages last.
    return sorted(mutations, key=lambda mutation: (mutation.target, not mutation.is_own, mutation.file))


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


class Workspace:
    """The copy: its packages, and what they are built from."""

    def __init__(self, folder, environment):
        self.folder = folder
        command = ["cargo", "metadata", "--no-deps", "--locked", "--format-version", "1"]
        done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, check=True)
        self.packages = {package["name"]: package for package in json.loads(done.stdout)["packages"]}
        self.hashes = {}

    def programs(self):
        """The names of all binaries."""
        targets = [target for package in self.packages.values() for target in package["targets"]]
        return [target["name"] for target in targets if "bin" in target["kind"]]

    def selecting(self, mutation):
        """What chooses a test program. Dependencies are built with the features that the whole workspace asks for, as for the
        checkout, where a program can be chosen out of the whole."""
        if mutation.test == "lib":
            return ["--package", mutation.package, "--lib"]
        targets = [target for package in self.packages.values() for target in package["targets"]]
        alike = [target for target in targets if target["kind"] == ["test"] and target["name"] == mutation.test]
        return [*(["--workspace"] if len(alike) == 1 else ["--package", mutation.package]), "--test", mutation.test]

    def options(self):
        """What keeps the artefacts apart from those of the checkout, without what only debuggers read."""
        settings = {"codegen-units": CODEGEN_UNITS, "debug": "false"}
        pairs = [(name, key, value) for name in self.packages for key, value in settings.items()]
        return [word for name, key, value in pairs for word in ("--config", f"profile.dev.package.{name}.{key}={value}")]

    def needed(self, name):
        """A package and all others of the workspace that its tests are built from."""
        by_path = {pathlib.Path(package["manifest_path"]).parent: name for name, package in self.packages.items()}
        found, left = set(), [(name, True)]
        while left:
            name, with_tests = left.pop()
            if name not in found:
                found.add(name)
                needs = [need for need in self.packages[name]["dependencies"] if with_tests or need["kind"] != "dev"]
                paths = [pathlib.Path(need["path"]) for need in needs if need.get("path")]
                left += [(by_path[path], False) for path in paths if path in by_path]
        return found

    def hash(self, name):
        """Changes with anything that the package's tests are built from or look at."""
        if name not in self.hashes:
            folders = [pathlib.Path(self.packages[name]["manifest_path"]).parent for name in self.needed(name)]
            # The contract, and what cargo looks at.
            folders += [self.folder / name for name in ("spec", ".cargo", "Cargo.toml", "Cargo.lock")]
            files = {path for folder in folders for path in (folder.rglob("*") if folder.is_dir() else [folder])}
            digest = hashlib.sha256()
            for path in sorted(path for path in files if path.is_file()):
                for part in (str(path.relative_to(self.folder)).encode(), path.read_bytes()):
                    digest.update(hashlib.sha256(part).digest())
            self.hashes[name] = digest.hexdigest()
        return self.hashes[name]


class Runner:
    def __init__(self, root, minimum):
        self.root, self.minimum = root, minimum
        self.target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", root / "target")).resolve()
        self.folder = self.target / "mutations"
        copied = self.folder / "workspace"
        self.logs = self.folder / "logs"
        for folder in (copied, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
        self.lock = open(self.folder / "lock", "w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.results_file = self.folder / "results.json"
        kept = json.loads(self.results_file.read_text()) if self.results_file.exists() else {}
        # By name; and how long the test programs took to be built.
        self.results, self.builds = kept.get("mutations", {}), kept.get("builds", {})
        # How long the tests of a program take without a mutation.
        self.unmutated = {}
        # As the checkout has it, so that dependencies are built once for both.
        self.environment = {**os.environ, "CARGO_TARGET_DIR": str(self.target), "CARGO_TERM_COLOR": "never"}
        # One crate is changed and built again and again: incrementally, as cargo does of itself. Warnings about it don't matter.
        for name in ("CARGO_INCREMENTAL", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"):
            self.environment.pop(name, None)
        copy(root, copied)
        self.workspace = Workspace(copied, self.environment)

    def __enter__(self):
        """Puts aside the programs that cargo would replace by the copy's; they have no other name."""
        self.programs = {}
        for name in self.workspace.programs():
            for program in (self.target / "debug" / name, self.target / "debug" / f"{name}.d"):
                aside = self.folder / "programs" / program.name
                aside.parent.mkdir(exist_ok=True)
                aside.unlink(missing_ok=True)
                if program.exists():
                    os.link(program, aside)
                self.programs[program] = aside
        return self

    def __exit__(self, *_):
        for program, aside in self.programs.items():
            program.unlink(missing_ok=True)
            if aside.exists():
                aside.rename(program)

    def key(self, mutation):
        """Under which the outcome of a mutation is known."""
        what = [mutation.file, mutation.function, mutation.find, mutation.replace, *mutation.target, *mutation.filter]
        return hashlib.sha256(json.dumps([what, self.workspace.hash(mutation.package)]).encode()).hexdigest()

    def known(self, mutation):
        """The outcome of an earlier run, if it still holds. Whether tests end in time is another question each time."""
        result = self.results.get(mutation.name, {})
        return result["outcome"] if result.get("key") == self.key(mutation) and result["outcome"] != TIMED_OUT else None

    def keep(self, mutation, outcome, why, seconds):
        self.results[mutation.name] = {
            "key": self.key(mutation),
            "outcome": outcome,
            "why": why[-2000:],
            "seconds": round(seconds, 1),
            "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        }
        new = self.results_file.with_suffix(".new")
        new.write_text(json.dumps({"builds": self.builds, "mutations": self.results}, indent=1, sort_keys=True))
        new.rename(self.results_file)
        print(f"{outcome:16}{mutation.name} ({seconds:.0f} s): {why}", flush=True)

    def cargo_test(self, mutation, *options, limit=None, number=0):
        """Runs `cargo test`; gives its exit code and output, or none where it took too long."""
        command = ["cargo", "test", "--locked", "--quiet", *self.workspace.options(), *self.workspace.selecting(mutation)]
        command += options
        process = subprocess.Popen(
            command,
            cwd=self.workspace.folder,
            env=self.environment | {switched.VARIABLE: str(number)},
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

    def tests(self, mutation, number=0):
        limit = max(self.minimum, SLOWER * self.unmutated[mutation.target])
        ended = self.cargo_test(mutation, "--no-fail-fast", "--", *mutation.filter, limit=limit, number=number)
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

    def build_unmutated(self, mutation):
        """Builds the test program as it is."""
        began = time.monotonic()
        code, output = self.build(mutation)
        if code != 0:
            fail(f"{output}\nthe tests of {mutation.package} can't be built without a mutation")
        took = time.monotonic() - began
        self.builds[" ".join(mutation.target)] = round(took, 1)
        print(f"{mutation.package} {mutation.test}: built in {took:.0f} s", flush=True)

    def run_unmutated(self, group):
        """Runs the tests that must notice some mutations of one program without any; they must pass."""
        filters = sorted({word for mutation in group for word in mutation.filter})
        if not all(mutation.filter for mutation in group):
            filters = []
        began = time.monotonic()
        code, output = self.cargo_test(group[0], "--no-fail-fast", "--", *filters)
        if code != 0:
            fail(f"{output}\nthe tests of {group[0].package} fail without a mutation")
        self.unmutated[group[0].target] = time.monotonic() - began
        _, output = self.cargo_test(group[0], "--", "--list")
        names = re.findall(r"^(\S+): test$", output, re.MULTILINE)
        for mutation in group:
            if not names or not all(any(word in name for name in names) for word in mutation.filter):
                fail(f"{mutation.name}: no test matches {' '.join(mutation.filter)}")

    def run(self, mutation):
        """Applies a mutation, runs its tests, and takes it back; returns the outcome and a note about it."""
        path = self.workspace.folder / mutation.file
        source = path.read_text()
        try:
            path.write_text(mutation.applied(source))
            code, output = self.build(mutation)
            (self.logs / f"{mutation.name}.txt").write_text(output)
            if code != 0:
                return NO_COMPILE, output
            return self.tests(mutation)
        finally:
            path.write_text(source)

    def estimate(self, mutation):
        known = [result["seconds"] for result in self.results.values()]
        guess = sum(known) / len(known) if known else GUESS
        return self.results.get(mutation.name, {}).get("seconds", guess)

    def within(self, mutations, until):
        """Those that can end before that time, as far as can be guessed."""
        chosen, ends = [], time.monotonic()
        for mutation in mutations:
            ends += self.estimate(mutation)
            if ends <= until:
                chosen.append(mutation)
        return chosen

    def run_all(self, mutations, until=math.inf):
        """Runs mutations, by test program; gives the outcomes. None but the first is begun that wouldn't end by then."""
        outcomes = {}
        left = list(mutations)
        while left:
            group = [mutation for mutation in left if mutation.target == left[0].target]
            left = [mutation for mutation in left if mutation.target != group[0].target]
            building = self.builds.get(" ".join(group[0].target), GUESS)
            if outcomes and time.monotonic() + building > until:
                continue
            outcomes |= self.run_switched(group, until)
            group = [mutation for mutation in group if mutation.name not in outcomes]
            if outcomes:
                group = self.within(group, until - building)
            if not group:
                continue
            self.build_unmutated(group[0])
            self.run_unmutated(group)
            for mutation in group:
                if outcomes and not self.within([mutation], until):
                    continue
                began = time.monotonic()
                outcome, why = self.run(mutation)
                self.keep(mutation, outcome, why, time.monotonic() - began)
                outcomes[mutation.name] = outcome
        return outcomes

    def run_switched(self, group, until):
        """Runs mutations of one test program from one build; gives the outcomes of those that are caught."""
        caught = {}
        # Of the sources as they are, before anything is changed in them.
        self.workspace.hash(group[0].package)
        with switched.Bodies(self.workspace.folder, group) as bodies:
            while bodies.mutations:
                began = time.monotonic()
                code, output = self.cargo_test(group[0], "--no-run", "--message-format=json")
                if code == 0:
                    break
                if not bodies.leave_out(output):
                    return caught
            if not bodies.mutations:
                return caught
            took = time.monotonic() - began
            self.builds[" ".join(group[0].target)] = round(took, 1)
            print(f"{' '.join(group[0].target)}: built with {len(bodies.mutations)} mutations in {took:.0f} s", flush=True)
            self.run_unmutated(bodies.mutations)
            for number, mutation in bodies.numbered():
                if caught and time.monotonic() > until:
                    break
                began = time.monotonic()
                outcome, why = self.tests(mutation, number)
                if outcome == CAUGHT:
                    self.keep(mutation, outcome, why, time.monotonic() - began)
                    caught[mutation.name] = outcome
        return caught


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
    parser.add_argument("--again", action="store_true", help="with --all, known ones too")
    parser.add_argument("--rotate", type=float, metavar="SECONDS")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--list", action="store_true", help="print names and what each breaks")
    parser.add_argument("--seed", type=int, help="for --rotate, instead of the day of the year")
    parser.add_argument("--time-limit", type=float, default=60, metavar="SECONDS", help="no mutation gets less")
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
        until = math.inf
        if options.names:
            chosen = [mutation for mutation in chosen if mutation.name in options.names]
        elif not options.all and chosen:
            seed = datetime.datetime.now(datetime.UTC).timetuple().tm_yday if options.seed is None else options.seed
            print(f"seed {seed}")
            chosen, until = rotated(chosen, seed), began + options.rotate
        with Runner(root, options.time_limit) as runner:
            known = {}
            if options.all and not options.again:
                known = {mutation.name: runner.known(mutation) for mutation in chosen}
                known = {name: outcome for name, outcome in known.items() if outcome}
                print(f"{len(known)} are known from earlier runs")
                for name, outcome in known.items():
                    if outcome != CAUGHT:
                        print(f"{outcome:16}{name}: {runner.results[name]['why']}")
            ran = runner.run_all([mutation for mutation in chosen if mutation.name not in known], until)
        outcomes |= known | ran
        left_out -= len(known | ran)

    counts = {outcome: list(outcomes.values()).count(outcome) for outcome in OUTCOMES}
    output = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    print(f"{len(mutations)} mutations in {time.monotonic() - began:.0f} s: {output}, {left_out} not run")
    sys.exit(0 if all(outcome == CAUGHT for outcome in outcomes.values()) else 1)


if __name__ == "__main__":
    main()
