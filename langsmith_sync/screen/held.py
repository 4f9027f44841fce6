"""What a DuckDB file holds, for the figures: rows by table, LangSmith's count of each project's runs, and the position.

Here: reading a file that no pass holds. Not here: what the figures say of it (figures).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from langsmith_core.faces import destination
from langsmith_core.settings.config import Settings
from langsmith_core.streams.registry import PROJECT
from langsmith_core.sync import state_json
from langsmith_core.sync.state import State

COUNTS = f"SELECT project_id, run_count FROM {PROJECT.name} WHERE _deleted_at IS NULL"  # noqa: S608  a name of ours


class Held(Struct, frozen=True):
    """What a file holds. `counts`: LangSmith's count of runs by project, None where it gave none."""

    state: State
    rows: Mapping[str, int]
    counts: Mapping[str, int | None]


def held(settings: Settings) -> Held:
    """Read the file of these settings. Raises StateError where its state is not ours, ConfigError where DuckDB is missing."""
    found = destination.status(settings)
    state = state_json.load(found["state"], settings.source, destination.place(settings))
    return Held(state, found["rows"], _counts(settings.local_db) if PROJECT.name in found["rows"] else {})


def _counts(path: str) -> dict[str, Any]:
    import duckdb  # noqa: PLC0415  it need not be installed for BigQuery

    with duckdb.connect(str(Path(path).resolve()), read_only=True) as opened:
        return dict(opened.execute(COUNTS).fetchall())
