"""Load the configuration: texts from a request and the environment become one frozen Settings value.

Decides which source wins. Parses every value once, so no later code parses.
Not here: the table of keys (settings.keys), a request's forms (settings.request_values), or reading the environment (main).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from langsmith_core.errors import ConfigError
from langsmith_core.privacy.places import Place
from langsmith_core.records.columns import Keys
from langsmith_core.records.packed_ids import ID_CHARACTERS
from langsmith_core.settings import checks, request_values
from langsmith_core.settings.key import Face
from langsmith_core.settings.keys import IDENTITY, METADATA, OFF, PRIVACY_LISTS, Key
from langsmith_core.settings.keys import KEYS as KEYS  # noqa: PLC0414  callers use it from here
from langsmith_core.settings.request_values import Values
from langsmith_core.streams.registry import OF_ORGANISATION

CLOUD = ".smith.langchain.com"
"""How every host of LangSmith's own cloud ends."""


class Settings(Struct, frozen=True, kw_only=True):
    """A checked configuration: one field for each key of settings.keys. No repr shows the API key.

    `pages_grow`: PAGE_SIZE is not set, and pages of runs may grow past it. The face sets `state_bytes_max`. Fivetran documents
    no limit for a Function's state, but its test socket takes 65,536 bytes.
    """

    api_key: str
    tenant_id: str
    org_id: str | None
    base_url: str
    page_size: int
    off: tuple[str, ...]
    metadata_keys: Keys
    start_time: datetime | None
    projects: tuple[str, ...]
    projects_exclude: tuple[str, ...]
    exclude_columns: tuple[Place, ...]
    redact_paths: tuple[Place, ...]
    hash_paths: tuple[Place, ...]
    hash_key: str | None
    seconds_max: float
    bytes_max: int
    bigquery_bytes_max: int
    sink: str
    state_store: str
    local_db: str
    google_project: str | None
    bigquery_dataset: str
    workspace_column: bool
    retention_days: int | None
    firestore_database: str
    firestore_collection: str
    check: bool
    shards: int
    tasks_queue: str | None
    tasks_url: str | None
    tasks_account: str | None
    json_columns: str
    state_bytes_max: int = 64_000
    pages_grow: bool = False

    def __repr__(self) -> str:
        return f"Settings(base_url={self.base_url!r}, tenant_id={self.tenant_id!r})"

    @property
    def known_max(self) -> int:
        """How many projects and datasets the state may name: 2,000 in Fivetran's. The rest of it takes 24,000 bytes at most."""
        return (self.state_bytes_max - 24_000) // ID_CHARACTERS

    @property
    def without_organisation(self) -> tuple[str, ...]:
        """Tables that are on and left out, since they are read from an organisation and none is named."""
        return () if self.org_id else tuple(name for name in OF_ORGANISATION if name not in self.off)

    @property
    def is_cloud(self) -> bool:
        """Whether LangSmith's own cloud is asked, and not a host of one's own."""
        return (urlsplit(self.base_url).hostname or "").endswith(CLOUD)

    @property
    def source(self) -> str:
        """The fingerprint of LangSmith's host and the workspace, which the state carries."""
        return fingerprint(self.base_url, self.tenant_id)

    @property
    def position(self) -> str:
        """The fingerprint of source and destination: another BigQuery dataset begins with an empty state."""
        return fingerprint(self.base_url, self.tenant_id, self.sink, self.google_project or "", self.bigquery_dataset)


