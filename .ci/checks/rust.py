"""Just enough of Rust's syntax to find modules, included files and attributes."""

import re

TOKEN = re.compile(
    r"""
    (?P<comment>//[^\n]*)
    | [bc]?r(?P<hashes>\#*)"(?P<raw>.*?)"(?P=hashes)
    | [bc]?"(?P<text>(?:\\.|[^"\\])*)"
    | (?P<char>b?'(?:\\(?:u\{[^}]*\}|x..|.)|[^'\\\n])')
    | (?P<lifetime>'\w+)
    | (?P<word>(?:r\#)?\w+)
    | (?P<punctuation>\S)
    """,
    re.DOTALL | re.VERBOSE,
)


def without_block_comments(source):
    """The source with its block comments, which nest, taken out; those in strings and line comments stay."""
    if "/*" not in source:
        return source
    kept, position = [], 0
    while position < len(source):
        if source.startswith("/*", position):
            depth, position = 1, position + 2
            while depth and position < len(source):
                if source.startswith("/*", position):
                    depth, position = depth + 1, position + 2
                elif source.startswith("*/", position):
                    depth, position = depth - 1, position + 2
                else:
                    position += 1
            kept.append(" ")
            continue
        found = TOKEN.match(source, position)
        end = found.end() if found else position + 1
        kept.append(source[position:end])
        position = end
    return "".join(kept)


def tokens(source):
    """The tokens as pairs of kind and text, comments left out; strings are of kind `string`, without their quotes."""
    found = []
    for match in TOKEN.finditer(without_block_comments(source)):
        kind = match.lastgroup
        if kind == "comment":
            continue
        if kind in ("raw", "hashes"):
            found.append(("string", match["raw"]))
        elif kind == "text":
            found.append(("string", match["text"]))
        else:
            found.append((kind, match[0]))
    return found


def attribute_end(found, position):
    """The position after the attribute whose `[` is at this position."""
    depth = 0
    while position < len(found):
        depth += {"[": 1, "]": -1}.get(found[position][1], 0) if found[position][0] == "punctuation" else 0
        position += 1
        if depth == 0:
            break
    return position


def modules(path, is_root):
    """The files that the modules declared in a file may be in: for each a list, of which one has to exist."""
    source = path.read_text()
    # Most files declare none, and needn't be taken apart.
    if not re.search(r"\bmod\s+(r#)?\w+\s*;", source):
        return []
    found = tokens(source)
    owns_folder = is_root or path.name == "mod.rs"
    here = path.parent
    below = here if owns_folder else here / path.stem
    # Inline modules around the position, with the depth of braces at which each begins.
    inline, depth, attribute = [], 0, None
    declared = []
    position = 0
    while position < len(found):
        kind, text = found[position]
        following = [text for _, text in found[position + 1 : position + 3]]
        if text == "#" and following[:1] == ["["]:
            end = attribute_end(found, position + 1)
            inside = found[position + 2 : end - 1]
            if [token[1] for token in inside[:2]] == ["path", "="] and len(inside) == 3:
                attribute = inside[2][1]
            position = end
            continue
        if kind == "word" and text == "mod" and len(following) == 2 and found[position + 1][0] == "word":
            name = following[0].removeprefix("r#")
            if following[1] == ";":
                folder = below.joinpath(*(name for name, _ in inline))
                if attribute is None:
                    declared.append([folder / f"{name}.rs", folder / name / "mod.rs"])
                else:
                    declared.append([(folder if inline else here) / attribute])
            elif following[1] == "{":
                inline.append((attribute or name, depth))
        if kind == "punctuation":
            if text == "{":
                depth += 1
            elif text == "}":
                depth -= 1
                if inline and inline[-1][1] == depth:
                    inline.pop()
            if text in ";{}":
                attribute = None
        position += 1
    return declared


def included(path):
    """The files that `include!`, `include_str!` and `include_bytes!` take in, as far as their names are literals."""
    source = path.read_text()
    found = tokens(source) if "include" in source else []
    files = []
    for position, (kind, text) in enumerate(found):
        if kind == "word" and text in ("include", "include_str", "include_bytes"):
            following = found[position + 1 : position + 4]
            if [token[1] for token in following[:2]] == ["!", "("] and following[2:] and following[2][0] == "string":
                files.append((text, path.parent / following[2][1]))
    return files


def reached(roots):
    """All files of the targets with these roots."""
    waiting = [(path, True) for path in roots]
    seen = set()
    while waiting:
        path, is_root = waiting.pop()
        path = path.resolve()
        if path in seen:
            continue
        seen.add(path)
        for candidates in modules(path, is_root):
            # A file named by `path` holds its own modules next to it, as a root does.
            waiting += [(file, len(candidates) == 1) for file in candidates if file.exists()]
        waiting += [(file, True) for macro, file in included(path) if macro == "include" and file.exists()]
    return seen
