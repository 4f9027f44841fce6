"""The scope: what the configuration asks for, as the state keeps it."""

from __future__ import annotations

from langsmith_core.settings.config import Settings, fingerprint
from langsmith_core.streams.context import Scope


def of(settings: Settings) -> Scope:
    """The part of the settings that says what is read. A fingerprint stands for names of projects."""
    names = fingerprint(*settings.projects) if settings.projects else ""
    names += f"-{fingerprint(*settings.projects_exclude)}" if settings.projects_exclude else ""
    return Scope(settings.start_time, names, settings.off)
