"""The product downloads payloads from object storage without the API key. If that fails, the row arrives with a marker."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from product import World
from simulator import Fault

INPUTS, OUTPUTS = {"q": "x" * 2000, "n": 1}, {"a": ["y"] * 300}


def offloaded_run(w: World) -> str:
    project = w.workspace.add_project("heavy")
    return w.workspace.add_run(project, inputs=INPUTS, outputs=OUTPUTS, offloaded=("inputs", "outputs"))


@pytest.mark.parametrize("face", ["fivetran", "duckdb"])
@pytest.mark.parametrize("presigned", ["absolute", "relative"])
def test_offloaded_payloads_are_filled_in_without_the_key(world: Callable[..., World], presigned: str, face: str) -> None:
    """Payloads are filled in by either form of address, and no download carries the key."""
    w = world()
    w.sim.presigned = presigned  # type: ignore[assignment]  # a parameter of its two words
    run = offloaded_run(w)
    w.fivetran.sync() if face == "fivetran" else w.sync_locally()
    row = (w.in_fivetran if face == "fivetran" else w.in_duckdb)("langsmith_run")[run]
    assert (json.loads(row["inputs"]), json.loads(row["outputs"])) == (INPUTS, OUTPUTS)
    downloads = [request for request in w.sim.requests if request.kind == "download"]
    assert downloads
    assert not any("x-api-key" in map(str.lower, request.headers) for request in downloads)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault(kind="download", status=403, body="<Error>", content_type="application/xml", times=None), "storage"),
        (Fault(kind="download", redirect="https://elsewhere.example/", times=None), "storage"),
        (Fault(kind="download", body="no json", status=200, times=None), "malformed"),
        (Fault(kind="download", reset=True, times=None), "storage"),
        (Fault(kind="download", body=b'"' + b"z" * 9_000_000 + b'"', status=200, times=None), "tooheavy"),
    ],
    ids=["expired", "redirect", "not json", "reset", "too large"],
)
def test_a_payload_that_cannot_be_had_is_marked(
    world: Callable[..., World], fault: Fault, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A row without its payload lands with a marker and its other columns. The log names row and column, but no address."""
    w = world()
    run = offloaded_run(w)
    fault.struck = fault.matched = 0
    w.sim.faults.add(fault)
    w.fivetran.sync()
    row = w.in_fivetran("langsmith_run")[run]
    assert (json.loads(row["inputs"]), json.loads(row["outputs"])) == ({"_not_fetched": why}, {"_not_fetched": why})
    assert row["project_name"] == "heavy"
    says = (
        rf"langsmith_run: inputs could not be fetched, and its column is marked; look at the reason \((once|2 times): {run}\): "
    )
    assert sum(re.match(says, line) is not None for line in caplog.messages) == 1
    assert "jwt=" not in caplog.text
