"""One line for each stream: schema, soft delete, switches and children all derive from it."""

import pytest

from langsmith_core.records.columns import Kind, Table, column, raw
from langsmith_core.settings import keys
from langsmith_core.streams import registry
from langsmith_core.streams.listing import ListAll, opened
from langsmith_core.streams.registry import BY_TABLE, CHILDREN, SCHEMA, SOFT_DELETE, STREAMS, SWITCHES, TABLE_OF, TABLES
from langsmith_core.streams.stream import Listing, Stream, listing_of
from streams.contexts import context


def test_everything_derives_from_the_streams_entries() -> None:
    """A new stream is one line: nothing else names the tables."""
    assert [stream.table for stream in STREAMS] == list(TABLES)
    assert {stream.table.name: stream for stream in STREAMS} == BY_TABLE
    assert {table.name: table for table in TABLES} == TABLE_OF
    assert {one.table.name: {"primary_key": [one.table.columns[0].name]} for one in STREAMS} == SCHEMA
    assert [one.table.name for one in STREAMS if one.deleted] == SOFT_DELETE
    assert {one.table.name: one.switch for one in STREAMS if one.switch} == {
        table: switch for switch, tables in SWITCHES.items() for table in tables
    }
    assert {one.table.name: one.children for one in STREAMS if one.children} == CHILDREN


def test_the_schema_is_every_table_with_its_key() -> None:
    """What Fivetran is told in every answer."""
    assert SCHEMA == {
        "langsmith_project": {"primary_key": ["project_id"]},
        "langsmith_run": {"primary_key": ["run_id"]},
        "langsmith_dataset": {"primary_key": ["dataset_id"]},
        "langsmith_dataset_version": {"primary_key": ["version_id"]},
        "langsmith_example": {"primary_key": ["example_id"]},
        "langsmith_feedback": {"primary_key": ["feedback_id"]},
        "langsmith_feedback_config": {"primary_key": ["feedback_key"]},
        "langsmith_annotation_queue": {"primary_key": ["queue_id"]},
        "langsmith_annotation_queue_item": {"primary_key": ["item_id"]},
        "langsmith_prompt": {"primary_key": ["prompt_id"]},
        "langsmith_prompt_commit": {"primary_key": ["commit_id"]},
        "langsmith_usage_day": {"primary_key": ["usage_id"]},
    }


def test_what_expires_is_never_soft_deleted() -> None:
    """Projects, datasets and their rows can be deleted by people; runs and feedback that vanish are kept.

    So is a feedback configuration: its key is no id, so nothing proves that it is gone.
    """
    assert SOFT_DELETE == [
        "langsmith_project",
        "langsmith_dataset",
        "langsmith_dataset_version",
        "langsmith_example",
        "langsmith_annotation_queue",
        "langsmith_annotation_queue_item",
        "langsmith_prompt",
        "langsmith_prompt_commit",
    ]


def test_each_switch_turns_its_streams_off() -> None:
    """Projects and datasets are always listed: other streams are found by them."""
    assert SWITCHES == {
        "SYNC_RUNS": ("langsmith_run",),
        "SYNC_DATASET_VERSIONS": ("langsmith_dataset_version",),
        "SYNC_EXAMPLES": ("langsmith_example",),
        "SYNC_FEEDBACK": ("langsmith_feedback",),
        "SYNC_FEEDBACK_CONFIGS": ("langsmith_feedback_config",),
        "SYNC_ANNOTATION_QUEUES": ("langsmith_annotation_queue", "langsmith_annotation_queue_item"),
        "SYNC_PROMPTS": ("langsmith_prompt", "langsmith_prompt_commit"),
        "SYNC_USAGE": ("langsmith_usage_day",),
    }
    assert set(SWITCHES) <= {key.name for key in keys.KEYS}


def test_rows_that_go_with_their_parent() -> None:
    """LangSmith deletes a dataset's rows with it, and no table is deleted by its parent alone that nobody can delete from."""
    assert {parent: [child.name for child in children] for parent, children in CHILDREN.items()} == {
        "langsmith_dataset": ["langsmith_example", "langsmith_dataset_version"],
        "langsmith_annotation_queue": ["langsmith_annotation_queue_item"],
        "langsmith_prompt": ["langsmith_prompt_commit"],
    }
    for parent, children in CHILDREN.items():
        assert {parent, *(child.name for child in children)} <= set(SOFT_DELETE)
        assert {child.parent for child in children} == {TABLE_OF[parent].key}


@pytest.mark.parametrize("stream", STREAMS, ids=TABLE_OF)
def test_an_entry_fits_its_table(stream: Stream) -> None:
    """Payloads, time, partition and cluster are columns; only what LangSmith can be asked for by its id is looked up."""
    names = {one.name: one.kind for one in stream.table.columns}
    assert {*stream.payloads, *stream.table.cluster, stream.table.time} <= set(names)
    assert names[stream.table.time] is Kind.TIMESTAMP
    assert stream.table.partition in ("", "DAY", "MONTH")
    assert not (stream.listing and stream.deleted) or stream.table.is_keyed_by_id


def test_a_look_opens_each_listed_stream_with_its_list() -> None:
    """Rows that are found by others have no beginning of their own."""
    lists = {name: stream.opens(context()).rest[0] for name, stream in BY_TABLE.items() if stream.listing and stream.opens}
    assert {name for name, item in lists.items() if item.is_list and item.table_name == name} == {
        "langsmith_project",
        "langsmith_dataset",
        "langsmith_feedback_config",
        "langsmith_annotation_queue",
        "langsmith_prompt",
    }
    assert [name for name, stream in BY_TABLE.items() if not stream.opens] == [
        "langsmith_dataset_version",
        "langsmith_example",
        "langsmith_annotation_queue_item",
        "langsmith_prompt_commit",
    ]


def test_a_listed_table_needs_no_code_of_its_own() -> None:
    """Columns and one line: the list is read, and its rows go out under their table."""
    table = Table(
        "langsmith_thing", (column("thing_id", Kind.STRING, "Id", "id"), raw()), how_read="listed whole", time="thing_id"
    )
    stream = Stream(table, switch="SYNC_THINGS", listing=Listing("/api/v1/things"), opens=opened(table.name))
    within = context(streams={table.name: stream})
    assert stream.opens is not None
    assert stream.opens(within).rest == (ListAll(table=table.name),)
    assert within.table(table.name) is table
    assert listing_of(table.name, within).path == "/api/v1/things"


def test_a_table_that_is_not_listed_has_no_list() -> None:
    """It is an error to ask for one."""
    assert registry.listing("langsmith_project").path == "/api/v1/sessions"
    with pytest.raises(ValueError, match="langsmith_run is not a listed table"):
        registry.listing("langsmith_run")
