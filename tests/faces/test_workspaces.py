"""The `sync` target with several workspaces: who is read, what is refused, and that one process mixes none of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import log_lines
import pytest
from msgspec.structs import replace
from two_workspaces import KEYS, NAMES, Two, mapped

import main
from langsmith_core.calls import Call, Reply
from langsmith_core.langsmith.client import LangSmith
from langsmith_core.settings import workspaces
from langsmith_core.settings.config import Settings
from langsmith_core.sync.ahead import Ahead, Kept
from langsmith_core.sync.names import Names, Remembered
from langsmith_core.sync.state import State
from product import World, expected, known, known_truth, rows_of
from simulator import Clock

NOW = "2026-06-01T00:00:00Z"
Worlds = Callable[..., World]


@pytest.fixture
def two() -> Two:
    """Two workspaces behind LangSmith's address."""
    return Two(Clock(NOW))


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """A DuckDB file for each workspace."""
    return {name: str(tmp_path / f"{name}.duckdb") for name in NAMES}


@pytest.fixture
def w(two: Two, files: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    """The product with a map of both workspaces. The environment's own identity is another one."""
    made = World(monkeypatch, tmp_path, sim=two.sims[NAMES[0]])
    main.SESSION.mount("https://", two.address.adapter())
    for name, value in mapped({name: {"LOCAL_DB": files[name]} for name in NAMES}).items():
        monkeypatch.setenv(name, value)
    yield made
    assert_no_key_in(json.dumps([made.request("GET", "/sync").text, *(status(made, name) for name in NAMES)]))


def assert_no_key_in(text: str) -> None:
    """No key of a workspace is in a text."""
    assert [key for key in KEYS.values() if key in text] == []


def post(w: World, body: Any) -> tuple[int, dict[str, Any]]:
    """POST a body, and return the answer."""
    answer = w.post("/sync", body if isinstance(body, bytes) else json.dumps(body).encode())
    return answer.status_code, json.loads(answer.data)


def status(w: World, name: str) -> dict[str, Any]:
    """Return one workspace's status."""
    answer: dict[str, Any] = w.request("GET", f"/sync?workspace={name}").get_json()
    return answer


def assert_whole(two: Two, files: dict[str, str], *names: str) -> None:
    """The files hold all rows of their workspaces, and no other row."""
    for name in names:
        for table, records in known_truth(two.sims[name].workspace).items():
            found = known(rows_of(files[name], table), table, records)
            assert found == {key: expected(record) for key, record in records.items()}, (name, table)


def drained(w: World, *names: str) -> list[tuple[int, int]]:
    """Make passes of these workspaces in turn until none has more. Return each pass's requests and rows."""
    waiting, made = list(names), list[tuple[int, int]]()
    while waiting:
        for name in list(waiting):
            code, answer = post(w, {"workspace": name})
            assert code == 200, answer
            made.append((answer["requests"], sum(answer["rows"].values())))
            if not answer["hasMore"]:
                waiting.remove(name)
    return made


def test_each_call_reads_the_workspace_that_it_names(w: World, two: Two, files: dict[str, str]) -> None:
    """A call asks its own workspace alone, by its own key. The other one's file does not even exist yet."""
    drained(w, "my-team")
    assert two.requests("other") == 0
    assert_whole(two, files, "my-team")
    assert not Path(files["other"]).exists()
    before = two.requests("my-team")
    drained(w, "other")
    assert two.requests("my-team") == before
    assert_whole(two, files, *NAMES)


def test_short_passes_in_turn_mix_nothing(w: World, two: Two, files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Passes of both workspaces in turn, in one process, end with each one's own rows, joined names included."""
    monkeypatch.setenv("MAX_SECONDS", "0.2")
    monkeypatch.setenv("PAGE_SIZE", "7")
    for sim in two.sims.values():
        sim.latency_seconds = 0.05
    assert len(drained(w, *NAMES)) > 6
    assert_whole(two, files, *NAMES)


BODIES = [
    (b"", 'workspace: name one of these, as in {"workspace": "..."}: my-team, other'),
    (b"{}", 'workspace: name one of these, as in {"workspace": "..."}: my-team, other'),
    ({"workspace": "third"}, 'workspace: name one of these, as in {"workspace": "..."}: my-team, other'),
    ({"workspace": None}, 'body: send {"workspace": "my-team"} and nothing else; set everything else in the environment'),
    (
        {"workspace": ["other"]},
        'body: send {"workspace": "my-team"} and nothing else; set everything else in the environment',
    ),
    (
        {"workspace": "other", "PAGE_SIZE": "1"},
        'body: send {"workspace": "my-team"} and nothing else; set everything else in the environment',
    ),
    ({"state": {}}, 'body: send {"workspace": "my-team"} and nothing else; set everything else in the environment'),
    (b"other", 'body: not JSON; send {"workspace": "my-team"} with Content-Type: application/json'),
    (b'["other"]', 'body: not a JSON object; send {"workspace": "my-team"}'),
]


@pytest.mark.parametrize(("body", "message"), BODIES)
def test_a_body_names_a_workspace_and_nothing_else(w: World, two: Two, body: Any, message: str) -> None:
    """Anything else is a 400 before any request."""
    assert post(w, body) == (400, {"errorMessage": message})
    assert [two.requests(name) for name in NAMES] == [0, 0]


def test_without_a_map_no_call_may_name_a_workspace(world: Worlds) -> None:
    """A function of one workspace refuses a name, in a POST and in a GET. An empty object is an empty body."""
    w = world()
    refused = {"errorMessage": "workspace: this function reads only one; leave the name out, or set WORKSPACES"}
    assert post(w, {"workspace": "my-team"}) == (400, refused)
    answer = w.request("GET", "/sync?workspace=my-team")
    assert (answer.status_code, answer.get_json()) == (400, refused)
    assert post(w, {})[0] == 200


def test_the_status_of_one_and_of_all(w: World, two: Two) -> None:
    """The short status has a line for each workspace, read or not. It asks LangSmith nothing and creates nothing."""
    drained(w, "my-team")
    before = two.requests("my-team")
    one, none = status(w, "my-team"), {"last_pass": None, "hasMore": None, "lag_seconds": None, "last_error": None}
    read = {"last_pass": one["passes"][-1]["ended"], "hasMore": False, "lag_seconds": one["lag_seconds"], "last_error": None}
    assert w.request("GET", "/sync").get_json() == {"workspaces": {"my-team": read, "other": none}}
    assert one["rows"]["langsmith_project"] == 2
    assert status(w, "other")["exists"] is False
    assert two.requests("my-team") == before
    assert w.request("HEAD", "/sync").status_code == 200


def test_a_workspace_that_is_refused_shows_its_error_and_stops_no_other(
    w: World, two: Two, files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key of another workspace is refused by LangSmith and shown in the short status; so is an entry that cannot be used."""
    monkeypatch.setenv("LANGSMITH_API_KEY__MY_TEAM", KEYS["other"])
    assert post(w, {"workspace": "my-team"})[0] == 401
    drained(w, "other")
    assert_whole(two, files, "other")
    shown = w.request("GET", "/sync").get_json()["workspaces"]
    assert shown["my-team"]["last_error"]["message"].startswith("LANGSMITH_API_KEY: LangSmith refuses the key")
    assert (shown["my-team"]["last_error"]["status"], shown["other"]["last_error"]) == (401, None)
    monkeypatch.delenv("LANGSMITH_API_KEY__OTHER")
    assert w.request("GET", "/sync").get_json()["workspaces"]["other"] == {
        "last_pass": None,
        "hasMore": None,
        "lag_seconds": None,
        "last_error": {
            "at": None,
            "status": 400,
            "message": "LANGSMITH_API_KEY__OTHER: missing. The API key of workspace other, in the environment and from a secret",
        },
    }
    assert w.request("GET", "/sync?workspace=other").status_code == 400


def test_an_entry_with_a_secret_is_refused_without_its_value(
    w: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The 400 names the workspace. Neither the answer nor the log nor the status repeats the value."""
    pasted = "lsv2_pt_pasted_into_the_map"
    entries = {"my-team": {"LANGSMITH_API_KEY": pasted}, "other": {"HASH_KEY": pasted}}
    monkeypatch.setenv("WORKSPACES", mapped(entries)["WORKSPACES"])
    answers = [post(w, {"workspace": name}) for name in NAMES]
    shown = w.request("GET", "/sync").text
    assert [(code, answer["errorMessage"].partition(",")[0]) for code, answer in answers] == [
        (400, "WORKSPACES: the entry of my-team holds LANGSMITH_API_KEY"),
        (400, "WORKSPACES: the entry of other holds HASH_KEY"),
    ]
    assert pasted not in json.dumps([answers, shown, log_lines.printed(capsys)])


def test_an_entry_loosens_no_privacy(w: World, files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment leaves out is left out for every workspace, whatever its entry says."""
    monkeypatch.setenv("EXCLUDE_COLUMNS", "langsmith_project.name")
    entry = {"LOCAL_DB": files["other"], "EXCLUDE_COLUMNS": "", "PROJECTS_EXCLUDE": ""}
    monkeypatch.setenv("WORKSPACES", mapped({"other": entry})["WORKSPACES"])
    drained(w, "other")
    found = rows_of(files["other"], "langsmith_project")
    assert len(found) == 2
    assert {row["name"] for row in found.values()} == {None}


def test_each_log_line_of_a_call_names_its_workspace(w: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Metrics and alerts can tell workspaces apart, in passes, statuses and failures. A short status is nobody's.

    Nor is a call for a name that the map lacks: whatever a caller makes up stays out of the log.
    """
    post(w, {"workspace": "other"})
    status(w, "my-team")
    w.request("GET", "/sync")
    post(w, {"workspace": "third"})
    w.configure(LANGSMITH_API_KEY__OTHER="")
    post(w, {"workspace": "other"})
    w.configure(LANGSMITH_API_KEY__OTHER=KEYS["other"])
    events = [(line["event"], line.get("workspace")) for line in log_lines.printed(capsys) if "event" in line]
    assert events == [
        ("sunset", "other"),
        ("sunset", "other"),
        ("completeness", "other"),
        ("pass", "other"),
        ("status", "my-team"),
        ("status", None),
        ("failure", None),
        ("failure", "other"),
    ]


def settings(name: str) -> Settings:
    """Return the settings of a workspace of the map."""
    return workspaces.settings(mapped({one: {"LOCAL_DB": one} for one in NAMES}), name)


def test_the_pace_is_each_workspaces_own(w: World) -> None:
    """A 429 to one workspace slows the other one down by nothing. The clock of their host is one."""
    clients = [LangSmith(settings(name), w.clock, w.clock.now(), main.SESSION) for name in (*NAMES, *NAMES)]
    one, other, again, _ = (client._pacer for client in clients)  # noqa: SLF001  what outlives a call has no public name
    assert one is again
    before = other.wait("v2", 0.0)
    one.refused("v2", 0.0, 30.0)
    assert (one.wait("v2", 0.0), other.wait("v2", 0.0)) == (30.0, before)
    assert clients[0].clock is clients[1].clock


def test_names_are_remembered_for_their_own_workspace_alone() -> None:
    """A pass of another workspace gets none, even where its state is the same but for its source."""
    remembered, mine = Remembered(), Names()
    remembered.keep(settings("my-team"), State(source=settings("my-team").source), mine)
    assert remembered.of(settings("other"), State(source=settings("other").source)) is not mine
    assert remembered.of(settings("my-team"), State(source=settings("my-team").source)) is mine
    remembered.keep(settings("other"), State(source=settings("other").source), Names())
    assert remembered.of(settings("my-team"), State(source=settings("my-team").source)) is not mine


def test_answers_under_way_are_kept_for_their_own_workspace_alone(w: World) -> None:
    """What a call asked ahead is given to a call of the same workspace, and key, in the same state."""
    kept, now = Kept(), w.clock.now()
    state = State(source=settings("my-team").source)
    ahead = Ahead(LangSmith(settings("my-team"), w.clock, now, main.SESSION), w.clock.now, 1)
    ahead.keep(Call("GET", "/", "any"), 1, Reply(b"", now, 0.1, 0.1))
    for stranger in (settings("other"), replace(settings("my-team"), api_key=KEYS["other"])):
        kept.keep(settings("my-team"), state, now, ahead)
        assert kept.of(stranger, state, now) is None
    kept.keep(settings("my-team"), state, now, ahead)
    assert kept.of(settings("my-team"), state, now) is ahead
