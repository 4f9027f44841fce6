"""The reports of the odd workspace, row by row, and that they are the same however the rows were read.

odd_workspace.py says what each row is about.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from dbt_package.conftest import PLACES, Built
from dbt_package.odd_workspace import ident
from dbt_package.running import INTERMEDIATE, REPORTS, Row, of_place, unhappy

pytestmark = pytest.mark.xdist_group("dbt")  # so that dbt builds once
SATURDAY, SUNDAY = date(2026, 5, 30), date(2026, 5, 31)
ASSISTANT, OTHER = "assistant", "größe ✓"


def chosen(built: Built, report: str, *names: str) -> list[tuple[Any, ...]]:
    """Return some columns of a report's rows as v2 read them, sorted."""
    rows = of_place(built.target.rows(report), "v2")
    return sorted((tuple(row[name] for name in names) for row in rows), key=repr)


def in_order(*rows: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    """Return the rows that are expected, sorted likewise."""
    return sorted(rows, key=repr)


def usd(text: str) -> Decimal:
    """Return a cost."""
    return Decimal(text).normalize()


def test_every_test_of_the_package_passes(built: Built) -> None:
    """The odd workspace builds, and its reports pass every test that the package has, cost to the last digit."""
    assert unhappy(built.outcome) == {}


@pytest.mark.parametrize("report", [*REPORTS, *INTERMEDIATE])
def test_a_report_is_the_same_by_each_way(built: Built, report: str) -> None:
    """Rows read by v1, by v2, and delivered through Fivetran give equal reports, though the same ids stand beside each other."""
    rows = built.target.rows(report)
    v1, v2, fivetran = (of_place(rows, place) for place in PLACES)
    assert v1
    assert v1 == v2
    assert v2 == fivetran


def test_cost_of_projects_in_use(built: Built) -> None:
    """A call's cost is counted once, at its trace's day; what no model accounts for is `other`; no call without a root counts."""
    names = ("date_day", "project_name", "model_provider", "model_name", "cost_type", "cost", "tokens", "model_call_count")
    found = [row for row in chosen(built, "langsmith__cost_usage_report", *names) if not str(row[1]).startswith("exp")]
    assert found == in_order(
        (SATURDAY, ASSISTANT, "anthropic", "claude", "prompt", usd("0.012"), 205, 1),
        (SATURDAY, ASSISTANT, "anthropic", "claude", "completion", usd("0.022"), 35, None),
        (SATURDAY, ASSISTANT, "openai", "gpt", "prompt", usd("0.1015"), 1110, 2),
        (SATURDAY, ASSISTANT, "openai", "gpt", "completion", usd("0.0025"), 22, None),
        (SATURDAY, ASSISTANT, "local", "free", "prompt", usd("0"), 10, 1),
        (SATURDAY, ASSISTANT, "local", "free", "completion", usd("0"), 10, None),
        (SATURDAY, ASSISTANT, "local", "refunded", "prompt", usd("-0.002"), 10, 1),
        (SATURDAY, ASSISTANT, "local", "refunded", "completion", usd("0"), 0, None),
        (SATURDAY, ASSISTANT, "local", "unpriced", "prompt", None, 10, 1),
        (SATURDAY, ASSISTANT, "local", "unpriced", "completion", None, 10, None),
        (SATURDAY, ASSISTANT, "unknown", "unknown", "prompt", None, 0, 1),
        (SATURDAY, ASSISTANT, "unknown", "unknown", "completion", None, 0, None),
        (SATURDAY, ASSISTANT, "unknown", "unknown", "other", usd("0.007"), None, None),
        (SATURDAY, ASSISTANT, None, None, "other", usd("0.2506"), None, None),
        (SATURDAY, "gone", "openai", "gpt", "prompt", usd("0.25"), 1, 1),
        (SATURDAY, "gone", "openai", "gpt", "completion", usd("0.25"), 1, None),
        (SATURDAY, OTHER, "openai", "gpt", "prompt", usd("0.0007"), 7, 1),
        (SATURDAY, OTHER, "openai", "gpt", "completion", usd("0.0003"), 3, None),
        (SUNDAY, ASSISTANT, "openai", "gpt", "prompt", usd("0.05"), 50, 1),
        (SUNDAY, ASSISTANT, "openai", "gpt", "completion", usd("0.005"), 5, None),
    )


def test_results_of_experiments(built: Built) -> None:
    """One row for each experiment, example and key, over repetitions; what is deleted or edited since is marked, not lost."""
    names = ("experiment_name", "input", "reference", "output", "key", "score", "value_text", "run_count", "total_cost")
    marks = ("is_example_deleted", "is_example_changed_since", "baseline_score", "comparison")
    cent = usd("0.01")

    def row(experiment: str, example: str, said: str | None, key: str | None, score: float | None, *rest: Any) -> tuple[Any, ...]:
        value, runs, cost, *others = rest
        reference = {"answer": said} if said else None
        output = {"answer": f"{experiment} {runs}"}
        return (experiment, {"question": example}, reference, output, key, score, value, runs, cost, *others)

    assert chosen(built, "langsmith__experiment_result", *names, *marks) == in_order(
        row("exp one", "e1", "of e1", "correct", 0.0, None, 1, cent, False, False, None, None),
        row("exp one", "e1", "of e1", "toxic", 0.8, None, 1, cent, False, False, None, None),
        row("exp one", "e1", "of e1", "verdict", None, "GOOD", 1, cent, False, False, None, None),
        row("exp one", "e2", "another one, since", "correct", 1.0, None, 1, cent, False, True, None, None),
        row("exp one", "e3", "of e3", "correct", 0.5, None, 1, cent, False, False, None, None),
        row("exp one", "e4", None, "correct", 1.0, None, 1, cent, True, False, None, None),
        row("exp two", "e1", "of e1", "correct", 0.5, None, 2, usd("0.02"), False, False, 0.0, "better"),
        row("exp two", "e1", "of e1", "toxic", 0.2, None, 2, usd("0.02"), False, False, 0.8, "better"),
        row("exp two", "e2", "another one, since", "correct", 1.0, None, 1, cent, False, True, 1.0, "same"),
        row("exp two", "e3", "of e3", "correct", 0.25, None, 1, cent, False, False, 0.5, "worse"),
        row("exp two", "o1", "of o1", "correct", 1.0, None, 1, cent, False, False, None, None),
        row("exp unjudged", "e1", "of e1", None, None, None, 1, cent, False, False, None, None),
        row("exp doomed", "d1", None, "correct", 1.0, None, 1, cent, True, False, None, None),
    )


def test_two_experiments_compared(built: Built) -> None:
    """The later is set against the earlier over the examples that both answered; where lower is better, lower is better."""
    names = ("experiment_name", "earlier_experiment_name", "key", "example_count", "score_avg", "earlier_score_avg")
    counts = ("better_count", "same_count", "worse_count")
    assert chosen(built, "langsmith__experiment_comparison", *names, *counts) == in_order(
        ("exp two", "exp one", "correct", 3, 0.583333333, 0.5, 1, 1, 1),
        ("exp two", "exp one", "toxic", 1, 0.2, 0.8, 1, 0, 0),
    )


def test_feedback_of_projects_in_use(built: Built) -> None:
    """Feedback counts once, on its own day, though its trace has several models; on roots, children and projects alike."""
    names = ("date_day", "key", "project_name", "feedback_count", "score_avg", "value_count", "comment_count", "correction_count")
    places = ("on_project_count", "on_root_count", "on_child_count", "judged_trace_count", "judged_trace_cost", "models_used")
    rows = [row for row in chosen(built, "langsmith__feedback_report", *names, *places) if not str(row[2]).startswith("exp")]
    both, cost = "claude, gpt", usd("0.0386")
    late = next(row for row in rows if row[1] == "late")
    overall = next(row for row in rows if row[1] == "overall")
    assert late[2:] == (ASSISTANT, 1, 1.0, 0, 0, 0, 0, 1, 0, 1, cost, both)
    assert overall[2:] == (ASSISTANT, 1, 0.9, 0, 0, 0, 1, 0, 0, 0, None, None)
    assert [row for row in rows if row not in (late, overall)] == in_order(
        (SATURDAY, "helpful", ASSISTANT, 3, 0.833333333, 0, 0, 0, 0, 1, 2, 2, cost, both),
        (SUNDAY, "helpful", ASSISTANT, 1, 0.0, 0, 1, 0, 0, 1, 0, 1, cost, both),
        (SATURDAY, "größe", OTHER, 1, None, 1, 0, 0, 0, 1, 0, 1, usd("0.001"), "gpt"),
        (SATURDAY, "note", ASSISTANT, 1, None, 0, 1, 1, 0, 1, 0, 1, usd("0.25"), None),
    )


def test_a_trace_has_what_its_runs_have(built: Built) -> None:
    """The trace of nested calls: cost of the whole tree, its models once, the user and thread of its root, all its feedback."""
    (trace,) = [row for row in of_place(built.target.rows("langsmith__trace"), "v2") if row["trace_id"] == ident("agent")]
    expected: Row = {
        "project_name": ASSISTANT, "date_day": SATURDAY, "status": "success", "is_error": False, "latency_seconds": 4.0,
        "time_to_first_token_seconds": 1.5, "thread_id": "th-1", "user_id": "ünï@example.com", "environment": "production",
        "total_cost": usd("0.0386"), "model_call_cost": usd("0.038"), "models_used": "claude, gpt",
        "providers_used": "anthropic, openai", "total_tokens": 372, "run_count": 8, "tool_call_count": 2,
        "model_call_count": 2, "feedback_count": 4, "feedback_keys": "helpful, late", "error": None,
    }  # fmt: skip
    assert {name: trace[name] for name in expected} == expected


def test_threads_belong_to_their_project(built: Built) -> None:
    """Two projects use one thread's name; each has a thread of its own."""
    names = ("project_name", "thread_id", "trace_count", "user_count", "total_cost", "latency_p50")
    assert chosen(built, "langsmith__thread", *names) == in_order(
        (ASSISTANT, "th-1", 1, 1, usd("0.0386"), 4.0), (OTHER, "th-1", 1, 1, usd("0.001"), 2.0)
    )


def test_days_users_and_tools(built: Built) -> None:
    """Days are those of UTC, whatever the session's zone; unfinished traces have no latency; percentiles lie between values."""
    names = (
        "date_day",
        "trace_count",
        "pending_trace_count",
        "error_count",
        "error_rate",
        "latency_p50",
        "latency_p95",
        "total_cost",
    )
    days = [row[1:] for row in chosen(built, "langsmith__trace_daily", "project_name", *names) if row[0] == ASSISTANT]
    assert days == in_order(
        (SATURDAY, 8, 0, 1, 0.125, 2.0, 3.825, usd("0.3936")), (SUNDAY, 1, 1, 0, 0.0, None, None, usd("0.055"))
    )
    assert chosen(built, "langsmith__user_daily", "date_day", "project_name", "user_id", "trace_count", "total_cost") == in_order(
        (SATURDAY, ASSISTANT, "ünï@example.com", 1, usd("0.0386")), (SATURDAY, OTHER, "ünï@example.com", 1, usd("0.001"))
    )
    assert chosen(built, "langsmith__tool_daily", "tool_type", "tool_name", "call_count", "error_rate", "total_cost") == in_order(
        ("tool", "broken", 1, 1.0, usd("0.25")),
        ("tool", "lookup", 1, 0.0, usd("0.0006")),
        ("retriever", "vectors", 1, 0.0, usd("0.0001")),
    )
