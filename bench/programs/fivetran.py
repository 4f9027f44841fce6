"""The Fivetran face: call the function until it has nothing more, as a destination that counts runs.

The function runs in this process behind functions-framework's own application. Its caller reads ids and state. It stores only
eight bytes of each id, because that counts as the function's memory.
"""

from __future__ import annotations

import re
from array import array
from uuid import UUID

import msgspec

from bench.programs import function
from bench.work import Work
from langsmith_core.streams.registry import RUN

RUN_ID = re.compile(rb'{"run_id":"([-0-9a-f]{36})"')  # a row's beginning: inside a payload the quotes are escaped


class Answer(msgspec.Struct):
    """All that the caller reads of an answer."""

    state: msgspec.Raw
    insert: dict[str, msgspec.Raw]
    hasMore: bool  # noqa: N815  Fivetran's name


ANSWER = msgspec.json.Decoder(Answer)


def drain(work: Work) -> int:
    """Run one sync from an empty state."""
    call = function.served("fivetran", work)
    ids = array("Q")
    state, more = b"{}", True
    while more:
        answer = ANSWER.decode(call(b'{"state":%b}' % state))
        ids.extend(map(_short, RUN_ID.findall(answer.insert.get(RUN.name, b""))))
        state, more = bytes(answer.state), answer.hasMore
    return len(set(ids))


def _short(run_id: bytes) -> int:
    return UUID(run_id.decode()).int & 0xFFFF_FFFF_FFFF_FFFF
