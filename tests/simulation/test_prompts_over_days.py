"""Prompts and their commits: what a look reads of them, what it costs, and what stands in the tables in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from product import World
from simulator import Fault, hub
from simulator.corpus_prompts import OTHERS
from simulator.messages import Request

Worlds = Callable[..., World]
every_face = pytest.mark.parametrize("face", ["fivetran", "duckdb"])


def synced(w: World, face: str, hours: float = 0) -> Counter[str]:
    """Sync once, so many hours later. Count the requests for prompts and commits."""
    w.clock.advance(hours=hours)
    begin = len(w.sim.requests)
    w.fivetran.sync() if face == "fivetran" else w.sync_locally()
    kinds = Counter(request.kind for request in w.sim.requests[begin:])
    return Counter({kind: kinds[kind] for kind in ("prompts", "prompt_commits") if kinds[kind]})


def filled(w: World, count: int, each: int = 2) -> list[str]:
    """Make prompts with so many commits each. Return their ids, oldest first."""
    made = []
    for number in range(count):
        made.append(hub.make_prompt(w.workspace, f"prompt-{number}"))
        for turn in range(each):
            hub.push_commit(w.workspace, made[-1], {"turn": turn})
        w.clock.advance(seconds=1)
    return made


def rows(w: World, face: str, table: str) -> set[str]:
    """Return the keys of a table's rows."""
    return set(w.in_fivetran(table) if face == "fivetran" else w.in_duckdb(table))


def once(act: Callable[[], object], kind: str, offset: str) -> Fault:
    """A fault that is none: it acts before the first request of a kind with this offset."""
    waiting: Iterator[Callable[[], object]] = iter((act,))

    def when(request: Request) -> bool:
        if dict(request.query).get("offset") == offset:
            for one in waiting:
                one()
        return False

    return Fault(kind=kind, when=when, status=500)


@every_face
def test_only_prompts_whose_head_moved_are_asked_for_commits(world: Worlds, face: str) -> None:
    """A first look asks each prompt, an idle one only the list, and a later one the prompts that have a new commit."""
    w = world()
    made = filled(w, 3)
    assert synced(w, face) == {"prompts": 1, "prompt_commits": 3}
    assert synced(w, face, hours=1) == {"prompts": 1}
    hub.push_commit(w.workspace, made[1], {"turn": 9})
    assert synced(w, face, hours=1) == {"prompts": 1, "prompt_commits": 1}
    assert synced(w, face, hours=25) == {"prompts": 1}
    w.assert_complete(face)


def test_an_idle_look_costs_one_request_for_a_hundred_prompts(world: Worlds) -> None:
    """Pages overlap by one row, so 250 prompts take three pages."""
    w = world()
    filled(w, 250, each=0)
    synced(w, "fivetran")
    assert synced(w, "fivetran", hours=1) == {"prompts": 3}


@every_face
def test_new_commits_alone_go_out(world: Worlds, face: str) -> None:
    """Of a prompt with many commits, a look asks for the newest page, and delivers what lies above the head that it knew."""
    w = world()
    (prompt,) = filled(w, 1, each=230)
    synced(w, face)
    hub.push_commit(w.workspace, prompt, {"turn": 300})
    assert synced(w, face, hours=1) == {"prompts": 1, "prompt_commits": 1}
    w.assert_complete(face)
    assert w.sim.requests[-1].status == 200


@every_face
def test_commits_that_come_while_pages_are_read_are_not_lost(world: Worlds, face: str) -> None:
    """They shift the pages of that look, which may show some of them. The next look delivers all."""
    w = world()
    (prompt,) = filled(w, 1, each=120)
    w.configure(PAGE_SIZE="20")

    def pushed() -> None:
        for turn in range(30):
            hub.push_commit(w.workspace, prompt, {"late": turn})

    w.sim.faults.add(once(pushed, "prompt_commits", "38"))
    synced(w, face)
    before = rows(w, face, hub.COMMITS)
    synced(w, face, hours=1)
    w.assert_complete(face)
    assert 120 <= len(before) < len(rows(w, face, hub.COMMITS)) == 150


@every_face
def test_a_deleted_prompt_goes_with_its_commits_after_two_lists(world: Worlds, face: str) -> None:
    """What one whole list lacks is looked for in a second, and deleted where that lacks it too."""
    w = world()
    made = filled(w, 3)
    synced(w, face)
    hub.delete_prompt(w.workspace, made[1])
    assert synced(w, face, hours=1) == {"prompts": 2}
    assert rows(w, face, hub.PROMPTS) == {made[0], made[2]}
    assert synced(w, face, hours=1) == {"prompts": 1}
    if face == "duckdb":
        w.assert_complete(face)


@every_face
def test_a_prompt_that_moves_while_the_list_is_read_stays(world: Worlds, face: str) -> None:
    """A change moves a prompt to the list's end, where it is read again: none is missed, and none deleted."""
    w = world()
    made = filled(w, 12)
    w.configure(PAGE_SIZE="5")
    synced(w, face)
    for offset, moved in (("4", 0), ("8", 6)):
        w.sim.faults.add(once(lambda one=moved: hub.edit_prompt(w.workspace, made[one], description="new"), "prompts", offset))  # type: ignore[misc]
    synced(w, face, hours=1)
    assert rows(w, face, hub.PROMPTS) == set(made)
    synced(w, face, hours=1)
    w.assert_complete(face)


