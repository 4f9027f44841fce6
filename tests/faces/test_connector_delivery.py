"""Batches through the SDK's operations: their order, and when a checkpoint is due."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from langsmith_core.errors import DeliveryError
from langsmith_core.faces.connector_delivery import HEAVY_MAX, Delivery
from langsmith_core.sync.batch import Batch
from langsmith_core.sync.state import State
from samples import NOW

SOURCE = "0123456789abcdef"


class Recorded:
    """Operations that note what they are asked for, and raise at `fails`."""

    def __init__(self, fails: str = "") -> None:
        self.calls: list[tuple[str, Any]] = []
        self._fails = fails

    def upsert(self, table: str, data: dict[str, Any]) -> None:
        """Note a row's key."""
        self._note("upsert", (table, data["project_id"]))

    def delete(self, table: str, keys: dict[str, Any]) -> None:
        """Note a delete."""
        self._note("delete", (table, keys))

    def checkpoint(self, state: dict[str, Any]) -> None:
        """Note the state's place."""
        self._note("checkpoint", state)

    def _note(self, name: str, value: Any) -> None:
        if name == self._fails:
            raise ValueError("a value of the row")
        self.calls.append((name, value))


class Turned:
    """A clock set by hand."""

    now = NOW

    def read(self) -> Any:
        """Tell the time."""
        return self.now


def batch(empties: int = 0, *, size: int = 10, deletes: bool = False) -> Batch:
    """Return a batch of one project, whose state is told apart by `empties`."""
    made = Batch(State(source=SOURCE, empties=empties))
    line = b'{"project_id":"a","name":"%b","metadata":null,"feedback_stats":null,"raw":null}' % (b"x" * size)
    made.add("langsmith_project", {"a": line}, size)
    if deletes:
        made.delete("langsmith_project", "b", NOW)
    return made


def delivery(op: Recorded, clock: Turned) -> Delivery:
    return Delivery(State(source=SOURCE), "json", op, clock.read)


def delivered(one: Delivery) -> None:
    one.take(batch(3, deletes=True))
    one.checkpoint()


def names(op: Recorded) -> list[str]:
    return [name for name, _ in op.calls]


def test_rows_come_before_the_state_behind_them() -> None:
    """A batch is delivered whole: rows, deletes by key, and then, at the end of a sync, the state and how JSON is declared."""
    op, clock = Recorded(), Turned()
    one = delivery(op, clock)
    one.take(batch(3, deletes=True))
    one.checkpoint()
    assert op.calls == [
        ("upsert", ("langsmith_project", "a")),
        ("delete", ("langsmith_project", {"project_id": "b"})),
        ("checkpoint", {"version": 2, "source": SOURCE, "empties": 3, "json_columns": "json"}),
    ]


def test_a_checkpoint_a_minute_at_most() -> None:
    """Light batches are checkpointed once a minute has passed, and not before."""
    op, clock = Recorded(), Turned()
    one = delivery(op, clock)
    for seconds in (0, 30, 29, 1, 59, 1):
        clock.now += timedelta(seconds=seconds)
        one.take(batch())
    assert names(op) == ["upsert", "upsert", "upsert", "upsert", "checkpoint", "upsert", "upsert", "checkpoint"]


def test_heavy_rows_are_checkpointed_early() -> None:
    """Where rows of 100 KB and more have brought 50 MB, the SDK's queue could hold them all: a checkpoint empties it."""
    op, clock = Recorded(), Turned()
    one = delivery(op, clock)
    for _ in range(4):
        one.take(batch(size=HEAVY_MAX // 2))
    for _ in range(3):
        one.take(batch(size=90_000))
    assert names(op) == ["upsert", "upsert", "checkpoint", "upsert", "upsert", "checkpoint", "upsert", "upsert", "upsert"]


@pytest.mark.parametrize(
    ("fails", "says"), [("upsert", "a row of langsmith_project"), ("delete", "a delete of"), ("checkpoint", "a checkpoint")]
)
def test_what_the_sdk_refuses_is_named_without_its_text(fails: str, says: str) -> None:
    """The error names the operation and the class, for the SDK's text may hold a value. The position has not moved past it."""
    one = delivery(Recorded(fails), Turned())
    with pytest.raises(DeliveryError, match=f"^Fivetran's SDK did not accept {says}.*\\(ValueError\\); the next sync") as caught:
        delivered(one)
    assert "a value" not in str(caught.value)
    assert one.is_broken
    assert one.state.empties == (3 if fails == "checkpoint" else 0)
