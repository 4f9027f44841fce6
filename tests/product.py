"""The product as its users meet it, on a simulated LangSmith: all faces in-process, on a clock turned by hand.

Here: wiring for tests, and what a complete table must hold. The targets are the real ones of main.py, the connector's face the
one that connector/connector.py wires. Only the clock and the session's transport are the simulator's.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import flask
import pytest
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

import main
from connector_model import Connection, Log
from fivetran_model import Fivetran
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.faces import connector
from langsmith_core.faces.process import Process
from langsmith_core.langsmith import client
from langsmith_core.langsmith.under_way import at_once
from langsmith_core.records.columns import JSON_KINDS, Kind
from langsmith_core.settings.key import Face
from langsmith_core.settings.keys import KEYS
from langsmith_core.streams.registry import TABLES
from langsmith_core.sync import ahead, names
from simulator import DEFAULT_API_KEY, DEFAULT_TENANT_ID, Activity, Clock, Simulator
from simulator.settings import Mode
from simulator.workspace import Workspace

NOW = "2026-06-01T00:00:00Z"
JSON_COLUMNS = {s.name: {c.name for c in s.columns if c.kind in JSON_KINDS} for s in TABLES}
NUMERIC_COLUMNS = {s.name: {c.name for c in s.columns if c.kind is Kind.NUMERIC} for s in TABLES}
TIMESTAMP_COLUMNS = {s.name: {c.name for c in s.columns if c.kind is Kind.TIMESTAMP} for s in TABLES}
JOINED = {"langsmith_run": ("project_id", "project_name"), "langsmith_example": ("dataset_id", "dataset_name")}
DURATIONS = {"latency_seconds": "end_time", "time_to_first_token_seconds": "first_token_time"}
Table = dict[str, dict[str, Any]]
Truth = dict[str, Table]


def known_truth(workspace: Workspace) -> Truth:
    """The truth of a workspace, of the tables that the product has: the simulator may know more streams than the product."""
    return {table: records for table, records in workspace.truth().items() if table in JSON_COLUMNS}


class World:
    """A simulated workspace, and the product reading it."""

    def __init__(
        self,
        patch: pytest.MonkeyPatch,
        folder: Path,
        mode: Mode = "clickhouse",
        *,
        now: str = NOW,
        seed: int = 0,
        sim: Simulator | None = None,
    ) -> None:
        self.sim = sim or Simulator(clock=Clock(now), mode=mode, seed=seed)
        self.sim.mode = mode
        self.clock = self.sim.clock
        self.workspace = self.sim.workspace
        self.database = str(folder / "langsmith.duckdb")
        self._patch = patch
        session = client.session()
        session.trust_env = False  # for each request it would look for proxies in the environment
        session.mount("https://", self.sim.adapter())
        patch.setattr(main, "CLOCK", self.clock)
        patch.setattr(main, "SESSION", session)
        patch.setattr(main, "START", at_once)  # on a clock set by hand, the order of requests is the same in every run
        self.configure(LANGSMITH_API_KEY=DEFAULT_API_KEY, LANGSMITH_TENANT_ID=DEFAULT_TENANT_ID, LOCAL_DB=self.database)
        self.client = _app().test_client()
        self.fivetran = Fivetran(
            lambda body: _Answer(self.post("/fivetran", body)),
            json_columns=JSON_COLUMNS,
            timestamp_columns=TIMESTAMP_COLUMNS,
        )
        self.restart()
        self.connection = Connection(
            self.clock.now,
            schema=lambda log: connector.schema(configuration(), log, self.process),
            update=lambda state, op, log: connector.update(configuration(), state, op, log, self.process),
        )

    def restart(self) -> None:
        """Let the connector's next sync run in a new process, which shares nothing with the last."""
        self.process = Process(self.clock, main.SESSION, names.Remembered(), ahead.Kept(), at_once)

    def tested(self) -> str | None:
        """Make the connector's setup test. Return its failure."""
        return connector.tested(configuration(), Log(self.connection), self.process)

    def configure(self, **values: str) -> None:
        """Set configuration in the environment."""
        for name, value in values.items():
            self._patch.setenv(name, value)

    def post(self, target: str, body: bytes, **headers: str) -> TestResponse:
        """POST a body to a target."""
        return self.client.post(target, data=body, content_type="application/json", headers=headers)

    def request(self, method: str, target: str) -> TestResponse:
        """Any other request to a target."""
        return self.client.open(target, method=method)

    def page(self, target: str) -> TestResponse:
        """GET a target as a browser does."""
        return self.client.get(target, headers={"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"})

    def pass_locally(self) -> tuple[int, dict[str, Any]]:
        """One POST to `sync`: the status and the answer."""
        response = self.post("/sync", b"")
        return response.status_code, json.loads(response.data)

    def sync_locally(self) -> None:
        """POST to `sync` until nothing is left."""
        for _ in range(500):
            status, answer = self.pass_locally()
            assert status == 200, answer
            if not answer["hasMore"]:
                return
        pytest.fail("500 passes, and still hasMore")

    def sync(self, face: str) -> None:
        """Sync a face until nothing is left."""
        ways: dict[str, Callable[[], object]] = {
            "fivetran": self.fivetran.sync,
            "duckdb": self.sync_locally,
            "connector": self.connection.sync,
        }
        ways[face]()

    def requests(self, kind: str) -> int:
        """Count the requests of a kind that the simulator has served since its list was last cleared."""
        return sum(request.kind == kind for request in self.sim.requests)

    def in_fivetran(self, table: str) -> Table:
        """Return the destination's live rows by key."""
        rows = self.fivetran.tables.get(table, {})
        return {key[0]: row for key, row in rows.items() if not row.get("_fivetran_deleted")}

    def in_connector(self, table: str) -> Table:
        """Return the live rows that the connector has brought, by key, decimals as numbers."""
        live = self.connection.live(table).items()
        return {key: {name: _numeric(table, name, value) for name, value in row.items()} for key, row in live}

    def in_duckdb(self, table: str) -> Table:
        """Return the file's live rows by key, JSON and times in Fivetran's form."""
        return rows_of(self.database, table)

    def rows(self, face: str, table: str) -> Table:
        """Return a face's live rows of a table by key."""
        return {"fivetran": self.in_fivetran, "duckdb": self.in_duckdb, "connector": self.in_connector}[face](table)

    def truth(self) -> Truth:
        """What LangSmith shows now of the product's tables, by table and key."""
        return known_truth(self.workspace)

    def assert_complete(self, face: str, activity: Activity | None = None) -> None:
        """Every row the workspace has is in the face's tables, equal in every column that the truth knows.

        After a activity there are also rows of what is gone by now, and joined names are any that the parent has had.
        """
        for table, truth in self.truth().items():
            found = self.rows(face, table)
            if activity:
                found = {key: row for key, row in found.items() if key not in activity.gone[table]}
            records = dict(_as_then(table, found, truth, activity)) if activity else truth
            assert known(found, table, records) == {key: expected(record) for key, record in records.items()}, table


