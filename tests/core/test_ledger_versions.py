"""The ledger of dataset versions."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.samples import IDS, NOW
from langsmith_core import ledger

ROOM = 10**6
VERSIONS = st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  as Hypothesis wants it


def written(versions: dict[str, datetime], room: int = ROOM) -> str:
    """A ledger of these versions, noted one after the other."""
    text = ""
    for dataset, version in versions.items():
        text = ledger.with_version(text, dataset, version, room)
    return text


@given(st.dictionaries(IDS, VERSIONS, max_size=8))
def test_versions_come_back_to_the_microsecond(versions: dict[str, datetime]) -> None:
    """Thirty characters for each dataset, in their order, and an empty text for none."""
    text = written(versions)
    assert (ledger.versions(text), list(ledger.versions(text)), len(text)) == (versions, list(versions), 30 * len(versions))


@given(st.dictionaries(IDS, VERSIONS, min_size=1, max_size=5), VERSIONS)
def test_a_newer_version_replaces_the_one_before(versions: dict[str, datetime], newer: datetime) -> None:
    """A dataset has one version; None forgets it."""
    one = next(iter(versions))
    text = ledger.with_version(written(versions), one, newer, ROOM)
    assert ledger.versions(text) == {**versions, one: newer}
    assert ledger.versions(ledger.with_version(text, one, None, ROOM)) == {k: v for k, v in versions.items() if k != one}


def test_what_has_no_room_is_not_noted() -> None:
    """Datasets beyond the room are read whole each time; what was noted before them stays, and no room is no error."""
    versions = {f"{number:08}-0000-4000-8000-000000000000": NOW + timedelta(days=number) for number in range(5)}
    few = dict(list(versions.items())[:3])
    assert ledger.versions(written(versions, room=3 * 24 + 23)) == few
    assert [written(versions, room=room) for room in (23, 0, -100)] == ["", "", ""]
