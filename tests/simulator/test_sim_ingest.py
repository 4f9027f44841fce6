"""Ingest from the SDK: runs in batches, in multipart bodies and one by one, examples, feedback."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
import zstandard

from simulator.client import HOST, Api, make

RUN = "00000000-0000-4000-8000-0000000000a1"
CHILD = "00000000-0000-4000-8000-0000000000a2"
FEEDBACK = "00000000-0000-4000-8000-0000000000f1"


def sent(ident: str = RUN, **fields: Any) -> dict[str, Any]:
    """A run as clients send it when it starts."""
    return {
        "id": ident,
        "trace_id": RUN,
        "dotted_order": f"20260601T000000000000Z{ident}",
        "name": "agent",
        "run_type": "chain",
        "start_time": "2026-06-01T00:00:00Z",
        "session_name": "traced",
        "inputs": {"q": 1},
        **fields,
    }


def read(api: Api, ident: str = RUN) -> dict[str, Any]:
    """The run as v1 shows it."""
    row: dict[str, Any] = api.get(f"/runs/{ident}").json()
    return row


def multipart(*parts: tuple[str, bytes, str]) -> bytes:
    """A multipart body whose parts have no file names, as the SDK writes them."""
    written = (
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode() + data
        for name, data, kind in parts
    )
    return b"\r\n".join(written) + b"\r\n--cut--\r\n"


def test_batch_makes_and_merges_runs() -> None:
    """A post creates the run and its project; a patch in the same batch or a later one updates the run."""
    sim, api = make()
    first = api.post("/runs/batch", {"post": [sent()], "patch": [{"id": RUN, "outputs": {"a": 2}, "trace_id": RUN}]})
    assert (first.status_code, first.json()) == (202, {})
    row = read(api)
    assert (row["status"], row["inputs"], row["outputs"], row["end_time"]) == ("pending", {"q": 1}, {"a": 2}, None)
    api.post("/runs/batch", {"patch": [{"id": RUN, "end_time": "2026-06-01T00:00:05Z", "error": "no"}]})
    row = read(api)
    assert (row["status"], row["end_time"], row["name"]) == ("error", "2026-06-01T00:00:05", "agent")
    assert [project.name for project in sim.workspace.projects.values()] == ["traced"]


def test_single_runs_by_post_and_patch() -> None:
    """POST /runs and PATCH /runs/{id} create and update a run; the project may be given by id."""
    sim, api = make()
    project = sim.workspace.add_project("one")
    assert api.post("/runs", sent(session_id=project)).status_code == 202
    url = f"{HOST}/api/v1/runs/{RUN}"
    assert api.session.patch(url, json={"end_time": 1780272001000, "outputs": {}}, timeout=5).status_code == 202
    assert (read(api)["session_id"], read(api)["end_time"]) == (project, "2026-06-01T00:00:01")


@pytest.mark.parametrize("start", ["2026-05-30T23:59:59Z", "2026-06-02T00:00:01Z"])
def test_runs_beyond_a_day_are_refused_with_the_batch(start: str) -> None:
    """One run that started more than 24 hours from now fails the whole batch."""
    sim, api = make()
    batch = {"post": [sent(), sent(CHILD, start_time=start)]}
    assert api.post("/runs/batch", batch).status_code == 400
    assert sim.workspace.runs == {}
    assert api.post("/runs/batch", {"post": [sent(start_time="2026-05-31T00:00:00Z")]}).status_code == 202


COMPRESSED: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.compress,
    "zstd": lambda body: bytes(zstandard.ZstdCompressor().compress(body)),
}


@pytest.mark.parametrize("encoding", COMPRESSED)
def test_multipart_carries_runs_payloads_attachments_and_feedback(encoding: str) -> None:
    """Parts are joined by the ids in their names, and bodies of gzip and zstd are decompressed."""
    sim, api = make()
    head = {key: value for key, value in sent().items() if key not in {"inputs", "id"}}
    judgement = {"id": FEEDBACK, "run_id": RUN, "trace_id": RUN, "key": "stars", "score": 4}
    body = multipart(
        (f"feedback.{FEEDBACK}", json.dumps(judgement).encode(), "application/json"),
        (f"post.{RUN}", json.dumps(head).encode(), "application/json"),
        (f"post.{RUN}.inputs", b'{"big":123456789012345678901}', "application/json"),
        (f"post.{RUN}.extra", b'{"metadata":{"session_id":"t-1"}}', "application/json"),
        (f"attachment.{RUN}.page", b"\xff\x00page", "image/png; length=6"),
    )
    headers = {"Content-Type": "multipart/form-data; boundary=cut", "Content-Encoding": encoding}
    answer = api.session.post(f"{HOST}/runs/multipart", data=COMPRESSED[encoding](body), headers=headers, timeout=5)
    assert answer.status_code == 202
    row = read(api)
    assert (row["inputs"], row["thread_id"]) == ({"big": 123456789012345678901}, "t-1")
    assert (row["feedback_stats"]["stars"]["avg"], row["trace_tier"]) == (4.0, "longlived")
    url = row["s3_urls"]["attachment.page"]["presigned_url"]
    page = api.session.get(url, timeout=5)
    assert (page.content, page.headers["Content-Type"]) == (b"\xff\x00page", "image/png")
    assert sim.workspace.feedback[FEEDBACK].project_id == row["session_id"]


def test_tokens_are_read_from_outputs_and_summed_up_the_tree() -> None:
    """A model's usage counts once for itself and for each ancestor, however often it is sent."""
    _, api = make()
    usage = {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7, "total_cost": 0.5}
    message = {"message": {"kwargs": {"usage_metadata": usage}}}
    child = sent(
        CHILD,
        run_type="llm",
        parent_run_id=RUN,
        dotted_order=f"20260601T000000000000Z{RUN}.20260601T000001000000Z{CHILD}",
        outputs={"generations": [[message]]},
    )
    api.post("/runs/batch", {"post": [sent(), child]})
    api.post("/runs/batch", {"patch": [{"id": CHILD, "outputs": child["outputs"]}]})
    for ident in (RUN, CHILD):
        row = read(api, ident)
        assert [row[f"{name}_tokens"] for name in ("prompt", "completion", "total")] == [5, 2, 7]
        assert row["total_cost"] == 0.5
    assert read(api, CHILD)["parent_run_ids"] == [RUN]


