"""The lease among several passes: a second one, a late one, a dead one, one with a wrong clock."""

from __future__ import annotations

import ast
import os
import signal
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from emulators.firestore_emulator import Emulator
from emulators.firestore_proxy import Proxy
from emulators.positions import BRIEF, ROOT, SMALL, documents, huge, numbered, other_process, plain, saved, walking

from langsmith_core.destinations.firestore import lease as leases
from langsmith_core.destinations.firestore import store as firestore
from langsmith_core.destinations.firestore.documents import connected
from langsmith_core.destinations.firestore.store import Bounds
from langsmith_core.errors import BusyError
from langsmith_core.settings.config import Settings

WAITING_SECONDS = 300
"""The longest wait for an event that must come. No test measures time by it."""


def token(settings: Settings) -> int:
    """Return the token of the last owner."""
    head = documents(settings)[f"{settings.firestore_collection}/{settings.position}"]
    found: int = head["lease"]["token"]
    return found


def until_free(settings: Settings) -> None:
    """Wait for the lease to expire, by the server's clock."""
    deadline = time.monotonic() + WAITING_SECONDS
    while firestore.status(settings)["busy"]:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def refused(settings: Settings, bounds: Bounds = BRIEF) -> None:
    """Check that another pass is told that the lease is held, and by which document."""
    with pytest.raises(BusyError, match=f"^STATE_STORE: .*{settings.position}") as caught, firestore.opened(settings, bounds):
        pytest.fail("opened twice")
    assert caught.value.status == 409


def test_a_second_pass_is_refused(position: Settings) -> None:
    """A second pass gets a 409 while the first one works, and begins at once after it."""
    with firestore.opened(position) as store:
        refused(position)
        store.save(numbered(1))
        refused(position)
    with firestore.opened(position) as store:
        assert store.load() == plain(numbered(1))


def test_a_pass_that_fails_gives_the_lease_back(position: Settings) -> None:
    """A pass that fails keeps what it saved, and frees the lease at once."""
    with pytest.raises(ZeroDivisionError):
        fails_after_a_save(position)
    with firestore.opened(position) as store:
        assert store.load() == plain(numbered(1))


def fails_after_a_save(settings: Settings) -> None:
    """Save, and then fail."""
    with firestore.opened(settings) as store:
        store.save(numbered(1))
        raise ZeroDivisionError


def test_of_many_schedulers_at_once_one_has_it(position: Settings) -> None:
    """Of eight passes that begin at once, one holds the lease and seven get a 409.

    This holds with and without a document before.
    """
    for _ in range(3):
        outcomes = race(position, 8)
        assert sorted(outcomes) == ["busy"] * 7 + ["held"]


