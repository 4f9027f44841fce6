"""Columns that are taken out of other values are hidden with them, and what they are taken out of with them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from privacy.test_hiding import KEY, digest, shown

from langsmith_core.privacy.hidden import Hidden
from langsmith_core.records import rows
from langsmith_core.records.columns import Table
from langsmith_core.remarks import Remarks
from langsmith_core.streams.registry import FEEDBACK, PROJECT, RUN, TABLES
from samples import encoded, settings

METADATA = {
    "ls_model_name": "MODEL",
    "ls_provider": "PROVIDER",
    "lc_hub_commit_hash": "COMMIT",
    "user_id": "USER",
    "environment": "ENVIRONMENT",
    "customer": "CUSTOMER",
}
PARAMETERS = {"model": "MODEL", "model_name": "MODEL", "_type": "PROVIDER"}
TIMES = {"start_time": "2026-05-01T10:00:00", "end_time": "2026-05-01T10:00:01", "first_token_time": "2026-05-01T10:00:00.5"}
V1 = {
    **TIMES,
    "extra": {"metadata": METADATA, "invocation_params": PARAMETERS},
    "error": "SomeError: MESSAGE",
    "parent_run_id": "PARENT",
}
V2 = {
    **TIMES,
    "extra": {"metadata": METADATA, "invocation_params": PARAMETERS},
    "metadata": METADATA,
    "error": "SomeError: MESSAGE",
    "parent_run_ids": ["ROOT", "PARENT"],
    "is_root": False,
    "latency_seconds": 1.0,
}
SOURCE = {
    "type": "model",
    "metadata": {"__run": {"run_id": "EVALUATOR"}, "note": "NOTE"},
    "user_id": "GIVER",
    "ls_user_id": "GIVER",
    "user_name": "NAME",
}
RECORDS: list[tuple[Table, dict[str, Any]]] = [
    (RUN, V1),
    (RUN, V2),
    (FEEDBACK, {"feedback_source": SOURCE}),
    (PROJECT, {"reference_dataset_id": "DATASET"}),
]
SHOWN: dict[str, Any] = {
    "model_name": "MODEL",
    "model_provider": "PROVIDER",
    "is_root": False,
    "latency_seconds": 1.0,
    "time_to_first_token_seconds": 0.5,
    "error_type": "SomeError",
    "prompt_commit": "COMMIT",
    "user_id": "USER",
    "environment": "ENVIRONMENT",
    "evaluator_run_id": "EVALUATOR",
    "source_name": "NAME",
    "source_user_id": "GIVER",
    "source_metadata": '{"__run":{"run_id":"EVALUATOR"},"note":"NOTE"}',
    "is_experiment": True,
}
MADE_OF: dict[str, tuple[str, ...]] = {
    # By column that is hidden as a whole, the late columns that go with it.
    **{f"{table.name}.{column.name}": (column.name,) for table in TABLES for column in table.late},
    "langsmith_run.metadata": ("model_name", "model_provider", "prompt_commit", "user_id", "environment"),
    "langsmith_run.error": ("error_type",),
    "langsmith_run.parent_run_id": ("is_root",),
    "langsmith_run.end_time": ("latency_seconds",),
    "langsmith_run.first_token_time": ("time_to_first_token_seconds",),
    "langsmith_feedback.source_metadata": ("evaluator_run_id", "source_metadata"),
    "langsmith_feedback.comment": ("evaluator_run_id", "source_metadata"),  # an evaluator's notes may hold its comment
    "langsmith_project.reference_dataset_id": ("is_experiment",),
}
IN_IT = {"evaluator_run_id"}
"""A part of the source's metadata, which keeps its other parts."""
PARTS = {
    # By place of a part of a value, the columns made of it.
    "langsmith_run.metadata.ls_model_name": "model_name",
    "langsmith_run.raw.extra.metadata.ls_model_name": "model_name",
    "langsmith_run.raw.extra.invocation_params.model": "model_name",
    "langsmith_run.metadata.ls_provider": "model_provider",
    "langsmith_run.metadata.lc_hub_commit_hash": "prompt_commit",
    "langsmith_run.metadata.user_id": "user_id",
    "langsmith_run.raw.metadata.user_id": "user_id",
    "langsmith_run.raw.extra.**.user_id": "user_id",
    "langsmith_run.metadata.environment": "environment",
    "langsmith_run.model_name": "model_name",
    "langsmith_run.user_id": "user_id",
    "langsmith_run.environment": "environment",
    "langsmith_feedback.source_metadata.__run.run_id": "evaluator_run_id",
    "langsmith_feedback.evaluator_run_id": "evaluator_run_id",
    "langsmith_feedback.source_user_id": "source_user_id",
    "langsmith_feedback.raw.feedback_source.user_id": "source_user_id",
    "langsmith_feedback.source_name": "source_name",
}


