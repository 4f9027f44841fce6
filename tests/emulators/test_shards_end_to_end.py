"""A past read by two instances, in processes: two function servers, the queue, both stores and a simulated LangSmith."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from emulators import tasks_door
from emulators.bigquery_emulator import PROJECT
from emulators.firestore_emulator import Emulator
from emulators.positions import ROOT
from emulators.tasks_door import Door
from emulators.tasks_emulator import QUEUE
from emulators.test_end_to_end import assert_complete
from emulators.warehouse import Warehouse
from processes.servers import WAITING_SECONDS, Function, Source, configured, function, langsmith

from langsmith_core.destinations.firestore import shards as documents_of_shards
from langsmith_core.settings import config

SEED, RUNS, DAYS, HOURS = 3, 300, 7.5, 13
BRIEF_SHARDS = ROOT / "tests" / "emulators" / "brief_shards.py"


def environment(source: Source, warehouse: Warehouse, now: datetime, door: Door, **addresses: str) -> dict[str, str]:
    """Return the environment of a deployed function, with emulators in place of Google, and the past of some hours."""
    start = now - timedelta(days=7, hours=HOURS)
    return configured(
        source,
        SINK="bigquery",
        GOOGLE_CLOUD_PROJECT=PROJECT,
        BIGQUERY_DATASET=warehouse.settings.bigquery_dataset,
        START_TIME=f"{start:%Y-%m-%dT%H:%M:%S}Z",
        SHARDS="2",
        TASKS_QUEUE=QUEUE,
        TASKS_URL=door.url,
        TASKS_ACCOUNT="tasks@emulated.iam.gserviceaccount.com",
        PYTHONPATH=f"{ROOT}:{ROOT / 'tests'}",
        PAGE_SIZE="10",
        MAX_SECONDS="20",
        **addresses,
    )


def scheduled(one: Function, door: Door) -> int:
    """Call the scheduled pass again and again, until nothing is left. Return the number of calls."""
    deadline, calls = time.monotonic() + WAITING_SECONDS, 0
    while True:
        status, answer = one.post()
        calls += 1
        assert status == 200, answer
        if not answer["hasMore"]:
            return calls
        assert time.monotonic() < deadline, (answer, door.answers, door.names)
        time.sleep(0.5)


def test_two_instances_read_the_past_and_one_of_them_dies(
    warehouse: Warehouse,
    bigquery_emulator: str,
    firestore_emulator: Emulator,
    tasks_emulator: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The scheduled pass gives the past out. Two servers work on its tasks at once, until one is killed; the other goes on.

    BigQuery then has what LangSmith shows, each key once. No document of a shard stays behind.
    """
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.address)
    now = datetime.now(UTC)
    addresses = {
        "FIRESTORE_EMULATOR_HOST": firestore_emulator.address,
        "BIGQUERY_EMULATOR_HOST": bigquery_emulator,
        "CLOUD_TASKS_EMULATOR_HOST": tasks_emulator,
    }
    with langsmith(f"{now:%Y-%m-%dT%H:%M:%S}Z", SEED, RUNS, "smithdb", DAYS) as source, tasks_door.opened(2) as door:
        given = environment(source, warehouse, now, door, **addresses)
        with (
            function(tmp_path, given, source=BRIEF_SHARDS) as first,
            function(tmp_path, given, source=BRIEF_SHARDS) as second,
        ):
            door.leads_to([first.url, second.url])
            assert first.post()[1]["hasMore"] is True
            with documents_of_shards.connected(config.load(given)) as found:
                assert len(found.standing()) == HOURS
                until(lambda: any(one.done for one in found.standing().values()), door)
                second.kill()
                assert scheduled(first, door) > 1
                assert found.standing() == {}
        assert_complete(source.truth, warehouse)
    assert door.most == 2
    assert {200, 599} <= door.answers.keys() <= {200, 409, 503, 599}
    assert len(door.names) >= HOURS


def until(came: Callable[[], bool], door: Door) -> None:
    """Wait for an event that must come."""
    deadline = time.monotonic() + WAITING_SECONDS
    while not came():
        assert time.monotonic() < deadline, (door.answers, door.names)
        time.sleep(0.1)
