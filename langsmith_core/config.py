"""Configuration: text from a request or the environment becomes one frozen Settings, once.

Here: the table of keys, their defaults, their parsing, and which source wins. After this file nobody parses.
Not here: reading the environment (main does) or using a value.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from msgspec import Struct

from langsmith_core import ledger, parsers
from langsmith_core.errors import ConfigError

Values: TypeAlias = Mapping[str, Any]


class Settings(Struct, frozen=True, kw_only=True):
    """A checked configuration. The key is in no repr.

    `state_bytes_max` is the face's: Fivetran's own limit is not documented, its test socket takes 65,536 bytes.
    """

    api_key: str
    tenant_id: str
    org_id: str | None
    base_url: str
    page_size: int
    sync_examples: bool
    sync_runs: bool
    sync_feedback: bool
    start_time: datetime | None
    projects: tuple[str, ...]
    seconds_max: float
    bytes_max: int
    sink: str
    state_store: str
    local_db: str
    google_project: str | None
    bigquery_dataset: str
    firestore_database: str
    firestore_collection: str
    state_bytes_max: int = 64_000

    def __repr__(self) -> str:
        return f"Settings(base_url={self.base_url!r}, tenant_id={self.tenant_id!r})"

    @property
    def known_max(self) -> int:
        """Projects and datasets that the state may know: 2,000 in one of Fivetran's, whose rest takes 24,000 bytes at most."""
        return (self.state_bytes_max - 24_000) // ledger.ID_CHARACTERS

    @property
    def source(self) -> str:
        """The fingerprint of host and workspace that a state carries."""
        return fingerprint(self.base_url, self.tenant_id)

    @property
    def position(self) -> str:
        """The fingerprint of where from and where to: another dataset begins with an empty cursor."""
        return fingerprint(self.base_url, self.tenant_id, self.sink, self.google_project or "", self.bigquery_dataset)


def fingerprint(*parts: str) -> str:
    """Sixteen characters that stand for these texts."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


class Key(Struct, frozen=True):
    """One configuration key: its field in Settings, its default as a user would write it, its parser, its meaning."""

    name: str
    field: str
    default: str | None
    parse: Callable[[str], Any]
    meaning: str
    required: bool = False


KEYS = (
    Key("LANGSMITH_API_KEY", "api_key", None, parsers.header, "The key; a service key of the workspace is best", required=True),
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
    Key("MAX_SECONDS", "seconds_max", "240", parsers.positive, "The most seconds of one call"),
    Key(
        "MAX_RESPONSE_MB",
        "bytes_max",
        "8",
        parsers.megabytes,
        "The most megabytes of one answer, and of one batch written to a database",
    ),
    Key("SINK", "sink", "duckdb", parsers.one_of("duckdb", "bigquery"), "Where `sync` writes: duckdb or bigquery"),
    Key("STATE_STORE", "state_store", "duckdb", parsers.one_of("duckdb", "firestore"), "Its cursor: duckdb or firestore"),
    Key("LOCAL_DB", "local_db", "langsmith.duckdb", parsers.text, "The DuckDB file of `sync`"),
    Key("GOOGLE_CLOUD_PROJECT", "google_project", None, parsers.text, "The project of BigQuery and Firestore"),
    Key("BIGQUERY_DATASET", "bigquery_dataset", "langsmith", parsers.identifier, "The dataset that `sync` writes into"),
    Key("FIRESTORE_DATABASE", "firestore_database", "(default)", parsers.text, "The Firestore database of the cursors"),
    Key("FIRESTORE_COLLECTION", "firestore_collection", "langsmith_sync", parsers.identifier, "Where the cursors are kept"),
)
NOT_YET = ("EXCLUDE_COLUMNS", "REDACT_PATHS", "HASH_PATHS", "HASH_KEY", "PROJECTS_EXCLUDE")
"""Keys of privacy that a later version brings. Until then they are refused: ignoring one would leak what it should hide."""


def load(environment: Mapping[str, str], request: Values | None = None) -> Settings:
    """Settings from the environment, overridden by the request's `secrets` and `customPayload`.

    Raises ConfigError, its message beginning with the key.
    """
    given = _texts(request or {})
    if "LANGSMITH_BASE_URL" in given and "LANGSMITH_API_KEY" not in given:
        raise ConfigError("LANGSMITH_BASE_URL: give LANGSMITH_API_KEY beside it; a key is only sent to the address it came with")
    own = {name: value for name, value in environment.items() if value != ""}
    if "LANGSMITH_API_KEY" in given:
        own.pop("LANGSMITH_BASE_URL", None)
    values = {**own, **given}
    for name in NOT_YET:
        if values.get(name):
            raise ConfigError(f"{name}: this version cannot do it yet; take the key away, or wait for a version that can")
    return Settings(**{key.field: _parsed(key, values.get(key.name, key.default)) for key in KEYS})


def standalone(environment: Mapping[str, str]) -> Settings:
    """The same for a sync into a sink of its own. Raises ConfigError also where sink and store do not belong together."""
    settings = load(environment)
    if (settings.sink == "duckdb") != (settings.state_store == "duckdb"):
        raise ConfigError(
            "STATE_STORE: write firestore with SINK=bigquery, or duckdb with SINK=duckdb: a cursor stays by its rows"
        )
    return settings


def flat(value: Any) -> dict[str, Any]:
    """A request's `secrets` or `customPayload`: an object, an object of objects, or a list of {key, value}."""
    if isinstance(value, list):
        value = {item["key"]: item.get("value") for item in value if isinstance(item, dict) and isinstance(item.get("key"), str)}
    if not isinstance(value, dict):
        return {}
    out: dict[str, Any] = {}
    for name, item in value.items():
        out.update(flat(item) if isinstance(item, dict) else {name: item})
    return out


def _texts(request: Values) -> dict[str, str]:
    names = {key.name for key in KEYS} | set(NOT_YET)
    chosen = {name: value for name, value in request.items() if name in names and value not in (None, "")}
    return {name: _as_text(value) for name, value in chosen.items()}


def _as_text(value: Any) -> str:
    """A value as a user would write it: a list of names with commas, anything else as JSON."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ",".join(value)
    return value if isinstance(value, str) else json.dumps(value)


def _parsed(key: Key, text: str | None) -> Any:
    stripped = (text or "").strip()
    if key.required and not stripped:
        raise ConfigError(f"{key.name}: missing. {key.meaning}")
    if text is None:
        return None
    try:
        return key.parse(stripped)
    except ValueError as error:
        raise ConfigError(f"{key.name}: {error}") from error
