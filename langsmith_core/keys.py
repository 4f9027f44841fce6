"""The configuration keys as data: name, default as a user would write it, parser, meaning. README and Terraform follow it.

Not here: which source wins (config), or how a value is parsed (parsers, privacy_paths).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from langsmith_core import parsers, privacy_paths


class Key(Struct, frozen=True):
    """One configuration key: its field in Settings, its default as a user would write it, its parser, its meaning.

    What is `secret` is kept out of all that is said (masking).
    """

    name: str
    field: str
    default: str | None
    parse: Callable[[str], Any]
    meaning: str
    required: bool = False
    secret: bool = False


KEYS = (
    Key(
        "LANGSMITH_API_KEY",
        "api_key",
        None,
        parsers.header,
        "The key; a service key of the workspace is best",
        required=True,
        secret=True,
    ),
    Key(
        "LANGSMITH_TENANT_ID",
        "tenant_id",
        None,
        parsers.header,
        "The workspace id; without it a personal key reads whatever workspace it was made in",
        required=True,
    ),
    Key("LANGSMITH_ORG_ID", "org_id", None, parsers.header, "Sent as X-Organization-Id where given"),
    Key(
        "LANGSMITH_BASE_URL",
        "base_url",
        "https://api.smith.langchain.com",
        parsers.base_url,
        "EU, APAC, AWS or self-hosted; https only, except loopback",
    ),
    Key(
        "PAGE_SIZE",
        "page_size",
        "200",
        parsers.count,
        "The most records per request; each endpoint's own maximum caps it (100 on v1, 1000 on v2 runs)",
    ),
    Key("SYNC_EXAMPLES", "sync_examples", "true", parsers.boolean, "Off: no examples and no requests for them"),
    Key("SYNC_RUNS", "sync_runs", "true", parsers.boolean, "Off: no runs and no requests for them"),
    Key("SYNC_FEEDBACK", "sync_feedback", "true", parsers.boolean, "Off: no feedback and no requests for it"),
    Key("START_TIME", "start_time", None, parsers.moment, "The oldest run start to sync; default all that LangSmith still has"),
    Key("PROJECTS", "projects", "", parsers.names, "Comma-separated names or ids; limits runs and feedback"),
    Key(
        "PROJECTS_EXCLUDE",
        "projects_exclude",
        "",
        parsers.names,
        "Comma-separated names or ids of projects that are never read; with it, feedback that names no project is left out",
    ),
    Key(
        "EXCLUDE_COLUMNS",
        "exclude_columns",
        "",
        privacy_paths.columns,
        "Columns left empty, out of `raw` too, and not asked for: `langsmith_run.inputs,*.raw`",
    ),
    Key(
        "REDACT_PATHS",
        "redact_paths",
        "",
        privacy_paths.paths,
        "Places replaced by `[redacted]`, in `raw` too: `langsmith_run.inputs.**.content`, the text of each message",
    ),
    Key("HASH_PATHS", "hash_paths", "", privacy_paths.paths, "Places replaced by their HMAC-SHA-256, which still joins"),
    Key(
        "HASH_KEY", "hash_key", None, parsers.secret, "The key of HASH_PATHS, 16 characters or more; keep it secret", secret=True
    ),
    Key("MAX_SECONDS", "seconds_max", "240", parsers.positive, "The most seconds of one call"),
    Key(
        "MAX_RESPONSE_MB",
        "bytes_max",
        "8",
        parsers.megabytes,
        "The most megabytes of one answer; a batch for DuckDB has at least 8, for BigQuery 32",
    ),
    Key("SINK", "sink", "duckdb", parsers.one_of("duckdb", "bigquery"), "Where `sync` writes: duckdb or bigquery"),
    Key("STATE_STORE", "state_store", "duckdb", parsers.one_of("duckdb", "firestore"), "Its cursor: duckdb or firestore"),
    Key("LOCAL_DB", "local_db", "langsmith.duckdb", parsers.text, "The DuckDB file of `sync`"),
    Key("GOOGLE_CLOUD_PROJECT", "google_project", None, parsers.text, "The project of BigQuery and Firestore"),
    Key("BIGQUERY_DATASET", "bigquery_dataset", "langsmith", parsers.identifier, "The dataset that `sync` writes into"),
    Key("FIRESTORE_DATABASE", "firestore_database", "(default)", parsers.text, "The Firestore database of the cursors"),
    Key("FIRESTORE_COLLECTION", "firestore_collection", "langsmith_sync", parsers.identifier, "Where the cursors are kept"),
)
SECRETS = tuple(key.name for key in KEYS if key.secret)
IDENTITY = ("LANGSMITH_API_KEY", "LANGSMITH_TENANT_ID", "LANGSMITH_BASE_URL", "LANGSMITH_ORG_ID")
"""Keys that belong together: a request that names one of them brings the required ones, and takes none from elsewhere."""
ADDED_UP = ("PROJECTS_EXCLUDE", "EXCLUDE_COLUMNS", "REDACT_PATHS", "HASH_PATHS")
"""Keys of privacy that a request may add to and take nothing from."""


def secrets(values: Mapping[str, Any]) -> list[str]:
    """The secrets among values as they were given."""
    return [str(values[name]) for name in SECRETS if values.get(name)]
