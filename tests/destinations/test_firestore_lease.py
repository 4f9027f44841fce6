"""Tests of the lease as a value: how long it lives, whose token is greater, and what is no lease.

Not here: two owners (emulators/test_firestore_passes).
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import log_lines
import pytest

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
    """A lease lives for its own seconds, counted between two times of the server. One without an owner is free."""
    assert seconds_left(lease, Head({}, WRITTEN, WRITTEN + timedelta(seconds=age))) == left


def test_tokens_grow() -> None:
    """Each owner's token is one more. The first is the server's time, so it also grows after a head was deleted."""
    first = following(None, "a", 120, WRITTEN)
    assert first == Lease("a", 1_780_272_000_000, 120)
    assert following(first, "b", 60, WRITTEN) == Lease("b", 1_780_272_000_001, 60)


def test_a_lease_is_read_as_it_was_written() -> None:
    """Numbers are read as Firestore stores them: whole seconds may come back as integers."""
    fields = {"lease": {"owner": "a", "token": 5, "seconds": 120, "serial": 2}}
    assert lease_of(Head(fields, WRITTEN, WRITTEN)) == Lease("a", 5, 120.0, 2)
    assert lease_of(Head(None, None, WRITTEN)) is None


@pytest.mark.parametrize("fields", [{}, {"lease": None}, {"lease": "a"}, {"lease": {"owner": "a"}}, {"lease": {"token": "x"}}])
def test_what_is_no_lease_is_refused(fields: dict[str, Any]) -> None:
    """Another program's document is not taken for a free lease."""
    with pytest.raises(StateError, match="no lease"):
        lease_of(Head(fields, WRITTEN, WRITTEN))


class Unreachable:
    """A Firestore that fails, and signals that it was asked."""

    place = "p/(default)/langsmith_sync"

    def __init__(self) -> None:
        self.asked = threading.Event()

    def switch(self, *_: Any) -> datetime:
        """Fail to write the head."""
        self.asked.set()
        raise SyncError("Firestore cannot be reached", 503)


def test_what_the_renewal_says_is_the_calls(capsys: pytest.CaptureFixture[str]) -> None:
    """A thread renews the lease beside the pass. Its log line carries the pass's target and trace."""
    documents = Unreachable()
    with logs.call("sync", f"{log_lines.TRACE}/1", "acme-data"):
        held = Held(documents, Lease("a", 5, 0.003), WRITTEN)  # type: ignore[arg-type]  # all that a renewal needs
        held.keep()
        assert documents.asked.wait(60)
        held.release()
    first, *_ = log_lines.printed(capsys)
    assert first == {
        "severity": "WARNING",
        "message": "the lease could not be renewed; it is tried again: Firestore cannot be reached",
        "target": "sync",
        "logging.googleapis.com/trace": f"projects/acme-data/traces/{log_lines.TRACE}",
    }
