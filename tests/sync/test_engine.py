"""The engine's loop on canned answers. Not here: what it reads of a workspace (simulation), or what fails (test_failing)."""

from datetime import timedelta
from typing import Any

import pytest
from sync.looks import DAY, HOUR, MINUTE, A, D, done, uid
from sync.scripted import Source, empty, read, records

from langsmith_core.calls import Call
from langsmith_core.errors import SyncError, UpstreamError
from langsmith_core.records.times import render
from langsmith_core.streams import registry
from langsmith_core.sync.engine import EMPTIES_MAX
from samples import NOW


def test_an_empty_workspace_is_read_to_its_end() -> None:
    """Each list is asked for once, that of projects once more for their past, and the sync is over."""
    (batch,) = read(source := Source({}))
    names = ("project", "dataset", "feedback", "feedback_config", "annotation_queue", "prompt")
    lists = [f"langsmith_{name}" for name in names]
    assert (batch.counts(), batch.has_more) == (dict.fromkeys(lists, 0), False)
    assert source.paths() == [
        *("info", "sessions", "datasets", "feedback", "feedback-configs", "annotation-queues", "repos", "sessions")
    ]
    assert (batch.state.done_to, batch.state.drained, batch.requests) == (NOW, True, 8)


def test_a_stream_that_is_off_is_not_asked_for() -> None:
    """Its switch leaves no request of it; a stream without a switch is always read."""
    source = Source({})
    read(source, **dict.fromkeys(registry.SWITCHES, "false"))
    assert source.paths() == ["info", "sessions", "datasets"]


def test_a_call_that_got_nothing_fails_and_one_that_got_a_page_does_not() -> None:
    """The error is the caller's where nothing was read; else what was read comes with the state that fits it."""

    def failing(_: Call) -> Any:
        raise SyncError("LangSmith is away")

    with pytest.raises(SyncError, match="LangSmith is away"):
        read(Source({"/api/v1/info": failing}))
    *_, last = read(source := Source({"/api/v1/datasets": failing}))
    assert (last.counts()["langsmith_project"], last.has_more) == (0, True)
    source.answers["/api/v1/datasets"] = empty
    (then,) = read(source, last.state)
    assert (then.has_more, then.state.done_to) == (False, NOW)


def test_answers_without_rows_ask_for_another_call_nine_times_in_a_row() -> None:
    """What fails without an end is left to the next sync: the state stays, and the count begins anew."""

    def failing(_: Call) -> Any:
        raise UpstreamError("no feedback today")

    source, state, more = Source({"/api/v1/feedback": failing}), None, []
    for _ in range(EMPTIES_MAX + 2):
        *_, last = read(source, state)
        state = last.state
        more.append(last.has_more)
        source.now += 6 * MINUTE
    assert more == [True] * EMPTIES_MAX + [False, True]


class Changing(Source):
    """A workspace whose backfill takes hours, and whose dataset has a new version with a new example each hour."""

    def __init__(self) -> None:
        last_run = render(NOW - 300 * DAY)
        super().__init__(
            {
                "/api/v1/sessions": lambda _: [{"id": A, "name": "p", "last_run_start_time": last_run}],
                "/api/v1/runs/query": self.runs,
                "/api/v1/datasets": lambda _: [{"id": D, "name": "d"}],
                f"/api/v1/datasets/{D}/versions": lambda _: [{"as_of": render(self.now)}],
                f"/api/v1/datasets/{D}/versions/diff": self.difference,
                "/api/v1/examples": lambda call: [{"id": one, "dataset_id": D} for name, one in call.query if name == "id"],
            }
        )
        self.added: list[str] = []

    def runs(self, _: Call) -> Any:
        """A page an hour, four in all."""
        self.now += timedelta(minutes=61)
        number = (self.now - NOW) // timedelta(minutes=61)
        start = render(NOW - timedelta(days=300, hours=number))
        run = {"id": uid("e", number), "session_id": A, "start_time": start, "end_time": start}
        return {"runs": [run], "cursors": {"next": f"{number}" if number < 4 else None}}

    def difference(self, _: Call) -> Any:
        """One more example."""
        self.added.append(uid("f", len(self.added)))
        return {"examples_added": self.added[-1:], "examples_modified": [], "examples_removed": []}


def test_every_look_of_a_pass_reads_the_difference_of_its_own() -> None:
    """A pass of hours looks at the workspace hourly: each look reads what has changed since the one before."""
    source = Changing()
    delivered = {key for batch in read(source) for key in batch.lines.get("langsmith_example", {})}
    versions = [call for call in source.asked if call.path.endswith("/versions")]
    assert len(versions) > 2
    assert (len(source.added), delivered) == (len(versions) - 1, set(source.added))


def test_a_configuration_that_reads_something_else_begins_a_new_look() -> None:
    """A finished sync of another scope is looked at anew, and so is one that is drained."""
    for state in (done(NOW - HOUR, SYNC_RUNS="false"), done(NOW - HOUR)):
        (batch,) = read(source := Source({}), state)
        assert (source.paths()[0], batch.state.done_to) == ("info", NOW)


def test_a_page_without_room_waits_for_the_next_batch_and_is_asked_for_once() -> None:
    """A heavy page behind a light one begins a batch of its own, from the answer that is here already."""
    answered: list[str] = []
    names = ["a", "b", "c", "d" * 2_000, "e" * 2_000]
    listed = records([{"id": uid("f", number), "name": name} for number, name in enumerate(names)])

    def datasets(call: Call) -> Any:
        answered.append(dict(call.query)["offset"])
        return listed(call)

    batches = read(
        Source({"/api/v1/datasets": datasets}), None, 9_000, PAGE_SIZE="3", **dict.fromkeys(registry.SWITCHES, "false")
    )
    assert [batch.counts().get("langsmith_dataset", 0) for batch in batches] == [
        3,
        3,
        1,
    ]  # each page begins with the last row before
    assert answered == ["0", "2", "4", "6"]  # the last one is a guess: a new list may go on
