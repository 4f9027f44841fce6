"""`langsmith-sync status`: how far the sync is, what the last pass did, and what failed last."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import typer

from langsmith_core import masking
from langsmith_core.faces import destination
from langsmith_core.faces import status as statuses
from langsmith_core.settings.keys import secrets
from langsmith_core.sync import state_json
from langsmith_sync import environment, tables
from langsmith_sync.exits import Exit
from langsmith_sync.options import EnvFile, Workspace

Json = Annotated[bool, typer.Option("--json", help="Print what GET on the target `sync` answers.")]


def status(env_file: EnvFile = None, workspace: Workspace = None, *, json: Json = False) -> None:
    """Show how far the sync is, and what failed last.

    It changes nothing. A last pass that failed, and a gap, end in status 1.
    """
    environment.adopted(env_file)
    environment.refuse_missing()
    with masking.secrets_masked(secrets(os.environ)):
        found = masking.json_safe(_read(workspace))
    if json:
        print(msgspec.json.format(msgspec.json.encode(found)).decode())
    else:
        _show(found)
    raise typer.Exit(Exit.FAILED if found["last_error"] or found["put_aside"] else Exit.DONE)


def _read(workspace: str | None) -> dict[str, Any]:
    settings = environment.settings(workspace)
    held = destination.status(settings)
    state = state_json.load(held["state"], settings.source, destination.place(settings)) if held["state"] else None
    told = statuses.of(state, held["rows"], datetime.now(UTC), settings.without_organisation)
    return {"place": destination.place(settings), **{name: held[name] for name in ("exists", "busy")}, **told}


def _show(found: dict[str, Any]) -> None:
    if not found["exists"]:
        print(f"Nothing was synced yet: there is no {found['place'].removeprefix('the ')}. Run langsmith-sync sync.")
        return
    if found["busy"]:
        print(f"Another process has {found['place']} open, so its rows cannot be counted now. Run this again when it is done.")
        return
    backfill, last = found["backfill"], (found["passes"] or [None])[-1]
    facts = (
        ("complete up to", found["complete_to"] or "no pass has read everything yet"),
        ("history left", f"{backfill['from']} to {backfill['to']}" if backfill else "none"),
        ("last pass", _pass(last)),
        ("last error", _error(found["last_error"])),
        ("put aside", ", ".join(found["put_aside"]) or "nothing"),
        ("left out", ", ".join(found["left_out"]) or "nothing"),
    )
    for name, text in facts:
        print(f"{name:<15} {text}")
    print()
    rows = [(table, one["rows"], one["newest"]) for table, one in found["streams"].items()]
    tables.show(("table", "rows", "newest"), rows, right=("rows",))


def _pass(last: dict[str, Any] | None) -> str:
    if last is None:
        return "none has ended"
    more = "more is left" if last["has_more"] else "nothing is left"
    return f"{last['ended']}: {sum(last['rows'].values()):,} rows by {last['requests']:,} requests; {more}"


def _error(trouble: dict[str, Any] | None) -> str:
    return f"{trouble['at']}: {trouble['message']}" if trouble else "none"
