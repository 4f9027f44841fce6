"""The columns of runs. How they are read is in runs."""

from __future__ import annotations

from langsmith_core.records.columns import Column, Kind, Made, Table, column, details, joined, later, made, of_metadata, raw

RUN = Table(
    "langsmith_run",
    (
        column("run_id", Kind.STRING, "Run id", "id"),
        column("project_id", Kind.STRING, "Project the run belongs to", "session_id", "project_id"),
        joined("project_name", "Name of that project when the row was read"),
        column("trace_id", Kind.STRING, "Id of the trace's root run"),
        column("parent_run_id", Kind.STRING, "Direct parent; null for a root run", "parent_run_id", "parent_run_ids[-1]"),
        column("run_type", Kind.LOWER, "tool, chain, llm, retriever, embedding, prompt or parser"),
        column("start_time", Kind.TIMESTAMP, "Start"),
        column("end_time", Kind.TIMESTAMP, "End; null while the run is unfinished"),
        column("name", Kind.STRING, "Name"),
        column("status", Kind.LOWER, "success, error or pending"),
        Column("inputs", Kind.JSON, ("inputs",), "Inputs", "inputs_s3_urls.ROOT.presigned_url"),
        Column("outputs", Kind.JSON, ("outputs",), "Outputs", "outputs_s3_urls.ROOT.presigned_url"),
        column("error", Kind.STRING, "Error text"),
        Column("tags", Kind.JSON, ("tags",), "Tags, a list of strings", absent="[]"),
        column("metadata", Kind.JSON, "extra.metadata", "extra.metadata", "metadata"),
        column("thread_id", Kind.STRING, "Conversation the run belongs to"),
        column("dotted_order", Kind.STRING, "Sortable place in the trace"),
        Column("total_tokens", Kind.INTEGER, ("total_tokens",), "Tokens; a parent's figure includes its descendants'", absent=0),
        Column("prompt_tokens", Kind.INTEGER, ("prompt_tokens",), "Prompt tokens, summed likewise", absent=0),
        Column("completion_tokens", Kind.INTEGER, ("completion_tokens",), "Completion tokens, summed likewise", absent=0),
        column(
            "total_cost",
            Kind.NUMERIC,
            "Cost in US dollars, of tools and retrievers too; a parent's figure includes its descendants'",
        ),
        column("prompt_cost", Kind.NUMERIC, "Prompt cost, summed likewise"),
        column("completion_cost", Kind.NUMERIC, "Completion cost, summed likewise"),
        column("first_token_time", Kind.TIMESTAMP, "When the first token arrived; a parent's is the earliest of its subtree"),
        column("reference_example_id", Kind.STRING, "The example an experiment's run answers"),
        Column("feedback_stats", Kind.STATS, ("feedback_stats",), "By feedback key: n, avg, and values (counts by label)"),
        details("prompt_token_details", "Prompt tokens by kind; a parent's may be its own alone"),
        details("completion_token_details", "Completion tokens by kind, as above"),
        details("prompt_cost_details", "Prompt cost by kind, as above"),
        details("completion_cost_details", "Completion cost by kind, as above"),
        *later(
            column(
                "model_name",
                Kind.STRING,
                "The model: ls_model_name in metadata, else model or model_name of the invocation's parameters",
                *("extra.metadata.ls_model_name", "metadata.ls_model_name"),
                *("extra.invocation_params.model", "extra.invocation_params.model_name"),
            ),
            column(
                "model_provider",
                Kind.STRING,
                "Its provider: ls_provider in metadata, else _type of the invocation's parameters, such as openai-chat",
                *("extra.metadata.ls_provider", "metadata.ls_provider", "extra.invocation_params._type"),
            ),
            made("is_root", Kind.BOOLEAN, "Whether the run is its trace's root: it has no parent", Made.NULL, "parent_run_id"),
            made(
                "latency_seconds",
                Kind.FLOAT,
                "Seconds from start to end; null while the run is unfinished, below 0 where its clocks disagreed",
                Made.SECONDS,
                *("start_time", "end_time"),
            ),
            made(
                "time_to_first_token_seconds",
                Kind.FLOAT,
                "Seconds from start to the first token; null without one",
                Made.SECONDS,
                *("start_time", "first_token_time"),
            ),
            made(
                "error_type",
                Kind.STRING,
                "The exception's class, without its module; null where the error's text shows none",
                Made.ERROR_CLASS,
                "error",
            ),
            column(
                "prompt_commit",
                Kind.STRING,
                "lc_hub_commit_hash in metadata: the commit of the prompt that the run used",
                *("extra.metadata.lc_hub_commit_hash", "metadata.lc_hub_commit_hash"),
            ),
            of_metadata(
                "user_id", "The metadata's value under USER_ID_METADATA_KEY, often on root runs only", "USER_ID_METADATA_KEY"
            ),
            of_metadata(
                "environment", "The metadata's value under ENVIRONMENT_METADATA_KEY, likewise", "ENVIRONMENT_METADATA_KEY"
            ),
        ),
        raw(),
    ),
    how_read="by start_time since the last sync, the 24 hours before it again; unfinished and newly judged ones by id",
    time="start_time",
    partition="DAY",
    cluster=("project_id", "run_type"),
    parent="project_id",
    name_of_parent="project_name",
)
