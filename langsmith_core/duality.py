"""Instances that serve both run APIs: which of them a slice is asked by, and what is read again when that changes.

On a self-hosted instance v2 may lack the past: SmithDB holds what arrived since it was installed, and older runs only if
somebody has migrated them. No cheap question proves that all were migrated. But both stores take in whatever arrives once the
instance says that it serves both. So v1 is asked for runs from before that moment, by window or by id, and v2 for younger ones
(docs/decisions).

Pure: state in, state out. Not here: reading what `/info` tells (run_queries), an answer that says otherwise (failing).
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from msgspec.structs import replace

from langsmith_core import histories, run_queries, spans
from langsmith_core.config import Settings
from langsmith_core.pacing import HOSTS
from langsmith_core.state import Slice, State
from langsmith_core.streams import RUN


def asks_v1(state: State, lo: datetime | None) -> bool:
    """Whether v1 is asked beside v2 for runs that may have begun at `lo`."""
    return state.v1_before is not None and not state.v1_gone and (lo is None or lo < state.v1_before)


def api_at(state: State, lo: datetime | None, api: str | None = None) -> str:
    """The API for a window of runs that begins at `lo`; `api` is the instance's."""
    return "v1" if asks_v1(state, lo) else api or state.api or "v1"


def api_of(state: State, piece: Slice) -> str:
    """The API that a slice is asked by. Only v2 is asked which feedback was edited."""
    by_time = piece.table == RUN.table and not piece.edited_since
    return api_at(state, piece.lo) if by_time else state.api or "v1"


def doubts_statistics(state: State, lo: datetime, *, late: bool) -> bool:
    """Whether a project without a newest run may have some in a window from `lo` on that is read for the first time.

    Where projects are counted in SmithDB alone, one that lies in ClickHouse looks empty. `late`: no earlier listing had it.
    """
    return asks_v1(state, lo) and (late or state.cycle is None or state.cycle.since is None)


def told(state: State, settings: Settings, info: bytes, now: datetime, *, deep: bool) -> tuple[State, str]:
    """The state once `/info` has told which APIs the instance serves, and the newer of them.

    Only of a self-hosted instance are both asked: on LangChain's own cloud v2 is taken to hold all that v1 does (docs/decisions).
    A v1 that did not answer is asked again daily. Where v2 alone was asked until now, all the past is read by v1.
    """
    api, ours = run_queries.run_api(info), not (urlsplit(settings.base_url).hostname or "").endswith(HOSTS)
    if not (ours and run_queries.has_both(info)):
        return replace(state, v1_before=None, v1_gone=False), api
    if state.v1_before is not None:
        return replace(state, v1_gone=state.v1_gone and not deep), api
    history = state.history
    if state.api == "v2" and state.done_to is not None:
        history = histories.over(spans.oldest(settings, now), state.done_to)
    return replace(state, v1_before=now + spans.AHEAD, history=history), api
