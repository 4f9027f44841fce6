"""Firestore that is slow, down, or loses its answers. test_firestore_passes tests two owners."""

from __future__ import annotations

import threading
import time

import grpc
import pytest
from emulators.firestore_emulator import Emulator
from emulators.firestore_proxy import Proxy
from emulators.positions import BRIEF, SMALL, documents, huge, numbered, plain, saved, walking

from langsmith_core.destinations.firestore import documents as firestore_documents
from langsmith_core.destinations.firestore import store as firestore
from langsmith_core.destinations.firestore.store import Bounds
from langsmith_core.errors import BusyError, ConfigError, SyncError
from langsmith_core.settings.config import Settings

DOWN = grpc.StatusCode.UNAVAILABLE
PASSING = (DOWN, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.INTERNAL, grpc.StatusCode.ABORTED, grpc.StatusCode.UNKNOWN)
READS, LOAD, WRITES = "BatchGetDocuments", "RunQuery", "Commit"
OUTAGE_SECONDS = 4
"""How long the emulator stands still. No test measures time by it."""


@pytest.mark.parametrize("code", PASSING, ids=lambda code: str(code.name))
def test_what_passes_is_asked_again(code: grpc.StatusCode, position: Settings, proxy: Proxy) -> None:
    """A pass does not notice that each of its requests fails twice, by any status that passes."""
    for method in (READS, LOAD, WRITES):
        proxy.refuse(method, code, times=2)
    with firestore.opened(position) as store:
        assert store.load() is None
        proxy.refuse(WRITES, code, times=2)
        store.save(walking(1))
        proxy.refuse(WRITES, code, times=2)
    assert proxy.left() == 0
    assert firestore.status(position) == {"exists": True, "busy": False, "state": plain(walking(1))}


