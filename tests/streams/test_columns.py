"""The columns of every table against the public interface, LangSmith's documents and what destinations take."""

import re

import pytest
from langsmith.types.annotation_queues.item_list_response import ItemListResponse

from langsmith_core.records.columns import JSON_KINDS, Kind, Made, Table
from langsmith_core.streams.registry import RUN, TABLE_OF, TABLES
from streams.documents import fields_of

# The public interface: columns that users and their queries rely on, the primary key first. J: JSON, T: timestamp.
PUBLIC = {
    "langsmith_project": (
        "project_id name description start_time:T end_time:T reference_dataset_id metadata:J is_experiment raw:J"
    ),
    "langsmith_dataset": "dataset_id name description created_at:T updated_at:T data_type example_count metadata:J raw:J",
    "langsmith_run": (
        "run_id project_id project_name trace_id parent_run_id run_type start_time:T end_time:T name status inputs:J outputs:J "
        "error tags:J metadata:J thread_id dotted_order total_tokens prompt_tokens completion_tokens total_cost prompt_cost "
        "completion_cost first_token_time:T reference_example_id feedback_stats:J model_name model_provider is_root "
        "latency_seconds time_to_first_token_seconds error_type prompt_commit user_id environment raw:J"
    ),
    "langsmith_example": (
        "example_id dataset_id dataset_name created_at:T updated_at:T inputs:J outputs:J metadata:J source_run_id raw:J"
    ),
    "langsmith_feedback": (
        "feedback_id run_id trace_id project_id key score value:J comment correction:J source_type created_at:T updated_at:T "
        "evaluator_run_id source_name source_user_id source_metadata:J raw:J"
    ),
    "langsmith_dataset_version": "version_id dataset_id as_of:T tags:J raw:J",
    "langsmith_feedback_config": "feedback_key type min max categories:J is_lower_score_better modified_at:T raw:J",
    "langsmith_annotation_queue": (
        "queue_id name description queue_type created_at:T updated_at:T default_dataset_id source_rule_id run_rule_id "
        "num_reviewers_per_item enable_reservations reservation_minutes reviewer_access_mode assigned_reviewers:J metadata:J "
        "total_runs raw:J"
    ),
    "langsmith_annotation_queue_item": (
        "item_id queue_id item_type run_id thread_id project_id status added_at:T effective_added_at:T last_reviewed_time:T "
        "start_time:T completed_by:J reserved_by:J assigned_to:J agreement_state has_unresolved_keys key_agreements:J "
        "source_proposed_example_id raw:J"
    ),
    "langsmith_prompt": (
        "prompt_id repo_handle full_name owner description repo_type is_public is_archived tags:J num_commits num_likes "
        "num_downloads num_views last_commit_hash created_by created_at:T updated_at:T raw:J"
    ),
    "langsmith_prompt_commit": (
        "commit_id prompt_id commit_hash parent_commit_hash description author manifest:J created_at:T updated_at:T raw:J"
    ),
    "langsmith_usage_day": "usage_id day:T group_id project_id project_name traces raw:J",
}
NUMBERS = {
    *("example_count", "total_tokens", "prompt_tokens", "completion_tokens", "run_count"),
    *("total_runs", "num_reviewers_per_item", "reservation_minutes", "traces"),
    *("num_commits", "num_likes", "num_downloads", "num_views"),
}
SWITCHES = {"is_lower_score_better", "is_public", "is_archived", "enable_reservations", "has_unresolved_keys"}
V1_SCHEMA = {
    "langsmith_project": "TracerSession",
    "langsmith_dataset": "Dataset",
    "langsmith_example": "Example",
    "langsmith_run": "RunSchema",
    "langsmith_feedback": "FeedbackSchema",
    "langsmith_dataset_version": "DatasetVersion",
    "langsmith_feedback_config": "FeedbackConfigSchema",
    "langsmith_annotation_queue": "AnnotationQueueSchemaWithSize",
    "langsmith_prompt": "RepoWithLookups",
    "langsmith_prompt_commit": "commits.CommitWithLookups",
    "langsmith_usage_day": "GranularUsageRecord",
}
NEWER = {"langsmith_annotation_queue", "langsmith_prompt", "langsmith_prompt_commit", "langsmith_usage_day"}
"""Tables of the document of August 2026."""
ITEM_FIELDS = {*ItemListResponse.model_fields, "agreement_state", "has_unresolved_keys", "key_agreements"}
"""Items of queues are in no document: these are the SDK's fields, and three that it has had since 0.15.1."""
GIVEN = {
    "langsmith_dataset_version": {"version_id", "dataset_id"},
    "langsmith_annotation_queue_item": {"queue_id", "status"},
    "langsmith_usage_day": {"usage_id"},
}
"""Columns that the question knows, or that are made of others."""


def documented(table: str) -> set[str]:
    """The fields that LangSmith documents of a table's records."""
    if table == "langsmith_annotation_queue_item":
        return ITEM_FIELDS
    return fields_of("2026-08-newer-streams" if table in NEWER else "v1", V1_SCHEMA[table])


MADE: dict[str, dict[str, tuple[Made | str, ...]]] = {
    "langsmith_project": {"is_experiment": (Made.THERE, "reference_dataset_id")},
    "langsmith_run": {
        "is_root": (Made.NULL, "parent_run_id"),
        "latency_seconds": (Made.SECONDS, "start_time", "end_time"),
        "time_to_first_token_seconds": (Made.SECONDS, "start_time", "first_token_time"),
        "error_type": (Made.ERROR_CLASS, "error"),
    },
    "langsmith_dataset_version": {"version_id": (Made.JOINED, "dataset_id", "as_of")},
    "langsmith_usage_day": {"usage_id": (Made.JOINED, "day", "group_id")},
}


