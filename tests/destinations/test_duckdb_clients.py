"""Tests of the DuckDB file with other tools: an older client reads it. Not here: what a pass writes (test_duckdb)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pytest

from destinations.files import LATE, ROOT, batch, write
from langsmith_core.destinations.duckdb import errors, new_file
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.errors import ConfigError
from langsmith_core.records import rows
from langsmith_core.records.columns import Table
from langsmith_core.streams.registry import FEEDBACK, PROJECT, RUN, TABLES
from samples import encoded

CLIENT = Path(sys.prefix) / "duckdb-1.4"
READ = """
import json, sys
import duckdb
assert duckdb.__version__.startswith("1.4."), duckdb.__version__
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    print(json.dumps(connection.execute(sys.argv[2]).fetchall()))
"""


def read_by_old_client(path: str, sql: str) -> object:
    """Return what DuckDB 1.4 answers, the long-term release that most tools carry. `make test` installs it beside ours."""
    assert CLIENT.is_dir(), f"no DuckDB 1.4 in {CLIENT}: run make test, which installs it"
    environment = {**os.environ, "PYTHONPATH": str(CLIENT)}
    program = [sys.executable, "-c", READ, path, sql]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  our own program
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_client_of_1_4_reads_the_file(tmp_path: Path) -> None:
    """DuckDB 1.4 opens a file that a pass has made and written twice, and reads every type as we wrote it."""
    path = str(tmp_path / "rows.duckdb")
    run = {"id": "r", "name": "a", "inputs": {"a": 1.10}, "total_cost": "0.000000000000000001", "total_tokens": 2**62}
    for one in (run, {**run, "name": "b"}):
        write(path, batch(RUN, rows.to_row(RUN, encoded(one), {})))
    write(path, batch(FEEDBACK, rows.to_row(FEEDBACK, encoded({"id": "f", "score": True}), {})))
    columns = "name, inputs::VARCHAR, total_cost::VARCHAR, total_tokens, _synced_at::VARCHAR LIKE '2026-06-02%'"
    assert read_by_old_client(path, f"SELECT {columns} FROM langsmith_run") == [  # noqa: S608  fixed names
        ["b", '{"a":1.1}', "0.000000000000000001", 2**62, True]
    ]
    assert read_by_old_client(path, "SELECT score FROM langsmith_feedback") == [[1.0]]


def test_a_file_of_the_newest_format_is_written_too(tmp_path: Path) -> None:
    """A pass writes a file that somebody made in another storage version as it is."""
    path = str(tmp_path / "rows.duckdb")
    duckdb.connect(path, config={"storage_compatibility_version": "latest"}).close()
    write(path, batch(PROJECT, rows.to_row(PROJECT, encoded({"id": "p", "name": "a"}), {})))
    with duckdb.connect(path, read_only=True) as connection:
        assert connection.execute("SELECT name FROM langsmith_project").fetchall() == [("a",)]


@pytest.mark.parametrize("stream", TABLES, ids=lambda one: one.name)
def test_a_table_that_was_copied_says_how_to_mend_it(stream: Table, tmp_path: Path) -> None:
    """A table without its key is refused before anything is read. The message has the statement that mends it."""
    path = str(tmp_path / "rows.duckdb")
    write(path, batch(PROJECT, rows.to_row(PROJECT, encoded({"id": "p", "name": "a"}), {})))
    table = stream.name
    with duckdb.connect(path) as connection:
        connection.execute(f"CREATE TABLE copied AS FROM {table}")
        connection.execute(f"DROP TABLE {table}")
        connection.execute(f"ALTER TABLE copied RENAME TO {table}")
    with (
        pytest.raises(ConfigError, match=f"LOCAL_DB: {table} in .* has lost its primary key; run ALTER TABLE") as refused,
        local.opened(path),
    ):
        pass
    statement = str(refused.value).split("; run ")[1].split(", or ")[0]
    with duckdb.connect(path) as connection:
        connection.execute(statement)
    write(path, batch(PROJECT, rows.to_row(PROJECT, encoded({"id": "p", "name": "b"}), {})))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("DROP TABLE {table}; CREATE VIEW {table} AS SELECT 1 AS project_id", "a table differs from what this program made"),
        ("ALTER TABLE {table} ADD COLUMN mine INTEGER DEFAULT 1", ""),
        ("ALTER TABLE {table} ALTER COLUMN run_count TYPE VARCHAR", ""),
        ("ALTER TABLE {table} ALTER COLUMN start_time TYPE VARCHAR", ""),
        ("ALTER TABLE {table} ALTER COLUMN name TYPE INTEGER USING 1", "a table differs from what this program made"),
        ("ALTER TABLE {table} ALTER COLUMN description SET NOT NULL", "a table differs from what this program made"),
    ],
)
def test_a_table_that_somebody_changed_is_taken_or_refused_in_words(change: str, message: str, tmp_path: Path) -> None:
    """Whatever a user has done to a table, the next write succeeds or says what to do."""
    path = str(tmp_path / "rows.duckdb")
    write(path, batch(PROJECT, rows.to_row(PROJECT, encoded({"id": "p", "name": "a", "description": "d"}), {})))
    with duckdb.connect(path) as connection:
        for statement in change.format(table=PROJECT.name).split(";"):
            connection.execute(statement)
    again = batch(PROJECT, rows.to_row(PROJECT, encoded({"id": "p", "name": "b"}), {}), at=LATE)
    if not message:
        write(path, again)
        return
    with pytest.raises(ConfigError, match=message):
        write(path, again)


@pytest.mark.parametrize("version", ["0.10.3", "1.3.9", "3.0.0", "nonsense"])
def test_a_duckdb_that_is_too_old_or_too_new_is_named(version: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An unsupported DuckDB is refused before the file is touched."""
    monkeypatch.setattr(duckdb, "__version__", version)
    path = tmp_path / "rows.duckdb"
    with pytest.raises(ConfigError, match=f"SINK: duckdb {version} is installed, and 1.4 or newer"), local.opened(str(path)):
        pass
    assert not path.exists()


