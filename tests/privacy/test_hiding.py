"""Privacy rules applied to single rows: repeated values, the order of actions, projects named by id."""

from __future__ import annotations

import hashlib
import hmac
import inspect
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from langsmith_core.privacy import hidden
from langsmith_core.privacy.hidden import Hidden
from langsmith_core.records import rows
from langsmith_core.records.columns import Table
from langsmith_core.remarks import Remarks
from langsmith_core.streams.registry import EXAMPLE, FEEDBACK, RUN
from samples import encoded, settings

KEY = "a key of sixteen or more"
ID = "abcdef00-0000-4000-8000-00000000000a"


def digest(text: str) -> str:
    """Return the hash of a text."""
    return hmac.new(KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


def shown(stream: Table, record: dict[str, Any], names: dict[str, str | None], **keys: str) -> dict[str, Any]:
    """Return the row that leaves, with `raw` parsed."""
    row = rows.to_row(stream, encoded({"id": "i", **record}), names)
    left = Hidden(settings(HASH_KEY=KEY, **keys)).shown(stream, row, encoded({"id": "i", **record}), Remarks())
    return {**left, "raw": json.loads(left["raw"])}


THREAD = {"session_id": "p", "thread_id": "t", "extra": {"metadata": {"conversation_id": "t", "user": "u"}, "runtime": "r"}}


def test_an_excluded_thread_takes_its_keys_out_of_the_metadata_and_no_more() -> None:
    """Excluding thread_id removes its metadata keys, and nothing beside them, from the column and from `raw`."""
    row = shown(RUN, THREAD, {}, EXCLUDE_COLUMNS="langsmith_run.thread_id")
    assert (row["thread_id"], row["metadata"]) == (None, '{"user":"u"}')
    assert row["raw"] == {"id": "i", "session_id": "p", "extra": {"metadata": {"user": "u"}, "runtime": "r"}}


@pytest.mark.parametrize("place", ["langsmith_run.thread_id", "langsmith_run.metadata.thread_id"])
def test_feedback_on_a_thread_has_the_hash_of_the_thread(place: str) -> None:
    """Feedback's thread id gets the same hash as its run's thread, so they still join."""
    record = {"feedback_thread_id": "t", "key": "k"}
    assert shown(FEEDBACK, record, {}, HASH_PATHS=place)["raw"] == {"id": "i", "feedback_thread_id": digest("t"), "key": "k"}


def test_a_place_on_both_lists_holds_the_hash_of_the_marker() -> None:
    """A place on both lists is redacted first and hashed then, also if one list names it by its repeated value."""
    keys = {"REDACT_PATHS": "langsmith_run.thread_id", "HASH_PATHS": "langsmith_feedback.raw.feedback_thread_id"}
    assert shown(FEEDBACK, {"feedback_thread_id": "t"}, {}, **keys)["raw"]["feedback_thread_id"] == digest("[redacted]")


@pytest.mark.parametrize("place", ["langsmith_dataset.name", "langsmith_dataset.raw.name", "langsmith_example.dataset_name"])
def test_a_joined_name_is_hidden_however_it_is_named(place: str) -> None:
    """A parent's name is hidden if its column, its field in the parent's record, or the joined column is named."""
    row = shown(EXAMPLE, {"dataset_id": "d"}, {"d": "SECRET"}, REDACT_PATHS=place)
    assert row["dataset_name"] == "[redacted]"


@pytest.mark.parametrize("spelt", [ID, ID.upper(), ID.replace("-", ""), "Payroll"])
def test_a_project_is_named_by_its_name_or_by_its_id_in_any_spelling(spelt: str) -> None:
    """A name must match exactly; an id matches in any spelling. A name that looks like an id still matches as a name."""
    projects = hidden.named([spelt])
    assert hidden.is_named({"project_id": ID, "name": "Payroll"}, projects)
    assert hidden.is_named({"project_id": "other", "name": spelt}, projects)
    assert not hidden.is_named({"project_id": "other", "name": "payroll"}, projects)


def _far_down(frames: int, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Call `act` with this many more frames on the stack."""
    return _far_down(frames - 1, act) if frames else act()


@pytest.mark.parametrize("depth", [99, 1])
def test_a_record_that_no_rule_can_be_followed_into_leaves_without_all_that_rules_can_name(
    depth: int, caplog: pytest.LogCaptureFixture
) -> None:
    """A record too deep for the stack keeps only its ids and time, and a log line says so. A shallow one is cleaned as usual."""
    hidden, remarks = Hidden(settings(REDACT_PATHS="langsmith_run.inputs" + ".a" * 99)), Remarks()
    record = {"id": ID, "session_id": "p", "start_time": "2026-06-01T00:00:00", "name": "said by a user", "inputs": {}}
    for _ in range(depth):
        record["inputs"] = {"a": record["inputs"]}
    sent = encoded(record)
    row = rows.to_row(RUN, sent, {})
    room = sys.getrecursionlimit() - len(inspect.stack(0)) - 100
    found = _far_down(room, lambda: hidden.shown(RUN, row, sent, remarks))
    remarks.tell()
    if depth == 1:
        assert (found["name"], found["inputs"], caplog.messages) == ("said by a user", '{"a":{}}', [])
        return
    left = {name: value for name, value in found.items() if value is not None}
    assert left == {"run_id": ID, "project_id": "p", "start_time": "2026-06-01T00:00:00.000000Z"}
    says = "the privacy rules cannot be applied to a record; its row has only ids and time; write shorter paths"
    assert caplog.messages == [f"langsmith_run: {says} (once: {ID})"]
