"""The five changes of the demo's second run, as its DuckDB file shows them: which records they concern, and what became of them.

Here: questions to the file. Not here: the changes themselves (five_changes.py).
"""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias
from uuid import NAMESPACE_OID, uuid5

import duckdb

Picks: TypeAlias = dict[str, str]
LATE_RUN, BACK_DATED, LATE_KEY = "nightly-report", "checkout-assistant-offline", "reopened"
FEWER, GONE = "refund-cases", "retired-drafts"

PICKED = f"""\
SELECT (SELECT run_id FROM langsmith_run WHERE name = '{LATE_RUN}') AS run,
       (SELECT arg_min(run_id, start_time) FROM langsmith_run WHERE name = 'support-agent'
        AND project_name = 'support-agent') AS judged,
       (SELECT project_id FROM langsmith_project WHERE name = 'support-agent') AS project,
       (SELECT name FROM langsmith_project WHERE name = 'checkout-assistant') AS project_name,
       (SELECT min(example_id) FROM langsmith_example WHERE dataset_name = '{FEWER}') AS example,
       (SELECT dataset_id FROM langsmith_dataset WHERE name = '{GONE}') AS dataset
"""  # noqa: S608 - names of ours


class Arrival(NamedTuple):
    """One change. Its SQL answers with what the file shows, and whether the change has arrived."""

    title: str
    sql: str


ARRIVALS = (
    Arrival(
        f"{LATE_RUN} ends after hours",
        "SELECT concat_ws(', ', status, strftime(end_time AT TIME ZONE 'UTC', 'ended %d %b %H:%M')), status = 'success' "
        "FROM langsmith_run WHERE run_id = $run",
    ),
    Arrival(
        "a run is sent 20 hours late",
        "SELECT coalesce(strftime(min(start_time) AT TIME ZONE 'UTC', 'it began %d %b %H:%M'), 'not there'), count(*) = 1 "
        "FROM langsmith_run WHERE run_id = $back_dated",
    ),
    Arrival(
        "feedback on a run of two weeks ago",
        "SELECT coalesce(min(f.key || ' ' || f.score || ', on its run too'), 'none'), count(*) = 1 "
        "FROM langsmith_feedback f JOIN langsmith_run r USING (run_id) "
        "WHERE f.feedback_id = $feedback AND json_exists(r.feedback_stats, f.key)",
    ),
    Arrival(
        f"an example of {FEWER} is deleted",
        "SELECT coalesce(strftime(_deleted_at AT TIME ZONE 'UTC', 'deleted %d %b %H:%M'), 'live'), _deleted_at IS NOT NULL "
        "FROM langsmith_example WHERE example_id = $example",
    ),
    Arrival(
        f"the dataset {GONE} is deleted",
        "SELECT concat(if(any_value(d._deleted_at) IS NULL, 'live', 'deleted'), ', ', "
        "count(*) - count(e._deleted_at), ' live examples'), count(d._deleted_at) = count(*) AND count(e._deleted_at) = count(*) "
        "FROM langsmith_dataset d JOIN langsmith_example e USING (dataset_id) WHERE dataset_id = $dataset",
    ),
)


def picked(path: str) -> Picks | None:
    """Return the ids of the records that the changes concern; None where a file does not hold a whole demo."""
    with duckdb.connect(path, read_only=True) as file:
        try:
            found = file.execute(PICKED)
        except duckdb.CatalogException:
            return None
        names = [column[0] for column in found.description or ()]
        values = found.fetchall()[0]
    if None in values:
        return None
    picks = dict(zip(names, map(str, values), strict=True))
    made = {name: str(uuid5(NAMESPACE_OID, f"{name} {picks['run']}")) for name in ("back_dated", "feedback")}
    return picks | made


def seen(path: str, picks: Picks) -> list[tuple[str, bool]]:
    """Return what the file shows of each change, and whether it has arrived."""
    with duckdb.connect(path, read_only=True) as file:
        return [_answer(file, arrival, picks) for arrival in ARRIVALS]


def _answer(file: duckdb.DuckDBPyConnection, arrival: Arrival, picks: Picks) -> tuple[str, bool]:
    used = {name: picks[name] for name in re.findall(r"\$(\w+)", arrival.sql)}
    text, arrived = file.execute(arrival.sql, used).fetchall()[0]
    return str(text), bool(arrived)
