"""Puts many mutants of cargo-mutants into one build: each is off until the variable MUTANT names its number.

    mutants = [...]                                                # as `cargo mutants --list --json` has them
    switched = Switched(workspace, mutants, numbers, expressions)  # nothing is written yet; the last is the program of that name
    switched.write(chosen)                                         # these mutants; those of before are taken back
    switched.blamed(errors)                                        # which mutants rustc's errors are about

What can't be switched, such as a mutant of a `const fn`, doesn't compile, and has to be applied by itself: `write_plain`.
"""

import collections
import json
import re
import subprocess
from dataclasses import dataclass, field

import functions

VARIABLE = "MUTANT"
# In each crate with mutants. The tests of one process all have the same one.
SWITCH = """
#[doc(hidden)]
#[allow(missing_docs, unreachable_pub, unused, clippy::all, clippy::pedantic)]
pub mod __mutants {
    pub fn on(number: u32) -> bool {
        static CHOSEN: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
        let chosen = || std::env::var("{VARIABLE}").ok().and_then(|number| number.parse().ok()).unwrap_or(0);
        *CHOSEN.get_or_init(chosen) == number
    }
}
""".replace("{VARIABLE}", VARIABLE)


@dataclass
class Source:
    """A file, and where its lines begin."""

    text: str
    lines: list = field(default_factory=list)

    def __post_init__(self):
        self.lines = [0, *(found.end() for found in re.finditer("\n", self.text))]
        self.bytes = self.text.encode()

    def offset(self, position):
        """A line and column, both from 1 and the latter in characters, as a byte."""
        before = self.text[: self.lines[position["line"] - 1] + position["column"] - 1]
        return len(before.encode())


@dataclass
class Edit:
    """What is put in front of one byte and behind another; what is in between may be mutated too."""

    number: int
    start: int
    end: int
    before: str
    after: str = ""


