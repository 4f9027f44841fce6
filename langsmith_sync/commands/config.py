"""`langsmith-sync config`: each key, the value that counts, and the place that it comes from."""

from __future__ import annotations

import os

from langsmith_core.errors import ConfigError
from langsmith_core.settings import workspaces
from langsmith_core.settings.key import Face, Key
from langsmith_core.settings.keys import API_KEY_OF, KEYS, MAP
from langsmith_sync import environment, tables
from langsmith_sync.environment import Origins
from langsmith_sync.options import EnvFile

HIDDEN = "(set, and hidden)"
UNUSABLE = "(cannot be used)"


def config(env_file: EnvFile = None) -> None:
    """Show each configuration key, its value and its origin.

    The value is the one that counts. Secrets stay hidden. A value that cannot be used ends in status 2.
    """
    origins = environment.adopted(env_file)
    taken = [key for key in KEYS if Face.SYNC in key.taken_by]
    checked = [(key, _problem(key, origins)) for key in taken]
    rows = [(key.name, _shown(key, origins, problem), origins.of(key.name)) for key, problem in checked]
    tables.show(("key", "value", "from"), [*rows, *_of_workspaces(origins)])
    problems = [problem for _, problem in checked if problem and not origins.values.get(MAP.name)]
    if problems:
        raise ConfigError("\n".join(problems))
    environment.refuse_unusable()
    print("Every key can be used.")


def _problem(key: Key, origins: Origins) -> str:
    """Return what is wrong with a key's value, beginning with the key; an empty text where nothing is."""
    text = origins.text(key)
    if key.required and not (text or "").strip():
        return f"{key.name}: missing. {key.meaning}"
    try:
        if text is not None:
            key.parse(text.strip())
    except ValueError as error:
        return f"{key.name}: {error}"
    return ""


def _shown(key: Key, origins: Origins, problem: str) -> str:
    """Return a value as the table shows it. One that cannot be used may be a secret that stands at the wrong key."""
    text = origins.text(key)
    if problem:
        return UNUSABLE if text else ""
    return HIDDEN if key.secret and text else (text or "")


def _of_workspaces(origins: Origins) -> list[tuple[str, str, str]]:
    """Return the rows of WORKSPACES and of its API keys."""
    named = [(MAP.name, ", ".join(workspaces.names(os.environ)), origins.of(MAP.name))] if MAP.name in origins.values else []
    return named + [(name, HIDDEN, origins.of(name)) for name in sorted(origins.values) if name.startswith(API_KEY_OF)]
