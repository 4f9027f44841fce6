"""What a program's time goes to, by kind: why an aim is met or not.

Pure: a profile in, shares out. Not here: profiling a program (profiled).
"""

from __future__ import annotations

import pstats
from collections import Counter
from collections.abc import Mapping
from typing import TypeAlias

Place: TypeAlias = tuple[str, int, str]
"""A function as a profile names it: its file, its line, its name."""
ROWS, ENGINE, JSON, WAITING, NETWORK = "rows", "engine", "JSON in C", "waiting", "requests"
OTHER = "others"
KINDS: Mapping[str, tuple[str, ...]] = {
    ROWS: ("langsmith_core/records/", "'fullmatch' of 're.Pattern'", "uuid.py", "'findall' of 're.Pattern'"),
    ENGINE: ("langsmith_core/sync/", "langsmith_core/streams/", "langsmith_core/privacy/"),
    JSON: ("msgspec",),
    WAITING: ("'acquire' of '_thread", "select", "'poll'"),
    NETWORK: ("langsmith_core/langsmith/", "urllib3", "requests/", "http/client", "_socket", "socket.py", "zlib", "_ssl"),
}
"""The kinds on the page, in its order, with what the names of their functions hold. What is none of them counts as others."""


def shares(profile: pstats.Stats) -> dict[str, float]:
    """Return each kind's share of the main thread's time, imports left out. They add up to 1."""
    found: Counter[str] = Counter()
    for place, (_, _, own, _, _) in profile.stats.items():  # type: ignore[attr-defined]  # pstats' stubs lack it
        if not _imports(place):
            found[kind(place)] += own
    whole = sum(found.values())
    return {name: found[name] / whole for name in (*KINDS, OTHER)}


def kind(place: Place) -> str:
    """Return the kind of a function. Built-in ones have no file, and are known by their name."""
    text = f"{place[0]} {place[2]}"
    return next((name for name, marks in KINDS.items() if any(mark in text for mark in marks)), OTHER)


def _imports(place: Place) -> bool:
    return "importlib" in place[0] or "marshal" in place[2] or "compile" in place[2] or "exec" in place[2]
