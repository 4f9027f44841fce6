"""GET /feedback: lists feedback by creation time. Nothing filters by modified_at, so edits are invisible here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import chain, islice
from typing import Any

from simulator.call import Call
from simulator.jsontext import array, encode
from simulator.messages import ApiError, Response, answer
from simulator.query import Query
from simulator.records import Feedback
from simulator.times import naive

SOURCES = ("api", "model", "app", "auto_eval")
LEVELS = ("run", "session")
Test = Callable[[Feedback], bool]


def list_feedback(call: Call) -> Response:
    """A page of feedback."""
    offset, limit = call.page()
    now = call.store.clock.now()
    tests = _tests(call.query)
    found = (item for item in _candidates(call) if call.store.shows_feedback(item, now) and all(test(item) for test in tests))
    return Response(200, array([encode(feedback_record(call, item)) for item in islice(found, offset, offset + limit)]))


def read_feedback(call: Call) -> Response:
    """One piece of feedback."""
    return answer(feedback_record(call, feedback_of(call)))


def feedback_of(call: Call) -> Feedback:
    """The feedback that the path names; 404 when there is none."""
    feedback = call.store.feedback.get(call.ident("feedback_id"))
    if feedback is None or not call.store.shows_feedback(feedback, call.store.clock.now()):
        raise ApiError(404, "Feedback not found")
    return feedback


def feedback_record(call: Call, item: Feedback) -> dict[str, Any]:
    """Feedback as the API's FeedbackSchema, with naive timestamps."""
    run = call.store.runs.get(item.run_id or "")
    return {
        "created_at": naive(item.created_at),
        "modified_at": naive(item.modified_at),
        "key": item.key,
        "score": item.score,
        "value": item.value,
        "comment": item.comment,
        "correction": item.correction,
        "feedback_group_id": item.feedback_group_id,
        "comparative_experiment_id": item.comparative_experiment_id,
        "run_id": item.run_id,
        "session_id": item.project_id,
        "id": item.id,
        "trace_id": item.trace_id,
        "start_time": naive(run.start_time) if run else None,
        "is_root": run is not None and run.parent_run_id is None,
        "feedback_source": {
            "type": item.source_type,
            "metadata": item.source_metadata,
            "user_id": item.user_id,
            "ls_user_id": None,
            "user_name": None,
        },
        "extra": item.extra,
        "feedback_thread_id": None,
    }


def _candidates(call: Call) -> Iterable[Feedback]:
    """Candidates from the smallest index that covers the query, in the order that `feedback_order` sets."""
    store, order = call.store, call.settings.feedback_order
    low, high = call.query.moment("min_created_at"), call.query.moment("max_created_at")
    runs, sessions = call.query.ids("run"), call.query.ids("session")
    pool: Iterable[Feedback]
    if not runs and not sessions:
        return _ordered(store.all_feedback.between(low, None, None, newest_first=order == "newest"), order, high)
    if runs:
        pool = chain.from_iterable(store.run_feedback.get(run, ()) for run in dict.fromkeys(runs))
    else:
        pool = chain.from_iterable(store.project_feedback.get(session, ()) for session in dict.fromkeys(sessions))
    chosen = sorted(pool, key=lambda item: (item.created_at, item.id), reverse=order == "newest")
    return _ordered((item for item in chosen if low is None or item.created_at >= low), order, high)


def _ordered(pool: Iterable[Feedback], order: str, high: datetime | None) -> Iterable[Feedback]:
    inside = (item for item in pool if high is None or item.created_at <= high)
    return sorted(inside, key=lambda item: item.id) if order == "by_id" else inside


def _tests(query: Query) -> list[Test]:
    tests: list[Test] = []
    runs, sessions = set(query.ids("run")), set(query.ids("session"))
    keys, sources = set(query.many("key")), set(query.many("source"))
    users, comparisons = set(query.ids("user")), set(query.ids("comparative_experiment_id"))
    comment, score, level = query.flag("has_comment"), query.flag("has_score"), query.text("level")
    if runs:
        tests.append(lambda item: item.run_id in runs)
    if sessions:
        tests.append(lambda item: item.project_id in sessions)
    if keys:
        tests.append(lambda item: item.key in keys)
    if sources:
        tests.append(lambda item: item.source_type in sources)
    if users:
        tests.append(lambda item: item.user_id in users)
    if comparisons:
        tests.append(lambda item: item.comparative_experiment_id in comparisons)
    if comment is not None:
        tests.append(lambda item: bool(item.comment) == comment)
    if score is not None:
        tests.append(lambda item: (item.score is not None) == score)
    if level is not None:
        whole = query.choice("level", LEVELS, "run") == "session"
        tests.append(lambda item: (item.run_id is None) == whole)
    return tests
