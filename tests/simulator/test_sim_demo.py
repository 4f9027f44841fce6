"""Tests of the demo's workspace: what `make demo` shows is in the data, and the data has the shape of real data."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from functools import cache
from statistics import mean

import pytest

from simulator import Clock, Simulator, demo
from simulator.client import NOW
from simulator.demo.evaluation import EXPERIMENTS
from simulator.demo.failures import BUSY, NO_JSON, OVERLOADED, TIMED_OUT, TOO_LONG
from simulator.demo.models import MODELS, Model
from simulator.demo.people import ENVIRONMENTS, USERS
from simulator.demo.prompts import PROMPTS
from simulator.records import Run
from simulator.workspace import Workspace

FAILURES = (BUSY, OVERLOADED, TOO_LONG, TIMED_OUT, NO_JSON)


@cache
def filled(seed: int = 1) -> Workspace:
    """A demo's workspace of that seed, which no test changes."""
    sim = Simulator(clock=Clock(NOW), mode="smithdb", seed=seed)
    demo.fill(sim.workspace, seed)
    return sim.workspace


def roots() -> Iterable[Run]:
    return (run for run in filled().runs.values() if run.parent_run_id is None)


def calls_of(name: str) -> list[Run]:
    """The runs of a model."""
    runs = (run for run in filled().runs.values() if run.run_type == "llm")
    return [run for run in runs if run.extra["metadata"]["ls_model_name"] == name]


def metadata(run: Run) -> dict[str, str]:
    found: dict[str, str] = run.extra["metadata"]
    return found


def scores(key: str, project: str | None = None) -> list[tuple[float, float]]:
    """Days ago and score of all feedback of a key, oldest first."""
    now, names = filled().clock.now(), {one.id: one.name for one in filled().projects.values()}
    found = [one for one in filled().all_feedback if one.key == key and project in (None, names[str(one.project_id)])]
    return [((now - one.created_at) / timedelta(days=1), float(one.score or 0)) for one in found]


def test_the_same_seed_and_moment_give_the_same_workspace() -> None:
    """Another process makes the same rows, ids included. Another seed makes others."""
    again = Simulator(clock=Clock(NOW), mode="smithdb", seed=1)
    demo.fill(again.workspace, 1)
    assert again.workspace.truth() == filled().truth()
    assert again.workspace.truth()["langsmith_run"].keys().isdisjoint(filled(2).truth()["langsmith_run"])


def test_about_three_thousand_runs_spread_over_two_weeks() -> None:
    """Each of the last 14 days has runs, none is older, and none lies in the future."""
    now = filled().clock.now()
    ages = [(now - run.start_time) / timedelta(days=1) for run in filled().runs.values()]
    assert 2_800 < len(ages) < 3_200
    assert {int(age) for age in ages} == set(range(14))
    ends = [run.end_time for run in filled().runs.values() if run.end_time]
    assert max(ends) < now
    assert max(one.created_at for one in filled().feedback.values()) <= now


def test_children_end_before_their_parents() -> None:
    """By a millisecond at least, which is all that v2 shows; and they begin after them."""
    runs = filled().runs
    pairs = [(run, runs[run.parent_run_id]) for run in runs.values() if run.parent_run_id]
    step = timedelta(milliseconds=1)
    assert len(pairs) > 2_000
    assert [run.id for run, parent in pairs if run.start_time < parent.start_time + step] == []
    ended = [(run, parent) for run, parent in pairs if parent.end_time]
    assert [run.id for run, parent in ended if not run.end_time or run.end_time + step > parent.end_time] == []  # type: ignore[operator]  # ended
    assert [run.name for run in runs.values() if run.end_time is None] == [demo.REPORT]


@pytest.mark.parametrize("model", MODELS, ids=lambda one: one.name)
def test_a_models_cost_is_its_tokens_at_its_price(model: Model) -> None:
    """Each call of each model, and no two models have the same prices."""
    answered = [run for run in calls_of(model.name) if run.status == "success"]
    assert len(answered) > 50
    for run in answered:
        read, written = run.prompt_tokens * model.price_read / 10**6, run.completion_tokens * model.price_written / 10**6
        assert (run.prompt_cost, run.completion_cost) == (float(read), float(written))
        assert run.total_cost == float(read + written)
        assert run.outputs["generations"][0][0]["message"]["kwargs"]["usage_metadata"]["total_tokens"] == run.total_tokens
    assert len({(known.price_read, known.price_written) for known in MODELS}) == len(MODELS) == 4


def test_a_refused_call_costs_nothing() -> None:
    """It has neither tokens nor a first token."""
    refused = [run for run in filled().runs.values() if run.run_type == "llm" and run.status == "error"]
    assert {(run.total_tokens, run.total_cost, run.first_token_time, run.outputs) for run in refused} == {(0, None, None, None)}


