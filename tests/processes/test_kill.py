"""The local face in real processes: killed with `kill -9` at random moments, and called twice at once.

An event chooses the moment: requests answered, a batch on its way into the file, the file grown. A clock never does.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
import requests
from leaks import leaked
from processes.servers import WAITING_SECONDS, Function, Source, configured, function, langsmith

from product import expected, known, rows_of
from simulator.truth import Record

RUNS, KILLS, REQUESTS_MAX = 1_200, 5, 20
Answers = list[tuple[int, dict[str, Any]]]


@pytest.fixture
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Source]:
    """A workspace that stands still now. Its seed is the test's `seed`, where it has one. No process logs what is in it."""
    seed = getattr(request, "param", 0)
    with langsmith(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}Z", seed, RUNS) as one:
        yield one
    logs = [log.read_text() for log in tmp_path.glob("function-*.log")]
    assert logs
    assert leaked([one.store], logs) == []


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The path of a file that does not exist yet, in a folder of its own."""
    (tmp_path / "data").mkdir()
    return str(tmp_path / "data" / "rows.duckdb")


def environment(source: Source, database: str) -> dict[str, str]:
    """Configure short passes of small pages, so that there are many requests and several commits."""
    return configured(source, LOCAL_DB=database, PAGE_SIZE="10", MAX_SECONDS="0.5")


def drained(one: Function) -> Answers:
    """POST until an answer has no more or fails, or the server has gone. Return the answers. A 409 is asked again."""
    answers: Answers = []
    deadline = time.monotonic() + WAITING_SECONDS
    try:
        while not answers or answers[-1][0] == 409 or answers[-1][1].get("hasMore"):
            assert time.monotonic() < deadline, answers[-1]
            answers.append(one.post())
    except requests.ConnectionError:
        return answers
    return answers


def moment(random: Random, source: Source, database: str) -> tuple[str, Callable[[], bool]]:
    """Choose a moment to come. Return its name, and a function that says whether it has come."""
    folder, many = Path(database).parent, source.answered + random.randrange(REQUESTS_MAX)
    size = _size(folder)
    moments: Mapping[str, Callable[[], bool]] = {
        f"{many} requests are answered": lambda: source.answered >= many,
        "a batch goes into the file": lambda: any(folder.parent.glob("*/*.ndjson")),
        "the file grows": lambda: _size(folder) > size,
    }
    return random.choice(list(moments.items()))


def _size(folder: Path) -> int:
    return sum(one.stat().st_size for one in folder.iterdir())


def when(came: Callable[[], bool], posting: Future[Answers]) -> None:
    """Wait for a moment that comes while passes run."""
    while not came():
        if posting.done():
            pytest.fail(f"the sync was over before the kill: {posting.result()[-1:]}")
        time.sleep(0.0005)


def assert_complete(truth: Mapping[str, Mapping[str, Record]], database: str) -> None:
    """Check that the file opens and each table equals the truth, row by row, without further rows."""
    with duckdb.connect(database, read_only=True) as plain:
        for table, records in truth.items():
            assert plain.execute(f"SELECT count(*) FROM {table}").fetchall() == [(len(records),)], table  # noqa: S608  our tables
    for table, records in truth.items():
        found = known(rows_of(database, table), table, records)
        assert found == {key: expected(record) for key, record in records.items()}, table


@pytest.mark.parametrize(("source", "seed"), [(seed, seed) for seed in range(3)], indirect=["source"])
def test_killed_at_random_moments(source: Source, seed: int, database: str, tmp_path: Path) -> None:
    """A pass is killed five times and started again with the file as it was left. The tables are complete in the end."""
    random = Random(seed)  # noqa: S311  chooses moments, no secrets
    with ThreadPoolExecutor(1) as pool:
        for _ in range(KILLS):
            with function(tmp_path, environment(source, database)) as one:
                name, came = moment(random, source, database)
                print(f"killed when {name}")  # noqa: T201  shown where it fails
                posting = pool.submit(drained, one)
                when(came, posting)
                one.kill()
                assert {status for status, _ in posting.result()} <= {200}, posting.result()
    with function(tmp_path, environment(source, database)) as last:
        answers = drained(last)
        assert {status for status, _ in answers} == {200}, answers[-1]
        assert_complete(source.truth, database)
        _, again = last.post()
    assert again["hasMore"] is False
    assert_complete(source.truth, database)


BUSY = {
    # number of servers on the file: what the 409 says
    1: "LOCAL_DB: another pass of this process is writing {}; wait for it to end",
    2: "LOCAL_DB: another process has {} open; one process at a time can write it, so close the other",
}


@pytest.mark.parametrize("servers", BUSY)
def test_two_calls_at_once(servers: int, source: Source, database: str, tmp_path: Path) -> None:
    """Of two POSTs at once, to one server or to two servers of one file, one works. The other is a 409 that says what to do."""
    with function(tmp_path, environment(source, database)) as one, function(tmp_path, environment(source, database)) as other:
        called = (one, one) if servers == 1 else (one, other)
        with ThreadPoolExecutor(2) as pool:
            with source.standing_still():  # neither can end before the other has begun
                first, second = at_once(called, pool)
                refused = until_one_is_done(first, second).result()
            works = next(each for each in (first, second) if each.result() != refused).result()
            assert refused == (409, {"errorMessage": BUSY[servers].format(database)})
            assert works[0] == 200
            assert set(works[1]) == {"hasMore", "rows", "requests", "seconds"}
            both = [each.result() for each in [pool.submit(drained, each) for each in called]]
    assert {status for answers in both for status, _ in answers} <= {200, 409}
    assert_complete(source.truth, database)


def at_once(called: tuple[Function, Function], pool: ThreadPoolExecutor) -> list[Future[tuple[int, dict[str, Any]]]]:
    """POST to each from two threads that start together."""
    gate = threading.Barrier(2)

    def post(one: Function) -> tuple[int, dict[str, Any]]:
        gate.wait()
        return one.post()

    return [pool.submit(post, one) for one in called]


def until_one_is_done(*futures: Future[Any]) -> Future[Any]:
    """Wait for one answer while the other cannot come, and return it."""
    while not any(one.done() for one in futures):
        time.sleep(0.001)
    (done,) = [one for one in futures if one.done()]
    return done


def test_a_lock_dies_with_its_process(source: Source, database: str, tmp_path: Path) -> None:
    """A process killed in the middle of a pass blocks no other. The next call, of another process, completes the sync."""
    one_pass = {**environment(source, database), "MAX_SECONDS": "240"}
    with function(tmp_path, one_pass) as one, function(tmp_path, one_pass) as other, ThreadPoolExecutor(1) as pool:
        posting = pool.submit(drained, one)
        while not source.answered:
            time.sleep(0.0005)
        with source.standing_still():
            assert other.post() == (409, {"errorMessage": BUSY[2].format(database)})
            one.kill()
            assert posting.result() == []
        answers = drained(other)
    assert [status for status, _ in answers] == [200]
    assert_complete(source.truth, database)
