"""Soft deletes in BigQuery."""

from typing import Any

import pytest
from emulators.warehouse import Warehouse, in_duckdb, write_duckdb

from destinations.files import EARLY, LATE, LATER, batch
from langsmith_core.records import rows
from langsmith_core.records.columns import Table
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse
from langsmith_core.streams.prompt_columns import PROMPT, PROMPT_COMMIT
from langsmith_core.streams.registry import DATASET, EXAMPLE, PROJECT, RUN
from langsmith_core.sync.batch import Batch
from samples import encoded


def project(key: str, name: str = "a") -> Row:
    """Make a project's row."""
    return rows.to_row(PROJECT, encoded({"id": key, "name": name}), {})


def example(key: str, dataset: str, month: int = 1) -> Row:
    """Make an example's row."""
    return rows.to_row(EXAMPLE, encoded({"id": key, "dataset_id": dataset, "created_at": f"2026-0{month}-01T00:00:00"}), {})


def gone(stream: Table, at: str, *keys: str) -> Batch:
    """Make a batch that deletes these keys."""
    made = batch(stream)
    for key in keys:
        made.delete(stream.name, key, parse(at))
    return made


READINGS = [
    # key, when the row was read, whether a delete seen at LATE marks it
    ("before", EARLY, True),
    ("then", LATE, True),
    ("after", LATER, False),
]


def test_what_is_gone_is_marked_unless_it_was_read_later(warehouse: Warehouse, tmp_path: Any) -> None:
    """A delete has a version, as a row has: it marks a row read before it, and keeps its values. A newer reading stands."""
    batches = [batch(PROJECT, project(key), at=at) for key, at, _ in READINGS]
    batches.append(gone(PROJECT, LATE, "never seen", *(key for key, *_ in READINGS)))
    warehouse.write(*batches)
    found = warehouse.ask("SELECT project_id, name, _synced_at, _deleted_at FROM `{}.langsmith_project`")
    assert sorted(found, key=lambda row: row[2:3] + row[:1]) == sorted(
        [(key, "a", parse(max(at, LATE)), parse(LATE) if marked else None) for key, at, marked in READINGS],
        key=lambda row: row[2:3] + row[:1],
    )
    write_duckdb(str(tmp_path / "d"), *batches)
    assert warehouse.rows(PROJECT) == in_duckdb(str(tmp_path / "d"), PROJECT)
    warehouse.write(batches[-1])
    assert warehouse.jobs == {"look-up": 1}


def test_what_is_read_again_lives_again(warehouse: Warehouse) -> None:
    """A row read after its delete is live again, even with the same values. An older reading does not bring it back."""
    warehouse.write(
        batch(PROJECT, project("same"), project("late"), at=EARLY),
        gone(PROJECT, LATE, "same", "late"),
        batch(PROJECT, project("same"), at=LATER),
        batch(PROJECT, project("late", "b"), at=EARLY),
    )
    assert warehouse.ask("SELECT project_id, name, _deleted_at FROM `{}.langsmith_project` ORDER BY 1") == [
        ("late", "a", parse(LATE)),
        ("same", "a", None),
    ]


def test_rows_and_deletions_of_a_batch_are_one_merge(warehouse: Warehouse) -> None:
    """A batch of rows and deletes costs as many jobs as a batch of rows."""
    warehouse.write(batch(PROJECT, project("a"), project("b"), at=EARLY))
    both = batch(PROJECT, project("b", "new"), project("c"), at=LATE)
    both.delete(PROJECT.name, "a", parse(LATER))
    warehouse.write(both)
    assert warehouse.jobs == {"look-up": 1, "load": 1, "merge": 1, "count": 1}
    assert warehouse.ask("SELECT project_id, name, _deleted_at FROM `{}.langsmith_project` ORDER BY 1") == [
        ("a", "a", parse(LATER)),
        ("b", "new", None),
        ("c", "a", None),
    ]


@pytest.fixture
def examples(warehouse: Warehouse) -> Warehouse:
    """Two datasets with examples of several months, of which one example was read after the others."""
    warehouse.write(
        batch(DATASET, *(rows.to_row(DATASET, encoded({"id": key}), {}) for key in "de"), at=EARLY),
        batch(EXAMPLE, example("1", "d"), example("2", "d", 3), example("4", "e"), at=EARLY),
        batch(EXAMPLE, {**example("5", "d"), "created_at": None}, at=EARLY),
        batch(EXAMPLE, example("3", "d", 2), at=LATER),
    )
    return warehouse


def marked(warehouse: Warehouse, table: str, key: str) -> list[tuple[Any, ...]]:
    """Return which rows of a table are deleted, and since when."""
    return warehouse.ask(f"SELECT {key}, _deleted_at FROM `{{}}.{table}` ORDER BY 1")  # noqa: S608


def test_examples_go_with_their_dataset(examples: Warehouse) -> None:
    """A dataset's delete marks its examples at the same time, of any month. Examples that were read later stay live.

    The same delete again costs a look-up for the dataset and one for each table of its children.
    """
    deletion = gone(DATASET, LATE, "d")
    examples.write(deletion)
    assert marked(examples, "langsmith_dataset", "dataset_id") == [("d", parse(LATE)), ("e", None)]
    left = [("1", parse(LATE)), ("2", parse(LATE)), ("3", None), ("4", None), ("5", parse(LATE))]
    assert marked(examples, "langsmith_example", "example_id") == left
    examples.write(deletion)
    assert examples.jobs == {"look-up": 3}


def test_a_pass_that_died_before_the_examples_is_made_good(examples: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same batch again marks the examples, where a pass died after it marked their dataset."""
    deletion = gone(DATASET, LATE, "d")
    with monkeypatch.context() as patch:
        patch.setattr("langsmith_core.destinations.bigquery.sink.CHILDREN", {})
        examples.write(deletion)
    assert [at for _, at in marked(examples, "langsmith_example", "example_id")] == [None] * 5
    examples.write(deletion)
    assert [key for key, at in marked(examples, "langsmith_example", "example_id") if at] == ["1", "2", "5"]


def test_nothing_else_goes_with_what_it_belongs_to(warehouse: Warehouse) -> None:
    """The runs of a deleted project stay. To keep them is why people sync."""
    run = rows.to_row(RUN, encoded({"id": "r", "session_id": "p", "start_time": "2026-01-01T00:00:00"}), {})
    warehouse.write(batch(PROJECT, project("p"), at=EARLY), batch(RUN, run, at=EARLY), gone(PROJECT, LATE, "p"))
    assert marked(warehouse, "langsmith_run", "run_id") == [("r", None)]
    assert marked(warehouse, "langsmith_project", "project_id") == [("p", parse(LATE))]


def test_rows_of_a_table_without_partitions_go_with_their_parent(warehouse: Warehouse) -> None:
    """A prompt's delete marks its commits, and no other prompt's."""
    commits = [
        rows.to_row(PROMPT_COMMIT, encoded({"id": key, "repo_id": prompt}), {}) for key, prompt in (("1", "p"), ("2", "q"))
    ]
    prompts = [rows.to_row(PROMPT, encoded({"id": key}), {}) for key in "pq"]
    warehouse.write(batch(PROMPT, *prompts, at=EARLY), batch(PROMPT_COMMIT, *commits, at=EARLY), gone(PROMPT, LATE, "p"))
    assert marked(warehouse, "langsmith_prompt", "prompt_id") == [("p", parse(LATE)), ("q", None)]
    assert marked(warehouse, "langsmith_prompt_commit", "commit_id") == [("1", parse(LATE)), ("2", None)]
