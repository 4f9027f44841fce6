"""The simulator's requests and responses, and the adapter that converts them."""

import io

import pytest
import requests

from simulator import Fault
from simulator.client import HOST, make
from simulator.messages import Headers, Request


def test_headers_are_found_in_any_spelling() -> None:
    """Names are compared without regard to case."""
    headers = Headers([("X-Api-Key", "k")])
    assert (headers["x-api-KEY"], headers.get("X-API-KEY"), "X-API-Key" in headers) == ("k", "k", True)
    assert (headers.get("Accept"), headers.get("Accept", "-"), "Accept" in headers) == (None, "-", False)


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b"\xff"])
def test_body_that_cannot_be_read_is_none(content: bytes) -> None:
    """Recording a request never fails on what it carries."""
    assert Request("POST", HOST, "/runs", [], Headers(), content).body is None


@pytest.mark.parametrize("status", [422, 400])
def test_body_of_another_shape_is_refused(status: int) -> None:
    """v1 answers 422 as FastAPI does, v2 400."""
    _, api = make("dual")
    path = "/runs/query" if status == 422 else "/api/v2/runs/query"
    assert api.post(path, ["no object"]).status_code == status


@pytest.mark.parametrize(
    "body",
    [b'{"name":"two"}', '{"name":"two"}', io.BytesIO(b'{"name":"two"}'), iter([b'{"name":', b'"two"}'])],
    ids=["bytes", "text", "file", "stream"],
)
def test_adapter_takes_bodies_of_every_kind(body: object) -> None:
    """Every kind of body that requests can send arrives as bytes."""
    sim, api = make()
    api.session.post(f"{HOST}/sessions", data=body, timeout=5)  # type: ignore[arg-type]  # one of the kinds
    assert [project.name for project in sim.workspace.projects.values()] == ["two"]


def test_adapter_streams() -> None:
    """An answer can be read piece by piece; a truncated one raises during reading."""
    sim, api = make()
    sim.workspace.add_project("one")
    with api.session.get(f"{HOST}/sessions", stream=True, timeout=5) as answer:
        assert b"".join(answer.iter_content(10)) == api.get("/sessions").content
    sim.faults.add(Fault(kind="sessions", truncate=15))
    with api.session.get(f"{HOST}/sessions", stream=True, timeout=5) as answer:
        pieces = answer.iter_content(10)
        assert next(pieces) == b'[{"start_t'
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            list(pieces)
