#!/usr/bin/env python3
"""Runs a random sample of the mutants that cargo-mutants makes of the code that `.cargo/mutants.toml` names.

    cargo install cargo-mutants --locked
    .ci/mutations/sample.py                       400 mutants, drawn by seed 1
    .ci/mutations/sample.py --count 20            the first 20 of them
    .ci/mutations/sample.py --list                which they are, and how many there are in all
    .ci/mutations/sample.py --report              what is known of them

Stopped, it goes on where it was: `--iterate` of cargo-mutants leaves out what an earlier run found to be caught or not to compile, and
the results stay in mutants/sample-SEED below the target folder. What else is given goes to cargo-mutants.

The names of all mutants, which say file, line and column, are shuffled by the seed, and the sample is taken from the front: a smaller
one is the beginning of a larger one. A mutant that doesn't compile says nothing. Of the others, those count as caught that a test
failed with; a time-out doesn't. The error of the ratio is the 95 % interval of Wilson's score.
"""

import argparse
import json
import math
import os
import pathlib
import random
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def listed():
    """The names of all mutants."""
    command = ["cargo", "mutants", "--list", "--json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return sorted(mutant["name"] for mutant in json.loads(done.stdout))


def interval(caught, viable):
    """Between which ratios the one of all mutants lies, with a probability of 95 %."""
    z, ratio = 1.96, caught / viable
    middle = ratio + z * z / (2 * viable)
    half = z * math.sqrt(ratio * (1 - ratio) / viable + z * z / (4 * viable * viable))
    return [(middle + sign * half) / (1 + z * z / viable) for sign in (-1, 1)]


def found(output):
    """What is known of each mutant that ran."""
    outcomes = {}
    # The newest last: what was missed may have been run again.
    for folder in ("mutants.out.old", "mutants.out"):
        for kind in ("missed", "timeout", "unviable", "caught"):
            for file in (f"{kind}.txt", f"previously_{kind}.txt"):
                path = output / folder / file
                outcomes |= {name: kind for name in (path.read_text().splitlines() if path.exists() else [])}
    return outcomes


def report(sample, outcomes):
    known = {name: outcomes[name] for name in sample if name in outcomes}
    counts = {kind: list(known.values()).count(kind) for kind in ("caught", "missed", "timeout", "unviable")}
    for name, kind in known.items():
        if kind in ("missed", "timeout"):
            print(f"{kind}: {name}")
    said = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    print(f"{len(known)} of {len(sample)} mutants have run: {said}")
    viable = len(known) - counts["unviable"]
    if viable:
        low, high = interval(counts["caught"], viable)
        ratio = counts["caught"] / viable
        print(f"{ratio:.1%} of {viable} viable mutants are caught; of all, {low:.1%} to {high:.1%}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--report", action="store_true")
    options, others = parser.parse_known_args()

    names = listed()
    sample = list(names)
    random.Random(options.seed).shuffle(sample)
    sample = sample[: options.count]
    if options.list:
        print("\n".join(sample))
        print(f"{len(sample)} of {len(names)} mutants", file=sys.stderr)
        return
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
    output = target / "mutants" / f"sample-{options.seed}"
    if not options.report:
        output.mkdir(parents=True, exist_ok=True)
        chosen = [word for name in sample for word in ("--re", f"^{re.escape(name)}$")]
        done = subprocess.run(["cargo", "mutants", "--iterate", "--output", output, *chosen, *others], cwd=ROOT)
        # 2 and 3: mutants were missed, or timed out.
        if done.returncode not in (0, 2, 3):
            sys.exit(done.returncode)
    report(sample, found(output))


if __name__ == "__main__":
    main()
