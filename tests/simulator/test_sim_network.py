"""The network before the simulator: latency that concurrent requests wait out together, and compression."""

import gzip
import threading
import zlib
from datetime import timedelta
from typing import Any

import pytest
import requests

from simulator import Fault, server
from simulator.client import HOST, make

TOGETHER = 3


def test_every_answer_takes_the_latency() -> None:
    """Each answer, a refusal too, comes after the latency. A slow answer comes after both."""
    sim, api = make()
    sim.latency_seconds = 0.3
    begun = sim.clock.now()
    assert [api.get(path).status_code for path in ("/info", "/nothing")] == [200, 404]
    assert sim.clock.now() - begun == timedelta(seconds=0.6)
    sim.faults.add(Fault(slow=1.0))
    api.get("/info")
    assert sim.clock.now() - begun == timedelta(seconds=1.9)


def test_concurrent_requests_wait_beside_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over sockets no request waits for another's latency: all of them are in their wait at the same time."""
    sim, _ = make()
    sim.latency_seconds = 0.3
    meeting, slept, statuses = threading.Barrier(TOGETHER, timeout=60), [], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        meeting.wait()  # broken, with a failed answer, unless all of them come here

    def ask(url: str) -> None:
        statuses.append(requests.get(f"{url}/info", timeout=70).status_code)

    monkeypatch.setattr(server.time, "sleep", sleep)  # type: ignore[attr-defined]  # the module's own time
    with sim.serve() as url:
        threads = [threading.Thread(target=ask, args=(url,)) for _ in range(TOGETHER)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (statuses, slept) == ([200] * TOGETHER, [0.3] * TOGETHER)


def raw(api: Any, accepted: str | None) -> tuple[str | None, bytes]:
    """Return an answer's encoding, and its bytes as they came."""
    with api.session.get(f"{HOST}/info", headers={"Accept-Encoding": accepted}, stream=True, timeout=5) as answer:
        body = answer.raw.read(decode_content=False)
        assert int(answer.headers["Content-Length"]) == len(body)
        return answer.headers.get("Content-Encoding"), body


@pytest.mark.parametrize("accepted", ["gzip", "gzip, deflate", "deflate, GZIP;q=0.5"])
def test_an_answer_is_gzip_where_that_is_asked_for(accepted: str) -> None:
    """With the switch on, a client that takes gzip gets it. The unpacked bytes are those of the plain answer."""
    sim, api = make()
    plain = raw(api, accepted)
    sim.compressed = True
    encoding, body = raw(api, accepted)
    assert (plain[0], encoding, gzip.decompress(body)) == (None, "gzip", plain[1])


@pytest.mark.parametrize("accepted", [None, "identity", "deflate", "br, xgzip"])
def test_an_answer_is_plain_where_gzip_is_not_asked_for(accepted: str | None) -> None:
    """A client that does not name gzip gets plain bytes."""
    sim, api = make()
    sim.compressed = True
    assert raw(api, accepted)[0] is None


def test_a_cut_answer_is_cut_in_its_packed_bytes() -> None:
    """Half of a packed answer arrives where half of an answer is planned to."""
    sim, api = make()
    sim.compressed = True
    whole = raw(api, "gzip")[1]
    sim.faults.add(Fault(truncate=0.5))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.session.get(f"{HOST}/info", headers={"Accept-Encoding": "gzip"}, timeout=5)
    sim.faults.add(Fault(truncate=0.5))
    response = sim.handle(sim.requests[-1])
    assert abs(len(b"".join(response.pieces)) - len(whole) // 2) <= 1
    with pytest.raises(EOFError):
        gzip.decompress(b"".join(response.pieces))
    assert zlib.decompressobj(31).decompress(b"".join(response.pieces))
