"""What must be known before a slice can be asked for: a dataset's versions, the keys of feedback.

Here: those requests, each made once in a pass, and the state where their answer takes the step. Not here: the slices' own pages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec.structs import replace

from langsmith_core import breaking, duality, endpoints, jsontext, offsets, plan, rows, walks
from langsmith_core.batch import Batch
from langsmith_core.calls import Call, Fetch, Only
from langsmith_core.config import Settings
from langsmith_core.errors import GoneError, RefusedError, TooLargeError
from langsmith_core.parsers import is_id
from langsmith_core.privacy import Hidden
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.stages import IDS_MAX
from langsmith_core.state import Slice, State
from langsmith_core.streams import DATASET, EXAMPLE

NOBODY = "00000000-0000-0000-0000-000000000000"
"""Stands in a list for what has no id."""
NO_DIFFERENCE = Remark("%s: no difference to the dataset's version before, all its examples are read")


class Preparation:
    """The knowledge of one pass; what it has asked for is no state."""

    def __init__(self, settings: Settings, ask: Fetch, now: Callable[[], datetime], hidden: Hidden, remarks: Remarks) -> None:
        self._settings, self._ask, self._now, self._hidden, self._remarks = settings, ask, now, hidden, remarks
        self._compared: object = None
        self._changes: tuple[list[str], list[str]] = ([], [])
        self._judged: tuple[str, ...] = ()
        self._keys: tuple[str, ...] = ()

    def call(self, batch: Batch, state: State, piece: Slice, limit: int, only: Only) -> Call | None:
        """The request for the slice's next page; None where there is none to make, and the batch's state has moved on."""
        api = duality.api_of(state, piece)
        if piece.table == EXAMPLE.table:
            asked = self._of_version(batch, state, piece, limit)
            return endpoints.call(asked, api, limit, hidden=self._hidden, only=only) if asked else None
        keys = self._feedback_keys(piece.parents) if piece.edited_since else ()
        if keys or not piece.edited_since:
            totals = state.own_usage != "refused"
            return endpoints.call(piece, api, limit, keys, hidden=self._hidden, only=only, totals=totals)
        self._took(batch, plan.absorbed(state, piece, None, [], self._settings))
        return None

    def named(self, piece: Slice, limit: int) -> Slice:
        """The slice with the ids that its last request named: examples that have changed are asked for by theirs."""
        changes = piece.table == EXAMPLE.table and piece.lo is not None
        return replace(piece, ids=self._next(piece, limit)[0]) if changes else piece

    def rest(self, piece: Slice, limit: int) -> Slice | None:
        """The slice of changed examples after a page of them; None when that was the last."""
        ids, more = self._next(piece, limit)
        return replace(piece, anchor=ids[-1]) if more else None

    def _next(self, piece: Slice, limit: int) -> tuple[tuple[str, ...], bool]:
        """The next changed examples, by their ids past the last that was read, and whether more follow.

        Not by their number: an example deleted for good goes from the difference, and would take the place of the next one.
        """
        rest, count = [one for one in self._changes[0] if one > (piece.anchor or "")], min(limit, IDS_MAX)
        return tuple(rest[:count]), len(rest) > count

    def _of_version(self, batch: Batch, state: State, piece: Slice, limit: int) -> Slice | None:
        """The slice of examples to ask for: all of a version, or a few that have changed; None where that took the step."""
        dataset = piece.parents[0]
        if piece.hi is None:
            reply = self._ask(endpoints.versions(dataset))
            self._took(batch, plan.versioned(state, piece, endpoints.newest(reply.body, reply.at), reply.at))
            return None
        if piece.ceiling is not None:
            self._took(batch, self._past_comparison(state, piece, self._compare(batch, piece, limit)))
            return None
        if piece.lo is None:
            return piece
        try:
            changed, removed = self._difference(piece)
        except (RefusedError, GoneError, TooLargeError, jsontext.MalformedError) as error:
            self._remarks.add(NO_DIFFERENCE, piece.table, of=dataset, why=error)
            whole = replace(piece, lo=None, anchor=None)
            before = replace(whole, hi=piece.lo, ceiling=piece.hi)
            batch.state = walks.passed(state, self._settings, piece, (before, whole))
            return None
        for one in removed if piece.anchor is None else ():
            batch.delete(EXAMPLE.table, one, piece.seen or self._now())
        if piece.anchor is None and self._is_most(piece, len(changed)):
            self._took(batch, walks.moved(state, replace(piece, lo=None)))
            return None
        asked = self.named(piece, limit)
        if not asked.ids:
            self._took(batch, plan.absorbed(state, piece, None, [], self._settings))
        return asked if asked.ids else None

    def _is_most(self, piece: Slice, changed: int) -> bool:
        """Whether a version takes fewer requests read whole, a hundred a page, than what has changed in it, fifty at a time."""
        if changed <= 2 * IDS_MAX:
            return False
        dataset = Slice(DATASET.table, ids=piece.parents)
        page = endpoints.page(dataset, "v1", self._ask(endpoints.call(dataset, "v1", 1)).body)
        counts = [row["example_count"] for row in rows.readable(DATASET, page.records)]
        return 2 * changed > int(next(filter(None, counts), 2 * changed))

    def _past_comparison(self, state: State, piece: Slice, after: Slice | None) -> State:
        if offsets.broken_off(after):
            return breaking.unread(state, self._settings, piece)
        return walks.passed(state, self._settings, piece, (after,) if after else ())

    def _compare(self, batch: Batch, piece: Slice, limit: int) -> Slice | None:
        """Delete what a page of the version before has and the newest has not; the slice of the next page, if there is one."""
        marks = _marks(piece, self._ask(endpoints.call(piece, "v1", limit)).body)
        found = list(filter(None, marks))
        for i in range(0, len(found), IDS_MAX):
            asked = replace(piece, hi=piece.ceiling, ids=tuple(found[i : i + IDS_MAX]), offset=0)
            for one in sorted({*asked.ids} - {*self._there(asked)}):
                batch.delete(EXAMPLE.table, one, piece.seen or self._now())
        return offsets.after_list(piece, [one or NOBODY for one in marks], limit)

    def _there(self, asked: Slice) -> Sequence[str]:
        """Which of the ids a version has. Where it has none, LangSmith answers 404; one that cannot be read may be any.

        Raises MalformedError where one was not asked for: what is missing would be deleted.
        """
        try:
            marks = _marks(asked, self._ask(endpoints.call(asked, "v1", IDS_MAX)).body)
        except GoneError:
            return []
        if not {*filter(None, marks)} <= {*asked.ids}:
            raise jsontext.MalformedError("a page of a dataset's version has what was not asked for")
        return marks if all(marks) else asked.ids

    def _took(self, batch: Batch, state: State) -> None:
        batch.state = state
        batch.pages += 1

    def _difference(self, piece: Slice) -> tuple[list[str], list[str]]:
        """What has changed between a slice's two versions, and what is gone."""
        versions = (piece.parents, piece.lo, piece.hi)
        if self._compared != versions:
            changed, removed = endpoints.changed(self._ask(endpoints.difference(piece)).body)
            if not all(map(is_id, (*changed, *removed))):
                raise jsontext.MalformedError("a difference between versions that names an example by no UUID")
            self._compared, self._changes = versions, (changed, removed)
        return self._changes

    def _feedback_keys(self, projects: tuple[str, ...]) -> tuple[str, ...]:
        """The keys under which these projects have feedback."""
        if self._judged != projects:
            self._judged, self._keys = projects, endpoints.feedback_keys(self._ask(endpoints.judged(projects)).body)
        return self._keys


def _marks(piece: Slice, body: bytes) -> list[str]:
    """The ids of a page's examples, empty for what is none."""
    labels = [rows.label(one) for one in endpoints.page(piece, "v1", body).records]
    return [label if label and is_id(label) else "" for label in labels]
