"""Odd values in every record: a pass reports each kind once, with its count and three ids, even if the pass fails.

test_odd_values tests what becomes of a single odd record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from log_lines import printed
from simulation import odd_records
from simulation.odd_records import EXAMPLE, FEEDBACK, HOUR, PROJECT, RUN

from product import World
from simulator import Fault

FACES = pytest.mark.parametrize("face", ["fivetran", "duckdb"])
MANY = 1_000
Line = dict[str, Any]


def runs(w: World, count: int, **fields: Any) -> list[str]:
    project = w.workspace.add_project(f"of {count}")
    starts = (w.clock.now() - HOUR - timedelta(seconds=second) for second in range(count))
    return [w.workspace.add_run(project, start_time=start, **fields) for start in starts]


def one_pass(w: World, face: str) -> int:
    """Make one call, and return its status."""
    if face == "duckdb":
        return w.pass_locally()[0]
    return w.post("/fivetran", json.dumps({"state": w.fivetran.state or {}}).encode()).status_code


def lines_logged(capsys: pytest.CaptureFixture[str]) -> list[Line]:
    """Return the log lines from WARNING up, without the one about the end of v1."""
    return [line for line in printed(capsys) if line["severity"] != "INFO" and line.get("event") != "sunset"]


def ids_in(line: Line) -> list[str]:
    """Return the ids that a line names, without those in LangSmith's own words."""
    return re.findall(r"[0-9a-f]{8}-[0-9a-f-]{27}", line["message"].partition("): ")[0])


def changed(field: bytes, value: bytes) -> Callable[[bytes], bytes]:
    """Return a function that sets a field to this value in every record of a page."""
    return lambda body: re.sub(rb'"%b": ?(?:"[^"]*"|null|[0-9.]+)' % field, b'"%b": %b' % (field, value), body)


