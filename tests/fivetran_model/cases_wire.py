"""Cases for the rules on any answer, on failures, on a success that reports a failure, and on setup tests.

Here: one row per way to break a rule, beside the nearest answer that keeps it. `test_rules` runs them.
"""

from __future__ import annotations

import json

from fivetran_model import Reply
from fivetran_model.checks_wire import SETUP_BYTES_MAX
from fivetran_model.samples import CANARY, GOOD, ROW, SECRET, Case, answer, failure, raw, row

BODY = json.dumps(GOOD)
FAILED = failure(errorMessage="LangSmith answered 503 six times; the next sync goes on from here")
ESCAPED = BODY.replace(CANARY, "%s")
QUIET = json.dumps(GOOD | {"insert": {}})


def typed(content_type: str, status: int = 200) -> Reply:
    """Return the good answer under another Content-Type."""
    return Reply(status, BODY.encode(), {"content-type": content_type})


def padded(size: int) -> Reply:
    """Return a setup test's answer of this many bytes."""
    return raw(QUIET.ljust(size))


EVERY = (
    Case("size", raw(BODY + " "), raw(BODY), terms={"response_bytes_max": len(BODY)}),
    Case("size", failure(errorMessage="x" * 300), FAILED, terms={"response_bytes_max": 200}),
    Case("setup-size", padded(SETUP_BYTES_MAX + 1), padded(SETUP_BYTES_MAX), setup_test=True),
    Case("setup-size", failure(errorMessage="x" * SETUP_BYTES_MAX), failure(401, errorMessage="x"), setup_test=True),
    Case("content-type", typed("text/html; charset=utf-8"), typed("application/json; charset=utf-8")),
    Case("content-type", Reply(500, b"<h1>", {"Content-Type": "text/html"}), FAILED),
    Case("content-type", typed("text/plain"), Reply(200, BODY.encode(), {})),
    Case("strict-json", raw(""), raw(BODY + "\n")),
    Case("strict-json", raw(BODY[:-1]), raw(BODY)),
    Case("strict-json", raw(BODY + BODY), raw(BODY)),
    Case("strict-json", raw("\ufeff" + BODY), raw(BODY)),
    Case("strict-json", raw("Internal Server Error", 500), FAILED),
    Case("strict-json", raw(ESCAPED % "a\tb"), raw(ESCAPED % r"a\tb")),
    Case("strict-json", raw(BODY.replace(": 3", ": NaN")), raw(BODY.replace(": 3", ": null"))),
    Case("strict-json", raw(BODY.replace(": 3", ": Infinity")), raw(BODY.replace(": 3", ": 3.5"))),
    Case("strict-json", raw(BODY.replace(": 3", ": -Infinity")), raw(BODY.replace(": 3", ": -3"))),
    Case("strict-json", raw(BODY.replace(": 3", ": 03")), raw(BODY.replace(": 3", ": 0.3"))),
    Case("strict-json", raw(BODY.replace(": 3", ": " + "3" * 5_000)), raw(BODY)),
    Case("strict-json", raw(ESCAPED % r"\ud83d"), raw(ESCAPED % r"\ud83d\ude00")),
    Case("strict-json", raw(ESCAPED % r"\udE00"), raw(ESCAPED % r"\\udE00")),
    Case("strict-json", raw(BODY.encode().replace(b"patient", b"\xed\xa0\xbd")), raw(BODY.replace("patient", "\U0001f600"))),
    Case("strict-json", raw(BODY.encode().replace(b"patient", b"\xff")), raw(BODY.replace("patient", "\u00ff"))),
    Case("strict-json", raw(BODY.replace('"tokens"', '"name"')), raw(BODY.replace('"tokens"', '"names"'))),
    Case("strict-json", raw("[" * 200_000), raw(BODY)),
    Case("object", raw(f"[{BODY}]"), raw(BODY)),
    Case("object", raw("null"), raw(BODY)),
    Case("object", raw('"the key was refused"', 401), failure(401, errorMessage="the key was refused")),
    Case("no-secret", row(name=f"Bearer {SECRET}"), row(name="Bearer")),
    Case("no-secret", answer(state={"key": SECRET}), answer(state={"key": "***"})),
    Case("no-secret", failure(401, errorMessage=f"{SECRET} was refused"), failure(401, errorMessage="the key was refused")),
)

FAILURE = (
    Case("failure-no-answer", answer(500), answer(200)),
    Case("failure-no-answer", failure(errorMessage="x", state={"at": 1}), FAILED),
    Case("failure-no-answer", failure(errorMessage="x", insert={"run": [ROW]}), FAILED),
    Case("failure-no-answer", failure(301, errorMessage="x", hasMore=False), FAILED),
    Case("failure-no-trace", failure(errorMessage="x", stackTrace=f"File main.py {CANARY}"), FAILED),
    Case("failure-message", failure(), FAILED),
    Case("failure-message", failure(errorMessage=""), FAILED),
    Case("failure-message", failure(errorMessage=" \n"), FAILED),
    Case("failure-message", failure(errorMessage={"text": CANARY}), FAILED),
    Case("failure-message", failure(error=CANARY), FAILED),
    Case("failure-message", failure(errorMessage="x", detail=CANARY), FAILED),
)

SUCCESS = (
    Case("success-no-error", failure(200, errorMessage=CANARY), FAILED),
    Case("success-no-error", answer(errorMessage=None), answer()),
    Case("success-no-error", answer(stackTrace=CANARY), answer()),
)

SETUP = (
    Case("setup-no-rows", answer(), answer(insert={"run": []}), setup_test=True),
    Case("setup-no-rows", answer(insert={}, delete={"run": [{"run_id": "a"}]}), answer(insert={}), setup_test=True),
    Case("setup-one-call", answer(insert={}, hasMore=True), answer(insert={}), setup_test=True),
)
