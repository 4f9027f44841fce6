"""The bill of docs/bigquery.md counts as many batches as a sync delivers, and so as many look-ups."""

from __future__ import annotations

import runpy
from datetime import timedelta
from pathlib import Path

import pytest

from bench import corpus
from langsmith_core.langsmith import client as langsmith
from langsmith_core.streams.registry import RUN
from langsmith_core.sync.batch import Limits
from langsmith_core.sync.engine import Engine
from langsmith_core.sync.state import State
from samples import settings
from simulator import DEFAULT_API_KEY, DEFAULT_TENANT_ID, Clock, Simulator
from simulator.settings import Mode

BILL = runpy.run_path(str(Path(__file__).parents[2] / "scripts" / "bigquery_bill.py"))
RUNS, RECORD, BATCH = 3_300, 3_400, 3_200_000
"""A tenth of the bill's smaller workspace: its runs of a day, a record of a row of 6 to 7 KB, and the bytes of a batch."""
SETTINGS = settings(LANGSMITH_API_KEY=DEFAULT_API_KEY, LANGSMITH_TENANT_ID=DEFAULT_TENANT_ID)


@pytest.mark.parametrize(("mode", "count"), [("clickhouse", 9), ("smithdb", 8)])
def test_a_day_that_is_read_again_is_as_many_batches_as_the_bill_counts(mode: Mode, count: int) -> None:
    """A pass reads the day before again, unchanged, and each batch of it is looked up. The bill has one look-up for each."""
    clock = Clock("2026-06-01T00:00:00Z")
    sim = Simulator(clock=clock, mode=mode, seed=1)
    corpus.fill(sim, RUNS, RECORD, days=1)
    session = langsmith.session()
    session.mount("https://", sim.adapter())
    state = State(source=SETTINGS.source)
    for _ in range(2):
        client = langsmith.LangSmith(SETTINGS, clock, clock.now() + timedelta(hours=1), session)
        limits = Limits(BATCH, lambda: 3600.0, stamped=True, exact=True)
        batches = list(Engine(SETTINGS, client, clock.now, limits).batches(state))
        state = batches[-1].state
        clock.advance(minutes=15)
    sizes = [sum(map(len, batch.lines[RUN.name].values())) for batch in batches if batch.lines.get(RUN.name)]
    assert sum(len(batch.lines.get(RUN.name, {})) for batch in batches) == RUNS
    assert len(sizes) == BILL["batches"](sum(sizes), BATCH) == count
