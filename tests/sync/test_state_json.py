"""The state as JSON: exactly this, and back again.

Not here: what is refused (test_state_refused, test_state_checks), or the size of a state (test_state_fitted).
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sync.full import FRESH, FULL, FULL_JSON
from sync.states import KINDS, SOURCE, STATES, WORK

from langsmith_core.records.packed_ids import Ids
from langsmith_core.streams.context import Scope
from langsmith_core.streams.memory import Memory, Projects, Runs
from langsmith_core.sync import state_json
from langsmith_core.sync.state import State, Task


@given(STATES)
def test_what_is_dumped_is_loaded(one: State) -> None:
    """Any state comes back equal from its JSON, which names version and source; dumping it again gives the same bytes."""
    text = state_json.dump(one)
    fields = json.loads(text)
    again = state_json.load(fields, SOURCE)
    assert (again, state_json.dump(again)) == (one, text)
    assert (fields["version"], fields["source"]) == (2, SOURCE)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=10)
@given(data=st.data())
def test_every_kind_of_work_comes_back(kind: Any, data: st.DataObject) -> None:
    """Each kind of the union has a strategy here; its class name is its tag in the JSON."""
    work = data.draw(WORK[kind])
    one = State(source=SOURCE, later=(Task(work, "failed"),))
    fields = json.loads(state_json.dump(one))
    assert fields["later"][0]["work"]["kind"] == kind.__name__
    assert state_json.load(fields, SOURCE) == one


@pytest.mark.parametrize("nothing", [None, {}])
def test_no_state_begins_anew(nothing: Any) -> None:
    """Fivetran sends an empty object or null at first."""
    assert state_json.load(nothing, SOURCE) == State(source=SOURCE)
    assert json.loads(state_json.dump(State(source=SOURCE))) == FRESH


def test_a_memory_of_nothing_takes_no_room() -> None:
    """What streams remember is left out where it is all as at first, also where it was changed and changed back."""
    for memory in (Memory(), Memory(lists={}, projects=Projects(), runs=Runs())):
        assert json.loads(state_json.dump(State(source=SOURCE, memory=memory))) == FRESH


def test_a_state_is_exactly_this_json() -> None:
    """The layout that docs/DESIGN.md describes, field by field, of a state whose every field is set."""
    assert [name for name in State.__struct_fields__ if name not in FULL_JSON] == []
    assert json.loads(state_json.dump(FULL)) == FULL_JSON
    assert state_json.load(FULL_JSON, SOURCE) == FULL


def test_no_project_is_another_thing_than_all_projects() -> None:
    """PROJECTS that means no project any more is an empty text in the state; None, for all, is no field."""
    for projects, fields in ((Ids(), {"projects": ""}), (None, {})):
        one = State(source=SOURCE, projects=projects)
        assert json.loads(state_json.dump(one)) == {**FRESH, **fields}
        assert state_json.load({**FRESH, **fields}, SOURCE).projects == projects


def test_a_scope_of_defaults_is_another_thing_than_none() -> None:
    """A scope whose fields are all as at first stays one: it says that a look was opened for it."""
    one = State(source=SOURCE, scope=Scope())
    assert json.loads(state_json.dump(one)) == {**FRESH, "scope": {}}
    assert state_json.load({**FRESH, "scope": {}}, SOURCE).scope == Scope()
