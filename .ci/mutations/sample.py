#!/usr/bin/env python3
"""Runs a random sample of the mutants that cargo-mutants makes of the code that `.cargo/mutants.toml` names.

    cargo install cargo-mutants --locked
    .ci/mutations/sample.py                       400 mutants, drawn by seed 1
    .ci/mutations/sample.py --count 20            the first 20 of them
    .ci/mutations/sample.py --only TEXT           those whose name holds the text
    .ci/mutations/sample.py --list                which they are, and how many there are in all
    .ci/mutations/sample.py --report              what is known of them

The sample is taken from the front of all mutants in the order of hashes of the seed and of what each one is, its line and column left
out: a smaller sample is the beginning of a larger one, and a change of other code changes neither. Each mutant meets the tests of its own package, and those that none of them notices the tests of
the packages that depend on it; examples in documentation and what `slow-tests` names left out.

cargo-mutants lists the mutants, and this program runs them: many are put into one build, each off until a variable names it, so that
a mutant costs as much as the tests and not as much as a build. What can't be switched so is built by itself.

A mutant that doesn't compile proves nothing. Of the others, those count as caught that a test failed with; a time-out doesn't. The error
of the ratio is the 95 % interval of Wilson's score. Results are kept, until something changes that the package's tests are built from,
in mutants/results.json below the target folder: stopped, it goes on where it was.
"""

import argparse
import collections
import concurrent.futures
import hashlib
import json
import math
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

import run
from switched import VARIABLE, Switched

ROOT = pathlib.Path(__file__).resolve().parents[2]
CAUGHT, MISSED, TIMED_OUT, UNVIABLE = "caught", "missed", "timed out", "doesn't compile"
# A program may take so many times as long as without a mutant; it has so many seconds at least, and so many without one.
SLOWER, LEAST, MOST = 5, 20, 600
# Which packages' tests also meet the mutants of one.
OTHERS = {
    "partner-center-emulator": ["end-to-end"],
    "partner-center-orders-api": ["partner-center-orders", "partner-center-orders-httpmock", "end-to-end"],
    "partner-center-orders": ["partner-center-testing", "end-to-end"],
}
# What takes longer to optimise than its tests take.
UNOPTIMISED = [
    option
    for package in ("contract", "contract-codegen", "contract-diff", "contract-lint", "xtask")
    for option in ("--config", f"profile.dev.package.{package}.opt-level=0")
]
FAILED = re.compile(r"test (\S+) .*FAILED$")


