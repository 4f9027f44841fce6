"""Feedback configurations: a listed table whose key is no id."""

from typing import Any

from msgspec.structs import replace

from langsmith_core.records import rows
from langsmith_core.records.packed_ids import NO_IDS
from langsmith_core.records.rows import Row
from langsmith_core.streams.feedback_configs import FEEDBACK_CONFIG, STREAM
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.offset_list import REPEATS_MAX
from langsmith_core.streams.offset_trail import Trail
from langsmith_core.streams.registry import SOFT_DELETE
from samples import encoded
from streams.contexts import A, context, page, remembered, without


def config(key: str, **fields: Any) -> Row:
    """A configuration's row."""
    record = {"feedback_key": key, "feedback_config": {"type": "CONTINUOUS", "min": 0, "max": 1.5}, **fields}
    return rows.to_row(FEEDBACK_CONFIG, encoded(record), {})


LIST = ListAll(table=FEEDBACK_CONFIG.name)


def test_a_configuration_is_a_row_of_its_key() -> None:
    """What is nested in LangSmith's record stands in columns of its own."""
    row = config("score", is_lower_score_better=True, modified_at="2026-06-01T00:00:00")
    assert {name: value for name, value in row.items() if name != "raw"} == {
        "feedback_key": "score",
        "type": "continuous",
        "min": 0.0,
        "max": 1.5,
        "categories": None,
        "is_lower_score_better": True,
        "modified_at": "2026-06-01T00:00:00.000000Z",
    }


def test_each_look_lists_them_all() -> None:
    """The list begins at its start, and ends after a page that is not full."""
    assert STREAM.opens is not None
    outcome = STREAM.opens(context())
    assert outcome.rest == (LIST,)
    (following,) = LIST.after(page(config("a"), config("b"), limit=2), context()).rest
    assert isinstance(following, ListAll)
    assert (following.offset, following.seen) == (1, NO_IDS)
    ended = following.after(page(config("b"), config("c"), limit=3), context())
    assert (ended.first, ended.rest, ended.gone) == ((), (), ())


def test_nothing_of_them_is_remembered_looked_up_or_deleted() -> None:
    """A key is no id: LangSmith cannot be asked for one of them, so one that is gone stays as a row."""
    ended = LIST.after(page(config("a"), config(A)), context())
    assert remembered(ended).lists == {}
    assert ended.rest == ()
    assert FEEDBACK_CONFIG.name not in SOFT_DELETE


def test_a_list_that_shifts_too_often_is_left_to_the_next_look() -> None:
    """Nothing is known of it that could be asked for by id."""
    worn = replace(LIST, offset=9, anchor=A, trail=Trail(repeats=REPEATS_MAX, home=9))
    assert worn.after(page(config("a"), config("b"), limit=2), context()).rest == ()


def test_it_goes_with_its_own_switch() -> None:
    """Switched off, it is not listed any more."""
    assert STREAM.switch == "SYNC_FEEDBACK_CONFIGS"
    assert LIST.within(context(scope=without(FEEDBACK_CONFIG))) == ()
    assert LIST.within(context(projects=NO_IDS)) == (LIST,)
