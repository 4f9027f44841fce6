"""Any state that the program may write, as Hypothesis strategies: every part of it, and every kind of work."""

from __future__ import annotations

from typing import Any, get_args

from hypothesis import strategies as st
from msgspec.structs import replace

from langsmith_core.privacy.matches import Matched
from langsmith_core.records.packed_ids import NO_PREFIXES, Ids
from langsmith_core.records.packed_marks import Mark, Marks
from langsmith_core.records.times import DAY
from langsmith_core.streams import kinds, memory, registry
from langsmith_core.streams.annotation_queues import ReadQueues
from langsmith_core.streams.bounds import Bounds, Past
from langsmith_core.streams.context import Scope
from langsmith_core.streams.dataset_versions import NewestVersion, OlderVersions
from langsmith_core.streams.example_versions import RemovedExamples, StillThere, WholeVersion
from langsmith_core.streams.examples import ChangedExamples, Weigh
from langsmith_core.streams.feedback import FeedbackWindow
from langsmith_core.streams.feedback_edits import EditedFeedback, EditedRuns
from langsmith_core.streams.feedback_of_runs import FeedbackOfRuns
from langsmith_core.streams.ledgers import OpenRun, OpenRuns, Versions
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.offset_trail import Trail
from langsmith_core.streams.projects import FindProjects, ListProjects
from langsmith_core.streams.prompt_commits import PromptCommits
from langsmith_core.streams.prompt_heads import Heads
from langsmith_core.streams.prompts import ListPrompts
from langsmith_core.streams.queue_items import SECTIONS, QueueItems
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs import Unfinished
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.streams.usage_days import UsageDays
from langsmith_core.streams.work import Work
from langsmith_core.sync.state import SHARDS_MAX, Backfill, Look, LookedUp, Pass, Running, State, Task, Trouble
from samples import IDS, MOMENTS, NOW

SOURCE = "0123456789abcdef"
KINDS: tuple[type[Work], ...] = get_args(kinds.Item)
KNOWN = [stream.table.name for stream in registry.STREAMS if stream.listing and stream.listing.is_plain and stream.deleted]
"""Tables whose ids are known from look to look."""
TABLES = st.sampled_from(list(registry.BY_TABLE))
OPTIONAL = [stream.table.name for stream in registry.STREAMS if stream.optional]
CURSORS = st.none() | st.text(st.characters(codec="ascii"), min_size=1, max_size=40)
COUNTS, FLAGS, HEX = st.integers(0, 10**6), st.booleans(), st.text("0123456789abcdef", max_size=16)
WHEN = st.none() | MOMENTS
HEADS = st.text("0123456789abcdef", min_size=16, max_size=16)
PLAIN_IDS = st.lists(IDS, max_size=4, unique=True)
SOME_IDS = PLAIN_IDS.map(Ids)
FEW_IDS = SOME_IDS.filter(bool)
TRAILS = st.builds(
    Trail,
    ids=SOME_IDS,
    home=COUNTS,
    drift=COUNTS,
    probes=COUNTS,
    repeats=COUNTS,
    pages=COUNTS,
    loose=FLAGS,
    digest=HEX,
    before=HEX,
)
PLACE: dict[str, st.SearchStrategy[Any]] = {
    "offset": COUNTS,
    "anchor": st.none() | IDS,
    "trail": st.none() | TRAILS,
    "limit": COUNTS,
}
LISTED = {**PLACE, "seen": SOME_IDS, "unseen": SOME_IDS, "past": st.none() | IDS}
VERSION = {"dataset": IDS, "seen": MOMENTS}
RUNS = {"waiting": FEW_IDS, "parents": SOME_IDS, "top": WHEN, "cursor": CURSORS, "limit": COUNTS, "refused": COUNTS}


