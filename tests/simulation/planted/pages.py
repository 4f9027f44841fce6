"""Bugs in the handling of pages, cursors and answers. Each is planted by replacing one function."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import pytest
from msgspec.structs import replace

from langsmith_core.calls import Call, RecordPage, Reply
from langsmith_core.errors import UpstreamError
from langsmith_core.langsmith import answers
from langsmith_core.langsmith import client as langsmith
from langsmith_core.streams import offset_list, run_queries, run_window, window_steps
from langsmith_core.streams.run_queries import PROJECTS_A_QUERY
from langsmith_core.sync import agenda


def lost_cursor(patch: pytest.MonkeyPatch) -> None:
    """Take every page of runs for the last one."""
    _wrap(patch, run_queries, "page", lambda page: RecordPage(page.records, None))


def one_day(patch: pytest.MonkeyPatch) -> None:
    """Leave `min_start_time` out of v2 queries. LangSmith then takes it as a day ago."""

    def without(call: Call) -> Call:
        return replace(call, body={**(call.body or {}), "min_start_time": None}) if "v2" in call.path else call

    _wrap(patch, run_queries, "call", without)


def tie_skipped(patch: pytest.MonkeyPatch) -> None:
    """End the next window just at the oldest start seen. Further runs with that start are skipped."""
    patch.setattr(window_steps, "TICK", dict.fromkeys(window_steps.TICK, timedelta(0)))
    patch.setattr(window_steps, "dense_floor", lambda lo, top, *_: max(lo, top - run_queries.FAST_TIER))


def swallowed_429(patch: pytest.MonkeyPatch) -> None:
    """Take a 429 that outlasts the retries for an empty page."""
    fetch = langsmith.LangSmith.fetch

    def swallowing(client: langsmith.LangSmith, call: Any, begun: Any = None) -> Reply:
        try:
            return fetch(client, call, begun)
        except UpstreamError as error:
            if answers.MEANINGS[429].text not in str(error):
                raise
            return Reply(b'{"runs":[],"items":[]}' if call.method == "POST" else b"[]", client._clock.now())  # noqa: SLF001

    patch.setattr(langsmith.LangSmith, "fetch", swallowing)


def shift_ignored(patch: pytest.MonkeyPatch) -> None:
    """Begin the next page of a list where the last one ended, although rows have shifted."""

    def blind(item: Any, ids: Any, limit: int) -> Any:
        return replace(item, offset=item.offset + len(ids)) if len(ids) == limit else None

    patch.setattr(offset_list, "after_list", blind)


def switch_loses_window(patch: pytest.MonkeyPatch) -> None:
    """Drop the windows in progress, with their cursors, at a 501."""
    patch.setattr(run_window.RunWindow, "of_api", lambda *_: ())


def batch_on_v1(patch: pytest.MonkeyPatch) -> None:
    """Ask v1 for many projects at once, although it honours only the first."""
    patch.setitem(cast("dict[str, int]", PROJECTS_A_QUERY), "v1", 50)


def failing_work_dropped(patch: pytest.MonkeyPatch) -> None:
    """Pass over work that fails, and do not put it aside."""
    patch.setattr(agenda, "put_aside", lambda state, *_: state)


def dead_cursor_ends_window(patch: pytest.MonkeyPatch) -> None:
    """End a window whose cursor LangSmith no longer takes."""

    def ended(item: run_window.RunWindow) -> run_window.RunWindow:
        return window_steps.from_top(replace(item, lo=window_steps.top_of(item)))

    patch.setattr(run_window.RunWindow, "again", ended)


def _wrap(patch: pytest.MonkeyPatch, module: Any, name: str, change: Callable[[Any], Any]) -> None:
    whole = getattr(module, name)
    patch.setattr(module, name, lambda *values, **named: change(whole(*values, **named)))