def fingerprint(*parts: str) -> str:
    """Return sixteen hexadecimal characters that stand for these texts."""
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def load(environment: Mapping[str, str], request: Values | None = None, now: datetime | None = None) -> Settings:
    """Return the settings of the environment, overridden by a request's values.

    `request` are the values that `request_values.merged` returns. `now` is the time that START_TIME is compared with.
    Raises ConfigError; its message begins with the key.
    """
    checks.check_spelling(environment)
    given = request_values.texts(request or {})
    own = {name: value for name, value in environment.items() if value != ""}
    own = {name: value for name, value in own.items() if name not in _identity(given)}
    values = {**own, **given}
    values |= {name: f"{own[name]},{given[name]}" for name in PRIVACY_LISTS if name in own and name in given}
    if "HASH_KEY" in own and given.get("HASH_KEY", own["HASH_KEY"]).strip() != own["HASH_KEY"].strip():
        raise ConfigError("HASH_KEY: the function's environment has another one, which wins; take it out of the request")
    if values.get("SINK", "").strip() == "bigquery" and "STATE_STORE" not in values:
        values["STATE_STORE"] = "firestore"  # the cursor is kept beside its rows
    checks.refuse_placeholders(values)
    fields = {key.field: _parsed(key, values.get(key.name, key.default)) for key in KEYS}
    switches = {name: fields.pop(name) for name in list(fields) if name.startswith(OFF)}
    off = tuple(sorted(table for name, on in switches.items() if not on for table in name.removeprefix(OFF).split(",")))
    chosen = tuple(_taken(fields, METADATA).items())
    settings = Settings(**fields, off=off, metadata_keys=chosen, pages_grow="PAGE_SIZE" not in values)
    checks.refuse_unhidden(own, given)
    if settings.hash_paths and not settings.hash_key:
        raise ConfigError("HASH_KEY: missing; HASH_PATHS needs a secret of 16 characters or more")
    checks.refuse_contradictions(settings.projects, settings.projects_exclude, settings.start_time, now)
    return settings


def _taken(fields: dict[str, Any], beginning: str) -> dict[str, Any]:
    """Take the fields out whose names begin so, and return them without that beginning."""
    return {name.removeprefix(beginning): fields.pop(name) for name in list(fields) if name.startswith(beginning)}


def _identity(given: Mapping[str, str]) -> tuple[str, ...]:
    """Return the identity keys that come from the request: all of them if it names any, else none.

    Raises ConfigError if it names some, but not the required ones.
    """
    named = [name for name in IDENTITY if name in given]
    missing = [key.name for key in KEYS if key.required and key.name not in given]
    if named and missing:
        raise ConfigError(
            f"{named[0]}: give {missing[0]} beside it; a key is used only for the address and workspace that came with it"
        )
    return IDENTITY if named else ()


def standalone(environment: Mapping[str, str], workspace: Values | None = None, now: datetime | None = None) -> Settings:
    """Return the settings of the `sync` target, from the environment and the values of a workspace, where it has several.

    Raises ConfigError as `load`, and if SINK and STATE_STORE do not belong together, or SHARDS lacks what it needs.
    """
    settings = load(environment, workspace, now)
    if (settings.sink == "duckdb") != (settings.state_store == "duckdb"):
        raise ConfigError(
            "STATE_STORE: write firestore with SINK=bigquery, or duckdb with SINK=duckdb: the cursor is kept beside its rows"
        )
    tasks = {"TASKS_QUEUE": settings.tasks_queue, "TASKS_URL": settings.tasks_url, "TASKS_ACCOUNT": settings.tasks_account}
    checks.refuse_lonely_shards(settings.shards, settings.sink, tasks)
    return settings


def connector(configuration: Any, now: datetime | None = None) -> Settings:
    """Return the settings of the Connector SDK's connector, from its configuration alone. `now` is as in `load`.

    Raises ConfigError as `load`, and for a key that another face takes and this one does not.
    """
    given = request_values.flat(configuration)
    checks.refuse_others(request_values.texts(given), Face.CONNECTOR)
    return load({}, given, now)


def json_columns(configuration: Any) -> str:
    """Return how a connector declares JSON columns. Fivetran asks for it before the rest need be there. Raises ConfigError."""
    (key,) = (one for one in KEYS if one.field == "json_columns")
    found: str = _parsed(key, request_values.texts(request_values.flat(configuration)).get(key.name, key.default))
    return found


def _parsed(key: Key, text: str | None) -> Any:
    """Parse a key's text. Raises ConfigError if it cannot be used, or if a required one is missing."""
    stripped = (text or "").strip()
    if key.required and not stripped:
        raise ConfigError(f"{key.name}: missing. {key.meaning}")
    if text is None:
        return None
    try:
        return key.parse(stripped)
    except ValueError as error:
        raise ConfigError(f"{key.name}: {error}") from error
