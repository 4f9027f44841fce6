"""Write the parts of the documents that derive from the code, between their markers: `make docs`.

README, docs/configuration.md, docs/tables.md and the connector's README: the tables of keys and of tables. decisions: their list.
licences: those of the locked packages. DESIGN: the tree of the package. bigquery: the partitions and the bill. columns: the
statements that fill old rows. adding-a-stream: a module. terraform/streams.tf: what Terraform must know of the streams.
terraform/bundle_files.tf: what it deploys, by git. dbt/: the package's columns, sources and staging models. A test compares each
file with what this writes.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import cli_help  # noqa: E402
import connector_package  # noqa: E402
import dbt_files  # noqa: E402
import licences  # noqa: E402
from bigquery_bill import bill, raw  # noqa: E402

from langsmith_core.completeness.values import COMPLETENESS  # noqa: E402  the path above comes first
from langsmith_core.destinations.bigquery import fill as bigquery_fill  # noqa: E402  as above
from langsmith_core.destinations.bigquery.tables import REJECTIONS, VERDICTS  # noqa: E402  as above
from langsmith_core.destinations.duckdb import fill as duckdb_fill  # noqa: E402  as above
from langsmith_core.records.columns import Table  # noqa: E402  as above
from langsmith_core.settings.config import KEYS  # noqa: E402  the path above comes first
from langsmith_core.settings.key import Face, Key  # noqa: E402
from langsmith_core.streams.registry import METADATA_KEYS, SWITCHES, TABLES  # noqa: E402

PACKAGE = ROOT / "langsmith_core"
FIRST = ("LANGSMITH_API_KEY", "LANGSMITH_TENANT_ID", "LANGSMITH_BASE_URL", "PROJECTS", "START_TIME", "REDACT_PATHS")
"""The keys that the README shows."""
FUNCTIONS = (Face.FUNCTION, Face.SYNC)
"""The faces that are targets of main.py."""


def configuration() -> str:
    """Return the table of configuration keys, and which faces take each."""
    rows = [f"| `{key.name}` | {_default(key.default, required=key.required)} | {_takers(key)} | {key.meaning} |" for key in KEYS]
    return "\n".join(["| key | default | taken by | |", "|---|---|---|---|", *rows])


def connector_configuration() -> str:
    """Return the table of the keys that the connector takes."""
    return _keys(key for key in KEYS if Face.CONNECTOR in key.taken_by)


def first_keys() -> str:
    """Return the table of the keys that the README shows."""
    return _keys(key for name in FIRST for key in KEYS if key.name == name)


def _keys(keys: Iterable[Key]) -> str:
    rows = [f"| `{key.name}` | {_default(key.default, required=key.required)} | {key.meaning} |" for key in keys]
    return "\n".join(["| key | default | |", "|---|---|---|", *rows])


def connector_example() -> str:
    """Return the connector's configuration.json."""
    return f"```json\n{(ROOT / 'connector' / 'configuration.json').read_text()}```"


def connector_requirements() -> str:
    """Return the connector's requirements.txt."""
    return f"```\n{connector_package.requirements(connector_package.imported())}```"


def table_list() -> str:
    """Return the table of tables."""
    rows = [f"| `{s.name}` | `{s.key}` | {s.how_read} |" for s in TABLES]
    return "\n".join(["| table | primary key | how it is read |", "|---|---|---|", *rows])


def tables() -> str:
    """Return the table of tables, and below it each one's columns."""
    return "\n\n".join([table_list(), *(_columns(stream) for stream in TABLES)])


def decisions() -> str:
    """Return the list of decisions, the newest first: each file's date and heading."""
    files = sorted(ROOT.glob("docs/decisions/2*.md"), reverse=True)
    return "\n".join(f"- {file.name[:10]}: [{_heading(file)}]({file.name})" for file in files)


def _heading(file: Path) -> str:
    return file.read_text().partition("\n")[0].removeprefix("# ")


def partitions() -> str:
    """Return the table of BigQuery's partitions and clusters."""
    rows = [f"| `{s.name}` | {_partition(s)} | {', '.join(f'`{name}`' for name in s.cluster) or 'none'} |" for s in TABLES]
    ours = [f"| `{layout.stream.name}` | none | none |" for layout in (REJECTIONS, VERDICTS)]
    return "\n".join(["| table | partition | cluster |", "|---|---|---|", *rows, *ours])


def verdicts() -> str:
    """Return the columns of the table of verdicts."""
    return _columns(COMPLETENESS)


def fill_duckdb() -> str:
    """Return the statements that fill a DuckDB file's rows of an earlier version."""
    return _sql(duckdb_fill.fill(table) for table in TABLES if table.late)


def fill_bigquery() -> str:
    """Return the same for BigQuery."""
    return _sql(bigquery_fill.fill(table, "PROJECT.DATASET") for table in TABLES if table.late)


def _sql(statements: Iterable[str]) -> str:
    return "```sql\n" + "\n\n".join(statements) + "\n```"


