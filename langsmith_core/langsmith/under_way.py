"""Requests under way beside the work of a call: how an attempt begins without anybody waiting for it.

Here: in a thread, or at once for a caller on a clock of its own. Not here: which requests are begun ahead (sync.ahead).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread

from langsmith_core.calls import Answer

THREADS_MAX = 16
"""Requests that one call has under way at once. Each has a connection of its own, which the session keeps open."""


def in_thread(work: Callable[[], Answer]) -> Future[Answer]:
    """Begin the work in a thread, in the log's and the secrets' context of the caller.

    The thread is a daemon: an answer that nobody waits for does not keep the process from ending.
    """
    future: Future[Answer] = Future()
    Thread(target=copy_context().run, args=(_settle, future, work), name="request", daemon=True).start()
    return future


def at_once(work: Callable[[], Answer]) -> Future[Answer]:
    """Do the work before returning. So its order is the same in every run."""
    future: Future[Answer] = Future()
    _settle(future, work)
    return future


def _settle(future: Future[Answer], work: Callable[[], Answer]) -> None:
    try:
        answer = work()
    except BaseException as error:  # noqa: BLE001  whoever asks the future for its result gets the error
        future.set_exception(error)
    else:
        future.set_result(answer)
