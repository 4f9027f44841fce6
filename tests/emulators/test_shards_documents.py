"""The documents of shards on Firestore's emulator: made once, held by a lease, found by their position, removed whole."""

from __future__ import annotations

import pytest
from emulators.positions import documents, ids, plain
from msgspec.structs import replace

from langsmith_core.destinations.firestore import shards as documents_of_shards
from langsmith_core.destinations.firestore.documents import connected
from langsmith_core.errors import BusyError
from langsmith_core.records.packed_ids import Ids
from langsmith_core.settings.config import Settings
from langsmith_core.streams.bounds import Past
from langsmith_core.streams.ledgers import EPOCH
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.registry import PROJECT
from langsmith_core.sync import shards
from langsmith_core.sync.state import Backfill, State
from samples import NOW

SOURCE = "0123456789abcdef"
GIVEN = State(
    source=SOURCE,
    api="v2",
    done_to=NOW,
    backfill=Backfill(Past(EPOCH, NOW), given=3),
    memory=Memory({PROJECT.name: Ids(ids(600))}),
)
FIRST = shards.begun(GIVEN)
ONE, *_ = FIRST


def test_a_shard_is_made_once_and_stands_where_it_was_saved_last(position: Settings) -> None:
    """A second making changes nothing. Where shards stand is read from the heads alone: what is done, and how many turns."""
    with documents_of_shards.connected(position) as found:
        for name, state in FIRST.items():
            found.create(name, state)
        assert {name: (one.turn, one.done) for name, one in found.standing().items()} == dict.fromkeys(FIRST, (0, False))
        assert [found.state(name) for name in FIRST] == [plain(state) for state in FIRST.values()]
        moved = replace(FIRST[ONE], turn=1, backfill=None)
        with found.opened(ONE) as store:
            assert store
            assert store.load() == plain(FIRST[ONE])
            store.save(moved)
        found.create(ONE, FIRST[ONE])
        assert found.state(ONE) == plain(moved)
        standing = found.standing()
        assert {name: (one.turn, one.done) for name, one in standing.items()} == {
            **dict.fromkeys(FIRST, (0, False)),
            ONE: (1, True),
        }
        assert all(0 <= one.still_seconds < 60 for one in standing.values())


def test_a_shard_is_held_by_one_pass_and_a_missing_one_by_none(position: Settings) -> None:
    """A second pass gets a 409. A shard that does not exist is not made by opening it."""
    with documents_of_shards.connected(position) as found:
        found.create(ONE, FIRST[ONE])
        with found.opened(ONE), pytest.raises(BusyError), found.opened(ONE):
            pytest.fail("opened twice")
        with found.opened("nobody-0") as store:
            assert store is None
        assert list(found.standing()) == [ONE]


def test_a_removed_shard_is_gone_whole_and_its_pass_can_write_no_more(position: Settings) -> None:
    """Nothing of it stays behind. A pass that holds it is told that it was overtaken, and does not bring it back."""
    with documents_of_shards.connected(position) as found:
        found.create(ONE, FIRST[ONE])
        with found.opened(ONE) as store:
            assert store
            found.remove(ONE)
            with pytest.raises(BusyError):
                store.save(replace(FIRST[ONE], turn=1))
        assert found.standing() == {}
        with connected(position, f"{position.position}-{ONE}") as left:
            assert left.all_texts() == {}
        found.remove(ONE)


def test_shards_of_other_positions_are_not_found(position: Settings) -> None:
    """Another dataset of the same workspace has shards of its own, and the scheduled pass's document is none."""
    other = replace(position, bigquery_dataset="other")
    with documents_of_shards.connected(position) as found, documents_of_shards.connected(other) as others:
        others.create(ONE, FIRST[ONE])
        found.create(ONE, FIRST[ONE])
        others.remove(ONE)
        assert (list(found.standing()), others.standing()) == ([ONE], {})
        assert documents(position) == {}
