"""The model of the SDK refuses what the SDK raises for, and takes the rest as the SDK sends it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connector_model import Connection, Refused, RuleBroken, SyncFailed, coerced

DECIMAL = {"type": "DECIMAL", "precision": 38, "scale": 18}
NOW = datetime(2026, 6, 1, tzinfo=UTC)
TAKEN: list[tuple[Any, Any, Any]] = [
    ("BOOLEAN", True, True),
    ("LONG", -(2**63), -(2**63)),
    ("DOUBLE", 1, 1.0),
    ("STRING", "é", "é"),
    ("UTC_DATETIME", NOW, "2026-06-01T00:00:00.000000Z"),
    ("UTC_DATETIME", "2026-06-01T02:00:00+02:00", "2026-06-01T00:00:00.000000Z"),
    ("JSON", {"a": "é"}, '{"a": "\\u00e9"}'),
    ("JSON", "text", '"text"'),
    (DECIMAL, "1E-18", "1E-18"),
]
REFUSED: list[tuple[Any, Any]] = [
    ("BOOLEAN", 1),
    ("LONG", 2**63),
    ("LONG", True),
    ("LONG", "1"),
    ("DOUBLE", float("inf")),
    ("DOUBLE", float("nan")),
    ("STRING", 1),
    ("STRING", "\ud800"),
    ("UTC_DATETIME", NOW.replace(tzinfo=None)),
    ("UTC_DATETIME", "2026-06-01T00:00:00"),
    ("UTC_DATETIME", "2026-06-01T00:00:00.1234567Z"),
    ("JSON", float("inf")),
    ("JSON", {"a": Decimal(1)}),
    ("JSON", [10**5000]),
    (DECIMAL, 0.1),
    (DECIMAL, Decimal("0.1")),
    (DECIMAL, "1" * 21),
    (DECIMAL, "1e-19"),
]


@pytest.mark.parametrize(("declared", "value", "sent"), TAKEN)
def test_what_is_taken(declared: Any, value: Any, sent: Any) -> None:
    """Each value arrives in its destination's form."""
    assert coerced(declared, value) == sent


@pytest.mark.parametrize(("declared", "value"), REFUSED, ids=lambda one: str(one)[:20] if not isinstance(one, list) else "list")
def test_what_is_refused(declared: Any, value: Any) -> None:
    """No value is taken that the SDK raises for, changes silently, or sends as no JSON."""
    with pytest.raises(Refused):
        coerced(declared, value)


SCHEMA = [{"table": "t", "primary_key": ["k"], "columns": {"k": "STRING", "n": "LONG"}}]


def connection(update: Any) -> Connection:
    return Connection(lambda: NOW, schema=lambda _: SCHEMA, update=update)


def _too_soon(state: Any, op: Any, log: Any) -> None:
    del state, log
    op.checkpoint({})
    op.upsert("t", {"k": "a"})


BROKEN: list[tuple[Any, str]] = [
    (lambda _state, op, _log: op.upsert("other", {"k": "a"}), "not declared"),
    (lambda _state, op, _log: op.upsert("t", {"k": "a", "x": 1}), "columns that are not declared"),
    (lambda _state, op, _log: op.upsert("t", {"n": 1}), "without a key"),
    (lambda _state, op, _log: op.delete("t", {"k": "a", "n": 1}), "a delete by"),
    (lambda _state, op, _log: op.upsert("t", {"k": "a"}), "after the last checkpoint"),
    (lambda _state, op, _log: op.checkpoint({"a": "x" * 10_000_001}), "a state of"),
    (lambda _state, _op, log: [log.info("x") for _ in range(1_501)], "lines in"),
    (_too_soon, "two checkpoints within a minute"),
]


@pytest.mark.parametrize(("update", "says"), BROKEN, ids=[says for _, says in BROKEN])
def test_a_rule_that_is_broken(update: Any, says: str) -> None:
    """The model names what a connector must not do."""
    with pytest.raises(RuleBroken, match=says):
        connection(update).sync()


def test_a_sync_that_fails_keeps_rows_and_the_last_checkpoint() -> None:
    """Rows that came stay, the state is that of the last checkpoint, and the message may carry no cause."""

    def update(state: Any, op: Any, log: Any) -> None:
        del state, log
        op.upsert("t", {"k": "a", "n": None})
        op.checkpoint({"at": 1})
        raise OSError("no")

    one = connection(update)
    with pytest.raises(SyncFailed, match="no"):
        one.sync()
    assert (one.tables, one.state) == ({"t": {"a": {"k": "a"}}}, {"at": 1})


def test_a_cause_is_told() -> None:
    """An error with a cause would show the user all of it."""

    def update(*_: Any) -> None:
        try:
            raise ValueError("payload")
        except ValueError as error:
            raise OSError("no") from error

    with pytest.raises(RuleBroken, match="traceback of a cause"):
        connection(update).sync()
