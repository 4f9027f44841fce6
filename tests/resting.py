"""Going on from a recorded state until nothing is left, and judging the tables by the workspace.

Not here: how the moment is put together (recorded).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from langsmith_core.streams.registry import TABLES
from product import JOINED, Table, World, expected, known
from recorded import Moment, Past, lines, rebuilt, settings
from simulator.times import parse_time

SMALL, CALLS_MAX = 5, 30
"""Calls of the recorded size, and the most calls of one sync after them."""
SIZES = ("MAX_SECONDS", "MAX_RESPONSE_MB", "PAGE_SIZE")
SWITCHES = {"langsmith_example": "SYNC_EXAMPLES", "langsmith_run": "SYNC_RUNS", "langsmith_feedback": "SYNC_FEEDBACK"}
LATE = {table.name: [column.name for column in table.late] for table in TABLES}
"""Columns that rows of an earlier version lack."""
LASTING = ("LANGSMITH_BASE_URL",)
"""Settings that stay when the scope is widened."""


def judge(moment: Moment, patch: pytest.MonkeyPatch, folder: Path) -> int:
    """Go on from a recorded state to the end, then with a wider scope, and compare the tables each time. The number of calls."""
    face = lines(moment.recording)[0]["face"]
    w, past = rebuilt(moment, patch, folder)
    w.sim.subtree_usage = "served"  # what a v2 that ignores it answers is not the truth
    past.changed(w.sim, lambda: used_further(w, deletes=not moment.recording.startswith("many")))
    count = come_to_rest(w, face, patch)
    assert_present(w, face, settings(moment))
    w.clock.advance(timedelta(hours=25))
    count += synced(w, face)
    assert_equal(w, face, past, settings(moment))
    if widened(patch, moment):
        count += synced(w, face)
        assert_equal(w, face, past, {})
    return count


def used_further(w: World, *, deletes: bool) -> None:
    """What only a state's memory finds: runs that end, what is deleted, a project with a past, examples and runs that change."""
    space = w.workspace
    for run in [one.id for one in space.runs.values() if one.end_time is None]:
        space.finish_run(run, outputs={"ended": "at last"})
    if deletes:
        space.delete_project(list(space.projects)[-1])
        space.delete_dataset(list(space.datasets)[-1])
    for project in list(space.projects)[:3]:
        space.add_run(project)
    space.add_feedback(min(space.runs.values(), key=lambda one: one.start_time).id, "late", score=1.0)
    for dataset in space.datasets.values():
        living = [one for one in dataset.examples.values() if not one.revisions[-1].deleted]
        for example in living[:1]:
            space.edit_example(example.id, outputs={"edited": "at last"})
    late = space.add_project("with a past")
    for days in (20, 200):
        space.add_run(late, start_time=w.clock.now() - timedelta(days=days))


def assert_present(w: World, face: str, given: Mapping[str, str]) -> None:
    """Before the daily pass, which would hide a loss: no record is missing, and no payload."""
    truth = w.workspace.truth()
    for table in ("langsmith_project", "langsmith_dataset", "langsmith_example", "langsmith_run"):
        found = rows_in(w, face, table)
        assert _in_scope(truth[table], table, truth, given).keys() <= found.keys(), table
        assert not [key for key, row in found.items() if "_not_fetched" in str(row.get("inputs"))], table


def rows_in(w: World, face: str, table: str) -> Table:
    """A table's live rows."""
    return w.in_fivetran(table) if face == "fivetran" else w.in_duckdb(table)


def come_to_rest(w: World, face: str, patch: pytest.MonkeyPatch) -> int:
    """Sync, and again an hour later, each until nothing is left. The number of calls.

    The first calls are as small as the recorded ones, the others of the usual size.
    """
    count, more = 0, True
    while more and count < (SMALL if face == "fivetran" else 1):
        count, more = count + 1, called(w, face)
    for name in SIZES:
        patch.delenv(name, raising=False)
    count += synced(w, face) if more else 0
    w.clock.advance(timedelta(minutes=62))
    return count + synced(w, face)


