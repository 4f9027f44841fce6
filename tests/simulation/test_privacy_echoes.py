"""A value that LangSmith shows twice is hidden twice: the thread, which it makes of metadata, and feedback in statistics."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from simulation.secret_fields import FACES, HASH_KEY, MODES, digest, synced

from product import World
from simulator.edit_runs import THREAD_KEYS
from simulator.settings import Mode

HASH = digest("SECRET-thread")
KEY = "langsmith_run.metadata.{key}"

# The setting, the value of the metadata's key, and the value of the thread.
THREADS: dict[str, tuple[dict[str, str], Any, Any]] = {
    "hashed": ({"HASH_PATHS": KEY}, HASH, HASH),
    "hashed by two places": ({"HASH_PATHS": f"langsmith_run.thread_id,{KEY},langsmith_run.metadata.*"}, HASH, HASH),
    "redacted": ({"REDACT_PATHS": KEY}, "[redacted]", "[redacted]"),
    "redacted with all beside it": ({"REDACT_PATHS": "langsmith_run.metadata.*"}, "[redacted]", "[redacted]"),
    "redacted in raw": ({"REDACT_PATHS": 'langsmith_run.raw.extra["metadata"].{key}'}, "[redacted]", "[redacted]"),
    "excluded": ({"EXCLUDE_COLUMNS": "langsmith_run.metadata"}, None, None),
    "excluded as thread": ({"EXCLUDE_COLUMNS": "langsmith_run.thread_id"}, None, None),
    "hashed as thread": ({"HASH_PATHS": "langsmith_run.thread_id"}, HASH, HASH),
    "another key": ({"REDACT_PATHS": "langsmith_run.metadata.user"}, "SECRET-thread", "SECRET-thread"),
    "without raw": ({"EXCLUDE_COLUMNS": "langsmith_run.raw"}, "SECRET-thread", "SECRET-thread"),
}


@pytest.mark.parametrize("key", THREAD_KEYS)
@pytest.mark.parametrize("name", THREADS)
@pytest.mark.parametrize("mode", MODES)
def test_a_thread_is_hidden_with_the_metadata_that_it_is_made_of(
    world: Callable[..., World], mode: Mode, name: str, key: str
) -> None:
    """A rule that hides the thread or its metadata key hides both, in columns and in `raw`. Other rules hide neither."""
    w = world(mode)
    w.workspace.add_run(w.workspace.add_project("p"), metadata={key: "SECRET-thread"})
    given, held, thread = THREADS[name]
    w.configure(HASH_KEY=HASH_KEY, **{one: text.format(key=key) for one, text in given.items()})
    w.fivetran.sync()
    (run,) = w.in_fivetran("langsmith_run").values()
    raw = json.loads(run.get("raw") or "{}")
    metadata = json.loads(run.get("metadata") or "{}")
    assert (metadata.get(key), run.get("thread_id")) == (held, thread)
    assert raw.get("thread_id", thread) == thread
    assert ("SECRET" in json.dumps(run)) == (held == "SECRET-thread")


def test_an_excluded_thread_is_not_asked_for(world: Callable[..., World]) -> None:
    """A query does not select the thread where the metadata it is made of is excluded."""
    w = world()
    w.workspace.add_run(w.workspace.add_project("p"), metadata={"session_id": "t"})
    w.configure(EXCLUDE_COLUMNS="langsmith_run.metadata")
    w.fivetran.sync()
    asked = [request.body["select"] for request in w.sim.requests if request.kind == "runs"]
    assert asked
    assert [fields for fields in asked if "thread_id" in fields] == []


def judged(w: World) -> None:
    """Add a run and its project, each with feedback whose figures stand nowhere else."""
    project = w.workspace.add_project("p")
    run = w.workspace.add_run(project)
    feedback: dict[str, Any] = {"score": 0.7351, "value": "label", "comment": "words", "source_type": "model"}
    w.workspace.add_feedback(run, "helpful", **feedback)
    w.workspace.add_feedback(None, "helpful", project_id=project, **feedback)


def statistics(tables: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all statistics of the key, from columns and `raw` of the run and the project."""
    found: list[Any] = []
    for table in ("langsmith_run", "langsmith_project"):
        (row,) = tables[table].values()
        raw = json.loads(row["raw"])
        found += [json.loads(row.get("feedback_stats") or "{}"), raw.get("feedback_stats"), raw.get("session_feedback_stats")]
    return [one["helpful"] for one in found if one and "helpful" in one]


FIGURES = {"score": {"avg", "min", "max", "stdev"}, "value": {"values"}, "comment": {"comments"}, "source_type": {"sources"}}


@pytest.mark.parametrize("column", FIGURES)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("face", FACES)
def test_hidden_feedback_is_in_no_statistics(world: Callable[..., World], face: str, mode: Mode, column: str) -> None:
    """The figures made of an excluded feedback column are in no statistics. Other figures stay."""
    w = world(mode)
    judged(w)
    plain = statistics(synced(w, face))
    w.configure(EXCLUDE_COLUMNS=f"langsmith_feedback.{column}", LOCAL_DB=w.database + "2")
    w.database += "2"
    w.fivetran.resync()
    hidden = statistics(synced(w, face))
    assert len(plain) == len(hidden) == 5, "two columns and three statistics in raw"
    for before, after in zip(plain, hidden, strict=True):
        gone = FIGURES[column] & before.keys()
        assert {name: after.get(name) or None for name in gone} == dict.fromkeys(gone), "a column has null and {} there"
        others = before.keys() - gone - ({"n"} if column == "value" else set())  # n may be the sum of the values
        assert {name: after[name] for name in others} == {name: before[name] for name in others}


@pytest.mark.parametrize("mode", MODES)
def test_a_hidden_feedback_key_leaves_no_statistics(world: Callable[..., World], mode: Mode) -> None:
    """A hidden feedback key leaves no statistics, since they are listed by key."""
    w = world(mode)
    judged(w)
    w.configure(HASH_PATHS="langsmith_feedback.key", HASH_KEY=HASH_KEY)
    tables = synced(w, "fivetran")
    assert statistics(tables) == []
    assert "helpful" not in json.dumps(tables)
