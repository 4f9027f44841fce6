"""What LangSmith counts: runs by project and day, feedback by project, examples by version.

Calls and their answers as values. The parameters of GET /sessions and GET /examples/count are those of LangSmith's OpenAPI
document. An answer without a count gives None, which is not zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from langsmith_core.calls import Call
from langsmith_core.prepared import prepared
from langsmith_core.records.json_text import MalformedError
from langsmith_core.records.times import DAY, MICROSECOND, render

PAGE = 100
"""Projects in a request: the endpoint's maximum."""
IDS_MAX = 50
"""Ids in a request: more of them fail (langsmith-sdk #859)."""
_ORDER = (("sort_by", "start_time"), ("sort_by_desc", "false"), ("limit", str(PAGE)))


class Counted(Struct, frozen=True):
    """A project, and the runs that LangSmith counts; None where it gives no count."""

    project_id: str
    name: str | None
    runs: int | None
    feedback: int | None = None


class _Session(Struct):
    id: str
    name: Any = None
    run_count: Any = None
    feedback_stats: Any = None


_SESSIONS = prepared(list[_Session])


def runs_call(day: datetime, offset: int = 0, ids: Sequence[str] = (), span: timedelta = DAY) -> Call:
    """Ask for the runs that began on a day, by project. `ids` names at most fifty projects; empty: all of them.

    The end is a microsecond early. So a bound that is inclusive, against its name, counts no run of the next day.
    """
    bounds = (("stats_start_time", render(day)), ("stats_filter", f'lt(start_time, "{render(day + span - MICROSECOND)}")'))
    return _sessions((("stats_select", "run_count"), *bounds), offset, ids)


def feedback_call(ids: Sequence[str]) -> Call:
    """Ask for the feedback of at most fifty projects, over all time."""
    return _sessions((), 0, ids)


def _sessions(stats: Iterable[tuple[str, str]], offset: int, ids: Sequence[str]) -> Call:
    named = tuple(("id", one) for one in ids)
    query = (*named, ("include_stats", "true"), *stats, *_ORDER, ("offset", str(offset)))
    return Call("GET", "/api/v1/sessions", query=query)


def projects(body: bytes) -> list[Counted]:
    """Read a page of counted projects. Raises MalformedError where it is no list of projects."""
    try:
        found = msgspec.json.decode(body, type=_SESSIONS)
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedError("counts of projects that are no list of projects") from error
    return [Counted(one.id.lower(), _text(one.name), _count(one.run_count), judged(one.feedback_stats)) for one in found]


def judged(stats: Any) -> int:
    """Add up the feedback of all keys. A project without statistics has none.

    v1's `n` may count scores alone, and be 0 beside counted labels: the larger of both is what is there at least.
    """
    of_keys = stats.values() if isinstance(stats, dict) else ()
    return sum(max(_count(one.get("n")) or 0, _labels(one.get("values"))) for one in of_keys if isinstance(one, dict))


def _labels(values: Any) -> int:
    return sum(_count(one) or 0 for one in values.values()) if isinstance(values, dict) else 0


def examples_call(dataset: str, as_of: datetime | None) -> Call:
    """Ask how many examples a dataset's version has; None: the newest."""
    version = (("as_of", render(as_of)),) if as_of else ()
    return Call("GET", "/api/v1/examples/count", query=(("dataset", dataset), *version))


def examples(body: bytes) -> int | None:
    """Read a count of examples. Raises MalformedError where the answer is no number."""
    try:
        return _count(msgspec.json.decode(body))
    except msgspec.DecodeError as error:
        raise MalformedError("a count of examples that is no number") from error


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**60 else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
