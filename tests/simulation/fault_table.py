"""The table of faults: what LangSmith or the network does wrong, and how a call reacts. docs/faults.md shows it.

Here: the data, and its rendering as lines of that page. The state machine plays the table, and the faults beside it. The tests
that prove the rows are test_faults, test_faults_lasting and test_faults_wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OFTEN, HEAVY, ONCE = 6, 3, 1
"""How often a request is tried before its failure fails the call."""
HTML = {"content_type": "text/html", "body": "<html><body>no answer of LangSmith's</body></html>"}
EMPTY = {"content_type": "", "body": b""}
RATE = "LangSmith's rate limit is reached"
PACE = "this call ran out of time while it waited for LangSmith's rate limit"
"""After rate limits a call may have no time left for its next request. It ends with this message; the next call continues."""
BETWEEN = "a proxy or firewall answered in LangSmith's place"
ELSEWHERE = "LANGSMITH_BASE_URL: LangSmith redirects to another address, and the key must not follow"


@dataclass(frozen=True)
class FaultCase:
    """One row: a fault of the simulator, and how the product reacts."""

    name: str
    fault: dict[str, Any]
    attempts: int
    status: int
    """The status of a call that got nothing."""
    says: str
    """The beginning of its `errorMessage`."""

    @property
    def of_a_part(self) -> bool:
        """Whether the fault can concern a single project. Keys and rate limits concern the whole workspace."""
        return self.status not in (401, 403) and self.says != RATE


TABLE = (
    FaultCase("429, Retry-After in seconds", {"status": 429, "headers": {"Retry-After": "7"}}, OFTEN, 503, RATE),
    FaultCase(
        "429, Retry-After as a date",
        {"status": 429, "headers": {"Retry-After": "Mon, 01 Jun 2026 00:00:45 GMT"}},
        OFTEN,
        503,
        RATE,
    ),
    FaultCase("429, no Retry-After", {"status": 429, "body": {"detail": "Rate limit exceeded"}}, OFTEN, 503, RATE),
    FaultCase("429, Retry-After that is no time", {"status": 429, "headers": {"Retry-After": "soon"}}, OFTEN, 503, RATE),
    FaultCase("429, Retry-After of years", {"status": 429, "headers": {"Retry-After": "999999999"}}, ONCE, 503, RATE),
    FaultCase("429, empty body", {"status": 429, **EMPTY}, OFTEN, 503, RATE),
    FaultCase("500, HTML", {"status": 500, **HTML}, OFTEN, 502, "LangSmith failed"),
    FaultCase("500, empty body", {"status": 500, **EMPTY}, OFTEN, 502, "LangSmith failed"),
    FaultCase("502, HTML", {"status": 502, **HTML}, HEAVY, 502, "LangSmith's gateway failed"),
    FaultCase("502, empty body", {"status": 502, **EMPTY}, HEAVY, 502, "LangSmith's gateway failed"),
    FaultCase("503, HTML", {"status": 503, **HTML}, OFTEN, 503, "LangSmith is unavailable"),
    FaultCase("503, empty body", {"status": 503, **EMPTY}, OFTEN, 503, "LangSmith is unavailable"),
    FaultCase("504, HTML", {"status": 504, **HTML}, HEAVY, 503, "LangSmith's gateway timed out"),
    FaultCase("504, empty body", {"status": 504, **EMPTY}, HEAVY, 503, "LangSmith's gateway timed out"),
    FaultCase("connection reset", {"reset": True}, OFTEN, 503, "the connection to LangSmith failed"),
    FaultCase("answer cut off", {"truncate": 0.6}, OFTEN, 502, "LangSmith's answer broke off"),
    FaultCase("no answer within a minute", {"slow": 90.0}, HEAVY, 503, "LangSmith did not answer in time"),
    FaultCase("200, HTML", {"status": 200, **HTML}, OFTEN, 502, BETWEEN),
    FaultCase("200, text/plain", {"status": 200, "content_type": "text/plain", "body": "[]"}, OFTEN, 502, BETWEEN),
    FaultCase("403, HTML of a firewall", {"status": 403, **HTML}, OFTEN, 502, BETWEEN),
    FaultCase("redirect to another host", {"redirect": "https://elsewhere.example/api"}, ONCE, 502, ELSEWHERE),
    FaultCase(
        "redirect to another port",
        {"redirect": "https://api.smith.langchain.com:8443/api", "status": 301},
        ONCE,
        502,
        ELSEWHERE,
    ),
    FaultCase(
        "401", {"status": 401, "body": {"detail": "Invalid token"}}, ONCE, 401, "LANGSMITH_API_KEY: LangSmith refuses the key"
    ),
    FaultCase(
        "403 of LangSmith's own",
        {"status": 403, "body": {"detail": "Forbidden"}},
        ONCE,
        403,
        "LANGSMITH_TENANT_ID: the key may not read this workspace",
    ),
)

MOVING: Mapping[str, tuple[dict[str, Any], int | None]] = {
    "cursor expires": ({"cursor": "expire"}, 502),
    "cursor repeats": ({"cursor": "repeat"}, 502),
    "list shifts down": ({"offset_shift": 1}, None),
    "list shifts up": ({"offset_shift": -2}, None),
}
"""Changes between two pages of one reading, by name: the fault, and the status with which a call may fail."""
PLAYED: Mapping[str, tuple[dict[str, Any], int | None]] = {
    **{row.name: (row.fault, row.status) for row in TABLE},
    "429, Retry-After of ten minutes": ({"status": 429, "headers": {"Retry-After": "600"}}, 503),
    "500 of LangSmith's own": ({"status": 500, "body": {"detail": "Internal server error"}}, 502),
    "400": ({"status": 400, "body": {"detail": "no"}}, 502),
    "answer lost": ({"lose_answer": True}, 503),
    "200, JSON cut short": ({"status": 200, "body": b'{"detail": '}, 502),
    "answer after twenty seconds": ({"slow": 20.0}, 503),  # longer than the shortest calls wait
    "answer that drips": ({"drip": 30.0}, 503),
}
"""Faults that the state machine plays: the table, and some that it lacks. A 404 is no fault: it says that a record is gone."""

STORIES = {
    "test_bursts_of_429": ("429 in bursts", "asks again, and slower from then on", "nothing"),
    "test_an_answer_that_goes_on_dripping": (
        "an answer that drips for more than three minutes",
        "breaks it off; asks 3 times, then for smaller pages",
        "as for no answer within a minute",
    ),
    "test_answers_that_never_end": (
        "an answer without an end: headers, `100 Continue`, a TLS handshake, packed data that holds nothing",
        "breaks it off when the call ends; the next call asks for smaller pages",
        "503: `this call ran out of time before LangSmith answered…`",
    ),
    "test_a_call_too_short_for_anything_says_so": (
        "answers that take longer than a whole call",
        "breaks them off; the next call asks for smaller pages",
        "503: `this call ran out of time before LangSmith answered…`",
    ),
    "test_names_that_are_slow_to_look_up_are_looked_up_in_several_calls": (
        "names in PROJECTS that take longer to look up than a call has",
        "keeps what it found; the next call looks up the others",
        "nothing but more calls",
    ),
    "test_storage_that_drips_holds_no_call": (
        "object storage that drips",
        "delivers the row without that payload when the call's time ends; reads it again in every sync for two days",
        "`_not_fetched` in the column; a line in the log",
    ),
    "test_a_key_refused_in_the_middle": (
        "401 in the middle of a sync",
        "keeps what came before; the next call continues from there",
        "401 from the next call on, until the key is good",
    ),
    "test_an_endpoint_that_is_refused_leaves_its_stream_out": (
        "403 or 404 of feedback configurations, annotation queues or their items alone",
        "leaves that table out until the daily pass; reads the others, deletes nothing",
        "a line in the log; `left_out` in the status",
    ),
    "test_trouble_with_one_project": (
        "one project, list or dataset that always fails",
        "puts it aside, delivers the others; tries it again in every sync",
        "502 or 503 at the end of the sync; `put_aside` in the status",
    ),
    "test_follow_up_pages_that_always_fail": (
        "first pages answer, later ones never",
        "delivers what it got; puts the rest aside",
        "502 or 503 at the end of the sync",
    ),
    "test_cursors_die_between_calls": (
        "page cursors that die",
        "asks for the window again, from the last row",
        "a line in the log",
    ),
    "test_a_list_that_shifts_for_ever": (
        "a list whose rows come and go under every page",
        "steps back to a known row; after 30 pages without anything new, asks for known records by id, or for smaller parts",
        "a line in the log; the next sync reads what is new",
    ),
    "test_an_address_of_the_object_storage_that_has_expired": (
        "an expired address of object storage, or a proxy that answers in its place",
        "delivers the row without that payload; reads it again in every sync for two days",
        "`_not_fetched` in the column; a line in the log",
    ),
    "test_ten_thousand_projects": (
        "no trouble, but ten thousand projects",
        "lists all, asks for the runs of the active ones; Fivetran's state knows 2,000 by id",
        "nothing; past 2,000 in Fivetran a log line says that deletes are missed",
    ),
    "test_no_answer_takes_more_memory_than_a_function_has": (
        "an answer of more than 64 MB, or one without an end",
        "breaks it off; asks for smaller pages; puts it aside if one record is still too large",
        "502 at the end of the sync; `put_aside` in the status",
    ),
    "test_a_run_of_70_mb_among_others": (
        "one run or example of more than 64 MB",
        "asks for it without its payloads and delivers that row; the others come whole",
        "`_not_fetched` in its columns; a line in the log",
    ),
    "test_a_page_longer_than_asked": (
        "more records in a page than were asked for",
        "takes as many as it asked for, and continues behind them",
        "nothing",
    ),
    "test_langsmith_is_down_for_an_hour": (
        "LangSmith down for an hour",
        "moves nothing; the first call after the hour continues",
        "502 or 503 from every call",
    ),
}
"""Trouble that no single fault shows, by the test that proves it: the trouble, what a call does, what the user sees."""
DOES = {
    OFTEN: "asks up to 6 times",
    HEAVY: "asks 3 times, then for smaller pages",
    ONCE: "does not ask again",
}


def lines() -> list[str]:
    """Return the rows of the page: the trouble, what a call does, what the user sees."""
    plain = [f"| {row.name} | {DOES[row.attempts]} | {row.status}: `{row.says}…` |" for row in TABLE]
    return plain + [f"| {' | '.join(cells)} |" for cells in STORIES.values()]
