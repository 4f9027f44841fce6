"""Object storage that is slow, down or unreliable: no payload is lost for good, and no call exceeds its time."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from product import World
from simulator import Fault

MARKED = {"_not_fetched"}
OUTAGES: list[dict[str, Any]] = [
    {"status": 503},
    {"reset": True},
    {"slow": 70.0},
    {"status": 403},
    # A proxy between here and the storage may answer in its place.
    {"status": 400},
    {"status": 401},
    {"redirect": "https://login.example/"},
    {"status": 200, "body": "<html>sign in</html>", "content_type": "text/html"},
]


def filled(w: World, count: int, *, apart: float = 60.0, age: timedelta = timedelta(hours=1), size: int = 0) -> list[str]:
    """Add runs whose inputs and outputs lie in object storage. Return their ids."""
    project = w.workspace.add_project(f"heavy-{count}-{apart}-{age}")
    return [
        w.workspace.add_run(
            project,
            inputs={"q": i, "text": "x" * size},
            outputs={"a": i},
            offloaded=("inputs", "outputs"),
            start_time=w.clock.now() - age - timedelta(seconds=i * apart),
        )
        for i in range(count)
    ]


def inputs(w: World, face: str) -> dict[str, Any]:
    rows = (w.in_fivetran if face == "fivetran" else w.in_duckdb)("langsmith_run")
    return {key: json.loads(row["inputs"]) for key, row in rows.items()}


def sync(w: World, face: str) -> None:
    w.fivetran.sync() if face == "fivetran" else w.sync_locally()


def outage(w: World, **how: Any) -> Fault:
    fault = Fault(kind="download", times=None, **(how or {"status": 503}))
    w.sim.faults.add(fault)
    return fault


@pytest.mark.parametrize("face", ["fivetran", "duckdb"])
@pytest.mark.parametrize("how", OUTAGES, ids=str)
def test_payloads_missed_in_an_outage_come_with_the_next_sync(
    world: Callable[..., World], face: str, how: dict[str, Any]
) -> None:
    """The first sync after an outage fills in missing payloads of old and new runs."""
    w = world()
    old, young = filled(w, 7, age=timedelta(days=90)), filled(w, 7)
    outage(w, **how)
    sync(w, face)
    assert {key: value.keys() for key, value in inputs(w, face).items()} == dict.fromkeys((*old, *young), MARKED)
    w.sim.faults.clear()
    w.clock.advance(minutes=15)
    sync(w, face)
    w.assert_complete(face)
    assert not any(MARKED & value.keys() for value in inputs(w, face).values())


@pytest.mark.parametrize("face", ["fivetran", "duckdb"])
def test_an_outage_takes_no_payload_away(world: Callable[..., World], face: str) -> None:
    """A run without its payload does not replace a whole one. Its other changes arrive after the outage."""
    w = world()
    (run,) = filled(w, 1)
    sync(w, face)
    before = inputs(w, face)
    outage(w)
    w.workspace.update_run(run, tags=["looked at"])
    for _ in range(3):
        w.clock.advance(hours=5)
        sync(w, face)
        assert inputs(w, face) == before
    w.sim.faults.clear()
    sync(w, face)
    assert inputs(w, face) == before
    w.assert_complete(face)


@pytest.mark.parametrize("face", ["fivetran", "duckdb"])
@pytest.mark.parametrize("apart", [60.0, 0.0], ids=["apart", "of one start time"])
def test_slow_storage_holds_no_call_past_its_time(world: Callable[..., World], face: str, apart: float) -> None:
    """Calls of 60 seconds end within 70 where each payload takes five. All payloads arrive in the end."""
    w = world()
    filled(w, 40, apart=apart)
    w.configure(MAX_SECONDS="60")
    outage(w, slow=5.0)
    took, called = [], w.post

    def timed(target: str, body: bytes, **headers: str) -> Any:
        begun = w.clock.now()
        answer = called(target, body, **headers)
        took.append((w.clock.now() - begun).total_seconds())
        return answer

    w.post = timed  # type: ignore[method-assign]  # the same call, timed
    for _ in range(3):
        sync(w, face)
    assert max(took) <= 60 + 10
    w.assert_complete(face)


def test_storage_that_is_shut_costs_a_few_attempts_a_sync(world: Callable[..., World]) -> None:
    """Rows land while storage is shut, and each sync tries three payloads and not all 300."""
    w = world()
    runs = filled(w, 150)
    outage(w, reset=True)
    w.fivetran.sync()
    assert inputs(w, "fivetran").keys() == {*runs}
    first = w.requests("download")
    w.sim.requests.clear()
    w.clock.advance(minutes=15)
    w.fivetran.sync()
    assert (first, w.requests("download")) == (9, 9)


def test_heavy_payloads_are_fetched_once(world: Callable[..., World]) -> None:
    """Heavy payloads are hardly ever fetched twice, since pages are cut where an answer is full."""
    w = world()
    filled(w, 60, size=500_000)
    w.fivetran.sync()
    w.assert_complete("fivetran")
    assert 120 <= w.requests("download") <= 120 * 1.15


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_is_asked_for_once(world: Callable[..., World], status: int) -> None:
    """A payload that storage no longer has is marked, and the next sync does not ask for it."""
    w = world()
    filled(w, 1, age=timedelta(days=90))
    outage(w, status=status)
    w.fivetran.sync()
    w.clock.advance(minutes=15)
    asked = w.requests("download")
    w.fivetran.sync()
    assert (asked, w.requests("download")) == (2, 2)
    assert [value.keys() for value in inputs(w, "fivetran").values()] == [MARKED]


def test_what_storage_never_gives_is_given_up(world: Callable[..., World], caplog: pytest.LogCaptureFixture) -> None:
    """A payload that fails for two days is given up: no later sync asks for it, and the log says so."""
    w = world()
    filled(w, 1, age=timedelta(days=90))
    outage(w)
    w.fivetran.sync()
    for _ in range(5):
        w.clock.advance(hours=12)
        w.fivetran.sync()
    assert "payloads failed for two days" in caplog.text
    w.sim.requests.clear()
    w.clock.advance(hours=12)
    w.fivetran.sync()
    assert w.requests("download") == 0


def test_only_so_many_projects_are_remembered(world: Callable[..., World], caplog: pytest.LogCaptureFixture) -> None:
    """A state remembers missing payloads of at most twenty projects. One log line counts the others."""
    w = world()
    for i in range(23):
        filled(w, 1, age=timedelta(days=20 + i))
    outage(w)
    w.fivetran.sync()
    (line,) = [line for line in caplog.messages if "than a state remembers" in line]
    assert "(3 times: " in line
    assert w.fivetran.state is not None
    assert len([one for one in w.fivetran.state["later"] if one["reason"] == "payload"]) == 20
