"""When a failed attempt is made again: how often, after how long, and when there is no point.

Here: tenacity's rules for LangSmith's answers. Not here: what an attempt is (langsmith), which failures may pass (answers).
"""

from __future__ import annotations

import logging
import random
from datetime import datetime

import tenacity

from langsmith_core.clock import Clock
from langsmith_core.errors import StorageError, TooHeavyError
from langsmith_core.langsmith.answers import Failure

ATTEMPTS_MAX = 6
ATTEMPTS_FEW = 3
"""Attempts at a page that a gateway gives up on: a smaller page is more likely to pass. And at a payload: it is asked for in the
next sync again."""
BACKOFF_SECONDS = 0.5
BACKOFF_SECONDS_MAX = 30.0
RETRY_AFTER_SECONDS_MAX = 120.0
"""A longer Retry-After is not waited for inside a call: the call ends, and the next one comes later anyway."""
_log = logging.getLogger(__name__)


def retrying(clock: Clock, deadline: datetime) -> tenacity.Retrying:
    """Attempts until one is answered, sleeping by the clock; none that would begin after the deadline."""

    def out_of_time(attempt: tenacity.RetryCallState) -> bool:
        return (deadline - clock.now()).total_seconds() < (attempt.upcoming_sleep or 0.0)

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(Failure),
        wait=_wait,
        stop=lambda attempt: _is_last(attempt) or out_of_time(attempt),
        sleep=clock.sleep,
        before_sleep=_told,
        reraise=True,
    )


def _is_last(attempt: tenacity.RetryCallState) -> bool:
    """Whether there is no point in another attempt now: too many, or LangSmith asks to come back much later."""
    failure = attempt.outcome.exception() if attempt.outcome else None
    if not isinstance(failure, Failure):
        return True
    most = ATTEMPTS_FEW if isinstance(failure.error, (TooHeavyError, StorageError)) else ATTEMPTS_MAX
    return attempt.attempt_number >= most or (failure.retry_after or 0.0) > RETRY_AFTER_SECONDS_MAX


def _wait(attempt: tenacity.RetryCallState) -> float:
    """Retry-After where LangSmith gives one, else exponential with full jitter."""
    failure = attempt.outcome.exception() if attempt.outcome else None
    if isinstance(failure, Failure) and failure.retry_after is not None:
        return min(failure.retry_after, RETRY_AFTER_SECONDS_MAX)
    jitter = random.uniform(0.5, 1.0)  # noqa: S311  spreads load, guards nothing
    return jitter * min(BACKOFF_SECONDS_MAX, BACKOFF_SECONDS * 2.0**attempt.attempt_number)


def _told(attempt: tenacity.RetryCallState) -> None:
    failure = attempt.outcome.exception() if attempt.outcome else None
    _log.info("attempt %d failed, again in %.1f s: %s", attempt.attempt_number, attempt.upcoming_sleep, failure)
