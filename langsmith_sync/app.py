"""The command `langsmith-sync`: its commands, its help, and how a failure ends it.

Not here: what a command does (commands, one module each). A new command is a module there and a line in COMMANDS.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import typer

from langsmith_core import logs
from langsmith_core.errors import SyncError
from langsmith_sync import exits
from langsmith_sync.commands import check, config, demo, export, serve, status, streams, sync
from langsmith_sync.exits import Exit

COMMANDS: Mapping[str, Callable[..., Any]] = {
    "demo": demo.demo,
    "sync": sync.sync,
    "status": status.status,
    "check": check.check,
    "export": export.export,
    "config": config.config,
    "streams": streams.streams,
    "serve": serve.serve,
}
HELP = "Copy a LangSmith workspace into a DuckDB file or BigQuery, and serve the function for Fivetran."
EPILOG = "\b\n" + "\n".join(["Exit statuses:", *(f"{status.value:>5}  {meaning}" for status, meaning in exits.MEANINGS.items())])
"""The first character keeps the lines as they are."""


def made() -> typer.Typer:
    """Return the application."""
    app = typer.Typer(
        name="langsmith-sync",
        help=HELP,
        epilog=EPILOG,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # plain help: it reads the same in a pipe, in a page and in docs/cli.md
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name, command in COMMANDS.items():
        app.command(name)(command)
    return app


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run a command, by default the one that this process was started with, and end with its exit status."""
    try:
        made()(arguments)
    except SyncError as error:
        _end(str(error), exits.of(error))
    except Exception:  # noqa: BLE001  the one place where a fault of our own ends a command: its text may hold a payload
        record = logging.LogRecord(
            logs.NAMES[1], logging.ERROR, "", 0, "a fault of this program; report it", None, sys.exc_info()
        )
        _end(logs.message(record), Exit.FAILED)
    sys.exit(Exit.DONE)


def _end(message: str, status: Exit) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(status)
