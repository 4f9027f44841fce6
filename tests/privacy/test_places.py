"""Which columns and paths the privacy keys may name."""

from __future__ import annotations

import pytest

from langsmith_core.privacy import places
from langsmith_core.privacy.places import Place
from langsmith_core.streams.registry import TABLES

RUN = "langsmith_run"

WAYS = {
    "langsmith_run.inputs": (),
    "langsmith_run.inputs.messages": ("messages",),
    "langsmith_run.inputs.messages[*].content": ("messages", None, "content"),
    "langsmith_run.inputs[0].a": (0, "a"),
    "langsmith_run.inputs.*.a": (None, "a"),
    'langsmith_run.inputs["user.mail"].x-y': ("user.mail", "x-y"),
    'langsmith_run.inputs["a, b"]["say \\"c]\\""]': ("a, b", 'say "c]"'),
    'langsmith_run.inputs["\\u00e9"]': ("\u00e9",),
    "langsmith_run.inputs.**.content": (..., "content"),
    "langsmith_run.inputs.**[0].*": (..., 0, None),
    "langsmith_run.inputs.**x.*y": ("**x", "*y"),
}


@pytest.mark.parametrize("text", WAYS)
def test_a_way_into_json_is_read_step_by_step(text: str) -> None:
    """Members by a dot or in quoted brackets, elements by index, all of either by a star, any depth by two.

    Commas inside quotes do not part.
    """
    found = places.paths(f"{text}, langsmith_run.outputs")
    assert found == (Place(RUN, "inputs", WAYS[text]), Place(RUN, "outputs"))
    assert [place.written for place in found] == [text, "langsmith_run.outputs"]


def test_a_star_for_the_table_means_each_that_has_the_column() -> None:
    """`*.raw` names a place in every table, `*.inputs` only in tables with inputs."""
    assert [place.table for place in places.columns("*.raw")] == [stream.name for stream in TABLES]
    assert {place.table for place in places.columns("*.inputs")} == {"langsmith_example", RUN}


NO_COLUMNS = {
    "inputs": "item 1 is not a place",
    "langsmith_run.inputs,langsmith_run.nothing": "item 2 is not a column",
    "other.inputs": "item 1 is not a column",
    "langsmith_run.inputs.messages": "item 1 goes on with a path",
    "langsmith_run.run_id": "item 1 cannot be excluded",
    "langsmith_run.start_time": "item 1 cannot be excluded",
    "langsmith_run.project_id": "item 1 cannot be excluded",
    "*.start_time": "item 1 cannot be excluded",
    "langsmith_run.inputs[": "item 1 is not a place",
}
NO_PATHS = {
    "langsmith_run.inputs.": "item 1 is not a place",
    "langsmith_run.inputs[": "item 1 is not a place",
    "langsmith_run.inputs[x]": "item 1 is not a place",
    "langsmith_run.inputs[-1]": "item 1 is not a place",
    'langsmith_run.inputs["a]': "item 1 is not a place",
    "langsmith_run.inputs a": "item 1 is not a place",
    "langsmith_run.total_tokens": "item 1 is a key, or holds neither text nor JSON",
    "langsmith_run.run_id": "item 1 is a key, or holds neither text nor JSON",
    "langsmith_run.raw": "item 1 needs a member",
    "langsmith_run.raw[0]": "item 1 needs a member",
    "langsmith_run.raw.**.mail": "item 1 needs a member",
    "langsmith_run.inputs.**": r"item 1 ends in \*\*",
    "langsmith_run.inputs.a.**": r"item 1 ends in \*\*",
    "langsmith_run.raw.id": "item 1 cannot be replaced",
    "langsmith_run.name,langsmith_run.raw.start_time": "item 2 cannot be replaced",
}


@pytest.mark.parametrize("text", NO_COLUMNS)
def test_a_column_that_cannot_be_left_out_is_refused_by_its_number(text: str) -> None:
    """Columns that identify rows cannot be excluded. The message never repeats the value, which may be a secret."""
    with pytest.raises(ValueError, match=NO_COLUMNS[text]) as refused:
        places.columns(text)
    assert text not in str(refused.value)


@pytest.mark.parametrize("text", NO_PATHS)
def test_a_place_that_cannot_be_replaced_is_refused_by_its_number(text: str) -> None:
    """A marker is a text, so it fits only in columns of text or JSON that do not identify rows."""
    with pytest.raises(ValueError, match=NO_PATHS[text]) as refused:
        places.paths(text)
    assert text not in str(refused.value)
