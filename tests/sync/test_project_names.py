"""PROJECTS and PROJECTS_EXCLUDE as ids. Not here: what a state may still ask for (confine)."""

import logging

import pytest
from sync.workspace import ONE, PROJECTS, TWO, Workspace

from langsmith_core.calls import Call
from langsmith_core.errors import ConfigError
from langsmith_core.records.packed_ids import Ids
from langsmith_core.sync.project_names import left_out, resolved
from samples import settings


def queried(call: Call) -> tuple[str, str]:
    """How a call asks for one project: by its name or its id."""
    (asked,) = [one for one in call.query if one[0] in ("id", "name")]
    return asked


def test_without_projects_all_are_meant_and_none_is_asked_for() -> None:
    """None is all; no request is made."""
    workspace = Workspace(*PROJECTS)
    assert resolved(settings(), workspace.fetch, first=True) is None
    assert workspace.asked == []


def test_names_and_ids_become_ids_in_their_order() -> None:
    """One request each, by name or by id; a project named both ways is one."""
    workspace = Workspace(*PROJECTS)
    assert resolved(settings(PROJECTS=f"two,{ONE},one"), workspace.fetch, first=True) == Ids((TWO, ONE))
    assert [queried(call) for call in workspace.asked] == [("name", "two"), ("id", ONE), ("name", "one")]


def test_an_unknown_project_is_refused_at_first() -> None:
    """A wrong name is found when it is set, with the name in the message."""
    with pytest.raises(ConfigError, match=r"^PROJECTS: no project is named 'three'; give names or ids"):
        resolved(settings(PROJECTS="one,three"), Workspace(*PROJECTS).fetch, first=True)


def test_a_project_that_is_gone_later_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """A deleted project does not stop the others; with none left nothing is meant, which is not all."""
    with caplog.at_level(logging.WARNING):
        assert resolved(settings(PROJECTS="one,three"), Workspace(*PROJECTS).fetch, first=False) == Ids((ONE,))
        assert resolved(settings(PROJECTS="three"), Workspace(*PROJECTS).fetch, first=False) == Ids()
    assert ["'three'" in line for line in caplog.messages] == [True, True]


UPPER = "ABCDEF00-0000-4000-8000-00000000000A"


@pytest.mark.parametrize("spelt", [UPPER, UPPER.lower(), UPPER.replace("-", ""), f"{{{UPPER}}}"])
def test_an_id_is_known_in_any_spelling(spelt: str) -> None:
    """Capitals and left-out dashes mean the same id, which LangSmith writes in one way only."""
    workspace = Workspace({"id": UPPER.lower(), "name": "three"})
    assert resolved(settings(PROJECTS=spelt), workspace.fetch, first=True) == Ids((UPPER.lower(),))
    assert left_out(settings(PROJECTS_EXCLUDE=spelt), workspace.fetch) == Ids((UPPER.lower(),))


def test_an_excluded_name_that_no_project_has_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """It may be misspelt, and then it hides nothing; the others are left out all the same. An id is not asked for."""
    with caplog.at_level(logging.WARNING):
        workspace = Workspace(*PROJECTS)
        assert left_out(settings(PROJECTS_EXCLUDE=f"one,three,{TWO}"), workspace.fetch) == Ids((ONE, TWO))
    assert caplog.messages == ["PROJECTS_EXCLUDE: no project is named 'three' yet, so nothing is excluded for it; check the name"]
    assert [queried(call) for call in workspace.asked] == [("name", "one"), ("name", "three")]