@every_face
@pytest.mark.parametrize("narrowed", [True, False])
def test_prompts_of_others_are_passed_over(world: Worlds, face: str, narrowed: bool) -> None:
    """Public prompts of other workspaces are no rows, whether LangSmith heeds `tenant_id` or not."""
    w = world()
    w.sim.repos_narrowed = narrowed
    (own,) = filled(w, 1)
    other = hub.make_prompt(w.workspace, "theirs", tenant=OTHERS, owner="acme", is_public=True)
    hub.push_commit(w.workspace, other, {})
    assert synced(w, face) == {"prompts": 1, "prompt_commits": 1}
    assert rows(w, face, hub.PROMPTS) == {own}
    w.assert_complete(face)


@pytest.mark.parametrize(("host", "first"), [("https://api.smith.langchain.com", "root"), ("https://langsmith.example", "api")])
@pytest.mark.parametrize("at", ["root", "api"])
def test_commits_are_found_wherever_they_are_served(world: Worlds, host: str, first: str, at: str) -> None:
    """The likely place is asked first, the other after one 404; then the state knows the place."""
    w = world()
    w.configure(LANGSMITH_BASE_URL=host)
    w.sim.commits_at = at  # type: ignore[assignment]  # a row of the table
    made = filled(w, 2)
    assert synced(w, "fivetran") == {"prompts": 1, "prompt_commits": 2 + (first != at)}
    w.assert_complete("fivetran")
    hub.push_commit(w.workspace, made[0], {})
    assert synced(w, "fivetran", hours=1) == {"prompts": 1, "prompt_commits": 1}
    w.assert_complete("fivetran")


@every_face
@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("kind", ["prompts", "prompt_commits"])
def test_an_endpoint_that_is_not_offered_stops_nothing(world: Worlds, face: str, status: int, kind: str) -> None:
    """Its stream is left out until the daily pass, and the others are read."""
    w = world()
    w.sim.corpus(projects=1, runs=10, datasets=1, examples=2)
    w.sim.faults.add(Fault(kind=kind, status=status, body={"detail": "no"}, times=None))
    synced(w, face)
    assert rows(w, face, hub.COMMITS) == set()
    assert bool(rows(w, face, hub.PROMPTS)) == (kind == "prompt_commits")
    assert synced(w, face, hours=1)[kind] == 0
    w.sim.faults.clear()
    synced(w, face, hours=25)
    w.assert_complete(face)


def test_a_prompt_that_goes_between_list_and_commits_is_passed_over(world: Worlds) -> None:
    """Its 404 is about itself, once commits have been served: the others are read."""
    w = world()
    made = filled(w, 3)
    w.sim.faults.add(Fault(kind="prompt_commits", nth=2, status=404, body={"error": "not found"}))
    synced(w, "fivetran")
    assert {row["prompt_id"] for row in w.in_fivetran(hub.COMMITS).values()} == {made[0], made[2]}
    synced(w, "fivetran", hours=1)
    w.assert_complete("fivetran")


def test_the_switch_turns_prompts_and_commits_off(world: Worlds) -> None:
    """No rows of either, and no requests for them."""
    w = world()
    filled(w, 2)
    w.configure(SYNC_PROMPTS="false")
    assert synced(w, "fivetran") == {}
    assert (w.in_fivetran(hub.PROMPTS), w.in_fivetran(hub.COMMITS)) == ({}, {})


def test_a_call_that_ends_amid_the_commits_goes_on(world: Worlds) -> None:
    """Each call reads a little; the state names no prompt; in the end all is there."""
    w = world()
    filled(w, 4, each=30)
    w.configure(PAGE_SIZE="7", MAX_RESPONSE_MB="0.02")
    synced(w, "fivetran")
    w.assert_complete("fivetran")
    assert "prompt-" not in str(w.fivetran.state)


@pytest.mark.parametrize(
    ("column", "table", "secret"),
    [
        ("created_by", hub.PROMPTS, "Ada"),
        ("owner", hub.PROMPTS, "acme"),
        ("author", hub.COMMITS, "Grace"),
        ("manifest", hub.COMMITS, "open"),
    ],
)
def test_people_and_texts_can_be_hidden(world: Worlds, column: str, table: str, secret: str) -> None:
    """A column that is left out leaves `raw` too, and each field that repeats it."""
    w = world()
    made = hub.make_prompt(w.workspace, "one", created_by="Ada", owner="acme", is_public=True)
    hub.push_commit(w.workspace, made, {"text": "open"}, author="Grace")
    w.configure(EXCLUDE_COLUMNS=f"{table}.{column}")
    w.fivetran.sync()
    (row,) = w.in_fivetran(table).values()
    assert row.get(column) is None
    assert secret not in str(row)


def test_a_state_of_fivetrans_holds_many_prompts(world: Worlds) -> None:
    """A thousand prompts take thirty-five characters each, and an idle look reads no commits."""
    w = world()
    filled(w, 1_000, each=1)
    synced(w, "fivetran")
    assert len(str(w.fivetran.state)) < 40_000
    assert synced(w, "fivetran", hours=1) == {"prompts": 11}
