"""Feedback statistics by key, in two renderings: v1 counts scores only, v2 counts labels too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import stdev
from typing import Any

from simulator.records import Feedback


@dataclass(slots=True)
class Summary:
    """All feedback of one key on one run or project."""

    scores: list[float] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)
    comments: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)

    @property
    def avg(self) -> float | None:
        """The mean of the scores; None if there are none."""
        return sum(self.scores) / len(self.scores) if self.scores else None


def summaries(feedback: Iterable[Feedback]) -> dict[str, Summary]:
    """One summary for each key, in the order of first use."""
    result: dict[str, Summary] = {}
    for item in feedback:
        summary = result.setdefault(item.key, Summary())
        if item.score is not None:
            summary.scores.append(float(item.score))
        if isinstance(item.value, str):
            summary.values[item.value] = summary.values.get(item.value, 0) + 1
        if item.comment:
            summary.comments.append(item.comment)
        if item.source_type not in summary.sources:
            summary.sources.append(item.source_type)
    return result


def v1_stats(feedback: Iterable[Feedback]) -> dict[str, Any] | None:
    """The v1 rendering, as the documentation's webhook sample shows it: `n` can be 0 beside counted values."""
    stats = {
        key: {"n": len(summary.scores), "avg": summary.avg, "show_feedback_arrow": True, "values": summary.values}
        for key, summary in summaries(feedback).items()
    }
    return stats or None


def v2_stats(feedback: Iterable[Feedback]) -> dict[str, Any]:
    """The v2 rendering, as the v2 OpenAPI document describes it."""
    return {
        key: {
            "n": len(summary.scores) or sum(summary.values.values()),
            "avg": summary.avg,
            "min": min(summary.scores, default=None),
            "max": max(summary.scores, default=None),
            "stdev": stdev(summary.scores) if len(summary.scores) > 1 else None,
            "errors": 0,
            "comments": summary.comments[:3],
            "sources": summary.sources,
            "values": summary.values,
            "contains_thread_feedback": False,
        }
        for key, summary in summaries(feedback).items()
    }
