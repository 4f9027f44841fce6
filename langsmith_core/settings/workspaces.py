"""Several workspaces of one function: WORKSPACES maps names to configuration keys, and each entry becomes Settings of its own.

    WORKSPACES='{"my-team": {"LANGSMITH_TENANT_ID": "...", "BIGQUERY_DATASET": "my_team"}, "other": {...}}'
    LANGSMITH_API_KEY__MY_TEAM='...'       the key of my-team; it never stands in the map

An entry wins over the environment as a request of Fivetran's does: its identity is whole, and it loosens no privacy setting.
Here: reading the map, and keeping workspaces apart. Not here: one workspace's values (config), or who names one (faces).
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from langsmith_core.errors import ConfigError
from langsmith_core.settings import config
from langsmith_core.settings.config import Settings
from langsmith_core.settings.keys import API_KEY_OF, MAP, NAMES, SECRETS

NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")


def names(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of all workspaces; none where the environment has no map. Raises ConfigError for a map of another form."""
    return tuple(_entries(environment))


def settings(environment: Mapping[str, str], name: str | None, now: datetime | None = None) -> Settings:
    """Return the settings of one workspace. Without a map the environment's own are the only ones, and nobody may name one.

    `now` is as in `config.load`. Raises ConfigError for a name that the map lacks, for an entry that cannot be used, and for two
    entries that would write over each other.
    """
    entries = _entries(environment)
    if not entries:
        if name is not None:
            raise ConfigError("workspace: this function reads only one; leave the name out, or set WORKSPACES")
        return config.standalone(environment, now=now)
    if name not in entries:
        raise ConfigError(f'workspace: name one of these, as in {{"workspace": "..."}}: {", ".join(entries)}')
    own = config.standalone(environment, _values(environment, name, entries[name]), now)
    others = {other: found for other in entries if other != name and (found := _usable(environment, other, entries[other]))}
    for other, found in others.items():
        _refuse_same(name, own, other, found)
    shared = any(_dataset(found) == _dataset(own) for found in others.values()) and own.sink == "bigquery"
    return replace(own, workspace_column=own.workspace_column or shared)


def key_variable(name: str) -> str:
    """Return the name of the environment's variable with the API key of a workspace."""
    return API_KEY_OF + name.upper().replace("-", "_")


def _entries(environment: Mapping[str, str]) -> dict[str, Any]:
    text = environment.get(MAP.name, "").strip()
    if not text:
        return {}
    try:
        found = json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise ConfigError('WORKSPACES: not JSON; write {"my-team": {"LANGSMITH_TENANT_ID": "..."}}') from error
    if not isinstance(found, dict) or not found:
        raise ConfigError("WORKSPACES: it names no workspace; write an object with an entry for each, or take it away")
    for name in found:
        if not NAME.fullmatch(name):
            raise ConfigError(
                f"WORKSPACES: {name!r:.40} is not a name; write a lower-case letter, "
                "then lower-case letters, digits and hyphens, 30 in all"
            )
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ConfigError("WORKSPACES: an object in it gives one name twice; remove one of them")
    return found


def _values(environment: Mapping[str, str], name: str, entry: Any) -> dict[str, Any]:
    """Return what an entry says, with its API key, as the values of a request. Raises ConfigError."""
    if not isinstance(entry, dict):
        raise ConfigError(f"WORKSPACES: the entry of {name} is not an object; write configuration keys and their values")
    for secret in (one for one in SECRETS if one in entry):
        place = {"LANGSMITH_API_KEY": key_variable(name)}.get(secret, secret)
        raise ConfigError(
            f"WORKSPACES: the entry of {name} holds {secret}, and no secret may stand in the map; make a new one, "
            f"and put it into the variable {place}"
        )
    if not str(entry.get("LANGSMITH_TENANT_ID") or "").strip():
        raise ConfigError(f"LANGSMITH_TENANT_ID: missing in the entry of {name}; no workspace takes it from the environment")
    key = environment.get(key_variable(name), "").strip()
    if not key:
        raise ConfigError(f"{key_variable(name)}: missing. The API key of workspace {name}, in the environment and from a secret")
    return {**entry, "LANGSMITH_API_KEY": key}


def _usable(environment: Mapping[str, str], name: str, entry: Any) -> Settings | None:
    """Return the settings of another workspace; None for one that cannot be used, which meets nobody.

    What else the environment holds is left out, so that its misspelt names are told once.
    """
    known = dict(_known(environment))
    try:
        return config.standalone(known, _values(environment, name, entry))
    except ConfigError:
        return None


def _known(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in environment.items() if name in NAMES)


def _refuse_same(name: str, own: Settings, other: str, found: Settings) -> None:
    """Raise ConfigError where two entries have one position, or one file."""
    if own.sink != found.sink:
        return
    if own.sink == "duckdb" and posixpath.normpath(own.local_db) == posixpath.normpath(found.local_db):
        raise ConfigError(f"LOCAL_DB: {name} and {other} would write one file; give each entry a file of its own")
    if own.sink == "bigquery" and own.position == found.position:
        raise ConfigError(f"WORKSPACES: {name} and {other} are one workspace in one dataset; remove one of them")


def _dataset(settings: Settings) -> tuple[str, str | None, str]:
    return settings.sink, settings.google_project, settings.bigquery_dataset