def listed():
    """All mutants."""
    command = ["cargo", "mutants", "--list", "--json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    position = lambda mutant: (mutant["file"], mutant["span"]["start"]["line"], mutant["span"]["start"]["column"], mutant["name"])
    return sorted(json.loads(done.stdout), key=position)


def drawn(mutants, seed):
    """The mutants in the order of the seed."""
    ordered, times = [], collections.Counter()
    for mutant in mutants:
        what = (mutant["file"], mutant["name"].split(": ", 1)[1])
        times[what] += 1
        ordered.append((hashlib.sha256(repr((seed, *what, times[what])).encode()).digest(), mutant))
    return [mutant for _, mutant in sorted(ordered, key=lambda entry: entry[0])]


def interval(caught, viable):
    """Between which ratios the one of all mutants lies, with a probability of 95 %."""
    z, ratio = 1.96, caught / viable
    middle = ratio + z * z / (2 * viable)
    half = z * math.sqrt(ratio * (1 - ratio) / viable + z * z / (4 * viable * viable))
    return [(middle + sign * half) / (1 + z * z / viable) for sign in (-1, 1)]


class Tests:
    """The test programs of one package."""

    def __init__(self, sampler, package):
        self.sampler, self.package = sampler, package
        self.folder = pathlib.Path(sampler.workspace.packages[package]["manifest_path"]).parent
        self.programs, self.limits = [], {}

    def cargo(self, *command):
        """Runs cargo on the package; gives whether it went well, and its messages."""
        options = ["--package", self.package, "--all-features", "--locked", *UNOPTIMISED, "--message-format=json"]
        done = subprocess.run(
            ["cargo", *command, *options],
            cwd=self.sampler.workspace.folder,
            env=self.sampler.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        return done.returncode == 0, messages, done.stderr

    def errors(self):
        """rustc's errors, once each."""
        well, messages, output = self.cargo("check", "--tests")
        found = [message["message"] for message in messages if message["reason"] == "compiler-message"]
        found = {error["rendered"]: error for error in found if error["level"] == "error" and error["spans"]}
        if not well and not found:
            sys.exit(f"{output}\n{self.package} can't be checked")
        return list(found.values())

    def build(self, with_mutant=False):
        """Builds the programs. Unless a mutant is in them, runs each, as many at the same time as mutants will."""
        # What tests run.
        self.cargo("build", "--examples")
        well, messages, output = self.cargo("test", "--no-run", "--tests")
        if not well:
            sys.exit(f"{output}\nthe tests of {self.package} can't be built")
        built = [message for message in messages if message.get("executable") and message["profile"]["test"]]
        slow = ((self.sampler.workspace.packages[self.package]["metadata"] or {}).get("xtask") or {}).get("slow-tests", [])
        self.programs = [message["executable"] for message in built if message["target"]["name"] not in slow]
        if with_mutant:
            return
        with concurrent.futures.ThreadPoolExecutor(self.sampler.at_the_same_time) as pool:
            for outcome, why in pool.map(self.run, [0] * self.sampler.at_the_same_time):
                if outcome != MISSED:
                    sys.exit(f"the tests of {self.package} fail without a mutant: {why}")

    def run(self, number):
        """What becomes of a mutant; 0 is none. One that hangs a program may make another fail."""
        outcome = MISSED, ""
        for program in self.programs:
            process = subprocess.Popen(
                [program],
                cwd=self.folder,
                env={**self.sampler.environment, VARIABLE: str(number), "CARGO_MANIFEST_DIR": str(self.folder)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                start_new_session=True,
            )
            began, late = time.monotonic(), threading.Event()
            timer = threading.Timer(self.limits.get(program, MOST), lambda: (late.set(), end(process)))
            timer.start()
            try:
                # One failure is enough.
                first = next((found[1] for found in map(FAILED.match, process.stdout) if found), None)
                if not first:
                    process.wait()
            finally:
                timer.cancel()
                end(process)
            if first:
                return CAUGHT, first
            if late.is_set():
                outcome = TIMED_OUT, f"{pathlib.Path(program).name}, after {time.monotonic() - began:.0f} s"
            elif process.returncode:
                return CAUGHT, f"{pathlib.Path(program).name} ended with {process.returncode}"
            if not number:
                self.limits[program] = max(LEAST, SLOWER * (time.monotonic() - began))
        return outcome


def end(process):
    """Waits for a program that is at its end, and ends one that isn't."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


class Sampler:
    def __init__(self):
        target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
        self.folder = target / "mutants"
        copied = self.folder / "workspace"
        copied.mkdir(parents=True, exist_ok=True)
        run.copy(ROOT, copied)
        self.environment = {**os.environ, "CARGO_TERM_COLOR": "never", "CARGO_PROFILE_DEV_DEBUG": "false"}
        # Built a few times, run hundreds of times.
        self.environment["CARGO_PROFILE_DEV_OPT_LEVEL"] = "1"
        self.environment |= {"CARGO_TARGET_DIR": str(self.folder / "target"), "RUST_TEST_THREADS": "2"}
        self.environment.pop("CARGO_INCREMENTAL", None)
        self.workspace = run.Workspace(copied, self.environment)
        # Of the sources as they are, before anything is changed in them.
        self.keys = {name: self.workspace.hash(name) for name in self.workspace.packages}
        self.results_file = self.folder / "results.json"
        self.results = json.loads(self.results_file.read_text()) if self.results_file.exists() else {}
        self.at_the_same_time = os.cpu_count() or 1

    def known(self, mutant):
        """What its own package's tests made of it, and the others' after them."""
        result = self.results.get(mutant["name"])
        return result["outcome"] if result and result["key"] == self.keys[mutant["package"]] else None

    def others_are_known(self, mutant):
        others = self.results[mutant["name"]].get("others")
        return others == [self.keys[name] for name in OTHERS[mutant["package"]]]

    def keep(self, mutant, outcome, why):
        key = self.keys[mutant["package"]]
        self.results[mutant["name"]] = {"key": key, "outcome": outcome, "why": why[:500]}
        self.save()
        print(f"{outcome:16}{mutant['name']}: {why}", flush=True)

    def save(self):
        new = self.results_file.with_suffix(".new")
        new.write_text(json.dumps(self.results, indent=1, sort_keys=True))
        new.rename(self.results_file)

    def expressions(self):
        """The program that finds expressions."""
        manifest, target = ROOT / ".ci/mutations/expressions/Cargo.toml", self.folder / "expressions"
        command = ["cargo", "build", "--quiet", "--locked", "--manifest-path", manifest, "--target-dir", target]
        subprocess.run(command, check=True)
        return target / "debug/expressions"

    def sample(self, mutants):
        """Runs what isn't known yet."""
        left = [mutant for mutant in mutants if self.known(mutant) is None]
        for package in sorted({mutant["package"] for mutant in left}):
            self.of_package(package, [mutant for mutant in left if mutant["package"] == package])
        left = [mutant for mutant in mutants if self.known(mutant) == MISSED and not self.others_are_known(mutant)]
        for package in sorted({mutant["package"] for mutant in left}):
            self.by_others(package, [mutant for mutant in left if mutant["package"] == package])

    def switched(self, mutants):
        numbers = {mutant["name"]: number for number, mutant in enumerate(mutants, 1)}
        return Switched(self.workspace.folder, mutants, numbers, self.expressions())

    def of_package(self, package, mutants):
        """Runs the package's own tests."""
        tests, switched = Tests(self, package), self.switched(mutants)
        alone = [mutant for mutant in mutants if switched.edits[mutant["name"]] is None]
        try:
            for group in switched.apart([mutant for mutant in mutants if switched.edits[mutant["name"]]]):
                group, rejected = self.compiling(tests, switched.write, switched, group)
                alone += rejected
                if group:
                    tests.build()
                    self.run_each(tests, group, switched.numbers)
            for group in switched.apart_plain(alone):
                group, unviable = self.compiling(tests, switched.write_plain, switched, group)
                for mutant in unviable:
                    self.keep(mutant, UNVIABLE, "")
                for mutant in group:
                    switched.write_plain([mutant])
                    tests.build(with_mutant=True)
                    self.keep(mutant, *tests.run(1))
        finally:
            switched.restore()

    def by_others(self, package, mutants):
        """Runs the tests of the packages that depend on this one, with what can be switched."""
        switched = self.switched(mutants)
        try:
            for group in switched.apart([mutant for mutant in mutants if switched.edits[mutant["name"]]]):
                group, _ = self.compiling(Tests(self, package), switched.write, switched, group)
                for name in OTHERS[package] if group else []:
                    tests = Tests(self, name)
                    tests.build()
                    missed = [mutant for mutant in group if self.known(mutant) == MISSED]
                    self.run_each(tests, missed, switched.numbers)
                for mutant in group:
                    self.results[mutant["name"]]["others"] = [self.keys[name] for name in OTHERS[package]]
                self.save()
        finally:
            switched.restore()

    def compiling(self, tests, write, switched, group):
        """The mutants that compile together, which are written then; and the others."""
        rejected = []
        while True:
            write(group)
            errors = tests.errors()
            if not errors:
                return group, rejected
            blamed, others = switched.blamed(errors)
            if not blamed:
                sys.exit("\n".join(error["rendered"] for error in others))
            rejected += [mutant for mutant in group if mutant["name"] in blamed]
            group = [mutant for mutant in group if mutant["name"] not in blamed]

    def run_each(self, tests, group, numbers):
        """Runs tests under each mutant, as many at the same time as there are cores."""
        with concurrent.futures.ThreadPoolExecutor(self.at_the_same_time) as pool:
            running = {pool.submit(tests.run, numbers[mutant["name"]]): mutant for mutant in group}
            for done in concurrent.futures.as_completed(running):
                self.keep(running[done], *done.result())


def report(sampler, sample):
    known = {mutant["name"]: sampler.known(mutant) for mutant in sample}
    counts = collections.Counter(known.values())
    for name, outcome in known.items():
        if outcome in (MISSED, TIMED_OUT):
            print(f"{outcome}: {name}")
    kinds = (CAUGHT, MISSED, TIMED_OUT, UNVIABLE)
    ran = sum(counts[kind] for kind in kinds)
    print(f"{ran} of {len(sample)} mutants have run: {', '.join(f'{counts[kind]} {kind}' for kind in kinds)}")
    if viable := ran - counts[UNVIABLE]:
        low, high = interval(counts[CAUGHT], viable)
        ratio = counts[CAUGHT] / viable
        print(f"{ratio:.1%} of {viable} viable mutants are caught; of all, {low:.1%} to {high:.1%}")


def main():
    # Ends what is running, as an interrupt does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--only", metavar="TEXT", action="append", help="may be given several times")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--report", action="store_true")
    options = parser.parse_args()

    mutants = listed()
    sample = [mutant for mutant in drawn(mutants, options.seed)[: options.count] if not options.only or any(text in mutant["name"] for text in options.only)]
    if options.list:
        print("\n".join(mutant["name"] for mutant in sample))
        print(f"{len(sample)} of {len(mutants)} mutants", file=sys.stderr)
        return
    sampler = Sampler()
    if not options.report:
        sampler.sample(sample)
    report(sampler, sample)


if __name__ == "__main__":
    main()
