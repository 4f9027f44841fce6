"""Which run API is asked, by what an instance says of itself, and for which runs where it serves both."""

from datetime import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core.streams import run_api
from langsmith_core.streams.memory import Memory, Runs
from samples import NOW, encoded, fixture
from streams.contexts import DAY, FIRST, HOUR, LATER, context

FLAGS = fixture("13")
BACKENDS = [
    # the fixture, the API, whether v1 is served beside v2
    ("flags_absent_old_backend", "v1", False),
    ("clickhouse_only", "v1", False),
    ("dual", "v2", True),
    ("smithdb_only", "v2", False),
    ("both_off_treated_as_clickhouse", "v1", False),
    ("batch_ingest_config", "v1", False),
]


@pytest.mark.parametrize(("name", "api", "both"), BACKENDS)
def test_the_run_api_of_every_known_instance(name: str, api: str, both: bool) -> None:
    """v2 wherever SmithDB answers; where nothing is said, the old one. v1 is beside v2 where ClickHouse answers too."""
    assert [case for case, _, _ in BACKENDS] == [case for case in FLAGS if not case.startswith("_")]
    info = encoded(FLAGS[name])
    assert (run_api.of_instance(info), run_api.has_both(info)) == (api, both)


@pytest.mark.parametrize(
    ("flags", "api"),
    [(None, "v1"), ([], "v1"), ("x", "v1"), ({}, "v1"), *[({"sdb_query_enabled": x}, "v1") for x in (None, 0, False)]],
)
def test_flags_of_any_shape_are_read(flags: Any, api: str) -> None:
    """What is no object of flags says nothing; false, null and 0 all mean no. Without a word of ClickHouse it is there."""
    assert run_api.of_instance(encoded({"instance_flags": flags})) == api
    served = encoded({"instance_flags": {"sdb_query_enabled": 1}})
    assert (run_api.of_instance(served), run_api.has_both(served)) == ("v2", True)


BORDER = NOW - DAY
BOTH = Memory(runs=Runs(v1_before=BORDER))
ASKED = [
    # what is remembered, the start of the window, the API
    (Memory(), NOW, "v2"),
    (Memory(), None, "v2"),
    (BOTH, BORDER, "v2"),
    (BOTH, BORDER - HOUR, "v1"),
    (BOTH, None, "v1"),
    (Memory(runs=Runs(v1_before=BORDER, v1_gone=True)), BORDER - HOUR, "v2"),
]


@pytest.mark.parametrize(("memory", "lo", "api"), ASKED)
def test_runs_from_before_v2_was_seen_are_asked_of_v1(memory: Memory, lo: datetime | None, api: str) -> None:
    """v2 may lack what arrived before; younger runs are in both. Once v1 is gone, v2 is asked for all."""
    assert run_api.at(context(api="v2", memory=memory), lo) == api


def test_statistics_are_doubted_where_they_may_be_counted_in_v2_alone() -> None:
    """A project that only ClickHouse holds would look empty in a window that is read for the first time."""
    first, later = context(FIRST, api="v2", memory=BOTH), context(LATER, api="v2", memory=BOTH)
    old, young = BORDER - HOUR, BORDER + HOUR
    assert [run_api.doubts_statistics(first, lo, late=False) for lo in (old, young)] == [True, False]
    assert [run_api.doubts_statistics(later, old, late=late) for late in (False, True)] == [False, True]
    assert run_api.doubts_statistics(replace(later, bounds=None), old, late=False)
