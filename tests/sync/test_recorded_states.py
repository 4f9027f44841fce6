"""Whoever goes on from a state of layout 1 ends with tables that equal the source: nothing is lost, nothing is left over.

The states were recorded by the program that wrote them (data/states_v1). Any newer program has to go on from each. The sample has
a state with each field and each stage; `make soak` plays all of them.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import recorded
import resting
from recorded import Moment

LAYOUT: dict[str, dict[str, str]] = json.loads((recorded.FOLDER / "layout.json").read_text())
IMPOSSIBLE: dict[str, str] = {}
"""Fields that no state can hold, and why."""
STAGES = {f"Cycle.stage={number}" for number in range(1, 7)} | {f"Left.stage={number}" for number in (3,)}
VALUES = STAGES | {"State.api=v1", "State.api=v2", "State.own_usage=refused", "State.own_usage=ignored"}
"""Values of fields that must occur beside the fields. The first stage is written as none."""
TABLES = {f"Slice.table={table}" for table in recorded.TABLES}


def features(value: Any, struct: str = "State") -> Iterator[str]:
    """Every field that a state has, by its struct, and the values that matter."""
    if isinstance(value, list):
        for one in value:
            yield from features(one, struct)
    elif isinstance(value, dict) and struct not in LAYOUT:
        return
    elif isinstance(value, dict) and not value.keys() <= LAYOUT[struct].keys():  # values by name
        for one in value.values():
            yield from features(one, struct)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield f"{struct}.{name}"
            if isinstance(inner, str | int):
                yield f"{struct}.{name}={inner}"
            yield from features(inner, LAYOUT[struct][name])


def every() -> list[Moment]:
    """Every recorded state, and those of older programs."""
    return [one for name in recorded.recordings() for one in recorded.moments(name)] + recorded.older()


def wanted() -> set[str]:
    """Every field of layout 1, and the values that matter."""
    return {f"{struct}.{name}" for struct, fields in LAYOUT.items() for name in fields} | VALUES | TABLES


def covering(found: dict[str, list[Moment]]) -> list[Moment]:
    """States that have every field between them, few ones: the rarest fields choose first."""
    chosen: dict[str, Moment] = {}
    covered: set[str] = set()
    for feature in sorted(wanted(), key=lambda one: (len(found[one]), one)):
        if feature not in covered and found[feature]:
            moment = min(found[feature], key=lambda one: one.recording.endswith("duckdb"))  # whose file takes time to open
            chosen[moment.name] = moment
            covered |= set(features(moment.state))
    return list(chosen.values())


def by_feature() -> dict[str, list[Moment]]:
    """The states that have each feature."""
    found: dict[str, list[Moment]] = defaultdict(list)
    for moment in every():
        for feature in set(features(moment.state)):
            found[feature].append(moment)
    return found


FOUND = by_feature()
SAMPLE = every() if os.environ.get("RECORDED") == "all" else covering(FOUND) + recorded.older()[::17]


@pytest.mark.parametrize("moment", SAMPLE, ids=[one.name for one in SAMPLE])
def test_a_sync_goes_on_from_a_recorded_state(moment: Moment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It ends in a bounded number of calls with tables that equal the source, and with no setting that narrows it with all."""
    resting.judge(moment, monkeypatch, tmp_path)


def test_every_field_and_stage_is_recorded() -> None:
    """Each field of layout 1 has a value of its own in some recorded state, but those that no state can have."""
    assert {one for one in wanted() if not FOUND[one]} == IMPOSSIBLE.keys()


def test_a_recording_names_no_state_twice() -> None:
    """Each state has a name of its own, and there are hundreds."""
    names = [one.name for one in every()]
    assert len(names) == len(set(names)) > 500