def spans(kind: type[Work], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Work on a time window, which has an order."""
    ordered = st.tuples(MOMENTS, MOMENTS).map(sorted)
    return ordered.flatmap(lambda ends: st.builds(kind, lo=st.just(ends[0]), hi=st.just(ends[1]), **fields))


def windows(kind: type[RunWindow], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A run window, begun or not."""
    made = st.tuples(spans(kind, **RUNS, **fields), FLAGS)
    return made.map(lambda one: replace(one[0], floor=one[0].lo, ceiling=one[0].hi) if one[1] else one[0])


WORK: dict[type[Work], st.SearchStrategy[Any]] = {
    ListAll: st.builds(ListAll, table=st.sampled_from(KNOWN), **LISTED),
    ListProjects: st.builds(ListProjects, stats_seen=FLAGS, **LISTED),
    FindProjects: spans(FindProjects, ended_since=WHEN, stats_seen=FLAGS, **LISTED),
    LookUp: st.builds(LookUp, table=st.sampled_from(KNOWN), ids=FEW_IDS),
    RunWindow: windows(RunWindow, ended_since=WHEN),
    RunsById: spans(RunsById, ids=FEW_IDS, parents=SOME_IDS, cursor=CURSORS, limit=COUNTS),
    Unfinished: st.builds(Unfinished, start=COUNTS, run_id=IDS),
    EditedFeedback: st.builds(EditedFeedback, done=COUNTS),
    EditedRuns: windows(EditedRuns, edited_since=MOMENTS),
    FeedbackWindow: spans(FeedbackWindow, parents=SOME_IDS, onward=FLAGS, **PLACE),
    FeedbackOfRuns: st.builds(FeedbackOfRuns, runs=FEW_IDS, **PLACE),
    NewestVersion: st.builds(NewestVersion, waiting=FEW_IDS),
    OlderVersions: st.builds(OlderVersions, dataset=IDS, known=WHEN, **PLACE),
    WholeVersion: st.builds(WholeVersion, version=MOMENTS, unversioned=FLAGS, **VERSION, **PLACE),
    ChangedExamples: st.builds(
        ChangedExamples,
        lo=MOMENTS,
        hi=MOMENTS,
        past=st.none() | IDS,
        weighed=FLAGS,
        unversioned=FLAGS,
        limit=COUNTS,
        **VERSION,
    ),
    RemovedExamples: st.builds(RemovedExamples, before=MOMENTS, version=MOMENTS, **VERSION, **PLACE),
    StillThere: st.builds(StillThere, version=MOMENTS, ids=FEW_IDS, **VERSION),
    ReadQueues: st.builds(ReadQueues, waiting=st.dictionaries(IDS, HEX, min_size=1, max_size=3)),
    QueueItems: st.builds(
        QueueItems,
        queue=IDS,
        mark=HEX,
        section=st.integers(0, len(SECTIONS) - 1),
        cursor=CURSORS,
        again=FLAGS,
        unsure=FLAGS,
        refused=COUNTS,
        pages=COUNTS,
        limit=COUNTS,
    ),
    ListPrompts: st.builds(ListPrompts, again=FLAGS, **{**LISTED, "past": st.none()}),
    PromptCommits: st.builds(
        PromptCommits,
        waiting=FEW_IDS,
        list_offset=COUNTS,
        list_rows=st.integers(1, 100),
        head=HEADS | st.just(""),
        met=FLAGS,
        second=FLAGS,
        whole=FLAGS,
        **PLACE,
    ),
    UsageDays: st.tuples(MOMENTS, st.integers(1, 400), st.integers(0, 300), st.text("0123456789 TZ:-", max_size=9)).map(
        lambda one: UsageDays(
            since=one[0], lo=one[0] + one[2] * DAY, hi=one[0] + (one[1] + one[2]) * DAY, at=one[0] + 700 * DAY, past=one[3]
        )
    ),
    Weigh: st.builds(Weigh, lo=MOMENTS, hi=MOMENTS, changed=COUNTS, **VERSION),
}
PAYLOADS = st.builds(Task, work=WORK[RunWindow] | WORK[RunsById], reason=st.just("payload"), since=MOMENTS)
IN_HAND = st.builds(Task, work=st.one_of(*WORK.values()), reason=st.sampled_from([None, "failed"])) | PAYLOADS
FAILED = st.builds(Task, work=st.one_of(*WORK.values()), reason=st.just("failed"))
BROKEN = st.builds(
    Task, work=WORK[ListAll] | WORK[ListPrompts] | WORK[ListProjects] | WORK[FindProjects], reason=st.just("broken")
)


def tasks(one: st.SearchStrategy[Task]) -> st.SearchStrategy[tuple[Task, ...]]:
    """A few tasks."""
    return st.lists(one, max_size=3).map(tuple)


BOUNDS = st.builds(
    Bounds,
    until=MOMENTS,
    oldest=MOMENTS,
    runs_from=MOMENTS,
    feedback_from=MOMENTS,
    since=WHEN,
    touched_since=WHEN,
    first_feedback=FLAGS,
    deep=FLAGS,
    light=FLAGS,
)
LOOKS = st.builds(
    Look,
    bounds=BOUNDS,
    agenda=tasks(IN_HAND),
    to_open=st.lists(TABLES, unique=True).map(tuple),
    calls=COUNTS,
    retrying=FLAGS,
    returned=FLAGS,
)
OF_THE_PAST = st.builds(Task, work=WORK[FindProjects] | WORK[RunWindow])
PASTS = st.builds(Past, lo=MOMENTS, hi=MOMENTS, skip=SOME_IDS)
GIVEN = st.builds(Backfill, past=PASTS, given=st.integers(1, SHARDS_MAX))
BACKFILLS = st.builds(Backfill, past=PASTS, agenda=tasks(OF_THE_PAST)) | GIVEN
MARKS = st.builds(Mark, start=st.integers(0, 2**32 - 1), look=st.binary(min_size=8, max_size=8))
OPEN_RUNS = st.builds(OpenRun, start=MOMENTS.map(lambda at: at.replace(microsecond=0)), run_id=IDS, project_id=IDS)
VERSIONS = st.dictionaries(IDS, MOMENTS, max_size=4).map(Versions)
MEMORIES = st.builds(
    memory.Memory,
    lists=st.dictionaries(st.sampled_from(KNOWN), SOME_IDS),
    projects=st.builds(memory.Projects, stats_served=FLAGS),
    examples=st.builds(memory.Examples, versions=VERSIONS, begun=VERSIONS),
    runs=st.builds(
        memory.Runs,
        unfinished=st.lists(OPEN_RUNS, max_size=4).map(OpenRuns),
        overflow=WHEN,
        plain=FLAGS,
        own_usage=st.sampled_from([None, "refused", "ignored"]),
        v1_before=WHEN,
        v1_gone=FLAGS,
    ),
    queues=st.dictionaries(IDS, st.builds(memory.Queue, mark=HEX, items=SOME_IDS, unseen=SOME_IDS), max_size=3),
    prompts=st.builds(
        memory.Prompts,
        heads=st.dictionaries(st.binary(min_size=4, max_size=4), st.binary(min_size=8, max_size=8), max_size=3).map(Heads),
        commits_at=st.sampled_from([None, "api", "root"]),
    ),
    usage=st.builds(memory.Usage, since=WHEN, at=WHEN),
    feedback=st.builds(memory.Feedback, judged=PLAIN_IDS.map(lambda ids: NO_PREFIXES.with_more(ids, 4)), edits_served=FLAGS),
)
PASSES = st.builds(
    Pass,
    ended=MOMENTS,
    seconds=st.floats(0, 10**6),
    rows=st.dictionaries(TABLES, COUNTS),
    requests=COUNTS,
    retries=COUNTS,
    rejected=COUNTS,
    has_more=FLAGS,
    skew_seconds=st.integers(-(10**6), 10**6),
    rules=st.dictionaries(st.text(max_size=9), st.builds(Matched, found=COUNTS, rows=COUNTS), max_size=2),
    rate_limited=COUNTS,
)
STATES: st.SearchStrategy[State] = st.builds(
    State,
    source=st.just(SOURCE),
    api=st.sampled_from([None, "v1", "v2"]),
    done_to=WHEN,
    turn=st.none() | COUNTS,
    begun=WHEN,
    scope=st.none() | st.builds(Scope, start_time=WHEN, names=HEX, off=st.lists(TABLES, unique=True).map(tuple)),
    projects=st.none() | SOME_IDS,
    left_out=SOME_IDS,
    looked_up=st.none() | st.builds(LookedUp, proof=HEX, ids=SOME_IDS, at=MOMENTS),
    meant=HEX,
    not_offered=st.lists(st.sampled_from(OPTIONAL), unique=True).map(tuple),
    look=st.none() | LOOKS,
    backfill=st.none() | BACKFILLS,
    later=tasks(FAILED | PAYLOADS | BROKEN),
    memory=MEMORIES,
    overlapped_to=WHEN,
    heavy=FLAGS,
    reconciled=WHEN,
    answered=WHEN,
    weights=st.dictionaries(TABLES, COUNTS),
    empties=st.integers(0, 9),
    newest=st.dictionaries(TABLES, MOMENTS),
    delivered=st.dictionaries(st.binary(min_size=4, max_size=4), MARKS, max_size=3).map(Marks),
    passes=st.lists(PASSES, max_size=2).map(tuple),
    trouble=st.none() | st.builds(Trouble, at=MOMENTS, status=st.integers(400, 503), message=st.text(max_size=20)),
    running=st.none() | st.builds(Running, begun=MOMENTS, at=MOMENTS, rows=st.dictionaries(TABLES, COUNTS), requests=COUNTS),
)


def unfinished(count: int) -> OpenRuns:
    """So many unfinished runs, each of a project of its own."""
    return OpenRuns(
        OpenRun(NOW.replace(month=5), f"{n:08}-0000-4000-8000-{n:012}", f"{n:08}-0000-4000-8000-000000000000")
        for n in range(count)
    )
