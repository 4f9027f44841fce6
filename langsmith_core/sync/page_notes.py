"""What a page says beside its rows: their weight, their newest time, payloads still to come, projects that are excluded.

Pure: state, a page and the clock's reading in, state out. Not here: what the page leads to (its work item).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from langsmith_core.privacy import hidden as privacy
from langsmith_core.records.ids import is_id
from langsmith_core.records.rows import Row
from langsmith_core.records.times import parse, render
from langsmith_core.remarks import Remarks
from langsmith_core.settings.config import Settings
from langsmith_core.streams.bounds import FUTURE
from langsmith_core.streams.context import Context
from langsmith_core.streams.ledgers import EPOCH
from langsmith_core.streams.registry import PROJECT, RUN
from langsmith_core.sync import page_size, payloads_delivered, payloads_missing, query_forms
from langsmith_core.sync.page_read import Read
from langsmith_core.sync.state import State, Task


def noted(state: State, settings: Settings, task: Task, read: Read, context: Context, now: datetime, remarks: Remarks) -> State:
    """Note what the page says beside its rows."""
    table = task.work.table_name
    state = page_size.weighed(state, table, read.size, len(read.shown))
    state = _timed(state, table, context.table(table).time, read.shown, now)
    if table == RUN.name:
        state = payloads_delivered.noted(state, settings, read.lines, read.delivered, now)
    state = payloads_missing.noted(state, settings, task, read.unfilled, now, remarks)
    if table == RUN.name and task.work.api(context) == "v2":
        state = query_forms.noticed(state, read.rows)
    return _without_excluded(state, settings, read.rows) if table == PROJECT.name else state


def _without_excluded(state: State, settings: Settings, found: Sequence[Row]) -> State:
    """Note the excluded projects of a page: one may have been made, or renamed, a moment ago.

    A project whose id is no UUID has no runs that could be asked for. Privacy hides its feedback anyway (privacy.hidden).
    """
    excluded = privacy.named(settings.projects_exclude)
    private = [row["project_id"] for row in found if is_id(row["project_id"]) and privacy.is_named(row, excluded)]
    return replace(state, left_out=state.left_out.with_more(private)) if private else state


def _timed(state: State, table: str, column: str, found: Sequence[Row], now: datetime) -> State:
    """Note the time of a table's newest row by a page of rows. A time that is still to come does not count."""
    times = [row[column] for row in found if row[column] and row[column] < render(now + FUTURE)]
    if not times:
        return state
    newest = max(parse(max(times)), state.newest.get(table, EPOCH))
    return replace(state, newest={**state.newest, table: newest})
