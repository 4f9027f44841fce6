"""The Fivetran face: the function called until it has nothing more, by a destination that keeps ids.

The function runs in this process behind functions-framework's own application; its caller reads ids and state, no more.
"""

from __future__ import annotations

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
    ids: set[str] = set()
    state, more = b"{}", True
    while more:
        answer = ANSWER.decode(call(b'{"state":%b}' % state))
        ids.update(row.run_id for row in ROWS.decode(answer.insert.get(RUN.table, b"[]")))
        state, more = bytes(answer.state), answer.hasMore
    return len(ids)
