"""The streams as data: tables, columns and where in LangSmith's record each one is found.

Here: declarations only. Fivetran's schema, DuckDB's and BigQuery's tables and the README's table derive from this page.
Not here: how a stream is asked for (endpoints) or when (plan).
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class Kind(Enum):
    """What a column holds, whichever API answered."""

    STRING = "string"
    LOWER = "lower-case string"
    INTEGER = "integer"
    FLOAT = "float"
    NUMERIC = "numeric"
    TIMESTAMP = "timestamp"
    JSON = "json"
    STATS = "json of feedback statistics"
    FIGURES = "json of figures"


JSON_KINDS = (Kind.JSON, Kind.STATS, Kind.FIGURES)  # their columns hold JSON text


class Column(Struct, frozen=True):
    """One column. `sources` are dotted paths into the API record, the first that is not null wins; `[-1]` is a list's last.

    No source: the value is joined (`dataset_name`) or the whole record (`raw`). `offloaded` is where the address of a value in
    object storage stands. `absent` stands for null: v1 writes 0 where v2 may write nothing.
    """

    name: str
    kind: Kind
    sources: tuple[str, ...]
    description: str
    offloaded: str | None = None
    absent: str | int | None = None


class Stream(Struct, frozen=True):
    """One table. The first column is the primary key; `time` is when a row came to be; `name_of_parent` is joined by `parent`."""

    table: str
    columns: tuple[Column, ...]
    incremental: str
    time: str
    parent: str | None = None
    name_of_parent: str | None = None

    @property
    def key(self) -> str:
        """The primary key's column name."""
        return self.columns[0].name


def _column(name: str, kind: Kind, description: str, *sources: str) -> Column:
    return Column(name, kind, sources or (name,), description)


def _joined(name: str, description: str) -> Column:
    return Column(name, Kind.STRING, (), description)


def _raw() -> Column:
    return Column("raw", Kind.JSON, (), "The API record, without what grants access")


def _details(name: str, description: str) -> Column:
    """v2 wraps the details in `{"raw": ...}`, v1 does not (API reference, section 2b)."""
    return _column(name, Kind.FIGURES, description, f"{name}.raw", name)


S, L, I, F, N, T, J, *_ = Kind  # noqa: E741  one letter keeps the tables below readable line by line

