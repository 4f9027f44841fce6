"""Payloads that the simulator keeps in object storage."""

import pytest
import requests

from simulator import RawJson
from simulator.client import HOST, make

BIG = {"text": "a payload that lies elsewhere"}


@pytest.mark.parametrize(("form", "prefix"), [("absolute", f"{HOST}/public/"), ("relative", "/public/")])
def test_offloaded_payload_is_null_with_a_url_beside_it(form: str, prefix: str) -> None:
    """An offloaded payload is null. Its URL is answered only if selected, needs no key, and serves the payload."""
    sim, api = make()
    sim.presigned = form  # type: ignore[assignment]  # a row of the table
    project = sim.workspace.add_project("one")
    run = sim.workspace.add_run(project, inputs=BIG, outputs=RawJson(b'{"n":1e400}'), offloaded=("inputs", "outputs"))
    plain = api.v1_runs(session=[project])[0]
    assert {plain[name] for name in ("inputs", "outputs", "inputs_s3_urls", "outputs_s3_urls")} == {None}
    select = ["inputs", "outputs", "inputs_s3_urls", "outputs_s3_urls"]
    row = api.v1_runs(session=[project], select=select)[0]
    assert (row["inputs"], row["outputs"]) == (None, None)
    url = row["inputs_s3_urls"]["ROOT"]["presigned_url"]
    assert url.startswith(f"{prefix}download?jwt=")
    stranger = requests.Session()
    stranger.mount(HOST, sim.adapter())
    assert stranger.get(url if form == "absolute" else HOST + url, timeout=5).json() == BIG
    other = row["outputs_s3_urls"]["ROOT"]["presigned_url"].removeprefix(HOST)
    assert stranger.get(HOST + other, timeout=5).content == b'{"n":1e400}'
    assert api.get(f"/runs/{run}").json()["inputs_s3_urls"]["ROOT"]["s3_url"] == f"ttl_s/inputs/{run}"
    assert sim.workspace.truth()["langsmith_run"][run]["inputs"] == BIG


def test_urls_expire_and_are_fresh_in_every_answer() -> None:
    """An expired URL gets the storage's own XML error; reading the run again gives a URL that works."""
    sim, api = make()
    run = sim.workspace.add_run(sim.workspace.add_project("one"), inputs=BIG, offloaded=("inputs",))

    def url() -> str:
        return str(api.get(f"/runs/{run}").json()["inputs_s3_urls"]["ROOT"]["presigned_url"])

    old = url()
    assert url() != old
    sim.clock.advance(seconds=sim.presigned_seconds + 1)
    refused = api.session.get(old, timeout=5)
    assert (refused.status_code, refused.headers["Content-Type"]) == (403, "application/xml")
    assert api.session.get(url(), timeout=5).json() == BIG
    assert api.session.get(f"{HOST}/public/download?jwt=nonsense", timeout=5).status_code == 403


def test_a_deleted_runs_payload_is_gone() -> None:
    """The URL of a deleted run serves nothing."""
    sim, api = make()
    run = sim.workspace.add_run(sim.workspace.add_project("one"), inputs=BIG, offloaded=("inputs",))
    url = api.get(f"/runs/{run}").json()["inputs_s3_urls"]["ROOT"]["presigned_url"]
    sim.workspace.delete_run(run)
    assert api.session.get(url, timeout=5).status_code == 404


def test_v2_serves_offloaded_payloads_in_place() -> None:
    """v2 answers offloaded payloads in place; it has URL fields for attachments only."""
    sim, api = make("smithdb")
    project = sim.workspace.add_project("one")
    sim.workspace.add_run(
        project,
        start_time="2026-05-31T10:00:00Z",
        inputs=BIG,
        offloaded=("inputs",),
        attachments={"page.txt": ("text/plain", b"a page")},
    )
    item = api.v2_runs(project_ids=[project], selects=["INPUTS", "ATTACHMENTS"])[0]
    assert item["inputs"] == BIG
    page = api.session.get(item["attachments"]["page.txt"], timeout=5)
    assert (page.content, page.headers["Content-Type"]) == (b"a page", "text/plain")
