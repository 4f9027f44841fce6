"""Laws 3 and 4: one call is bounded in bytes and seconds, and every call makes progress."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from simulation.axes import in_turn
from simulation.face_calls import called

from product import World
from simulator import Fault
from simulator.settings import Mode


@pytest.mark.parametrize(("megabytes", "mode"), in_turn(["0.1", "1", "8"], [("clickhouse",), ("smithdb",)]))
def test_no_answer_is_larger_than_the_cap(world: Callable[..., World], mode: str, megabytes: str) -> None:
    """Encoded answers stay below MAX_RESPONSE_MB, though a page may have 1,000 rows. The sync completes."""
    w = world(mode)
    w.sim.corpus(projects=2, runs=400, days=20, payload_bytes=4000)
    w.configure(MAX_RESPONSE_MB=megabytes, PAGE_SIZE="1000")
    summary = w.fivetran.sync()
    assert summary.response_bytes_max <= float(megabytes) * 1_000_000
    w.assert_complete("fivetran")


def test_a_row_larger_than_the_cap_is_cut_and_named(world: Callable[..., World], caplog: pytest.LogCaptureFixture) -> None:
    """A marker replaces `raw`, then outputs. Inputs that fit stay whole, and so do other rows. A log line names the cut row."""
    w = world()
    project = w.workspace.add_project("heavy")
    small = w.workspace.add_run(project, inputs={"q": "small"}, outputs={"a": "small"})
    heavy = w.workspace.add_run(project, inputs={"q": "x" * 100_000}, outputs={"a": "y" * 2_000_000})
    w.configure(MAX_RESPONSE_MB="1")
    w.fivetran.sync()
    rows = w.in_fivetran("langsmith_run")
    assert json.loads(rows[small]["outputs"]) == {"a": "small"}
    assert json.loads(rows[heavy]["inputs"]) == {"q": "x" * 100_000}
    assert json.loads(rows[heavy]["outputs"]) == {"_cut_bytes": 2_000_008}
    assert set(json.loads(rows[heavy]["raw"])) == {"_cut_bytes"}
    assert (
        f"raw was cut, because the row is larger than an answer or a batch; raise MAX_RESPONSE_MB, or exclude raw (once: {heavy})"
        in caplog.text
    )
    assert "yyyy" not in caplog.text


@pytest.mark.parametrize("seconds", ["2", "30"])
@pytest.mark.parametrize("mode", ["clickhouse", "smithdb"])
@pytest.mark.parametrize("face", ["fivetran", "duckdb"])
def test_a_slow_api_and_a_short_call_still_complete(world: Callable[..., World], face: str, mode: Mode, seconds: str) -> None:
    """No call lasts ten seconds longer than MAX_SECONDS where every answer takes three. The sync is complete."""
    w = world(mode)
    w.sim.corpus(projects=3, runs=60, days=20, payload_bytes=60_000)
    w.configure(MAX_SECONDS=seconds, MAX_RESPONSE_MB="1")
    w.sim.faults.add(Fault(slow=3.0, times=None))
    more, made = True, 0
    while more:
        begun = w.clock.now()
        one = called(w, face)
        assert one.status == 200
        assert (w.clock.now() - begun).total_seconds() <= float(seconds) + 10
        more, made = one.has_more, made + 1
    assert made > 1
    w.assert_complete(face)


def test_nine_empty_answers_in_a_row_then_the_position_is_kept(world: Callable[..., World]) -> None:
    """A call without rows answers hasMore true at most nine times in a row, then false. The next sync goes on from there."""
    w = world()
    for number in range(60):
        w.workspace.add_run(w.workspace.add_project(f"p{number}"))
    w.configure(SYNC_EXAMPLES="false", SYNC_FEEDBACK="false")
    for days in (3, 0.1):  # the second sync is a daily pass and reads the week again; the third has nothing to read
        w.fivetran.sync()
        w.clock.advance(days=days)
    w.sim.stats_served = False
    w.sim.faults.add(Fault(kind="runs", slow=40.0, times=None))
    w.configure(MAX_SECONDS="30")
    summary = w.fivetran.sync()
    assert summary.empties == 10
    assert (w.fivetran.state or {}).get("look"), "the walk is not at its end, and its place is kept"
    place = (w.fivetran.state or {})["look"]
    w.fivetran.sync()
    assert (w.fivetran.state or {}).get("look") != place


@pytest.mark.parametrize("face", ["fivetran", "duckdb"])
def test_what_was_read_before_a_failure_is_kept(world: Callable[..., World], face: str) -> None:
    """A page that fails past the retries does not take back the pages before it. The sync completes later."""
    w = world()
    w.sim.corpus(projects=2, runs=500, days=20)
    w.sim.faults.add(Fault(kind="runs", when=lambda request: bool(request.body.get("cursor")), status=503, times=None))
    if face == "fivetran":
        step = w.fivetran.step()
        assert step.has_more
        assert step.rows["langsmith_project"] == 2
    else:
        status, answer = w.pass_locally()
        assert (status, answer["hasMore"], answer["rows"]["langsmith_project"]) == (200, True, 2)
    w.sim.faults.clear()
    w.fivetran.sync() if face == "fivetran" else w.sync_locally()
    w.assert_complete(face)
