"""What is the connector's own: one configuration, checkpoints, passes that count as one call, a state with room."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from msgspec.structs import replace
from simulation.face_calls import called

from langsmith_core.faces import connector_sync
from langsmith_core.records.packed_ids import Ids
from langsmith_core.settings.key import Face
from langsmith_core.settings.keys import KEYS
from langsmith_core.streams.memory import Memory
from langsmith_core.sync import state_json, state_size
from langsmith_core.sync.state import State
from product import World, configuration
from samples import settings
from simulator import Fault

PASS = re.compile(r"\d+ rows by \d+ requests in")


def passes(w: World) -> int:
    """Count the passes that the log tells of."""
    return sum(PASS.match(line) is not None for _, line in w.connection.lines)


def slow(w: World) -> None:
    """Let answers come so late that a look takes several passes."""
    w.configure(PAGE_SIZE="2", MAX_SECONDS="60")
    w.sim.faults.add(Fault(kind="runs", slow=20.0, times=None))


def test_nothing_comes_from_the_environment(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every key is set in the environment to what would break a sync, and none matters: the configuration is whole."""
    w = world("smithdb")
    w.sim.corpus(projects=2, runs=10)
    given = configuration()
    for key in KEYS:
        monkeypatch.setenv(key.name, "?")
    monkeypatch.setattr("product.configuration", lambda: given)
    assert called(w, "connector").status == 200
    w.assert_complete("connector")


@pytest.mark.parametrize("key", [key.name for key in KEYS if Face.CONNECTOR not in key.taken_by])
def test_a_key_that_only_others_take_is_refused(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """It is named before any request, where it has a value."""
    w = world("smithdb")
    given = configuration()
    monkeypatch.setattr("product.configuration", lambda: given | {key: "1"})
    assert called(w, "connector").failed(400, f"{key}: only ")
    assert w.sim.requests == []
    monkeypatch.setattr("product.configuration", lambda: given | {key: " "})
    assert called(w, "connector").status == 200


def test_passes_of_one_sync_count_as_one_call(world: Callable[..., World]) -> None:
    """A first look of several passes in one sync is not heavy: the next sync re-reads the last 24 hours."""
    w = world("clickhouse")
    w.sim.corpus(projects=1, runs=20, days=0.5)
    slow(w)
    assert called(w, "connector").status == 200
    assert passes(w) > 2
    assert not (w.connection.state or {}).get("heavy")
    overlapped = (w.connection.state or {})["overlapped_to"]
    w.clock.advance(minutes=10)
    assert called(w, "connector").status == 200
    assert (w.connection.state or {})["overlapped_to"] > overlapped


def test_a_look_of_several_syncs_is_heavy(world: Callable[..., World]) -> None:
    """A look that a killed sync has begun and the next one ends has taken more than one call."""
    w = world("clickhouse")
    w.sim.corpus(projects=1, runs=20, days=0.5)
    assert called(w, "connector").status == 200
    w.clock.advance(hours=2)  # a first look reads more than the day before, and says nothing of it
    slow(w)
    w.connection.fail_after(25)
    assert called(w, "connector").status == 500
    assert (w.connection.state or {})["look"]
    w.connection.fail_after(None)
    assert called(w, "connector").status == 200
    assert (w.connection.state or {})["heavy"] is True


def test_the_state_has_room_for_fifty_thousand_ids(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    """A megabyte: 50,000 projects and datasets are known by their ids, where a function's state has room for 2,000."""
    found: list[int] = []
    passes_of = connector_sync._passes  # noqa: SLF001  what is given its settings

    def read(settings: object, *rest: object) -> None:
        found.append(settings.known_max)  # type: ignore[attr-defined]  # Settings
        passes_of(settings, *rest)  # type: ignore[arg-type]  # passed on as given

    monkeypatch.setattr(connector_sync, "_passes", read)
    assert called(world("smithdb"), "connector").status == 200
    assert found == [50_000]


def test_a_first_sync_that_read_nothing_binds_the_state_to_nothing(world: Callable[..., World]) -> None:
    """A misspelt workspace or JSON_COLUMNS can be put right: the state names neither before something was read."""
    w = world("smithdb")
    w.sim.corpus(projects=1, runs=3)
    right = configuration()["LANGSMITH_TENANT_ID"]
    w.configure(LANGSMITH_TENANT_ID="misspelt", JSON_COLUMNS="string")
    assert called(w, "connector").status == 403
    assert w.connection.state == {}
    w.configure(LANGSMITH_TENANT_ID=right, JSON_COLUMNS="json")
    assert called(w, "connector").status == 200
    w.assert_complete("connector")


def test_a_state_of_fifty_thousand_ids_is_kept_whole() -> None:
    """Nothing yields to the bound: all ids of 25,000 projects and 25,000 datasets stay."""
    ids = [str(UUID(int=number)) for number in range(50_000)]
    lists = {"langsmith_project": Ids(ids[:25_000]), "langsmith_dataset": Ids(ids[25_000:])}
    state = State(source="0123456789abcdef", memory=Memory(lists=lists))
    kept = state_size.fitted(state, replace(settings(), state_bytes_max=connector_sync.STATE_BYTES))
    assert kept == state
    assert 1_000_000 < len(state_json.dump(kept)) <= connector_sync.STATE_BYTES


def test_the_setup_test_moves_nothing(world: Callable[..., World]) -> None:
    """It passes with a good key, and says what to do about a bad one."""
    w = world("smithdb")
    assert w.tested() is None
    w.configure(LANGSMITH_API_KEY="lsv2_pt_wrong_0000000000")
    assert (w.tested() or "").startswith("LANGSMITH_API_KEY: LangSmith refuses the key")
    assert w.connection.state == {}


def test_json_columns_stay_as_they_began(world: Callable[..., World]) -> None:
    """Another JSON_COLUMNS than at the first sync is refused, and the connection goes on once it is put back."""
    w = world("smithdb")
    w.sim.corpus(projects=1, runs=3)
    w.configure(JSON_COLUMNS="string")
    assert called(w, "connector").status == 200
    w.assert_complete("connector")
    w.configure(JSON_COLUMNS="json")
    assert called(w, "connector").failed(400, "JSON_COLUMNS: at this connection's first sync it was string")
    w.configure(JSON_COLUMNS="string")
    assert called(w, "connector").status == 200


def test_a_fault_of_our_own_shows_its_class_alone(world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that nobody foresaw may hold a payload: the user gets its class, and the log the way it came."""

    def broken(*_: object) -> None:
        raise KeyError("tell-no-one")

    monkeypatch.setattr(connector_sync, "log_pass", broken)
    w = world("smithdb")
    one = called(w, "connector")
    assert one.failed(500, "internal error (KeyError)")
    assert "tell-no-one" not in str(w.connection.lines)
