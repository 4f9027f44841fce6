"""The engine: from a state to batches of rows, each with the state that fits it.

    LangSmith --page--> rows --> batch (rows, state) --> the face: rows first, then the state

Here: the loop, its bounds, and what a failing page means. Not here: what to read (plan), how to ask (endpoints), how to send
(adapters), where rows go (the faces). the source is the only way out; the clock's readings come in.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from msgspec.structs import replace

from langsmith_core import cycles, endpoints, jsontext, parents, plan, rows, windows
from langsmith_core.batch import Batch, Limits
from langsmith_core.config import Settings
from langsmith_core.endpoints import Call, Page, Reply, Source
from langsmith_core.errors import (
    GoneError,
    NotServedError,
    OutOfTimeError,
    RefusedError,
    SyncError,
    TooHeavyError,
    UpstreamError,
)
from langsmith_core.rows import Row
from langsmith_core.state import Slice, State
from langsmith_core.streams import BY_TABLE, EXAMPLE, PROJECT, RUN, Stream
from langsmith_core.times import render

EMPTIES_MAX = 9
"""Fivetran ends a connection after more than ten empty answers in a row."""
PILOT_ROWS = 100
"""The first page of runs, before their weight is known: a thousand of 75 KB would be 75 MB."""
ROOM = 90
"""Percent of a batch that a page is planned to fill: pages vary."""
_log = logging.getLogger(__name__)


class Engine:
    """One pass over the work that a state has left. `names` caches parent names; it is no state."""

    def __init__(self, settings: Settings, source: Source, now: Callable[[], datetime], limits: Limits) -> None:
        self._settings, self._source, self._now, self._limits = settings, source, now, limits
        self._names = parents.Names()
        self._requests = 0
        self._switches = 0
        self._page_bytes = 0
        self._waiting: tuple[str, ...] = ()
        self._compared: object = None
        self._changes: tuple[list[str], list[str]] = ([], [])

    def batches(self, state: State) -> Iterator[Batch]:
        """Batches until the work is done, the time is over or a failure stops it; the last has `has_more` false if done.

        Raises SyncError only where nothing at all was gained; a later failure is logged and ends the pass.
        """
        state = cycles.continued(state)
        fresh, gained = cycles.drained(state) or cycles.outdated(state, self._settings), False
        while True:
            batch, failure = self._batch(state, fresh=fresh)
            gained = gained or batch.pages > 0
            if failure and not gained:
                raise failure
            if failure and not isinstance(failure, OutOfTimeError):
                _log.error("stopped early, what was read is kept: %s", failure)
            yield _closed(batch)
            state, fresh = batch.state, False
            if failure or not batch.has_more or self._limits.seconds_left() <= 0:
                return

    def _batch(self, state: State, *, fresh: bool) -> tuple[Batch, SyncError | None]:
        """Pages until the batch is full, the work is done, the time is over, or one fails."""
        batch, self._requests = Batch(state), 0
        failure: SyncError | None = None
        try:
            if fresh:
                batch.state = self._opened(state)
            self._fill(batch)
        except SyncError as error:
            failure = error
        except jsontext.MalformedError as error:
            failure = UpstreamError(f"an answer of LangSmith is not in its documented form: {error}")
        batch.requests = self._requests
        return batch, failure

    def _fill(self, batch: Batch) -> None:
        """At least one step, then more while there is room and time."""
        more = True
        while more:
            if cycles.drained(batch.state):
                batch.has_more = False
                return
            if cycles.due(batch.state, self._now()):
                batch.state = self._opened(batch.state)
            room = self._step(batch)
            more = room and self._limits.seconds_left() > 0 and batch.size + self._page_bytes <= self._limits.bytes_max

    def _opened(self, state: State) -> State:
        api = endpoints.run_api(self._ask(endpoints.INFO).body)
        projects = parents.resolved(self._settings, self._ask, first=state.scope is None)
        return cycles.opened(plan.switched(state, api), self._settings, projects, self._now())

    def _step(self, batch: Batch) -> bool:
        """Read one page into the batch. False: it does not fit beside what is there, and the position has not moved."""
        api = batch.state.api or "v1"
        state, piece = plan.next_slice(batch.state, self._settings, api)
        if piece is None:
            batch.state = state
            return True
        limit, self._waiting = self._page_rows(state, piece, api), plan.waiting(state)
        try:
            asked = self._of_version(batch, state, piece, limit) if piece.table == EXAMPLE.table else piece
            if asked is None:
                return True
            reply = self._ask(endpoints.call(asked, api, limit))
        except GoneError as error:
            batch.state = self._without(batch, state, piece, error)
            return True
        except UpstreamError as error:
            batch.state = self._around(state, piece, limit, error)
            return True
        return self._take(batch, state, piece, endpoints.page(piece, api, reply.body), limit, reply.at)

    def _of_version(self, batch: Batch, state: State, piece: Slice, limit: int) -> Slice | None:
        """The slice of examples to ask for: all of a version, or a few that have changed; None where that took the step."""
        dataset = piece.parents[0]
        if piece.hi is None:
            batch.state = plan.versioned(state, piece, endpoints.newest(self._ask(endpoints.versions(dataset)).body))
            batch.pages += 1
            return None
        if piece.lo is None:
            return piece
        try:
            changed, removed = self._difference(piece)
        except (RefusedError, GoneError, jsontext.MalformedError) as error:
            _log.warning("dataset %s: no difference to the version before, all its examples are read: %s", dataset, error)
            batch.state = plan.moved(state, replace(piece, lo=None))
            return None
        for one in removed if piece.offset == 0 else ():
            batch.delete(EXAMPLE.table, one, self._now())
        ids = tuple(changed[piece.offset : piece.offset + min(limit, cycles.IDS_MAX)])
        if not ids:
            batch.state = plan.absorbed(state, piece, None, [], self._settings)
            batch.pages += 1
        return replace(piece, ids=ids) if ids else None

    def _difference(self, piece: Slice) -> tuple[list[str], list[str]]:
        """What has changed between a slice's two versions, and what is gone: asked for once in a pass."""
        versions = (piece.parents, piece.lo, piece.hi)
        if self._compared != versions:
            self._compared, self._changes = versions, endpoints.changed(self._ask(endpoints.difference(piece)).body)
        return self._changes

    def _page_rows(self, state: State, piece: Slice, api: str) -> int:
        """Rows to ask for: as many as the endpoint gives, as the runs seen so far are light, and as has not failed."""
        most = endpoints.rows_max(piece.table, api, self._settings.page_size)
        if piece.table == RUN.table:
            fitting = self._limits.bytes_max * ROOM // (100 * state.row_bytes) if state.row_bytes else PILOT_ROWS
            most = max(1, min(most, fitting))
        return min(most, piece.limit or most)

    def _around(self, state: State, piece: Slice, limit: int, error: UpstreamError) -> State:
        """The state that tries the failed page another way; raises the error where there is none."""
        if isinstance(error, NotServedError) and piece.table == RUN.table and not self._switches:
            self._switches += 1
            _log.warning("this instance does not serve %s run queries; going on with the other API", state.api)
            return plan.switched(state, "v2" if state.api == "v1" else "v1")
        if isinstance(error, RefusedError) and piece.cursor:
            _log.warning("LangSmith no longer takes the page cursor of %s; asking its window again", piece.table)
            return plan.moved(state, windows.begun(piece))
        if isinstance(error, TooHeavyError) and limit > 1:
            return plan.moved(state, replace(piece, limit=limit // 2))
        raise error

    def _without(self, batch: Batch, state: State, piece: Slice, error: GoneError) -> State:
        """The state past a record that is gone: a parent that is listed no more is deleted, a slice of one is passed over."""
        after = plan.gone(state, piece, self._settings)
        if after is None:
            raise error
        _log.warning("%s: gone from LangSmith while it was read, or since: %s", piece.table, piece.ids[:1] or piece.parents)
        if piece.ids and piece.table != RUN.table:
            batch.delete(piece.table, piece.ids[0], self._now())
        batch.pages += 1
        return after

    def _take(self, batch: Batch, state: State, piece: Slice, page: Page, limit: int, at: datetime) -> bool:
        """Put a page into the batch and move the state past it, if it fits."""
        stream = BY_TABLE[piece.table]
        found = self._rows(stream, piece, page)
        shown = piece.table != PROJECT.table or plan.is_first_listing(state)
        lines = self._lines(stream, found, at) if shown else {}
        size = sum(map(len, lines.values())) + len(lines)
        state = _weighed(state, stream, size, len(found))
        if size > self._limits.bytes_max and limit > 1:
            batch.state = plan.moved(state, replace(piece, limit=max(1, limit * self._limits.bytes_max * ROOM // (100 * size))))
            return True
        if batch.size and batch.size + size > self._limits.bytes_max:
            batch.state = replace(batch.state, row_bytes=state.row_bytes)
            return False
        self._page_bytes = max(self._page_bytes, size)
        after = self._advanced(piece, found, page, limit, state.api or "v1")
        if after and after.limit and 2 * size < self._limits.bytes_max:
            after = replace(after, limit=after.limit * 2)
        batch.state = plan.absorbed(state, piece, after, found, self._settings)
        batch.add(stream.table, lines, size)
        batch.pages += 1
        return True

    def _advanced(self, piece: Slice, found: list[Row], page: Page, limit: int, api: str) -> Slice | None:
        if piece.table == RUN.table and piece.ids:
            return windows.after_ids(piece, [row["run_id"] for row in found], page.cursor)
        if piece.table == RUN.table:
            return windows.after_runs(piece, [row["start_time"] for row in found if row["start_time"]], page.cursor, api)
        if piece.table == EXAMPLE.table and piece.lo is not None:
            done = piece.offset + min(limit, cycles.IDS_MAX)
            return replace(piece, offset=done) if done < len(self._changes[0]) else None
        return None if piece.ids else windows.after_list(piece, [row[BY_TABLE[piece.table].key] for row in found], limit)

    def _rows(self, stream: Stream, piece: Slice, page: Page) -> list[Row]:
        self._names.learn(stream, (*piece.parents, *self._waiting[: cycles.IDS_MAX - len(piece.parents)]), self._ask)
        found = [self._row(stream, record) for record in page.records]
        self._names.note(stream, found)
        return found

    def _row(self, stream: Stream, record: bytes) -> Row:
        """One row, with the payloads that LangSmith keeps elsewhere filled in, or marked where they cannot be had."""
        row = rows.to_row(stream, record, self._names.by_id)
        for name, address in rows.offloaded(stream, record, row).items():
            try:
                body = self._source.download(address, self._limits.bytes_max)
                row[name] = jsontext.column(jsontext.strict(body, 0))
            except (SyncError, jsontext.MalformedError) as error:
                _log.warning("%s %s: its %s could not be fetched: %s", stream.table, row[stream.key], name, error)
                row[name] = jsontext.dumps({"_not_fetched": type(error).__name__.removesuffix("Error").lower()})
        return row

    def _lines(self, stream: Stream, found: list[Row], at: datetime) -> dict[str, bytes]:
        """Encoded rows by key; a later row of the same key wins."""
        stamped = self._limits.stamped
        stamp = {"_synced_at": render(at)} if stamped else {}
        lines = {row[stream.key]: rows.encode({**row, **stamp}, exact=stamped) for row in found}
        heavy = [row for row in found if len(lines[row[stream.key]]) > self._limits.bytes_max]
        room = self._limits.bytes_max - len(rows.encode(stamp))
        fit = (rows.cut(stream, row, room) for row in heavy)
        return lines | {row[stream.key]: rows.encode({**row, **stamp}, exact=stamped) for row in fit}

    def _ask(self, call: Call) -> Reply:
        self._requests += 1
        return self._source.fetch(call)


def _weighed(state: State, stream: Stream, size: int, count: int) -> State:
    """The state with the weight of a run by this page: heavier at once, lighter by and by."""
    if stream is not RUN or not count:
        return state
    return replace(state, row_bytes=max(size // count, state.row_bytes * 9 // 10))


def _closed(batch: Batch) -> Batch:
    """Count answers without rows: at most nine in a row ask to be called again (law 3)."""
    empties = 0 if batch.size or not batch.has_more else batch.state.empties + 1
    if empties > EMPTIES_MAX:
        batch.has_more, empties = False, 0
    batch.state = replace(batch.state, empties=empties)
    return batch
