"""The sink keeps rows that BigQuery cannot hold in `langsmith_rejected`.

destinations/test_bigquery_check tests which rows those are.
"""

import logging

import pytest
from emulators.warehouse import Warehouse

from destinations.files import EARLY, LATER, batch
from langsmith_core.records import rows
from langsmith_core.records.rows import Row
from langsmith_core.streams.registry import RUN
from samples import encoded

SECRET = "what a user said"
BAD = {
    "number": b'{"run_id":"number","_synced_at":"2026-06-01T00:00:00Z","total_tokens":"many","error":"what a user said"}',
    "unknown": b'{"run_id":"unknown","_synced_at":"2026-06-01T00:00:00Z","error":"what a user said","other":1}',
    "no json": b'{"run_id":"no json","_synced_at":"2026-06-01T00:00:00Z","inputs":"{\\"what a user said"}',
}
REASONS = {
    "number": "Expected `int | null`, got `str` - at `$.total_tokens`",
    "unknown": "Object contains unknown field `other`",
    "no json": "inputs is not JSON",
}


def run(key: str) -> Row:
    """Make a run's row."""
    return rows.to_row(RUN, encoded({"id": key}), {})


def test_a_bad_row_is_kept_beside_and_stops_no_other(warehouse: Warehouse, caplog: pytest.LogCaptureFixture) -> None:
    """A bad row is counted, logged in its table's one line, and kept whole in langsmith_rejected. Good rows are written."""
    both = batch(RUN, run("good"), at=EARLY)
    both.lines[RUN.name] |= BAD
    with caplog.at_level(logging.INFO):
        warehouse.write(both)
    assert warehouse.rejected == len(BAD)
    assert warehouse.ask("SELECT run_id FROM `{}.langsmith_run`") == [("good",)]
    found = warehouse.ask("SELECT row_key, table_name, reason, raw_text FROM `{}.langsmith_rejected`")
    assert {row[0]: row[1:] for row in found} == {key: (RUN.name, REASONS[key], line.decode()) for key, line in BAD.items()}
    warnings = [message for message in caplog.messages if "langsmith_rejected" in message]
    says = "langsmith_run: BigQuery cannot hold a row, so it is in langsmith_rejected with its reason; "
    says += "correct the record in LangSmith"
    assert warnings == [f"{says} (3 times: {', '.join(BAD)}): {REASONS['number']}"]
    assert SECRET not in caplog.text


def test_a_bad_row_that_comes_again_is_one_row(warehouse: Warehouse) -> None:
    """A bad row that is read again stands once, with its first time. One with other content is another row."""
    again = {key: line.replace(b"06-01", b"06-02") for key, line in BAD.items()}
    warehouse.write(batch(RUN))
    for lines in (BAD, BAD, again):
        one = batch(RUN)
        one.lines[RUN.name] |= lines
        warehouse.write(one)
    first = warehouse.ask("SELECT row_key, rejected_at FROM `{}.langsmith_rejected` ORDER BY row_key")
    assert [key for key, _ in first] == sorted(BAD)
    other = batch(RUN, at=LATER)
    other.lines[RUN.name] |= {"number": BAD["number"].replace(b"many", b"more")}
    warehouse.write(other)
    assert len(warehouse.ask("SELECT 1 FROM `{}.langsmith_rejected`")) == len(BAD) + 1
    assert set(first) < set(warehouse.ask("SELECT row_key, rejected_at FROM `{}.langsmith_rejected`"))


def test_a_refused_reading_leaves_the_row_that_is_there(warehouse: Warehouse) -> None:
    """A row stays as it was where its newer reading is refused."""
    warehouse.write(batch(RUN, run("number"), at=EARLY))
    before = warehouse.rows(RUN)
    one = batch(RUN)
    one.lines[RUN.name] = {"number": BAD["number"]}
    warehouse.write(one)
    assert warehouse.rows(RUN) == before
