"""Check the configuration as a whole: misspelt keys, placeholders left in place, values that contradict each other.

Not here: which source wins (settings.config), or parsing one value (settings.parsers).
"""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from langsmith_core.errors import ConfigError
from langsmith_core.records.ids import as_id
from langsmith_core.settings.key import Face
from langsmith_core.settings.keys import API_KEY_OF, HIDING, KEYS, NAMES, PRIVACY_LISTS
from langsmith_core.streams.registry import METADATA_KEYS

SIMILARITY_MIN = 0.85
"""The similarity (difflib) from which a key counts as ours misspelt. An ignored privacy key would hide nothing."""
PRIVACY_KEYS = frozenset({*PRIVACY_LISTS, "HASH_KEY"})
_PLACEHOLDER = re.compile(r"<[^<>]*>|.*\.\.\.|your[-_ ].*", re.IGNORECASE)
_log = logging.getLogger(__name__)


@lru_cache(1024)  # the environment's names are the same in every call
def intended_key(name: str) -> str | None:
    """Return the key that a name misspells; None if it is a key itself, a workspace's API key, or near none."""
    if name in NAMES or name.startswith(API_KEY_OF):
        return None
    return next(iter(difflib.get_close_matches(name.upper(), NAMES, 1, SIMILARITY_MIN)), None)


def check_spelling(environment: Iterable[str]) -> None:
    """Warn of each name in the environment that misspells a key.

    Raises ConfigError if it misspells a privacy key, which would then hide nothing. For other keys a warning is enough: the name
    may belong to another program.
    """
    for name in sorted(environment):
        key = intended_key(name)
        if key in PRIVACY_KEYS:
            raise ConfigError(f"{key}: the environment has {name!r}, which would hide nothing; correct it or take it out")
        if key:
            _log.warning("%s: the environment has %r, which is ignored; correct it if you meant the key", key, name)


def refuse_placeholders(values: Mapping[str, str]) -> None:
    """Raise ConfigError if a required value or a secret is still the example's placeholder."""
    for name in (key.name for key in KEYS if key.required or key.secret):
        if _PLACEHOLDER.fullmatch(values.get(name, "").strip()):
            raise ConfigError(f"{name}: it is still the example's placeholder; put your own value in its place")


def refuse_others(given: Iterable[str], face: Face) -> None:
    """Raise ConfigError if a key is given that this face does not take: what it was set for would not happen."""
    for key in KEYS:
        if key.name in given and face not in key.taken_by:
            takers = " and ".join(f"`{one.value}`" for one in key.taken_by)
            raise ConfigError(f"{key.name}: only {takers} takes it; take it out of the {face.value}'s configuration")


def refuse_contradictions(
    projects: Sequence[str], excluded: Sequence[str], start_time: datetime | None, now: datetime | None
) -> None:
    """Raise ConfigError for values that contradict each other, or leave nothing to read."""
    both = [one for one in projects if _canonical(one) in {_canonical(other) for other in excluded}]
    if both:
        raise ConfigError(f"PROJECTS_EXCLUDE: {both[0]!r} is in PROJECTS too; take it out of one of them")
    if start_time and now and start_time > now:
        raise ConfigError("START_TIME: it lies in the future, so nothing would be read; write an earlier time")


def refuse_unhidden(own: Mapping[str, str], given: Mapping[str, str]) -> None:
    """Raise ConfigError if a request reads a column, which the environment hides, from another key of the metadata.

    The value under the environment's key would then be shown.
    """
    hidden = {place.column for key in KEYS if key.name in HIDING for place in key.parse(own.get(key.name, "").strip())}
    for name, column in METADATA_KEYS.items():
        chosen = own.get(name, column).strip()
        if column in hidden and given.get(name, chosen).strip() != chosen:
            raise ConfigError(
                f"{name}: the function's environment hides {column}, so no request can choose its key; set it there"
            )


def refuse_lonely_shards(shards: int, sink: str, needed: Mapping[str, str | None]) -> None:
    """Raise ConfigError if SHARDS is set without what several instances need: a sink for several, and these keys."""
    if shards and sink != "bigquery":
        raise ConfigError("SHARDS: several instances cannot write one DuckDB file; write SINK=bigquery, or SHARDS=0")
    for name, value in needed.items():
        if shards and not value:
            raise ConfigError(f"{name}: missing; SHARDS needs it (docs/scale.md)")


def _canonical(name: str) -> str:
    """Return an id in its one spelling; a name as it is."""
    return as_id(name) or name
