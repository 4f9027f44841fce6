"""Recorded LangSmith records as whole rows. Not here: odd spellings of values (test_rows_kinds)."""

from decimal import Decimal
from typing import Any

import pytest

from langsmith_core.records import rows
from langsmith_core.records.columns import Table
from langsmith_core.records.json_text import MalformedError
from langsmith_core.streams.registry import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN
from samples import compact, encoded, fixture

SESSION = "00000000-0000-4000-8000-00000000d001"
V1_RUN = fixture("01")
DOCS_RUN = fixture("02")
DATASET_RECORD, EXPERIMENT = fixture("06")["dataset"], fixture("06")["experiment"]
V2_RUN = fixture("08")["page_with_next"]["items"][0]
# No page with examples was ever published: this one has every field of the OpenAPI document's Example.
EXAMPLE_RECORD = {
    "outputs": {"answer": "4"},
    "dataset_id": "00000000-0000-4000-8000-000000000001",
    "source_run_id": "00000000-0000-7000-8000-00000000a001",
    "metadata": {"dataset_split": ["base"]},
    "inputs": {"question": "2+2"},
    "created_at": "2024-08-03T00:36:23.289730+00:00",
    "id": "00000000-0000-4000-8000-000000000e01",
    "name": "#1a2b @ my-external-dataset",
    "modified_at": None,
    "attachment_urls": None,
}
NAMES = {SESSION: "example_project", EXAMPLE_RECORD["dataset_id"]: "my-external-dataset", V2_RUN["project_id"]: None}

