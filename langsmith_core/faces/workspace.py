"""Name the workspace of a call to `sync`: by the body of a POST, or by `?workspace=` of a GET; show all of them in short.

Not here: what a name stands for (settings.workspaces), or the status of one workspace (status).
"""

from __future__ import annotations

import os
from datetime import datetime
from typing import Any

import msgspec

from langsmith_core.errors import ConfigError, StateError
from langsmith_core.faces import body as request_body
from langsmith_core.faces import destination, status
from langsmith_core.records.times import render
from langsmith_core.settings import workspaces
from langsmith_core.sync import state_json
from langsmith_core.sync.state import State

SAMPLE = '{"workspace": "my-team"}'


def named(body: bytes) -> str | None:
    """Return the name in a body; None where the body is empty. Raises ConfigError for a body that holds anything else."""
    fields = request_body.fields(body, SAMPLE)
    name = fields.get("workspace")
    if fields.keys() - {"workspace"} or (fields and not isinstance(name, str)):
        raise ConfigError(f"body: send {SAMPLE} and nothing else; set everything else in the environment")
    return name


def all_in_short(now: datetime) -> dict[str, Any]:
    """Return how far each workspace of the map is: `{"workspaces": {name: {...}}}`. An entry that cannot be used says why."""
    return {"workspaces": {name: _in_short(name, now) for name in workspaces.names(os.environ)}}


def _in_short(name: str, now: datetime) -> dict[str, Any]:
    try:
        settings = workspaces.settings(os.environ, name)
        held = destination.position(settings)
        state = state_json.load(held["state"], settings.source, destination.place(settings))
    except (ConfigError, StateError) as error:
        return _line(State(source=""), now) | {"last_error": {"at": None, "status": error.status, "message": str(error)}}
    return _line(state, now)


def _line(state: State, now: datetime) -> dict[str, Any]:
    last, lag = (state.passes[-1] if state.passes else None), status.lag_seconds(state, now)
    return {
        "last_pass": render(last.ended) if last else None,
        "hasMore": last.has_more if last else None,
        "lag_seconds": round(lag) if lag is not None else None,
        "last_error": msgspec.to_builtins(state.trouble),
    }
