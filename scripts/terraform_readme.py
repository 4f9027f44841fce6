"""Write the inputs and outputs of terraform/README.md from variables.tf and outputs.tf, between their markers.

A row comes from a variable's description, type and default. An attribute's row comes from its line and the comment behind it.
Here: reading these two files as `terraform fmt` leaves them. Not here: what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

MODULE = Path(__file__).parents[1] / "terraform"
README = MODULE / "README.md"
OBJECTS = {"object({": "object", "map(object({": "map of objects"}
"""Types whose attributes follow, a line each, and their names in the table."""
_BLOCK = r'^{kind} "(\w+)" \{{\n(.*?)^\}}'
_ATTRIBUTE = re.compile(r"^    (\w+) += (.+?) +# (.+)$", re.MULTILINE)
_OPTIONAL = re.compile(r"optional\((\w+|\w+\(\w+\))(?:, (.+))?\)")


def inputs(text: str) -> str:
    """Return the table of variables."""
    return _table(("input", "type", "default", ""), _inputs(text))


def outputs(text: str) -> str:
    """Return the table of outputs."""
    return _table(("output", ""), ((f"`{name}`", _described(name, body)) for name, body in _blocks("output", text)))


def rendered(readme: str) -> str:
    """Return the README with both tables as the module has them."""
    tables = (
        ("inputs", inputs("".join(file.read_text() for file in sorted(MODULE.glob("variables*.tf"))))),
        ("outputs", outputs((MODULE / "outputs.tf").read_text())),
    )
    for name, table in tables:
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, _, rest = readme.partition(begin)
        _, _, after = rest.partition(end)
        readme = f"{before}{begin}\n{table}\n{end}{after}"
    return readme


def _inputs(text: str) -> Iterator[tuple[str, ...]]:
    for name, body in _blocks("variable", text):
        kind = _line("type", body)
        yield (
            f"`{name}`",
            OBJECTS.get(kind, f"`{kind}`"),
            _default(_line("default", body)),
            _described(name, body),
        )
        if kind in OBJECTS:
            for attribute, declared, comment in _ATTRIBUTE.findall(body):
                yield f"`{name}.{attribute}`", *_typed(declared), comment


def _typed(declared: str) -> tuple[str, str]:
    found = _OPTIONAL.fullmatch(declared)
    if not found:
        return f"`{declared}`", "required"
    return f"`{found[1]}`", f"`{found[2]}`" if found[2] else ""


def _default(written: str) -> str:
    return f"`{written}`" if written else "required"


def _described(name: str, body: str) -> str:
    found = re.search(r'^  description += "(.+)"$', body, re.MULTILINE)
    if not found:
        raise SystemExit(f"{name}: give it a description on one line")
    return found[1]


def _line(argument: str, body: str) -> str:
    found = re.search(rf"^  {argument} += (.+)$", body, re.MULTILINE)
    return found[1] if found else ""


def _blocks(kind: str, text: str) -> list[tuple[str, str]]:
    return re.findall(_BLOCK.format(kind=kind), text, re.MULTILINE | re.DOTALL)


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


if __name__ == "__main__":
    README.write_text(rendered(README.read_text()))
