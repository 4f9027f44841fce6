"""PROJECTS and PROJECTS_EXCLUDE as ids, and names of parents asked for once."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from core.samples import settings
from langsmith_core import endpoints
from langsmith_core.records import rows
from langsmith_core.calls import Call, Reply
from langsmith_core.errors import ConfigError
from langsmith_core.sync.names import Names, left_out, resolved
from langsmith_core.streams.datasets import DATASET
from langsmith_core.streams.examples import EXAMPLE
from langsmith_core.streams.feedback import FEEDBACK
from langsmith_core.streams.projects import PROJECT
from langsmith_core.streams.run_columns import RUN

ONE, TWO = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
PROJECTS = [{"id": ONE, "name": "one"}, {"id": TWO, "name": "two"}]


class Workspace:
    """Answers lists of projects or datasets by id or name, and counts what was asked."""

    def __init__(self, *records: dict[str, Any]) -> None:
        self.records, self.asked = records, list[Call]()

    def fetch(self, call: Call) -> Reply:
        """The records whose id or name is asked for."""
        self.asked.append(call)
        wanted = {value for name, value in call.query if name in ("id", "name")}
        found = [one for one in self.records if wanted & {one["id"], one["name"]}]
        return Reply(json.dumps(found).encode(), datetime(2026, 6, 1, tzinfo=UTC))


def test_without_projects_all_are_meant_and_none_is_asked_for() -> None:
    """None is all; no request is made."""
    workspace = Workspace(*PROJECTS)
    assert resolved(settings(), workspace.fetch, first=True) is None
    assert workspace.asked == []


def test_names_and_ids_become_ids_in_their_order() -> None:
    """One request each, by name or by id; a project named both ways is one."""
    workspace = Workspace(*PROJECTS)
    assert resolved(settings(PROJECTS=f"two,{ONE},one"), workspace.fetch, first=True) == (TWO, ONE)
    by_name = [endpoints.named(name, is_id=False) for name in ("two", "one")]
    assert workspace.asked == [by_name[0], endpoints.named(ONE, is_id=True), by_name[1]]


def test_an_unknown_project_is_refused_at_first() -> None:
    """A wrong name is found when it is set, with the name in the message."""
    with pytest.raises(ConfigError, match=r"^PROJECTS: no project is named 'three'; give names or ids"):
        resolved(settings(PROJECTS="one,three"), Workspace(*PROJECTS).fetch, first=True)


def test_a_project_that_is_gone_later_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """A deleted project does not stop the others; with none left nothing is meant, which is not all."""
    with caplog.at_level(logging.WARNING):
        assert resolved(settings(PROJECTS="one,three"), Workspace(*PROJECTS).fetch, first=False) == (ONE,)
        assert resolved(settings(PROJECTS="three"), Workspace(*PROJECTS).fetch, first=False) == ()
    assert ["'three'" in line for line in caplog.messages] == [True, True]


UPPER = "ABCDEF00-0000-4000-8000-00000000000A"


@pytest.mark.parametrize("spelt", [UPPER, UPPER.lower(), UPPER.replace("-", ""), f"{{{UPPER}}}"])
def test_an_id_is_known_in_any_spelling(spelt: str) -> None:
    """Capitals and left-out dashes mean the same id, which LangSmith writes in one way only."""
    workspace = Workspace({"id": UPPER.lower(), "name": "three"})
    assert resolved(settings(PROJECTS=spelt), workspace.fetch, first=True) == (UPPER.lower(),)
    assert left_out(settings(PROJECTS_EXCLUDE=spelt), workspace.fetch) == (UPPER.lower(),)


def test_an_excluded_name_that_no_project_has_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """It may be misspelt, and then it hides nothing; the others are left out all the same. An id is not asked for."""
    with caplog.at_level(logging.WARNING):
        workspace = Workspace(*PROJECTS)
        assert left_out(settings(PROJECTS_EXCLUDE=f"one,three,{TWO}"), workspace.fetch) == (ONE, TWO)
    assert caplog.messages == ["PROJECTS_EXCLUDE: no project is named 'three' yet; until one is, nothing is left out for it"]
    assert workspace.asked == [endpoints.named(name, is_id=False) for name in ("one", "three")]


def test_names_are_remembered_from_pages() -> None:
    """What a listing has shown is not asked for again; other tables have no names to remember."""
    names, workspace = Names(), Workspace(*PROJECTS)
    names.note(PROJECT, [rows.to_row(PROJECT, json.dumps(one).encode(), {}) for one in PROJECTS])
    names.note(FEEDBACK, [{"feedback_id": "f"}])
    names.learn(RUN, (ONE, TWO), (), workspace.fetch)
    assert (names.by_id, workspace.asked) == ({ONE: "one", TWO: "two"}, [])


@pytest.mark.parametrize(("stream", "parents"), [(RUN, PROJECT), (EXAMPLE, DATASET)])
def test_unknown_parents_are_asked_for_once_and_together(stream: Any, parents: Any) -> None:
    """A call that goes on with parents of an earlier one asks for their names in one request; one that is gone has none."""
    names, workspace = Names(), Workspace(*PROJECTS)
    for _ in range(2):
        names.learn(stream, (ONE, TWO), ("gone",), workspace.fetch)
    assert names.by_id == {ONE: "one", TWO: "two", "gone": None}
    assert workspace.asked == [endpoints.by_ids(parents.table, (ONE, TWO, "gone"))]


@pytest.mark.parametrize("stream", [PROJECT, DATASET, FEEDBACK])
def test_tables_without_parents_ask_for_none(stream: Any) -> None:
    """Feedback has a project, but joins no name."""
    workspace = Workspace(*PROJECTS)
    Names().learn(stream, (ONE,), (), workspace.fetch)
    assert workspace.asked == []
