"""Read configuration values from a request: Fivetran's `secrets` and `customPayload`, in any of the forms they come in.

Not here: whether the request or the environment wins (settings.config), or parsing a value (settings.parsers).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from langsmith_core.errors import ConfigError
from langsmith_core.settings import checks
from langsmith_core.settings.keys import MAP, NAMES, PRIVACY_LISTS

Values: TypeAlias = Mapping[str, Any]
"""Values of any JSON type by key name."""
KEYS_MAX = 1_000
"""The most keys of one request: each is compared with every key of ours."""


def merged(payload: Any, secrets: Any) -> dict[str, Any]:
    """Merge a request's `customPayload` and `secrets`: the secrets win, except that privacy lists are joined."""
    of_payload, of_secrets = flat(payload), flat(secrets)
    both = {
        name: f"{_as_text(of_payload[name])},{_as_text(of_secrets[name])}"
        for name in PRIVACY_LISTS
        if name in _nonempty(of_payload).keys() & _nonempty(of_secrets)
    }
    return {**of_secrets, **of_payload, **_nonempty(of_secrets), **both}


def flat(value: Any) -> dict[str, Any]:
    """Flatten `secrets` or `customPayload` to one dict: from an object, an object of objects, or a list of {key, value}.

    An object under one of our keys is that key's value, which its parser refuses; it is not searched for keys.
    Raises ConfigError if one of our keys has two values.
    """
    out: dict[str, Any] = {}
    for name, item in _pairs(value):
        if name in NAMES and _is_given(out.get(name)) and _is_given(item):
            raise ConfigError(f"{name}: the request gives it twice; remove one of them")
        out[name] = item if _is_given(item) else out.get(name, item)
    return out


def _pairs(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        items = [(one["key"], one.get("value")) for one in value if isinstance(one, dict) and isinstance(one.get("key"), str)]
    else:
        items = list(value.items()) if isinstance(value, dict) else []
    for name, item in items:
        yield from _pairs(item) if isinstance(item, dict) and name not in NAMES else ((name, item),)


def _is_given(value: Any) -> bool:
    """Return whether a value is neither null nor blank. Fivetran's form sends its empty fields, too."""
    return value is not None and (not isinstance(value, str) or bool(value.strip()))


def _nonempty(values: Values) -> dict[str, Any]:
    return {name: value for name, value in values.items() if _is_given(value)}


def texts(request: Values) -> dict[str, str]:
    """Return the text of each of our keys in the request, and ignore all other keys.

    Raises ConfigError for a misspelt key of this program, for a map of workspaces, or for over 1,000 keys.
    """
    given = _nonempty(request)
    if MAP.name in given:
        raise ConfigError("WORKSPACES: only the function's environment can name workspaces; take it out")
    if len(given) > KEYS_MAX:
        raise ConfigError(f"body: more than {KEYS_MAX} keys in secrets and customPayload; send those that README lists")
    for name in (one for one in given if one not in NAMES):
        intended = checks.intended_key(name)
        if intended:
            raise ConfigError(f"{intended}: it is written as {name!r}, which would be ignored; correct it or take it out")
    return {name: _as_text(value) for name, value in given.items() if name in NAMES}


def _as_text(value: Any) -> str:
    """Write a value as a user would: a list of names with commas, anything else as JSON."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ",".join(value)
    return value if isinstance(value, str) else json.dumps(value)
