"""`langsmith-sync demo`: a first sync of a simulated LangSmith, and on the second run five changes."""

from __future__ import annotations

from importlib.util import find_spec

import typer

from langsmith_core.errors import ConfigError

NEEDED = ("duckdb", "langchain_core", "langsmith")


def demo() -> None:
    """Sync a simulated LangSmith, without an account.

    The rows go to demo.duckdb. Run it again: five things change, and all five arrive.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ConfigError(f"demo: {' and '.join(missing)} cannot be found; run pip install 'langsmith-sync[demo]'")
    from langsmith_sync.first_run import demo as first_run  # noqa: PLC0415  what it imports may have been missing

    raise typer.Exit(first_run.demo())
