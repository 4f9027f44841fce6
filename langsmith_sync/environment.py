"""The configuration of a command: the environment, and a file of variables where `--env-file` names one.

The file wins, as a request does over a deployed function's environment. The identity keys come from one place together: an API
key of the environment never goes to an address of the file. And a file only adds to the environment's privacy lists.

Here: merging both, and which of them each value came from. Not here: what a value means (langsmith_core.settings).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import dotenv

from langsmith_core.errors import ConfigError
from langsmith_core.settings import workspaces
from langsmith_core.settings.config import Settings
from langsmith_core.settings.key import Key
from langsmith_core.settings.keys import API_KEY_OF, IDENTITY, KEYS, MAP, PRIVACY_LISTS

REQUIRED = {
    "LANGSMITH_API_KEY": "a key from LangSmith's settings, best a service key of the workspace",
    "LANGSMITH_TENANT_ID": "the workspace's id, on the same page",
}


class Origins:
    """The values of a command by key, and the place that each came from."""

    def __init__(self, environment: Mapping[str, str], file: Path | None) -> None:
        """Merge the environment with a file. Raises ConfigError for a file that cannot be read."""
        self.file = file
        self._of_file = _read(file) if file else {}
        own = {name: value for name, value in environment.items() if value}
        self._own = {name: value for name, value in own.items() if not _is_replaced(name, self._of_file)}
        both = {name: f"{self._own[name]},{self._of_file[name]}" for name in PRIVACY_LISTS if self.places(name) == 2}
        self.values = {**self._own, **self._of_file, **both}

    def places(self, name: str) -> int:
        """Count the places that give a key."""
        return (name in self._own) + (name in self._of_file)

    def text(self, key: Key) -> str | None:
        """Return the text of a key that counts: the one that is given, or the default; None where there is neither."""
        if key.name == "STATE_STORE" and self._implies_store:
            return "firestore"
        return self.values.get(key.name, key.default)

    @property
    def _implies_store(self) -> bool:
        """Whether SINK alone says where the position is kept (settings.config)."""
        return "STATE_STORE" not in self.values and self.values.get("SINK", "").strip() == "bigquery"

    def of(self, name: str) -> str:
        """Name the place that a key's value comes from."""
        if name == "STATE_STORE" and self._implies_store:
            return "SINK"
        found = [place for place, values in (("environment", self._own), (str(self.file), self._of_file)) if name in values]
        counted = found if name in PRIVACY_LISTS else found[-1:]
        return " and ".join(counted) or "default"


def adopted(file: Path | None) -> Origins:
    """Merge the environment with a file, and make the result this process's environment.

    What the core and Google's libraries read of the environment is then the same. Raises ConfigError.
    """
    found = Origins(os.environ, file)
    os.environ.update(found.values)
    for name in [name for name, value in os.environ.items() if value and name not in found.values]:
        del os.environ[name]
    return found


def _is_replaced(name: str, file: Mapping[str, str]) -> bool:
    """Tell whether a variable of the environment is not used: it is a part of an identity, and the file names another."""
    if name in IDENTITY:
        return any(one in file for one in IDENTITY)
    return name.startswith(API_KEY_OF) and MAP.name in file


def settings(workspace: str | None = None) -> Settings:
    """Return the settings that this process's environment gives `sync`. Raises ConfigError."""
    return workspaces.settings(os.environ, workspace, datetime.now(UTC))


def refuse_missing() -> None:
    """Raise ConfigError where this process's environment lacks what every sync needs, with all that is missing."""
    missing = [f"{name} ({meaning})" for name, meaning in REQUIRED.items() if not os.environ.get(name, "").strip()]
    if missing and not os.environ.get(MAP.name, "").strip():
        raise ConfigError(f"Set {' and '.join(missing)}, then run this again; `langsmith-sync demo` needs neither.")


def refuse_unusable() -> None:
    """Raise ConfigError where this process's environment, or a workspace's entry in it, cannot be used."""
    for name in workspaces.names(os.environ) or (None,):
        settings(name)


def local_db(workspace: str | None = None) -> str:
    """Return the DuckDB file that `sync` writes. Nothing else need be configured, unless WORKSPACES names several.

    Raises ConfigError where rows go to BigQuery.
    """
    if os.environ.get(MAP.name, "").strip():
        chosen = settings(workspace)
        sink, path = chosen.sink, chosen.local_db
    else:
        given = {key.name: (os.environ.get(key.name) or key.default or "").strip() for key in KEYS}
        sink, path = given["SINK"], given["LOCAL_DB"]
    if sink != "duckdb":
        raise ConfigError("SINK: only a DuckDB file can be exported; BigQuery has an export of its own")
    return path


def _read(file: Path) -> dict[str, str]:
    """Read a file of `NAME=value` lines, without replacing `$NAME` in them. Raises ConfigError for one that is not there."""
    try:
        with file.open(encoding="utf-8") as lines:
            found = dotenv.dotenv_values(stream=lines, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--env-file: {file} cannot be read; name a text file with a line NAME=value for each key") from error
    return {name: value for name, value in found.items() if value}