class Switched:
    def __init__(self, workspace, mutants, numbers, expressions):
        self.workspace, self.numbers = workspace, numbers
        names = sorted({mutant["file"] for mutant in mutants})
        self.sources = {name: Source((workspace / name).read_text()) for name in names}
        self.binary, self.arms = self.expressions(expressions, names)
        self.edits = {mutant["name"]: self.edit(mutant) for mutant in mutants}
        # By file, the ranges of bytes that belong to a mutant in what was written.
        self.written = {}

    def expressions(self, program, names):
        done = subprocess.run([program, *names], cwd=self.workspace, stdout=subprocess.PIPE, text=True, check=True)
        binary, arms = {}, {}
        for line in done.stdout.splitlines():
            kind, name, at, *rest = line.split("\t")
            if kind == "binary":
                binary[name, int(at)] = tuple(int(position) for position in rest)
            else:
                arms[name, int(at)] = tuple(int(position) for position in rest if position)
        return binary, arms

    def span(self, mutant):
        source, span = self.sources[mutant["file"]], mutant["span"]
        return source.offset(span["start"]), source.offset(span["end"])

    def edit(self, mutant):
        """How a mutant is switched, or `None`."""
        number, name = self.numbers[mutant["name"]], mutant["file"]
        (start, end), new = self.span(mutant), mutant["replacement"]
        on = f"crate::__mutants::on({number})"
        genre = mutant["genre"]
        if genre == "FnValue":
            return Edit(number, start, start, f"if {on} {{ return {new}; }}\n")
        if genre == "MatchArmGuard":
            return Edit(number, start, end, f"{on} || (" if new == "true" else f"!{on} && (", ")")
        if genre == "MatchArm" and (name, start) in self.arms:
            arrow, *guard = self.arms[name, start]
            if guard:
                return Edit(number, *guard, f"!{on} && (", ")")
            return Edit(number, arrow, arrow, f"if !{on} ")
        if genre == "UnaryOperator" and self.sources[name].bytes[start:end].strip() == b"!":
            return Edit(number, start, start, f"{on} ^ ")
        if genre == "BinaryOperator" and (name, start) in self.binary:
            left, right = self.binary[name, start]
            source = self.sources[name].bytes
            mutated = (source[left:start] + new.encode() + source[end:right]).decode()
            return Edit(number, left, right, f"(if {on} {{ {mutated} }} else {{ ", " })")
        return None

    def apart(self, mutants):
        """Groups of mutants that can be in one build."""
        groups = []
        for mutant in mutants:
            edit = self.edits[mutant["name"]]
            for group in groups:
                if all(self.compatible(edit, self.edits[other["name"]]) for other in group if other["file"] == mutant["file"]):
                    group.append(mutant)
                    break
            else:
                groups.append([mutant])
        return groups

    @staticmethod
    def compatible(one, other):
        """Whether neither is within the other."""
        if one.start == one.end or other.start == other.end:
            inner, outer = (one, other) if one.start == one.end else (other, one)
            return outer.start == outer.end or not outer.start < inner.start < outer.end
        return one.end <= other.start or other.end <= one.start

    def restore(self):
        for name in self.written:
            (self.workspace / name).write_text(self.sources[name].text)
        self.written = {}

    def write(self, mutants):
        self.restore()
        by_file = collections.defaultdict(list)
        for mutant in mutants:
            by_file[mutant["file"]].append((self.edits[mutant["name"]], mutant["name"]))
        for name, edits in by_file.items():
            self.write_file(name, edits)
        for package in {name.split("/src/")[0] for name in by_file}:
            root = f"{package}/src/lib.rs"
            if root not in self.sources:
                self.sources[root] = Source((self.workspace / root).read_text())
            self.written.setdefault(root, [])
            with open(self.workspace / root, "a") as file:
                file.write(SWITCH)

    def write_file(self, name, edits):
        old = self.sources[name].bytes
        # Where, in which order at the same position, text, and which mutant begins or ends.
        pieces = []
        for edit, mutant in edits:
            pieces.append((edit.start, 1, edit.before, mutant, True, edit.start == edit.end))
            if edit.start != edit.end:
                pieces.append((edit.end, 0, edit.after, mutant, False, True))
        new, ranges, begun, done = bytearray(), [], {}, 0
        for at, _, text, mutant, begins, ends in sorted(pieces, key=lambda piece: piece[:2]):
            new += old[done:at]
            done = at
            if begins:
                begun[mutant] = len(new)
            new += text.encode()
            if ends:
                ranges.append((begun[mutant], len(new), mutant))
        new += old[done:]
        (self.workspace / name).write_bytes(new)
        self.written[name] = ranges

    def blamed(self, errors):
        """The mutants that errors are about, by rustc's spans; and the errors that are about none."""
        blamed, others = set(), []
        for error in errors:
            found = set()
            spans = [span for message in (error, *error["children"]) for span in message["spans"]]
            for span in sorted(spans, key=lambda span: not span["is_primary"]):
                start, end = span["byte_start"], span["byte_end"]
                within = self.written.get(span["file_name"], [])
                hit = [(to - since, name) for since, to, name in within if start <= to and since <= end]
                if hit and not found:
                    found.add(min(hit)[1])
            for span in error["spans"] if not found else []:
                # About a signature: the mutant of its body follows.
                behind = [(since, name) for since, _, name in self.written.get(span["file_name"], [])]
                behind = [(since, name) for since, name in behind if since >= span["byte_end"]]
                found |= {min(behind)[1]} if behind and span["is_primary"] else set()
            if not found:
                others.append(error)
            blamed |= found
        return blamed, others

    def write_plain(self, mutants):
        """Writes mutants as cargo-mutants has them, always on. Their ranges must not overlap."""
        self.restore()
        by_file = collections.defaultdict(list)
        for mutant in mutants:
            by_file[mutant["file"]].append((*self.span(mutant), mutant["replacement"].encode(), mutant["name"]))
        for name, changes in by_file.items():
            old = self.sources[name].bytes
            new, ranges, done = bytearray(), [], 0
            for start, end, text, mutant in sorted(changes):
                new += old[done:start] + text
                ranges.append((len(new) - len(text), len(new), mutant))
                done = end
            new += old[done:]
            (self.workspace / name).write_bytes(new)
            # An operator that doesn't compile is reported at its operands.
            line = lambda since, to: (new.rfind(b"\n", 0, since) + 1, new.find(b"\n", to))
            self.written[name] = [(*line(since, to), mutant) for since, to, mutant in ranges]

    def apart_plain(self, mutants):
        """Groups of mutants whose ranges don't overlap."""
        groups = []
        for mutant in mutants:
            start, end = self.span(mutant)
            for group in groups:
                spans = [self.span(other) for other in group if other["file"] == mutant["file"]]
                if all(end <= other_start or other_end <= start for other_start, other_end in spans):
                    group.append(mutant)
                    break
            else:
                groups.append([mutant])
        return groups