def test_writes_refuse_what_is_not_there_and_what_is_taken() -> None:
    """An unknown parent is a 404, a name in use a 409, a body of another shape a 422."""
    sim, api = make()
    sim.workspace.add_project("one")
    sim.workspace.add_dataset("one")
    missing = "00000000-0000-4000-8000-000000000009"
    refused = [
        api.post("/sessions", {"name": "one"}),
        api.post("/datasets", {"name": "one"}),
        api.post("/examples", {"dataset_id": missing, "inputs": {}}),
        api.post("/feedback", {"run_id": missing, "key": "stars"}),
        api.post("/examples/bulk", {}),
        api.post("/sessions", []),
        api.post("/runs/multipart", {}),
    ]
    assert [answer.status_code for answer in refused] == [409, 409, 404, 404, 422, 422, 422]
    assert api.post("/sessions?upsert=true", {"name": "one", "description": "again"}).json()["description"] == "again"


def test_examples_by_the_older_endpoints() -> None:
    """Examples are created, changed and deleted one by one and in bulk. One bulk request makes one version."""
    sim, api = make()
    dataset = sim.workspace.add_dataset("cases")
    one = api.post("/examples", {"dataset_id": dataset, "inputs": {"q": 1}}).json()["id"]
    rows = api.post("/examples/bulk", [{"dataset_id": dataset, "inputs": {"q": number}} for number in (2, 3)]).json()
    assert len(api.get(f"/datasets/{dataset}/versions").json()) == 2
    base = f"{HOST}/api/v1/examples"
    api.session.patch(f"{base}/{one}", json={"outputs": {"a": 1}}, timeout=5)
    changed = api.session.patch(f"{base}/bulk", json=[{"id": rows[0]["id"], "split": "test"}], timeout=5).json()
    assert changed["count"] == 1
    api.session.delete(f"{base}/{rows[1]['id']}", timeout=5)
    found = {row["id"]: (row["outputs"], row["metadata"]) for row in api.rows("/examples", dataset=dataset)}
    assert found == {one: ({"a": 1}, None), rows[0]["id"]: (None, {"dataset_split": ["test"]})}
    api.session.delete(base, params={"example_ids": [one]}, timeout=5)
    api.post("/platform/datasets/examples/delete", {"example_ids": [rows[0]["id"]], "hard_delete": True})
    assert api.rows("/examples", dataset=dataset) == []
