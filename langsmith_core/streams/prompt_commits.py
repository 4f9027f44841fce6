"""Commits of prompts, newest first: those above the commit that was the head when the prompt was read last.

A prompt counts as read once the head that its list showed has been delivered, and all below it down to the one known before.
Commits that come while pages are read shift the list, and are above that head: the next look finds them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta
from msgspec.structs import replace

from langsmith_core.calls import Call, RecordPage
from langsmith_core.records import json_text
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.streams import offset_list
from langsmith_core.streams.bounds import Count
from langsmith_core.streams.context import Context, Outcome, Page
from langsmith_core.streams.limits import LIST_ROWS_MAX
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.offset_list import Offset
from langsmith_core.streams.prompt_columns import PROMPT_COMMIT
from langsmith_core.streams.prompt_heads import head_mark
from langsmith_core.streams.prompt_pages import TIER, named, page_call
from langsmith_core.streams.stream import Stream, segment

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

PLACES = {"api": "/api/commits", "root": "/commits"}
"""Where LangSmith serves commits. Its document has no prefix, and the SDK asks so on LangChain's cloud. The SDK asks below
LANGSMITH_ENDPOINT, which ends in `/api` where LangSmith is self-hosted. After a 404 the other place is asked."""
Head = Annotated[str, Meta(pattern=r"^([0-9a-f]{16})?\Z")]


class PromptCommits(Offset, frozen=True, kw_only=True):
    """The commits of the prompts that are `waiting`, one prompt at a time.

    The prompts stand on the page of their list at `list_offset`, of `list_rows` rows. `head` is the mark of the commit that the
    list showed as the newest, and `met` says that it has come. `second`: the first place of commits was a 404. `whole`: the
    commit known before is not among those below the head, so all are read.
    """

    waiting: Ids = NO_IDS
    list_offset: Count = 0
    list_rows: Count = LIST_ROWS_MAX
    head: Head = ""
    met: bool = False
    second: bool = False
    whole: bool = False

    @property
    def table_name(self) -> str:
        """Name the table of commits."""
        return PROMPT_COMMIT.name

    @property
    def is_sound(self) -> bool:
        """Check that there is a prompt to ask for, and a page that names it."""
        return bool(self.waiting) and 0 < self.list_rows <= LIST_ROWS_MAX

    @property
    def about(self) -> str | None:
        """Give the prompt that is asked about."""
        return self.waiting[0]

    @property
    def given(self) -> dict[str, Any]:
        """Add the prompt, where a commit does not name it."""
        return {"prompt_id": self.waiting[0]}

    def first_question(self, context: Context) -> Call | None:
        """Ask for the page of the list that names the prompt."""
        return page_call(context, self.list_offset, self.list_rows)

    def understand(self, knowledge: bytes) -> None:
        """Raises MalformedError for an answer that is no list of prompts."""
        named(knowledge)

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for the next page. A prompt that has moved to another page of its list is left to the next look."""
        prompt = named(knowledge).get(self.waiting[0])
        if prompt is None:
            return Outcome(rest=self._others())
        return Call(
            "GET",
            f"{PLACES[self._place(context)]}/-/{segment(prompt.handle)}",
            TIER,
            query=(("include_stats", "false"), *self.place(limit)),
        )

    def page(self, body: bytes, context: Context, limit: int) -> RecordPage:
        """Cut a page out of its envelope, and end it above the commit that was read before."""
        found = json_text.picked(json_text.strict(body, 3), "commits").get("commits", b"[]")
        records, longer = json_text.first(b"[]" if bytes(found) == b"null" else found, limit)
        known = None if self.whole else context.memory.prompts.heads.of(self.waiting[0])
        for at, record in enumerate(records if known else ()):
            if self._mark(_hash(record)) == known:
                return RecordPage(records[:at])
        return RecordPage(records, longer=longer)

    def after(self, page: Page, context: Context) -> Outcome:
        """Go on to the commit known before, or to the end; then remember the head, if it has come."""
        prompt = named(page.knowledge).get(self.waiting[0])
        head = self.head or (self._mark(prompt.head) if prompt else "")
        met = self.met or any(self._mark(row["commit_hash"]) == head for row in page.rows)
        item, memory = replace(self, head=head, met=met), self._served(context)
        rest = offset_list.after_page(item, page)
        if rest and not offset_list.broken_off(rest):
            return Outcome(rest=(rest,), memory=memory)
        if not met and not self.whole:
            return Outcome(rest=(replace(offset_list.from_start(item), whole=True),), memory=memory)
        if met and rest is None:
            heads = memory.prompts.heads.noted(self.waiting[0], head, context.head_bytes)
            memory = memory.with_prompts(replace(memory.prompts, heads=heads))
        return Outcome(rest=self._others(), memory=memory)

    def is_served(self, context: Context) -> bool:
        """Tell whether commits were served before. Then a refusal is about this prompt alone."""
        return context.memory.prompts.commits_at is not None

    def elsewhere(self, context: Context) -> Item | None:
        """Ask at the other place, while nobody knows which of the two is served."""
        return None if self.second or self.is_served(context) else replace(self, second=True)

    def without(self, context: Context) -> Outcome | None:
        """Pass over a prompt that was deleted."""
        return Outcome(rest=self._others())

    def behind_one(self, context: Context, knowledge: bytes) -> Outcome | None:
        """Pass over the commit at this place. It may be the head, which then counts as read."""
        prompt = named(knowledge).get(self.waiting[0])
        head = self.head or (self._mark(prompt.head) if prompt else "")
        return Outcome(rest=(replace(offset_list.behind(self), head=head, met=True),))

    def parted(self, context: Context) -> tuple[Item, tuple[Item, ...]]:
        """Split off the prompt asked about from the others."""
        return replace(self, waiting=self.waiting[:1]), self._others()

    def _served(self, context: Context) -> Memory:
        """Remember which place has answered."""
        return context.memory.with_prompts(replace(context.memory.prompts, commits_at=self._place(context)))

    def _place(self, context: Context) -> Literal["api", "root"]:
        return context.memory.prompts.commits_at or ("root" if context.on_cloud != self.second else "api")

    def _mark(self, commit: str | None) -> str:
        return head_mark(self.waiting[0], commit) if commit else ""

    def _others(self) -> tuple[Item, ...]:
        rest = self.waiting[1:]
        return (replace(offset_list.from_start(self), waiting=rest, head="", met=False, whole=False, limit=0),) if rest else ()


def _hash(record: bytes) -> str | None:
    """Return the hash of a commit; None where it has none, or is no object."""
    found = json_text.picked(record, "commit_hash").get("commit_hash") if json_text.begins(record, b"{") else None
    return json_text.text(found) if found is not None and json_text.begins(found, b'"') else None


STREAM = Stream(PROMPT_COMMIT, switch="SYNC_PROMPTS", deleted=True, optional=True)
