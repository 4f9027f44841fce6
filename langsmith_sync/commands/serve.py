"""`langsmith-sync serve`: serve the function on this machine, as functions-framework does in a deployment."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from typing import Annotated

import typer

from langsmith_sync import environment, function
from langsmith_sync.options import EnvFile


class Target(StrEnum):
    """The function's targets."""

    FIVETRAN = "fivetran"
    SYNC = "sync"


Chosen = Annotated[Target, typer.Option("--target", help="fivetran answers Fivetran's calls; sync writes LOCAL_DB or BigQuery.")]
Port = Annotated[int, typer.Option("--port", min=1, max=65_535, help="The port on 127.0.0.1.")]


def serve(*, target: Chosen = Target.SYNC, port: Port = 8080, env_file: EnvFile = None) -> None:
    """Serve the function on 127.0.0.1.

    It is the deployed one, by functions-framework. It serves until it is stopped.
    """
    environment.adopted(env_file)
    if target is Target.SYNC:
        environment.refuse_missing()
        environment.refuse_unusable()
    print(f"functions-framework --source main.py --target {target.value} --host {function.HOST} --port {port}", flush=True)
    sys.stderr.flush()
    # The server takes this process's place: what stops the command stops it.
    os.execv(sys.executable, function.command(target.value, port))  # noqa: S606  our own interpreter
