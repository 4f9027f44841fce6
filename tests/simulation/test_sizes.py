"""Workspaces of awkward sizes: many runs of one moment, one run larger than an answer, hundreds of heavy runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest

from product import World
from simulator import Fault
from simulator.settings import Mode

both_apis = pytest.mark.parametrize("mode", ["clickhouse", "smithdb"])
both_faces = pytest.mark.parametrize("face", ["fivetran", "duckdb"])


def synced(w: World, face: str) -> None:
    """Sync to the end through a face."""
    w.fivetran.sync() if face == "fivetran" else w.sync_locally()


@both_apis
@both_faces
def test_500_runs_of_one_start_time(file_world: Callable[..., World], mode: Mode, face: str) -> None:
    """Runs that share a microsecond fill several pages. None is left out, and each page is asked for once."""
    w = file_world(mode)
    project = w.workspace.add_project("tied")
    moment = w.clock.now() - timedelta(hours=1)
    for number in range(500):
        w.workspace.add_run(project, start_time=moment, inputs={"n": number})
    w.configure(PAGE_SIZE="100")
    synced(w, face)
    w.assert_complete(face)
    pages = [request.content for request in w.sim.requests if request.kind == "runs"]
    assert len(pages) == len(set(pages)) <= 500 / 100 + 2


@both_apis
@both_faces
def test_500_runs_of_one_start_time_in_small_answers(file_world: Callable[..., World], mode: Mode, face: str) -> None:
    """An answer that ends among runs of one moment is continued behind the same run. Dead cursors do not matter."""
    w = file_world(mode)
    project = w.workspace.add_project("tied")
    for number in range(500):
        w.workspace.add_run(project, start_time=w.clock.now() - timedelta(hours=1), inputs={"n": number})
    w.configure(PAGE_SIZE="100", MAX_RESPONSE_MB="0.2")
    w.sim.faults.add(Fault(kind="runs", cursor="expire", nth=2))
    calls = 0
    while w.fivetran.step().has_more if face == "fivetran" else w.pass_locally()[1]["hasMore"]:
        calls += 1
        if calls == 2:
            w.sim.expire_cursors()
    w.assert_complete(face)
    assert calls > 2 or face == "duckdb"  # a pass of our own writes several batches


@both_apis
@both_faces
def test_a_run_of_12_mb_under_the_default_cap(
    file_world: Callable[..., World], mode: Mode, face: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A run of 12 MB lands with markers in place of `raw` and outputs, and the log names it. Its neighbours land whole."""
    w = file_world(mode)
    project = w.workspace.add_project("heavy")
    before, heavy, after = (
        w.workspace.add_run(project, inputs={"q": "asked"}, outputs={"a": "y" * size}) for size in (10, 12_000_000, 10)
    )
    synced(w, face)
    rows = w.in_fivetran("langsmith_run") if face == "fivetran" else w.in_duckdb("langsmith_run")
    assert {key: json.loads(row["inputs"]) for key, row in rows.items()} == {
        key: {"q": "asked"} for key in (before, heavy, after)
    }
    assert [json.loads(rows[key]["outputs"]) for key in (before, after)] == [{"a": "y" * 10}] * 2
    assert json.loads(rows[heavy]["outputs"]) == {"_cut_bytes": 12_000_008}
    assert json.loads(rows[heavy]["raw"]).keys() == {"_cut_bytes"}
    assert json.loads(rows[before]["raw"])["id"] == before
    assert (
        caplog.text.count(
            "raw was cut, because the row is larger than an answer or a batch; raise MAX_RESPONSE_MB, or exclude raw (once: "
            f"{heavy})"
        )
        == 1
    )


@pytest.mark.parametrize(("mode", "face"), [("clickhouse", "duckdb"), ("smithdb", "fivetran")])
def test_hundreds_of_runs_of_75_kb(file_world: Callable[..., World], mode: Mode, face: str) -> None:
    """400 heavy runs arrive whole, with hardly more queries than they need answers of 8 MB."""
    w = file_world(mode)
    project = w.workspace.add_project("heavy")
    inputs, outputs = {"q": "x" * 37_000}, {"a": "y" * 37_000}
    for minutes in range(400):
        w.workspace.add_run(project, start_time=w.clock.now() - timedelta(minutes=minutes), inputs=inputs, outputs=outputs)
    synced(w, face)
    w.assert_complete(face)
    assert w.requests("runs") <= 400 // 47 + 1 + 2  # pages that fit, one before the weight was known, and one of the backfill
