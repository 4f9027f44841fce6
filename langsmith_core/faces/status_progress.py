"""What a status says of work in hand: how far it has come, what a pass under way has delivered, and what waits and why.

Pure: the state in, plain values out. Times are RFC 3339.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from langsmith_core.records.times import render
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.sync.state import Reason, State, Task

MESSAGES = "docs/runbook.md#log-lines-of-a-sync-that-goes-on"
TO_DO: Mapping[Reason, str] = {
    "failed": "LangSmith fails this again and again. Look up the message of the log in the runbook; each sync tries it again.",
    "payload": "Object storage did not give payloads of some runs. Let this function reach the storage; each sync asks again.",
    "broken": "The list changed too often while it was read. Nothing is to be done; the next sync reads the rest.",
}
"""What a person does about work that waits, by the reason why it does."""


def reading(state: State) -> dict[str, Any] | None:
    """Return what is read next, and how far it has come; None where nothing is left to read.

    `part`: the `look` at what is new, or the `backfill`. `since`: when the look began, None for a backfill. `runs`: the window of
    runs in hand, which are read newest first, so that all from `reached` up are delivered. `to_open`: tables to be read after.
    """
    if not state.agenda:
        return None
    return {
        "part": "look" if state.look else "backfill",
        "since": render(state.look.bounds.until) if state.look else None,
        "table": state.agenda[0].work.table_name,
        "runs": _runs(state.agenda),
        "to_open": list(state.look.to_open) if state.look else [],
    }


def this_pass(state: State, *, busy: bool) -> dict[str, Any] | None:
    """Return what the pass under way has delivered: `{"begun", "at", "rows", "requests"}`; None where none is, or nothing yet."""
    found = state.running
    if found is None or not busy:
        return None
    return {"begun": render(found.begun), "at": render(found.at), "rows": dict(found.rows), "requests": found.requests}


def waiting(state: State) -> list[dict[str, Any]]:
    """Return what was put aside, and what to do about it: `[{"table", "reason", "parts", "since", "to_do", "runbook"}]`.

    Parts of one table that wait for the same reason are counted together. `since` is the oldest, where that is known.
    """
    grouped: dict[tuple[str, Reason], list[Task]] = {}
    for task in (*state.later, *state.agenda):  # what is tried again stands on the agenda, and keeps its reason
        if task.reason is not None:
            grouped.setdefault((task.work.table_name, task.reason), []).append(task)
    return [_waiting(table, reason, tasks) for (table, reason), tasks in grouped.items()]


def _runs(agenda: tuple[Task, ...]) -> dict[str, Any] | None:
    windows = [task.work for task in agenda if isinstance(task.work, RunWindow)]
    if not windows:
        return None
    first = next((one for one in windows if one.parents), windows[0])
    return {
        "from": render(first.lo),
        "to": render(first.hi),
        "reached": render(first.top or first.hi),
        "projects_waiting": sum(len(one.waiting) for one in windows),
    }


def _waiting(table: str, reason: Reason, tasks: list[Task]) -> dict[str, Any]:
    since = [task.since for task in tasks if task.since]
    return {
        "table": table,
        "reason": reason,
        "parts": len(tasks),
        "since": render(min(since)) if since else None,
        "to_do": TO_DO[reason],
        "runbook": MESSAGES,
    }