def cases(places: Iterable[str]) -> list[tuple[Table, dict[str, Any], str]]:
    """Return each place with each record of its table."""
    return [(table, record, place) for place in places for table, record in RECORDS if place.partition(".")[0] == table.name]


def late(table: Table) -> dict[str, Any]:
    """What the late columns of a table show while nothing is hidden."""
    return {column.name: SHOWN[column.name] for column in table.late}


@pytest.mark.parametrize(("table", "record"), RECORDS)
def test_every_late_column_shows_something(table: Table, record: dict[str, Any]) -> None:
    """Nothing is hidden without a rule, so that the other tests search in the right places."""
    row = shown(table, record, {})
    assert {name: row[name] for name in late(table)} == late(table)


@pytest.mark.parametrize(("table", "record", "place"), cases(MADE_OF))
def test_what_is_made_of_an_excluded_column_is_excluded(table: Table, record: dict[str, Any], place: str) -> None:
    """Each late column is null with what it is made of, its values are not in `raw`, and the other late columns stay."""
    row = shown(table, record, {}, EXCLUDE_COLUMNS=place)
    gone = {name for name in late(table) if row[name] is None}
    assert gone == set(MADE_OF[place])
    texts = {str(SHOWN[name]) for name in gone if isinstance(SHOWN[name], str) and name not in ("error_type", "source_metadata")}
    assert [text for text in texts if text in json.dumps(row)] == []
    assert not gone & row["raw"].keys()
    kept = {name: one for name, one in late(table).items() if name not in gone and (name, gone) != ("source_metadata", IN_IT)}
    assert {name: row[name] for name in kept} == kept


@pytest.mark.parametrize(("table", "record", "place"), cases(PARTS))
def test_a_part_that_is_replaced_is_replaced_in_its_column(table: Table, record: dict[str, Any], place: str) -> None:
    """A marker or a hash stands in the metadata, in `raw` and in the column, so that hashes still join."""
    name = PARTS[place]
    for key, text in (("REDACT_PATHS", "[redacted]"), ("HASH_PATHS", digest(SHOWN[name]))):
        row = shown(table, record, {}, **{key: place})
        assert row[name] == text
        assert SHOWN[name] not in json.dumps(row)


@pytest.mark.parametrize("record", [V1, V2])
@pytest.mark.parametrize("key", ["REDACT_PATHS", "HASH_PATHS"])
def test_a_replaced_error_shows_no_class(record: dict[str, Any], key: str) -> None:
    """The class goes with the error's text. A class that is replaced alone leaves the text."""
    assert shown(RUN, record, {}, **{key: "langsmith_run.error"})["error_type"] is None
    alone = shown(RUN, record, {}, **{key: "langsmith_run.error_type"})
    assert alone["error_type"] == ("[redacted]" if key == "REDACT_PATHS" else digest("SomeError"))
    assert alone["error"] == "SomeError: MESSAGE"


def test_the_key_that_a_team_has_chosen_is_hidden() -> None:
    """Rules follow USER_ID_METADATA_KEY, and what stands under the default key is then the metadata's alone."""
    chosen = {"USER_ID_METADATA_KEY": "customer", "HASH_KEY": KEY}
    for keys, text in (({}, "CUSTOMER"), ({"REDACT_PATHS": "langsmith_run.user_id"}, "[redacted]")):
        hidden = Hidden(settings(**chosen, **keys))
        record = encoded({"id": "i", **V2})
        row = rows.to_row(RUN, record, {}, keys=hidden.keys)
        left = hidden.shown(RUN, row, record, Remarks())
        assert left["user_id"] == text
        assert ("CUSTOMER" in str(left)) == (not keys)
        assert json.loads(left["metadata"])["user_id"] == "USER"


def test_a_run_without_metadata_is_asked_for_without_its_extra() -> None:
    """Where nothing shown is made of `extra`, a request does not ask for it: the metadata and `raw` are left out."""
    hidden = Hidden(settings(EXCLUDE_COLUMNS="langsmith_run.metadata,langsmith_run.raw"))
    assert hidden.asked(RUN.name, ["id", "extra", "METADATA", "error"]) == ["id", "error"]