def called(w: World, face: str) -> bool:
    """One call; whether there is more. One that fails fails the test."""
    if face == "fivetran":
        return w.fivetran.step().has_more
    status, answer = w.pass_locally()
    assert status == 200, answer
    return bool(answer["hasMore"])


def synced(w: World, face: str) -> int:
    """Call until there is no more; the number of calls. A sync that does not end fails the test."""
    for count in range(1, CALLS_MAX + 1):
        if not called(w, face):
            return count
    pytest.fail(f"{CALLS_MAX} calls, and still hasMore")


def widened(patch: pytest.MonkeyPatch, moment: Moment) -> bool:
    """Take away every setting that narrows what is read; whether there was one."""
    given = settings(moment)
    for name in given.keys() - set(LASTING):
        patch.delenv(name, raising=False)
    return any(name.startswith(("PROJECTS", "START_TIME")) or given[name] == "false" for name in given)


def assert_equal(w: World, face: str, past: Past, given: Mapping[str, str]) -> None:
    """The tables hold what the workspace holds, of all that the settings `given` read, and no other row.

    Rows of deleted runs, of their feedback, and of a deleted dataset's examples may stay. A joined name is any its parent had.
    A row that was written before a table had its late columns, and was not read again, lacks all of them.
    """
    truth = w.workspace.truth()
    for table, records in truth.items():
        found = {key: row for key, row in rows_in(w, face, table).items() if key not in past.gone[table]}
        ours, theirs = _in_scope(found, table, truth, given), _in_scope(records, table, truth, given)
        then = {key: dict(_as_then(table, record, ours.get(key, {}), past)) for key, record in theirs.items()}
        assert known(ours, table, then) == {key: expected(record) for key, record in then.items()}, table


def _as_then(table: str, record: Mapping[str, Any], found: Mapping[str, Any], past: Past) -> Iterator[tuple[str, Any]]:
    parent, joined = JOINED.get(table, ("", ""))
    lacking = LATE[table] if all(found.get(name) is None for name in LATE[table]) else ()
    for name, value in record.items():
        then = found.get(name) if name == joined else None
        yield name, None if name in lacking else then if then in past.names[str(record.get(parent))] else value


def _in_scope(rows: Mapping[str, Any], table: str, truth: Mapping[str, Any], given: Mapping[str, str]) -> Table:
    """The rows that the settings ask for."""
    if given.get(SWITCHES.get(table, ""), "true") == "false":
        return {}
    if table == "langsmith_project":
        return {key: row for key, row in rows.items() if not {key, row["name"]} & _listed(given, "PROJECTS_EXCLUDE")}
    if table not in ("langsmith_run", "langsmith_feedback"):
        return dict(rows)
    time = "start_time" if table == "langsmith_run" else "created_at"
    read, start = _projects(truth, given), parse_time(given.get("START_TIME") or "1970-01-01T00:00:00Z")
    return {key: row for key, row in rows.items() if row["project_id"] in read and _moment(row[time]) >= start}


def _moment(value: datetime | str) -> datetime:
    return parse_time(value) if isinstance(value, str) else value


def _projects(truth: Mapping[str, Any], given: Mapping[str, str]) -> set[str]:
    """The projects that are read."""
    names = {key: row["name"] for key, row in truth["langsmith_project"].items()}
    wanted, not_wanted = (_listed(given, name) for name in ("PROJECTS", "PROJECTS_EXCLUDE"))
    return {one for one, name in names.items() if (not wanted or {one, name} & wanted) and not {one, name} & not_wanted}


def _listed(given: Mapping[str, str], name: str) -> set[str]:
    """The names or ids that a setting lists."""
    return set(filter(None, given.get(name, "").split(",")))
