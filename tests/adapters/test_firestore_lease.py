"""The lease as values: how long it lives, whose token is greater, what is none.

Not here: two owners (emulators/test_firestore_passes).
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import told

from langsmith_core import logs
from langsmith_core.destinations.firestore.documents import Head
from langsmith_core.destinations.firestore.lease import Held, Lease, following, lease_of, seconds_left
from langsmith_core.errors import StateError, SyncError

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


class Unreachable:
    """A Firestore that fails, and tells that it was asked."""

    place = "p/(default)/langsmith_sync"

    def __init__(self) -> None:
        self.asked = threading.Event()

    def switch(self, *_: Any) -> datetime:
        """A write of the head."""
        self.asked.set()
        raise SyncError("Firestore cannot be reached", 503)


def test_what_the_renewal_says_is_the_calls(capsys: pytest.CaptureFixture[str]) -> None:
    """The lease is renewed beside the pass; a line about it carries the pass's target and trace, too."""
    documents = Unreachable()
    with logs.call("sync", "abc/1", "acme-data"):
        held = Held(documents, Lease("a", 5, 0.003), WRITTEN)  # type: ignore[arg-type]  # all that a renewal needs
        held.keep()
        assert documents.asked.wait(60)
        held.release()
    first, *_ = told.printed(capsys)
    assert first == {
        "severity": "WARNING",
        "message": "the lease is not renewed, it is tried again: Firestore cannot be reached",
        "target": "sync",
        "logging.googleapis.com/trace": "projects/acme-data/traces/abc",
    }
