"""A connector under Fivetran's SDK that is killed at any row goes on from its last checkpoint, and loses and doubles nothing."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from connector_sdk.comparing import differences
from connector_sdk.syncs import Destination, sync

from product import World


@pytest.mark.parametrize("seed", [1, 2])
def test_two_kills_lose_nothing(package: Path, world: World, configuration: dict[str, str], seed: int) -> None:
    """Rows stay that came before each kill, the state is that of the last checkpoint, and the next sync completes the tables."""
    random, held = Random(seed), Destination()  # noqa: S311  rows, no secrets
    for _ in range(2):
        held = sync(package, held, configuration, records=random.randrange(1, 250))
        assert held.message
    held = sync(package, held, configuration)
    world.sync_locally()
    assert (held.message, differences(held, world, exact=False)) == (None, [])


def test_a_destination_that_waits_does_not_stop_a_sync(package: Path, world: World, configuration: dict[str, str]) -> None:
    """A slow destination is waited for, row by row."""
    held = sync(package, Destination(), configuration, seconds=0.05)
    world.sync_locally()
    assert (held.message, differences(held, world, exact=False)) == (None, [])
