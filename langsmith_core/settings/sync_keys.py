"""The configuration keys that `sync` alone takes: where its rows and its cursor go, and who reads a long past.

Not here: the keys of other faces (settings.keys), or the parsers (settings.parsers).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from langsmith_core.settings import parsers
from langsmith_core.settings.key import Face, Key

_key: Callable[..., Key] = partial(Key, taken_by=(Face.SYNC,))
KEYS: tuple[Key, ...] = (
    _key(
        "BIGQUERY_MAX_GB",
        "bigquery_bytes_max",
        "1000",
        parsers.gigabytes,
        "The most gigabytes that BigQuery may bill one statement; it refuses a larger one",
    ),
    _key("SINK", "sink", "duckdb", parsers.one_of("duckdb", "bigquery"), "Where `sync` writes: duckdb or bigquery"),
    _key("STATE_STORE", "state_store", "duckdb", parsers.one_of("duckdb", "firestore"), "Its cursor: duckdb or firestore"),
    _key("LOCAL_DB", "local_db", "langsmith.duckdb", parsers.text, "The DuckDB file of `sync`"),
    _key("GOOGLE_CLOUD_PROJECT", "google_project", None, parsers.text, "The project of BigQuery and Firestore"),
    _key("BIGQUERY_DATASET", "bigquery_dataset", "langsmith", parsers.identifier, "The dataset that `sync` writes into"),
    _key(
        "WORKSPACE_COLUMN",
        "workspace_column",
        "false",
        parsers.boolean,
        "Whether rows in BigQuery name their workspace, in `workspace_id`; where workspaces share a dataset they always do",
    ),
    _key(
        "RETENTION_DAYS",
        "retention_days",
        None,
        parsers.count,
        "Days after which BigQuery deletes runs (by their start) and feedback (by its creation); without it, as their tables say",
    ),
    _key("FIRESTORE_DATABASE", "firestore_database", "(default)", parsers.text, "The Firestore database of the cursors"),
    _key("FIRESTORE_COLLECTION", "firestore_collection", "langsmith_sync", parsers.identifier, "Where the cursors are kept"),
    _key(
        "CHECK_COMPLETENESS",
        "check",
        "true",
        parsers.boolean,
        "Whether `sync` compares LangSmith's counts with its own once a day, and reads again what is short",
    ),
    _key(
        "SHARDS",
        "shards",
        "0",
        parsers.instances,
        "How many instances read a long past at once, on v2 and with SINK=bigquery; 0: the scheduled pass alone",
    ),
    _key("TASKS_QUEUE", "tasks_queue", None, parsers.queue, "With SHARDS: the Cloud Tasks queue, `projects/.../queues/...`"),
    _key("TASKS_URL", "tasks_url", None, parsers.own_address, "With SHARDS: the address of `sync`, which tasks call"),
    _key("TASKS_ACCOUNT", "tasks_account", None, parsers.text, "With SHARDS: the service account that tasks call it as"),
)
