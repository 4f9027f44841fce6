"""Every part of a state at its bound at once: what yields, and that 64,000 bytes hold it.

Not here: what a sync with little room still reads (simulation/test_state_size).
"""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from core.samples import NOW, settings
from core.states import unfinished
from langsmith_core import fitting, histories, ledger, state_json
from langsmith_core.errors import StateError
from langsmith_core.listing import JUDGED_MAX
from langsmith_core.stages import DATASETS, EDITED, IDS_MAX, OWED, PROJECTS, STAGES, Stage
from langsmith_core.state import Cycle, History, Left, Scope, Slice, State, Walk
from langsmith_core.streams import BY_TABLE, DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN
from langsmith_core.unfilled import PROJECTS_MAX
from langsmith_core.walks import OWED_MAX
from langsmith_core.windows import CURSOR_MAX

SOURCE, DAY = "0123456789abcdef", timedelta(days=1)


def ids(count: int, first: int = 0) -> tuple[str, ...]:
    """So many ids, as different as ids are."""
    return tuple(
        str(UUID(int=(first + number) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128, version=4)) for number in range(count)
    )


RUNS = Slice(RUN.table, ids(IDS_MAX), ended_since=NOW, cursor="c" * CURSOR_MAX, limit=1_000, refused=3)
RUNS = replace(RUNS, lo=NOW - 400 * DAY, hi=NOW, floor=NOW - 7 * DAY, ceiling=NOW)
PUT_ASIDE = replace(RUNS, cursor=None, refused=0)
MARKED = replace(PUT_ASIDE, parents=ids(1), ids=ids(IDS_MAX, 9), unfilled_since=NOW)
LISTED = Slice(PROJECT.table, offset=10**6, anchor=ids(1)[0], limit=100)
HALVES = tuple(replace(PUT_ASIDE, parents=RUNS.parents[:count]) for count in (25, 12, 6, 3, 2, 1, 1))
"""A batch of which one project fails, halved until it stands alone."""
KNOWN = ids(2_000)
VERSIONS = base64.b85encode(b"".join(UUID(one).bytes + (10**15).to_bytes(8, "big") for one in ids(600))).decode()
SLICES: dict[Stage, tuple[Slice, ...]] = {
    PROJECTS: (RUNS, *HALVES),
    DATASETS: (Slice(EXAMPLE.table, ids(1), lo=NOW, hi=NOW, seen=NOW, ceiling=NOW, offset=10**6, anchor=ids(1)[0], limit=100),),
    EDITED: (*(Slice(FEEDBACK.table, ids=ids(IDS_MAX)) for _ in range(4)), replace(RUNS, edited_since=NOW)),
    OWED: (PUT_ASIDE,) * OWED_MAX + (MARKED,) * PROJECTS_MAX,
}


def fullest(stage: Stage) -> State:
    """All of it at once, in this stage of a cycle: the lists of the configuration, of the source, and of what failed."""
    pending = ids(IDS_MAX + 99, 5)
    listing = replace(LISTED, table=stage.listing) if stage.listing else None
    walk = Walk(listing, pending, (), "", SLICES[stage], stats_seen=True) if stage.child else Walk(None, slices=SLICES[stage])
    left = Left(
        STAGES.index(DATASETS),
        Walk(replace(LISTED, table=DATASET.table)),
        ledger.packed(KNOWN[:250]),
        ledger.packed(KNOWN[250:500]),
    )
    cycle = Cycle(NOW, walk, NOW, NOW, deep=True, light=True, calls=10**6, stage=STAGES.index(stage), left=left, returned=True)
    judged = ledger.with_more_prefixes("", ids(JUDGED_MAX), JUDGED_MAX)
    cycle = replace(cycle, judged=judged, known=ledger.packed(KNOWN[500:750]), listed=ledger.packed(KNOWN[750:1_000]))
    of_owed = stage is OWED
    return State(
        source=SOURCE,
        api="v2",
        done_to=NOW,
        begun=NOW,
        scope=Scope(NOW, "0123456789abcdef-0123456789abcdef", runs=False, examples=False, feedback=False),
        projects=ids(1_000, 3),
        left_out=ids(1_000, 2_003),
        cycle=cycle,
        history=History(NOW - 400 * DAY, NOW, Walk(LISTED, pending, slices=(RUNS, *HALVES)), ids(1_000, 3)),
        known_projects=ledger.packed(KNOWN[1_000:1_500]),
        known_datasets=ledger.packed(KNOWN[1_500:]),
        versions=VERSIONS,
        unfinished=unfinished(ledger.UNFINISHED_MAX),
        overflow=NOW,
        overlapped_to=NOW,
        heavy=True,
        reconciled=NOW,
        stats_served=False,
        edits_served=False,
        plain=True,
        owed=() if of_owed else (PUT_ASIDE,) * OWED_MAX,
        unfilled=() if of_owed else (MARKED,) * PROJECTS_MAX,
        answered=NOW,
        row_bytes=10**8,
        empties=9,
        newest=dict.fromkeys(BY_TABLE, NOW),
    )


