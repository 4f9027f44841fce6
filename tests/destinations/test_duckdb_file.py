"""Tests of the DuckDB file: what it keeps, who holds it, and which files are refused."""

from __future__ import annotations

import json
import random
import signal
import string
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from destinations.files import EARLY, LATE, ROOT, ask, batch, other_process, position, write
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.errors import BusyError, ConfigError, SyncError
from langsmith_core.records import rows
from langsmith_core.records.rows import Row
from langsmith_core.streams.registry import PROJECT, RUN, TABLES
from langsmith_core.sync import state_json
from langsmith_core.sync.batch import Batch
from samples import encoded

NO_ROWS = {stream.name: 0 for stream in TABLES}


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Return the path of a file that does not exist yet."""
    return str(tmp_path / "rows.duckdb")


def project(name: str) -> Row:
    """Return a project's row."""
    return rows.to_row(PROJECT, encoded({"id": "p", "name": name}), {})


def run(error: str, number: int = 0) -> Row:
    """Return a heavy run's row."""
    return rows.to_row(RUN, encoded({"id": f"r{number}", "error": error}), {})


def names_and_position(path: str) -> tuple[list[str], Any]:
    """Return what the file holds: the projects' names, and the position."""
    with local.opened(path) as file:
        position = file.load()
    return [name for (name,) in ask(path, "SELECT name FROM langsmith_project")], position


def test_rows_and_position_are_kept(path: str) -> None:
    """What was saved is there when the file is opened again. A new file has no position."""
    with local.opened(path) as file:
        assert file.load() is None
    write(path, batch(PROJECT, project("a"), empties=1), batch(PROJECT, project("b"), empties=2))
    assert names_and_position(path) == (["b"], json.loads(state_json.dump(position(2))))


BLOCK = 4_096
"""DuckDB begins a file with three blocks: one of its format, two of its places."""


