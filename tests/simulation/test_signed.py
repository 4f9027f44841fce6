"""LangSmith signs addresses anew at each reading. An unchanged record is still an unchanged row, and no row has a signature.

records/test_addresses tests which parts of a record hold addresses, test_offloaded how they are fetched.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from simulation.secret_fields import MODES, TABLES

from product import World
from simulator.settings import Mode

FILE = {"note.txt": ("text/plain", b"a note")}


def filled(w: World) -> str:
    """Fill a workspace with offloaded payloads, attachments and feedback. Return its run."""
    project, dataset = w.workspace.add_project("p"), w.workspace.add_dataset("d")
    run = w.workspace.add_run(project, inputs={"q": "x" * 50}, offloaded=("inputs", "outputs"), attachments=FILE)
    w.workspace.add_example(dataset, {"q": 1}, {"a": 2}, attachments=FILE, source_run_id=run)
    w.workspace.add_feedback(run, "helpful", score=1, comment="c")
    return run


def answered(w: World) -> dict[str, str]:
    """Make one call from the beginning. Return each table of the answer as text."""
    body = w.post("/fivetran", json.dumps({"state": {}}).encode()).get_json()
    assert body["hasMore"] is False
    return {table: json.dumps(body["insert"].get(table)) for table in TABLES}


@pytest.mark.parametrize("rules", [{}, {"REDACT_PATHS": "langsmith_run.inputs.q"}], ids=["plain", "redacted"])
@pytest.mark.parametrize("presigned", ["absolute", "relative"])
@pytest.mark.parametrize("mode", MODES)
def test_two_readings_of_what_has_not_changed_are_equal(
    world: Callable[..., World], mode: Mode, presigned: Any, rules: dict[str, str]
) -> None:
    """Two readings of unchanged records are equal, byte for byte, even after the addresses expire. No row has a signature."""
    w = world(mode)
    w.sim.presigned = presigned
    w.configure(**rules)
    filled(w)
    first = answered(w)
    again = answered(w)
    w.clock.advance(hours=2)
    assert first == again == answered(w)
    assert "null" not in first.values()
    assert "jwt" not in str(first)


@pytest.mark.parametrize("face", ["fivetran", "duckdb"])
def test_raw_says_where_a_payload_lies(world: Callable[..., World], face: str) -> None:
    """`raw` of v1 keeps the storage's own key of each payload, and no signed address."""
    w = world()
    run = filled(w)
    w.fivetran.sync() if face == "fivetran" else w.sync_locally()
    raw = json.loads((w.in_fivetran if face == "fivetran" else w.in_duckdb)("langsmith_run")[run]["raw"])
    assert [raw[f"{name}_s3_urls"] for name in ("inputs", "outputs")] == [
        {"ROOT": {"s3_url": f"ttl_s/{name}/{run}"}} for name in ("inputs", "outputs")
    ]
    assert raw["s3_urls"] == {"attachment.note.txt": {"s3_url": f"ttl_s/attachment.note.txt/{run}"}}


def test_raw_of_v2_names_its_attachments(world: Callable[..., World]) -> None:
    """`raw` of v2 keeps an attachment's address without its parameters."""
    w = world("smithdb")
    run = filled(w)
    w.fivetran.sync()
    raw = json.loads(w.in_fivetran("langsmith_run")[run]["raw"])
    assert raw["attachments"] == {"note.txt": "https://api.smith.langchain.com/public/download"}
