"""Change five things in a workspace by the official LangSmith SDK, for the demo to sync.

Its argument is JSON: which records to change, as arrivals.py picks them. LANGSMITH_ENDPOINT, LANGSMITH_API_KEY and
LANGSMITH_WORKSPACE_ID say where. What has been changed already may be changed again: nothing happens twice.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from langsmith import Client
from langsmith.utils import LangSmithNotFoundError

from langsmith_sync.first_run.arrivals import BACK_DATED, LATE_KEY, Picks

BACK = timedelta(hours=20)  # LangSmith takes runs that are 24 hours back-dated


def finish(client: Client, picks: Picks) -> None:
    """End a run that began hours ago."""
    client.update_run(picks["run"], end_time=datetime.now(UTC), outputs={"report": "212 invoices, all of them paid"})


def send_late(client: Client, picks: Picks) -> None:
    """Send a run that began and ended 20 hours ago, as an application does that was offline."""
    start = datetime.now(UTC) - BACK
    client.create_run(
        BACK_DATED,
        {"basket": ["tea", "a cup"]},
        "chain",
        id=picks["back_dated"],
        project_name=picks["project_name"],
        start_time=start,
        end_time=start + timedelta(seconds=2),
        outputs={"output": "These go well together."},
    )


def judge_late(client: Client, picks: Picks) -> None:
    """Judge a run of two weeks ago."""
    run, said = picks["judged"], "the customer wrote again"
    given, where = picks["feedback"], picks["project"]
    client.create_feedback(run, key=LATE_KEY, score=0.0, comment=said, feedback_id=given, trace_id=run, session_id=where)


def delete_example(client: Client, picks: Picks) -> None:
    """Delete one example."""
    client.delete_example(picks["example"])


def delete_dataset(client: Client, picks: Picks) -> None:
    """Delete a dataset with all of its examples."""
    client.delete_dataset(dataset_id=picks["dataset"])


CHANGES: tuple[Callable[[Client, Picks], None], ...] = (finish, send_late, judge_late, delete_example, delete_dataset)


def main() -> None:
    """Make the five changes, each by a request of its own."""
    client, picks = Client(auto_batch_tracing=False), json.loads(sys.argv[1])
    for change in CHANGES:
        with suppress(LangSmithNotFoundError):  # an interrupted demo has deleted it already
            change(client, picks)


if __name__ == "__main__":
    main()
