"""Prompts and their commits: which page is asked, where reading ends, and what is remembered."""

from typing import Any

import pytest
from msgspec.structs import replace

from langsmith_core.calls import Call
from langsmith_core.records import rows
from langsmith_core.records.packed_ids import Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams.context import Context, Outcome
from langsmith_core.streams.memory import Memory, Prompts
from langsmith_core.streams.prompt_commits import PromptCommits
from langsmith_core.streams.prompt_heads import HEAD_BYTES, Heads, head_mark
from langsmith_core.streams.prompt_pages import page_call
from langsmith_core.streams.prompts import ListPrompts
from langsmith_core.streams.registry import PROMPT, PROMPT_COMMIT
from samples import encoded
from streams.contexts import A, B, C, context, knowing, page, remembered, uid, without

WORKSPACE = uid("e")
KNOWLEDGE = encoded({"repos": [{"id": A, "repo_handle": "one/two", "last_commit_hash": "h9"}], "total": 1})
ITEM = PromptCommits(waiting=Ids([A, B]), list_offset=99, list_rows=50)


def prompt(ident: str, head: str | None = "h", **fields: Any) -> Row:
    """A prompt's row."""
    record = {"id": ident, "repo_handle": "p", "repo_type": "prompt", "last_commit_hash": head, "tenant_id": WORKSPACE, **fields}
    return rows.to_row(PROMPT, encoded(record), {})


def commit(number: int) -> Row:
    """A commit's row; its hash is `h` and the number."""
    return rows.to_row(PROMPT_COMMIT, encoded({"id": uid("c", number), "commit_hash": f"h{number}"}), {}, given=ITEM.given)


def read_to(head: str, **fields: Any) -> Context:
    """A look that knows the first prompt's head, on the cloud."""
    heads = Heads().noted(A, head_mark(A, head), 1_000)
    return context(memory=Memory(prompts=Prompts(heads, "root")), workspace=WORKSPACE, on_cloud=True, **fields)


def test_a_page_of_prompts_is_this_workspaces_oldest_change_first() -> None:
    """Archived ones too; a workspace whose id is none is not sent."""
    order = (("is_archived", "allow"), ("sort_field", "updated_at"), ("sort_direction", "asc"))
    place = (("offset", "99"), ("limit", "50"))
    own = Call("GET", "/api/v1/repos", "prompts", query=(*order, ("tenant_id", WORKSPACE), *place))
    assert page_call(context(workspace=WORKSPACE), 99, 50) == own
    assert page_call(context(workspace="no id"), 99, 50).query == (*order, *place)


def test_prompts_whose_head_moved_lead_to_commits() -> None:
    """Not those without a commit, of another type, of another workspace, or read to this head."""
    listed = [prompt(A), prompt(B, "h1"), prompt(C, None), prompt(uid("d"), repo_type="agent"), prompt(uid("f"), tenant_id=A)]
    outcome = ListPrompts().after(page(*listed), read_to("h"))
    assert outcome.first == (PromptCommits(waiting=Ids([B])),)
    assert remembered(outcome).known(PROMPT.name) == Ids([A, B, C, uid("d")])
    assert ListPrompts().after(page(*listed), read_to("h", scope=without(PROMPT_COMMIT))).first == ()


def test_what_two_lists_lack_is_deleted() -> None:
    """After the first, the list is read again from its beginning. A list that is whole remembers the heads of its own alone."""
    first = ListPrompts(unseen=Ids([A, B])).after(page(prompt(B)), read_to("h"))
    (again,) = first.rest
    assert again == ListPrompts(seen=Ids([B]), unseen=Ids([A]), again=True)
    second = again.after(page(prompt(B)), read_to("h"))
    assert (second.gone, second.rest, remembered(second).known(PROMPT.name)) == (((PROMPT.name, A),), (), Ids([B]))
    assert remembered(second).prompts.heads == Heads()
    found = again.after(page(prompt(A), prompt(B)), read_to("h"))
    assert (found.gone, remembered(found).prompts.heads) == ((), read_to("h").memory.prompts.heads)


def test_commits_are_asked_for_by_the_name_that_the_list_shows() -> None:
    """The page of the list is the first question; a prompt that it shows no more is passed over."""
    looked = read_to("h1")
    assert ITEM.first_question(looked) == page_call(looked, 99, 50)
    query = (("include_stats", "false"), ("offset", "0"), ("limit", "20"))
    assert ITEM.request(looked, 20, KNOWLEDGE) == Call("GET", "/commits/-/one%2Ftwo", "prompts", query=query)
    assert ITEM.request(looked, 20, encoded({"repos": []})) == Outcome(rest=(replace(ITEM, waiting=Ids([B])),))


