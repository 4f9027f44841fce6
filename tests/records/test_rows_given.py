"""Values that the record does not say: those that the question knows, and keys made of other columns."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from langsmith_core.privacy import places, rules
from langsmith_core.privacy.hidden import Hidden
from langsmith_core.records import rows
from langsmith_core.records.columns import Column, Kind, Table, column, raw
from langsmith_core.records.json_text import MalformedError
from langsmith_core.remarks import Remarks
from langsmith_core.streams.registry import TABLE_OF
from samples import encoded, settings

DATASET_ID = "00000000-0000-4000-8000-000000000001"
AS_OF = "2026-01-05T16:46:01.000000Z"
VERSION = Table(
    "langsmith_dataset_version",
    (
        Column("version_id", Kind.STRING, (), "Key", made_of=("dataset_id", "as_of")),
        Column("dataset_id", Kind.STRING, (), "The dataset, which the record does not name"),
        column("as_of", Kind.TIMESTAMP, "When the version was made"),
        column("tags", Kind.JSON, "Tags"),
        Column("asked_by", Kind.STRING, (), "Another value of the question's"),
        raw(),
    ),
    how_read="",
    time="as_of",
)
"""A table as GET /api/v1/datasets/{id}/versions fills one: the answer's records hold `as_of` and `tags` only (OpenAPI v1)."""
RECORD = {"as_of": "2026-01-05T16:46:01", "tags": ["latest"]}
GIVEN = {"dataset_id": DATASET_ID, "asked_by": "somebody"}


def to_row(record: dict[str, Any], given: dict[str, Any], **more: Any) -> rows.Row:
    """Return the version row of a record."""
    return rows.to_row(VERSION, encoded(record), {}, given=given, **more)


def test_a_given_value_fills_a_column_and_a_made_key_joins_columns() -> None:
    """`version_id` is `dataset_id@as_of`: the given id, and the time in the form that its own column has."""
    assert to_row(RECORD, GIVEN) == {
        "version_id": f"{DATASET_ID}@{AS_OF}",
        "dataset_id": DATASET_ID,
        "as_of": AS_OF,
        "tags": '["latest"]',
        "asked_by": "somebody",
        "raw": json.dumps(RECORD, separators=(",", ":")),
    }


@pytest.mark.parametrize(("record", "tags"), [({"tags": ["prod"]}, '["prod"]'), ({"tags": None}, "[]"), ({}, "[]")])
def test_the_record_wins_over_a_given_value(record: dict[str, Any], tags: str) -> None:
    """A given value stands only where the record has no value for the column."""
    assert to_row({**RECORD, "tags": None} | record, GIVEN | {"tags": "[]"})["tags"] == tags


def test_an_odd_value_is_not_covered_by_a_given_one() -> None:
    """A record's value that its column cannot hold is null and remarked on, as it is without a given value."""
    table = Table("t", (column("t_id", Kind.STRING, "", "id"), column("n", Kind.INTEGER, ""), raw()), "", "")
    assert rows.to_row(table, b'{"id":"1","n":"x"}', {}, given={"n": 5})["n"] is None


@pytest.mark.parametrize(
    ("record", "given"),
    [
        (RECORD, {}),
        (RECORD, {"dataset_id": ""}),
        (RECORD, {"dataset_id": "x" * rows.KEY_MAX}),
        ({"tags": []}, GIVEN),
        ({"as_of": "soon"}, GIVEN),
        ({"as_of": None}, GIVEN),
    ],
)
def test_a_record_whose_made_key_lacks_a_part_is_malformed(record: dict[str, Any], given: dict[str, Any]) -> None:
    """A made key that lacks a part, or is longer than 200 characters, raises MalformedError."""
    with pytest.raises(MalformedError, match="langsmith_dataset_version has no id"):
        to_row(record, given)


def test_a_log_line_about_a_cut_value_names_the_made_key(caplog: pytest.LogCaptureFixture) -> None:
    """The record has no id of its own to be named by."""
    remarks = Remarks()
    row = to_row({**RECORD, "tags": ["x" * 10_000]}, GIVEN, remarks=remarks, bytes_max=5_000)
    with caplog.at_level(logging.WARNING):
        remarks.tell()
    assert row["version_id"] == f"{DATASET_ID}@{AS_OF}"
    assert any(row["version_id"][:40] in line for line in caplog.messages)


@pytest.fixture
def version_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the version table one of those that privacy keys may name."""
    for module in (places, rules):
        monkeypatch.setattr(module, "TABLES", (VERSION,))
    monkeypatch.setitem(TABLE_OF, VERSION.name, VERSION)


PRIVACY: list[tuple[dict[str, str], dict[str, Any]]] = [
    ({"EXCLUDE_COLUMNS": "langsmith_dataset_version.tags"}, {"tags": None}),
    ({"EXCLUDE_COLUMNS": "langsmith_dataset_version.asked_by"}, {"asked_by": None}),
    ({"REDACT_PATHS": "langsmith_dataset_version.asked_by"}, {"asked_by": "[redacted]"}),
]


@pytest.mark.usefixtures("version_table")
@pytest.mark.parametrize(("keys", "changed"), PRIVACY)
def test_privacy_keeps_given_values_and_hides_those_it_names(keys: dict[str, str], changed: dict[str, Any]) -> None:
    """A row is made anew from its cleaned record: what the record does not say is carried over, cleaned too."""
    row = to_row(RECORD, GIVEN)
    shown = Hidden(settings(**keys)).shown(VERSION, row, encoded(RECORD), Remarks())
    assert {name: shown[name] for name in row if name != "raw"} == {name: row[name] for name in row if name != "raw"} | changed


@pytest.mark.usefixtures("version_table")
@pytest.mark.parametrize("name", ["version_id", "dataset_id", "as_of"])
def test_no_privacy_key_takes_a_part_of_a_made_key(name: str) -> None:
    """Rows are told apart by the key and by each column that it is made of."""
    with pytest.raises(ValueError, match="item 1 cannot be excluded"):
        places.columns(f"langsmith_dataset_version.{name}")
    with pytest.raises(ValueError, match="item 1 is a key"):
        places.paths(f"langsmith_dataset_version.{name}")
