"""Forge states of a sync in progress, with work that the settings do not allow. Check that no answer leaks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from langsmith_core.records.packed_ids import NO_PREFIXES, Ids
from langsmith_core.records.times import parse
from langsmith_core.streams.ledgers import OpenRun, OpenRuns
from product import World

MODES = ["clickhouse", "smithdb"]
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PATHS = re.compile(
    rf"/api/v1/(info|sessions(/{UUID})?|datasets(/{UUID}(/versions(/diff)?)?)?|examples|feedback|feedback-configs|runs/query)"
    rf"|/api/v1/annotation-queues(/{UUID})?|/api/v1/platform/annotation-queues/{UUID}/items|/api/v2/runs/query"
    r"|/api/v1/(repos|orgs/current/billing/granular-usage)|(/api)?/commits/-/[^/]+"
)
"""Every path that a sync asks for."""
Path = tuple[str | int, ...]


def workspace(w: World) -> dict[str, str]:
    """Fill a workspace with a project to read, two that are not read, and an excluded column. Return ids by name."""
    found: dict[str, str] = {}
    for name in ("open", "closed", "other"):
        found[name] = w.workspace.add_project(name)
        for number in range(60):
            start = w.clock.now() - timedelta(days=number % 20, minutes=number)
            run = w.workspace.add_run(found[name], start_time=start, inputs={"q": "HIDDEN"}, outputs={"of": f"OF-{name}"})
            if number < 5:
                w.workspace.add_feedback(run, "helpful", score=1, comment=f"OF-{name}")
        found[f"run of {name}"] = run
    dataset = found["dataset"] = w.workspace.add_dataset("d")
    for number in range(30):
        w.workspace.add_example(dataset, {"q": "HIDDEN"}, {"n": number})
    named = f"open,{found['closed']}"  # the same project by its id: two equal texts would be refused
    w.configure(PROJECTS_EXCLUDE="closed", EXCLUDE_COLUMNS="*.inputs", MAX_RESPONSE_MB="0.03", PAGE_SIZE="20", PROJECTS=named)
    return found


def answered(w: World, state: Any) -> tuple[int, dict[str, Any]]:
    """Make one call with this state."""
    answer = w.post("/fivetran", json.dumps({"state": state}).encode())
    return answer.status_code, json.loads(answer.data)


def called(w: World, state: Any, most: int = 3) -> Iterator[tuple[int, dict[str, Any]]]:
    """Make a call with this state, and further calls with the states that it answers."""
    for _ in range(most):
        status, answer = answered(w, state)
        yield status, answer
        if status != 200 or not answer["hasMore"]:
            return
        state = answer["state"]


def assert_nothing_leaks(w: World, answer: dict[str, Any], hidden: str = "OF-closed") -> None:
    """Check that rows show no unread project and no excluded column, and that only a sync's paths were asked."""
    rows = json.dumps(answer.get("insert", {}))
    assert hidden not in rows
    assert "OF-other" not in rows
    assert "HIDDEN" not in rows
    assert [one.path for one in w.sim.requests if not PATHS.fullmatch(one.path)] == []


def in_progress(w: World) -> list[dict[str, Any]]:
    """Run two syncs. Return the state after each call, and the last state with further fields."""
    for _ in range(2):
        w.fivetran.sync()
        w.clock.advance(hours=1)
        for project in list(w.workspace.projects):
            w.workspace.add_feedback(w.workspace.add_run(project, inputs={"q": "HIDDEN"}), "helpful", score=1)
    w.sim.requests.clear()
    done = {
        "ended": "2026-06-01T00:00:00Z",
        "seconds": 1.5,
        "rows": {"langsmith_run": 1},
        "requests": 1,
        "retries": 0,
        "rejected": 0,
        "has_more": True,
    }
    failed = {"at": "2026-06-01T00:00:00Z", "status": 502, "message": "LangSmith failed"}
    looked_up = {"proof": "0" * 32, "ids": Ids(w.workspace.projects).packed(), "at": w.clock.now().isoformat()}
    states = [json.loads(json.dumps(one)) for one in w.fivetran.states if one]
    return [*states, {**states[-1], "passes": [done], "trouble": failed, "looked_up": looked_up}]


def asked_of(w: World, project: str) -> list[str]:
    """Return the paths of run and feedback requests that name a project."""
    return [one.path for one in w.sim.requests if one.kind in ("runs", "feedback") and project in f"{one.query} {one.body}"]


WINDOW = {"lo": "2026-05-01T00:00:00Z", "hi": "2026-06-02T00:00:00Z"}
WHEN = "2026-06-01T00:00:00Z"
BOUNDS = dict.fromkeys(("oldest", "runs_from", "feedback_from", "since", "touched_since"), WINDOW["lo"]) | {"until": WHEN}


