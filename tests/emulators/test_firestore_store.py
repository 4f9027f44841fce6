"""The state in Firestore's documents: any state of any size, and the documents that a save deletes."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from emulators.positions import SMALL, documents, huge, ids, numbered, plain, saved, settings_of, walking
from google.cloud import firestore as library
from hypothesis import given, settings
from msgspec.structs import replace
from sync.states import STATES

from langsmith_core.destinations.firestore import store as firestore
from langsmith_core.errors import StateError
from langsmith_core.records.packed_ids import Ids
from langsmith_core.settings.config import Settings
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.registry import DATASET, PROJECT
from langsmith_core.sync import state_json
from langsmith_core.sync.state import State
from langsmith_core.sync.state_json import dump

FREE = {"exists": False, "busy": False, "state": None}


def kept(settings: Settings, *states: State, bounds: firestore.Bounds = firestore.BOUNDS) -> Any:
    """Save these states in one pass. Return the state that the next pass finds."""
    with firestore.opened(settings, bounds) as store:
        for one in states:
            store.save(one)
    with firestore.opened(settings) as store:
        return store.load()


def test_the_first_pass_finds_nothing(position: Settings) -> None:
    """The first pass finds no state. The second finds the last one that the first saved."""
    with firestore.opened(position) as store:
        assert store.load() is None
        store.save(numbered(1))
        assert store.load() == plain(numbered(1))
        store.save(numbered(2))
    with firestore.opened(position) as store:
        assert store.load() == plain(numbered(2))


@pytest.mark.usefixtures("position")
@given(states=STATES)
@settings(max_examples=40)
def test_any_state_comes_back_as_it_was(states: State) -> None:
    """Any state that the program may write comes back whole, and is a state again."""
    settings = settings_of(f"p-{uuid.uuid4().hex[:20]}")
    found = kept(settings, states)
    assert found == plain(states)
    assert state_json.load(found, "0123456789abcdef") == states


def test_ten_thousand_projects_fit(position: Settings) -> None:
    """A state of 10,000 projects, 1.6 MB, is kept and changed. No document has more than 300,000 characters."""
    first, second = huge(10_000), huge(10_000, done=50)
    assert len(dump(first)) > 1_600_000
    assert kept(position, first, second) == plain(second)
    sizes = [len(str(fields)) for fields in documents(position).values()]
    assert max(sizes) < 300_000


def test_no_number_of_known_ids_is_too_many(position: Settings) -> None:
    """200,000 known ids, four megabytes, are more than one request may hold. They fit all the same."""
    many = replace(numbered(1), memory=Memory().with_known(PROJECT.name, Ids(ids(200_000))))
    assert kept(position, numbered(0), many) == plain(many)
    assert len(documents(position)) == 1 + 17


def test_a_large_state_in_small_requests(position: Settings) -> None:
    """A state whose documents take several requests comes back whole."""
    assert kept(position, walking(1), huge(10_000), bounds=SMALL) == plain(huge(10_000))


def test_what_a_save_leaves_out_is_deleted(position: Settings) -> None:
    """A save deletes the documents that the new head does not name. A small state is one document."""
    with firestore.opened(position) as store:
        store.save(huge(3_000))
        many = len(documents(position))
        store.save(walking(1))
        assert (many > 6, len(documents(position))) == (True, 4)
        store.save(numbered(1))
        assert len(documents(position)) == 1


def test_an_unchanged_part_keeps_its_document(position: Settings) -> None:
    """A save writes the task in hand and the head, and no unchanged part. Known ids that move to another field stay."""
    known = Ids(ids(2_000))
    first, second = walking(1), replace(walking(2), memory=Memory().with_known(PROJECT.name, known))
    with firestore.opened(position) as store:
        store.save(replace(first, memory=Memory().with_known(DATASET.name, known)))
        before = documents(position)
        store.save(second)
        after = documents(position)
    assert (len(before), len(after), len(before.keys() & after.keys())) == (5, 5, 4)


def test_two_workspaces_are_two_documents(position: Settings) -> None:
    """A workspace's pass does not hold up another's, and does not read its state."""
    other = replace(position, tenant_id="22222222-0000-4000-8000-000000000000")
    with firestore.opened(position) as one, firestore.opened(other) as two:
        one.save(numbered(1))
        two.save(numbered(2))
    assert (saved(position), saved(other)) == (plain(numbered(1)), plain(numbered(2)))


def test_the_head_is_where_the_documents_say(position: Settings) -> None:
    """The head is `{collection}/{source}`, with the fields of docs/firestore.md. The parts lie under it."""
    with firestore.opened(position) as store:
        store.save(walking(1))
        found = documents(position)
    path = f"langsmith_sync/{position.position}"
    head = found.pop(path)
    assert set(head) == {"layout", "lease", "state", "parts"}
    assert set(head["lease"]) == {"owner", "token", "seconds", "serial"}
    names = [f"{head['lease']['token']}-{n}" for n in (1, 2, 3)]
    assert [(part["at"], part["documents"]) for part in head["parts"]] == [
        (f"look/agenda/{i}", [name]) for i, name in enumerate(names)
    ]
    assert list(found) == [f"{path}/parts/{name}" for name in names]


def test_status_reads_only(position: Settings) -> None:
    """A status writes nothing. It shows the state while a pass works and afterwards."""
    assert firestore.status(position) == FREE
    assert documents(position) == {}
    with firestore.opened(position) as store:
        assert firestore.status(position) == {"exists": True, "busy": True, "state": None}
        store.save(huge(2_000))
        assert firestore.status(position) == {"exists": True, "busy": True, "state": plain(huge(2_000))}
    before = documents(position)
    assert firestore.status(position) == {"exists": True, "busy": False, "state": plain(huge(2_000))}
    assert documents(position) == before


def head_of(settings: Settings) -> library.DocumentReference:
    """Return the head document, as a user's own client reaches it."""
    client = library.Client(project=settings.google_project)
    return client.collection(settings.firestore_collection).document(settings.position)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda head: head.update({"layout": 2}), "layout 2"),
        (lambda head: head.set({"of": "somebody else"}), "no lease"),
        (lambda head: head.update({"state": library.DELETE_FIELD}), "not as this program writes"),
        (lambda head: head.update({"state": "{}"}), "do not fit together"),
        (lambda head: next(iter(head.collection("parts").list_documents())).update({"text": "{}"}), "changed or cut"),
        (lambda head: next(iter(head.collection("parts").list_documents())).delete(), "do not fit|missing"),
    ],
)
def test_documents_changed_by_others_are_refused(damage: Any, words: str, position: Settings) -> None:
    """Documents that somebody changed are an error, and never a state or an empty one. The lease is freed."""
    with firestore.opened(position) as store:
        store.save(walking(1))
    damage(head_of(position))
    for _ in range(2):
        with pytest.raises(StateError, match=words), firestore.opened(position) as store:
            store.load()
    with pytest.raises(StateError):
        firestore.status(position)


def test_an_emptied_store_begins_anew(position: Settings) -> None:
    """A deleted head begins anew. The documents under it are deleted, and the token still grows."""
    with firestore.opened(position) as store:
        store.save(walking(1))
    token = head_of(position).get().get("lease.token")
    head_of(position).delete()
    assert len(documents(position)) == 3
    with firestore.opened(position) as store:
        assert store.load() is None
        store.save(numbered(1))
    assert len(documents(position)) == 1
    assert head_of(position).get().get("lease.token") > token
