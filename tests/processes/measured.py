"""Call one face in a process of its own, and print how much memory it took: `python measured.py fivetran|sync FOLDER CALLS`.

It prints a line of JSON for each call, with the peak memory of the process so far. It leaves each answer in the folder, so that
reading answers takes no measured memory. test_memory starts it.
"""

from __future__ import annotations

import json
import re
import resource
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import flask
import msgspec

import main


class Answer(msgspec.Struct):
    """The part of a Fivetran answer that the next request needs."""

    state: msgspec.Raw


_STATE = msgspec.json.Decoder(Answer)
_MORE = re.compile(rb'"hasMore":(true|false)')


def peak() -> int:
    """Return the most resident memory so far, in bytes. Without /proc, the figure starts from that of the parent process."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(next(line for line in status.read_text().splitlines() if line.startswith("VmHWM")).split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def run(face: str, folder: Path, most: int) -> None:
    """Call until there is no more or a call fails, at most so many times."""
    app, state = flask.Flask("measured"), b"{}"
    app.add_url_rule("/", face, lambda: getattr(main, face)(flask.request), methods=["POST"])
    client = app.test_client()
    for number in range(most):
        body = b'{"state":%b}' % state if face == "fivetran" else b""
        with client.post("/", data=body, content_type="application/json") as response:
            answer = response.data
            status = response.status_code
        (folder / f"answer-{number}.json").write_bytes(answer)
        more = status == 200 and _MORE.findall(answer)[-1] == b"true"
        if status == 200 and face == "fivetran":
            state = bytes(_STATE.decode(answer).state)
        del answer
        sys.stdout.write(json.dumps({"status": status, "has_more": more, "peak": peak()}) + "\n")
        sys.stdout.flush()
        if not more:
            return


if __name__ == "__main__":
    run(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