@FACES
def test_one_odd_field_in_a_thousand_runs_is_one_line(
    world: Callable[..., World], face: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A pass logs one line for each odd column, with the column, the count and three ids."""
    w = world("smithdb")
    known = runs(w, MANY)
    w.sim.faults.add(Fault(kind="runs", rewrite=changed(b"end_time", b'"what the user said"'), times=None))
    w.sim.faults.add(Fault(kind="runs", rewrite=changed(b"total_cost", b'"what the user said"'), times=None))
    assert one_pass(w, face) == 200
    first, second = lines_logged(capsys)
    assert [line["message"].partition(" (")[0] for line in (first, second)] == [
        f"{RUN}: end_time is not a valid timestamp; its column is null, read it from raw",
        f"{RUN}: total_cost is not a valid numeric; its column is null, read it from raw",
    ]
    for line in (first, second):
        assert (line["severity"], line["stream"], line["times"]) == ("WARNING", RUN, MANY)
        assert re.search(r"\(1,000 times: [^,]+, [^,]+, [^,]+, \.\.\.\)$", line["message"])
        assert (len(ids_in(line)), {*ids_in(line)} <= {*known}) == (3, True)


@FACES
def test_a_pass_that_fails_tells_it_too(world: Callable[..., World], face: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A failing pass logs the odd values that it read. A pass that reads nothing odd does not repeat them."""
    w = world()
    runs(w, 20)
    w.sim.faults.add(Fault(kind="sessions", rewrite=changed(b"run_count", b'"many"')))
    w.sim.faults.add(Fault(kind="sessions", status=401, nth=2, times=None))
    w.sim.faults.add(Fault(kind="runs", status=401, times=None))
    w.configure(MAX_RESPONSE_MB="0.0001")
    statuses = [one_pass(w, face) for _ in range(2)]
    warned = [line for line in lines_logged(capsys) if "run_count" in line["message"]]
    assert 401 in statuses
    assert [line["times"] for line in warned] == [1]


def _unreadable(w: World) -> str:
    known = runs(w, MANY)
    odd = iter(range(MANY * 10))
    w.sim.faults.add(
        Fault(
            kind="runs",
            rewrite=lambda body: re.sub(rb'"id": ?"', lambda found: b'"no":"' if next(odd) % 2 else found[0], body),
            times=None,
        )
    )
    assert known
    return f"{RUN}: a record has no id of at most 200 characters and is skipped; report it"


def _no_uuids(w: World) -> str:
    runs(w, MANY)
    w.sim.faults.add(Fault(kind="runs", rewrite=lambda body: re.sub(rb'"id": ?"', b'"id":"run ', body), times=None))
    return f"{RUN}: a record's id is not a UUID, so its row is delivered but nothing is read by that id; report it"


def _not_there(w: World) -> str:
    runs(w, 300, offloaded=("inputs", "outputs"))
    w.sim.faults.add(Fault(kind="download", status=404, times=None))
    return f"{RUN}: inputs could not be fetched, and its column is marked; look at the reason"


def _gone(w: World) -> str:
    projects = [w.workspace.add_project(f"p{number}") for number in range(30)]
    w.fivetran.sync()
    w.sync_locally()
    w.clock.advance(hours=1)
    for project in projects:
        w.workspace.delete_project(project)
    return f"{PROJECT}: deleted in LangSmith before it was read whole; no action is needed"


def _no_differences(w: World) -> str:
    datasets = [w.workspace.add_dataset(f"d{number}") for number in range(12)]
    for _ in range(2):
        for dataset in datasets:
            w.workspace.add_example(dataset, {"q": 1})
        w.clock.advance(hours=1)
        w.fivetran.sync()
        w.sync_locally()
        w.sim.faults.add(Fault(kind="diff", status=400, body={"detail": "no such version"}, times=None))
    for dataset in datasets:
        w.workspace.add_example(dataset, {"q": 2})
    w.clock.advance(hours=1)
    return f"{EXAMPLE}: LangSmith gives no difference to the dataset's last version, so all its examples are read"


def _odd_feedback(w: World) -> str:
    for run in runs(w, 200):
        w.workspace.add_feedback(run, "k", score=1.0)
    w.sim.faults.add(Fault(kind="feedback", rewrite=changed(b"score", b'"what the user said"'), times=None))
    return f"{FEEDBACK}: score is not a valid float; its column is null, read it from raw"


def _dying_cursors(w: World) -> str:
    runs(w, 2_000)
    w.sim.faults.add(Fault(kind="runs", cursor="expire", times=None))
    return f"{RUN}: LangSmith no longer takes a page cursor; asking for its window again"


ODD_IN_MANY: list[Callable[[World], str]] = [
    _unreadable,
    _no_uuids,
    _not_there,
    _gone,
    _no_differences,
    _odd_feedback,
    _dying_cursors,
]


@FACES
@pytest.mark.parametrize("odd", ODD_IN_MANY)
def test_what_is_odd_in_many_is_a_line_or_two(
    world: Callable[..., World], face: str, odd: Callable[[World], str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A call logs at most four lines, whatever is odd in many records. Each names at most three ids."""
    w = world("clickhouse")
    says = odd(w)
    printed(capsys)
    assert one_pass(w, face) == 200
    lines = lines_logged(capsys)
    mine = [line for line in lines if line["message"].startswith(says)]
    assert (len(mine), len(lines) <= 4) == (1, True), lines
    assert mine[0]["times"] > 9
    assert all(len(ids_in(line)) <= 3 for line in lines)


def test_rows_that_are_cut_are_a_line_for_each_column(world: Callable[..., World], capsys: pytest.CaptureFixture[str]) -> None:
    """A call logs one line for each cut column, however many rows were cut."""
    w = world()
    runs(w, 60, inputs={"q": "x" * 9_000})
    w.configure(MAX_RESPONSE_MB="0.008")
    assert one_pass(w, "fivetran") == 200
    lines = {line["message"].partition(" (")[0]: line["times"] > 1 for line in lines_logged(capsys)}
    says = "was cut, because the row is larger than an answer or a batch; raise MAX_RESPONSE_MB, or exclude raw"
    assert lines == {f"{RUN}: {column} {says}": True for column in ("raw", "outputs", "inputs")}


def _twice(lines: list[Line]) -> Iterator[str]:
    texts = [line["message"].partition(" (")[0] for line in lines]
    yield from (text for text in {*texts} if texts.count(text) > 1)


def test_ids_are_told_as_far_as_forty_characters(world: Callable[..., World], capsys: pytest.CaptureFixture[str]) -> None:
    """The log shows 40 characters of an odd id at most, and nothing of an object in its place."""
    w = world()
    content = odd_records.filled(w)
    odd = [("id", '"' + "i" * 100 + 'tell-no-one"'), ("start_time", "5")]
    odd_records.rewritten(w, content.odd[RUN], odd_records.with_members(odd))
    odd_records.rewritten(w, content.odd[FEEDBACK], odd_records.with_members([("id", '{"tell-no-one":"tell-no-one"}')]))
    assert one_pass(w, "fivetran") == 200
    lines = lines_logged(capsys)
    assert not list(_twice(lines))
    assert [line["message"].partition(": ")[2] for line in lines] == [
        f"start_time is not a valid timestamp; its column is null, read it from raw (once: {'i' * 40})",
        f"a record's id is not a UUID, so its row is delivered but nothing is read by that id; report it (once: {'i' * 40})",
        "a record has no id of at most 200 characters and is skipped; report it (once)",
    ]
