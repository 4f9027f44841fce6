"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EnvFile = Annotated[
    Path | None,
    typer.Option("--env-file", metavar="FILE", help="Read configuration keys from this file, too. No file is read unasked."),
]
Workspace = Annotated[
    str | None, typer.Option("--workspace", metavar="NAME", help="The workspace, where WORKSPACES names several.")
]
