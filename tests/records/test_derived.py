"""Columns that are taken out of a run's other values: whole records of either API in, the columns out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from langsmith_core.records import rows
from langsmith_core.records.columns import Keys
from langsmith_core.records.derived import error_class, seconds
from langsmith_core.records.times import render
from langsmith_core.streams.registry import FEEDBACK, PROJECT, RUN
from samples import MOMENTS, encoded

TRACEBACK = 'Traceback (most recent call last):\n\n  File "a.py", line 1, in f\n    g()\n    ~^^\n'
CLASSES: list[tuple[str, str | None]] = [
    ("ValueError('no order')", "ValueError"),
    ("ValueError('no order')\n\n" + TRACEBACK + "ValueError: no order", "ValueError"),
    ('OutputParserException("odd")', "OutputParserException"),
    ("GraphInterrupt((Interrupt(value=1),))", "GraphInterrupt"),
    ("CustomProblem('x')", "CustomProblem"),
    ("KeyError()", "KeyError"),
    (TRACEBACK + "openai.RateLimitError: Error code: 429", "RateLimitError"),
    ("It failed.\n" + TRACEBACK + "app.f.<locals>.MyProblem: why\nand: more", "MyProblem"),
    ("It failed.\n" + TRACEBACK + "KeyboardInterrupt", "KeyboardInterrupt"),
    (
        f"It failed.\n{TRACEBACK}KeyError: 1\n\nDuring handling\n\n{TRACEBACK}psycopg2.errors.UniqueViolation: 2",
        "UniqueViolation",
    ),
    ("RateLimitError: Error code: 429", "RateLimitError"),
    ("openai.RateLimitError: slow down", "RateLimitError"),
    ("TypeError: x is undefined\n    at f (a.js:1:2)", "TypeError"),
    ("Error: boom", "Error"),
    ("java.lang.IllegalStateException", "IllegalStateException"),
    ("TimeoutError\n", "TimeoutError"),
    ("  ReadTimeout: 5 s", "ReadTimeout"),
    ("Error code: 429 - {'error': {'message': 'slow down'}}", None),
    ("HTTP(S) is refused", None),
    ("Note: a ValueError('x') came", None),
    ("Timeout: 5 s", None),
    ("context deadline exceeded", None),
    (TRACEBACK, None),
    ("", None),
]


@pytest.mark.parametrize(("text", "name"), CLASSES)
def test_the_class_of_an_exception(text: str, name: str | None) -> None:
    """The class without its module, from `repr`, from `Class: message` and from a traceback's end; null where none is shown."""
    assert error_class(text) == name
    assert rows.to_row(RUN, encoded({"id": "1", "error": text}), {})["error_type"] == name


@given(MOMENTS, MOMENTS)
def test_seconds_are_exact_to_the_microsecond(start: Any, end: Any) -> None:
    """Six digits are the difference's own. The sign stays where the clocks of an application disagreed."""
    found = seconds(render(start), render(end))
    assert round(found * 1_000_000) == (end - start) // (end - start).resolution
    assert found == round(found, 6)


