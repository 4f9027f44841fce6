"""States whose every part is at its bound, at the moments of a look at which most is in hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from msgspec.structs import replace
from sync.states import SOURCE, unfinished

from langsmith_core.records.packed_ids import NO_IDS, NO_PREFIXES, Ids
from langsmith_core.records.packed_marks import Mark, Marks
from langsmith_core.streams.annotation_queues import ReadQueues
from langsmith_core.streams.bounds import Bounds, Past
from langsmith_core.streams.context import Scope
from langsmith_core.streams.dataset_versions import NewestVersion
from langsmith_core.streams.example_versions import WholeVersion
from langsmith_core.streams.feedback_edits import EditedFeedback, EditedRuns
from langsmith_core.streams.feedback_of_runs import FeedbackOfRuns
from langsmith_core.streams.kinds import Item
from langsmith_core.streams.ledgers import Versions
from langsmith_core.streams.limits import GATHERED, IDS_MAX, LIST_ROWS_MAX
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.memory import Examples, Feedback, Memory, Projects, Prompts, Queue, Runs, Usage
from langsmith_core.streams.offset_trail import TAIL, Trail
from langsmith_core.streams.projects import JUDGED_MAX, FindProjects, ListProjects
from langsmith_core.streams.prompt_commits import PromptCommits
from langsmith_core.streams.prompt_heads import Heads
from langsmith_core.streams.prompts import ListPrompts
from langsmith_core.streams.queue_items import QueueItems
from langsmith_core.streams.registry import BY_TABLE, DATASET, PROJECT
from langsmith_core.streams.run_queries import CURSOR_MAX
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.streams.runs_unfinished import UNFINISHED_MAX
from langsmith_core.streams.usage_days import UsageDays
from langsmith_core.sync.failing import LATER_MAX
from langsmith_core.sync.payloads_missing import PROJECTS_MAX
from langsmith_core.sync.state import Backfill, Look, State, Task
from samples import NOW

DAY = timedelta(days=1)


def ids(count: int, first: int = 0) -> Ids:
    """So many ids, as different as ids are."""
    return Ids(
        str(UUID(int=(first + number) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128, version=4)) for number in range(count)
    )


def marks(count: int) -> Marks:
    """Marks of so many rows."""
    return Marks({number.to_bytes(4, "big"): Mark(number, number.to_bytes(8, "big")) for number in range(count)})


def _tasks(*work: Item) -> tuple[Task, ...]:
    return tuple(Task(one) for one in work)


RUNS = RunWindow(
    lo=NOW - 400 * DAY,
    hi=NOW,
    parents=ids(IDS_MAX),
    top=NOW,
    floor=NOW - 7 * DAY,
    ceiling=NOW,
    cursor="c" * CURSOR_MAX,
    limit=1_000,
    refused=3,
    ended_since=NOW,
)
ASIDE = replace(RUNS, cursor=None, refused=0)
"""A batch of projects that fails."""
MARKED = RunsById(lo=RUNS.lo, hi=NOW, ids=ids(IDS_MAX, 9), parents=ids(1))
"""A project's runs whose payloads could not be had."""
HALVES = tuple(replace(ASIDE, parents=RUNS.parents[:count]) for count in (25, 12, 6, 3, 2, 1, 1))
"""A batch of which one project fails, halved until it stands alone."""
GATHERING = ids(GATHERED + LIST_ROWS_MAX - 1, 5)
"""As many parents as a list gathers: one less than a query, and a page."""
KNOWN = ids(2_000)
TRAIL = Trail(ids(TAIL), 10**6, 10, 2, 30, 10_000, loose=True, digest="0" * 16, before="1" * 16)
PLACE: dict[str, Any] = {"offset": 10**6, "anchor": ids(1)[0], "trail": TRAIL, "limit": 100}
PROJECTS = ListProjects(seen=KNOWN[500:750], unseen=KNOWN[750:1_000], stats_seen=True, **PLACE)
DATASETS = ListAll(table=DATASET.name, seen=KNOWN[:250], unseen=KNOWN[250:500], **PLACE)
VERSION = WholeVersion(dataset=ids(1)[0], seen=NOW, version=NOW, unversioned=True, **PLACE)
FAILED = (Task(ASIDE, "failed"),) * LATER_MAX
OWED = (Task(MARKED, "payload", NOW),) * PROJECTS_MAX
AGENDAS: dict[str, tuple[Task, ...]] = {
    "projects": _tasks(RUNS, *HALVES, RunWindow(lo=RUNS.lo, hi=NOW, waiting=GATHERING), PROJECTS),
    "datasets": _tasks(VERSION, NewestVersion(GATHERING), LookUp(DATASET.name, KNOWN[500:1_000])),
    "edited feedback": (
        *(Task(FeedbackOfRuns(runs=ids(IDS_MAX), **PLACE)) for _ in range(4)),
        Task(EditedRuns(lo=RUNS.lo, hi=NOW, waiting=NO_IDS, parents=ids(IDS_MAX), top=NOW, cursor=RUNS.cursor, edited_since=NOW)),
        Task(EditedFeedback(done=50)),
    ),
    "queues": _tasks(
        QueueItems(
            queue=ids(1)[0], mark="0" * 8, section=2, cursor="c" * CURSOR_MAX, again=True, unsure=True, refused=3, pages=9_999
        ),
        ReadQueues(dict.fromkeys(GATHERING, "0" * 8)),
        ListAll(table="langsmith_annotation_queue", seen=KNOWN[:50], unseen=KNOWN[50:100], **PLACE),
    ),
    "prompts": _tasks(
        PromptCommits(waiting=ids(LIST_ROWS_MAX), list_offset=10**6, head="0" * 16, met=True, second=True, whole=True, **PLACE),
        ListPrompts(seen=KNOWN[:50], unseen=KNOWN[50:100], again=True, **PLACE),
        UsageDays(lo=NOW - 30 * DAY, hi=NOW, at=NOW, since=NOW - 400 * DAY, past="2026-06-01T00:00:00.000000Z " + ids(1)[0]),
    ),
    "retrying": (*FAILED, *OWED),
}
"""What is in hand, by the moment of a look."""


