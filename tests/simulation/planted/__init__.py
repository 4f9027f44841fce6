"""Bugs to plant into the product, as a table: each replaces one function by one that is wrong in a way that pollers are wrong.

Here: the face and the steps by which the machine meets each. Not here: the wrong functions (pages, looks, delivery).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest
from hypothesis import strategies as st
from simulation.planted import delivery, looks, pages

ARRIVE = ("runs_arrive", "a_project_appears")
CALL = ("sync_is_made", "clock_turns")
SWITCHING = {"switches": st.sampled_from([("mode", "clickhouse"), ("mode", "smithdb")]), "response_mb": "0.03"}
SHIFTING = {"faults": ("shift down",), "kinds": ("examples",)}
FAILING = {"faults": ("500",), "kinds": ("runs",)}
LIMITED = {"faults": ("429",), "kinds": (None, "examples")}
EXPIRING = {"faults": ("cursor expires",)}


class Plant(NamedTuple):
    """One bug: how it is planted, where it is met, and the steps that the machine is left with. Its `seed` finds it early."""

    plant: Callable[[pytest.MonkeyPatch], None]
    steps: tuple[str, ...]
    face: str = "fivetran"
    members: Mapping[str, Any] = MappingProxyType({})
    seed: int = 0


PLANTS = {
    "lost cursor": Plant(pages.lost_cursor, (*ARRIVE, *CALL)),
    "one day": Plant(pages.one_day, (*ARRIVE, *CALL), members={"mode": "smithdb"}),
    "tie skipped": Plant(pages.tie_skipped, (*ARRIVE, *CALL)),
    "swallowed 429": Plant(
        pages.swallowed_429, ("a_dataset_appears", *CALL, "fault_is_planned", "faults_are_mended"), members=LIMITED
    ),
    "saved before written": Plant(delivery.saved_before_written, (*ARRIVE, *CALL, "commit_fails"), face="local"),
    "shift ignored": Plant(
        pages.shift_ignored,
        ("sync_is_made", "a_dataset_appears", "fault_is_planned", "faults_are_mended"),
        members={"faults": ("shift down", "shift up")},
        seed=3,
    ),
    "no more too early": Plant(delivery.no_more_too_early, (*ARRIVE, *CALL, "bounds_change")),
    "ledger forgets": Plant(looks.ledger_forgets, (*ARRIVE, *CALL, "a_run_finishes"), seed=6),
    "stale replaces newer": Plant(
        delivery.stale_replaces_newer,
        ("a_dataset_appears", "commit_fails", "hung_pass_goes_on"),
        face="local",
        seed=1,
    ),
    "deletes unsent": Plant(delivery.deletes_unsent, (*ARRIVE, *CALL, "a_project_changes")),
    "switch loses window": Plant(
        pages.switch_loses_window, (*ARRIVE, "langsmith_changes", "calls_are_made", "clock_turns"), members=SWITCHING, seed=2
    ),
    "batch on v1": Plant(pages.batch_on_v1, (*ARRIVE, *CALL)),
    "feedback without overlap": Plant(looks.feedback_without_overlap, (*ARRIVE, *CALL, "feedback_is_given")),
    "runs without overlap": Plant(looks.runs_without_overlap, (*ARRIVE, *CALL)),
    "touched runs unread": Plant(looks.touched_runs_unread, (*ARRIVE, *CALL, "feedback_is_given")),
    "no history": Plant(looks.no_history, (*ARRIVE, *CALL)),
    "late projects read shortly": Plant(looks.late_projects_read_shortly, (*ARRIVE, *CALL)),
    "no daily pass": Plant(looks.no_daily_pass, ("runs_arrive", *CALL, "a_run_is_edited_or_deleted"), seed=3),
    "failing slice dropped": Plant(
        pages.failing_slice_dropped, (*ARRIVE, *CALL, "fault_is_planned", "faults_are_mended"), members=FAILING, seed=2
    ),
    "dead cursor ends slice": Plant(
        pages.dead_cursor_ends_slice,
        (*ARRIVE, *CALL, "fault_is_planned", "calls_are_made"),
        members={"faults": ("cursor expires",)},
    ),
    "examples read once": Plant(looks.examples_read_once, (*CALL, "examples_change")),
}
