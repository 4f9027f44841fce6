"""What docs/cli.md says of the command line, as the command line itself has it: the help of each command, the exit statuses."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from typer.testing import CliRunner

from langsmith_sync import app, exits


def commands() -> str:
    """Return what `langsmith-sync --help` prints, and the same of each command."""
    return "\n\n".join(
        f"```\n$ langsmith-sync {words}\n{_printed(words)}\n```" for words in ("--help", *map(_asked, app.COMMANDS))
    )


def exit_statuses() -> str:
    """Return the table of exit statuses."""
    return "\n".join(["| status | |", "|---|---|", *(f"| {status.value} | {text} |" for status, text in exits.MEANINGS.items())])


BLOCKS: Mapping[str, Callable[[], str]] = {"help": commands, "exits": exit_statuses}
"""What stands between the markers of docs/cli.md."""


def _asked(command: str) -> str:
    return f"{command} --help"


def _printed(words: str) -> str:
    """Return what a pipe gets."""
    return CliRunner().invoke(app.made(), words, env={"COLUMNS": "80"}, prog_name="langsmith-sync").stdout.strip()