def heads(stream: Table) -> list[set[str]]:
    """The fields of the API record that each column may come from."""
    return [{source.partition(".")[0].removesuffix("[-1]") for source in c.sources} for c in stream.columns if c.sources]


def test_the_public_tables_are_all_there_and_no_others() -> None:
    """Twelve tables; one more is one more line here."""
    assert set(TABLE_OF) == set(PUBLIC)
    assert {table.name: table for table in TABLES} == TABLE_OF


@pytest.mark.parametrize("table", PUBLIC)
def test_every_public_column_stands(table: str) -> None:
    """Columns may be added; those that the public interface names stay, in its order, with its kinds, the key first."""
    kinds = {c.name: c.kind for c in TABLE_OF[table].columns}
    names = [word.partition(":")[0] for word in PUBLIC[table].split()]
    assert [name for name in kinds if name in names] == names
    assert TABLE_OF[table].key == TABLE_OF[table].columns[0].name == names[0]
    for word in PUBLIC[table].split():
        name, _, letter = word.partition(":")
        assert {"J": kinds[name] in JSON_KINDS, "T": kinds[name] is Kind.TIMESTAMP, "": True}[letter], word


def test_no_column_has_a_name_that_a_sink_adds() -> None:
    """A shared dataset's tables have `workspace_id`, and every warehouse's have the version and the time of deletion."""
    added = {"workspace_id", "_synced_at", "_deleted_at", "_fivetran_synced", "_fivetran_deleted"}
    assert {table.name: added & {one.name for one in table.columns} for table in TABLES} == {one.name: set() for one in TABLES}


@pytest.mark.parametrize("stream", TABLES, ids=TABLE_OF)
def test_numbers_are_declared_as_numbers(stream: Table) -> None:
    """Counts are integers, money is decimal, a score is a float."""
    kinds = {c.name: c.kind for c in stream.columns}
    assert {name for name, kind in kinds.items() if kind is Kind.INTEGER} == NUMBERS & kinds.keys()
    assert {name for name, kind in kinds.items() if kind is Kind.NUMERIC} == {name for name in kinds if name.endswith("_cost")}
    assert {name for name, kind in kinds.items() if kind is Kind.FLOAT} == {
        name for name in kinds if name in ("score", "min", "max") or name.endswith("_seconds")
    }
    switches = {name for name in kinds if name in SWITCHES or name.startswith("is_")}
    assert {name for name, kind in kinds.items() if kind is Kind.BOOLEAN} == switches


@pytest.mark.parametrize("stream", TABLES, ids=TABLE_OF)
def test_names_are_in_every_destinations_normal_form(stream: Table) -> None:
    """Snake case, unique, no leading underscore: no destination renames a column or a table, and none is Fivetran's own."""
    names = [stream.name, *(c.name for c in stream.columns)]
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)] == []
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("stream", TABLES, ids=TABLE_OF)
def test_every_table_ends_with_the_whole_record(stream: Table) -> None:
    """`raw` is the last column, of no source."""
    assert (stream.columns[-1].name, stream.columns[-1].kind, stream.columns[-1].sources) == ("raw", Kind.JSON, ())


@pytest.mark.parametrize("stream", TABLES, ids=TABLE_OF)
def test_only_what_is_joined_given_or_made_has_no_source(stream: Table) -> None:
    """Every other column comes from a field of the record, and every column says what it holds.

    A version's record does not say whose it is: the question knows the dataset, and the key is made of both. An item's question
    knows its section.
    """
    given = GIVEN.get(stream.name, {stream.name_of_parent} - {None})
    made = MADE.get(stream.name, {})
    assert {c.name for c in stream.columns if not c.sources} == {"raw"} | given | made.keys()
    assert {c.name: (c.made, *c.made_of) for c in stream.columns if c.made_of} == made
    assert all(c.description for c in stream.columns)
    assert stream.how_read


@pytest.mark.parametrize("stream", TABLES, ids=TABLE_OF)
def test_every_source_is_a_field_of_langsmiths_documents(stream: Table) -> None:
    """Each column has a source that the OpenAPI document of v1 knows; no column reads a field that no document has."""
    known = documented(stream.name)
    also = fields_of("v2-alpha", "query.RunResponse") if stream is RUN else set()
    assert [column for column in heads(stream) if not column & known] == []
    assert set().union(*heads(stream)) <= known | also


def test_every_column_of_a_run_is_found_on_v2() -> None:
    """v2 has renamed fields: each column of a run has a source there too."""
    known = fields_of("v2-alpha", "query.RunResponse")
    assert [column for column in heads(RUN) if not column & known] == []


def test_what_is_nested_in_a_feedback_configuration_is_documented() -> None:
    """Its columns are read one level down."""
    table = TABLE_OF["langsmith_feedback_config"]
    nested = {source.partition(".")[2] for column in table.columns for source in column.sources if "." in source}
    assert nested == {"type", "min", "max", "categories"}
    assert nested <= fields_of("v1", "FeedbackConfig")


def test_parents_are_columns_of_their_children() -> None:
    """A stream that is read by parent has the parent's key and joins its name."""
    found = {s.name: (s.parent, s.name_of_parent) for s in TABLES if s.parent}
    assert found == {
        "langsmith_example": ("dataset_id", "dataset_name"),
        "langsmith_run": ("project_id", "project_name"),
        "langsmith_dataset_version": ("dataset_id", None),
        "langsmith_annotation_queue_item": ("queue_id", None),
        "langsmith_prompt_commit": ("prompt_id", None),
    }
    for stream in TABLES:
        assert {stream.parent, stream.name_of_parent} - {None} <= {c.name for c in stream.columns}
