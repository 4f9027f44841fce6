"""Planned edits happen at their own time, and an activity's history does not depend on who looks, or how often."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from simulator import Activity, Simulator
from simulator.activity import ALL_ACTIONS
from simulator.client import make
from simulator.times import naive

Truth = dict[str, dict[str, dict[str, Any]]]
TABLES = (
    "langsmith_run",
    "langsmith_feedback",
    "langsmith_example",
    "langsmith_dataset_version",
    "langsmith_feedback_config",
)


def active(seed: int, step: timedelta) -> tuple[Simulator, Activity, list[Truth]]:
    """Two weeks of activity with a request at every step, and the truth at the end of each week."""
    sim, api = make()
    begun, activity, truths = sim.clock.now(), Activity(sim.workspace, seed), []
    for week in (1, 2):
        end = begun + timedelta(weeks=week)
        while sim.clock.now() < end:
            sim.clock.advance(min(step, end - sim.clock.now()))
            assert api.get("/sessions", limit=1).status_code == 200
        truths.append(sim.workspace.truth())
    return sim, activity, truths


def test_the_same_seed_is_the_same_history() -> None:
    """The truth is the same to the microsecond, with a request every hour or every week. Another seed gives another history."""
    _, _, hourly = active(3, timedelta(hours=1))
    _, _, weekly = active(3, timedelta(weeks=1))
    _, _, other = active(4, timedelta(weeks=1))
    assert hourly == weekly
    assert other != weekly


@pytest.mark.parametrize("seed", range(5))
def test_everything_happens_and_then_it_is_quiet(seed: int) -> None:
    """Each action changes something at least once, and nothing changes after the end."""
    sim, activity, (_, end) = active(seed, timedelta(days=3))
    assert [action for action in ALL_ACTIONS if not activity.happened[action]] == []
    assert {run["status"] for run in end["langsmith_run"].values()} == {"success", "pending"}
    sim.clock.advance(days=30)
    assert sim.workspace.truth() == end


def test_what_is_gone_is_remembered() -> None:
    """`gone` names every deleted record of these tables that a client may have seen, and no existing one."""
    sim, api = make()
    activity = Activity(sim.workspace, 5)
    seen: dict[str, set[str]] = {table: set() for table in TABLES}
    while sim.clock.now() < activity.end:
        sim.clock.advance(hours=3)
        truth = sim.workspace.truth()
        for table in seen:
            seen[table] |= truth[table].keys()
    assert api.get("/sessions").status_code == 200
    for table, keys in seen.items():
        vanished = keys - sim.workspace.truth()[table].keys()
        assert vanished <= activity.gone[table] | removed_examples(sim)
        assert not activity.gone[table] & sim.workspace.truth()[table].keys()


def removed_examples(sim: Simulator) -> set[str]:
    """Examples that were deleted from the newest version of their dataset."""
    made = (example for dataset in sim.workspace.datasets.values() for example in dataset.examples.values())
    return {example.id for example in made if example.revisions[-1].deleted}


def test_a_planned_edit_happens_at_its_own_time() -> None:
    """A planned edit runs once its time has passed, in order of time, and carries its own time even if seen later."""
    sim, api = make()
    work, now = sim.workspace, sim.clock.now()
    feedback = work.add_feedback(work.add_run(work.add_project("one")), "good", score=0)
    for minutes, score in ((20, 2.0), (10, 1.0)):
        work.schedule.add(now + timedelta(minutes=minutes), partial(work.edit_feedback, feedback, score=score))
    shown = []
    for minutes in (9, 6, 60):
        sim.clock.advance(minutes=minutes)
        row = api.get(f"/feedback/{feedback}").json()
        shown.append((row["score"], row["modified_at"]))
    at = [naive(now + timedelta(minutes=minutes)) for minutes in (0, 10, 20)]
    assert shown == [(0, at[0]), (1.0, at[1]), (2.0, at[2])]
    assert sim.clock.now() == now + timedelta(minutes=75)