@pytest.mark.parametrize("meaning", errors.MEANINGS, ids=lambda one: one.kind.__name__)
def test_each_error_of_duckdb_says_what_to_do(meaning: errors.Meaning) -> None:
    """Each message names a remedy and the file, and holds none of DuckDB's own text, which may hold a value."""
    error = errors.of_writing("f.duckdb", meaning.kind("SECRET VALUE"))
    assert (type(error), str(error)) == (meaning.error, f"LOCAL_DB: {meaning.text} ({meaning.kind.__name__}, f.duckdb)")


def test_the_readme_opens_the_file(tmp_path: Path) -> None:
    """The README's snippet runs in the product's own environment and prints the newest runs."""
    readme = (ROOT / "README.md").read_text()
    snippet = readme.split("<!-- open it -->\n```python\n")[1].split("```")[0]
    run = {"id": "r", "name": "a run", "start_time": "2026-06-01T00:00:00"}
    write(str(tmp_path / "langsmith.duckdb"), batch(RUN, rows.to_row(RUN, encoded(run), {})))
    program = [sys.executable, "-c", snippet + "print(newest)"]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603  our own program
    assert done.returncode == 0, done.stderr
    assert "a run" in done.stdout
    assert "datetime.datetime(2026, 6, 1" in done.stdout


def test_folders_of_killed_passes_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass removes what killed passes left beside the file and in the temporary folder. What living passes use stays."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    path = tmp_path / "rows.duckdb"
    killed = subprocess.Popen([sys.executable, "-c", ""])
    killed.wait()
    (tmp_path / f".langsmith-{killed.pid}-a").mkdir()
    (tmp_path / f".langsmith-{os.getpid()}-b").mkdir()
    (tmp_path / f".langsmith-{os.getppid()}-c").mkdir()
    with new_file.working_folder(str(path)) as left:
        (temporary / f"{Path(left).name[:-8]}-killed").mkdir()
    (temporary / "somebody-elses").mkdir()
    write(str(path), batch(PROJECT, rows.to_row(PROJECT, encoded({"id": "p", "name": "a"}), {})))
    assert sorted(one.name for one in tmp_path.glob(".*")) == [f".langsmith-{os.getppid()}-c"]
    assert [one.name for one in temporary.iterdir()] == ["somebody-elses"]
