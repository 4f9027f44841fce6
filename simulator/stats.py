"""A project's counters, computed from its runs and cached until one of them changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from simulator.feedback_stats import v1_stats
from simulator.names import split_names
from simulator.records import Project, Run
from simulator.run_pages import Search, page
from simulator.stats_asked import Asked
from simulator.store import Store
from simulator.usage import with_totals

COUNTERS = split_names(
    "run_count latency_p50 latency_p99 first_token_p50 first_token_p99 total_tokens prompt_tokens completion_tokens "
    "total_cost prompt_cost completion_cost last_run_start_time last_run_start_time_live feedback_stats "
    "session_feedback_stats error_rate streaming_rate"
)
TOKENS = ("total_tokens", "prompt_tokens", "completion_tokens")
ALL = Asked()
COSTS = ("total_cost", "prompt_cost", "completion_cost")


def project_counters(store: Store, project: Project, asked: Asked = ALL) -> dict[str, Any]:
    """The counters of a project, over those of its runs that are asked for."""
    kept = asked.is_whole and store.settings.run_count == "all"
    if kept and project.stats is not None and not store.settings.retention:
        return project.stats
    runs = _runs(store, project, asked)
    feedback = list(store.project_feedback[project.id])
    stats = {
        **of_runs(store, runs),
        "feedback_stats": v1_stats(item for item in feedback if item.run_id),
        "session_feedback_stats": v1_stats(item for item in feedback if not item.run_id),
    }
    if store.settings.run_count == "roots":
        stats["run_count"] = sum(run.parent_run_id is None for run in runs)
    if kept and len(runs) == len(store.project_runs[project.id]):  # no run is still to be indexed
        project.stats = stats
    return stats


def _runs(store: Store, project: Project, asked: Asked) -> list[Run]:
    """The runs that the API shows and the request asks for, oldest first."""
    runs = store.project_runs[project.id]
    search = Search([runs], newest_first=False)
    asked.narrow(search)
    if store.settings.stats_of_smithdb:
        search.tests.append(lambda run: run.in_smithdb)
    return page(store, search, None, len(runs))[0]


def of_runs(store: Store, runs: Sequence[Run]) -> dict[str, Any]:
    """The counters of runs, which come oldest first."""
    ended = sorted((run.end_time - run.start_time).total_seconds() for run in runs if run.end_time)
    streamed = sorted((run.first_token_time - run.start_time).total_seconds() for run in runs if run.first_token_time)
    roots = [with_totals(store, run) for run in runs if run.parent_run_id is None]  # a root's usage includes its children's
    return {
        "run_count": len(runs),
        "latency_p50": _quantile(ended, 0.5),
        "latency_p99": _quantile(ended, 0.99),
        "first_token_p50": _quantile(streamed, 0.5),
        "first_token_p99": _quantile(streamed, 0.99),
        **{name: sum(getattr(run, name) for run in roots) for name in TOKENS},
        **{name: str(round(sum(getattr(run, name) or 0.0 for run in roots), 9)) for name in COSTS},
        "last_run_start_time": runs[-1].start_time if runs else None,
        "error_rate": sum(run.error is not None for run in runs) / len(runs) if runs else None,
        "streaming_rate": len(streamed) / len(runs) if runs else None,
    }


def _quantile(values: Sequence[float], share: float) -> float | None:
    return values[min(len(values) - 1, int(share * len(values)))] if values else None
