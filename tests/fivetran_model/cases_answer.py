"""Cases for the rules on an answer's members and on a sync as a whole.

Here: one row per way to break a rule, beside the nearest answer that keeps it. `test_rules` runs them.
"""

from __future__ import annotations

from typing import Any

from fivetran_model import Reply
from fivetran_model.checks_answer import STATE_BYTES_MAX
from fivetran_model.samples import CANARY, ROW, SCHEMA, Case, answer, without

STATE_FRAME = len('{"at":""}')
TRIPLE = SCHEMA | {"feedback": {"primary_key": ["feedback_id"]}}


def empty(at: int, *, has_more: bool = True) -> Reply:
    """Return an answer without rows that changes the state."""
    return answer(insert={"run": []}, state={"at": at}, hasMore=has_more)


def keyed(primary_key: Any, **more: Any) -> Reply:
    """Return the good answer with another declaration of its table."""
    return answer(schema=SCHEMA | {"run": {"primary_key": primary_key} | more})


def state_of(size: int) -> Reply:
    """Return an answer whose state has this many bytes."""
    return answer(state={"at": "x" * (size - STATE_FRAME)})


NINE = tuple(empty(at) for at in range(9))
MEMBERS = (
    *(Case("root", without(member), answer()) for member in ("state", "insert", "delete", "schema", "hasMore", "softDelete")),
    Case("root", answer(has_more=False), answer()),
    Case("root", answer(soft_delete=[]), answer()),
    Case("state-object", answer(state=None), answer(state={})),
    Case("state-object", answer(state='{"at":1}'), answer(state={"at": 1})),
    Case("state-object", answer(state=[CANARY]), answer(state={"at": [1]})),
    Case("state-size", state_of(STATE_BYTES_MAX + 1), state_of(STATE_BYTES_MAX)),
    Case("state-size", answer(state={"at": "\u00e9" * 32_765}), answer(state={"at": "e" * 32_765})),
    Case("has-more-boolean", answer(hasMore="false"), answer(hasMore=False)),
    Case("has-more-boolean", answer(hasMore=0), answer(hasMore=False)),
    Case("has-more-boolean", answer(hasMore=None), answer(hasMore=True)),
    Case("progress", answer(state={}, hasMore=True), answer(state={}, hasMore=False)),
    Case("progress", answer(state={}, hasMore=True), answer(state={"at": 0}, hasMore=True)),
    Case("progress", answer(hasMore=True), answer(state={"at": 2}, hasMore=True), before=(answer(hasMore=True),)),
    Case("progress", answer(hasMore=True), answer(state={"at": True}, hasMore=True), before=(answer(),)),
    Case("parts", answer(insert=[ROW]), answer(insert={"run": [ROW]})),
    Case("parts", answer(insert=None), answer(insert={})),
    Case("parts", answer(insert={"run": ROW}), answer(insert={"run": [ROW]})),
    Case("parts", answer(insert={"run": [CANARY]}), answer(insert={"run": []})),
    Case("parts", answer(delete=[]), answer(delete={})),
    Case("parts", answer(insert={}, delete={"run": ["a"]}), answer(insert={}, delete={"run": [{"run_id": "a"}]})),
    Case("soft-delete-list", answer(softDelete=True), answer(softDelete=[])),
    Case("soft-delete-list", answer(softDelete={"run": True}), answer(softDelete=["run"])),
    Case("soft-delete-list", answer(softDelete=["feedback"]), answer(softDelete=["run"])),
    Case("soft-delete-list", answer(softDelete=["run", "run"]), answer(softDelete=["run", "example"])),
    Case("soft-delete-list", answer(softDelete=[["run"]]), answer(softDelete=["run"])),
)

SCHEMAS = (
    Case("schema-shape", answer(schema=None), answer()),
    Case("schema-shape", answer(schema={}, insert={}, softDelete=[]), answer()),
    Case("schema-shape", answer(schema=["run", "example"]), answer()),
    Case("schema-shape", answer(schema=SCHEMA | {"run": ["run_id"]}), answer()),
    Case("schema-shape", answer(schema=SCHEMA | {"run": {}}), answer()),
    Case("schema-shape", keyed(["run_id"], columns={"name": "STRING"}), keyed(["run_id"])),
    Case("schema-shape", keyed([]), keyed(["run_id"])),
    Case("schema-shape", keyed("run_id"), keyed(["run_id"])),
    Case("schema-shape", keyed([7]), keyed(["tokens"])),
    Case("schema-shape", keyed(["run_id", "run_id"]), keyed(["run_id", "name"])),
    Case("schema-constant", answer(schema=TRIPLE), answer(), before=(answer(),)),
    Case("schema-constant", answer(), answer(schema=TRIPLE), before=(answer(schema=TRIPLE),)),
    Case("schema-constant", keyed(["name"]), keyed(["run_id"]), before=(keyed(["run_id"]),)),
    Case("schema-constant", keyed(["name", "run_id"]), keyed(["run_id", "name"]), before=(keyed(["run_id", "name"]),)),
    Case("declared", answer(insert={"feedback": []}), answer(insert={"feedback": []}, schema=TRIPLE)),
    Case("declared", answer(delete={"feedback": []}), answer(delete={"example": []})),
)

SYNCS = (
    Case("empties", empty(10), empty(10, has_more=False), before=NINE),
    Case("empties", empty(10), answer(state={"at": 10}, hasMore=True), before=NINE),
    Case("empties", empty(10), answer(insert={}, delete={"run": [{"run_id": "a"}]}, hasMore=True), before=NINE),
    Case("empties", empty(2), empty(2, has_more=False), before=(empty(1),), terms={"empties_max": 2}),
    Case("empties", empty(9), empty(9, has_more=False), before=(answer(hasMore=True), *NINE)),
    Case(
        "sync-ends",
        answer(state={"at": 2}, hasMore=True),
        answer(state={"at": 2}),
        before=(answer(hasMore=True),),
        terms={"calls_max": 2},
    ),
)