NAMES = (
    *("model_name", "model_provider", "is_root", "latency_seconds", "time_to_first_token_seconds"),
    *("error_type", "prompt_commit", "user_id", "environment"),
)
START, END = "2026-05-01T10:00:00.000001", "2026-05-01T10:00:01.5"
METADATA = {"ls_model_name": "m", "ls_provider": "p", "lc_hub_commit_hash": "c", "user_id": "u", "environment": "e", "a.b": "x"}
PARAMETERS = {"model": "pm", "model_name": "pn", "_type": "openai-chat"}
ROOT: dict[str, Any] = {"start_time": START, "end_time": END}
DURATION = 1.499999
RUNS: list[tuple[dict[str, Any], tuple[Any, ...]]] = [
    # v1, and v2 with the metadata twice, give the same.
    ({**ROOT, "extra": {"metadata": METADATA}}, ("m", "p", True, DURATION, None, None, "c", "u", "e")),
    ({**ROOT, "extra": {"metadata": METADATA}, "metadata": METADATA}, ("m", "p", True, DURATION, None, None, "c", "u", "e")),
    ({**ROOT, "metadata": METADATA, "parent_run_ids": []}, ("m", "p", True, DURATION, None, None, "c", "u", "e")),
    # The metadata comes first, then `model`, then `model_name`.
    (
        {**ROOT, "extra": {"metadata": METADATA, "invocation_params": PARAMETERS}},
        ("m", "p", True, DURATION, None, None, "c", "u", "e"),
    ),
    (
        {**ROOT, "extra": {"invocation_params": PARAMETERS}, "parent_run_id": "r"},
        ("pm", "openai-chat", False, DURATION, None, None, None, None, None),
    ),
    (
        {**ROOT, "extra": {"invocation_params": {"model_name": "pn"}}, "parent_run_ids": ["r"]},
        ("pn", None, False, DURATION, None, None, None, None, None),
    ),
    # Unfinished; with a first token; with clocks that disagree.
    (
        {"start_time": START, "end_time": None, "first_token_time": "2026-05-01T10:00:00.25"},
        (None, None, True, None, 0.249999, None, None, None, None),
    ),
    ({"start_time": END, "end_time": START}, (None, None, True, -DURATION, None, None, None, None, None)),
    # Values of other types: a column of text holds their JSON text, and what is no object has no members.
    ({"metadata": {"user_id": 42, "environment": None}}, (None, None, True, None, None, None, None, "42", None)),
    ({"extra": {"metadata": ["user_id"], "invocation_params": "model"}}, (None, None, True, *[None] * 6)),
    ({"extra": "text", "metadata": 1}, (None, None, True, *[None] * 6)),
]


@pytest.mark.parametrize(("record", "columns"), RUNS)
def test_what_is_taken_out_of_a_run(record: dict[str, Any], columns: tuple[Any, ...]) -> None:
    """Each form in which an API may write it gives these columns."""
    row = rows.to_row(RUN, encoded({"id": "1", **record}), {})
    assert tuple(row[name] for name in NAMES) == columns


@pytest.mark.parametrize("form", [{"extra": {"metadata": METADATA}}, {"metadata": METADATA}])
@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ((), ("u", "e")),
        ((("user_id", "a.b"),), ("x", "e")),
        ((("user_id", "no"), ("environment", "user_id")), (None, "u")),
    ],
)
def test_a_team_chooses_the_keys_of_user_and_environment(form: dict[str, Any], keys: Keys, found: tuple[Any, ...]) -> None:
    """Another key of the metadata fills the column, also one with a dot; other columns are as they were."""
    record = encoded({"id": "1f0b6c2e-8a8e-4b43-9d5c-0f8f6f0f6f01", **form})
    row = rows.to_row(RUN, record, {}, keys=keys)
    assert (row["user_id"], row["environment"]) == found
    assert row == rows.to_row(RUN, record, {}) | {"user_id": found[0], "environment": found[1]}


def test_what_is_taken_out_of_feedback_and_projects() -> None:
    """An evaluator's run lies in the source's metadata; a project with a dataset is an experiment."""
    source = {"type": "model", "metadata": {"__run": {"run_id": "e"}}, "user_id": None, "ls_user_id": "l", "user_name": "n"}
    row = rows.to_row(FEEDBACK, encoded({"id": "1", "feedback_source": source}), {})
    found = {name: row[name] for name in ("evaluator_run_id", "source_name", "source_user_id", "source_metadata")}
    assert found == {
        "evaluator_run_id": "e",
        "source_name": "n",
        "source_user_id": "l",
        "source_metadata": '{"__run":{"run_id":"e"}}',
    }
    for dataset in ("d", None):
        row = rows.to_row(PROJECT, encoded({"id": "1", "reference_dataset_id": dataset}), {})
        assert row["is_experiment"] == (dataset is not None)


def test_an_error_that_is_cut_shows_what_its_beginning_shows() -> None:
    """A text that is longer than a batch is cut before it is read; its class is at its beginning."""
    record = encoded({"id": "1", "error": "ValueError('" + "x" * 50_000 + "')"})
    assert rows.to_row(RUN, record, {}, bytes_max=10_000)["error_type"] == "ValueError"
