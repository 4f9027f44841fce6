"""The exit statuses: one table for the commands, `--help` and docs/cli.md.

Not here: printing a failure (app).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from langsmith_core.errors import SyncError


class Exit(IntEnum):
    """What a command's exit status says."""

    DONE = 0
    FAILED = 1
    CONFIGURATION = 2
    REFUSED = 3
    BUSY = 4
    LATER = 5
    INTERRUPTED = 130


MEANINGS: Mapping[Exit, str] = {
    Exit.DONE: "The command has done its work.",
    Exit.FAILED: "A program failed, or a gap is left: rows put aside or rejected.",
    Exit.CONFIGURATION: "An option, a configuration key or the saved state cannot be used.",
    Exit.REFUSED: "LangSmith refuses the API key or the workspace.",
    Exit.BUSY: "Another process is at work on the same file or position.",
    Exit.LATER: "LangSmith failed past all retries. Run the command again later.",
    Exit.INTERRUPTED: "Somebody stopped the command. The next run goes on from there.",
}
_OF_STATUS: Mapping[int, Exit] = {
    400: Exit.CONFIGURATION,
    401: Exit.REFUSED,
    403: Exit.REFUSED,
    409: Exit.BUSY,
    502: Exit.LATER,
    503: Exit.LATER,
}
"""By the HTTP status of an error. Every other one is a failure."""


def of(error: SyncError) -> Exit:
    """Return the exit status that an error ends a command with."""
    return _OF_STATUS.get(error.status, Exit.FAILED)