# Every fixture that holds records, as whole rows; `raw` is the record itself.
ROWS: list[tuple[Table, dict[str, Any], dict[str, Any]]] = [
    (
        RUN,
        V1_RUN,
        {
            "run_id": "00000000-0000-7000-8000-00000000a001",
            "project_id": SESSION,
            "project_name": "example_project",
            "trace_id": "00000000-0000-7000-8000-00000000a001",
            "parent_run_id": None,
            "run_type": "chain",
            "start_time": "2026-01-05T16:46:01.068924Z",
            "end_time": "2026-01-05T16:46:04.510089Z",
            "name": "Deep Researcher",
            "status": "success",
            "inputs": '{"messages":[{"content":"example question","type":"human"}]}',
            "outputs": compact(V1_RUN["outputs"]),
            "error": None,
            "tags": "[]",
            "metadata": compact(V1_RUN["extra"]["metadata"]),
            "thread_id": "00000000-0000-4000-8000-00000000b001",
            "dotted_order": "20260105T164601068924Z00000000-0000-7000-8000-00000000a001",
            "total_tokens": 624,
            "prompt_tokens": 570,
            "completion_tokens": 54,
            "total_cost": Decimal("0.001572"),
            "prompt_cost": Decimal("0.00114"),
            "completion_cost": Decimal("0.000432"),
            "first_token_time": "2026-01-05T16:46:03.605517Z",
            "reference_example_id": None,
            "feedback_stats": None,
            "prompt_token_details": '{"audio":0,"cache_read":0}',
            "completion_token_details": '{"audio":0,"reasoning":0}',
            "prompt_cost_details": '{"audio":0.0,"cache_read":0.0}',
            "completion_cost_details": '{"audio":0.0,"reasoning":0.0}',
            "model_name": None,
            "model_provider": None,
            "is_root": True,
            "latency_seconds": 3.441165,
            "time_to_first_token_seconds": 2.536593,
            "error_type": None,
            "prompt_commit": None,
            "user_id": None,
            "environment": None,
        },
    ),
    (
        RUN,
        DOCS_RUN,
        {
            "run_id": "497f6eca-6276-4993-bfeb-53cbbbba6f08",
            "project_id": "1ffd059c-17ea-40a8-8aef-70fd0307db82",
            "project_name": None,
            "trace_id": "df570c03-5a03-4cea-8df0-c162d05127ac",
            "parent_run_id": "f8faf8c1-9778-49a4-9004-628cdb0047e5",
            "run_type": "llm",
            "start_time": "2024-04-29T00:49:12.090000Z",
            "end_time": "2024-04-29T00:49:12.459000Z",
            "name": "string",
            "status": "string",
            "inputs": "{}",
            "outputs": "{}",
            "error": "string",
            "tags": '["foo"]',
            "metadata": None,
            "thread_id": None,
            "dotted_order": "20240429T004912090000Z497f6eca-6276-4993-bfeb-53cbbbba6f08",
            "total_tokens": 0,
            "prompt_tokens": 0,
            "completion_tokens": 0,
            "total_cost": Decimal(0),
            "prompt_cost": Decimal(0),
            "completion_cost": Decimal(0),
            "first_token_time": None,
            "reference_example_id": "9fb06aaa-105f-4c87-845f-47d62ffd7ee6",
            "feedback_stats": '{"correctness":{"n":1,"avg":1.0,"values":{}}}',
            "prompt_token_details": None,
            "completion_token_details": None,
            "prompt_cost_details": None,
            "completion_cost_details": None,
            "model_name": None,
            "model_provider": None,
            "is_root": False,
            "latency_seconds": 0.369,
            "time_to_first_token_seconds": None,
            "error_type": None,
            "prompt_commit": None,
            "user_id": None,
            "environment": None,
        },
    ),
    (
        RUN,
        V2_RUN,
        {
            "run_id": "018e4c7e-a9fb-7ef0-a5b6-6ea3a82e9327",
            "project_id": "018e4c7e-a9fb-7ef0-a5b6-6ea3a82e9327",
            "project_name": None,
            "trace_id": "018e4c7e-a9fb-7ef0-a5b6-6ea3a82e9327",
            "parent_run_id": "a1b2c3d4-e5f6-4a5b-8c9d-0e1f2a3b4c5d",
            "run_type": "llm",
            "start_time": "2024-01-15T10:30:00.000000Z",
            "end_time": "2024-01-15T10:30:01.500000Z",
            "name": "ChatOpenAI",
            "status": "success",
            "inputs": "{}",
            "outputs": "{}",
            "error": "context deadline exceeded",
            "tags": '["production","gpt-4"]',
            "metadata": "{}",
            "thread_id": "d4e5f6a7-b8c9-4d5e-1f2a-3b4c5d6e7f8a",
            "dotted_order": "20240115T103000000000Z018e4c7ea9fb7ef0a5b66ea3a82e9327.",
            "total_tokens": 350,
            "prompt_tokens": 200,
            "completion_tokens": 150,
            "total_cost": Decimal("0.000525"),
            "prompt_cost": Decimal("0.0002"),
            "completion_cost": Decimal("0.0003"),
            "first_token_time": "2024-01-15T10:30:00.312000Z",
            "reference_example_id": "b2c3d4e5-f6a7-4b5c-9d0e-1f2a3b4c5d6e",
            "feedback_stats": None,
            "prompt_token_details": "{}",
            "completion_token_details": "{}",
            "prompt_cost_details": "{}",
            "completion_cost_details": "{}",
            "model_name": None,
            "model_provider": None,
            "is_root": False,
            "latency_seconds": 1.5,
            "time_to_first_token_seconds": 0.312,
            "error_type": None,
            "prompt_commit": None,
            "user_id": None,
            "environment": None,
        },
    ),
    (
        FEEDBACK,
        fixture("03"),
        {
            "feedback_id": "62104630-c7f5-41dc-8ee2-0acee5c14224",
            "run_id": "e26174e5-2190-4566-b970-7c3d9a621baa",
            "trace_id": None,
            "project_id": "c919298b-0af2-4517-97a2-0f98ed4a48f8",
            "key": "correctness",
            "score": 1.0,
            "value": None,
            "comment": "I gave this score because the answer was correct.",
            "correction": None,
            "source_type": "app",
            "created_at": "2024-05-05T23:23:11.077838Z",
            "updated_at": "2024-05-05T23:23:11.232962Z",
            "evaluator_run_id": None,
            "source_name": None,
            "source_user_id": "ad52b092-1346-42f4-a934-6e5521562fab",
            "source_metadata": None,
        },
    ),
    (
        DATASET,
        DATASET_RECORD,
        {
            "dataset_id": "00000000-0000-4000-8000-000000000001",
            "name": "my-external-dataset",
            "description": None,
            "created_at": "2024-08-03T00:36:23.289730Z",
            "updated_at": "2024-08-03T00:36:23.289730Z",
            "data_type": "kv",
            "example_count": 0,
            "metadata": None,
        },
    ),
    (
        PROJECT,
        EXPERIMENT,
        {
            "project_id": "00000000-0000-4000-8000-000000000001",
            "name": "My external experiment",
            "description": "An experiment uploaded to LangSmith",
            "start_time": "2024-08-03T00:12:38.000000Z",
            "end_time": "2024-08-03T00:12:43.000000Z",
            "reference_dataset_id": "00000000-0000-4000-8000-000000000001",
            "metadata": None,
            "run_count": None,
            "last_run_start_time": None,
            "feedback_stats": None,
            "is_experiment": True,
        },
    ),
    (
        EXAMPLE,
        EXAMPLE_RECORD,
        {
            "example_id": "00000000-0000-4000-8000-000000000e01",
            "dataset_id": "00000000-0000-4000-8000-000000000001",
            "dataset_name": "my-external-dataset",
            "created_at": "2024-08-03T00:36:23.289730Z",
            "updated_at": None,
            "inputs": '{"question":"2+2"}',
            "outputs": '{"answer":"4"}',
            "metadata": '{"dataset_split":["base"]}',
            "source_run_id": "00000000-0000-7000-8000-00000000a001",
        },
    ),
]


