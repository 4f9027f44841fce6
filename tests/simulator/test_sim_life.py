"""Edits planned for later happen at their time, and a life is the same history whoever looks, and however often."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from simulator import Life, Simulator
from simulator.client import make
from simulator.life import PER_DAY
from simulator.times import naive

Truth = dict[str, dict[str, dict[str, Any]]]


def lived(seed: int, step: timedelta) -> tuple[Simulator, Life, list[Truth]]:
    """A life of two weeks, looked at every so often, and its truth at the end of each week."""
    sim, api = make()
    begun, life, truths = sim.clock.now(), Life(sim.workspace, seed), []
    for week in (1, 2):
        end = begun + timedelta(weeks=week)
        while sim.clock.now() < end:
            sim.clock.advance(min(step, end - sim.clock.now()))
            assert api.get("/sessions", limit=1).status_code == 200
        truths.append(sim.workspace.truth())
    return sim, life, truths


def test_the_same_seed_is_the_same_history() -> None:
    """Looked at every hour or once a week, the truth is the same to the microsecond; another seed is another history."""
    _, _, hourly = lived(3, timedelta(hours=1))
    _, _, weekly = lived(3, timedelta(weeks=1))
    _, _, other = lived(4, timedelta(weeks=1))
    assert hourly == weekly
    assert other != weekly


@pytest.mark.parametrize("seed", range(5))
def test_everything_happens_and_then_it_is_quiet(seed: int) -> None:
    """Each deed is done at least once; late arrivals are back-dated by less than a day; after its end nothing changes."""
    sim, life, (_, end) = lived(seed, timedelta(days=3))
    assert [deed for deed in PER_DAY if not life.happened[deed]] == []
    assert {run["status"] for run in end["langsmith_run"].values()} == {"success", "pending"}
    sim.clock.advance(days=30)
    assert sim.workspace.truth() == end


def test_what_is_gone_is_remembered() -> None:
    """Runs, feedback and examples that a client may have seen and that are no more are told by table."""
    sim, api = make()
    life = Life(sim.workspace, 5)
    seen: dict[str, set[str]] = {table: set() for table in ("langsmith_run", "langsmith_feedback", "langsmith_example")}
    while sim.clock.now() < life.end:
        sim.clock.advance(hours=3)
        truth = sim.workspace.truth()
        for table in seen:
            seen[table] |= truth[table].keys()
    assert api.get("/sessions").status_code == 200
    for table, keys in seen.items():
        vanished = keys - sim.workspace.truth()[table].keys()
        assert vanished <= life.gone[table] | removed_examples(sim)
        assert not life.gone[table] & sim.workspace.truth()[table].keys()


def removed_examples(sim: Simulator) -> set[str]:
    """Examples that their dataset's newest version has no more."""
    made = (example for dataset in sim.workspace.datasets.values() for example in dataset.examples.values())
    return {example.id for example in made if example.revisions[-1].deleted}


def test_a_planned_edit_happens_at_its_own_time() -> None:
    """Not before the clock has passed it, and as of its time, though nobody asks until later; the order is that of time."""
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
