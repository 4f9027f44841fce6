"""Configuration: text from a request or the environment becomes one frozen Settings, once.

Here: which source wins, and the checked result. After this file nobody parses.
Not here: the table of keys (keys), reading the environment (main does), using a value.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from msgspec import Struct

from langsmith_core import config_checks, ledger
from langsmith_core.errors import ConfigError
from langsmith_core.keys import ADDED_UP, IDENTITY, Key
from langsmith_core.keys import KEYS as KEYS  # noqa: PLC0414  part of this module's face
from langsmith_core.privacy_paths import Place

Values: TypeAlias = Mapping[str, Any]
NAMES = frozenset(key.name for key in KEYS)
KEYS_MAX = 1_000


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


def load(environment: Mapping[str, str], request: Values | None = None, now: datetime | None = None) -> Settings:
    """Settings from the environment, overridden by the request's `secrets` and `customPayload`.

    Raises ConfigError, its message beginning with the key. `now` is the time that START_TIME is compared with.
    """
    config_checks.misspelt(environment)
    given = _texts(request or {})
    own = {name: value for name, value in environment.items() if value != ""}
    own = {name: value for name, value in own.items() if name not in _identity(given)}
    values = {**own, **given}
    values |= {name: f"{own[name]},{given[name]}" for name in ADDED_UP if name in own and name in given}
    if "HASH_KEY" in own and given.get("HASH_KEY", own["HASH_KEY"]).strip() != own["HASH_KEY"].strip():
        raise ConfigError("HASH_KEY: the function's environment has another one, which a request cannot replace; take it away")
    if values.get("SINK", "").strip() == "bigquery" and "STATE_STORE" not in values:
        values["STATE_STORE"] = "firestore"  # a cursor stays by its rows
    config_checks.placeholders(values)
    settings = Settings(**{key.field: _parsed(key, values.get(key.name, key.default)) for key in KEYS})
    if settings.hash_paths and not settings.hash_key:
        raise ConfigError("HASH_KEY: missing; HASH_PATHS needs a secret of 16 characters or more")
    config_checks.together(settings.projects, settings.projects_exclude, settings.start_time, now)
    return settings


def _identity(given: Mapping[str, str]) -> tuple[str, ...]:
    """The keys that a request brings of the identity: all where it names any. Raises ConfigError where it brings a part."""
    named = [name for name in IDENTITY if name in given]
    missing = [key.name for key in KEYS if key.required and key.name not in given]
    if named and missing:
        raise ConfigError(
            f"{named[0]}: give {missing[0]} beside it; a key is only used for the address and the workspace it came with"
        )
    return IDENTITY if named else ()


def standalone(environment: Mapping[str, str], now: datetime | None = None) -> Settings:
    """The same for a sync into a sink of its own. Raises ConfigError also where sink and store do not belong together."""
    settings = load(environment, now=now)
    if (settings.sink == "duckdb") != (settings.state_store == "duckdb"):
        raise ConfigError(
            "STATE_STORE: write firestore with SINK=bigquery, or duckdb with SINK=duckdb: a cursor stays by its rows"
        )
    return settings


def merged(payload: Any, secrets: Any) -> dict[str, Any]:
    """A request's values: of its secrets, then of its payload. What they say of privacy is added up."""
    lower, upper = flat(payload), flat(secrets)
    both = {
        name: f"{_as_text(lower[name])},{_as_text(upper[name])}"
        for name in ADDED_UP
        if name in _told(lower).keys() & _told(upper)
    }
    return {**upper, **lower, **_told(upper), **both}


def flat(value: Any) -> dict[str, Any]:
    """A request's `secrets` or `customPayload`: an object, an object of objects, or a list of {key, value}.

    An object under one of our keys is that key's value, which its parser refuses, and no object of keys. Raises ConfigError for a
    key of ours that has two values.
    """
    out: dict[str, Any] = {}
    for name, item in _pairs(value):
        if name in NAMES and _is_told(out.get(name)) and _is_told(item):
            raise ConfigError(f"{name}: the request gives it twice; take one of them out")
        out[name] = item if _is_told(item) else out.get(name, item)
    return out


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        items = [(one["key"], one.get("value")) for one in value if isinstance(one, dict) and isinstance(one.get("key"), str)]
    else:
        items = list(value.items()) if isinstance(value, dict) else []
    for name, item in items:
        yield from _pairs(item) if isinstance(item, dict) and name not in NAMES else ((name, item),)


def _is_told(value: Any) -> bool:
    """Whether a value says anything: a field of a form that is left empty does not."""
    return value is not None and (not isinstance(value, str) or bool(value.strip()))


def _told(values: Values) -> dict[str, Any]:
    return {name: value for name, value in values.items() if _is_told(value)}


def _texts(request: Values) -> dict[str, str]:
    """The request's values of our keys, and no others'. Raises ConfigError for a key that is nearly one of ours."""
    given = _told(request)
    if len(given) > KEYS_MAX:
        raise ConfigError(f"body: more than {KEYS_MAX} keys in secrets and customPayload; send those that README lists")
    for name in (one for one in given if one not in NAMES):
        meant = config_checks.meant(name)
        if meant:
            raise ConfigError(
                f"{meant}: the request writes it as {name!r}, which would be passed over; correct it or take it out"
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
