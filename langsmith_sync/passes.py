"""Run passes of `sync` in this process, as the function's target does, and let a watch see them.

Not here: what a pass does (langsmith_core.faces.one_pass), or what is shown of it (screen).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from msgspec.structs import replace

from langsmith_core import logs, masking
from langsmith_core.faces import destination, one_pass, sharded
from langsmith_core.faces.account import Account
from langsmith_core.faces.process import Process
from langsmith_core.faces.standalone import Store
from langsmith_core.faces.sync_target import STATE_BYTES
from langsmith_core.langsmith import under_way
from langsmith_core.settings.config import Settings
from langsmith_core.settings.keys import secrets
from langsmith_core.sync import ahead, names
from langsmith_core.sync.state import Pass
from langsmith_sync.screen.watch import Watch
from langsmith_sync.screen.watched import Warnings, WatchedClock, WatchedSink, WatchedStore, session


def run(settings: Settings, watch: Watch, workspace: str | None, *, once: bool) -> Pass:
    """Run passes until nothing is left, or one of them, and return the last. Raises the SyncError that stopped one.

    Where SHARDS is set, one pass gives the past out, and Cloud Tasks go on with it.
    """
    settings = replace(settings, state_bytes_max=STATE_BYTES)
    process = Process(WatchedClock(watch), session(watch), names.Remembered(), ahead.Kept(), under_way.in_thread)
    with masking.secrets_masked(secrets(os.environ)), warnings_shown(Warnings(watch)):
        watch.begins()
        while True:
            done = _one(settings, process, watch, workspace)
            watch.ended()
            if once or settings.shards or not done.has_more:
                return done


def _one(settings: Settings, process: Process, watch: Watch, workspace: str | None) -> Pass:
    account = Account(process.clock.now)
    try:
        if settings.shards:
            return sharded.scheduled(settings, account, process, workspace).done
        limits = one_pass.limits(settings, process)
        with destination.opened(settings, limits.seconds_left) as (sink, store):
            places = WatchedSink(sink, watch), WatchedStore(store, watch, lambda: _held(store))
            return one_pass.run(settings, account, process, places, one_pass.loaded(store, settings), limits).done
    finally:
        account.remarks.tell()


def _held(store: Store) -> Mapping[str, int]:
    """Count the rows of a file. Its counts cost milliseconds; elsewhere they cost a query."""
    counts = getattr(store, "counts", dict)
    found: Mapping[str, int] = counts()
    return found


@contextmanager
def warnings_shown(handler: logging.Handler) -> Iterator[None]:
    """Hand the core's log lines to a handler until the block ends, and to nobody else."""
    loggers = [logging.getLogger(name) for name in logs.NAMES]
    before = [(logger.level, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
    try:
        yield
    finally:
        for logger, (level, propagate) in zip(loggers, before, strict=True):
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagate
