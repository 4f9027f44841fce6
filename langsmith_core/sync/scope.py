"""The scope: what the configuration asks for, as the state keeps it, and which work is still wanted under it."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from langsmith_core.settings.config import Settings, fingerprint
from langsmith_core.streams.work import Context, Scope
from langsmith_core.sync.state import Task


def of(settings: Settings) -> Scope:
    """The part of the settings that says what is read. A name of a project stays out of the state: a fingerprint stands for it."""
    names = fingerprint(*settings.projects) if settings.projects else ""
    names += f"-{fingerprint(*settings.projects_exclude)}" if settings.projects_exclude else ""
    return Scope(settings.start_time, names, tuple(sorted(settings.off)))


def still_wanted(tasks: Iterable[Task], context: Context) -> tuple[Task, ...]:
    """The work that was put aside and is still to be read."""
    left = ((task, task.work.of_scope(context)) for task in tasks)
    return tuple(replace(task, work=work) for task, work in left if work is not None)
