"""How a page, a cursor or an answer of LangSmith is taken: wrong ways of it, each planted by replacing one function.

Not here: by which steps they are met (the table in planted).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core.sync import failing
from langsmith_core import run_queries, stages, walks, windows
from langsmith_core.langsmith import answers, client
from langsmith_core.calls import Page, Reply
from langsmith_core.errors import NotServedError, UpstreamError


def lost_cursor(patch: pytest.MonkeyPatch) -> None:
    """A page of runs counts as the last."""
    _wrap(patch, run_queries, "page", lambda page: Page(page.records, None))


def one_day(patch: pytest.MonkeyPatch) -> None:
    """A v2 query without `min_start_time`, which then is a day ago."""
    _wrap(patch, run_queries, "_v2", lambda call: replace(call, body={**call.body, "min_start_time": None}))


def tie_skipped(patch: pytest.MonkeyPatch) -> None:
    """The next window ends just at the oldest start seen: its twins are skipped."""
    patch.setattr(windows, "TICK", dict.fromkeys(windows.TICK, timedelta(0)))
    patch.setattr(windows, "_dense_floor", lambda lo, hi, _: max(lo, hi - windows.FAST_TIER))


def swallowed_429(patch: pytest.MonkeyPatch) -> None:
    """A rate limit past the retries is an empty page."""
    fetch = client.LangSmith.fetch

    def swallowing(client: client.LangSmith, call: Any) -> Reply:
        try:
            return fetch(client, call)
        except UpstreamError as error:
            if answers.MEANINGS[429].text not in str(error):
                raise
            return Reply(b'{"runs":[],"items":[]}' if call.method == "POST" else b"[]", client._clock.now())  # noqa: SLF001

    patch.setattr(client.LangSmith, "fetch", swallowing)


def shift_ignored(patch: pytest.MonkeyPatch) -> None:
    """The next page of a list begins where the last one ended, whatever has moved."""
    after_list = windows.after_list

    def blind(piece: Any, ids: Any, limit: int) -> Any:
        after = after_list(replace(piece, anchor=None), ids, limit)
        return after and replace(after, offset=piece.offset + len(ids), anchor=None)

    patch.setattr(windows, "after_list", blind)


def switch_loses_window(patch: pytest.MonkeyPatch) -> None:
    """A 501 drops the slices in progress with their cursors."""
    patch.setattr(walks, "_of_api", lambda walk, _: replace(walk, slices=()))


def batch_on_v1(patch: pytest.MonkeyPatch) -> None:
    """v1 is asked for many projects at once, and honours the first."""
    patch.setitem(stages.BATCH, "v1", 50)


def failing_slice_dropped(patch: pytest.MonkeyPatch) -> None:
    """A slice that fails is passed over and not owed."""
    patch.setattr(walks, "aside", walks.passed)


def dead_cursor_ends_slice(patch: pytest.MonkeyPatch) -> None:
    """A cursor that LangSmith does not take any more ends its slice."""
    around = failing.Failing._around  # noqa: SLF001

    def ended(self: Any, state: Any, piece: Any, limit: int, error: Any) -> Any:
        after = around(self, state, piece, limit, error)
        return walks.moved(state, None) if after and piece.cursor and not isinstance(error, NotServedError) else after

    patch.setattr(failing.Failing, "_around", ended)


def _wrap(patch: pytest.MonkeyPatch, module: Any, name: str, change: Callable[[Any], Any]) -> None:
    whole = getattr(module, name)
    patch.setattr(module, name, lambda *values, **named: change(whole(*values, **named)))
