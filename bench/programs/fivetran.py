"""The Fivetran face: call the function until it has nothing more, as a destination that counts runs.

The function runs in this process behind functions-framework's own application. Its caller reads ids and state. It stores only
eight bytes of each id, because that counts as the function's memory.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable
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
    return len(set(_sync(function.served("fivetran", work), b"{}")[0]))


def synced(work: Work) -> Callable[[], int]:
    """Run the first sync. Return the next one, which counts runs that the first has not had."""
    call = function.served("fivetran", work)
    before, state = _sync(call, b"{}")
    function.later(work)
    return lambda: len(set(_sync(call, state)[0]) - set(before))


def _sync(call: Callable[[bytes], bytes], state: bytes) -> tuple[array[int], bytes]:
    """Call until there is no more. Return short ids of the runs, and the state."""
    ids, more = array("Q"), True
    while more:
        answer = ANSWER.decode(call(b'{"state":%b}' % state))
        ids.extend(map(_short, RUN_ID.findall(answer.insert.get(RUN.name, b""))))
        state, more = bytes(answer.state), answer.hasMore
    return ids, state


def _short(run_id: bytes) -> int:
    return UUID(run_id.decode()).int & 0xFFFF_FFFF_FFFF_FFFF
