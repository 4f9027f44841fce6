"""The declaration of the streams against the design, the API's documents and what destinations take."""

import json
import re
from typing import Any

import pytest

from core.samples import FIXTURES
from langsmith_core import streams
from langsmith_core.records.columns import JSON_KINDS, Kind, Table
from langsmith_core.streams.registry import SCHEMA, SOFT_DELETE, TABLES, TABLE_OF

# The public interface: columns that users and their queries rely on, the primary key first. J: JSON, T: timestamp.
PUBLIC = {
    "langsmith_project": "project_id name description start_time:T end_time:T reference_dataset_id metadata:J raw:J",
    "langsmith_dataset": "dataset_id name description created_at:T updated_at:T data_type example_count metadata:J raw:J",
    "langsmith_example": (
        "example_id dataset_id dataset_name created_at:T updated_at:T inputs:J outputs:J metadata:J source_run_id raw:J"
    ),
    "langsmith_run": (
        "run_id project_id project_name trace_id parent_run_id run_type start_time:T end_time:T name status inputs:J outputs:J "
        "error tags:J metadata:J thread_id dotted_order total_tokens prompt_tokens completion_tokens total_cost prompt_cost "
        "completion_cost first_token_time:T reference_example_id feedback_stats:J raw:J"
    ),
    "langsmith_feedback": (
        "feedback_id run_id trace_id project_id key score value:J comment correction:J source_type created_at:T updated_at:T "
        "raw:J"
    ),
}
NUMBERS = {"example_count", "total_tokens", "prompt_tokens", "completion_tokens", "run_count"}
V1_SCHEMA = {
    "langsmith_project": "TracerSession",
    "langsmith_dataset": "Dataset",
    "langsmith_example": "Example",
    "langsmith_run": "RunSchema",
    "langsmith_feedback": "FeedbackSchema",
}


def fields_of(document: str, schema: str) -> set[str]:
    """The fields that LangSmith's OpenAPI document gives a record."""
    specification: Any = json.loads((FIXTURES.parent / document).read_bytes())
    return set(specification["components"]["schemas"][schema]["properties"])


def heads(stream: Table) -> list[set[str]]:
    """The fields of the API record that each column may come from."""
    return [{source.partition(".")[0].removesuffix("[-1]") for source in c.sources} for c in stream.columns if c.sources]


def test_the_public_tables_are_all_there_and_no_others() -> None:
    """Five tables, each with its stream."""
    assert list(TABLE_OF) == list(PUBLIC)
    assert list(TABLE_OF.values()) == list(TABLES)


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


@pytest.mark.parametrize("stream", TABLES, ids=PUBLIC)
def test_numbers_are_declared_as_numbers(stream: Table) -> None:
    """Counts are integers, money is decimal, a score is a float."""
    kinds = {c.name: c.kind for c in stream.columns}
    assert {name for name, kind in kinds.items() if kind is Kind.INTEGER} == NUMBERS & kinds.keys()
    assert {name for name, kind in kinds.items() if kind is Kind.NUMERIC} == {name for name in kinds if name.endswith("_cost")}
    assert {name for name, kind in kinds.items() if kind is Kind.FLOAT} == {"score"} & kinds.keys()


def test_the_schema_is_every_table_with_its_key() -> None:
    """What Fivetran is told in every answer."""
    assert SCHEMA == {
        "langsmith_project": {"primary_key": ["project_id"]},
        "langsmith_dataset": {"primary_key": ["dataset_id"]},
        "langsmith_example": {"primary_key": ["example_id"]},
        "langsmith_run": {"primary_key": ["run_id"]},
        "langsmith_feedback": {"primary_key": ["feedback_id"]},
    }


def test_what_expires_is_never_soft_deleted() -> None:
    """Projects, datasets and examples can be deleted by people; runs and feedback that vanish are kept."""
    assert SOFT_DELETE == ["langsmith_project", "langsmith_dataset", "langsmith_example"]


@pytest.mark.parametrize("stream", TABLES, ids=PUBLIC)
def test_names_are_in_every_destinations_normal_form(stream: Table) -> None:
    """Snake case, unique, no leading underscore: no destination renames a column or a table, and none is Fivetran's own."""
    names = [stream.name, *(c.name for c in stream.columns)]
    assert [name for name in names if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)] == []
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("stream", TABLES, ids=PUBLIC)
def test_every_table_ends_with_the_whole_record(stream: Table) -> None:
    """`raw` is the last column, of no source."""
    assert (stream.columns[-1].name, stream.columns[-1].kind, stream.columns[-1].sources) == ("raw", Kind.JSON, ())


@pytest.mark.parametrize("stream", TABLES, ids=PUBLIC)
def test_only_raw_and_the_joined_name_have_no_source(stream: Table) -> None:
    """Every other column comes from a field of the record, and every column says what it holds."""
    assert {c.name for c in stream.columns if not c.sources} == {"raw"} | ({stream.name_of_parent} - {None})
    assert all(c.description for c in stream.columns)
    assert stream.how_read


@pytest.mark.parametrize("stream", TABLES, ids=PUBLIC)
def test_every_source_is_a_field_of_langsmiths_documents(stream: Table) -> None:
    """Each column has a source that the OpenAPI document of v1 knows; no column reads a field that no document has."""
    known = fields_of("langsmith-openapi-v1.json", V1_SCHEMA[stream.name])
    also = fields_of("langsmith-openapi-v2-alpha.json", "query.RunResponse") if stream is streams.RUN else set()
    assert [column for column in heads(stream) if not column & known] == []
    assert set().union(*heads(stream)) <= known | also


def test_every_column_of_a_run_is_found_on_v2() -> None:
    """v2 has renamed fields: each column of a run has a source there too."""
    known = fields_of("langsmith-openapi-v2-alpha.json", "query.RunResponse")
    assert [column for column in heads(streams.RUN) if not column & known] == []


def test_parents_are_columns_of_their_children() -> None:
    """A stream that is read by parent has the parent's key and joins its name."""
    found = {s.name: (s.parent, s.name_of_parent) for s in TABLES if s.parent}
    assert found == {"langsmith_example": ("dataset_id", "dataset_name"), "langsmith_run": ("project_id", "project_name")}
    for stream in TABLES:
        assert {stream.parent, stream.name_of_parent} - {None} <= {c.name for c in stream.columns}
