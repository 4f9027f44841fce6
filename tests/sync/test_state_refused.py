"""A state that this program did not write here is refused: a 400 that says where it is wrong, and what to do.

Not here: what of the right types is refused (test_state_checks).
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sync.full import BOUNDS, FRESH, FULL_JSON, IDS_A, WHEN, A
from sync.states import SOURCE

from langsmith_core.errors import StateError
from langsmith_core.sync import state_json
from langsmith_core.sync.state import State, Trouble
from samples import NOW

REMEDY = "begin anew with an empty state: re-sync the Fivetran connection, or empty the state store"
NEVER = "it holds what this program never writes"


def looking(*work: Any) -> dict[str, Any]:
    """A state with this work on its look's agenda."""
    return {**FRESH, "look": {"bounds": BOUNDS, "agenda": [{"work": one} for one in work]}}


def nested(levels: int, name: str = "look") -> Any:
    """Objects in one another."""
    value: Any = 1
    for _ in range(levels):
        value = {name: value}
    return value


REFUSED: list[tuple[Any, str]] = [
    # what is handed in, what the message says of it before it says what to do
    ([], "expected an object, got list"),
    ([FRESH], "expected an object, got list"),
    ("text", "expected an object, got str"),
    (5, "expected an object, got int"),
    (1.5, "expected an object, got float"),
    (True, "expected an object, got bool"),
    ({"version": 2}, "Object missing required field `source`"),
    ({**FRESH, "surprise": 1}, "Object contains unknown field `surprise`"),
    ({**FRESH, "done_to": "yesterday"}, "Invalid RFC3339 encoded datetime - at `$.done_to`"),
    ({**FRESH, "api": "v9"}, "Invalid enum value 'v9' - at `$.api`"),
    ({**FRESH, "empties": "many"}, "Expected `int`, got `str` - at `$.empties`"),
    ({**FRESH, "empties": -4}, "Expected `int` >= 0 - at `$.empties`"),
    ({**FRESH, "projects": [A]}, "no Ids - at `$.projects`"),
    ({**FRESH, "left_out": A}, "a packed text is cut off - at `$.left_out`"),
    ({**FRESH, "memory": {"surprise": {}}}, "Object contains unknown field `surprise` - at `$.memory`"),
    ({**FRESH, "look": {}}, "Object missing required field `bounds` - at `$.look`"),
    ({**FRESH, "look": {"bounds": {}}}, "Object missing required field `until` - at `$.look.bounds`"),
    ({**FRESH, "look": {"bounds": BOUNDS, "agenda": {}}}, "Expected `array`, got `object` - at `$.look.agenda`"),
    ({**FRESH, "backfill": {"past": {"lo": WHEN}}}, "Object missing required field `hi` - at `$.backfill.past`"),
    ({**FRESH, "later": [{"work": {}}]}, "Object missing required field `kind` - at `$.later[0].work`"),
    (looking({"kind": "Work"}), "Invalid value 'Work' - at `$.look.agenda[0].work.kind`"),
    (looking({"kind": "Unfinished", "table": "x"}), "Object contains unknown field `table` - at `$.look.agenda[0].work`"),
    (looking({"kind": "NewestVersion"}), f"look: {NEVER}"),
    ({**FRESH, "later": [{"work": {"kind": "Unfinished"}}]}, f"later: {NEVER}"),
    ({**FRESH, "look": nested(5_000)}, "Object contains unknown field `look` - at `$.look`"),
]


@pytest.mark.parametrize(("value", "says"), REFUSED)
def test_a_state_of_no_kind_of_ours_is_refused_with_what_to_do(value: Any, says: str) -> None:
    """Unknown fields, unknown kinds of work and other types are a 400; the message says where, and how to go on."""
    with pytest.raises(StateError) as caught:
        state_json.load(value, SOURCE)
    assert (caught.value.status, str(caught.value)) == (400, f"state: {says}; {REMEDY}")
    with pytest.raises(StateError) as kept:
        state_json.load(value, SOURCE, "the document d of Firestore")
    assert str(kept.value) == f"state: {says}; {REMEDY}: delete the document d of Firestore"


@pytest.mark.parametrize(
    ("version", "shown"), [(3, "3"), ("two" * 100, "twotwotwotwotwotwotw"), (None, "NoneType"), (nested(5_000), "dict")]
)
def test_a_state_of_another_layout_is_refused_with_what_to_do(version: Any, shown: str) -> None:
    """A newer program wrote it: that one reads it, and no other."""
    with pytest.raises(StateError) as caught:
        state_json.load({**FRESH, "version": version}, SOURCE)
    deploy = f"Deploy the version that wrote it, or {REMEDY}"
    assert str(caught.value) == f"state: it has layout {shown}, and this program has layout 2. {deploy}"


def test_a_state_of_another_host_or_workspace_is_refused() -> None:
    """Its fingerprint says so, and the message says which settings to look at."""
    for source in ("f" * 16, SOURCE.upper()):
        with pytest.raises(StateError) as caught:
            state_json.load({**FRESH, "source": source}, SOURCE, "d")
        back = "Put LANGSMITH_BASE_URL and LANGSMITH_TENANT_ID back"
        assert str(caught.value) == f"state: it belongs to another host or workspace. {back}, or {REMEDY}: delete d"


def test_a_state_that_no_success_has_bound_is_anybodys() -> None:
    """A first pass that failed leaves its trouble and no source: another host or workspace begins from it, and tells of it."""
    trouble = Trouble(NOW, 401, "LangSmith refuses the key")
    kept = json.loads(state_json.dump(State(source=state_json.UNBOUND, trouble=trouble)))
    assert state_json.load(kept, SOURCE) == State(source=SOURCE, trouble=trouble)
    with pytest.raises(StateError, match=r"^state: it belongs to another host or workspace"):
        state_json.load({**kept, "done_to": WHEN}, SOURCE)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from([WHEN, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", A, IDS_A, "~" * 30, "\ud800", 10**400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9) | st.just("kind"), inner, max_size=3),
    max_leaves=8,
)


def assert_read_or_refused(forged: Any) -> None:
    """A state that is read can be written, and read again; any other raises StateError with a short message, and nothing else."""
    try:
        state = state_json.load(forged, SOURCE)
    except StateError as error:
        refusal: StateError | None = error
    else:
        refusal = None
        assert state_json.load(json.loads(state_json.dump(state)), SOURCE) == state
    assert refusal is None or (refusal.status == 400 and len(str(refusal)) < 450)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every object or list within a value, with each of its keys or places."""
    steps = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [(value, step) for step in steps] + [place for step in steps for place in places(value[step])]


@given(st.data())
def test_any_value_in_any_place_of_a_state_is_read_or_refused(data: st.DataObject) -> None:
    """Whatever JSON stands in one place of a saved state: it is read, and can be written again, or it is a StateError."""
    forged = json.loads(json.dumps(FULL_JSON))
    holder, step = data.draw(st.sampled_from(places(forged)))
    holder[step] = data.draw(ANYTHING)
    assert_read_or_refused(forged)


@given(st.sampled_from([name for name in State.__struct_fields__ if name != "version"]), ANYTHING)
def test_any_value_of_any_field_is_read_or_refused(name: str, value: Any) -> None:
    """The same of a state that has nothing else."""
    assert_read_or_refused({**FRESH, name: value})