PLAIN: dict[str, dict[str, Any]] = {
    "497f6eca-6276-4993-bfeb-53cbbbba6f08": {"share_token": None},
    "018e4c7e-a9fb-7ef0-a5b6-6ea3a82e9327": {
        "attachments": {"output.png": "https://storage.example.com/bucket/key"},
        "share_url": None,
    },
}
"""By run id, the fields that `raw` changes because they grant access to the run or its payloads."""


@pytest.mark.parametrize(("stream", "record", "row"), ROWS, ids=[f"{stream.name}-{i}" for i, (stream, *_) in enumerate(ROWS)])
def test_recorded_records_are_these_rows(stream: Table, record: dict[str, Any], row: dict[str, Any]) -> None:
    """Each published or recorded record gives this row, in every column, in the declared order."""
    found = rows.to_row(stream, encoded(record), NAMES)
    assert list(found.items()) == [*row.items(), ("raw", compact({**record, **PLAIN.get(record["id"], {})}))]


@pytest.mark.parametrize("stream", [PROJECT, DATASET, EXAMPLE, RUN, FEEDBACK])
def test_a_record_of_nothing_but_an_id_has_every_column(stream: Table) -> None:
    """A record of an id alone, as v2 may answer, gives nulls in all other columns, and 0 or [] where v1 writes those.

    A run without a parent is a root, and a project without a dataset is no experiment.
    """
    assert {column.name: column.absent for column in RUN.columns if column.absent is not None} == {
        **dict.fromkeys(("total_tokens", "prompt_tokens", "completion_tokens"), 0),
        "tags": "[]",
    }
    assert rows.to_row(stream, b'{"id":"1"}', {}) == {
        **{column.name: column.absent for column in stream.columns},
        **{RUN: {"is_root": True}, PROJECT: {"is_experiment": False}}.get(stream, {}),
        stream.key: "1",
        "raw": '{"id":"1"}',
    }


@pytest.mark.parametrize("record", ["{}", '{"id":null}', '{"id":""}', "[]", "null", "1", '"id"', '[{"id":"1"}]', '{"id":"1"'])
def test_a_record_without_an_id_is_malformed(record: str) -> None:
    """A record without a usable id raises MalformedError and gives no row."""
    with pytest.raises(MalformedError):
        rows.to_row(RUN, record.encode(), {})


def test_numbers_are_written_for_either_kind_of_reader() -> None:
    """`encode` writes costs as numbers; with `exact` it writes them as texts, and nothing else differs."""
    row = rows.to_row(RUN, b'{"id":"1","total_cost":0.10,"total_tokens":9007199254740993}', {})
    plain, exact = rows.encode(row), rows.encode(row, exact=True)
    assert b'"total_cost":0.10,' in plain
    assert exact == plain.replace(b'"total_cost":0.10,', b'"total_cost":"0.10",')
    assert b'"total_tokens":9007199254740993,' in exact
