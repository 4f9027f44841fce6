from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from langsmith_core.adapters.firestore_documents import Head
from langsmith_core.adapters.firestore_lease import Lease, following, lease_of, seconds_left
from langsmith_core.errors import StateError

WRITTEN = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("lease", "age", "left"),
    [
        (None, 0.0, 0.0),
        (Lease("", 5, 120), 0.0, 0.0),
        (Lease("a", 5, 120), 0.0, 120.0),
        (Lease("a", 5, 120), 119.5, 0.5),
        (Lease("a", 5, 120), 120.0, 0.0),
        (Lease("a", 5, 120), 1e6, 0.0),
        (Lease("a", 5, 3), 1.0, 2.0),
    ],
)
def test_a_lease_lives_from_the_heads_last_change(lease: Lease | None, age: float, left: float) -> None:
    """For its own seconds, counted between two times of the server; one without an owner is free."""
    assert seconds_left(lease, Head({}, WRITTEN, WRITTEN + timedelta(seconds=age))) == left


def test_tokens_grow() -> None:
    """Each owner's is one more; the first is the server's time, so that it grows past a head that was deleted, too."""
    first = following(None, "a", 120, WRITTEN)
    assert first == Lease("a", 1_780_272_000_000, 120)
    assert following(first, "b", 60, WRITTEN) == Lease("b", 1_780_272_000_001, 60)


def test_a_lease_is_read_as_it_was_written() -> None:
    """Numbers come back as Firestore keeps them: whole seconds may be integers."""
    fields = {"lease": {"owner": "a", "token": 5, "seconds": 120, "serial": 2}}
    assert lease_of(Head(fields, WRITTEN, WRITTEN)) == Lease("a", 5, 120.0, 2)
    assert lease_of(Head(None, None, WRITTEN)) is None


@pytest.mark.parametrize("fields", [{}, {"lease": None}, {"lease": "a"}, {"lease": {"owner": "a"}}, {"lease": {"token": "x"}}])
def test_what_is_no_lease_is_refused(fields: dict[str, Any]) -> None:
    """A document of somebody else is not taken for a free one."""
    with pytest.raises(StateError, match="no lease"):
        lease_of(Head(fields, WRITTEN, WRITTEN))
