"""What a task's body says. What a turn does is in simulation/test_shards."""

from __future__ import annotations

import pytest

from langsmith_core.errors import ConfigError
from langsmith_core.faces import sharded
from langsmith_core.faces.sharded import Turn


@pytest.mark.parametrize("body", [b"", b"{}", b"anything else", b'{"workspace": "a"}'])
def test_other_bodies_name_no_turn(body: bytes) -> None:
    """The scheduler sends nothing. What else is sent is none of this module's."""
    assert sharded.asked(body) is None


def test_a_task_names_its_shard_and_turn() -> None:
    """As the scheduled pass has written it."""
    assert sharded.asked(b'{"shard":"0123456789abcdef-7","turn":3}') == Turn("0123456789abcdef-7", 3)


@pytest.mark.parametrize(
    "body",
    [
        b'{"shard": "a"}',
        b'{"shard": 1, "turn": 0}',
        b'{"shard": "a", "turn": "0"}',
        b'{"shard": "a", "turn": -1}',
        b'{"shard": "a/../b", "turn": 0}',
        b'{"shard": "", "turn": 0}',
        b'{"shard": "a", "turn": 0, "more": 1}',
        b'{"shard": "a", "turn": 0',
    ],
)
def test_a_body_that_no_task_has_is_refused(body: bytes) -> None:
    """A message says which form is right, before anything is read."""
    with pytest.raises(ConfigError, match=r"^body: "):
        sharded.asked(body)
