"""Answers and functions for tests of the model: one good answer, changed member by member; a function with prepared answers; and
the tiny function, with the tables that it must end in.

Here: values only. CANARY stands where payload would; no message of the model may repeat it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from fivetran_model import Fivetran, Reply
from fivetran_model.tiny_function import PEOPLE_COUNT, paged, people

CANARY = "a-patient-name"
SECRET = "lsv2_sk_of_the_sample"
SCHEMA = {"run": {"primary_key": ["run_id"]}, "example": {"primary_key": ["dataset_id", "example_id"]}}
ROW = {"run_id": "a", "name": CANARY, "inputs": '{"q":"x y"}', "start_time": "2026-01-05T16:46:01.068924Z", "tokens": 3}
GOOD = {"state": {"at": 1}, "insert": {"run": [ROW]}, "delete": {}, "schema": SCHEMA, "hasMore": False, "softDelete": ["example"]}
JSON_COLUMNS = {"run": {"inputs"}}
TIMESTAMP_COLUMNS = {"run": {"start_time"}}
KEY = {"API_KEY": "the-right-key"}
WHOLE = {"person": {(row["person_id"],): row for row in people(0, PEOPLE_COUNT)}, "visit": {}}
WHOLE["person"][("p0",)] = {"person_id": "p0", "name": "Zo\u00eb 0"}


def answer(status: int = 200, **changes: Any) -> Reply:
    """Return the good answer with some members changed."""
    return Reply(status, json.dumps(GOOD | changes).encode())


def without(member: str) -> Reply:
    """Return the good answer with one member left out."""
    return Reply(200, json.dumps({name: value for name, value in GOOD.items() if name != member}).encode())


def row(**changes: Any) -> Reply:
    """Return the good answer with its row's columns changed."""
    return answer(insert={"run": [ROW | changes]})


def failure(status: int = 502, **members: Any) -> Reply:
    """Return a failure with these members."""
    return Reply(status, json.dumps(members).encode())


def raw(text: str | bytes, status: int = 200) -> Reply:
    """Return an answer as text."""
    return Reply(status, text if isinstance(text, bytes) else text.encode())


@dataclass
class PreparedFunction:
    """A function with prepared answers, which it gives in order, and which keeps the requests."""

    replies: list[Reply]
    requests: list[dict[str, Any]] = field(default_factory=list)

    def __call__(self, body: bytes) -> Reply:
        self.requests.append(json.loads(body))
        return self.replies.pop(0)


@dataclass(frozen=True)
class Case:
    """A rule, an answer that breaks it, and the nearest one that does not. `before` are good answers that precede both."""

    rule: str
    bad: Reply
    good: Reply
    before: tuple[Reply, ...] = ()
    setup_test: bool = False
    terms: dict[str, int] = field(default_factory=dict)

    def connection(self, last: Reply) -> Fivetran:
        """Return a connection that has received the answers before, and will receive `last`."""
        fivetran = connection(*self.before, last, **self.terms)
        for _ in self.before:
            fivetran.step()
        return fivetran

    def call(self, fivetran: Fivetran) -> None:
        """Make the call that the case is about."""
        ask = fivetran.setup_test if self.setup_test else fivetran.step
        ask(secrets={"LANGSMITH_API_KEY": SECRET})


def connection(*replies: Reply, **terms: int) -> Fivetran:
    """Return a connection to a function with prepared answers."""
    return Fivetran(
        PreparedFunction(list(replies)),
        response_bytes_max=terms.get("response_bytes_max", 10_000_000),
        empties_max=terms.get("empties_max", 10),
        calls_max=terms.get("calls_max", 10_000),
        json_columns=JSON_COLUMNS,
        timestamp_columns=TIMESTAMP_COLUMNS,
    )


def served(body: bytes) -> Reply:
    """Return the tiny function in this process."""
    status, members = paged(json.loads(body))
    return Reply(status, json.dumps(members).encode())