def configuration() -> dict[str, str]:
    """Return the connector's configuration: what a test has set, of the keys that it takes."""
    taken = {key.name for key in KEYS if Face.CONNECTOR in key.taken_by}
    return {name: value for name, value in os.environ.items() if name in taken}


class _Answer:
    """A flask answer as the model takes one."""

    def __init__(self, response: TestResponse) -> None:
        self.status_code: int = response.status_code
        self.headers = dict(response.headers)
        self.content: bytes = response.data


def rows_of(database: str, table: str) -> Table:
    """Return a DuckDB table's live rows by key."""
    stream = next(s for s in TABLES if s.name == table)
    with local.opened(database) as file:
        columns = [_selected(c.name, c.kind) for c in stream.columns]
        found = file._connection.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE _deleted_at IS NULL").fetchall()  # noqa: S608, SLF001
    names = [c.name for c in stream.columns]
    return {row[0]: dict(zip(names, row, strict=True)) for row in found}


def _as_then(table: str, found: Table, records: Table, activity: Activity) -> Iterator[tuple[str, dict[str, Any]]]:
    """The truth with the joined name that is found, where the parent has had it."""
    parent, name = JOINED.get(table, ("", ""))
    for key, record in records.items():
        then = found.get(key, {}).get(name)
        yield key, {**record, name: then} if name and then in activity.names[record[parent]] else record


def expected(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record of the truth in comparable form: times to the millisecond, and all that v1 and v2 agree on."""
    plain = {name: _plain(value) for name, value in record.items() if name != "feedback_stats"}
    return plain | _stats(record) | {name: duration(record, name, end) for name, end in DURATIONS.items() if name in record}


def known(found: Table, table: str, records: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return the rows found in the same comparable form, cut to the columns that the truth has, JSON as values."""
    names = next(iter(records.values()), {}).keys()
    return {key: expected({name: _read(table, name, row.get(name)) for name in names}) for key, row in found.items()}


def _read(table: str, name: str, value: Any) -> Any:
    return json.loads(value) if name in JSON_COLUMNS[table] and value is not None else value


def _numeric(table: str, name: str, value: Any) -> Any:
    return float(value) if name in NUMERIC_COLUMNS[table] else value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.%f")[:23]
    if isinstance(value, str) and len(value) == 27 and value.endswith("Z"):
        return value[:23]
    if isinstance(value, bool):
        return float(value)
    return None if value in ([], {}) else value


def duration(record: Mapping[str, Any], name: str, end: str) -> Any:
    """Return a duration between times to the millisecond, where it is exactly that of its own row's times; else as it is."""
    value, first, last = record[name], _moment(record["start_time"]), _moment(record[end])
    if value is None or first is None or last is None or value != _seconds(first, last):
        return value
    return _seconds(_to_the_millisecond(first), _to_the_millisecond(last))


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start) / timedelta(microseconds=1) / 1_000_000


def _to_the_millisecond(time: datetime) -> datetime:
    return time.replace(microsecond=time.microsecond // 1000 * 1000)


def _moment(value: Any) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _stats(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the feedback statistics on which both APIs agree: the average and the counts by label."""
    if "feedback_stats" not in record:
        return {}
    stats = record["feedback_stats"] or {}
    return {"feedback_stats": {key: (one["avg"], one["values"]) for key, one in stats.items()}}


def _selected(name: str, kind: Kind) -> str:
    if kind is Kind.TIMESTAMP:
        return f"strftime({name} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ') AS {name}"
    return f"CAST({name} AS DOUBLE) AS {name}" if kind is Kind.NUMERIC else name


def _app() -> flask.Flask:
    app = flask.Flask("targets")
    for target in ("fivetran", "sync"):
        app.url_map.add(Rule(f"/{target}", endpoint=target))  # for all methods, as functions-framework does
    app.view_functions = {
        "fivetran": lambda: main.fivetran(flask.request),
        "sync": lambda: main.sync(flask.request),
    }
    return app
