"""Choose the run API, v1 or v2. If an instance serves both, the age of the runs decides.

On a self-hosted instance v2 may lack the past. SmithDB holds what arrived since it was installed, and older runs only if somebody
has migrated them. No cheap question proves that. But both stores take in whatever arrives once the instance says that it serves
both. So v1 is asked for runs from before that moment, and v2 for younger ones (docs/decisions).
"""

from __future__ import annotations

from datetime import datetime

from langsmith_core.records import json_text
from langsmith_core.streams.context import Api, Context
from langsmith_core.streams.memory import Memory


def of_instance(info: bytes) -> Api:
    """Choose the run API by `/info`: v2 wherever SmithDB answers, since v1 ends on 31 January 2027 (docs/decisions)."""
    return "v2" if _flag(info, "sdb_query_enabled", b"false") else "v1"


def has_both(info: bytes) -> bool:
    """Tell by `/info` whether v1 is served beside v2. An instance without the flag is older than it, and has ClickHouse."""
    return of_instance(info) == "v2" and _flag(info, "ch_query_enabled", b"true")


def asks_v1(memory: Memory, lo: datetime | None) -> bool:
    """Tell whether v1 is asked beside v2 for runs that may have begun at `lo`."""
    runs = memory.runs
    return runs.v1_before is not None and not runs.v1_gone and (lo is None or lo < runs.v1_before)


def at(context: Context, lo: datetime | None) -> Api:
    """Return the API for a window of runs that begins at `lo`."""
    return "v1" if asks_v1(context.memory, lo) else context.api


def doubts_statistics(context: Context, lo: datetime, *, late: bool) -> bool:
    """Tell whether a project that looks empty may have runs in a window from `lo` on that was never read.

    SmithDB alone may count a project's runs while they lie in ClickHouse. `late`: no earlier look had listed the project.
    """
    return asks_v1(context.memory, lo) and (late or context.bounds is None or context.bounds.since is None)


def _flag(body: bytes, name: str, absent: bytes) -> bool:
    flags = bytes(json_text.picked(json_text.strict(body, 1), "instance_flags").get("instance_flags", b"null"))
    found = json_text.picked(flags, name) if flags.startswith(b"{") else {}
    return bytes(found.get(name, absent)) not in (b"false", b"null", b"0")
