"""Write the README's tables of configuration and of tables from the code, between their markers. `make docs` runs it."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from langsmith_core.settings.config import KEYS  # noqa: E402  the path above comes first
from langsmith_core.records.columns import Table
from langsmith_core.streams.registry import TABLES# noqa: E402

README = ROOT / "README.md"


def configuration() -> str:
    """The table of keys."""
    rows = [f"| `{key.name}` | {_default(key.default, required=key.required)} | {key.meaning} |" for key in KEYS]
    return "\n".join(["| key | default | |", "|---|---|---|", *rows])


def tables() -> str:
    """The table of tables, and under it each one's columns."""
    rows = [f"| `{s.name}` | `{s.key}` | {s.incremental} |" for s in TABLES]
    head = "\n".join(["| table | primary key | how it is read |", "|---|---|---|", *rows])
    return "\n\n".join([head, *(_columns(stream) for stream in TABLES)])


def rendered(text: str) -> str:
    """The README with both blocks as the code has them."""
    for name, block in (("configuration", configuration()), ("tables", tables())):
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}\n{block}\n{end}{after}"
    return text


def _default(default: str | None, *, required: bool) -> str:
    if required:
        return "required"
    return f"`{default}`" if default else ""


def _columns(stream: Table) -> str:
    listed = "\n".join(f"| `{c.name}` | {c.kind.value} | {c.description} |" for c in stream.columns)
    return (
        f"<details><summary><code>{stream.name}</code></summary>\n\n| column | kind | |\n|---|---|---|\n{listed}\n\n</details>"
    )


if __name__ == "__main__":
    README.write_text(rendered(README.read_text()))
