"""`langsmith-sync export`: write the tables of a DuckDB file as Parquet, one file for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from langsmith_core.errors import ConfigError
from langsmith_core.streams.registry import TABLES
from langsmith_sync import environment, tables
from langsmith_sync.options import EnvFile, Workspace

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write to. It is made where it is missing.")]


def export(folder: Folder, env_file: EnvFile = None, workspace: Workspace = None) -> None:
    """Write each table of LOCAL_DB as a Parquet file.

    The files are DIR/TABLE.parquet, and only you may read them. Rows that are deleted in LangSmith are among them: their
    `_deleted_at` says when.
    """
    environment.adopted(env_file)
    path = environment.local_db(workspace)
    tables.show(("file", "rows", "bytes"), list(written(path, folder)), right=("rows", "bytes"))


def written(path: str, folder: Path) -> Iterator[tuple[str, int, int]]:
    """Write the files, and yield the path, rows and bytes of each. A file takes its place only when it is whole.

    Raises ConfigError where there is no such DuckDB file, BusyError where a pass has it open.
    """
    from langsmith_core.destinations.duckdb import errors, private_files  # noqa: PLC0415  for BigQuery it need not be installed
    from langsmith_sync import duckdb_file  # noqa: PLC0415  as above

    with private_files.owner_only(), duckdb_file.opened(path) as file, errors.explained(path):
        _make(folder)
        held = {name for (name,) in file.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        for table in (one.name for one in TABLES if one.name in held):
            target, part = folder / f"{table}.parquet", folder / f"{table}.parquet.part"
            copy = f"COPY (SELECT * FROM {table}) TO '{_quoted(part)}' (FORMAT parquet, COMPRESSION zstd)"  # noqa: S608
            try:
                ((rows,),) = file.execute(copy).fetchall()
                part.replace(target)
            finally:
                part.unlink(missing_ok=True)
            yield str(target), rows, target.stat().st_size


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"DIR: {folder} cannot be made; name a folder in one that exists and that you may write to") from error


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