def fullest(moment: str) -> State:
    """All of it at once: the lists of the configuration, of the source, and of what failed."""
    retrying = moment == "retrying"
    bounds = Bounds(NOW, NOW, NOW, NOW, NOW, NOW, first_feedback=True, deep=True, light=True)
    past = _tasks(RUNS, *HALVES, RunWindow(lo=RUNS.lo, hi=NOW, waiting=GATHERING), _find())
    broken = Task(DATASETS, "broken")
    return State(
        source=SOURCE,
        api="v2",
        done_to=NOW,
        begun=NOW,
        scope=Scope(NOW, "0123456789abcdef-0123456789abcdef", tuple(BY_TABLE)),
        projects=ids(1_000, 3),
        left_out=ids(1_000, 2_003),
        not_offered=tuple(name for name, stream in BY_TABLE.items() if stream.optional),
        look=Look(bounds, AGENDAS[moment], tuple(BY_TABLE), calls=10**6, retrying=retrying, returned=True),
        backfill=Backfill(Past(NOW - 400 * DAY, NOW, ids(1_000, 3)), past),
        later=(broken,) if retrying else (broken, *FAILED, *OWED),
        memory=Memory(
            {PROJECT.name: KNOWN[1_000:1_500], DATASET.name: KNOWN[1_500:]},
            Projects(stats_served=False),
            Examples(Versions(dict.fromkeys(ids(500), NOW)), begun=Versions(dict.fromkeys(ids(100, 500), NOW))),
            Runs(unfinished(UNFINISHED_MAX), NOW, plain=True, own_usage="refused", v1_before=NOW, v1_gone=True),
            Feedback(NO_PREFIXES.with_more(ids(JUDGED_MAX), JUDGED_MAX), edits_served=False),
            {queue: Queue("0" * 8, KNOWN[:40], KNOWN[40:46]) for queue in ids(20)},
            Prompts(Heads({number.to_bytes(4, "big"): number.to_bytes(8, "big") for number in range(600)}), "root"),
            Usage(NOW, NOW),
        ),
        overlapped_to=NOW,
        heavy=True,
        reconciled=NOW,
        answered=NOW,
        weights=dict.fromkeys(BY_TABLE, 10**8),
        empties=9,
        newest=dict.fromkeys(BY_TABLE, NOW),
        delivered=marks(1_000),
    )


def _find() -> FindProjects:
    return FindProjects(lo=RUNS.lo, hi=NOW, ended_since=NOW, stats_seen=True, **PLACE)
