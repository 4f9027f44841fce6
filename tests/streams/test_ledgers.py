"""The two packed ledgers: versions of datasets, and runs to ask for again. What a look notes is in test_runs_noted."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langsmith_core.records.packed_ids import ID_BYTES
from langsmith_core.streams.ledgers import EPOCH, RUN_CHARACTERS, VERSION_CHARACTERS, OpenRun, OpenRuns, Versions
from samples import IDS, NOW
from streams.contexts import HOUR, A, B, C, uid

ROOM = 10**6
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  as Hypothesis wants it
STARTS = st.integers(0, 2**32 - 1).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
VERSION_BYTES = 24


def written(versions: dict[str, datetime], room: int = ROOM) -> Versions:
    """A ledger of these versions, noted one after the other."""
    ledger = Versions()
    for dataset, version in versions.items():
        ledger = ledger.noted(dataset, version, room)
    return ledger


@given(st.dictionaries(IDS, MOMENTS, max_size=8))
def test_versions_come_back_to_the_microsecond(versions: dict[str, datetime]) -> None:
    """Thirty characters for each dataset, and an empty text for none."""
    text = written(versions).packed()
    again = Versions.unpacked(text)
    assert {one: again.of(one) for one in versions} == versions
    assert (again, again.packed(), len(again), len(text)) == (
        Versions(versions),
        text,
        len(versions),
        VERSION_CHARACTERS * len(versions),
    )


@given(st.dictionaries(IDS, MOMENTS, min_size=1, max_size=5), MOMENTS)
def test_a_newer_version_replaces_the_one_before(versions: dict[str, datetime], newer: datetime) -> None:
    """A dataset has one version; None forgets it."""
    one = next(iter(versions))
    ledger = written(versions).noted(one, newer, ROOM)
    assert ledger == Versions({**versions, one: newer})
    assert ledger.noted(one, None, ROOM) == Versions({k: v for k, v in versions.items() if k != one})


def test_what_has_no_room_is_not_noted() -> None:
    """Datasets beyond the room are read whole each time; what was noted before them stays, and no room is no error."""
    versions = {f"{number:08}-0000-4000-8000-000000000000": NOW + timedelta(days=number) for number in range(5)}
    few = dict(list(versions.items())[:3])
    assert written(versions, room=3 * VERSION_BYTES + 23) == Versions(few)
    assert [written(versions, room=room) for room in (23, 0, -100)] == [Versions()] * 3
    assert written(versions).first(3) == Versions(few)


def test_a_version_of_a_time_before_all_versions_is_not_noted() -> None:
    """A dataset without a time that can be kept is read whole each time."""
    assert written({A: EPOCH - timedelta(microseconds=1)}) == Versions()
    assert written({A: EPOCH}).of(A) == EPOCH
    assert Versions().of(A) is None


def test_versions_of_a_time_that_no_dataset_has_are_refused() -> None:
    """A state that says so was not written by this program."""
    past = Versions({A: datetime(9000, 1, 1, tzinfo=UTC)}).packed()
    with pytest.raises(ValueError, match="a time that no dataset has"):
        Versions.unpacked(past)
    with pytest.raises(ValueError, match="cut"):
        Versions.unpacked(past[:-1])


@given(st.lists(st.tuples(STARTS, IDS, IDS), max_size=6, unique_by=lambda entry: entry[1]))
def test_runs_come_back_oldest_first(entries: list[tuple[datetime, str, str]]) -> None:
    """45 characters each: the start to the second, the run and its project."""
    runs = [OpenRun(*entry) for entry in entries]
    ledger, dropped = OpenRuns().noted([], runs, len(runs), EPOCH - HOUR)
    text = ledger.packed()
    assert (ledger.runs, dropped) == (tuple(sorted(runs)), None)
    assert (OpenRuns.unpacked(text), len(text)) == (ledger, RUN_CHARACTERS * len(runs))


def test_a_start_is_kept_to_the_second_and_within_what_four_bytes_hold() -> None:
    """What asking for it takes: a run of 1960 or of 2200 breaks no state."""
    starts = [NOW + timedelta(microseconds=999_999), datetime(1960, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)]
    packed = OpenRuns(OpenRun(start, uid("e", number), A) for number, start in enumerate(starts)).packed()
    assert [one.start for one in OpenRuns.unpacked(packed).runs] == [NOW, EPOCH, datetime.fromtimestamp(2**32 - 1, UTC)]


def test_a_full_ledger_keeps_the_oldest_and_says_which_it_dropped() -> None:
    """The newest start of any that had no room; a run that was read is out of the ledger unless it is open still."""
    runs = [OpenRun(NOW + number * HOUR, uid("e", number), B) for number in range(5)]
    ledger, dropped = OpenRuns().noted([], runs, 3, EPOCH)
    assert ([one.run_id for one in ledger.runs], dropped) == ([uid("e", number) for number in range(3)], NOW + 4 * HOUR)
    read = ledger.noted([uid("e", 0), uid("e", 1)], [OpenRun(NOW + HOUR, uid("e", 1), C)], 3, EPOCH)[0]
    assert [(one.run_id, one.project_id) for one in read.runs] == [(uid("e", 1), C), (uid("e", 2), B)]
    assert [one.run_id for one in ledger.noted([], [], 3, NOW)[0].runs] == [uid("e", 1), uid("e", 2)]


def test_a_packed_ledger_that_was_cut_is_refused() -> None:
    """A list of ids has another length than a ledger of as many bytes."""
    with pytest.raises(ValueError, match="cut"):
        OpenRuns.unpacked("0" * (RUN_CHARACTERS - 1))
    assert ID_BYTES * 2 + 4 == RUN_CHARACTERS * 4 // 5
