"""One state whose every field is set, as values and as the JSON that is kept."""

from __future__ import annotations

from sync.states import SOURCE

from langsmith_core.completeness.position import Position, Short
from langsmith_core.records.packed_ids import NO_PREFIXES, Ids
from langsmith_core.records.packed_marks import Mark, Marks
from langsmith_core.streams.bounds import Bounds, Past
from langsmith_core.streams.context import Scope
from langsmith_core.streams.feedback_of_runs import FeedbackOfRuns
from langsmith_core.streams.ledgers import OpenRun, OpenRuns, Versions
from langsmith_core.streams.listing import ListAll
from langsmith_core.streams.look_up import LookUp
from langsmith_core.streams.memory import Examples, Feedback, Memory, Projects, Prompts, Runs, Usage
from langsmith_core.streams.offset_trail import Trail
from langsmith_core.streams.prompt_heads import Heads
from langsmith_core.streams.run_window import RunWindow
from langsmith_core.streams.runs_by_id import RunsById
from langsmith_core.sync.state import Backfill, Look, LookedUp, Pass, Running, State, Task, Trouble
from samples import NOW

FRESH = {"version": 2, "source": SOURCE}
WHEN = "2026-06-01T00:00:00Z"
A, B = "00000000-0000-4000-8000-000000000001", "ffffffff-ffff-4fff-bfff-ffffffffffff"
IDS_A, IDS_B = "00000002M$fB*mh00001", "|NsC0|Nl?_zyJUL|NsC0"
"""The packed texts of A and of B: 20 characters of base 85 for the 16 bytes of an id."""
BOUNDS = dict.fromkeys(("until", "oldest", "runs_from", "feedback_from"), WHEN)
TRAIL = Trail(ids=Ids([A]), home=98, drift=1, probes=2, repeats=3, pages=4, loose=True, digest="d", before="e")
LISTING = ListAll(table="langsmith_dataset", offset=99, anchor=A, trail=TRAIL, limit=50, seen=Ids([A]), unseen=Ids([B]), past=A)
QUERY = RunWindow(
    lo=NOW, hi=NOW, waiting=Ids([B]), parents=Ids([A]), top=NOW, floor=NOW, ceiling=NOW, cursor="c", limit=9, refused=1
)
SHORT = Short("langsmith_run", A, 9, 8, NOW)
FULL = State(
    source=SOURCE,
    api="v2",
    done_to=NOW,
    begun=NOW,
    scope=Scope(start_time=NOW, names="0123456789abcdef", off=("langsmith_example",)),
    projects=Ids([A]),
    left_out=Ids([B]),
    looked_up=LookedUp("f" * 32, Ids([A]), NOW),
    meant="m",
    not_offered=("langsmith_feedback_config",),
    look=Look(
        bounds=Bounds(NOW, NOW, NOW, NOW, since=NOW, touched_since=NOW, first_feedback=True, deep=True, light=True),
        agenda=(Task(LISTING), Task(RunsById(lo=NOW, hi=NOW, ids=Ids([A]), parents=Ids([B])), "failed")),
        to_open=("langsmith_feedback",),
        calls=5,
        retrying=True,
        returned=True,
    ),
    backfill=Backfill(Past(NOW, NOW, Ids([B])), (Task(QUERY),)),
    later=(
        Task(LookUp("langsmith_project", Ids([B])), "failed"),
        Task(FeedbackOfRuns(runs=Ids([A, B])), "failed"),
        Task(RunWindow(lo=NOW, hi=NOW, waiting=Ids([A])), "payload", NOW),
        Task(LISTING, "broken"),
    ),
    memory=Memory(
        lists={"langsmith_project": Ids([A])},
        projects=Projects(stats_served=False),
        examples=Examples(Versions({A: NOW}), begun=Versions({B: NOW})),
        runs=Runs(OpenRuns([OpenRun(NOW, A, B)]), NOW, plain=True, own_usage="refused", v1_before=NOW, v1_gone=True),
        feedback=Feedback(NO_PREFIXES.with_more([B], 1), edits_served=False),
        prompts=Prompts(Heads({b"\0\0\0\1": b"12345678"}), "root"),
        usage=Usage(NOW, NOW),
    ),
    overlapped_to=NOW,
    heavy=True,
    reconciled=NOW,
    answered=NOW,
    weights={"langsmith_run": 75_000},
    empties=3,
    newest={"langsmith_run": NOW},
    delivered=Marks({b"\0\0\0\1": Mark(1_790_000_000, b"12345678")}),
    passes=(Pass(NOW, 1.5, {"langsmith_run": 1}, 1, 2, 3, True, 4, rate_limited=5),),
    trouble=Trouble(NOW, 502, "LangSmith failed"),
    running=Running(NOW, NOW, {"langsmith_run": 1}, 2),
    turn=7,
    completeness=Position(NOW, NOW, "all", NOW, 100, (SHORT,), rereading=True, gaps=(SHORT,), counted=7, unknown=2),
)
LISTED = {
    "kind": "ListAll",
    "table": "langsmith_dataset",
    "offset": 99,
    "anchor": A,
    "trail": {
        "ids": IDS_A,
        "home": 98,
        "drift": 1,
        "probes": 2,
        "repeats": 3,
        "pages": 4,
        "loose": True,
        "digest": "d",
        "before": "e",
    },
    "limit": 50,
    "seen": IDS_A,
    "unseen": IDS_B,
    "past": A,
}
WINDOW = {"lo": WHEN, "hi": WHEN}
FULL_JSON = {
    "version": 2,
    "source": SOURCE,
    "api": "v2",
    "done_to": WHEN,
    "begun": WHEN,
    "scope": {"start_time": WHEN, "names": "0123456789abcdef", "off": ["langsmith_example"]},
    "projects": IDS_A,
    "left_out": IDS_B,
    "looked_up": {"proof": "f" * 32, "ids": IDS_A, "at": WHEN},
    "meant": "m",
    "not_offered": ["langsmith_feedback_config"],
    "look": {
        "bounds": {**BOUNDS, "since": WHEN, "touched_since": WHEN, "first_feedback": True, "deep": True, "light": True},
        "agenda": [
            {"work": LISTED},
            {"work": {"kind": "RunsById", **WINDOW, "ids": IDS_A, "parents": IDS_B}, "reason": "failed"},
        ],
        "to_open": ["langsmith_feedback"],
        "calls": 5,
        "retrying": True,
        "returned": True,
    },
    "backfill": {
        "past": {**WINDOW, "skip": IDS_B},
        "agenda": [
            {
                "work": {
                    "kind": "RunWindow",
                    **dict.fromkeys(("lo", "hi", "top", "floor", "ceiling"), WHEN),
                    "waiting": IDS_B,
                    "parents": IDS_A,
                    "cursor": "c",
                    "limit": 9,
                    "refused": 1,
                }
            }
        ],
    },
    "later": [
        {"work": {"kind": "LookUp", "table": "langsmith_project", "ids": IDS_B}, "reason": "failed"},
        {"work": {"kind": "FeedbackOfRuns", "runs": IDS_A + IDS_B}, "reason": "failed"},
        {"work": {"kind": "RunWindow", **WINDOW, "waiting": IDS_A}, "reason": "payload", "since": WHEN},
        {"work": LISTED, "reason": "broken"},
    ],
    "memory": {
        "lists": {"langsmith_project": IDS_A},
        "projects": {"stats_served": False},
        "examples": {"versions": IDS_A + "00vVf;3?n$", "begun": IDS_B + "00vVf;3?n$"},
        "runs": {
            "unfinished": "Y8=ae" + IDS_A + IDS_B,
            "overflow": WHEN,
            "plain": True,
            "own_usage": "refused",
            "v1_before": WHEN,
            "v1_gone": True,
        },
        "feedback": {"judged": "|NsC0", "edits_served": False},
        "prompts": {"heads": "00001F)}kWH8wXm", "commits_at": "root"},
        "usage": {"since": WHEN, "at": WHEN},
    },
    "overlapped_to": WHEN,
    "heavy": True,
    "reconciled": WHEN,
    "answered": WHEN,
    "weights": {"langsmith_run": 75_000},
    "empties": 3,
    "newest": {"langsmith_run": WHEN},
    "delivered": "YOy<j00001F)}kWH8wXm",
    "passes": [
        {
            "ended": WHEN,
            "seconds": 1.5,
            "rows": {"langsmith_run": 1},
            "requests": 1,
            "retries": 2,
            "rejected": 3,
            "has_more": True,
            "skew_seconds": 4,
            "rate_limited": 5,
        }
    ],
    "trouble": {"at": WHEN, "status": 502, "message": "LangSmith failed"},
    "running": {"begun": WHEN, "at": WHEN, "rows": {"langsmith_run": 1}, "requests": 2},
    "turn": 7,
    "completeness": {
        "of": WHEN,
        "checked_at": WHEN,
        "meaning": "all",
        "day": WHEN,
        "offset": 100,
        "short": [{"table": "langsmith_run", "parent_id": A, "source": 9, "destination": 8, "day": WHEN}],
        "rereading": True,
        "gaps": [{"table": "langsmith_run", "parent_id": A, "source": 9, "destination": 8, "day": WHEN}],
        "counted": 7,
        "unknown": 2,
    },
}
