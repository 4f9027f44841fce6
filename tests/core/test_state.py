"""The state as JSON: exactly this, back again, refused where it is another's, and small."""

import json
import uuid
from typing import Any

import pytest
from hypothesis import given
from msgspec.structs import replace

from core.samples import NOW, settings
from core.states import STATES, unfinished
from langsmith_core import cycles, ledger
from langsmith_core.sync import state_json
from langsmith_core.errors import StateError
from langsmith_core.stages import FEEDBACKS, IDS_MAX, STAGES
from langsmith_core.sync.state import Cycle, History, Scope, Slice, State, Walk
from langsmith_core.streams.datasets import DATASET
from langsmith_core.streams.examples import EXAMPLE
from langsmith_core.streams.projects import PROJECT
from langsmith_core.streams.run_columns import RUN

SOURCE = "0123456789abcdef"
FRESH = {"version": 1, "source": SOURCE}
WHEN = "2026-06-01T00:00:00Z"


@given(STATES)
def test_what_is_dumped_is_loaded(one: State) -> None:
    """Any state comes back equal from its JSON, and dumping it again gives the same bytes."""
    text = state_json.dump(one)
    again = state_json.load(json.loads(text), SOURCE)
    assert (again, state_json.dump(again)) == (one, text)


@given(STATES)
def test_a_state_always_names_its_version_and_source(one: State) -> None:
    """Whatever is left out as a default, these two are not."""
    fields = json.loads(state_json.dump(one))
    assert (fields["version"], fields["source"]) == (1, SOURCE)


@pytest.mark.parametrize("nothing", [None, {}])
def test_no_state_begins_anew(nothing: Any) -> None:
    """Fivetran sends an empty object or null at first."""
    assert state_json.load(nothing, SOURCE) == State(source=SOURCE)
    assert json.loads(state_json.dump(State(source=SOURCE))) == FRESH


IN_HAND = Slice(RUN.name, ("p",), lo=NOW, hi=NOW, floor=NOW, ceiling=NOW, cursor="c")
BOUNDS = dict.fromkeys(("lo", "hi", "floor", "ceiling"), WHEN)


def test_a_state_is_exactly_this_json() -> None:
    """The layout that docs/DESIGN.md describes, field by field."""
    one = State(
        source=SOURCE,
        api="v2",
        done_to=NOW,
        scope=Scope(start_time=NOW, names="0123456789abcdef", examples=False),
        projects=("p",),
        cycle=Cycle(
            until=NOW,
            since=NOW,
            feedback_since=NOW,
            stage=1,
            walk=Walk(
                listing=Slice(DATASET.name, offset=99, anchor="a", limit=50),
                pending=("d",),
                slices=(Slice(EXAMPLE.name, ("d",), hi=NOW),),
                stats_seen=True,
            ),
        ),
        history=History(lo=NOW, hi=NOW, skip=("q",), walk=Walk(listing=None, slices=(IN_HAND,))),
        stats_served=False,
        row_bytes=75_000,
        empties=3,
    )
    assert json.loads(state_json.dump(one)) == {
        "version": 1,
        "source": SOURCE,
        "api": "v2",
        "done_to": WHEN,
        "scope": {"start_time": WHEN, "names": "0123456789abcdef", "examples": False},
        "projects": ["p"],
        "cycle": {
            "until": WHEN,
            "since": WHEN,
            "feedback_since": WHEN,
            "stage": 1,
            "walk": {
                "listing": {"table": "langsmith_dataset", "offset": 99, "anchor": "a", "limit": 50},
                "pending": ["d"],
                "slices": [{"table": "langsmith_example", "parents": ["d"], "hi": WHEN}],
                "stats_seen": True,
            },
        },
        "history": {
            "lo": WHEN,
            "hi": WHEN,
            "skip": ["q"],
            "walk": {
                "listing": None,
                "slices": [{"table": "langsmith_run", "parents": ["p"], **BOUNDS, "cursor": "c"}],
            },
        },
        "stats_served": False,
        "row_bytes": 75_000,
        "empties": 3,
    }


ANEW = "begin anew with an empty state"
WALK = {"listing": None}
REFUSED: list[tuple[Any, str]] = [
    # what is handed in, what the message says of it
    *[(value, ANEW) for value in ([], "text", 5, True, [FRESH], 1.5)],
    ({"version": 1}, ANEW),
    ({"other": "connector"}, ANEW),
    ({**FRESH, "version": 2}, "layout 2, this is layout 1. Deploy the version that wrote it, or begin anew"),
    ({**FRESH, "version": "two" * 100}, "Deploy the version that wrote it, or begin anew"),
    ({**FRESH, "version": None}, "Deploy the version that wrote it, or begin anew"),
    ({**FRESH, "source": "f" * 16}, "Put LANGSMITH_BASE_URL and LANGSMITH_TENANT_ID back, or begin anew"),
    ({**FRESH, "surprise": 1}, ANEW),
    ({**FRESH, "done_to": "yesterday"}, ANEW),
    ({**FRESH, "projects": "p"}, ANEW),
    ({**FRESH, "projects": [1]}, ANEW),
    ({**FRESH, "cycle": {}}, ANEW),
    ({**FRESH, "cycle": {"until": WHEN, "walk": {}}}, ANEW),
    ({**FRESH, "cycle": {"until": WHEN, "walk": {"listing": {"offset": 1}}}}, ANEW),
    ({**FRESH, "cycle": {"until": WHEN, "walk": {"listing": None, "slices": {}}}}, ANEW),
    ({**FRESH, "history": {"lo": WHEN, "walk": {"listing": None}}}, ANEW),
    ({**FRESH, "empties": "many"}, ANEW),
]