PROJECT = Stream(
    "langsmith_project",
    (
        _column("project_id", S, "Project id; runs call it session_id on v1", "id"),
        _column("name", S, "Project name"),
        _column("description", S, "Description"),
        _column("start_time", T, "When the project was created"),
        _column("end_time", T, "When an experiment ended"),
        _column("reference_dataset_id", S, "The dataset of an experiment; null for a plain project"),
        _column("metadata", J, "extra.metadata", "extra.metadata"),
        _column("run_count", I, "Number of runs LangSmith still has"),
        _column("last_run_start_time", T, "Start of the newest run"),
        Column("feedback_stats", Kind.STATS, ("feedback_stats",), "Of its runs, by feedback key: n, avg, and values"),
        _raw(),
    ),
    incremental="listed whole: counters move without a modification time",
    time="start_time",
)
DATASET = Stream(
    "langsmith_dataset",
    (
        _column("dataset_id", S, "Dataset id", "id"),
        _column("name", S, "Dataset name"),
        _column("description", S, "Description"),
        _column("created_at", T, "Creation time"),
        _column("updated_at", T, "Modification time (modified_at in the API)", "modified_at"),
        _column("data_type", L, "kv, llm or chat"),
        _column("example_count", I, "Number of examples"),
        _column("metadata", J, "Metadata"),
        _raw(),
    ),
    incremental="listed whole",
    time="created_at",
)
EXAMPLE = Stream(
    "langsmith_example",
    (
        _column("example_id", S, "Example id", "id"),
        _column("dataset_id", S, "Dataset the example belongs to"),
        _joined("dataset_name", "Name of that dataset when the row was read"),
        _column("created_at", T, "Creation time"),
        _column("updated_at", T, "Modification time (modified_at in the API)", "modified_at"),
        _column("inputs", J, "Inputs"),
        _column("outputs", J, "Reference outputs"),
        _column("metadata", J, "Metadata; metadata.dataset_split lists the splits"),
        _column("source_run_id", S, "The run the example was made from"),
        _raw(),
    ),
    incremental="by the difference between its dataset's versions; at first the whole version",
    time="created_at",
    parent="dataset_id",
    name_of_parent="dataset_name",
)
RUN = Stream(
    "langsmith_run",
    (
        _column("run_id", S, "Run id", "id"),
        _column("project_id", S, "Project the run belongs to", "session_id", "project_id"),
        _joined("project_name", "Name of that project when the row was read"),
        _column("trace_id", S, "Id of the trace's root run"),
        _column("parent_run_id", S, "Direct parent; null for a root run", "parent_run_id", "parent_run_ids[-1]"),
        _column("run_type", L, "tool, chain, llm, retriever, embedding, prompt or parser"),
        _column("start_time", T, "Start"),
        _column("end_time", T, "End; null while the run is unfinished"),
        _column("name", S, "Name"),
        _column("status", L, "success, error or pending"),
        Column("inputs", J, ("inputs",), "Inputs", "inputs_s3_urls.ROOT.presigned_url"),
        Column("outputs", J, ("outputs",), "Outputs", "outputs_s3_urls.ROOT.presigned_url"),
        _column("error", S, "Error text"),
        Column("tags", J, ("tags",), "Tags, a list of strings", absent="[]"),
        _column("metadata", J, "extra.metadata", "extra.metadata", "metadata"),
        _column("thread_id", S, "Conversation the run belongs to"),
        _column("dotted_order", S, "Sortable place in the trace"),
        Column("total_tokens", I, ("total_tokens",), "Tokens; a parent's figure includes its descendants'", absent=0),
        Column("prompt_tokens", I, ("prompt_tokens",), "Prompt tokens, summed likewise", absent=0),
        Column("completion_tokens", I, ("completion_tokens",), "Completion tokens, summed likewise", absent=0),
        _column("total_cost", N, "Cost in US dollars, of tools and retrievers too; a parent's figure includes its descendants'"),
        _column("prompt_cost", N, "Prompt cost, summed likewise"),
        _column("completion_cost", N, "Completion cost, summed likewise"),
        _column("first_token_time", T, "When the first token arrived; a parent's is the earliest of its subtree"),
        _column("reference_example_id", S, "The example an experiment's run answers"),
        Column("feedback_stats", Kind.STATS, ("feedback_stats",), "By feedback key: n, avg, and values (counts by label)"),
        _details("prompt_token_details", "Prompt tokens by kind; a parent's may be its own alone"),
        _details("completion_token_details", "Completion tokens by kind, as above"),
        _details("prompt_cost_details", "Prompt cost by kind, as above"),
        _details("completion_cost_details", "Completion cost by kind, as above"),
        _raw(),
    ),
    incremental="by start_time since the last sync, the 24 hours before it again; unfinished and newly judged ones by id",
    time="start_time",
    parent="project_id",
    name_of_parent="project_name",
)
FEEDBACK = Stream(
    "langsmith_feedback",
    (
        _column("feedback_id", S, "Feedback id", "id"),
        _column("run_id", S, "The run it was given to; null for feedback on a project"),
        _column("trace_id", S, "Trace of that run"),
        _column("project_id", S, "Project of that run", "session_id"),
        _column("key", S, "What was judged"),
        _column("score", F, "Score; booleans are 1.0 and 0.0"),
        _column("value", J, "Value of any type"),
        _column("comment", S, "Comment"),
        _column("correction", J, "Correction"),
        _column("source_type", L, "api, model, app or auto_eval", "feedback_source.type"),
        _column("created_at", T, "Creation time"),
        _column("updated_at", T, "Modification time (modified_at in the API)", "modified_at"),
        _raw(),
    ),
    incremental="by created_at since the last sync, and the 24 hours before it again",
    time="created_at",
)
STREAMS = (PROJECT, DATASET, EXAMPLE, RUN, FEEDBACK)
BY_TABLE = {stream.table: stream for stream in STREAMS}
SCHEMA = {stream.table: {"primary_key": [stream.key]} for stream in STREAMS}
CHILDREN = {DATASET.table: EXAMPLE}
"""What is gone with its parent: LangSmith deletes a dataset's examples with it. Runs of a deleted project are kept."""
SOFT_DELETE = [PROJECT.table, DATASET.table, EXAMPLE.table]
"""Tables whose rows LangSmith's users delete; runs and feedback only ever expire, and keeping them is why people sync."""
