"""Tests that only the owner may read the DuckDB file, whatever the process's umask. Not here: its content (test_duckdb)."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from langsmith_core.destinations.duckdb import new_file, writing
from langsmith_core.destinations.duckdb.private_files import owner_only
from product import World

OWNER_FILE, OWNER_FOLDER = 0o600, 0o700


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Set what the process lets others do with new files."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Return the mode of every file and folder under a folder, by path."""
    return {str(one.relative_to(folder)): stat.S_IMODE(one.lstat().st_mode) for one in folder.rglob("*")}


@contextmanager
def seen(patch: pytest.MonkeyPatch, folder: Path) -> Iterator[dict[str, int]]:
    """Return the modes of all files while a batch is written, those in temporary folders included."""
    found: dict[str, int] = {}
    asked = writing.holds_any  # while the file of a batch's lines is there

    def looking(*values: Any) -> bool:
        found.update(modes(folder))
        return asked(*values)

    patch.setattr(writing, "holds_any", looking)
    patch.setattr("tempfile.tempdir", str(folder))
    yield found


def test_a_new_file_and_what_lies_beside_it_is_its_owners(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, umask: int
) -> None:
    """The file, its log and its temporary folder are the owner's while a pass writes. Afterwards the umask is as before."""
    w = world("clickhouse")
    w.workspace.add_run(w.workspace.add_project("p"))
    with seen(monkeypatch, tmp_path) as found:
        w.sync_locally()
    found |= modes(tmp_path)
    assert {"langsmith.duckdb", "langsmith.duckdb.wal"} <= found.keys()
    assert any(name.endswith(".ndjson") for name in found)
    folders = {name for name in found if "." not in name}
    assert found == {name: OWNER_FOLDER if name in folders else OWNER_FILE for name in found}
    assert os.umask(umask) == umask


def test_a_file_that_duckdb_makes_itself_is_its_owners_too(
    world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, umask: int
) -> None:
    """Where a folder takes no links, DuckDB itself makes the file, and only the owner may read it."""

    def no_link(_: str) -> None:
        raise PermissionError

    monkeypatch.setattr(new_file, "placed", no_link)
    world("clickhouse").sync_locally()
    assert modes(tmp_path)["langsmith.duckdb"] == OWNER_FILE
    assert os.umask(umask) == umask


def test_a_file_that_is_there_keeps_its_mode(world: Callable[..., World], tmp_path: Path) -> None:
    """An existing file keeps its mode, because its owner may have shared it."""
    w = world("clickhouse")
    w.sync_locally()
    (tmp_path / "langsmith.duckdb").chmod(0o640)
    w.sync_locally()
    assert modes(tmp_path)["langsmith.duckdb"] == 0o640


def test_two_passes_at_once_give_the_umask_back_when_both_have_ended(umask: int, tmp_path: Path) -> None:
    """Whichever of two threads ends first, new files stay the owner's until both have ended. Then the umask is as before."""
    first, second = threading.Event(), threading.Event()

    def other() -> None:
        with owner_only():
            first.set()
            second.wait()

    thread = threading.Thread(target=other)
    with owner_only():
        thread.start()
        first.wait()
    (tmp_path / "between").touch()
    second.set()
    thread.join()
    (tmp_path / "after").touch()
    assert modes(tmp_path) == {"between": OWNER_FILE, "after": 0o666 & ~umask}
