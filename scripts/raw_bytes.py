"""Weigh the columns of runs as BigQuery counts bytes, for the decision about `raw`: `python scripts/raw_bytes.py`.

`raw` is the whole API record; `rest` is what would be left of it without the fields that have a column of their own. Rows are
read from the simulator by the engine. Nothing is timed.
"""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import corpus  # noqa: E402  the path above comes first
from langsmith_core.langsmith import client as langsmith  # noqa: E402
from langsmith_core.records.columns import Kind  # noqa: E402
from langsmith_core.settings import config  # noqa: E402
from langsmith_core.streams.registry import RUN  # noqa: E402
from langsmith_core.sync.batch import Limits  # noqa: E402
from langsmith_core.sync.engine import Engine  # noqa: E402
from langsmith_core.sync.state import State  # noqa: E402
from simulator import DEFAULT_API_KEY, DEFAULT_TENANT_ID, Clock, Simulator  # noqa: E402
from simulator.settings import Mode  # noqa: E402

RUNS = 500
APIS: tuple[tuple[Mode, str], ...] = (("clickhouse", "v1"), ("smithdb", "v2"))
HEAD = (
    "| rows | API | inputs and outputs | other columns | raw | of it no column has | raw's share |\n|---|---|---|---|---|---|---|"
)
FIXED = {Kind.INTEGER: 8, Kind.FLOAT: 8, Kind.TIMESTAMP: 8, Kind.BOOLEAN: 1, Kind.NUMERIC: 32}
"""Bytes of a value that is not null (BigQuery's documented sizes); a text has 2 and its own, JSON the text's."""
PAYLOADS = ("inputs", "outputs")
TOP = frozenset(source for one in RUN.columns for source in one.sources if "." not in source and "[" not in source)
"""Fields that a column holds whole. Of `extra` a column holds `metadata`."""
CORPORA: tuple[tuple[str, Callable[[Simulator], Any]], ...] = (
    ("the simulator's corpus", lambda sim: sim.corpus(projects=5, runs=RUNS, datasets=1, examples=1, days=5)),
    ("records of 3 KB", lambda sim: corpus.fill(sim, RUNS, 3_000, days=5)),
    ("records of 75 KB", lambda sim: corpus.fill(sim, RUNS, 75_000, days=5)),
)


def runs(fill: Callable[[Simulator], Any], mode: Mode) -> Iterator[dict[str, Any]]:
    """Yield the rows of runs that a sync delivers."""
    clock = Clock("2026-06-01T00:00:00Z")
    sim = Simulator(clock=clock, mode=mode, seed=1)
    fill(sim)
    session = langsmith.session()
    session.mount("https://", sim.adapter())
    settings = config.load({"LANGSMITH_API_KEY": DEFAULT_API_KEY, "LANGSMITH_TENANT_ID": DEFAULT_TENANT_ID})
    client = langsmith.LangSmith(settings, clock, clock.now() + timedelta(hours=1), session)
    engine = Engine(settings, client, clock.now, Limits(8_000_000, lambda: 3600.0))
    for batch in engine.batches(State(source=settings.source)):
        yield from map(msgspec.json.decode, batch.lines.get(RUN.name, {}).values())


def size(kind: Kind, value: Any) -> int:
    """Return the bytes of a value."""
    return 0 if value is None else FIXED.get(kind) or 2 + len(str(value).encode())


def rest(raw: str) -> str:
    """Return the record without the fields that a column holds."""
    fields = {name: value for name, value in msgspec.json.decode(raw).items() if name not in TOP}
    if isinstance(fields.get("extra"), dict):
        fields["extra"].pop("metadata", None)
    return msgspec.json.encode(fields).decode()


def weighed(fill: Callable[[Simulator], Any], mode: Mode) -> Counter[str]:
    """Return the bytes of an average row, by part."""
    total, count = Counter[str](), 0
    for row in runs(fill, mode):
        count += 1
        for column in RUN.columns:
            part = "raw" if column.name == "raw" else "inputs and outputs" if column.name in PAYLOADS else "other columns"
            total[part] += size(column.kind, row[column.name])
        total["rest"] += 2 + len(rest(row["raw"]).encode())
    return Counter({part: round(amount / count) for part, amount in total.items()})


def main() -> None:
    """Print the table."""
    logging.disable(logging.CRITICAL)
    print(HEAD)
    for name, fill in CORPORA:
        for mode, api in APIS:
            one = weighed(fill, mode)
            parts = [one["inputs and outputs"], one["other columns"], one["raw"], one["rest"]]
            share = one["raw"] / (one.total() - one["rest"])
            print(f"| {name} | {api} | {' | '.join(f'{part:,}' for part in parts)} | {share:.0%} |")


if __name__ == "__main__":
    main()
