"""A workspace that changes is the same in BigQuery and in DuckDB, row by row."""

from datetime import datetime, timedelta
from pathlib import Path

from emulators.warehouse import Warehouse, in_duckdb, unhurried

from langsmith_core.destinations.bigquery import sink
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.faces import standalone
from langsmith_core.faces.standalone import Sink
from langsmith_core.langsmith import client as langsmith
from langsmith_core.streams.registry import TABLES
from langsmith_core.sync import state_json
from langsmith_core.sync.batch import NEVER, Batch, Limits
from langsmith_core.sync.engine import Engine
from samples import settings
from simulator import DEFAULT_API_KEY, DEFAULT_TENANT_ID, Clock, Simulator

SETTINGS = settings(LANGSMITH_API_KEY=DEFAULT_API_KEY, LANGSMITH_TENANT_ID=DEFAULT_TENANT_ID, LANGSMITH_ORG_ID="an-organisation")


class Both:
    """A sink that writes into several sinks."""

    def __init__(self, *sinks: Sink) -> None:
        self._sinks = sinks
        self.rejected = 0

    def write(self, batch: Batch, now: datetime = NEVER) -> None:
        """Write the same batch into each."""
        for one in self._sinks:
            one.write(batch, now)


def test_a_workspace_that_changes_is_the_same_in_both_sinks(warehouse: Warehouse, tmp_path: Path) -> None:
    """BigQuery holds what DuckDB holds, after a first sync and after late feedback and a deleted dataset."""
    clock, path = Clock("2026-06-01T00:00:00Z"), str(tmp_path / "d")
    sim = Simulator(clock=clock, mode="clickhouse", seed=3)
    sim.usage_readable = True
    sim.corpus(projects=2, runs=120, datasets=2, examples=10, days=9)
    session = langsmith.session()
    session.mount("https://", sim.adapter())

    def sync() -> None:
        client = langsmith.LangSmith(SETTINGS, clock, clock.now() + timedelta(hours=1), session)
        with sink.opened(warehouse.settings, unhurried) as bigquery, local.opened(path) as file:
            reader = Engine(SETTINGS, client, clock.now, Limits(32_000_000, lambda: 3600.0, stamped=True, exact=True))
            driver = standalone.Driver(state_json.load(file.load(), SETTINGS.source), Both(bigquery, file), file, clock.now)
            driver.run(reader.batches(driver.state))
            assert bigquery.rejected == 0

    sync()
    truth = sim.workspace.truth()
    for run in list(truth["langsmith_run"])[::10]:
        sim.workspace.add_feedback(run, "late", score=1.0)
    sim.workspace.delete_dataset(next(iter(truth["langsmith_dataset"])))
    clock.advance(hours=2)
    sync()
    for stream in TABLES:
        rows = warehouse.rows(stream)
        assert rows
        assert rows == in_duckdb(path, stream), stream.name
    assert warehouse.ask("SELECT COUNT(*) > 0 FROM `{}.langsmith_example` WHERE _deleted_at IS NOT NULL") == [(True,)]