@pytest.mark.parametrize(("value", "says"), REFUSED)
def test_another_state_is_refused_with_what_to_do(value: Any, says: str) -> None:
    """A state that this version did not write here is a 400 whose message says how to go on."""
    with pytest.raises(StateError) as caught:
        state_json.load(value, SOURCE)
    assert (caught.value.status, says in str(caught.value)) == (400, True), str(caught.value)
    assert len(str(caught.value)) < 400


UNUSABLE: list[dict[str, Any]] = [
    {"done_to": "2026-06-01T00:00:00"},
    {"api": "v9"},
    {"empties": -4},
    {"cycle": {"until": WHEN, "stage": 9, "walk": WALK}},
    {"cycle": {"until": WHEN, "walk": {"listing": {"table": "nonsense"}}}},
    {"cycle": {"until": WHEN, "walk": {"listing": {"table": "langsmith_project", "offset": -1}}}},
    {"cycle": {"until": WHEN, "walk": {"listing": None, "slices": [{"table": "langsmith_run"}]}}},
    {"history": {"lo": WHEN, "hi": "2026-05-01T00:00:00", "walk": WALK}},
]


@pytest.mark.parametrize("fields", UNUSABLE)
def test_a_state_that_cannot_be_used_is_refused(fields: dict[str, Any]) -> None:
    """Of the right types, but nothing this program writes: naive times, unknown tables and stages, runs without a window."""
    with pytest.raises(StateError):
        state_json.load({**FRESH, **fields}, SOURCE)


def uuids(count: int) -> tuple[str, ...]:
    """Ids of a project's length."""
    return tuple(str(uuid.UUID(int=number, version=4)) for number in range(count))


def fullest(projects: int) -> State:
    """The fullest state on v2 while history drains: a page of projects beyond a batch pending, and a batch in hand, twice."""
    piece = Slice(RUN.name, uuids(IDS_MAX), lo=NOW, hi=NOW, floor=NOW, ceiling=NOW, cursor="c" * 500, limit=1)
    listing = Slice(PROJECT.name, offset=9_999, anchor=uuids(1)[0])
    walk = Walk(listing=listing, pending=uuids(IDS_MAX + 99), slices=(piece,), stats_seen=True)
    names = ",".join(uuids(projects))
    return State(
        source=SOURCE,
        api="v2",
        done_to=NOW,
        scope=cycles.scope_of(settings(PROJECTS=names, START_TIME=WHEN)),
        projects=uuids(projects) or None,
        cycle=Cycle(until=NOW, walk=walk, since=NOW, feedback_since=NOW),
        history=History(lo=NOW, hi=NOW, walk=walk, skip=uuids(projects)),
    )


@pytest.mark.parametrize(("projects", "bytes_most"), [(0, 20_000), (50, 30_000), (300, settings().state_bytes_max)])
def test_a_full_state_is_far_below_what_fivetran_takes(projects: int, bytes_most: int) -> None:
    """However many projects a workspace has, the state holds a batch and a page of them, and those that PROJECTS names."""
    assert len(state_json.dump(fullest(projects))) < bytes_most


def with_ledgers(projects: int, datasets: int) -> State:
    """The fullest state, in the middle of a listing, that knows so many projects and datasets."""
    full = fullest(0)
    assert full.cycle
    known, half = uuids(projects), projects // 2
    return replace(
        full,
        cycle=replace(full.cycle, known=ledger.packed(known[:half]), listed=ledger.packed(known[half:])),
        known_datasets=ledger.packed(uuids(datasets)),
        unfinished=unfinished(ledger.UNFINISHED_MAX),
    )


def test_a_state_that_knows_a_thousand_ids_is_below_what_fivetran_takes() -> None:
    """Ledgers are packed: a thousand ids, three hundred unfinished runs and two walks in full swing are one state."""
    assert len(state_json.dump(with_ledgers(500, 500))) < settings().state_bytes_max


@pytest.mark.parametrize("known", [(2_000, 0), (0, 2_000), (1_000, 1_000)])
def test_a_state_that_knows_as_much_as_it_may_is_below_what_fivetran_takes(known: tuple[int, int]) -> None:
    """The ledgers are bounded, so that the largest state is one that Fivetran carries."""
    assert sum(known) == settings().known_max
    assert len(state_json.dump(with_ledgers(*known))) < settings().state_bytes_max


def test_a_state_of_a_thousand_named_projects_is_below_what_fivetran_takes() -> None:
    """A long PROJECTS does not make a state that Fivetran cannot carry."""
    named = settings(PROJECTS=",".join(uuids(1_000)))
    opened = cycles.opened(State(source=SOURCE, api="v2"), named, uuids(1_000), NOW)
    assert opened.cycle
    while STAGES[opened.cycle.stage] is not FEEDBACKS:
        opened = cycles.finished(opened, named)
        assert opened.cycle
    assert len(state_json.dump(opened)) < settings().state_bytes_max


def test_the_documented_bound_is_below_fivetrans_own() -> None:
    """Fivetran's own limit is not documented; its test socket takes 65,536 bytes."""
    assert settings().state_bytes_max < 65_536
