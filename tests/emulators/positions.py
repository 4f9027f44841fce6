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

from core.samples import NOW
from langsmith_core.settings import config
from langsmith_core import ledger
from langsmith_core.destinations.firestore import store
from langsmith_core.destinations.firestore.store import Bounds
from langsmith_core.settings.config import Settings
from langsmith_core.sync.state import Cycle, History, Slice, State, Walk
from langsmith_core.sync.state_json import dump
from langsmith_core.streams.projects import PROJECT
from langsmith_core.streams.run_columns import RUN
from langsmith_core.windows import begun

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
    """The state as a store gives it back."""
    return json.loads(dump(state))


def numbered(empties: int) -> State:
    """A small state that can be told from others."""
    return State(source="0123456789abcdef", empties=empties)


def ids(count: int, seed: int = 0) -> list[str]:
    """Ids without a pattern, always the same."""
    random = Random(seed)  # noqa: S311  sample ids, no secrets
    return [str(uuid.UUID(int=random.getrandbits(128), version=4)) for _ in range(count)]


def run_slice(project: str, cursor: str | None = None) -> Slice:
    """A slice of one project's runs, in progress."""
    return replace(begun(Slice(RUN.name, (project,), lo=ledger.EPOCH, hi=NOW)), cursor=cursor)


def walking(done: int, count: int = 3) -> State:
    """A cycle that reads the runs of a few projects: the slice in hand moves with `done`, the others wait."""
    projects = ids(count)
    slices = [run_slice(projects[0], f"page-{done}"), *map(run_slice, projects[1:])]
    return replace(numbered(0), cycle=Cycle(NOW, Walk(None, slices=tuple(slices))), known_projects=ledger.packed(projects))


def huge(projects: int, done: int = 0) -> State:
    """A workspace of so many projects in the middle of a first sync: all of them known, listed, waiting, and in the history."""
    known = ids(projects)
    listing = Slice(PROJECT.name, offset=projects)
    walk = Walk(listing, pending=tuple(known[done:]), slices=(run_slice(known[done], "c" * 400),))
    return replace(
        numbered(0),
        cycle=Cycle(NOW, walk, known=ledger.packed(known), listed=ledger.packed(reversed(known))),
        history=History(lo=ledger.EPOCH, hi=NOW, walk=walk, skip=tuple(ids(projects, seed=1))),
        known_projects=ledger.packed(known),
        known_datasets=ledger.packed(ids(projects, seed=2)),
        versions=ledger.packed(ids(projects, seed=3)),
    )


def documents(settings: Settings) -> dict[str, dict[str, Any]]:
    """All documents of the settings' source by path, as a user's own client reads them."""
    client = library.Client(project=settings.google_project)
    head = client.collection(settings.firestore_collection).document(settings.position)
    found = [head.get(), *head.collection("parts").stream()]
    return {one.reference.path: one.to_dict() for one in found if one.exists}


def saved(settings: Settings) -> Any:
    """The state that the next pass begins with."""
    return store.status(settings)["state"]


PROGRAM = """
import os, sys
from emulators.positions import numbered, settings_of, huge, SMALL
from langsmith_core.destinations.firestore import store
from langsmith_core.destinations.firestore.store import Bounds
settings = settings_of(sys.argv[1])
with store.opened(settings, {bounds}) as store:
    store.save(numbered(1))
    print("open", flush=True)
    {then}
print("closed", flush=True)
"""


@contextmanager
def other_process(settings: Settings, *, then: str = "input()", bounds: Bounds = BRIEF) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lease and has saved a state, and then does `then`; killed when the block ends."""
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