def race(settings: Settings, count: int) -> list[str]:
    """Open the store from so many threads at once. The owner keeps the lease until all have tried."""
    outcomes: list[str] = []
    gate, tried = threading.Barrier(count), threading.Barrier(count)

    def attempt() -> None:
        gate.wait()
        try:
            with firestore.opened(settings):
                outcomes.append("held")
                tried.wait(WAITING_SECONDS)
        except BusyError:
            outcomes.append("busy")
            tried.wait(WAITING_SECONDS)

    threads = [threading.Thread(target=attempt) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_two_processes_at_once(position: Settings) -> None:
    """A process at work keeps its lease past the lease's length. Others get a 409 until it ends."""
    with other_process(position) as other:
        assert other.stdin
        assert other.stdout
        for _ in range(4):
            refused(position)
            time.sleep(BRIEF.lease_seconds / 3)
        other.stdin.write("\n")
        other.stdin.flush()
        assert other.stdout.readline() == "closed\n"
        with firestore.opened(position) as store:
            assert store.load() == plain(numbered(1))


def test_an_instance_that_dies_is_taken_over(position: Settings) -> None:
    """Passes wait for the lease of a killed process to expire. The next one goes on from its state, with a higher token."""
    with other_process(position) as other:
        first = token(position)
        other.send_signal(signal.SIGKILL)
        other.wait()
        refused(position)
        until_free(position)
        with firestore.opened(position) as store:
            assert store.load() == plain(numbered(1))
            assert token(position) == first + 1


def test_a_late_owner_can_save_no_more(position: Settings) -> None:
    """A process that stood still past its lease cannot save once another pass took over. Its error says so."""
    then = "try: input(); store.save(numbered(9))\n    except Exception as e: print(type(e).__name__, e, flush=True)"
    with other_process(position, then=then) as late:
        assert late.stdin
        assert late.stdout
        os.kill(late.pid, signal.SIGSTOP)
        until_free(position)
        with firestore.opened(position) as store:
            store.save(numbered(2))
            os.kill(late.pid, signal.SIGCONT)
            late.stdin.write("\n")
            late.stdin.flush()
            assert late.stdout.readline().startswith("BusyError STATE_STORE: another pass took over the lease")
            assert late.stdout.readline() == "closed\n"  # its release took nothing from the new owner
            refused(position)
            store.save(numbered(3))
    assert saved(position) == plain(numbered(3))


def test_a_late_owner_that_nobody_overtook_goes_on(position: Settings) -> None:
    """A process that stood still past its lease can save, if no other pass took over."""
    with other_process(position, then="input(); store.save(numbered(2))") as late:
        assert late.stdin
        assert late.stdout
        os.kill(late.pid, signal.SIGSTOP)
        until_free(position)
        os.kill(late.pid, signal.SIGCONT)
        late.stdin.write("\n")
        late.stdin.flush()
        assert late.stdout.readline() == "closed\n"
    assert saved(position) == plain(numbered(2))


def test_what_a_late_owner_wrote_is_cleaned_up(position: Settings) -> None:
    """The next pass deletes the documents of a large save that was refused. Those of the new owner stay."""
    with connected(position) as connection:
        held, layout = leases.acquired(connection, BRIEF.lease_seconds)  # and never renewed
        late = firestore.FirestoreStore(connection, held, layout, SMALL)
        until_free(position)
        with firestore.opened(position) as store:
            store.save(walking(1))
            with pytest.raises(BusyError):
                late.save(huge(10_000))
            assert len(documents(position)) > 4
            store.save(walking(2))
    with firestore.opened(position) as store:
        assert store.load() == plain(walking(2))
        assert len(documents(position)) == 4


def test_a_late_owner_deletes_nothing_of_the_new_one(position: Settings) -> None:
    """A pass that is overtaken before it loads deletes no document of the new owner."""
    with connected(position) as connection:
        held, layout = leases.acquired(connection, BRIEF.lease_seconds)  # and never renewed
        late = firestore.FirestoreStore(connection, held, layout, SMALL)
        until_free(position)
        with firestore.opened(position) as store:
            store.save(walking(1))
            assert late.load() is None
            assert store.load() == plain(walking(1))


def test_a_process_that_dies_between_parts_and_head_changes_nothing(position: Settings) -> None:
    """A process killed between a state's documents and its head leaves the state before whole.

    The next pass deletes the documents.
    """
    then = "store._held.write = lambda *_: os.kill(os.getpid(), 9); store.save(huge(10_000))"
    with other_process(position, then=then, bounds=Bounds(BRIEF.lease_seconds, SMALL.commit_bytes)) as other:
        assert other.wait() == -signal.SIGKILL
    assert len(documents(position)) > 3
    assert saved(position) == plain(numbered(1))
    until_free(position)
    with firestore.opened(position) as store:
        assert store.load() == plain(numbered(1))
        assert len(documents(position)) == 1


@pytest.mark.parametrize("minutes", [1, -1])
def test_a_clock_that_is_wrong_changes_nothing(
    minutes: int, position: Settings, proxy: Proxy, firestore_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine whose clock is a minute off gets no lease early, and loses none."""
    proxy.shift = timedelta(minutes=minutes)
    with firestore.opened(position, BRIEF) as store:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.address)
        for _ in range(4):
            refused(position)
            time.sleep(BRIEF.lease_seconds / 3)
        store.save(numbered(2))
    with other_process(position) as other:
        monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", proxy.address)
        refused(position)
        other.kill()
        refused(position)
        until_free(position)
        with firestore.opened(position) as store:
            assert store.load() == plain(numbered(1))


CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "gmtime", "localtime", "SystemClock"}


def test_no_local_clock_is_read() -> None:
    """No code of the store reads this machine's clock: only the server's clock decides on a lease."""
    sources: list[Path] = sorted((ROOT / "langsmith_core" / "destinations" / "firestore").glob("[a-z]*.py"))
    assert len(sources) == 7
    for source in sources:
        called = [one.func for one in ast.walk(ast.parse(source.read_text())) if isinstance(one, ast.Call)]
        names = {one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in called}
        assert names & CLOCKS == set(), source.name
