"""Bugs to plant into the product, as a table. Each replaces one function by one with a bug that is typical of pollers.

The table names the face that must find each bug. The wrong functions are in pages, looks and delivery.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest
from simulation.machine.running import STEPS
from simulation.planted import delivery, looks, pages


class Plant(NamedTuple):
    """One bug: how to plant it, the face that finds it, and a seed that finds it early.

    With `steps`, the seed plays only these. `length` counts the steps of a sequence. `scripts/soak.py --planted` searches another
    seed.
    """

    plant: Callable[[pytest.MonkeyPatch], None]
    seed: int = 0
    face: str = "fivetran"
    steps: tuple[str, ...] = ()
    length: int = STEPS


PLANTS = {
    "lost cursor": Plant(pages.lost_cursor),
    "one day": Plant(pages.one_day),
    "tie skipped": Plant(pages.tie_skipped),
    "swallowed 429": Plant(pages.swallowed_429, 3),
    "saved before written": Plant(delivery.saved_before_written, 1, face="local"),
    "checkpointed before delivered": Plant(delivery.checkpointed_before_delivered, 3, face="connector"),
    "shift ignored": Plant(pages.shift_ignored, 17),
    "no more too early": Plant(delivery.no_more_too_early),
    "ledger forgets": Plant(looks.ledger_forgets, 26),
    "stale replaces newer": Plant(
        delivery.stale_replaces_newer,
        2,
        face="local",
        steps=("a_dataset_appears", "commit_fails", "hung_pass_goes_on"),
        length=12,
    ),
    "deletes unsent": Plant(delivery.deletes_unsent, 7),
    "switch loses window": Plant(pages.switch_loses_window),
    "batch on v1": Plant(pages.batch_on_v1),
    "feedback without overlap": Plant(looks.feedback_without_overlap, 1),
    "runs without overlap": Plant(looks.runs_without_overlap),
    "touched runs unread": Plant(looks.touched_runs_unread, 3),
    "no history": Plant(looks.no_history),
    "late projects read shortly": Plant(looks.late_projects_read_shortly, 4),
    "no daily pass": Plant(looks.no_daily_pass, 1),
    "failing work dropped": Plant(pages.failing_work_dropped, 3),
    "dead cursor ends window": Plant(pages.dead_cursor_ends_window, 14),
    "examples read once": Plant(looks.examples_read_once, 3),
    "payloads not asked for again": Plant(delivery.payloads_not_asked_for_again, 33),
}
