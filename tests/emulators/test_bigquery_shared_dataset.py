"""Two workspaces that write into one dataset: the tables hold both, and each changes its own rows alone."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

import pytest
from emulators.test_bigquery_deletes import example, gone, project
from emulators.test_bigquery_refused import BAD
from emulators.warehouse import Warehouse
from msgspec.structs import replace

from destinations.files import EARLY, LATE, LATER, batch
from langsmith_core.destinations.bigquery.tables import EVERY, LAYOUTS
from langsmith_core.records import rows
from langsmith_core.records.columns import Table
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse
from langsmith_core.streams.feedback_configs import FEEDBACK_CONFIG
from langsmith_core.streams.registry import DATASET, EXAMPLE, PROJECT, RUN
from langsmith_core.sync.batch import Batch
from samples import encoded

ONE, OTHER = "11111111-0000-4000-8000-000000000001", "o'ther"
"""Workspace ids. LANGSMITH_TENANT_ID takes any text that a header carries, so also one that SQL would have to quote."""
WORKSPACES_DOC = (Path(__file__).parents[2] / "docs" / "workspaces.md").read_text()


def write(warehouse: Warehouse, workspace: str, *batches: Batch, column: bool = True) -> None:
    """Make a pass of one of the workspaces. `column`: its settings ask for `workspace_id`."""
    warehouse.settings = replace(warehouse.settings, tenant_id=workspace, workspace_column=column)
    warehouse.write(*batches)


def config(kind: str) -> Row:
    """Make the configuration of the feedback key that both workspaces use."""
    return rows.to_row(FEEDBACK_CONFIG, encoded({"feedback_key": "correctness", "feedback_config": {"type": kind}}), {})


def run(name: str, start: str = "2026-05-01T00:00:00") -> Row:
    """Make the run that was sent to both workspaces under one id."""
    return rows.to_row(RUN, encoded({"id": "r", "session_id": "p", "start_time": start, "name": name}), {})


def dataset(key: str) -> Row:
    """Make a dataset's row."""
    return rows.to_row(DATASET, encoded({"id": key}), {})


def found(warehouse: Warehouse, stream: Table, *columns: str) -> list[tuple[Any, ...]]:
    """Return key, workspace, deletion and these columns of all rows, sorted."""
    names = ", ".join((stream.key, "workspace_id", "_deleted_at", *columns))
    return warehouse.ask(f"SELECT {names} FROM `{{}}.{stream.name}` ORDER BY 2, 1")  # noqa: S608


def test_the_tables_hold_the_rows_of_both(warehouse: Warehouse) -> None:
    """Equal keys of two workspaces are two rows, even where their values and times are equal too."""
    for workspace, kind in ((ONE, "continuous"), (OTHER, "categorical")):
        write(
            warehouse,
            workspace,
            batch(FEEDBACK_CONFIG, config(kind), at=EARLY),
            batch(RUN, run("same"), at=EARLY),
            batch(PROJECT, project(f"of {workspace}"), at=EARLY),
        )
        assert warehouse.jobs["merge"] == 3
    assert found(warehouse, FEEDBACK_CONFIG, "type") == [
        ("correctness", ONE, None, "continuous"),
        ("correctness", OTHER, None, "categorical"),
    ]
    assert found(warehouse, RUN, "name") == [("r", ONE, None, "same"), ("r", OTHER, None, "same")]
    assert [row[0] for row in found(warehouse, PROJECT)] == [f"of {ONE}", f"of {OTHER}"]
    table = warehouse.client.get_table(f"{warehouse.dataset}.{RUN.name}")
    assert table.schema[-1].name == "workspace_id"


def test_a_change_in_one_changes_no_row_of_the_other(warehouse: Warehouse) -> None:
    """Each workspace's newest values stand. What was read again unchanged is not written again."""
    for workspace in (ONE, OTHER):
        write(warehouse, workspace, batch(RUN, run("old"), at=EARLY), batch(FEEDBACK_CONFIG, config("freeform"), at=EARLY))
    write(warehouse, ONE, batch(RUN, run("new", "2026-04-01T00:00:00"), run("new"), at=LATER))
    write(warehouse, OTHER, batch(RUN, run("old"), at=LATER), batch(FEEDBACK_CONFIG, config("freeform"), at=LATER))
    assert warehouse.jobs["load"] == 0
    assert found(warehouse, RUN, "name", "_synced_at") == [
        ("r", ONE, None, "new", parse(LATER)),
        ("r", OTHER, None, "old", parse(EARLY)),
    ]


def test_a_delete_in_one_leaves_the_other_alone(warehouse: Warehouse) -> None:
    """Of equal keys a workspace's delete marks its own, children included. A workspace that has none marks nothing."""
    for workspace in (ONE, OTHER):
        write(
            warehouse,
            workspace,
            batch(PROJECT, project("p"), at=EARLY),
            batch(DATASET, dataset("d"), at=EARLY),
            batch(EXAMPLE, example("e", "d"), at=EARLY),
        )
    write(warehouse, OTHER, gone(PROJECT, LATE, "p"), gone(DATASET, LATE, "d"))
    write(warehouse, "a third", gone(PROJECT, LATE, "p"), gone(DATASET, LATE, "d"))
    for stream, key in ((PROJECT, "p"), (DATASET, "d"), (EXAMPLE, "e")):
        assert found(warehouse, stream) == [(key, ONE, None), (key, OTHER, parse(LATE))], stream.name