def stream() -> str:
    """Return the module of the smallest stream."""
    return f"```python\n{(PACKAGE / 'streams' / 'feedback_configs.py').read_text()}```"


def house() -> str:
    """Return the tree of the package: a table for each room, a line for each module."""
    rooms = sorted({file.parent for file in PACKAGE.rglob("*.py")})
    return "\n\n".join("\n".join(_room(room)) for room in rooms)


def terraform() -> str:
    """Return terraform/streams.tf: the tables, their switches, and the columns that cannot be left out."""
    kept = [f"{table.name}.{name}" for table in TABLES for name in table.identifying]
    lists = (
        _list("tables", "The tables that rows go to.", [table.name for table in TABLES]),
        _list("switches", "The keys that turn a table off.", list(SWITCHES)),
        _list("metadata_keys", "The keys that choose where in a run's metadata a column is read.", list(METADATA_KEYS)),
        _list("kept_columns", "Rows are kept apart by these: privacy.exclude_columns cannot name them.", kept),
    )
    head = "# What the product's streams are. Written by `make docs` from langsmith_core/streams/registry.py; do not edit."
    return "\n\n".join((head, "locals {\n" + lists[0], *lists[1:])) + "\n}\n"


def bundle() -> str:
    """Return terraform/bundle_files.tf: the files of the product that git tracks. A new file is one of them after `git add`."""
    command = ["git", "ls-files", "-z", "main.py", "requirements.txt", "langsmith_core/*.py", "langsmith_core/*.html"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
    files = [name for name in listed.split("\0") if name and (ROOT / name).exists()]
    head = "# What is deployed, by git's list of files. Written by `make docs`; do not edit. Terraform needs no git for it."
    return f"{head}\n\nlocals {{\n{_list('bundle_files', 'Paths from the root of the repository.', files)}\n}}\n"


BLOCKS: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "README.md": {"first keys": first_keys, "table list": table_list},
    "docs/configuration.md": {"configuration": configuration},
    "docs/tables.md": {"tables": tables},
    "docs/licences.md": {"licences": licences.table},
    "docs/decisions/README.md": {"decisions": decisions},
    "connector/README.md": {
        "example": connector_example,
        "configuration": connector_configuration,
        "requirements": connector_requirements,
        "tables": tables,
    },
    "docs/DESIGN.md": {"house": house},
    "docs/adding-a-stream.md": {"stream": stream},
    "docs/cli.md": cli_help.BLOCKS,
    "docs/columns.md": {"fill-duckdb": fill_duckdb, "fill-bigquery": fill_bigquery},
    "docs/bigquery.md": {"partitions": partitions, "verdicts": verdicts, "bill": bill},
    "docs/decisions/2026-11-28-raw-stays-whole.md": {"raw": raw},
}
"""By document and marker, what stands between the marker's two lines."""
FILES: Mapping[str, Callable[[], str]] = {
    "terraform/streams.tf": terraform,
    "terraform/bundle_files.tf": bundle,
    **dbt_files.FILES,
}
"""Files that are written whole."""


def rendered(document: str, text: str) -> str:
    """Return a document's text with all its blocks as the code has them."""
    for name, block in BLOCKS[document].items():
        begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}\n{block()}\n{end}{after}"
    return text


def written() -> Iterator[tuple[Path, str]]:
    """Yield each file that derives from the code, and the text that it must have."""
    for document in BLOCKS:
        yield ROOT / document, rendered(document, (ROOT / document).read_text())
    for name, whole in FILES.items():
        yield ROOT / name, whole()


def _takers(key: Key) -> str:
    if key.taken_by == tuple(Face):
        return "all"
    return ", ".join(f"`{face.value}`" if face in FUNCTIONS else face.value for face in key.taken_by)


def _default(default: str | None, *, required: bool) -> str:
    if required:
        return "required"
    return f"`{default}`" if default else ""


def _columns(stream: Table) -> str:
    listed = "\n".join(f"| `{c.name}` | {c.kind.value} | {c.description} |" for c in stream.columns)
    return f"<details><summary><code>{stream.name}</code></summary>\n\n| column | kind | |\n|---|---|---|\n{listed}\n\n</details>"


def _partition(stream: Table) -> str:
    return f"{stream.partition.lower()} of `{stream.time}`" if stream.partition else "none"


def _room(room: Path) -> Iterator[str]:
    files = {file.stem: _summary(file) for file in sorted(room.glob("*.py"))}
    name = f"{room.relative_to(ROOT)}/"
    yield f"| `{name}` | {files.pop('__init__')} |"
    yield "|---|---|"
    for stem, summary in files.items():
        yield f"| `{stem}` | {summary} |"


def _summary(file: Path) -> str:
    """Return the first line of a module's docstring."""
    return (ast.get_docstring(ast.parse(file.read_text())) or "").partition("\n")[0]


def _list(name: str, comment: str, items: list[str]) -> str:
    lines = "".join(f'    "{item}",\n' for item in sorted(items))
    return f"  # {comment}\n  {name} = [\n{lines}  ]"


if __name__ == "__main__":
    for file, text in written():
        file.write_text(text)
