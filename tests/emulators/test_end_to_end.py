"""The standalone face as it is deployed, in processes: function servers, a simulated LangSmith and both emulators."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests
from emulators.bigquery_emulator import PROJECT
from emulators.firestore_emulator import Emulator
from emulators.positions import ROOT
from emulators.tables import live
from emulators.warehouse import Warehouse
from google.api_core.exceptions import NotFound
from processes.servers import WAITING_SECONDS, Function, Source, configured, function, langsmith

from langsmith_core.destinations.firestore import store
from langsmith_core.settings import config
from langsmith_core.settings.config import Settings
from product import expected, known
from simulator.truth import Record

SEED, RUNS, REQUESTS_MAX = 2, 60, 15
BRIEF_LEASE = ROOT / "tests" / "emulators" / "brief_lease.py"
HELD = r"STATE_STORE: another pass holds the lease of .*/[0-9a-f]{16}; wait for it; if it has died, "
HELD += "the lease is free in [0-3] seconds"
Answers = list[tuple[int, dict[str, Any]]]


def environment(source: Source, warehouse: Warehouse, firestore_host: str, bigquery_host: str) -> dict[str, str]:
    """Return the environment of a deployed function, with emulators in place of Google, and with short passes."""
    return configured(
        source,
        SINK="bigquery",
        STATE_STORE="firestore",
        GOOGLE_CLOUD_PROJECT=PROJECT,
        BIGQUERY_DATASET=warehouse.settings.bigquery_dataset,
        BIGQUERY_EMULATOR_HOST=bigquery_host,
        FIRESTORE_EMULATOR_HOST=firestore_host,
        PYTHONPATH=f"{ROOT}:{ROOT / 'tests'}",
        PAGE_SIZE="3",
        MAX_SECONDS="0.3",
    )


def drained(one: Function) -> Answers:
    """POST until an answer has no more, or the server has gone. Return the answers. A 409 is asked again."""
    answers: Answers = []
    deadline = time.monotonic() + WAITING_SECONDS
    try:
        while not answers or answers[-1][0] == 409 or answers[-1][1].get("hasMore"):
            assert time.monotonic() < deadline, answers[-1]
            answers.append(one.post())
            time.sleep(0.05)
    except requests.ConnectionError:
        return answers
    return answers


MOMENTS = ("reads", "loads", "has merged", "has saved")


def moment(name: str, source: Source, warehouse: Warehouse, settings: Settings, random: Random) -> Callable[[], bool]:
    """Return whether a pass has reached the moment at which to kill it.

    The moments are the n-th page, a staging table, rows without their position, and rows with it.
    """
    many, saved = source.answered + random.randrange(1, REQUESTS_MAX), store.status(settings)["state"]
    staging, rows = _staging(warehouse), _runs(warehouse)  # a killed pass may have left tables behind
    return {
        "reads": lambda: source.answered >= many,
        "loads": lambda: _staging(warehouse) != staging,
        "has merged": lambda: _runs(warehouse) > rows,
        "has saved": lambda: store.status(settings)["state"] != saved,
    }[name]


def _tables(warehouse: Warehouse) -> list[str]:
    try:
        return warehouse.tables()
    except NotFound:
        return []


def _staging(warehouse: Warehouse) -> set[str]:
    return {table for table in _tables(warehouse) if table.startswith("_stg_")}


def _runs(warehouse: Warehouse) -> int:
    if "langsmith_run" not in _tables(warehouse):
        return 0
    ((count,),) = warehouse.ask("SELECT COUNT(*) FROM `{}.langsmith_run`")
    return int(count)


def when(came: Callable[[], bool], posting: Future[Answers]) -> None:
    """Wait for a moment that comes while passes run."""
    while not came():
        assert not posting.done(), f"the sync was over before the kill: {posting.result()[-1:]}"
        time.sleep(0.001)


def assert_complete(truth: Mapping[str, Mapping[str, Record]], warehouse: Warehouse) -> None:
    """Check that each table equals the truth, row by row, and holds no other row."""
    tables = live(warehouse)
    for table, records in truth.items():
        assert known(tables[table], table, records) == {key: expected(record) for key, record in records.items()}, table


def test_instances_killed_in_their_passes(
    warehouse: Warehouse, bigquery_emulator: str, firestore_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instances are killed while they read or load, after a merge and after a save. The tables are complete in the end.

    The next instance gets a 409 until the dead one's lease is over, and then goes on. Another pass at the end changes nothing.
    """
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.address)
    random = Random(SEED)  # noqa: S311  chooses moments, no secrets
    with langsmith(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}Z", SEED, RUNS) as source:
        given = environment(source, warehouse, firestore_emulator.address, bigquery_emulator)
        refused = killed_again_and_again(source, warehouse, given, random, tmp_path)
        assert refused, "no dead instance held a lease"
        assert all(re.fullmatch(HELD, message) for message in refused), refused
        with function(tmp_path, {**given, "MAX_SECONDS": "240"}) as last:
            answers = drained(last)
            assert {status for status, _ in answers} <= {200, 409}, answers[-1]
            assert_complete(source.truth, warehouse)
            changed = warehouse.dml()
            assert last.post()[1]["hasMore"] is False
        assert_complete(source.truth, warehouse)
        assert warehouse.dml() == changed


def killed_again_and_again(
    source: Source, warehouse: Warehouse, given: dict[str, str], random: Random, folder: Path
) -> list[str]:
    """Kill one server after the other, while the next ones wait beside it. Return the messages of those that came too early."""
    refused: list[str] = []
    settings = config.load(given)
    names = random.sample(MOMENTS, len(MOMENTS))
    with ThreadPoolExecutor(1) as pool, ExitStack() as servers:
        # All are up before the first dies: who starts only then would come after the brief lease.
        ready = [servers.enter_context(function(folder, given, source=BRIEF_LEASE)) for _ in names]
        for name, one in zip(names, ready, strict=True):
            came = moment(name, source, warehouse, settings, random)
            posting = pool.submit(drained, one)
            when(came, posting)
            one.kill()
            print(f"killed when it {name}")  # noqa: T201  shown where it fails
            assert {status for status, _ in posting.result()} <= {200, 409}, posting.result()[-1]
            refused += [answer["errorMessage"] for status, answer in posting.result() if status == 409]
    return refused
