"""The Fivetran face: the function called until it has nothing more, by a destination that counts runs.

The function runs in this process behind functions-framework's own application; its caller reads ids and state, and keeps eight
bytes of each id, since what it keeps counts as the function's memory.
"""

from __future__ import annotations

from array import array
from uuid import UUID

import msgspec

from bench.programs import function
from bench.work import Work
from langsmith_core.streams import RUN


class Row(msgspec.Struct):
    """All that the caller reads of a run."""

    run_id: str


class Answer(msgspec.Struct):
    """All that the caller reads of an answer."""

    state: msgspec.Raw
    insert: dict[str, msgspec.Raw]
    hasMore: bool  # noqa: N815  Fivetran's name


ANSWER = msgspec.json.Decoder(Answer)
ROWS = msgspec.json.Decoder(list[Row])


def drain(work: Work) -> int:
    """One sync, from an empty state."""
    call = function.served("fivetran", work)
    ids = array("Q")
    state, more = b"{}", True
    while more:
        answer = ANSWER.decode(call(b'{"state":%b}' % state))
        ids.extend(_short(row.run_id) for row in ROWS.decode(answer.insert.get(RUN.table, b"[]")))
        state, more = bytes(answer.state), answer.hasMore
    return len(set(ids))


def _short(run_id: str) -> int:
    return UUID(run_id).int & 0xFFFF_FFFF_FFFF_FFFF
