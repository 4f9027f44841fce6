"""Heal doubled keys: keep only the newest row of each.

Here: those that a look-up saw, and once a day those of a whole table. Not here: why a key has two rows (sink). The
day of a table's last search is a label of the table. It lies with the rows, so it is lost or copied only with them.
"""

from __future__ import annotations

import logging
from datetime import datetime

from langsmith_core.destinations.bigquery import sql
from langsmith_core.destinations.bigquery.jobs import Jobs
from langsmith_core.destinations.bigquery.look_up import KEYS_MAX, anywhere
from langsmith_core.destinations.bigquery.plan import Found, doubled
from langsmith_core.destinations.bigquery.tables import Layout

_log = logging.getLogger(__name__)


def heal(jobs: Jobs, layout: Layout, found: list[Found], trusted: datetime) -> bool:
    """Of keys found twice keep the newest row. Return whether there were any. A version past `trusted` counts as old."""
    twice = set(doubled(found))
    if not twice:
        return False
    _log.warning(
        "%s: %d keys had two rows and keep the newest; look for a second writer if it continues",
        layout.stream.name,
        len(twice),
        extra={"fields": {"stream": layout.stream.name}},
    )
    within = sql.within(layout, [one.at for one in found if one.key in twice])
    jobs.run("heal", layout, sql.heal(layout, jobs.name(layout), within, trusted), sorted(twice))
    return True


def search(jobs: Jobs, layout: Layout, trusted: datetime) -> bool:
    """Find the keys that stand twice anywhere in the table, and heal them. Return that it is done."""
    keys = [key for (key,) in jobs.run("search", layout, sql.twice(layout, jobs.name(layout))).rows]
    for first in range(0, len(keys), KEYS_MAX):
        heal(jobs, layout, anywhere(jobs, layout, keys[first : first + KEYS_MAX]), trusted)
    return True
