"""Prompts: their list, and which of them have commits to read.

A prompt has no path by its id. So one that a whole list lacks is looked for in a second one, read right behind the first. What
both lack was deleted.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from langsmith_core.calls import Call, RecordPage
from langsmith_core.records import json_text
from langsmith_core.records.packed_ids import NO_IDS, Ids
from langsmith_core.records.rows import Row
from langsmith_core.streams import offset_list
from langsmith_core.streams.context import Context, Outcome, Page
from langsmith_core.streams.listing import Listed, fresh, noted
from langsmith_core.streams.memory import Memory
from langsmith_core.streams.prompt_columns import PROMPT, PROMPT_COMMIT
from langsmith_core.streams.prompt_commits import PromptCommits
from langsmith_core.streams.prompt_heads import head_mark
from langsmith_core.streams.prompt_pages import PATH, is_own, page_call, repos
from langsmith_core.streams.stream import Listing, Stream

if TYPE_CHECKING:
    from langsmith_core.streams.kinds import Item

WITH_COMMITS = ("prompt", None)
"""Types of prompts whose commits are read. Those of agents, skills and files are directories, with an API of their own."""
_log = logging.getLogger(__name__)


class ListPrompts(Listed, frozen=True, kw_only=True):
    """The list of prompts, read whole. `again`: it is the second reading, since the first lacked `unseen`."""

    is_list: ClassVar[bool] = True
    teaches: ClassVar[bool] = True

    again: bool = False

    @property
    def table_name(self) -> str:
        """Name the table of prompts."""
        return PROMPT.name

    @property
    def is_sound(self) -> bool:
        """Check that nothing is asked for by id, which this list cannot do."""
        return self.past is None

    def request(self, context: Context, limit: int, knowledge: bytes) -> Call | Outcome:
        """Ask for the next page."""
        return page_call(context, self.offset, limit)

    def page(self, body: bytes, context: Context, limit: int) -> RecordPage:
        """Cut a page out of its envelope."""
        records, longer = json_text.first(repos(body), limit)
        return RecordPage(records, longer=longer)

    def delivers(self, row: Row, context: Context) -> bool:
        """Deliver the workspace's own prompts."""
        return is_own(row, context)

    def after(self, page: Page, context: Context) -> Outcome:
        """Read the commits of prompts whose head has moved, then the next page; at the end look for what is missing."""
        own = [row for row in fresh(self, page, context) if is_own(row, context)]
        item = noted(self, [row["prompt_id"] for row in own], context)
        moved = Ids(row["prompt_id"] for row in own if has_moved(row, context))
        first = (PromptCommits(waiting=moved, list_offset=self.offset, list_rows=page.limit),) if moved else ()
        after = offset_list.after_page(item, page)
        if offset_list.broken_off(after):
            return Outcome(first, memory=_unfinished(item, context))
        return Outcome(first, (after,)) if after else self._ended(item, first, context)

    def _ended(self, item: ListPrompts, first: tuple[Item, ...], context: Context) -> Outcome:
        """Read the list once more where it lacks a known prompt; delete what both lack."""
        if item.unseen and not self.again:
            return Outcome(first, (replace(offset_list.from_start(item), again=True),))
        memory = context.memory.with_known(PROMPT.name, item.seen)
        heads = memory.prompts.heads.only(item.seen)
        gone = tuple((PROMPT.name, one) for one in item.unseen)
        return Outcome(first, gone=gone, memory=memory.with_prompts(replace(memory.prompts, heads=heads)))


def has_moved(row: Row, context: Context) -> bool:
    """Tell whether a prompt has commits to read: its head is another one than the one it was read to."""
    head = row["last_commit_hash"]
    if not head or row["repo_type"] not in WITH_COMMITS or not context.on(PROMPT_COMMIT.name):
        return False
    return context.memory.prompts.heads.of(row["prompt_id"]) != head_mark(row["prompt_id"], head)


def _unfinished(item: ListPrompts, context: Context) -> Memory:
    """Give up a list that shifts too often. Nothing is deleted, and what was known stays known."""
    _log.warning(
        "%s: the list changes too often while it is read; the next sync reads the rest",
        PROMPT.name,
        extra={"fields": {"stream": PROMPT.name}},
    )
    return context.memory.with_known(PROMPT.name, item.seen.with_more(item.unseen))


def _opens(context: Context) -> Outcome:
    item = ListPrompts(unseen=context.memory.known(PROMPT.name))
    return Outcome(rest=(item,), memory=context.memory.with_known(PROMPT.name, NO_IDS))


STREAM = Stream(
    PROMPT,
    switch="SYNC_PROMPTS",
    listing=Listing(PATH, is_plain=False),
    opens=_opens,
    deleted=True,
    children=(PROMPT_COMMIT,),
    optional=True,
)
