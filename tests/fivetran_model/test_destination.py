"""Tests of what an answer does to the tables, compared as whole tables."""

from __future__ import annotations

from typing import Any

from fivetran_model import DELETED, Fivetran, Reply, live, without_nulls
from fivetran_model.samples import answer, connection

EXAMPLE = {"dataset_id": "d", "example_id": "e"}


def taken(*replies: Reply) -> Fivetran:
    """Return a connection that has received these answers."""
    fivetran = connection(*replies)
    for _ in replies:
        fivetran.step()
    return fivetran


def runs(*rows: dict[str, Any]) -> Reply:
    return answer(insert={"run": list(rows)})


def examples(*rows: dict[str, Any]) -> Reply:
    return answer(insert={"example": list(rows)})


def deleted(table: str, *keys: dict[str, Any]) -> Reply:
    return answer(insert={}, delete={table: list(keys)})


def test_every_declared_table_exists() -> None:
    """A table of the schema is there, empty, before its first row."""
    assert taken(answer(insert={})).tables == {"run": {}, "example": {}}


def test_a_row_is_kept_by_its_whole_key() -> None:
    """Rows that share a part of a key are two rows."""
    second = EXAMPLE | {"example_id": "f"}
    assert taken(examples(EXAMPLE, second)).tables == {"run": {}, "example": {("d", "e"): EXAMPLE, ("d", "f"): second}}


def test_an_upsert_replaces_the_whole_row() -> None:
    """A column that the new row lacks, or has as null, is gone; no value of the old row survives."""
    fivetran = taken(
        runs({"run_id": "a", "name": "one", "error": "x", "tokens": 1}), runs({"run_id": "a", "name": "two", "error": None})
    )
    assert fivetran.tables == {"run": {("a",): {"run_id": "a", "name": "two"}}, "example": {}}


def test_other_rows_stay() -> None:
    """An upsert touches its own key only, in its own table only."""
    fivetran = taken(runs({"run_id": "a"}, {"run_id": "b"}), examples(EXAMPLE), runs({"run_id": "b", "name": "new"}))
    assert fivetran.tables == {
        "run": {("a",): {"run_id": "a"}, ("b",): {"run_id": "b", "name": "new"}},
        "example": {("d", "e"): EXAMPLE},
    }


def test_a_delete_is_hard() -> None:
    """A row deleted from a table outside softDelete is gone, and a later row of its key is like new."""
    fivetran = taken(runs({"run_id": "a", "name": "one"}, {"run_id": "b"}), deleted("run", {"run_id": "a"}))
    assert fivetran.tables["run"] == {("b",): {"run_id": "b"}}


def test_a_soft_delete_marks_the_row() -> None:
    """A row deleted from a table in softDelete keeps its values and is marked."""
    row = EXAMPLE | {"name": "one"}
    fivetran = taken(examples(row), deleted("example", EXAMPLE))
    assert fivetran.tables["example"] == {("d", "e"): row | {DELETED: True}}
    assert live(fivetran.tables["example"]) == {}


def test_an_upsert_revives_a_soft_deleted_row() -> None:
    """A later upsert of the key clears the mark."""
    fivetran = taken(examples(EXAMPLE), deleted("example", EXAMPLE), examples(EXAMPLE | {"name": "back"}))
    assert fivetran.tables["example"] == {("d", "e"): EXAMPLE | {"name": "back"}}
    assert live(fivetran.tables["example"]) == fivetran.tables["example"]


def test_deleting_what_is_not_there_does_nothing() -> None:
    """A delete of an unknown key makes no row, hard or soft, and repeating one changes nothing."""
    once = taken(examples(EXAMPLE), deleted("example", EXAMPLE))
    again = taken(examples(EXAMPLE), deleted("example", EXAMPLE), deleted("example", EXAMPLE, EXAMPLE | {"example_id": "no"}))
    assert again.tables == once.tables
    assert taken(deleted("run", {"run_id": "a"})).tables == {"run": {}, "example": {}}


def test_a_column_appears_with_its_first_value() -> None:
    """A column that was only ever null does not exist; the first value gives it its kind."""
    fivetran = taken(runs({"run_id": "a", "tokens": None, "flag": None}), runs({"run_id": "b", "tokens": 0, "cost": 0.5}))
    assert fivetran.kinds == {("run", "run_id"): "string", ("run", "tokens"): "number", ("run", "cost"): "number"}
    assert fivetran.tables["run"] == {("a",): {"run_id": "a"}, ("b",): {"run_id": "b", "tokens": 0, "cost": 0.5}}


def test_a_kind_outlives_its_rows() -> None:
    """A column keeps its kind when the row that gave it is deleted."""
    fivetran = taken(runs({"run_id": "a", "tokens": 1}), deleted("run", {"run_id": "a"}))
    assert (fivetran.tables["run"], fivetran.kinds[("run", "tokens")]) == ({}, "number")


def test_an_expected_row_is_written_without_nulls() -> None:
    """Zero, false and the empty text are values."""
    row = {"run_id": "a", "tokens": 0, "flag": False, "name": "", "error": None}
    assert without_nulls(row) == {"run_id": "a", "tokens": 0, "flag": False, "name": ""}
