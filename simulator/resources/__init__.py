'''Listed resources, one file each. To add one, add one file to this folder; no other file changes.

The file holds a `RESOURCE` (simulator/resource.py), which registers the resource's operations, its truth rows, its seeded
data and the actions of a workspace in use. Records stand in `workspace.records[TABLE]` by id. A minimal file:

    TABLE = "langsmith_note"

    def list_notes(call: Call) -> Response:
        """GET /notes: a page, in the order in which the notes were made."""
        offset, limit = call.page()
        return answer(list(call.store.records[TABLE].values())[offset : offset + limit])

    def rows(workspace: Workspace) -> dict[str, Record]:
        """The rows of langsmith_note by key."""
        return {key: {"note_id": key, "text": note["text"]} for key, note in workspace.records[TABLE].items()}

    def seed(workspace: Workspace, rng: Random, oldest: datetime) -> None:
        """Make one note."""
        workspace.records[TABLE]["1"] = {"id": "1", "text": rng.choice(("yes", "no"))}

    RESOURCE = Resource(TABLE, (("GET", "/notes", "notes", list_notes),), rows, seed)

Two rules keep every other seeded value of a workspace as it is. Draw random values from the `rng` that is passed in, never
from `workspace.random` or `new_id()`. Import `Workspace` under `TYPE_CHECKING` only, since its truth imports this package.

Five places read `RESOURCES`: routes.py (operations), unimplemented.py (parameters left out), truth.py (rows), corpus.py
(seeded data) and activity.py (actions). `tests/simulator/test_sim_conformance.py` holds the answers to LangSmith's OpenAPI
documents.
'''

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from simulator.resource import Resource


def _found() -> tuple[Resource, ...]:
    """The resource of every module here, in the order of their names."""
    names = sorted(module.name for module in iter_modules(__path__))
    return tuple(import_module(f"{__name__}.{name}").RESOURCE for name in names)


RESOURCES = _found()