@pytest.mark.parametrize(("cloud", "paths"), [(True, ["/commits", "/api/commits"]), (False, ["/api/commits", "/commits"])])
def test_the_other_place_is_asked_while_none_has_answered(cloud: bool, paths: list[str]) -> None:
    """Once one has, a 404 is about the prompt."""
    looked = context(on_cloud=cloud)
    second = ITEM.elsewhere(looked)
    asked = [one.request(looked, 20, KNOWLEDGE) for one in (ITEM, second) if one]
    assert [call.path for call in asked if isinstance(call, Call)] == [f"{path}/-/one%2Ftwo" for path in paths]
    assert (second and second.elsewhere(looked), ITEM.elsewhere(read_to("h")), ITEM.is_served(read_to("h"))) == (None, None, True)


def test_a_page_ends_above_the_commit_that_was_read_before() -> None:
    """Without such a commit, or where all are to be read, the page is whole."""
    body = encoded({"commits": [{"id": uid("c", number), "commit_hash": f"h{number}"} for number in (9, 8, 7)], "total": 3})
    sizes = [len(item.page(body, read_to("h8"), 20).records) for item in (ITEM, replace(ITEM, whole=True))]
    assert (sizes, len(ITEM.page(body, read_to("h1"), 20).records)) == ([1, 3], 3)
    assert ITEM.page(b'{"commits":null,"total":0}', read_to("h1"), 20).records == []


def test_the_head_is_remembered_once_it_has_come() -> None:
    """Commits above it are another look's. Where it has not come, all are read once, and nothing is remembered."""
    others = (replace(ITEM, waiting=Ids([B])),)
    outcome = ITEM.after(page(commit(10), commit(9), limit=20, knowledge=KNOWLEDGE), read_to("h8"))
    assert (outcome.rest, remembered(outcome).prompts.heads.of(A)) == (others, head_mark(A, "h9"))
    late = page(commit(7), limit=20, knowledge=KNOWLEDGE)
    (whole,) = ITEM.after(late, read_to("h8")).rest
    assert whole == replace(ITEM, whole=True, head=head_mark(A, "h9"))
    ended = whole.after(late, read_to("h8"))
    assert (ended.rest, remembered(ended).prompts.heads.of(A)) == (others, head_mark(A, "h8"))


def test_a_full_page_goes_on_with_its_last_row() -> None:
    """Pages overlap by one row. The head that was shown first is aimed at to the end."""
    (rest,) = ITEM.after(page(commit(9), commit(8), limit=2, knowledge=KNOWLEDGE), context()).rest
    assert isinstance(rest, PromptCommits)
    assert (rest.offset, rest.anchor, rest.head, rest.met) == (1, uid("c", 8), head_mark(A, "h9"), True)


def test_the_ledger_of_heads_is_bounded_and_packed() -> None:
    """Fifteen characters a prompt; the first stay; one is forgotten or replaced."""
    full = Heads()
    for number in range(5):
        full = full.noted(
            uid("a", 0) if number == 4 else f"0000000{number}-0000-4000-8000-000000000000", "0" * 16, 4 * HEAD_BYTES
        )
    assert (len(full), len(full.packed()), Heads.unpacked(full.packed())) == (4, 60, full)
    assert full.of(A) is None
    one = Heads().noted(A, head_mark(A, "h"), 100)
    assert (one.of(A), one.noted(A, None, 100), one.only([B])) == (head_mark(A, "h"), Heads(), Heads())
    assert head_mark(A, "h") != head_mark(B, "h")


def test_a_list_that_is_given_up_deletes_nothing() -> None:
    """What was known stays known."""
    broken = replace(ListPrompts(seen=Ids([B]), unseen=Ids([A])), offset=1, anchor=C)
    item: Any = broken
    for _ in range(200):
        outcome = item.after(page(*(prompt(uid("9", number)) for number in range(2)), limit=2), context(memory=knowing(PROMPT)))
        assert outcome.gone == ()
        if not outcome.rest:
            break
        (item,) = outcome.rest
    assert {A, B} <= set(remembered(outcome).known(PROMPT.name))
