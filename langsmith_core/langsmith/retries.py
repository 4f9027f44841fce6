"""Retries: how often a failed attempt is repeated, after how many seconds, and when there is no point.

Here: tenacity's rules for LangSmith's answers. Not here: what an attempt is (client), which failures may pass (answers).
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

import tenacity

from langsmith_core.clock import Clock
from langsmith_core.errors import StorageError, TooHeavyError
from langsmith_core.langsmith.answers import Failure

ATTEMPTS_MAX = 6
ATTEMPTS_FEW = 3
"""Attempts at a page that a gateway gives up on: a smaller page is more likely to pass. Also attempts at a payload: the next sync
asks for it again.
"""
BACKOFF_SECONDS = 0.5
BACKOFF_SECONDS_MAX = 30.0
RETRY_AFTER_SECONDS_MAX = 120.0
"""A call does not wait for a longer Retry-After. It ends, and the next call comes later anyway."""
_log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


def repeated(once: Callable[[], Answer], clock: Clock, deadline: datetime) -> Answer:
    """Return what `once` returns, after retries where it raises Failure. Raises the SyncError of the last attempt."""
    try:
        return retrying(clock, deadline)(once)
    except Failure as failure:
        raise failure.error from failure


def retrying(clock: Clock, deadline: datetime) -> tenacity.Retrying:
    """Repeat attempts until one passes, sleeping by the clock. No attempt begins after the deadline."""

    def out_of_time(attempt: tenacity.RetryCallState) -> bool:
        return (deadline - clock.now()).total_seconds() < (attempt.upcoming_sleep or 0.0)

    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(Failure),
        wait=_wait,
        stop=lambda attempt: _is_last(attempt) or out_of_time(attempt),
        sleep=clock.sleep,
        before_sleep=_log_attempt,
        reraise=True,
    )


def _is_last(attempt: tenacity.RetryCallState) -> bool:
    """Whether another attempt has no point now: there were too many, or LangSmith asks to come back much later."""
    failure = attempt.outcome.exception() if attempt.outcome else None
    if not isinstance(failure, Failure):
        return True
    most = ATTEMPTS_FEW if isinstance(failure.error, (TooHeavyError, StorageError)) else ATTEMPTS_MAX
    return attempt.attempt_number >= most or (failure.retry_after or 0.0) > RETRY_AFTER_SECONDS_MAX


def _wait(attempt: tenacity.RetryCallState) -> float:
    """Return Retry-After where LangSmith gives it, else exponential backoff with jitter, in seconds."""
    failure = attempt.outcome.exception() if attempt.outcome else None
    if isinstance(failure, Failure) and failure.retry_after is not None:
        return min(failure.retry_after, RETRY_AFTER_SECONDS_MAX)
    jitter = random.uniform(0.5, 1.0)  # noqa: S311  spreads load, guards nothing
    return jitter * min(BACKOFF_SECONDS_MAX, BACKOFF_SECONDS * 2.0**attempt.attempt_number)


def _log_attempt(attempt: tenacity.RetryCallState) -> None:
    failure = attempt.outcome.exception() if attempt.outcome else None
    _log.info("attempt %d failed, again in %.1f s: %s", attempt.attempt_number, attempt.upcoming_sleep, failure)
