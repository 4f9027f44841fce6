"""Feedback on the simulator: records, filters, statistics of both APIs."""

import pytest

from simulator.app import Simulator
from simulator.client import Api, make
from simulator.fields import FeedbackFields


@pytest.fixture
def judged() -> tuple[Simulator, Api, dict[str, str]]:
    """One run with three pieces of feedback an hour apart, and one on the project."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    run = sim.workspace.add_run(project, start_time="2026-05-31T23:00:00Z")
    made = {"project": project, "run": run}
    given: dict[str, FeedbackFields] = {
        "half": {"score": 0.5, "comment": "so so"},
        "label": {"value": "GOOD", "source_type": "app"},
        "yes": {"score": True, "correction": {"a": 1}},
    }
    for name, fields in given.items():
        made[name] = sim.workspace.add_feedback(run, name, **fields)
        sim.clock.advance(hours=1)
    made["whole"] = sim.workspace.add_feedback(None, "whole", score=1, project_id=project)
    return sim, api, made


def test_feedback_record_is_whole(judged: tuple[Simulator, Api, dict[str, str]]) -> None:
    """Feedback has every field of the schema, with naive timestamps; a boolean score stays a boolean."""
    _, api, made = judged
    assert api.get(f"/feedback/{made['yes']}").json() == {
        "created_at": "2026-06-01T02:00:00",
        "modified_at": "2026-06-01T02:00:00",
        "key": "yes",
        "score": True,
        "value": None,
        "comment": None,
        "correction": {"a": 1},
        "feedback_group_id": None,
        "comparative_experiment_id": None,
        "run_id": made["run"],
        "session_id": made["project"],
        "id": made["yes"],
        "trace_id": made["run"],
        "start_time": "2026-05-31T23:00:00",
        "is_root": True,
        "feedback_source": {
            "type": "api",
            "metadata": None,
            "user_id": None,
            "ls_user_id": None,
            "user_name": None,
        },
        "extra": None,
        "feedback_thread_id": None,
    }
    whole = api.get(f"/feedback/{made['whole']}").json()
    assert (whole["run_id"], whole["trace_id"], whole["session_id"]) == (None, None, made["project"])


def test_filters(judged: tuple[Simulator, Api, dict[str, str]]) -> None:
    """Runs, sessions, keys, sources, level, presence of score and comment, and creation time filter feedback."""
    sim, api, made = judged
    other = sim.workspace.add_project("two")
    sim.workspace.add_feedback(sim.workspace.add_run(other), "elsewhere", score=0)

    def keys(**params: str | list[str]) -> list[str]:
        return [row["key"] for row in api.get("/feedback", **params).json()]

    mine = {"session": made["project"]}
    assert sorted(keys()) == ["elsewhere", "half", "label", "whole", "yes"]
    assert keys(**mine) == ["whole", "yes", "label", "half"]
    assert keys(run=[made["run"]]) == ["yes", "label", "half"]
    assert sorted(keys(session=[made["project"], other])) == ["elsewhere", "half", "label", "whole", "yes"]
    assert (keys(key=["half", "yes"]), keys(source=["app"])) == (["yes", "half"], ["label"])
    assert (keys(level="session"), keys(has_score="false")) == (["whole"], ["label"])
    assert keys(has_comment="true") == ["half"]
    assert keys(**mine, min_created_at="2026-06-01T01:00:00Z", max_created_at="2026-06-01T02:00:00Z") == ["yes", "label"]
    assert keys(min_created_at="2026-06-01T02:00:00", max_created_at="2026-06-01T02:00:00") == ["yes"]
    assert keys(run="00000000-0000-4000-8000-000000000009") == []


@pytest.mark.parametrize(("order", "expected"), [("newest", [3, 2, 1, 0]), ("oldest", [0, 1, 2, 3]), ("by_id", None)])
def test_order_is_a_switch_because_it_is_undocumented(
    judged: tuple[Simulator, Api, dict[str, str]], order: str, expected: list[int] | None
) -> None:
    """Feedback comes newest first by default; since the order is undocumented, a switch changes it."""
    sim, api, made = judged
    sim.feedback_order = order  # type: ignore[assignment]  # a row of the table
    ids = [made[name] for name in ("half", "label", "yes", "whole")]
    rows = [row["id"] for row in api.rows("/feedback", limit=3)]
    assert rows == ([ids[place] for place in expected] if expected else sorted(ids))


def test_edits_move_modified_at_only(judged: tuple[Simulator, Api, dict[str, str]]) -> None:
    """An edit in place is invisible to a query by creation time, and shows in the run's statistics at once."""
    sim, api, made = judged
    sim.workspace.edit_feedback(made["half"], score=1.0)
    row = api.get(f"/feedback/{made['half']}").json()
    assert (row["score"], row["created_at"], row["modified_at"]) == (1.0, "2026-06-01T00:00:00", "2026-06-01T03:00:00")
    assert row["id"] not in {one["id"] for one in api.rows("/feedback", min_created_at="2026-06-01T02:30:00Z")}
    assert api.get(f"/runs/{made['run']}").json()["feedback_stats"]["half"]["avg"] == 1.0


def test_deleted_feedback_is_gone_without_a_sign(judged: tuple[Simulator, Api, dict[str, str]]) -> None:
    """Deleted feedback is not listed, not readable, and not in the statistics."""
    sim, api, made = judged
    sim.workspace.delete_feedback(made["half"])
    assert api.get(f"/feedback/{made['half']}").status_code == 404
    assert made["half"] not in {row["id"] for row in api.rows("/feedback")}
    assert "half" not in api.get(f"/runs/{made['run']}").json()["feedback_stats"]


def test_the_same_id_again_replaces(judged: tuple[Simulator, Api, dict[str, str]]) -> None:
    """Feedback that is sent twice with one id exists once, in its later form."""
    sim, api, made = judged
    sim.workspace.add_feedback(made["run"], "half", id=made["half"], score=0.75)
    rows = [row for row in api.rows("/feedback") if row["id"] == made["half"]]
    assert [(row["score"], row["comment"]) for row in rows] == [(0.75, None)]


def test_statistics_differ_between_the_versions(judged: tuple[Simulator, Api, dict[str, str]]) -> None:
    """v1 counts scores only, so `n` can be 0 beside counted labels; v2 counts labels and has more fields."""
    sim, api, made = judged
    sim.workspace.add_feedback(made["run"], "half", score=1.0)
    stats = api.get(f"/runs/{made['run']}").json()["feedback_stats"]
    assert stats["label"] == {"n": 0, "avg": None, "show_feedback_arrow": True, "values": {"GOOD": 1}}
    assert (stats["half"]["n"], stats["half"]["avg"]) == (2, 0.75)
    sim.mode = "smithdb"
    answer = api.get(f"/api/v2/runs/{made['run']}", project_id=made["project"], selects=["FEEDBACK_STATS"])
    assert answer.json()["feedback_stats"]["half"] == {
        "n": 2,
        "avg": 0.75,
        "min": 0.5,
        "max": 1.0,
        "stdev": pytest.approx(0.3535533906),
        "errors": 0,
        "comments": ["so so"],
        "sources": ["api"],
        "values": {},
        "contains_thread_feedback": False,
    }
    assert answer.json()["feedback_stats"]["label"]["n"] == 1
