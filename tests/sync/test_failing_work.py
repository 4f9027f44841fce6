"""Work that fails while the others go on, on canned answers. Not here: a LangSmith that fails (simulation/test_failing)."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from sync.looks import DAY, HOUR, MINUTE, WEEK_AGO, YEAR_AGO, A, B, D, done, knowing, uid, waits, works
from sync.scripted import Answers, Source, empty, read, records

from langsmith_core.calls import Call
from langsmith_core.errors import GoneError, SyncError, TooHeavyError, TooLargeError, UpstreamError
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.times import render
from langsmith_core.streams.dataset_versions import NewestVersion
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.projects import FindProjects, ListProjects
from langsmith_core.streams.registry import DATASET, PROJECT
from langsmith_core.sync import backfill
from langsmith_core.sync.context import context_of
from langsmith_core.sync.state import State
from samples import NOW, settings

PROJECTS = [{"id": uid("e", number), "name": f"p{number}", "last_run_start_time": render(NOW)} for number in range(5)]
IDS = [one["id"] for one in PROJECTS]
NO_RUNS: Answers = {"/api/v1/runs/query": lambda _: {"runs": []}}


def failing(error: SyncError) -> Callable[[Call], Any]:
    """An endpoint that always fails."""

    def answer(_: Call) -> Any:
        raise error

    return answer


def asked_for_runs(source: Source) -> list[str]:
    """The projects whose runs were asked for, in order; v1 is asked for one at a time."""
    return [call.body["session"][0] for call in source.asked if call.body]


class Breaking(Source):
    """A list of projects by threes; past the first page it fails so many times."""

    def __init__(self, times: int) -> None:
        super().__init__({"/api/v1/sessions": self.listed, **NO_RUNS})
        self.times = times

    def listed(self, call: Call) -> Any:
        """A page, or a failure. Whether the key is good is asked by a list as well."""
        if dict(call.query).get("offset", "0") != "0" and self.times:
            self.times -= 1
            raise UpstreamError("no second page")
        return records(PROJECTS)(call)


FIRST = {"START_TIME": render(NOW - DAY)}


def test_what_a_list_had_gathered_is_read_before_it_is_broken_off() -> None:
    """Its few projects are asked for, then the other streams; at the end the list goes on where it was, and so does the look."""
    *_, last = read(source := Breaking(1), None, 10**6, PAGE_SIZE="3", **FIRST)
    assert asked_for_runs(source) == IDS
    paths = source.paths()
    at = {name: paths.index(name) for name in ("runs/query", "datasets", "feedback")}
    assert at["runs/query"] < at["datasets"] < at["feedback"] < len(paths) - 1 - paths[::-1].index("runs/query")
    assert (paths.count("datasets"), paths.count("feedback"), paths.count("feedback-configs")) == (2, 2, 2)
    offsets = [
        dict(call.query)["offset"] for call in source.asked if call.path.endswith("sessions") and "offset" in dict(call.query)
    ]
    assert offsets[:3] == ["0", "2", "2"]
    assert (last.has_more, last.state.later, last.state.done_to) == (False, (), NOW)
    assert last.state.memory.known(PROJECT.name) == Ids(IDS)


def test_a_list_that_fails_twice_in_a_look_fails() -> None:
    """All else is read by then, and kept; the next call begins with the list, and a later one looks at everything anew."""
    source = Breaking(3)
    *_, last = read(source, None, 10**6, PAGE_SIZE="3", **FIRST)
    assert last.state.look
    assert (last.has_more, last.state.look.returned, last.state.done_to) == (True, True, None)
    (listing,) = works(last.state.agenda)
    assert isinstance(listing, ListProjects)
    assert (listing.offset, list(listing.seen)) == (2, IDS[:3])
    source.asked.clear()
    with pytest.raises(UpstreamError, match="no second page"):
        read(source, last.state, 10**6, PAGE_SIZE="3", **FIRST)
    assert source.paths() == ["sessions", "sessions"]
    source.now += 6 * MINUTE
    *_, over = read(source, last.state, 10**6, PAGE_SIZE="3", **FIRST)
    assert over.state.done_to == source.now
    assert over.state.memory.known(PROJECT.name) == Ids(IDS)


def test_a_list_of_a_backfill_that_fails_stops_the_call() -> None:
    """What it had gathered is read before, and nothing else is to be read there. The next call goes on with the list."""
    state = replace(done(NOW), backfill=backfill.over(YEAR_AGO, WEEK_AGO))
    *_, last = read(source := Breaking(1), state, 10**6, PAGE_SIZE="3")
    assert (asked_for_runs(source), last.has_more) == (IDS[:3], True)
    assert [type(work) for work in works(last.state.agenda)] == [FindProjects]
    *_, over = read(source, last.state, 10**6, PAGE_SIZE="3")
    assert (asked_for_runs(source), over.has_more, over.state.drained) == (IDS, False, True)


DATASETS = [{"id": D, "name": "d"}, {"id": A, "name": "a"}]


@pytest.mark.parametrize("error", [TooHeavyError("a timeout"), TooLargeError("too long"), UpstreamError("a fault")])
def test_a_question_that_has_no_smaller_page_is_put_aside_at_once(error: SyncError) -> None:
    """The versions of one dataset time out: asking again for fewer would be the same question. The other dataset is read."""
    source = Source(
        {
            "/api/v1/datasets": records(DATASETS),
            f"/api/v1/datasets/{D}/versions": failing(error),
            f"/api/v1/datasets/{A}/versions": empty,
            "/api/v1/examples": empty,
        }
    )
    *_, last = read(source, SYNC_RUNS="false")
    assert last.state.later == (waits(NewestVersion(Ids((D,)))),)
    paths = source.paths()
    assert (paths.count(f"datasets/{D}/versions"), paths.count(f"datasets/{A}/versions")) == (2, 1)
    assert (last.state.done_to, last.has_more) == (NOW, True)


def test_a_missing_record_that_cannot_be_looked_up_is_put_aside() -> None:
    """Of several the others are asked for; it is missing in the next look again."""
    source = Source({f"/api/v1/datasets/{A}": failing(TooHeavyError("slow")), f"/api/v1/datasets/{B}": failing(GoneError("404"))})
    *_, last = read(source, knowing(done(NOW - HOUR), DATASET.name, A, B))
    assert last.state.later == (waits(LookUp(DATASET.name, Ids((A,)))),)
    with pytest.raises(TooHeavyError):
        read(source, last.state)
    source.now += HOUR
    source.answers[f"/api/v1/datasets/{A}"] = failing(GoneError("404"))
    *_, last = read(source, last.state)
    assert (set(last.deletes[DATASET.name]), last.state.later) == ({A}, ())


def test_a_page_that_cannot_be_smaller_is_never_too_heavy() -> None:
    """A hundred versions of a dataset weigh more than a tiny answer may: they come alone in one, and the sync ends."""
    versions = [{"as_of": render(NOW - number * HOUR), "tags": ["x" * 40]} for number in range(100)]
    source = Source(
        {
            "/api/v1/datasets": records(DATASETS[:1]),
            f"/api/v1/datasets/{D}/versions": lambda call: versions if len(call.query) == 1 else [],
        }
    )
    source.answers["/api/v1/examples"] = empty
    batches = read(source, None, 2_000, SYNC_RUNS="false")
    assert sum(batch.counts().get("langsmith_dataset_version", 0) for batch in batches) == 100
    assert batches[-1].state.done_to == NOW


MANY = [uid("e", number) for number in range(120)]


def feedback_of(call: Call) -> list[str]:
    """The projects whose feedback a call asks for."""
    return [value for name, value in call.query if name == "session"]


def test_feedback_of_the_projects_behind_those_that_fail_is_read() -> None:
    """Fifty projects fail and are put aside; the fifty behind them are asked for, and those behind these."""

    def feedback(call: Call) -> Any:
        if MANY[0] in feedback_of(call):
            raise UpstreamError("not of this one")
        return []

    found = [{"id": one, "name": one} for one in MANY]
    source = Source({"/api/v1/sessions": records(found), "/api/v1/feedback": feedback})
    *_, last = read(source, PROJECTS=",".join(MANY), SYNC_RUNS="false")
    asked = [feedback_of(call) for call in source.asked if call.path.endswith("/feedback")]
    assert asked == [MANY[:50], MANY[50:100], MANY[100:], MANY[:50]]
    assert last.state.later == (waits(FeedbackWindow(lo=YEAR_AGO, hi=NOW, parents=Ids(MANY[:50]))),)


WITHIN: list[tuple[list[str], list[list[str]]]] = [
    # the projects that PROJECTS still means, what is asked for from the first fifty on
    (MANY, [MANY[:50], MANY[50:100], MANY[100:]]),
    (MANY[1:], [MANY[1:50], MANY[50:100], MANY[100:]]),
    (MANY[:49] + MANY[50:], [MANY[:49], MANY[50:100], MANY[100:]]),
    (MANY[50:], [MANY[50:100], MANY[100:]]),
    ([], []),
]


@pytest.mark.parametrize(("still", "asked"), WITHIN)
def test_projects_that_are_gone_do_not_hide_the_feedback_behind_them(still: list[str], asked: list[list[str]]) -> None:
    """A project of those in hand is deleted, or left out, between two calls: all others are asked for."""
    work: tuple[Any, ...] = (FeedbackWindow(lo=YEAR_AGO, hi=NOW, parents=Ids(MANY[:50]), onward=True),)
    context = context_of(State(source="", projects=Ids(still)), settings(PROJECTS="x"))
    seen: list[list[str]] = []
    work = work[0].within(context)
    while work:
        seen.append(list(work[0].parents))
        work = (*work[1:], *work[0].others(context))
    assert seen == asked
