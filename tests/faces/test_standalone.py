"""Tests of faces.standalone: rows come before the position, and a failure is saved beside the last good position."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Barrier, current_thread

import pytest
from msgspec.structs import replace

from langsmith_core import errors, logs
from langsmith_core.errors import BusyError, SyncError, UpstreamError
from langsmith_core.faces.standalone import PASSES_KEPT, Driver
from langsmith_core.sync.batch import NEVER, Batch
from langsmith_core.sync.state import Pass, Running, State, Trouble
from langsmith_core.sync.state_json import UNBOUND
from samples import NOW


class Face:
    """A sink and store that records what is done, and fails where the test asks for it."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.done: list[str] = []
        self.rejected = self.dropped = 0
        self.saved: list[State] = []
        self._fails_at = fails_at

    def load(self) -> State | None:
        """What was saved last."""
        return self.saved[-1] if self.saved else None

    def write(self, batch: Batch, now: datetime = NEVER) -> None:  # noqa: ARG002  a sink's signature
        """Rows."""
        self._do(f"rows {batch.state.empties}")

    def save(self, state: State) -> None:
        """The position."""
        self._do(f"position {state.empties}")
        self.saved.append(state)

    def drop(self) -> None:
        """What was written last."""
        self.dropped += 1

    def _do(self, what: str) -> None:
        if len(self.done) == self._fails_at:
            raise OSError
        self.done.append(what)


def batch(number: int, rows: int = 0, *, more: bool = True) -> Batch:
    """Return a batch that differs from others."""
    return Batch(State(source="s", empties=number), {"t": {str(n): b"{}" for n in range(rows)}}, requests=number, has_more=more)


def saved(number: int, rows: dict[str, int]) -> State:
    """Return what is saved with a batch: its position, and what the pass has delivered so far."""
    return replace(batch(number).state, running=Running(NOW, NOW, rows, sum(range(number + 1))))


def driver(face: Face) -> Driver:
    """Return a pass into a face."""
    return Driver(State(source="s"), face, face, lambda: NOW)


def test_rows_come_before_the_position_of_each_batch() -> None:
    """Rows come first, so that a crash only repeats them. The pass adds its figures up."""
    face = Face()
    done = driver(face)
    done.run(iter([batch(1, 3), batch(2, 0), batch(3, 2, more=False)]))
    assert face.done == ["rows 1", "position 1", "rows 2", "position 2", "rows 3", "position 3"]
    assert (done.has_more, dict(done.rows), done.requests, done.state) == (False, {"t": 5}, 6, face.saved[-1])


