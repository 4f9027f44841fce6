"""What configuration values mean together, and texts that are no values: placeholders, keys that are nearly ours.

Here: the checks, each with its message. Not here: which source wins (config), or how one value is parsed (parsers).
"""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from langsmith_core.errors import ConfigError
from langsmith_core.keys import ADDED_UP, KEYS
from langsmith_core.parsers import as_id

NAMES = frozenset(key.name for key in KEYS)
MISSPELT = 0.85
"""How alike a key is to one of ours to be taken for it misspelt: a privacy key passed over would hide nothing."""
PRIVATE = frozenset({*ADDED_UP, "HASH_KEY"})
_PLACEHOLDER = re.compile(r"<[^<>]*>|.*\.\.\.|your[-_ ].*", re.IGNORECASE)
_log = logging.getLogger(__name__)


@lru_cache(1024)  # the environment's names are the same in every call
def meant(name: str) -> str | None:
    """The key of ours that another name is nearly; None where it is not near one, or is one."""
    if name in NAMES:
        return None
    return next(iter(difflib.get_close_matches(name.upper(), NAMES, 1, MISSPELT)), None)


def misspelt(environment: Iterable[str]) -> None:
    """Warn of names in the environment that are nearly ours. Raises ConfigError for one of privacy: it would hide nothing.

    An environment has many names that are nobody's mistake, so the others are only named.
    """
    for name in sorted(environment):
        key = meant(name)
        if key in PRIVATE:
            raise ConfigError(f"{key}: the environment has {name!r}, which would hide nothing; correct it or take it out")
        if key:
            _log.warning("%s: the environment has %r, which is passed over; correct it if it was meant", key, name)


def placeholders(values: Mapping[str, str]) -> None:
    """Raise ConfigError for a value of an example that nobody has replaced."""
    for name in (key.name for key in KEYS if key.required or key.secret):
        if _PLACEHOLDER.fullmatch(values.get(name, "").strip()):
            raise ConfigError(f"{name}: it is still the example's placeholder; put your own value in its place")


def together(projects: Sequence[str], excluded: Sequence[str], start_time: datetime | None, now: datetime | None) -> None:
    """Raise ConfigError for values that leave nothing to read."""
    both = [one for one in projects if _spelt(one) in {_spelt(other) for other in excluded}]
    if both:
        raise ConfigError(f"PROJECTS_EXCLUDE: {both[0]!r} is in PROJECTS too; take it out of one of them")
    if start_time and now and start_time > now:
        raise ConfigError("START_TIME: it lies in the future, so nothing would be read; write an earlier time")


def _spelt(name: str) -> str:
    return as_id(name) or name
