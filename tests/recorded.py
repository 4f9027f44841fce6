"""Recordings of syncs, call by call: the state that each call left, with the workspace and the tables of that moment.

Here: reading a recording, building its workspace anew, and putting rows and state in their places. The files lie in
`data/states_v1`; its README describes their lines. Only public seams of the product are used: its two HTTP targets, and the
tables in the DuckDB file. Not here: going on from there (resting), or making recordings (scripts/states_v1).
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from product import World
from simulator import Clock, Simulator
from simulator.times import parse_time

FOLDER = Path(__file__).parent / "data" / "states_v1"
SEED = 1
Line = dict[str, Any]
Rows = dict[str, dict[str, dict[str, Any]]]
TABLES = ("langsmith_project", "langsmith_dataset", "langsmith_example", "langsmith_run", "langsmith_feedback")


class Moment(NamedTuple):
    """One recorded call: `line` is its place in the recording, `state` what is handed over."""

    recording: str
    name: str
    line: int
    state: dict[str, Any]


class Past:
    """What a workspace has been: keys of rows that once were, and every name of a project or dataset."""

    def __init__(self) -> None:
        self.gone: defaultdict[str, set[str]] = defaultdict(set)
        self.names: defaultdict[str, set[str]] = defaultdict(set)

    def changed(self, sim: Simulator, change: Callable[[], object]) -> None:
        """Do something in the workspace, and note what it has taken away and how parents are named now."""
        before = _keys(sim)
        change()
        for table, keys in _keys(sim).items():
            self.gone[table] |= before[table] - keys
        for parents in (sim.workspace.projects, sim.workspace.datasets):
            for ident, one in parents.items():
                self.names[ident].add(one.name)


@cache
def lines(recording: str) -> list[Line]:
    """The lines of a recording, its header first."""
    text = gzip.decompress((FOLDER / f"{recording}.jsonl.gz").read_bytes())
    return [json.loads(line) for line in text.splitlines()]


def recordings() -> list[str]:
    """The names of all recordings."""
    return sorted(path.name.removesuffix(".jsonl.gz") for path in FOLDER.glob("*-*.jsonl.gz"))


def moments(recording: str) -> list[Moment]:
    """Every recorded call of a recording."""
    found = enumerate(lines(recording))
    return [Moment(recording, line["name"], number, line["state"]) for number, line in found if "state" in line]


@cache
def older() -> list[Moment]:
    """States as older programs wrote them, each handed over in place of a recorded one."""
    text = gzip.decompress((FOLDER / "older.json.gz").read_bytes())
    return [Moment(one["recording"], one["name"], one["line"], one["state"]) for one in json.loads(text)]


def rebuilt(moment: Moment, patch: pytest.MonkeyPatch, folder: Path) -> tuple[World, Past]:
    """The workspace of that moment, the destination as it was, the product configured, and the state in its place."""
    header, *before = lines(moment.recording)[: moment.line + 1]
    sim = Simulator(clock=Clock(header["now"]), mode=header["mode"], seed=SEED)
    past, rest = Past(), Line()
    tables: Rows = defaultdict(dict)
    for line in before:
        _replayed(sim, line, past)
        _patched(tables, line.get("rows", {}))
        rest = line.get("store", rest)
    _turned(sim.clock, before[-1]["at"])
    w = World(patch, folder, sim.mode, sim=sim)
    w.configure(**settings(moment))
    if header["face"] == "fivetran":
        w.fivetran.tables = {table: {(key,): row for key, row in tables[table].items()} for table in TABLES}
        w.fivetran.replay(json.loads(json.dumps(moment.state)))
    else:
        _filled(w.database, header["tables"], tables, {**rest, "state": json.dumps(moment.state)})
    return w, past


def settings(moment: Moment) -> dict[str, str]:
    """The configuration of a recorded call, beside the key and the workspace."""
    found: dict[str, str] = {}
    for line in lines(moment.recording)[: moment.line]:
        found |= line.get("settings", {})
    return found


def _turned(clock: Clock, at: str) -> None:
    clock.advance(parse_time(at) - clock.now())


def _replayed(sim: Simulator, line: Line, past: Past) -> None:
    """Do in the workspace what was done then, at its time."""
    if "deed" not in line:
        return
    at, name, args, named = line["deed"]
    _turned(sim.clock, at)
    if name == "set":
        setattr(sim, *args)
    else:
        past.changed(sim, lambda: getattr(sim.workspace, name)(*args, **named))


def _keys(sim: Simulator) -> dict[str, set[str]]:
    """Keys whose rows outlive their records: of runs, feedback, and examples, which go with their dataset."""
    w = sim.workspace
    return {
        "langsmith_run": set(w.runs),
        "langsmith_feedback": set(w.feedback),
        "langsmith_example": set(w.dataset_of_example),
    }


def _patched(tables: Rows, changes: Mapping[str, Mapping[str, dict[str, Any] | None]]) -> None:
    """Bring tables to the next call: a row's changed columns, null for one without a value, no row where the whole is null."""
    for table, rows in changes.items():
        for key, changed in rows.items():
            row = {**tables[table].pop(key, {}), **(changed or {})}
            if changed is not None:
                tables[table][key] = {name: value for name, value in row.items() if value is not None}


def _filled(database: str, made: list[str], tables: Rows, store: Line) -> None:
    """Write the file as it was: its own tables, rows, and the state beside what the file keeps about itself."""
    with duckdb.connect(database) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for statement in made:
            connection.execute(statement)
        connection.begin()
        rows = [(table, row) for table in TABLES for row in tables[table].values()]
        for table, row in [*rows, ("_langsmith_state", store)]:
            marks = ", ".join("?" * len(row))
            connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))  # noqa: S608
        connection.commit()
