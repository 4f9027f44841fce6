"""The ledgers of ids: unfinished runs, known projects. Not here: versions (test_ledger_versions)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.samples import IDS, NOW, encoded
from langsmith_core import ledger
from langsmith_core.records import rows, times
from langsmith_core.ledger import SETTLED, UNFINISHED_AGE, UNFINISHED_MAX, Unfinished
from langsmith_core.records.rows import Row
from langsmith_core.streams.run_columns import RUN

PROJECT_ID = "00000000-0000-4000-8000-00000000d001"
HOUR = timedelta(hours=1)


def run_id(number: int) -> str:
    """An id that sorts by its number."""
    return f"00000000-0000-4000-8000-{number:012}"


def run(number: int, start: datetime | None, end: datetime | None = None, project: str | None = PROJECT_ID) -> Row:
    """A run's row."""
    fields: dict[str, Any] = {"id": run_id(number), "session_id": project}
    fields |= {name: times.render(value) for name, value in (("start_time", start), ("end_time", end)) if value}
    return rows.to_row(RUN, encoded(fields), {})


def noted(*found: Row, text: str = "", until: datetime = NOW) -> list[str]:
    """The runs in the ledger once these were read."""
    return [one.run_id for one in ledger.unfinished(ledger.noted(text, found, until)[0])]


@given(st.lists(IDS))
def test_ids_come_back_in_order(known: list[str]) -> None:
    """A ledger of ids is twenty characters each, and holds what was put in."""
    text = ledger.packed(known)
    assert (ledger.ids(text), len(text)) == (known, 20 * len(known))
    assert text.isascii()
    assert not {'"', "\\"} & set(text)


@pytest.mark.parametrize("bad", ["", "run-1", "00000000-0000-4000-8000-00000000d00"])
def test_what_is_no_uuid_is_refused(bad: str) -> None:
    """LangSmith's ids are UUIDs: anything else cannot be packed."""
    with pytest.raises(ValueError, match="badly formed"):
        ledger.packed([bad])


def test_a_run_without_an_end_is_noted_and_a_settled_one_is_not() -> None:
    """A run is asked for again until its end lies a quarter of an hour back: tokens and costs come after the end."""
    found = [
        run(1, NOW - HOUR),
        run(2, NOW - HOUR, NOW - timedelta(minutes=1)),
        run(3, NOW - HOUR, NOW - SETTLED),
        run(4, NOW - HOUR, NOW - SETTLED - timedelta(seconds=1)),
    ]
    assert noted(*found) == [run_id(1), run_id(2), run_id(3)]


def test_a_run_that_has_ended_is_forgotten() -> None:
    """Read again with an end, it leaves the ledger; read again without one, it is in it once."""
    text, _ = ledger.noted("", [run(1, NOW - HOUR), run(2, NOW - HOUR)], NOW)
    assert noted(run(1, NOW - HOUR, NOW - HOUR), run(2, NOW - HOUR), text=text) == [run_id(2)]


def test_a_run_is_given_up_after_a_fortnight() -> None:
    """A run whose end was lost would be asked for for ever: noted or not, it is dropped at its age."""
    young, old = NOW - UNFINISHED_AGE + HOUR, NOW - UNFINISHED_AGE
    assert noted(run(1, young), run(2, old)) == [run_id(1)]
    text, _ = ledger.noted("", [run(1, young)], NOW)
    assert noted(text=text, until=NOW + 2 * HOUR) == []


def test_a_runs_age_is_counted_at_the_look_before() -> None:
    """What was young enough then may have ended in time since, and is asked for once more, however late this look is."""
    text, _ = ledger.noted("", [run(1, NOW - UNFINISHED_AGE + HOUR)], NOW)
    later, _ = ledger.noted(text, [run(2, NOW - UNFINISHED_AGE + HOUR)], NOW + 200 * HOUR, NOW)
    assert [one.run_id for one in ledger.unfinished(later)] == [run_id(1), run_id(2)]
    last, _ = ledger.noted(later, [], NOW + 201 * HOUR, NOW + 200 * HOUR)
    assert ledger.unfinished(last) == []


@pytest.mark.parametrize("found", [run(1, None), run(1, NOW - HOUR, project=None)])
def test_a_run_that_cannot_be_asked_for_is_not_noted(found: Row) -> None:
    """Without a start or a project there is no way to ask for it."""
    assert noted(found) == []


def test_the_ledger_is_oldest_first_and_keeps_what_it_needs() -> None:
    """Start to the second, run and project: what asking for it takes."""
    start = NOW - HOUR + timedelta(microseconds=999_999)
    text, _ = ledger.noted("", [run(2, start), run(1, NOW - 2 * HOUR)], NOW)
    assert ledger.unfinished(text) == [
        Unfinished(NOW - 2 * HOUR, run_id(1), PROJECT_ID),
        Unfinished(NOW - HOUR, run_id(2), PROJECT_ID),
    ]


def test_a_full_ledger_keeps_the_oldest_and_says_what_it_dropped() -> None:
    """Three hundred at most: the youngest are dropped, since their day is read again anyway, and the newest of them is told."""
    found = [run(number, NOW - timedelta(minutes=number)) for number in range(UNFINISHED_MAX + 5)]
    text, dropped = ledger.noted("", found, NOW)
    assert [one.run_id for one in ledger.unfinished(text)] == [run_id(n) for n in range(UNFINISHED_MAX + 4, 4, -1)]
    assert dropped == NOW
    assert ledger.noted("", found[:UNFINISHED_MAX], NOW)[1] is None
    assert len(text) == 45 * UNFINISHED_MAX


STARTS = st.integers(1, int(UNFINISHED_AGE.total_seconds()) - 1).map(lambda seconds: NOW - timedelta(seconds=seconds))


@given(st.lists(st.tuples(st.integers(0, 40), STARTS, st.booleans()), max_size=60), st.integers(1, 60))
def test_pages_in_any_order_leave_what_was_last_seen(seen: list[tuple[int, datetime, bool]], page: int) -> None:
    """However the readings are cut into pages, the ledger holds the runs whose last reading had no end."""
    starts = {number: start for number, start, _ in seen}
    readings = [run(number, starts[number], NOW - HOUR if ended else None) for number, _, ended in seen]
    text = ""
    for begin in range(0, len(readings), page):
        text, _ = ledger.noted(text, readings[begin : begin + page], NOW)
    last = {number: ended for number, _, ended in seen}
    assert {one.run_id for one in ledger.unfinished(text)} == {run_id(number) for number, ended in last.items() if not ended}
    assert all(one.start == starts[int(one.run_id[-12:])] for one in ledger.unfinished(text))


def test_a_run_of_the_far_future_does_not_break_the_page() -> None:
    """A traced application's clock may say anything: such a run is a row like any other."""
    ledger.noted("", [run(1, datetime(2200, 1, 1, tzinfo=UTC))], NOW)
