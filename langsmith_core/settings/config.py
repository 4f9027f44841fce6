"""Configuration: text from a request or the environment becomes one frozen Settings, once.

Here: which source wins, and the checked result. After this file nobody parses.
Not here: the table of keys (keys), reading the environment (main does), using a value.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeAlias

from msgspec import Struct

from langsmith_core.errors import ConfigError
from langsmith_core.privacy.places import Place
from langsmith_core.records.ids import ID_CHARACTERS
from langsmith_core.settings.keys import ADDED_UP, Key
from langsmith_core.settings.keys import KEYS as KEYS  # noqa: PLC0414  part of this module's face
from langsmith_core.streams.registry import SWITCHES

Values: TypeAlias = Mapping[str, Any]
NAMES = frozenset(key.name for key in KEYS)
MISSPELT = 0.85
"""How alike a request's key is to one of ours to be taken for it misspelt: a privacy key passed over would hide nothing."""


class Settings(Struct, frozen=True, kw_only=True):
    """A checked configuration. The key is in no repr.

    `state_bytes_max` is the face's: Fivetran's own limit is not documented, its test socket takes 65,536 bytes.
    """

    api_key: str
    tenant_id: str
    org_id: str | None
    base_url: str
    page_size: int
    off: tuple[str, ...]
    start_time: datetime | None
    projects: tuple[str, ...]
    projects_exclude: tuple[str, ...]
    exclude_columns: tuple[Place, ...]
    redact_paths: tuple[Place, ...]
    hash_paths: tuple[Place, ...]
    hash_key: str | None
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
        return (self.state_bytes_max - 24_000) // ID_CHARACTERS

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
    values |= {name: f"{own[name]},{given[name]}" for name in ADDED_UP if name in own and name in given}
    if "HASH_KEY" in own and given.get("HASH_KEY", own["HASH_KEY"]) != own["HASH_KEY"]:
        raise ConfigError("HASH_KEY: the function's environment has another one, which a request cannot replace; take it away")
    parsed = {key.field: _parsed(key, values.get(key.name, key.default)) for key in KEYS}
    off = tuple(sorted(table for switch, table in SWITCHES.items() if not parsed.pop(switch.lower())))
    settings = Settings(**parsed, off=off)
    if settings.hash_paths and not settings.hash_key:
        raise ConfigError("HASH_KEY: missing; HASH_PATHS needs a secret of 16 characters or more")
    return settings


def standalone(environment: Mapping[str, str]) -> Settings:
    """The same for a sync into a sink of its own. Raises ConfigError also where sink and store do not belong together."""
    settings = load(environment)
    if (settings.sink == "duckdb") != (settings.state_store == "duckdb"):
        raise ConfigError(
            "STATE_STORE: write firestore with SINK=bigquery, or duckdb with SINK=duckdb: a cursor stays by its rows"
        )
    return settings


def flat(value: Any) -> dict[str, Any]:
    """A request's `secrets` or `customPayload`: an object, an object of objects, or a list of {key, value}.

    An object under one of our keys is that key's value, which its parser refuses, and no object of keys.
    """
    if isinstance(value, list):
        value = {item["key"]: item.get("value") for item in value if isinstance(item, dict) and isinstance(item.get("key"), str)}
    if not isinstance(value, dict):
        return {}
    out: dict[str, Any] = {}
    for name, item in value.items():
        out.update(flat(item) if isinstance(item, dict) and name not in NAMES else {name: item})
    return out


def _texts(request: Values) -> dict[str, str]:
    """The request's values of our keys, and no others'. Raises ConfigError for a key that is nearly one of ours."""
    given = {name: value for name, value in request.items() if value not in (None, "")}
    for name in (one for one in given if one not in NAMES):
        meant = difflib.get_close_matches(name.upper(), NAMES, 1, MISSPELT)
        if meant:
            raise ConfigError(
                f"{meant[0]}: the request writes it as {name!r}, which would be passed over; correct it or take it out"
            )
    return {name: _as_text(value) for name, value in given.items() if name in NAMES}


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
