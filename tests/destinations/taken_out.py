"""Records whose late columns hold something, for the statements that fill rows of an earlier version."""

from __future__ import annotations

from typing import Any

from langsmith_core.records.columns import Keys, Table
from langsmith_core.streams.registry import FEEDBACK, PROJECT, RUN

KEYS: Keys = (("user_id", "customer of d.e"), ("environment", "it's"))
METADATA = {
    "ls_model_name": "large-2",
    "ls_provider": "openai",
    "lc_hub_commit_hash": "c0ffee",
    "user_id": "u-1",
    "environment": "production",
    **dict(zip((key for _, key in KEYS), ("u-2", "staging"), strict=True)),
}
PARAMETERS = {"model": "small-1", "model_name": "small", "_type": "openai-chat"}
TRACEBACK = 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    f()\n'
ERRORS = (
    "ValueError('the order is not known')\n\n" + TRACEBACK + "ValueError: the order is not known",
    'MyProblem("it\'s odd")',
    "openai.RateLimitError: Error code: 429 - {'error': 'slow down'}",
    "Error code: 429 - {'error': 'slow down'}",
    f"Something failed\n{TRACEBACK}KeyError: 'a'\n\nDuring it\n\n{TRACEBACK}psycopg2.errors.UniqueViolation: twice\nDETAIL",
    f"Something failed\n{TRACEBACK}",
    "\nNoHeader: of a traceback",
    "TypeError: x is undefined\n    at f (a.js:1:2)",
    "java.lang.IllegalStateException",
    "x" * 998 + "Error: a name that is cut",
    "HTTP(S) is refused",
    "",
)
TIMES = {"start_time": "2026-05-01T10:00:00.000001", "end_time": "2026-05-01T10:00:01.500000"}
RUNS: tuple[dict[str, Any], ...] = (
    {**TIMES, "extra": {"metadata": METADATA, "invocation_params": PARAMETERS}, "first_token_time": "2026-05-01T10:00:00.7"},
    {**TIMES, "extra": {"invocation_params": {**PARAMETERS, "model": None}}, "parent_run_id": "p"},
    {**TIMES, "extra": None, "end_time": None},
    {**TIMES, "extra": {"metadata": "text", "invocation_params": [1]}, "end_time": "2026-05-01T09:59:59.999999"},
    {
        "start_time": "2026-05-01T10:00:00.123Z",
        "end_time": "2026-05-02T10:00:00.124Z",
        "metadata": METADATA,
        "parent_run_ids": [],
    },
    {"metadata": {"ls_model_name": 7, "user_id": True, "environment": 2**60}, "extra": {"metadata": {"user_id": None}}},
    {"metadata": {}, "parent_run_ids": ["root", "parent"], "start_time": None},
    *({**TIMES, "error": error} for error in ERRORS),
)
SOURCES = (
    None,
    {"type": "model", "metadata": {"__run": {"run_id": "e-1"}, "rule": {"n": [1, "é"]}}, "user_id": None, "ls_user_id": "l-1"},
    {"type": "app", "metadata": None, "user_id": "u-1", "ls_user_id": "l-1", "user_name": "Ann"},
)
RECORDS: tuple[tuple[Table, dict[str, Any]], ...] = (
    *((RUN, {"id": f"r{number:02}", "session_id": "p", **run}) for number, run in enumerate(RUNS)),
    *(
        (FEEDBACK, {"id": f"f{number}", "created_at": "2026-05-01T10:00:00", "feedback_source": source})
        for number, source in enumerate(SOURCES)
    ),
    (PROJECT, {"id": "p", "reference_dataset_id": None}),
    (PROJECT, {"id": "e", "reference_dataset_id": "d"}),
)
