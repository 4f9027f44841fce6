"""States and passes for the tests of the Firestore store: settings, states of any size, another process that holds the lease."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

from google.cloud import firestore as library
from msgspec.structs import replace

from langsmith_core.destinations.firestore import store as firestore
from langsmith_core.destinations.firestore.store import Bounds
from langsmith_core.records.packed_ids import Ids
from langsmith_core.settings import config
from langsmith_core.settings.config import Settings
from langsmith_core.streams import bounds as windows
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.ledgers import EPOCH, Versions
from langsmith_core.streams.memory import Examples, Memory
from langsmith_core.streams.projects import FindProjects, ListProjects
from langsmith_core.streams.registry import DATASET, PROJECT
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.window_steps import from_top
from langsmith_core.sync.state import Backfill, Look, State, Task
from langsmith_core.sync.state_json import dump
from samples import NOW

ROOT = Path(__file__).parents[2]
BRIEF = Bounds(lease_seconds=3.0)
"""A lease that a test can wait for."""
SMALL = Bounds(commit_bytes=500_000)
"""Requests so small that a large state needs several."""


def settings_of(project: str) -> Settings:
    """The settings of a user who keeps the cursor in Firestore."""
    return config.load(
        {
            "LANGSMITH_API_KEY": "key",
            "LANGSMITH_TENANT_ID": "11111111-0000-4000-8000-000000000000",
            "GOOGLE_CLOUD_PROJECT": project,
            "STATE_STORE": "firestore",
        }
    )


def plain(state: State) -> Any:
    """Return the state as a store gives it back."""
    return json.loads(dump(state))


def numbered(empties: int) -> State:
    """Make a small state that can be told from others by its number."""
    return State(source="0123456789abcdef", empties=empties)


def ids(count: int, seed: int = 0) -> list[str]:
    """Make ids without a pattern, always the same ones."""
    random = Random(seed)  # noqa: S311  sample ids, no secrets
    return [str(uuid.UUID(int=random.getrandbits(128), version=4)) for _ in range(count)]


def window(project: str, cursor: str | None = None) -> RunWindow:
    """Make a window of one project's runs, in progress."""
    alone = RunWindow(lo=EPOCH, hi=NOW, parents=Ids((project,)), top=NOW)
    return replace(from_top(alone), cursor=cursor)


def tasks(*work: Item) -> tuple[Task, ...]:
    """Make an agenda of this work."""
    return tuple(Task(one) for one in work)


def looking(*work: Item) -> Look:
    """Make a look with this work in hand."""
    return Look(windows.Bounds(NOW, EPOCH, EPOCH, EPOCH), tasks(*work))


def walking(done: int, count: int = 3) -> State:
    """Make a look that reads the runs of a few projects. The window in hand moves with `done`, the others wait."""
    projects = ids(count)
    windows = [window(projects[0], f"page-{done}"), *map(window, projects[1:])]
    return replace(numbered(0), look=looking(*windows), memory=Memory({PROJECT.name: Ids(projects)}))


def huge(projects: int, done: int = 0) -> State:
    """Make the state of a first sync of so many projects.

    All of them are known, listed and waiting, in the look and in the backfill.
    """
    known = ids(projects)
    waiting = RunWindow(lo=EPOCH, hi=NOW, waiting=Ids(known[done:]))
    listing = ListProjects(offset=projects, seen=Ids(known), unseen=Ids(reversed(known)))
    skip, past = Ids(ids(projects, seed=1)), tasks(window(known[done], "c" * 400), waiting, FindProjects(lo=EPOCH, hi=NOW))
    lists = {PROJECT.name: Ids(known), DATASET.name: Ids(ids(projects, seed=2))}
    versions = Versions(dict.fromkeys(ids(projects, seed=3), NOW))
    return replace(
        numbered(0),
        look=looking(window(known[done], "c" * 400), waiting, listing),
        backfill=Backfill(windows.Past(EPOCH, NOW, skip), past),
        memory=Memory(lists, examples=Examples(versions)),
    )


def documents(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return all documents of the settings' source by path, as a user's own client reads them."""
    client = library.Client(project=settings.google_project)
    head = client.collection(settings.firestore_collection).document(settings.position)
    found = [head.get(), *head.collection("parts").stream()]
    return {one.reference.path: one.to_dict() for one in found if one.exists}


def saved(settings: Settings) -> Any:
    """Return the state that the next pass begins with."""
    return firestore.status(settings)["state"]


PROGRAM = """
import os, sys
from emulators.positions import numbered, settings_of, huge, SMALL
from langsmith_core.destinations.firestore import store as firestore
from langsmith_core.destinations.firestore.store import Bounds
settings = settings_of(sys.argv[1])
with firestore.opened(settings, {bounds}) as store:
    store.save(numbered(1))
    print("open", flush=True)
    {then}
print("closed", flush=True)
"""


@contextmanager
def other_process(settings: Settings, *, then: str = "input()", bounds: Bounds = BRIEF) -> Iterator[subprocess.Popen[str]]:
    """Start another process that holds the lease, saves a state, and then runs `then`. Kill it when the block ends."""
    program = PROGRAM.format(then=then, bounds=repr(bounds))
    path = os.pathsep.join((str(ROOT), str(ROOT / "tests")))
    with subprocess.Popen(  # noqa: S603  our own program
        [sys.executable, "-c", program, str(settings.google_project)],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        try:
            yield process
        finally:
            process.kill()
