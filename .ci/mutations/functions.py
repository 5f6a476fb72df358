"""Where functions lie in Rust source, by the path that a reader would give: `Gauge::close`, `Drop for Permit::drop`."""

import functools
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "checks"))

import rust  # noqa: E402


class NotFound(Exception):
    """What a mutation names isn't there, or is there more than once."""


def positioned(source):
    """The tokens with their positions, comments left out: kind, text, start, end."""
    found, position = [], 0
    while position < len(source):
        if source.startswith("/*", position):
            depth, position = 1, position + 2
            while depth and position < len(source):
                step = {"/*": 1, "*/": -1}.get(source[position : position + 2], 0)
                depth, position = depth + step, position + (2 if step else 1)
            continue
        match = rust.TOKEN.match(source, position)
        if match is None:
            position += 1
            continue
        position = match.end()
        kind = match.lastgroup
        if kind != "comment":
            kind = "string" if kind in ("raw", "hashes", "text") else kind
            found.append((kind, match[0], match.start(), match.end()))
    return found


def body_of(tokens, position):
    """The position of the `{` that begins the body of the item at this position; none, if it has no body."""
    depth = 0
    for at in range(position, len(tokens)):
        kind, text = tokens[at][:2]
        if kind != "punctuation":
            continue
        if text in "([":
            depth += 1
        elif text in ")]":
            depth -= 1
        elif depth == 0 and text in "{;":
            return at if text == "{" else None
    return None


def outside_generics(header):
    """The tokens of an `impl`'s header that are not between angle brackets."""
    depth, kept, before = 0, [], ""
    for kind, text, *_ in header:
        if kind == "punctuation" and text == "<":
            depth += 1
        elif kind == "punctuation" and text == ">" and before != "-":
            depth -= 1
        elif depth == 0:
            # `for<'a>` binds a lifetime and names no type.
            kept.append((kind, text))
        before = text
    return kept


def last_name(tokens):
    """The last segment of a path of a type."""
    name = ""
    for at, (kind, text) in enumerate(tokens):
        if kind == "word" and text not in ("dyn", "mut"):
            name = f"${text}" if at and tokens[at - 1][1] == "$" else text
    return name


def impl_names(header):
    """How an `impl` may be called: by its type, and by trait and type."""
    words = outside_generics(header)
    texts = [text for _, text in words]
    if "where" in texts:
        words = words[: texts.index("where")]
        texts = texts[: texts.index("where")]
    if "for" not in texts:
        return {last_name(words)}
    at = texts.index("for")
    of_type = last_name(words[at + 1 :])
    return {of_type, f"{last_name(words[:at])} for {of_type}"}


def begins_item(tokens, position):
    """Whether `impl` begins an item here, and is not a type."""
    before = [text for _, text, *_ in tokens[max(0, position - 2) : position]]
    return not before or before[-1] in "{};]" or before[-1] in ("unsafe", "default") or before == ["$", "("]


def functions(source):
    """Each function with a body: the names of its path, each a set, and where its body begins and ends."""
    tokens = positioned(source)
    # Named braces around the position, and the number of braces at which each opened.
    scopes, pending, open_braces, depth = [], {}, {}, 0
    for position, (kind, text, start, end) in enumerate(tokens):
        following = tokens[position + 1] if position + 1 < len(tokens) else ("", "", 0, 0)
        if kind == "word" and text == "impl" and begins_item(tokens, position):
            at = body_of(tokens, position)
            if at is not None:
                pending[at] = (impl_names(tokens[position + 1 : at]), False)
        elif kind == "word" and text in ("mod", "trait", "fn") and following[0] == "word":
            at = body_of(tokens, position)
            if at is not None:
                pending[at] = ({following[1].removeprefix("r#")}, text == "fn")
        elif kind == "punctuation" and text == "{":
            if position in pending:
                names, is_function = pending.pop(position)
                scopes.append(names)
                open_braces[depth] = (end, is_function)
            depth += 1
        elif kind == "punctuation" and text == "}":
            depth -= 1
            if depth in open_braces:
                begin, is_function = open_braces.pop(depth)
                if is_function:
                    yield list(scopes), begin, start
                scopes.pop()


@functools.cache
def known(source):
    return list(functions(source))


def body(source, path):
    """Where the body of the one function of this path begins and ends."""
    wanted = path.split("::")
    found = []
    for names, begin, end in known(source):
        tail = names[-len(wanted) :]
        if len(tail) == len(wanted) and all(name in names for name, names in zip(wanted, tail)):
            found.append((begin, end))
    if len(found) != 1:
        raise NotFound(f"there is no function `{path}`" if not found else f"`{path}` is {len(found)} functions")
    return found[0]


def replaced(source, path, find, replace):
    """The source with one text of a function's body replaced; blanks and line breaks may differ from those in `find`."""
    begin, end = body(source, path)
    pattern = re.compile(r"\s+".join(re.escape(word) for word in find.split()))
    found = list(pattern.finditer(source, begin, end))
    if len(found) != 1:
        times = f"{len(found)} times" if found else "not"
        raise NotFound(f"the text is {times} in `{path}`")
    return source[: found[0].start()] + replace + source[found[0].end() :]