@pytest.mark.parametrize("stage", SLICES, ids=lambda stage: stage.name)
def test_a_state_with_everything_at_its_bound_fits(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    """It is far above the bound, and below it once the rest has yielded to what failed; it is read again, and equal."""
    full = fullest(stage)
    assert len(state_json.dump(full)) > 150_000
    made = fitting.fitted(full, settings())
    text = state_json.dump(made)
    assert len(text) <= settings().state_bytes_max == 64_000
    assert state_json.load(json.loads(text), SOURCE) == made
    assert made.meant == histories.meaning(full.projects, full.left_out)
    owed = [piece for piece in (*made.owed, *(made.cycle.walk.slices if made.cycle else ())) if piece == PUT_ASIDE]
    assert len(owed) == OWED_MAX
    assert {line.split(";")[0] for line in caplog.messages} >= {"state: no room for the projects that history skips"}


@pytest.mark.parametrize("stage", SLICES, ids=lambda stage: stage.name)
def test_what_fits_stays_as_it_is(stage: Stage) -> None:
    """In a store of our own, which takes any state, nothing yields; and a state that has yielded yields no more."""
    full = fullest(stage)
    assert fitting.fitted(full, replace(settings(), state_bytes_max=10**9)) == full
    made = fitting.fitted(full, settings())
    assert fitting.fitted(made, settings()) == made


def test_what_costs_requests_yields_before_what_costs_rows() -> None:
    """Skipped projects first, then the lists of the configuration, then unfinished runs: known parents are whole then."""
    full = replace(fullest(PROJECTS), owed=(), unfilled=(), cycle=None)
    whole = (full.known_projects, full.known_datasets, full.versions)
    order: list[int | str] = []
    for size in range(len(state_json.dump(full)), 30_000, -500):
        made = fitting.fitted(full, replace(settings(), state_bytes_max=size))
        yielded = (
            made.history != full.history,
            made.projects is None,
            made.unfinished != full.unfinished,
            (made.known_projects, made.known_datasets, made.versions) != whole,
        )
        order += [sum(yielded)] if yielded == tuple(sorted(yielded, reverse=True)) else ["another order"]
    assert sorted(set(order)) == [0, 1, 2, 3, 4]


def test_unfinished_runs_that_yield_are_looked_for_in_every_project() -> None:
    """The oldest stay; the youngest of the others is remembered as what a full ledger could not hold."""
    state = State(source=SOURCE, unfinished=unfinished(300))
    made = fitting.fitted(state, replace(settings(), state_bytes_max=10_000))
    kept = ledger.unfinished(made.unfinished)
    assert kept == ledger.unfinished(state.unfinished)[:100]
    assert made.overflow == ledger.unfinished(state.unfinished)[-1].start


def test_a_state_that_nothing_makes_small_is_refused() -> None:
    """None such is written here: whoever wrote it is told so, and gets no state that Fivetran may not carry."""
    forged = State(source=SOURCE, owed=(PUT_ASIDE,) * 100)
    with pytest.raises(StateError, match=r"^state: larger than this program writes. begin anew") as refused:
        fitting.fitted(forged, settings())
    assert refused.value.status == 400