def test_a_firestore_that_stands_still_is_waited_for(
    position: Settings, firestore_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A save waits for an emulator that stands still for seconds.

    Requests time out and are sent again, renewals too. Those that arrive late change nothing.
    """
    monkeypatch.setitem(firestore_documents.ONCE, "timeout", 0.7)
    with firestore.opened(position, Bounds(lease_seconds=2 * OUTAGE_SECONDS)) as store:
        for n in (1, 2):
            thread = threading.Thread(target=store.save, args=(walking(n),))
            with firestore_emulator.stopped():
                thread.start()
                time.sleep(OUTAGE_SECONDS)
            thread.join()
            assert saved(position) == plain(walking(n))
        store.save(walking(3))
    assert saved(position) == plain(walking(3))
    assert len(documents(position)) == 4


def test_an_answer_that_is_lost_is_no_second_owner(position: Settings, proxy: Proxy) -> None:
    """A pass whose requests arrive and whose answers are lost is not refused. It leaves nothing over."""
    for n in (1, 2):
        proxy.refuse(WRITES, DOWN, applied=True)
        with firestore.opened(position) as store:
            store.load()
            proxy.refuse(WRITES, DOWN, applied=True)
            store.save(walking(n))
            proxy.refuse(WRITES, DOWN, applied=True)
            store.save(walking(n + 1))
            proxy.refuse(WRITES, DOWN, applied=True)
    assert proxy.left() == 0
    assert firestore.status(position) == {"exists": True, "busy": False, "state": plain(walking(3))}
    assert len(documents(position)) == 4


def test_a_renewal_whose_answer_is_lost_refuses_no_save(position: Settings, proxy: Proxy) -> None:
    """A pass whose renewals lose their answers can still save."""
    with firestore.opened(position, Bounds(lease_seconds=0.9)) as store:
        proxy.refuse(WRITES, DOWN, times=3, applied=True)
        deadline = time.monotonic() + 30
        while proxy.left():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        store.save(numbered(1))
    assert saved(position) == plain(numbered(1))


def test_a_save_that_may_have_come_through_is_the_last(position: Settings, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A save whose answer is lost is a 503 where Firestore stays unreachable. This pass saves no more.

    The save did arrive, so the next pass goes on from it.
    """
    monkeypatch.setattr(firestore_documents, "RETRY_SECONDS", 1.0)
    with firestore.opened(position) as store:
        store.save(walking(1))
        proxy.refuse(WRITES, DOWN, applied=True)
        proxy.refuse(WRITES, DOWN, times=99)
        for n in (2, 3):
            with pytest.raises(SyncError, match="cannot be reached") as caught:
                store.save(walking(n))
            assert caught.value.status == 503
        proxy.mend()
    with firestore.opened(position) as store:
        assert store.load() == plain(walking(2))
    assert len(documents(position)) == 4


def test_an_outage_longer_than_the_retries_ends_the_pass(
    position: Settings, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A save that never arrives is a 503, and the state before stands. A pass that cannot begin is an error, too."""
    with firestore.opened(position) as store:
        store.save(walking(1))
    monkeypatch.setattr(firestore_documents, "RETRY_SECONDS", 0.5)
    with firestore.opened(position) as store:
        proxy.refuse(WRITES, DOWN, times=99)
        with pytest.raises(SyncError, match="cannot be reached") as caught:
            store.save(walking(2))
        proxy.mend()
    assert (caught.value.status, saved(position)) == (503, plain(walking(1)))
    proxy.refuse(WRITES, DOWN, times=99)
    with pytest.raises(SyncError, match="cannot be reached"), firestore.opened(position):
        pytest.fail("opened")
    proxy.mend()
    with firestore.opened(position) as store:
        assert store.load() == plain(walking(1))


def test_a_large_save_that_breaks_off_leaves_the_state_before(position: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state whose documents arrive without their head leaves the state before in place.

    Readers see that one, and so does the next pass, which deletes the documents.
    """
    with firestore.opened(position, SMALL) as store:
        store.save(walking(1))
        with monkeypatch.context() as cut:
            cut.setattr(store._held, "_write", lambda *_: fails())  # noqa: SLF001  no request is sent, so none can be refused
            with pytest.raises(SyncError, match="cut"):
                store.save(huge(10_000))
        assert len(documents(position)) > 4
        assert saved(position) == plain(walking(1))
    with firestore.opened(position) as store:
        assert store.load() == plain(walking(1))
        assert len(documents(position)) == 4


def fails() -> None:
    """Raise, as a request that was never sent."""
    raise SyncError("cut", 503)


def test_a_release_that_fails_does_not_fail_the_pass(position: Settings, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass whose release fails has saved its state. The lease expires by itself."""
    monkeypatch.setattr("langsmith_core.destinations.firestore.lease.RELEASE_SECONDS", 0.5)
    with firestore.opened(position, BRIEF) as store:
        store.save(numbered(1))
        proxy.refuse(WRITES, DOWN, times=99)
    proxy.mend()
    deadline = time.monotonic() + 30
    with pytest.raises(BusyError), firestore.opened(position):
        pytest.fail("released")
    while firestore.status(position)["busy"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert saved(position) == plain(numbered(1))


REFUSALS = [
    (grpc.StatusCode.PERMISSION_DENIED, "Missing or insufficient permissions.", "roles/datastore.user"),
    (
        grpc.StatusCode.PERMISSION_DENIED,
        "Cloud Firestore API has not been used in project 1 before or it is disabled.",
        "gcloud services enable firestore.googleapis.com",
    ),
    (
        grpc.StatusCode.NOT_FOUND,
        "The database (default) does not exist for project p. Please visit the console to add a Cloud Firestore database.",
        "gcloud firestore databases create",
    ),
    (
        grpc.StatusCode.FAILED_PRECONDITION,
        "The Cloud Firestore API is not available for Firestore in Datastore Mode database projects/p/databases/(default).",
        "Native mode",
    ),
    (grpc.StatusCode.UNAUTHENTICATED, "Request had invalid authentication credentials.", "gcloud auth application-default login"),
]


@pytest.mark.parametrize("method", [READS, LOAD])
@pytest.mark.parametrize(("code", "words", "advice"), REFUSALS)
def test_what_a_person_must_mend_says_how(
    method: str, code: grpc.StatusCode, words: str, advice: str, position: Settings, proxy: Proxy
) -> None:
    """A refusal that no retry mends is a 400 at once: it says what to do, and where. The lease is freed."""
    proxy.refuse(method, code, words=words)
    with pytest.raises(ConfigError) as caught, firestore.opened(position) as store:
        store.load()
    assert advice in str(caught.value)
    assert f"{position.google_project}/langsmith_sync/{position.position}" in str(caught.value)
    assert (caught.value.status, proxy.left(), firestore.status(position)["busy"]) == (400, 0, False)


def test_a_write_that_is_not_permitted_says_so(position: Settings, proxy: Proxy) -> None:
    """A write without permission names the role that is needed."""
    with firestore.opened(position) as store:
        proxy.refuse(WRITES, grpc.StatusCode.PERMISSION_DENIED, words="Missing or insufficient permissions.")
        with pytest.raises(ConfigError, match=r"datastore\.user"):
            store.save(numbered(1))
    proxy.refuse(WRITES, grpc.StatusCode.PERMISSION_DENIED, words="Missing or insufficient permissions.")
    with pytest.raises(ConfigError, match=r"datastore\.user"), firestore.opened(position):
        pytest.fail("opened")


def test_a_quota_that_is_used_up_says_so(position: Settings, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quota that stays used up past the retries is a 503 that names the Quotas page."""
    monkeypatch.setattr(firestore_documents, "RETRY_SECONDS", 0.5)
    proxy.refuse(READS, grpc.StatusCode.RESOURCE_EXHAUSTED, times=9, words="Quota exceeded.")
    with pytest.raises(SyncError, match="Quotas page") as caught, firestore.opened(position):
        pytest.fail("opened")
    assert caught.value.status == 503


def test_a_save_between_the_reads_of_a_status_is_no_fault(position: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A status whose documents vanish under a new head reads again, and shows the new state whole."""
    with firestore.opened(position) as store:
        store.save(walking(1))
        waiting = [walking(3), walking(2)]
        texts = firestore_documents.Documents.texts

        def saving_before(*given: object) -> dict[str, str]:
            if waiting:
                store.save(waiting.pop())
            return texts(*given)  # type: ignore[arg-type]  # passed on as they came

        monkeypatch.setattr(firestore_documents.Documents, "texts", saving_before)
        assert firestore.status(position)["state"] == plain(walking(3))