@pytest.mark.parametrize("fails_at", range(4))
def test_a_failing_face_stops_the_pass_there(fails_at: int) -> None:
    """No position is saved without its rows. One more batch is read meanwhile, and is neither written nor followed by another."""
    face, taken = Face(fails_at), list[int]()

    def batches() -> Iterator[Batch]:
        for number in (1, 2, 3):
            taken.append(number)
            yield batch(number)

    with pytest.raises(OSError):  # noqa: PT011  the face's own
        driver(face).run(batches())
    assert face.done == ["rows 1", "position 1", "rows 2", "position 2"][:fails_at]
    assert taken == [1, 2, 3][: 2 + fails_at // 2]


class Meeting(Face):
    """A face whose every writing waits until the next batch is being read."""

    def __init__(self, *, fails: bool = False) -> None:
        super().__init__()
        self._met, self._fails = Barrier(2, timeout=60), fails
        self.read: list[tuple[int, list[str]]] = []

    def write(self, batch: Batch, now: datetime = NEVER) -> None:
        """Wait for the reader, then write or fail."""
        self._met.wait()
        if self._fails:
            raise UpstreamError("the sink's")
        super().write(batch, now)

    def batches(self, last: int, failure: Exception | None = None) -> Iterator[Batch]:
        """Give batches up to the last. Meet each writing, keep what was done when a batch is asked for, and fail in the end."""
        for number in range(1, last + 2):
            self.read.append((number, [one for one in self.done if one.startswith("position")]))
            if number > 1:
                self._met.wait()
            if number <= last:
                yield batch(number, 1, more=number < last)
        if failure:
            raise failure


def test_a_batch_is_written_while_the_next_one_is_read() -> None:
    """Each writing and the next reading go on at the same time. No batch is asked for before the last but one is saved."""
    face = Meeting()
    done = driver(face)
    done.run(face.batches(3))
    assert face.done == ["rows 1", "position 1", "rows 2", "position 2", "rows 3", "position 3"]
    assert [(number, len(saved)) for number, saved in face.read] == [(1, 0), (2, 0), (3, 1), (4, 2)]
    assert (done.has_more, dict(done.rows)) == (False, {"t": 3})


def test_a_batch_that_is_read_while_a_write_fails_is_dropped() -> None:
    """The write's failure is raised and noted, no position is saved after it, and the batch read meanwhile is not written."""
    face = Meeting(fails=True)
    with pytest.raises(UpstreamError, match="the sink's"):
        driver(face).run(face.batches(2))
    assert [number for number, _ in face.read] == [1, 2]
    assert face.saved == [State(source=UNBOUND, trouble=Trouble(NOW, 502, "the sink's"))]
    assert face.dropped == 1


def test_a_batch_that_waits_is_saved_before_a_failure_of_reading_is_noted() -> None:
    """LangSmith fails while a batch is written. Its rows and its position are kept, and the failure is noted beside them."""
    face = Meeting()
    done = driver(face)
    with pytest.raises(UpstreamError, match="LangSmith"):
        done.run(face.batches(1, UpstreamError("LangSmith is unavailable", 503)))
    trouble = Trouble(NOW, 503, "LangSmith is unavailable")
    assert face.saved == [saved(1, {"t": 1}), replace(batch(1).state, trouble=trouble)]
    assert dict(done.rows) == {"t": 1}


def test_where_writing_and_reading_fail_the_write_is_told() -> None:
    """The write belongs to the earlier batch, so its failure is the one that is raised and noted, and the only one."""
    face = Meeting(fails=True)
    with pytest.raises(UpstreamError, match="the sink's"):
        driver(face).run(face.batches(1, UpstreamError("LangSmith is unavailable", 503)))
    assert [one.trouble and one.trouble.message for one in face.saved] == ["the sink's"]


def test_a_sink_logs_with_the_fields_of_the_call(capsys: pytest.CaptureFixture[str]) -> None:
    """A line of the delivering thread carries the call's target, as every line of the call does."""

    class Logging(Face):
        def write(self, batch: Batch, now: datetime = NEVER) -> None:
            assert current_thread().name.startswith("delivery")
            logging.getLogger("langsmith_core.sink").warning("written")
            super().write(batch, now)

    logs.install()
    with logs.call("sync", None, None):
        driver(Logging()).run(iter([batch(1)]))
    assert '"message":"written","target":"sync"' in capsys.readouterr().out


def test_a_failure_of_langsmith_is_noted_beside_the_position_that_stands() -> None:
    """The failure is saved for the status beside the earlier position. The next good pass clears it."""
    face = Face()

    def batches() -> Iterator[Batch]:
        yield batch(1, 1)
        raise UpstreamError("LangSmith is unavailable", 503)

    with pytest.raises(UpstreamError):
        driver(face).run(batches())
    before, noted = face.saved
    assert before == saved(1, {"t": 1})
    assert noted == replace(before, trouble=Trouble(NOW, 503, "LangSmith is unavailable"), running=None)
    assert face.dropped == 1
    again = Driver(noted, face, face, lambda: NOW)
    done = [Pass(NOW, 1.5, {"t": n}, 2, 0, 0, has_more=False) for n in range(7)]
    for one in done:
        again.ended(one)
    assert again.state == replace(before, passes=tuple(done[-PASSES_KEPT:]), running=None)


class Sink(Face):
    """A sink that takes one batch."""

    def __init__(self, failure: Exception) -> None:
        super().__init__()
        self._failure = failure

    def write(self, batch: Batch, now: datetime = NEVER) -> None:  # noqa: ARG002  a sink's signature
        """Rows, once."""
        if self.done:
            raise self._failure
        self._do(f"rows {batch.state.empties}")


SINKS = [
    (
        SyncError("BigQuery, p.d: the account may not do this", 400),
        Trouble(NOW, 400, "BigQuery, p.d: the account may not do this"),
    ),
    (BusyError("another pass keeps writing"), Trouble(NOW, 409, "another pass keeps writing")),
    (
        ValueError("my card number"),
        Trouble(NOW, 500, "internal error (ValueError); report it with the trace in the log; the state has not moved"),
    ),
]


@pytest.mark.parametrize(("failure", "trouble"), SINKS)
def test_a_failure_of_the_sink_is_noted_beside_the_position_that_stands(failure: Exception, trouble: Trouble) -> None:
    """Rows of the failed batch are dropped, and the position stays. An unexpected error is saved as its class only."""
    sink, store = Sink(failure), Face()
    done = Driver(State(source="s"), sink, store, lambda: NOW)
    with pytest.raises(type(failure)) as raised:
        done.run(iter([batch(1, 3), batch(2, 5)]))
    assert raised.value is failure
    assert (store.saved, store.dropped) == ([saved(1, {"t": 3}), replace(batch(1).state, trouble=trouble)], 1)
    assert (dict(done.rows), done.state) == ({"t": 3}, store.saved[-1])


def test_a_failure_that_cannot_be_noted_is_still_the_one_that_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """The store fails while the sink's failure is saved. The caller gets the sink's failure, the
    state stays, and a line says so.
    """
    failure = UpstreamError("the sink's")
    sink, store = Sink(failure), Face(fails_at=1)
    done = Driver(State(source="s"), sink, store, lambda: NOW)
    with pytest.raises(UpstreamError) as raised:
        done.run(iter([batch(1, 3), batch(2, 5)]))
    assert raised.value is failure
    assert (store.saved, done.state) == ([saved(1, {"t": 3})], saved(1, {"t": 3}))
    assert [one.getMessage() for one in caplog.records] == [
        "the status could not save this failure; look for it in the log: OSError"
    ]


def test_each_position_says_what_the_pass_has_delivered_until_then() -> None:
    """The rows and requests of a pass under way add up from batch to batch. Its end leaves none: `passes` has them then."""
    face, clock = Face(), iter([1, 2, 3, 4, 5, 6, 7])
    done = Driver(State(source="s"), face, face, lambda: NOW + timedelta(seconds=next(clock)))
    done.run(iter([batch(1, 3), batch(2, 0), batch(3, 2, more=False)]))
    begun = NOW + timedelta(seconds=1)
    told = [(one.running.begun, one.running.rows, one.running.requests) for one in face.saved if one.running]
    assert told == [(begun, {"t": 3}, 1), (begun, {"t": 3}, 3), (begun, {"t": 5}, 6)]
    done.ended(Pass(NOW, 1.5, {"t": 5}, 6, 0, 0, has_more=False))
    assert face.saved[-1].running is None


def test_a_failure_of_the_store_is_not_noted() -> None:
    """A failed store may hold either state, so nothing is saved over it."""
    face = Face(fails_at=3)
    with pytest.raises(OSError):  # noqa: PT011  the face's own
        driver(face).run(iter([batch(1), batch(2)]))
    assert (face.saved, face.dropped) == ([saved(1, {})], 0)


def test_a_batch_holds_a_key_once() -> None:
    """A later row replaces an earlier one of its key. A deletion removes the row, and a new row removes the deletion."""
    one = Batch(State(source="s"))
    one.add("t", {"a": b"1", "b": b"1"}, 2)
    one.add("t", {"a": b"2"}, 1)
    one.delete("t", "b", NOW)
    one.delete("t", "c", NOW)
    one.add("t", {"c": b"3"}, 1)
    assert (one.lines, one.deletes, one.counts()) == ({"t": {"a": b"2", "c": b"3"}}, {"t": {"b": NOW}}, {"t": 2})
    assert one.size >= 4


# Every error, the status of the answer, whether it is a failure of LangSmith.
STATUSES = {
    "ConfigError": (400, False),
    "StateError": (400, False),
    "CredentialsError": (401, False),
    "RequestError": (400, False),
    "ForeignError": (403, False),
    "MethodError": (405, False),
    "BusyError": (409, False),
    "DeliveryError": (500, False),
    "UpstreamError": (502, True),
    "OutOfTimeError": (503, True),
    "RefusedError": (502, True),
    "GoneError": (502, True),
    "NotJsonError": (502, True),
    "TooHeavyError": (502, True),
    "TooLargeError": (502, True),
    "NotServedError": (502, True),
    "LimitedError": (503, True),
    "StorageError": (502, True),
}


def test_the_tree_of_errors_is_the_one_that_is_drawn() -> None:
    """Each error has its status and its place in the docstring's drawing. A status given to an instance wins."""
    found = {name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, SyncError)}
    del found["SyncError"]
    assert {name: (kind("text").status, issubclass(kind, UpstreamError)) for name, kind in found.items()} == STATUSES
    assert [name for name in STATUSES if f" {name} " not in (errors.__doc__ or "")] == []
    for kind in found.values():
        assert (str(kind("text", 503)), kind("text", 503).status) == ("text", 503)
    assert SyncError("text").status == 500