class Bodies:
    """Functions with listed mutations in them: each body is there once more for each of its mutations.

    As a context, the files are as they were at its end.
    """

    def __init__(self, workspace, mutations):
        self.workspace = workspace
        self.numbers = {mutation.name: number for number, mutation in enumerate(mutations, 1)}
        self.mutations = [mutation for mutation in mutations if self.root_of(mutation.file)]
        self.sources, self.ranges = {}, {}

    def root_of(self, file):
        """The root of the library that a file belongs to."""
        root = f"{file.split('/src/')[0]}/src/lib.rs" if "/src/" in file else "src/lib.rs"
        return root if (self.workspace / root).is_file() and "/bin/" not in file else None

    def numbered(self):
        return [(self.numbers[mutation.name], mutation) for mutation in self.mutations]

    def __enter__(self):
        self.write()
        return self

    def __exit__(self, *_):
        for name, source in self.sources.items():
            (self.workspace / name).write_text(source)

    def source(self, name):
        if name not in self.sources:
            self.sources[name] = (self.workspace / name).read_text()
        return self.sources[name]

    def write(self):
        self.__exit__()
        self.ranges = {}
        by_file = collections.defaultdict(list)
        for mutation in self.mutations:
            by_file[mutation.file].append(mutation)
        texts = {name: self.switched(name, mutations) for name, mutations in by_file.items()}
        for root in {self.root_of(name) for name in by_file}:
            texts[root] = texts.get(root, self.source(root)) + SWITCH
        for name, text in texts.items():
            (self.workspace / name).write_text(text)

    def switched(self, name, mutations):
        source, bodies = self.source(name), collections.defaultdict(list)
        for mutation in mutations:
            bodies[functions.body(source, mutation.function)].append(mutation)
        text, done, ranges = "", 0, []
        for (begin, end), mutations in sorted(bodies.items(), key=lambda entry: entry[0]):
            if begin < done:
                # Within another one: each by itself.
                self.mutations = [mutation for mutation in self.mutations if mutation not in mutations]
                continue
            text += source[done:begin]
            since = len(text.encode())
            for mutation in mutations:
                mutated = mutation.applied(source)
                body = mutated[begin : len(mutated) - (len(source) - end)]
                before = len(text.encode())
                text += f"if crate::__mutants::on({self.numbers[mutation.name]}) {{ {body} }} else "
                ranges.append((before, len(text.encode()), [mutation]))
            text += f"{{ {source[begin:end]} }}"
            ranges.append((since, len(text.encode()), mutations))
            done = end
        self.ranges[name] = ranges
        return text + source[done:]

    def leave_out(self, output):
        """Leaves those mutations out that rustc's messages are about; returns whether there are any."""
        messages = [json.loads(line) for line in output.splitlines() if line.startswith('{"reason":"compiler-message"')]
        errors = [message["message"] for message in messages if message["message"]["level"] == "error"]
        blamed = []
        for span in [span for error in errors for span in error["spans"] if span["is_primary"]]:
            within = self.ranges.get(span["file_name"], [])
            hit = [
                (end - start, mutations)
                for start, end, mutations in within
                if start <= span["byte_start"] and span["byte_end"] <= end
            ]
            blamed += min(hit, key=lambda found: found[0])[1] if hit else []
        self.mutations = [mutation for mutation in self.mutations if mutation not in blamed]
        self.write()
        return bool(blamed)
