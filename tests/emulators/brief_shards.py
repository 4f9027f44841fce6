"""Serve main.py with changed figures, for functions-framework: leases and shares live some seconds, so a test can outlive them.

The law of shares needs the longer ones. It is tested on a clock of its own (test_shares).
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from langsmith_core.langsmith import shares as arithmetic

arithmetic.LIFE, arithmetic.RENEWED, arithmetic.WINDOW = timedelta(seconds=4), timedelta(seconds=3), timedelta(seconds=1)

from emulators.positions import BRIEF  # noqa: E402  the figures above come first

import main  # noqa: E402
from langsmith_core.destinations.firestore import shards, store  # noqa: E402

store.opened = partial(store.opened, bounds=BRIEF)  # the same functions, other defaults
shards.connected = partial(shards.connected, bounds=BRIEF)
sync = main.sync
