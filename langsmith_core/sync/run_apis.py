"""What `/info` tells of an instance's run APIs, and what is read again when that changes.

Pure: state in, state out. Not here: which API asks for runs (streams.run_api), an answer that says otherwise (failing).
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from langsmith_core.settings.config import Settings
from langsmith_core.streams import bounds, run_api
from langsmith_core.streams.context import Api
from langsmith_core.sync import backfill
from langsmith_core.sync.state import State


def learned(state: State, settings: Settings, info: bytes, now: datetime, *, deep: bool) -> tuple[State, Api]:
    """Note which APIs the instance serves, by `/info`, and give the newer one with the state.

    Only a self-hosted instance is asked by both: on LangChain's cloud, v2 is taken to hold all that v1 holds (docs/decisions).
    The daily pass asks a v1 again that did not answer. Where only v2 was asked until now, v1 reads all the past.
    """
    api, runs = run_api.of_instance(info), state.memory.runs
    if settings.is_cloud or not run_api.has_both(info):
        return _with(state, v1_before=None, v1_gone=False), api
    if runs.v1_before is not None:
        return _with(state, v1_before=runs.v1_before, v1_gone=runs.v1_gone and not deep), api
    if state.api == "v2" and state.done_to is not None:
        state = replace(state, backfill=backfill.over(bounds.oldest(settings.start_time, now), state.done_to))
    return _with(state, v1_before=now + bounds.AHEAD, v1_gone=runs.v1_gone), api


def _with(state: State, *, v1_before: datetime | None, v1_gone: bool) -> State:
    return replace(state, memory=state.memory.with_runs(replace(state.memory.runs, v1_before=v1_before, v1_gone=v1_gone)))
