"""A pass makes as many requests to the emulator as docs/firestore.md says."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from emulators.firestore_proxy import Proxy
from emulators.positions import ROOT, huge, ids, numbered, walking
from msgspec.structs import replace

from langsmith_core.destinations.firestore import store as firestore
from langsmith_core.records.packed_ids import Ids
from langsmith_core.settings.config import Settings
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.registry import PROJECT
from langsmith_core.sync.state import State

KINDS = ("reads", "writes", "deletes")
KNOWN = Memory().with_known(PROJECT.name, Ids(ids(10_000)))
CASES: dict[str, tuple[Sequence[State], Sequence[State]]] = {
    # The states that an earlier pass has saved, and those that this one saves.
    "a pass with nothing to save": ([numbered(1)], []),
    "a pass of one save": ([numbered(1)], [numbered(2)]),
    "a pass of five saves": ([numbered(0)], [numbered(n) for n in range(1, 6)]),
    "a pass of five saves, three tasks in progress": ([walking(0)], [walking(n) for n in range(1, 6)]),
    "the same with 10,000 known projects": (
        [replace(walking(0), memory=KNOWN)],
        [replace(walking(n), memory=KNOWN) for n in range(1, 6)],
    ),
    "the first pass of 10,000 projects, one save": ([numbered(1)], [huge(10_000)]),
    "its next pass, one save": ([huge(10_000)], [huge(10_000, done=50)]),
}


def counted(settings: Settings, proxy: Proxy, states: Sequence[State]) -> tuple[int, ...]:
    """Count the documents read, written and deleted by a pass that saves these states."""
    proxy.counts.clear()
    with firestore.opened(settings) as store:
        store.load()
        for one in states:
            store.save(one)
    return tuple(proxy.counts[kind] for kind in KINDS)


@pytest.mark.parametrize("case", CASES)
def test_a_pass_costs_what_the_documents_say(case: str, position: Settings, proxy: Proxy) -> None:
    """Each line of the table in docs/firestore.md is what the emulator counted."""
    before, during = CASES[case]
    counted(position, proxy, before)
    found = counted(position, proxy, during)
    text = (ROOT / "docs" / "firestore.md").read_text()
    documented = re.search(rf"^\| {re.escape(case)} \| (\d+) \| (\d+) \| (\d+) \|$", text, re.MULTILINE)
    assert documented, f"| {case} | {' | '.join(map(str, found))} |"
    assert tuple(map(int, documented.groups())) == found


def test_an_ordinary_save_is_two_writes_at_most(position: Settings, proxy: Proxy) -> None:
    """A save writes the head and the task in hand. Without tasks it writes the head alone."""
    with firestore.opened(position) as store:
        store.save(walking(0))
        for state, writes in ((walking(1), 2), (walking(2), 2), (numbered(1), 1), (numbered(2), 1)):
            proxy.counts.clear()
            store.save(state)
            assert proxy.counts["writes"] == writes


def test_a_status_reads_what_is_there(position: Settings, proxy: Proxy) -> None:
    """A status reads the head and its documents, and writes nothing."""
    counted(position, proxy, [walking(1)])
    proxy.counts.clear()
    firestore.status(position)
    assert dict(proxy.counts) == {"reads": 4}
