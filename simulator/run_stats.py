"""POST /runs/stats: counters over the runs that a v1 query finds. `group_by` and `select` are not implemented."""

from __future__ import annotations

from itertools import chain

from simulator.call import Call
from simulator.feedback_stats import v1_stats
from simulator.messages import Response, answer
from simulator.run_pages import page
from simulator.runs_v1 import only_with_clickhouse, search_of
from simulator.stats import COSTS, of_runs
from simulator.times import aware


def read_stats(call: Call) -> Response:
    """The counters of a query's runs. Costs are numbers here."""
    only_with_clickhouse(call)
    search = search_of(call, call.json_object())
    search.newest_first = False
    found, _ = page(call.store, search, None, len(call.store.runs))
    stats = of_runs(call.store, found)
    feedback = chain.from_iterable(call.store.run_feedback.get(run.id, ()) for run in found)
    return answer(
        {
            **stats,
            **{name: float(stats[name]) for name in COSTS},
            "last_run_start_time": aware(stats["last_run_start_time"]),
            "feedback_stats": v1_stats(feedback),
        }
    )