def test_the_time_to_the_first_token_varies() -> None:
    """Within each model, and from model to model; it lies within the call."""
    medians = []
    for model in MODELS:
        waits = sorted(
            (run.first_token_time - run.start_time).total_seconds() for run in calls_of(model.name) if run.first_token_time
        )
        assert waits[-1] > 3 * waits[len(waits) // 2] > 3 * waits[0]
        medians.append(waits[len(waits) // 2])
    assert len({round(median, 1) for median in medians}) == 4
    timed = [run for run in filled().runs.values() if run.first_token_time and run.end_time]
    assert all(run.start_time < run.first_token_time < run.end_time for run in timed)  # type: ignore[operator]  # both are there


def test_errors_are_of_several_kinds_and_read_like_tracebacks() -> None:
    """The last line of each names the exception's class with its module."""
    last = {run.error.splitlines()[-1].partition(":")[0] for run in filled().runs.values() if run.error}
    assert last == {f"{failure.module}.{failure.name}" for failure in FAILURES}
    assert all("Traceback (most recent call last):\n" in run.error for run in filled().runs.values() if run.error)


def test_a_retry_follows_a_failed_call_under_the_same_parent() -> None:
    """Most traces that met one end well; some failed three times."""
    tries: defaultdict[str, list[Run]] = defaultdict(list)
    for run in filled().runs.values():
        if run.run_type == "llm" and run.parent_run_id and filled().runs[run.parent_run_id].name == "model_with_retry":
            tries[run.parent_run_id].append(run)
    retried = [sorted(calls, key=lambda run: run.start_time) for calls in tries.values() if len(calls) > 1]
    assert len(retried) > 5
    for calls in retried:
        assert [run.status for run in calls[:-1]] == ["error"] * (len(calls) - 1)
        assert [run.tags for run in calls] == [[], *([f"retry:attempt:{n}"] for n in range(2, len(calls) + 1))]
    assert {calls[-1].status for calls in retried} == {"success", "error"}


def test_users_environments_and_threads_stand_on_root_runs_alone() -> None:
    """LangSmith passes metadata on to no child."""
    used = [run for run in roots() if "user_id" in metadata(run) and run.name != demo.REPORT]
    assert {metadata(run)["user_id"] for run in used} == {f"user-{name}" for name in USERS}
    assert {metadata(run)["environment"] for run in used} == set(ENVIRONMENTS)
    threads = {run.thread_id for run in used}
    assert None not in threads
    assert len(threads) < len(used)
    children = [run for run in filled().runs.values() if run.parent_run_id]
    assert all(metadata(run).keys().isdisjoint({"user_id", "environment", "thread_id"}) for run in children)


def test_every_reference_example_exists() -> None:
    """Each experiment answers each example of one dataset once, in a version that it names."""
    by_project: defaultdict[str, list[Run]] = defaultdict(list)
    for run in filled().runs.values():
        if run.reference_example_id:
            by_project[filled().projects[run.project_id].name].append(run)
    assert set(by_project) == {experiment.name for experiment in EXPERIMENTS}
    (dataset,) = (one for one in filled().datasets.values() if one.name == "support-questions")
    for runs in by_project.values():
        assert sorted(str(run.reference_example_id) for run in runs) == sorted(dataset.examples)
        assert {metadata(run)["example_version"] for run in runs} == {dataset.versions[-1].isoformat()}


def test_the_three_experiments_differ() -> None:
    """Each is better than the one before, and dearer; each gets something wrong that another gets right."""
    right = [mean(score for _, score in scores("correctness", experiment.name)) for experiment in EXPERIMENTS]
    costs = []
    for experiment in EXPERIMENTS:
        (project,) = (one for one in filled().projects.values() if one.name == experiment.name)
        costs.append(sum(Decimal(str(run.total_cost)) for run in filled().project_runs[project.id] if run.total_cost))
        assert project.end_time
        assert max(run.end_time for run in filled().project_runs[project.id] if run.end_time) < project.end_time
    assert right == sorted(set(right))
    assert costs == sorted(set(costs))
    assert not EXPERIMENTS[1].wrong <= EXPERIMENTS[0].wrong


def test_an_evaluators_feedback_names_its_run() -> None:
    """The run stands in the project of evaluators."""
    judged = [one for one in filled().feedback.values() if one.source_type == "model"]
    judges = {filled().runs[one.source_metadata["__run"]["run_id"]].project_id for one in judged}
    assert {filled().projects[judge].name for judge in judges} == {"evaluators"}


@pytest.mark.parametrize(("key", "better"), [("user_score", 1), ("helpfulness", 1), ("hallucination", -1)])
def test_feedback_has_a_trend(key: str, better: int) -> None:
    """Its average of the last days is better than that of the first ones, by a tenth at least."""
    given = scores(key)
    first, last = ([score for age, score in given if low <= age < high] for low, high in ((9, 14), (0, 4)))
    assert min(len(first), len(last)) > 15
    assert better * (mean(last) - mean(first)) > 0.1


def test_runs_name_the_version_of_their_prompt() -> None:
    """Each version of each prompt was used, and only after it was made."""
    made = {version.commit: version for prompt in PROMPTS for version in prompt}
    now, used = filled().clock.now(), set()
    for run in filled().runs.values():
        commit = metadata(run).get("lc_hub_commit_hash")
        if commit and run.run_type == "prompt":
            used.add(commit)
            assert (now - run.start_time) / timedelta(days=1) <= made[commit].age + 0.01
    assert used == set(made)
    assert all(re.fullmatch("[0-9a-f]{64}", commit) for commit in made)
