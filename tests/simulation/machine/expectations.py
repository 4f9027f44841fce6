"""Check what law 1 promises of every record, given its last change and the looks that have ended since.

It keeps the truth after every step, and each change with the looks that must see it. It compares a destination with both.
source.py makes the changes, calls.py the calls. It imports nothing of the product: the promises are the design's, not the code's.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from product import JSON_COLUMNS, Table, expected
from simulator.times import parse_time

Truth = Mapping[str, Mapping[str, Mapping[str, Any]]]
Key = tuple[str, str]
PROJECT, DATASET, EXAMPLE, RUN, FEEDBACK = (f"langsmith_{name}" for name in ("project", "dataset", "example", "run", "feedback"))
JOINED = {RUN: ("project_name", PROJECT, "project_id"), EXAMPLE: ("dataset_name", DATASET, "dataset_id")}
"""Columns with a parent's name as it was at the time of reading: table -> (column, the parent's table, the column of its id)."""
SLACK = timedelta(minutes=10)
EVERY, OVERLAP, DEEP = "done_to", "overlapped_to", "reconciled"
"""The looks that see a change: every look, those that read the last 24 hours again, those of the daily pass."""
GIVEN_UP = timedelta(days=2) - SLACK
"""After object storage has failed for this long, the product no longer asks for payloads, and their markers stay."""
WEEK, FORTNIGHT = timedelta(days=7) - SLACK, timedelta(days=14) - SLACK


class Change(NamedTuple):
    """A change of a record, and the kind of look that must see it.

    A look must see it only where the record began at most `limit` before the look.
    """

    at: datetime
    looks: str = EVERY
    began: datetime | None = None
    limit: timedelta = timedelta.max


class Expectations:
    """The history of a workspace and of the looks at it. `cascades`: the destination deletes examples with their dataset."""

    cascades = False

    def __init__(self) -> None:
        self._snapshots: defaultdict[Key, list[dict[str, Any]]] = defaultdict(list)
        self._latest: dict[Key, Mapping[str, Any]] = {}
        self._names: defaultdict[Key, set[str]] = defaultdict(set)
        self._changes: dict[Key, Change] = {}
        self._arrivals: dict[Key, Change] = {}
        self._columns: dict[str, tuple[str, ...]] = {}
        self._looks: dict[str, set[datetime]] = {EVERY: set(), OVERLAP: set(), DEEP: set()}
        self._rewinds: list[tuple[datetime, datetime | None]] = []
        self._storage_failed: list[datetime] = []

    def changed(self, table: str, key: str, change: Change) -> None:
        """Record that a record is new or changed.

        Its arrival and its last change count. A look that sees the last change reads the whole record.
        """
        self._changes[table, key] = change
        self._arrivals.setdefault((table, key), change)

    def count(self, table: str) -> int:
        """The number of records of a table that ever existed."""
        return sum(of == table for of, _ in self._arrivals)

    def record_truth(self, truth: Truth) -> None:
        """Record the truth after a step."""
        for table, records in truth.items():
            for key, record in records.items():
                if self._latest.get((table, key)) == record:
                    continue  # most records, after most steps
                self._latest[table, key] = record
                self._columns[table] = tuple(record)
                self._names[table, key].add(str(record.get("name")))
                snapshot = _without_joined(table, expected(record))
                if snapshot not in self._snapshots[table, key]:
                    self._snapshots[table, key].append(snapshot)

    def record_looks(self, state: Mapping[str, Any]) -> None:
        """Record the looks that a call's state says have ended."""
        for name, moments in self._looks.items():
            if state.get(name):
                moments.add(parse_time(str(state[name])))

    def require_looks(self, state: Mapping[str, Any], *looks: str) -> None:
        """Record looks that the sync had to make, whether or not its state says so."""
        for name in looks:
            self._looks[name].add(parse_time(str(state[EVERY])))

    def record_rewind(self, now: datetime, state: Mapping[str, Any] | None) -> None:
        """Record that the next call begins with a state older than the rows. It cannot know of records deleted since."""
        done_to = (state or {}).get("done_to")
        self._rewinds.append((now, parse_time(str(done_to)) if done_to else None))

    def storage_failed(self, at: datetime) -> None:
        """Record that object storage did not serve a payload."""
        self._storage_failed.append(at)

    def violations(self, truth: Truth, tables: Mapping[str, Table]) -> Iterator[str]:
        """Yield each way in which a destination differs from what law 1 promises."""
        for table, records in truth.items():
            for key, record in records.items():
                yield from self._of_record(truth, table, key, record, tables[table].get(key))
            for key in tables[table].keys() - records.keys():
                yield from self._of_extra(truth, table, key, _comparable(table, tables[table][key], self._columns[table]))

    def _of_record(
        self, truth: Truth, table: str, key: str, record: Mapping[str, Any], row: dict[str, Any] | None
    ) -> Iterator[str]:
        change = self._changes[table, key]
        seen = self._seen(change) and self._seen(self._arrivals[table, key])
        if row is None:
            if seen:
                yield f"{table} {key} is missing since {change}"
            return
        found = _comparable(table, row, tuple(record))
        if self._given_up(self._arrivals[table, key].at):
            found = self._unmarked(table, key, found)
        now, then = _without_joined(table, expected(record)), _without_joined(table, found)
        if then != now and (seen or then not in self._snapshots[table, key]):
            yield f"{table} {key} is not as it was left by {change}: {_difference(now, then)}"
        yield from self._of_name(truth, table, key, found)

    def _of_name(self, truth: Truth, table: str, key: str, found: Mapping[str, Any]) -> Iterator[str]:
        if table not in JOINED:
            return
        column, parents, reference = JOINED[table]
        parent = str(found[reference])
        if found[column] not in self._names[parents, parent]:
            yield f"{table} {key} has a {column} that its parent never had: {found[column]!r}"
        now = truth[parents].get(parent)
        began = found.get("start_time") if table == RUN else None
        renamed = Change(self._changes[parents, parent].at, DEEP, parse_time(began + "Z") if began else None, WEEK)
        if now and began and self._seen(renamed) and found[column] != now["name"]:
            yield f"{table} {key} has an old {column}: {found[column]!r}"

    def _of_extra(self, truth: Truth, table: str, key: str, found: Mapping[str, Any]) -> Iterator[str]:
        """Check a row whose record is deleted. Runs and feedback stay. Other rows stay only if no look saw the delete."""
        if _without_joined(table, self._unmarked(table, key, found)) not in self._snapshots[table, key]:
            yield f"{table} {key} never was: {dict(found)}"
        orphan = table == EXAMPLE and found["dataset_id"] not in truth[DATASET]
        if table in (RUN, FEEDBACK) or (orphan and not self.cascades):
            return
        if self._seen(self._changes[table, key]) and not self._unknown(self._arrivals[table, key].at):
            yield f"{table} {key} is gone from the workspace since {self._changes[table, key].at}, its row is not"

    def _unmarked(self, table: str, key: str, found: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row with payloads in place of the markers that storage failures left."""
        latest = self._snapshots[table, key][-1] if self._snapshots[table, key] else found
        return {name: latest.get(name) if _is_mark(value) else value for name, value in found.items()}

    def _given_up(self, arrived: datetime) -> bool:
        failed = [at for at in self._storage_failed if at >= arrived]
        return bool(failed) and failed[-1] - failed[0] >= GIVEN_UP

    def _unknown(self, born: datetime) -> bool:
        return any(at >= born and (back_to is None or back_to <= born) for at, back_to in self._rewinds)

    def _seen(self, change: Change) -> bool:
        return any(
            look >= change.at and (change.began is None or change.began >= look - change.limit)
            for look in self._looks[change.looks]
        )


def _comparable(table: str, row: Mapping[str, Any], columns: tuple[str, ...]) -> dict[str, Any]:
    """Return a destination's row in the form of the truth: the same columns, JSON as values."""
    known = {name: row.get(name) for name in columns}
    json_columns = JSON_COLUMNS[table]
    return expected({name: json.loads(one) if name in json_columns and one is not None else one for name, one in known.items()})


def _is_mark(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"_not_fetched"}


def judged(truth: Truth) -> Truth:
    """Return the truth of the tables that are checked here. Other tests compare the other tables."""
    return {table: truth[table] for table in (PROJECT, DATASET, EXAMPLE, RUN, FEEDBACK)}


def _without_joined(table: str, record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if table not in JOINED or name != JOINED[table][0]}


def _difference(now: Mapping[str, Any], then: Mapping[str, Any]) -> str:
    return "; ".join(f"{name} is {then.get(name)!r} for {now[name]!r}" for name in now if now[name] != then.get(name))
