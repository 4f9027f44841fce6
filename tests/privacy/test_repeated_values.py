"""The table of repeats is complete: each documented field fills a column, repeats a value, or cannot hold one.

Not here: that a hidden value is nowhere (simulation/test_privacy_everywhere).
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from langsmith_core.privacy.hidden import Hidden
from langsmith_core.privacy.repeats import COPIES, REPEATS, SAME_VALUES
from langsmith_core.records import rows
from langsmith_core.records.columns import Table
from langsmith_core.remarks import Remarks
from langsmith_core.streams.dataset_version_columns import DATASET_VERSION
from langsmith_core.streams.feedback_configs import FEEDBACK_CONFIG
from langsmith_core.streams.registry import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN, TABLE_OF
from samples import FIXTURES, encoded, settings

DATA = FIXTURES.parent
DOCUMENTS = [
    ("v1", RUN, "RunSchema"),
    ("v2-alpha", RUN, "query.RunResponse"),
    ("v1", EXAMPLE, "Example"),
    ("v1", DATASET, "Dataset"),
]
DOCUMENTS += [("v1", PROJECT, "TracerSession"), ("v1", FEEDBACK, "FeedbackSchema")]
DOCUMENTS += [("v1", DATASET_VERSION, "DatasetVersion"), ("v1", FEEDBACK_CONFIG, "FeedbackConfigSchema")]
NEITHER = {
    RUN.name: {
        *("manifest_id", "manifest_s3_id", "price_model_id", "reference_dataset_id", "is_in_dataset", "in_dataset"),
        *("child_run_ids", "direct_child_run_ids", "app_path", "execution_order", "share_token", "share_url"),
        *("trace_min_start_time", "trace_max_start_time", "last_queued_at", "trace_first_received_at", "thread_evaluation_time"),
        *("trace_tier", "trace_upgrade", "ttl_seconds"),
    },
    EXAMPLE.name: {"name"},  # "#1" and so on
    DATASET.name: {
        *(
            "tenant_id",
            "externally_managed",
            "transformations",
            "session_count",
            "last_session_start_time",
            "baseline_experiment_id",
        ),
        *("inputs_schema_definition", "outputs_schema_definition"),  # of examples, the form
    },
    PROJECT.name: {
        *("tenant_id", "default_dataset_id", "trace_tier", "last_run_start_time_live", "test_run_number", "error_rate"),
        *("latency_p50", "latency_p99", "first_token_p50", "first_token_p99", "streaming_rate"),
        *("total_tokens", "prompt_tokens", "completion_tokens", "total_cost", "prompt_cost", "completion_cost"),
    },
    FEEDBACK.name: {"feedback_group_id", "comparative_experiment_id", "start_time", "is_root"},
    DATASET_VERSION.name: set(),
    FEEDBACK_CONFIG.name: {"tenant_id"},
}
"""Fields of ids, times, sums and switches. None can repeat a column's text or payload."""


def fields(api: str, schema: str) -> set[str]:
    """Return the fields of a record in LangSmith's OpenAPI document."""
    document = json.loads((DATA / f"langsmith-openapi-{api}.json").read_bytes())
    return set(document["components"]["schemas"][schema]["properties"])


def listed(stream: Table) -> set[str]:
    """Return the fields that fill columns, that repeat a field, or that hold another field's value."""
    sources = {re.split(r"[.\[]", one)[0] for column in stream.columns for one in (*column.sources, column.offloaded or "id")}
    repeats = {str(path[0]) for paths in REPEATS.values() for table, path in paths if table == stream.name}
    heads = {field for table, field in REPEATS if table == stream.name}
    twins = {
        str((*place.steps, "id")[0])
        for pair in (*SAME_VALUES, *COPIES)
        for place in pair
        if place.column == "raw" and place.table == stream.name
    }
    return sources | repeats | heads | twins


@pytest.mark.parametrize(("api", "stream", "schema"), DOCUMENTS, ids=[schema for *_, schema in DOCUMENTS])
def test_every_field_of_a_record_is_accounted_for(api: str, stream: Table, schema: str) -> None:
    """Every documented field is listed somewhere: an unlisted one might keep a hidden value."""
    assert fields(api, schema) - listed(stream) - NEITHER[stream.name] == set()


@pytest.mark.parametrize("stream", TABLE_OF.values(), ids=TABLE_OF)
def test_what_can_show_nothing_is_in_some_document(stream: Table) -> None:
    """Every exception is still a documented field, and is not also listed as a repeat."""
    known = set().union(*(fields(api, schema) for api, one, schema in DOCUMENTS if one is stream))
    assert NEITHER[stream.name] - known == set()
    assert NEITHER[stream.name] & listed(stream) == set()


UNASKED: dict[str, tuple[str, list[str]]] = {
    "inputs": ("langsmith_run", ["inputs_preview", "messages", "inputs_or_signed_url", "manifest.kwargs"]),
    "outputs": ("langsmith_run", ["outputs_preview", "messages", "outputs_or_signed_url"]),
    "error": ("langsmith_run", ["error_preview", "error_or_signed_url"]),
    "name": ("langsmith_run", ["manifest"]),
    "metadata": ("langsmith_run", ["extra_or_signed_url", "manifest.repr"]),
}


@pytest.mark.parametrize("key", ["EXCLUDE_COLUMNS", "REDACT_PATHS", "HASH_PATHS"])
@pytest.mark.parametrize("column", UNASKED)
def test_what_comes_unasked_is_taken_out(column: str, key: str) -> None:
    """A hidden value is removed from fields that were not asked for but are answered, and from a project's facets."""
    table, places = UNASKED[column]
    record: dict[str, Any] = {"id": "1", column: {"m": "SECRET"} if column in ("inputs", "outputs", "metadata") else "SECRET"}
    for head, _, tail in (place.partition(".") for place in places):
        record[head] = {tail: ["SECRET"], "lc": 1} if tail else "SECRET"
    hidden = Hidden(settings(**{key: f"{table}.{column}", "HASH_KEY": "a key of sixteen or more"}))
    assert "SECRET" not in str(hidden.shown(RUN, rows.to_row(RUN, encoded(record), {}), encoded(record), Remarks()))
    project = {"id": "1", "run_facets": [{"key": column, "value": "SECRET"}]}
    assert "SECRET" not in str(hidden.shown(PROJECT, rows.to_row(PROJECT, encoded(project), {}), encoded(project), Remarks()))