def work(ids: dict[str, str], project: str) -> list[dict[str, Any]]:
    """Return every kind of work: of a project, its runs and its feedback, and of a dataset, which no project has."""
    packed, run, dataset = Ids([ids[project]]).packed(), Ids([ids[f"run of {project}"]]).packed(), ids["dataset"]
    version = {"dataset": dataset, "seen": WHEN}
    return [
        {"kind": "RunWindow", **WINDOW, "parents": packed, "floor": WINDOW["lo"], "ceiling": WINDOW["hi"]},
        {"kind": "ListPrompts"},
        {"kind": "PromptCommits", "waiting": packed},
        {"kind": "UsageDays", **WINDOW, "at": WHEN, "since": WINDOW["lo"]},
        {"kind": "RunWindow", **WINDOW, "waiting": packed},
        {"kind": "RunWindow", **WINDOW, "parents": Ids([ids["open"]]).packed(), "waiting": packed},
        {"kind": "RunsById", **WINDOW, "ids": run, "parents": packed},
        {"kind": "RunsById", **WINDOW, "ids": run, "parents": Ids([ids["open"]]).packed()},
        {"kind": "RunsById", **WINDOW, "ids": run},
        {"kind": "EditedRuns", **WINDOW, "edited_since": WINDOW["lo"], "parents": packed},
        {"kind": "EditedRuns", **WINDOW, "edited_since": WINDOW["lo"], "waiting": packed},
        {"kind": "FeedbackWindow", **WINDOW, "parents": packed},
        {"kind": "FeedbackWindow", **WINDOW, "parents": Ids([ids["open"]]).packed(), "onward": True},
        {"kind": "FeedbackWindow", **WINDOW},
        {"kind": "FeedbackOfRuns", "runs": run},
        {"kind": "Unfinished"},
        {"kind": "EditedFeedback"},
        {"kind": "FindProjects", **WINDOW},
        {"kind": "ListProjects", "unseen": packed},
        {"kind": "ListAll", "table": "langsmith_project", "unseen": packed},
        {"kind": "LookUp", "table": "langsmith_project", "ids": packed},
        {"kind": "NewestVersion", "waiting": Ids([dataset]).packed()},
        {"kind": "OlderVersions", "dataset": dataset},
        {"kind": "WholeVersion", **version, "version": WHEN},
        {"kind": "ChangedExamples", **version, **WINDOW},
        {"kind": "RemovedExamples", **version, "before": WHEN, "version": WHEN},
        {"kind": "StillThere", **version, "version": WHEN, "ids": Ids([dataset]).packed()},
        {"kind": "ReadQueues", "waiting": {dataset: "0"}},
        {"kind": "QueueItems", "queue": dataset, "cursor": "c"},
        {"kind": "Weigh", **version, **WINDOW, "changed": 1},
    ]


def more_work(state: dict[str, Any], ids: dict[str, str], project: str) -> Iterator[dict[str, Any]]:
    """Yield the state with a project's work in every place that may hold work, and in what streams remember."""
    every = [{"work": one} for one in work(ids, project)]
    failed = [{**one, "reason": "failed"} for one in every[:20]]
    of_runs = [one for one in every if one["work"]["kind"] in ("RunWindow", "RunsById", "EditedRuns")]
    lists = [one for one in every if one["work"]["kind"] in ("FindProjects", "ListProjects", "ListAll")]
    of_the_past = [one for one in every if one["work"]["kind"] in ("RunWindow", "FindProjects")]
    payloads = [{**one, "reason": "payload", "since": WHEN} for one in of_runs]
    look = {"bounds": BOUNDS}
    start = OpenRun(parse(WHEN) - timedelta(days=3), ids[f"run of {project}"], ids[project])
    prefixes = NO_PREFIXES.with_more([ids[project]], 1).packed()
    memory = {**state["memory"], "feedback": {"judged": prefixes}}
    memory["runs"] = {"unfinished": OpenRuns([start]).packed(), "overflow": WHEN}
    yield {**state, "look": {**look, "agenda": every}}
    yield {**state, "look": {**look, "agenda": failed + payloads, "retrying": True}}
    yield {**state, "look": None, "backfill": {"past": WINDOW, "agenda": of_the_past}}
    yield {**state, "look": None, "backfill": None, "later": failed, "answered": state["done_to"]}
    yield {**state, "look": look, "later": failed + payloads + [{**one, "reason": "broken"} for one in lists]}
    yield {**state, "look": {**look, "to_open": ["langsmith_run", "langsmith_feedback"]}, "memory": memory}