def test_keys_that_stand_twice_are_healed_in_their_own_workspace(warehouse: Warehouse) -> None:
    """The newest of a workspace's doubles stays. Equal keys of two workspaces are no doubles."""
    write(warehouse, ONE, batch(PROJECT, project("p", "one"), at=EARLY))
    write(warehouse, OTHER, batch(PROJECT, project("p", "old"), at=EARLY))
    again = "INSERT INTO `{}.langsmith_project` (project_id, name, workspace_id, _synced_at) VALUES ('p', '%s', '%s', '%s')"
    for workspace, name, at in ((ONE, "one", EARLY), (OTHER.replace("'", "\\'"), "new", LATE)):
        warehouse.ask(again % (name, workspace, at))
    write(warehouse, OTHER, batch(PROJECT, project("p", "new"), at=LATE))
    assert warehouse.jobs["heal"] == 1
    left = [("p", ONE, None, "one"), ("p", ONE, None, "one"), ("p", OTHER, None, "new")]
    assert found(warehouse, PROJECT, "name") == left
    write(warehouse, ONE, batch(PROJECT, project("p", "one"), at=LATE))
    assert found(warehouse, PROJECT, "name") == left[1:]


def test_rejected_rows_name_their_workspace(warehouse: Warehouse) -> None:
    """The same row refused in two workspaces is two rows of langsmith_rejected."""
    for workspace in (ONE, OTHER):
        bad = batch(RUN)
        bad.lines[RUN.name] |= {"number": BAD["number"]}
        write(warehouse, workspace, bad)
    assert warehouse.ask("SELECT row_key, workspace_id FROM `{}.langsmith_rejected` ORDER BY 2") == [
        ("number", ONE),
        ("number", OTHER),
    ]


def test_no_other_dataset_has_the_column(warehouse: Warehouse) -> None:
    """A dataset of one workspace has the tables of before."""
    write(warehouse, ONE, batch(RUN, run("a")), column=False)
    assert "workspace_id" not in warehouse.names(RUN)


def test_the_last_workspace_of_a_dataset_goes_on_to_name_itself(warehouse: Warehouse) -> None:
    """Rows name their workspace for ever, also where the map no longer says that the dataset is shared."""
    write(warehouse, ONE, batch(PROJECT, project("p")))
    write(warehouse, OTHER, batch(PROJECT, project("p")), batch(RUN, run("a")), column=False)
    assert found(warehouse, PROJECT) == [("p", ONE, None), ("p", OTHER, None)]
    assert found(warehouse, RUN) == [("r", OTHER, None)]


def test_a_dataset_of_one_workspace_becomes_shared(warehouse: Warehouse, caplog: pytest.LogCaptureFixture) -> None:
    """Every table gets the column. Rows of before name no workspace until they change, or are filled in as the guide says."""
    write(warehouse, ONE, batch(RUN, run("old"), at=EARLY), batch(PROJECT, project("p"), at=EARLY), column=False)
    with caplog.at_level(logging.WARNING):
        write(warehouse, ONE, batch(RUN, run("new"), at=LATE))
    told = [text for text in caplog.messages if "added workspace_id, which its rows lack; fill it in" in text]
    assert [text.partition(": ")[0].rpartition(".")[2] for text in told] == [PROJECT.name, RUN.name]
    for layout in EVERY:
        assert "workspace_id" in warehouse.names(layout.stream)
    assert found(warehouse, RUN, "name") == [("r", ONE, None, "new")]
    assert found(warehouse, PROJECT) == [("p", None, None)]
    (statement,) = re.findall(r"^UPDATE .*;$", WORKSPACES_DOC, re.MULTILINE)
    for layout in LAYOUTS:
        filled = statement.replace("<project>.<dataset>", warehouse.dataset).replace("<workspace id>", ONE)
        warehouse.ask(filled.replace("langsmith_run", layout.stream.name))
    assert found(warehouse, PROJECT) == [("p", ONE, None)]
    write(warehouse, OTHER, batch(PROJECT, project("p")))
    assert found(warehouse, PROJECT) == [("p", ONE, None), ("p", OTHER, None)]


def test_a_row_of_before_that_is_deleted_is_marked(warehouse: Warehouse) -> None:
    """It is no other row than before, although it names no workspace."""
    write(warehouse, ONE, batch(PROJECT, project("p"), at=EARLY), column=False)
    write(warehouse, ONE, gone(PROJECT, LATE, "p"))
    assert [row[::2] for row in found(warehouse, PROJECT)] == [("p", parse(LATE))]
