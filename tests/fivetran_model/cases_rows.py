"""Cases for the rules on rows: names, keys and values.

Here: one row per way to break a rule, beside the nearest answer that keeps it. `test_rules` runs them.
"""

from __future__ import annotations

from typing import Any

from fivetran_model import Reply
from fivetran_model.samples import CANARY, ROW, SCHEMA, Case, answer, row

OTHER = ROW | {"run_id": "b"}
DEEP = "[" * 500 + "]" * 500


def named(table: str) -> Reply:
    """Return the good answer with one more table."""
    return answer(schema=SCHEMA | {table: {"primary_key": ["id"]}})


def runs(*rows: dict[str, Any]) -> Reply:
    """Return an answer with these runs."""
    return answer(insert={"run": list(rows)})


def deletes(*rows: dict[str, Any], **more: Any) -> Reply:
    """Return an answer that deletes runs and inserts none."""
    return answer(**({"insert": {}} | more), delete={"run": list(rows)})


NAMES = (
    *(
        Case("table-names", named(bad), named("feedback_2"))
        for bad in ("Feedback", "feed-back", "feed__back", "2nd", "_feedback", "")
    ),
    Case("table-names", named("r\u00fcckmeldung"), named("rueckmeldung")),
    Case("table-names", named("feedback "), named("_2nd")),
    *(
        Case("column-names", row(**{bad: CANARY}), row(run_type=CANARY))
        for bad in ("runType", "run type", "run__type", "2nd", "")
    ),
    Case("column-names", row(_fivetran_deleted=True), row(_synced_at="now")),
    Case("column-names", row(Name=None), row(name_2=None)),
    Case("column-names", deletes({"runId": "a"}), deletes({"run_id": "a"})),
    Case("column-names", answer(schema={"run": {"primary_key": ["Id"]}}, softDelete=[]), answer()),
)

KEYS = (
    Case("row-key", runs({"name": CANARY}), runs({"run_id": "a"})),
    Case("row-key", row(run_id=None), row(run_id="")),
    Case(
        "row-key",
        answer(insert={"example": [{"dataset_id": "d", "name": CANARY}]}),
        answer(insert={"example": [{"dataset_id": "d", "example_id": "e"}]}),
    ),
    Case("delete-key", deletes({}), deletes({"run_id": "a"})),
    Case("delete-key", deletes({"run_id": None}), deletes({"run_id": "a"})),
    Case("delete-key", deletes({"run_id": "a", "name": CANARY}), deletes({"run_id": "a"})),
    Case("delete-key", answer(delete={"example": [{"example_id": "e"}]}), answer(delete={"example": []})),
    Case("key-once", runs(ROW, ROW), runs(ROW, OTHER)),
    Case("key-once", runs(ROW, OTHER, {"run_id": "a"}), runs(ROW, OTHER, {"run_id": "A"})),
    Case("insert-or-delete", deletes({"run_id": "a"}, insert={"run": [ROW]}), deletes({"run_id": "b"}, insert={"run": [ROW]})),
    Case("insert-or-delete", deletes({"run_id": "b"}, {"run_id": "a"}, insert={"run": [ROW]}), deletes({"run_id": "a"})),
)

VALUES = (
    Case("scalars", row(name={"text": CANARY}), row(name=f'{{"text":"{CANARY}"}}')),
    Case("scalars", row(name=[CANARY]), row(name=CANARY)),
    Case("scalars", row(inputs=[]), row(inputs="[]")),
    Case("scalars", row(run_id=["a"]), row(run_id="a")),
    Case("scalars", deletes({"run_id": ["a"]}), deletes({"run_id": "a"})),
    Case("number-range", row(tokens=2**63), row(tokens=2**63 - 1)),
    Case("number-range", row(tokens=-(2**63) - 1), row(tokens=-(2**63))),
    Case(
        "number-range",
        Reply(200, row().content.replace(b": 3", b": 1e400")),
        Reply(200, row().content.replace(b": 3", b": 1e300")),
    ),
    Case("type-lock", row(tokens="3"), row(tokens=3.5), before=(answer(),)),
    Case("type-lock", row(tokens=True), row(tokens=None), before=(answer(),)),
    Case("type-lock", row(name=7), row(name="7"), before=(answer(),)),
    Case("type-lock", row(name=7), row(name="7"), before=(answer(), row(name=None))),
    Case("type-lock", row(flag=1), row(flag=False), before=(row(flag=None), row(flag=True))),
    Case("type-lock", runs(ROW, OTHER | {"tokens": "3"}), runs(ROW, OTHER | {"tokens": 0})),
    Case("type-lock", row(run_id=1), row(run_id="1"), before=(answer(),)),
    Case("type-lock", deletes({"run_id": 1}), deletes({"run_id": "1"}), before=(answer(),)),
    Case("json-text", row(inputs='{"q": 1}'), row(inputs='{"q":1}')),
    Case("json-text", row(inputs='{"q":1}\n'), row(inputs='{"q":"\\n"}')),
    Case("json-text", row(inputs="{'q':1}"), row(inputs='{"\'q \\"":1}')),
    Case("json-text", row(inputs=CANARY), row(inputs=f'"{CANARY}"')),
    Case("json-text", row(inputs=""), row(inputs=None)),
    Case("json-text", row(inputs=3), row(inputs="3")),
    Case("json-text", row(inputs=True), row(inputs="true")),
    Case("json-text", row(inputs='{"q":NaN}'), row(inputs='{"q":"NaN"}')),
    Case("json-text", row(inputs="1" * 5_000 + "."), row(inputs="1" * 5_000)),
    Case("json-text", row(inputs='["\\ud83d"]'), row(inputs='["\\ud83d\\ude00"]')),
    Case("json-text", row(inputs=DEEP + "]"), row(inputs=DEEP)),
    *(
        Case("timestamp", row(start_time=bad), row(start_time="2026-01-05T16:46:01Z"))
        for bad in (
            "2026-01-05",
            "2026-01-05 16:46:01Z",
            "2026-01-05T16:46:01",
            "2026-01-05T16:46:01+00:00",
            "2026-1-5T16:46:01Z",
        )
    ),
    Case("timestamp", row(start_time="2026-02-30T00:00:00Z"), row(start_time="2026-02-28T00:00:00Z")),
    Case("timestamp", row(start_time="2026-01-05T16:46:01.Z"), row(start_time="2026-01-05T16:46:01.123456Z")),
    Case("timestamp", row(start_time="2026-01-05T16:46:01z"), row(start_time="0001-01-01T00:00:00Z")),
    Case("timestamp", row(start_time=1767631561), row(start_time=None)),
)
