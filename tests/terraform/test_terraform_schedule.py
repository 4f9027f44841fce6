"""A backfill's passes follow one another: the module's defaults, on a model of Cloud Scheduler.

The model is Google's own word on a schedule (REST reference of Cloud Scheduler, `Job.schedule`): execution n + 1 does not begin
until execution n has finished, and a start time that comes meanwhile is delayed until then. Ticks that come during one execution
are one delayed start. An execution has finished when its request is answered, or at the attempt's deadline.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import Struct

from terraform.planning import SYNC, Plan

MONTH = 30 * 86_400
DELAY = 20
"""An allowance, in seconds, for what lies between an answer and the work of the next pass: the delayed start, a new instance."""


class Schedule(Struct, frozen=True):
    """Seconds between two ticks, and the most seconds that a pass works, and that Cloud Scheduler waits for its answer."""

    every: int
    works: int
    waits: int


def _planned(planned: Plan) -> Schedule:
    (job,) = planned.of("google_cloud_scheduler_job")
    (function,) = planned.of("google_cloudfunctions2_function")
    minutes = re.fullmatch(r"\*/(\d+) \* \* \* \*", job["schedule"])
    assert minutes
    works = function["service_config"][0]["environment_variables"]["MAX_SECONDS"]
    return Schedule(60 * int(minutes[1]), int(works), int(job["attempt_deadline"].removesuffix("s")))


def _share(schedule: Schedule, delay: int, *, delayed: bool = True) -> float:
    """Return the share of a month in which a backfill is read. Each pass has more work than it has time.

    `delayed`: as Google says. Otherwise a tick that comes during an execution would be lost.
    """
    assert schedule.works + delay <= schedule.waits, "Cloud Scheduler would give up, and begin another pass beside this one"
    begun, worked = 0, 0
    while begun < MONTH:
        worked += schedule.works
        ended = begun + delay + schedule.works
        next_tick = (ended // schedule.every + 1) * schedule.every
        came = ended // schedule.every > begun // schedule.every
        begun = ended if came and delayed else next_tick
    return worked / begun


def test_a_backfill_reads_nearly_all_the_time(plan: Callable[[dict[str, Any]], Plan]) -> None:
    """By default a backfill is read 98 % of the time, with 20 seconds between two passes."""
    default = _planned(plan(SYNC))
    assert default == Schedule(900, 1160, 1800)
    assert _share(default, 0) == 1
    assert _share(default, DELAY) == pytest.approx(0.983, abs=0.001)


def test_a_pass_shorter_than_the_ticks_leaves_time_unused() -> None:
    """A pass that ends before the next tick waits for it: 720 seconds of 900 are 80 %, however short the delay."""
    short = Schedule(900, 720, 1430)
    assert _share(short, 0) == pytest.approx(0.8)
    assert _share(short, DELAY) == pytest.approx(0.8)


def test_if_ticks_were_lost_twenty_minutes_would_be_better() -> None:
    """Were a tick lost that comes during a pass, the default would read 64 % of the time.

    A tick every 20 minutes gives 97 % by either rule, which is what docs/deploy.md says.
    """
    assert _share(Schedule(900, 1160, 1800), DELAY, delayed=False) == pytest.approx(0.644, abs=0.001)
    twenty = Schedule(1200, 1160, 1800)
    assert [_share(twenty, DELAY, delayed=rule) for rule in (True, False)] == [pytest.approx(0.967, abs=0.001)] * 2
