"""Serve main.py with one changed figure, for functions-framework: a lease lives three seconds, so that a test can outlive it."""

from __future__ import annotations

from functools import partial

from emulators.positions import BRIEF

import main
from langsmith_core.destinations.firestore import store

store.opened = partial(store.opened, bounds=BRIEF)  # the same function, another default
sync = main.sync