@pytest.mark.parametrize("blocks", [0, 1, 2])
def test_a_file_whose_making_was_cut_off(path: str, blocks: int) -> None:
    """A process that dies while it makes the file, after any of its first blocks, leaves a path that the next pass can use."""
    program = f"""
import resource, signal, sys
from langsmith_core.destinations.duckdb import file as local
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, ({blocks * BLOCK}, {blocks * BLOCK}))
with local.opened(sys.argv[1]):
    print("made")
"""
    died = subprocess.run([sys.executable, "-c", program, path], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603  our own program
    assert (died.returncode, died.stdout) == (-signal.SIGXFSZ, ""), died.stderr
    write(path, batch(PROJECT, project("a"), empties=1))
    assert names_and_position(path) == (["a"], json.loads(state_json.dump(position(1))))


def test_what_is_dropped_is_not_saved(path: str) -> None:
    """Dropped rows come with no later position, even where DuckDB itself has ended the transaction."""
    write(path, batch(PROJECT, project("a"), at=EARLY, empties=1))
    with local.opened(path) as file:
        file.drop()
        file.write(batch(PROJECT, project("b"), empties=2))
        with pytest.raises(duckdb.Error):
            file._connection.execute("SELECT CAST('x' AS INTEGER)")  # noqa: SLF001  a statement that fails within it
        file.drop()
        file.save(position(3))
    assert names_and_position(path) == (["a"], json.loads(state_json.dump(position(3))))


def dies_before_saving(path: str) -> None:
    """Run a pass that fails once it has written rows."""
    with local.opened(path) as file:
        file.write(batch(PROJECT, project("new"), empties=2))
        raise ZeroDivisionError


def test_a_failure_between_rows_and_position_leaves_both_as_they_were(path: str) -> None:
    """One transaction holds both: no row is kept without its position."""
    write(path, batch(PROJECT, project("old"), at=EARLY, empties=1))
    with pytest.raises(ZeroDivisionError):
        dies_before_saving(path)
    assert names_and_position(path) == (["old"], json.loads(state_json.dump(position(1))))


def test_a_row_that_is_refused_takes_its_batch_with_it(path: str) -> None:
    """Where one table of a batch fails, the batch's other tables are not kept either."""
    one = batch(PROJECT, project("new"))
    one.lines[RUN.name] = {"r": b"no JSON"}
    with pytest.raises(SyncError, match=r"DuckDB failed; .*InvalidInputException"):
        write(path, one)
    assert names_and_position(path) == ([], None)


def test_a_process_that_dies_leaves_both_and_the_lock(path: str) -> None:
    """After a kill between rows and position, nothing of the batch is there, and the file can be opened at once."""
    write(path, batch(PROJECT, project("old"), empties=1))
    with other_process(path, then="import os; os._exit(9)"):
        pass
    assert names_and_position(path) == (["old"], json.loads(state_json.dump(position(1))))


def test_a_second_pass_of_the_process_is_refused(path: str) -> None:
    """A process runs one pass on a file at a time, however its path is written. The message names the file."""
    beside = str(Path(path).parent / "x" / ".." / "rows.duckdb")
    with local.opened(path):
        for again in (path, beside):
            with pytest.raises(BusyError, match=r"^LOCAL_DB: .*rows\.duckdb") as caught, local.opened(again):
                pytest.fail("opened twice")
            assert caught.value.status == 409
    with local.opened(path):
        pass


def test_another_process_is_refused(path: str) -> None:
    """The file's lock is the lease. While another process holds it, the message names the file; the
    lock ends with that process.
    """
    with other_process(path):
        with pytest.raises(BusyError, match=r"^LOCAL_DB: another process has .*rows\.duckdb open") as caught, local.opened(path):
            pytest.fail("opened twice")
        assert caught.value.status == 409
        assert local.status(path) == {"exists": True, "busy": True, "rows": {}, "state": None, "completeness": []}
    with local.opened(path):
        pass


def test_two_files_are_two_leases(tmp_path: Path) -> None:
    """A pass on one file does not block a pass on another."""
    with local.opened(str(tmp_path / "a.duckdb")), local.opened(str(tmp_path / "b.duckdb")):
        pass


def refused(path: str) -> None:
    """Check that the file cannot be opened, and that the message names it."""
    with pytest.raises(ConfigError, match=r"^LOCAL_DB: ") as caught, local.opened(path):
        pytest.fail("opened")
    assert (caught.value.status, path in str(caught.value)) == (400, True)
    with pytest.raises(ConfigError), local.opened(path):  # and the lease was given back
        pytest.fail("opened")


@pytest.mark.parametrize("content", [b"", b"no database", b"no database\n" * 1000])
def test_a_file_that_is_no_database_is_refused_and_left_alone(content: bytes, path: str) -> None:
    """A file that LOCAL_DB names by mistake is not overwritten."""
    Path(path).write_bytes(content)
    refused(path)
    assert Path(path).read_bytes() == content


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """No folder is created, and a folder in the file's place is refused."""
    refused(str(tmp_path / "nowhere" / "rows.duckdb"))
    refused(str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_path_with_lock_in_it_is_refused_as_what_it_is(tmp_path: Path) -> None:
    """A missing folder whose name holds "lock" is not taken for another process's lock."""
    refused(str(tmp_path / "clock" / "rows.duckdb"))


def test_a_broken_file_is_refused(path: str) -> None:
    """A database whose blocks are damaged is a 400 that names it."""
    write(path, batch(PROJECT, project("a")))
    content = bytearray(Path(path).read_bytes())
    content[4096 : 4096 + 64] = b"\xaa" * 64
    Path(path).write_bytes(content)
    refused(path)


def test_a_status_that_is_being_read_is_no_fault_of_ours(path: str) -> None:
    """While another thread reads the status, a pass gets a 409, not a 500."""
    write(path)
    with duckdb.connect(path, read_only=True), pytest.raises(BusyError), local.opened(path):
        pytest.fail("opened")


def test_an_old_file_gains_what_is_new(path: str) -> None:
    """A file of an earlier version gains the new column and table. Its rows and position stay and are updated."""
    write(path, batch(PROJECT, project("old"), at=EARLY, empties=1))
    with duckdb.connect(path) as connection:
        connection.execute("ALTER TABLE langsmith_project DROP COLUMN run_count")
        connection.execute("ALTER TABLE langsmith_project ADD COLUMN of_the_user VARCHAR")
        connection.execute("UPDATE langsmith_project SET of_the_user = 'kept'")
        connection.execute("DROP TABLE langsmith_feedback")
    assert names_and_position(path) == (["old"], json.loads(state_json.dump(position(1))))
    assert ask(path, "SELECT run_count FROM langsmith_project") == [(None,)]
    assert ask(path, "SELECT count(*) FROM langsmith_feedback") == [(0,)]
    write(path, batch(PROJECT, {**project("new"), "run_count": 5}, at=LATE))
    assert ask(path, "SELECT name, run_count, of_the_user FROM langsmith_project") == [("new", 5, "kept")]


def test_status_of_a_missing_file_creates_nothing(tmp_path: Path) -> None:
    """Reading the status creates no file."""
    missing = str(tmp_path / "nowhere" / "rows.duckdb")
    for path in (missing, str(tmp_path / "rows.duckdb")):
        assert local.status(path) == {"exists": False, "busy": False, "rows": {}, "state": None, "completeness": []}
    assert list(tmp_path.iterdir()) == []


def test_status_tells_what_the_file_holds(path: str) -> None:
    """The status gives rows by table and the position. Nothing in the file or beside it changes."""
    write(path, batch(PROJECT, project("a"), empties=3))
    before = {one.name: one.read_bytes() for one in Path(path).parent.iterdir()}
    assert local.status(path) == {
        "exists": True,
        "busy": False,
        "rows": {**NO_ROWS, "langsmith_project": 1},
        "state": json.loads(state_json.dump(position(3))),
        "completeness": [],
    }
    assert {one.name: one.read_bytes() for one in Path(path).parent.iterdir()} == before


def test_status_of_a_file_in_use_is_busy(path: str) -> None:
    """While a pass writes, the status says so, has the position saved last, and disturbs nothing."""
    held = {"exists": True, "busy": True, "rows": {}, "completeness": []}
    with local.opened(path) as file:
        file.write(batch(PROJECT, project("a")))
        assert local.status(path) == {**held, "state": {}}
        file.save(position(1))
        file.write(batch(PROJECT, project("b")))
        assert local.status(path) == {**held, "state": {"version": 2, "source": "s", "empties": 1}}
        file.drop()
    with local.opened(path) as file:
        file.load()
        assert local.status(path) == {**held, "state": {"version": 2, "source": "s", "empties": 1}}
    assert local.status(path)["rows"] == {**NO_ROWS, "langsmith_project": 1}


@pytest.mark.parametrize("content", [b"", b"no database" * 1000])
def test_status_of_a_file_that_is_no_database_says_so(content: bytes, path: str) -> None:
    """The status of a file that is no database is a failure, because it would never change."""
    Path(path).write_bytes(content)
    with pytest.raises(ConfigError, match="LOCAL_DB"):
        local.status(path)


def test_status_of_an_old_file_has_no_rows_of_new_tables(path: str) -> None:
    """The status of a file of an earlier version, or of an empty database, gives what it has."""
    duckdb.connect(path).close()
    assert local.status(path)["exists"]


def test_memory_and_threads_are_bounded(path: str) -> None:
    """DuckDB may use one thread and what the widest row so far needs, at most 250 MB, so a small machine runs it."""
    names = ("memory_limit", "threads", "TimeZone")
    asked = ", ".join(f"current_setting('{name}')" for name in names)
    write(path, batch(RUN, run("x" * 20_000)))
    with local.opened(path) as file:
        file.load()
        wide = file._connection.execute(f"SELECT {asked}").fetchall()  # noqa: SLF001  no other way to ask
        wide_batch = batch(RUN, run("x" * 1_000_000))
        file.write(wide_batch)
        file.save(wide_batch.state)
        wider = file._connection.execute(f"SELECT {asked}").fetchall()  # noqa: SLF001  as above
    assert (wide, wider) == ([("192.6 MiB", 1, "UTC")], [("238.4 MiB", 1, "UTC")])


GROUPS = (
    "SELECT sum(count)::INTEGER FROM pragma_storage_info('langsmith_run') "
    "WHERE column_name = 'run_id' AND segment_type = 'VARCHAR' GROUP BY row_group_id ORDER BY row_group_id"
)


def test_heavy_rows_are_stored_few_together(path: str) -> None:
    """DuckDB holds all rows of a group that it reads or writes. No group has more than 20 rows of 2 MB, pass after pass."""
    for again in ("x", "y"):
        for first in range(0, 60, 20):
            write(path, *(batch(RUN, run(again * 1_000_000, number)) for number in range(first, first + 20)))
        groups = [count for (count,) in ask(path, GROUPS)]
        assert (sum(groups), max(groups) <= 20) == (60, True)
        assert ask(path, "SELECT DISTINCT length(error), error[1] FROM langsmith_run") == [(1_000_000, again)]


def test_a_long_first_pass_gets_past_its_checkpoints(path: str) -> None:
    """80,000 runs of 3.5 KB in one pass are stored: a checkpoint has the memory it needs, and the limit falls again.

    DuckDB's own checkpoint, past 256 MB, failed under the limit of other work. The file then took no more writes.
    """
    letters = "".join(random.Random(1).choices(string.ascii_lowercase, k=100_000))  # noqa: S311  text that does not compress, no secret
    row = {**run("ERROR"), "run_id": "NUMBER", "raw": '{"error":"ERROR"}', "_synced_at": EARLY}
    line = rows.encode(row, exact=True).decode()

    def made(number: int) -> bytes:
        return line.replace("NUMBER", f"r{number}").replace("ERROR", letters[number : number + 1_700]).encode()

    with local.opened(path) as file:
        for first in range(0, 80_000, 2_000):
            file.write(Batch(position(1), {RUN.name: {f"r{number}": made(number) for number in range(first, first + 2_000)}}))
            file.save(position(1))
        limit = file._connection.execute("SELECT current_setting('memory_limit')").fetchall()  # noqa: SLF001
    found = ask(path, "SELECT count(*), count(DISTINCT run_id), min(length(error)) FROM langsmith_run")
    assert (found, limit) == ([(80_000, 80_000, 1_700)], [("113.4 MiB",)])


def test_light_rows_are_joined(path: str) -> None:
    """Many small passes do not leave many small row groups."""
    for number in range(10):
        write(path, batch(RUN, run("x", number)))
    assert ask(path, GROUPS) == [(10,)]


def small(first: int, count: int) -> Batch:
    """Return light runs with these numbers, as a batch."""
    return batch(RUN, *[run("x", number) for number in range(first, first + count)])


def test_light_rows_are_stored_in_small_groups(path: str) -> None:
    """A checkpoint writes the last row group anew, so none has more than 4,096 rows, by one pass or by several."""
    for first in range(0, 9_000, 3_000):
        write(path, small(first, 1_500), small(first + 1_500, 1_500))
    groups = [count for (count,) in ask(path, GROUPS)]
    assert (sum(groups), max(groups) <= 4_096, len(groups) < 5) == (9_000, True, True)


def test_a_large_group_of_an_earlier_version_stays_and_the_next_ones_are_small(path: str) -> None:
    """A file whose last row group has 6,000 rows takes more rows and new versions of its rows, and loses none."""
    write(path)
    with duckdb.connect(path) as connection:
        connection.execute(
            "INSERT INTO langsmith_run (run_id, error, _synced_at) SELECT 'r' || i, 'old', $1 FROM range(6000) r(i)", [EARLY]
        )
    assert ask(path, GROUPS) == [(6_000,)]
    for first in (5_990, 8_990):
        write(path, small(first, 3_000))
    groups = [count for (count,) in ask(path, GROUPS)]
    assert (groups[0], max(groups[1:]) <= 4_096) == (6_000, True)
    found = ask(path, "SELECT count(*), count(DISTINCT run_id), count(*) FILTER (error = 'x') FROM langsmith_run")
    assert found == [(11_990, 11_990, 6_000)]


@pytest.mark.parametrize("name", ["memory", "temp", "system", "langsmith", 'it\'s "quoted"', "main"])
def test_a_file_may_have_any_name(name: str, tmp_path: Path) -> None:
    """No name of a file clashes with a name that DuckDB or this program uses for a database, heavy rows included."""
    path = str(tmp_path / f"{name}.duckdb")
    write(path, batch(RUN, run("x")), batch(RUN, run("x" * 1_000_000, 1)))
    assert local.status(path)["rows"][RUN.name] == 2


def test_a_file_of_heavy_rows_of_an_earlier_version_keeps_its_room(path: str) -> None:
    """Such a file has large row groups, so it keeps the larger memory limit. A smaller one would end every later pass."""
    write(path, batch(RUN, run("x" * 1_000_000)))
    with duckdb.connect(path) as connection:
        connection.execute("ALTER TABLE _langsmith_state DROP COLUMN heavy")
    for _ in range(2):
        with local.opened(path) as file:
            file.load()
            assert file._connection.execute("SELECT current_setting('memory_limit')").fetchall() == [("3.7 GiB",)]  # noqa: SLF001
            file.save(position(1))


def test_nothing_is_left_beside_the_file(path: str) -> None:
    """Once closed, only the database is left."""
    write(path, batch(PROJECT, project("a")))
    assert [one.name for one in Path(path).parent.iterdir()] == ["rows.duckdb"]


def test_a_file_of_heavy_lines_is_read_to_its_end_and_no_further(path: str) -> None:
    """Without a last newline, DuckDB 2.0 took bytes behind the last of 103 lines of 164 KB for another line."""
    write(path, batch(RUN, *[run("x" * (81_000 + 7 * number), number) for number in range(103)]))
    with local.opened(path) as file:
        assert file.counts() == {**dict.fromkeys((stream.name for stream in TABLES), 0), RUN.name: 103}
