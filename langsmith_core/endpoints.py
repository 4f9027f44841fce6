"""How LangSmith is asked, and what its pages hold: every path and parameter but those of run queries.

Pure: a slice becomes a Call, an answer's body becomes a Page. Not here: sending, retrying, or what comes next.
Sources: the OpenAPI documents of June 2026 (v1) and May 2026 (v2 alpha), the SDK 0.15.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from msgspec import Struct

from langsmith_core import jsontext, ledger, run_queries
from langsmith_core.calls import Call, Only, Page
from langsmith_core.parsers import is_id
from langsmith_core.privacy import Hidden
from langsmith_core.rows import Row
from langsmith_core.state import Slice
from langsmith_core.streams import BY_TABLE, DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN
from langsmith_core.times import is_sane, parse, render

LIST_ROWS_MAX = 100
DIFFERENCE = ("examples_added", "examples_modified", "examples_removed")
EXAMPLE_SELECT = ("id", "created_at", "modified_at", "name", "dataset_id", "source_run_id", "metadata", "inputs", "outputs")
"""What an example is answered with where nothing is selected (OpenAPI document)."""


LEFT_OUT: Mapping[str, tuple[str, ...]] = {
    RUN.table: ("inputs", "outputs", "metadata", "feedback_stats", "raw"),
    EXAMPLE.table: ("outputs", "metadata", "raw"),
}
"""Columns of a record that is asked for without its payloads, since it is too large to be read whole. Of an example, inputs come
whatever is selected (OpenAPI document)."""


class List(Struct, frozen=True):
    """An offset list: its path, the parameters that take the slice's parents and ids, what is always sent, its window.

    Without a parameter for ids, a record is asked for by its own path.
    """

    path: str
    parents: str
    fixed: tuple[tuple[str, str], ...] = ()
    bounds: tuple[str, str] | None = None
    ids: str = ""


LISTS: Mapping[str, List] = {
    # Oldest first: what is added while pages are read comes at the end and shifts nothing.
    PROJECT.table: List(
        "/api/v1/sessions", "id", (("include_stats", "true"), ("sort_by", "start_time"), ("sort_by_desc", "false"))
    ),
    DATASET.table: List("/api/v1/datasets", "id", (("sort_by", "created_at"), ("sort_by_desc", "false"))),
    EXAMPLE.table: List("/api/v1/examples", "dataset", (("order", "id"),), ids="id"),
    FEEDBACK.table: List("/api/v1/feedback", "session", bounds=("min_created_at", "max_created_at"), ids="run"),
}

PARENTS = (PROJECT.table, DATASET.table)
INFO = Call("GET", "/api/v1/info")
CREDENTIALS = Call("GET", "/api/v1/sessions", query=(("limit", "1"), ("include_stats", "false")))
"""`/info` needs no key, so it proves nothing; one project is the cheapest answer that does."""


def is_record(piece: Slice) -> bool:
    """Whether the slice is one parent, asked for by its own path: a 404 says that it is gone."""
    return bool(piece.ids) and piece.table != RUN.table and not LISTS[piece.table].ids


def is_whole(piece: Slice) -> bool:
    """Whether one page answers the slice: a record, or projects or datasets by their ids."""
    return is_record(piece) or (piece.table in PARENTS and bool(piece.parents))


def rows_max(table: str, api: str, page_size: int) -> int:
    """The page size to ask for: the configured one, capped by the endpoint's own maximum."""
    return min(page_size, run_queries.ROWS_MAX[api] if table == RUN.table else LIST_ROWS_MAX)


def call(
    piece: Slice,
    api: str,
    limit: int,
    keys: Sequence[str] = (),
    *,
    hidden: Hidden | None = None,
    only: Only = Only.ALL,
    totals: bool = True,
) -> Call:
    """The request for the slice's next page of at most `limit` rows; `keys` and `totals` are for runs (run_queries.call)."""
    if piece.table == RUN.table:
        return run_queries.call(piece, api, limit, keys, hidden=hidden, only=only, totals=totals)
    shape = LISTS[piece.table]
    if is_record(piece):
        stats = (("include_stats", "true"),) if piece.table == PROJECT.table else ()
        return Call("GET", f"{shape.path}/{_segment(piece.ids[0])}", query=stats)
    query = [*shape.fixed, *((shape.parents, parent) for parent in piece.parents), *((shape.ids, one) for one in piece.ids)]
    if shape.bounds and piece.lo and piece.hi:
        query += [(shape.bounds[0], render(piece.lo)), (shape.bounds[1], render(piece.hi))]
    elif piece.hi:
        query.append(("as_of", render(piece.hi)))
    query += _selected(piece.table, hidden, only)
    offset = 0 if piece.ids and piece.table == EXAMPLE.table else piece.offset
    return Call("GET", shape.path, query=(*query, ("offset", str(offset)), ("limit", str(limit))))


def _selected(table: str, hidden: Hidden | None, only: Only) -> list[tuple[str, str]]:
    """The fields to answer, where some are not to be asked for; examples alone can be cut so."""
    asked = hidden.asked(table, EXAMPLE_SELECT) if hidden and table == EXAMPLE.table else list(EXAMPLE_SELECT)
    asked = [name for name in asked if only is not Only.LIGHT or name not in LEFT_OUT.get(table, ())]
    return [] if len(asked) == len(EXAMPLE_SELECT) else [("select", name) for name in asked]


def named(name_or_id: str, *, is_id: bool) -> Call:
    """The project of exactly this name or id, if there is one."""
    return Call(
        "GET",
        LISTS[PROJECT.table].path,
        query=(("id" if is_id else "name", name_or_id), ("include_stats", "false"), ("limit", "1")),
    )


def by_ids(table: str, ids: tuple[str, ...]) -> Call:
    """Projects or datasets by id: at most 50, more are known to fail (langsmith-sdk #859)."""
    shape = LISTS[table]
    return Call("GET", shape.path, query=(*((shape.parents, one) for one in ids), ("limit", str(LIST_ROWS_MAX))))


def judged(projects: tuple[str, ...]) -> Call:
    """The same projects with their statistics, for the keys that feedback was given under."""
    query = (*by_ids(PROJECT.table, projects).query, ("include_stats", "true"))
    return Call("GET", LISTS[PROJECT.table].path, query=query)


def feedback_keys(body: bytes) -> tuple[str, ...]:
    """The feedback keys of a page of projects; none of what is no project. Raises MalformedError where it is no list."""
    found = [jsontext.picked(one, "feedback_stats") for one in listed(body, 3) if one.startswith(b"{")]
    stats = [bytes(one.get("feedback_stats", b"null")) for one in found]
    return tuple(sorted({key for one in stats if one.startswith(b"{") for key in jsontext.members(one)}))


def versions(dataset: str) -> Call:
    """The versions of a dataset, as many as a page holds; that the newest comes first is not documented."""
    return Call("GET", f"/api/v1/datasets/{_segment(dataset)}/versions", query=(("limit", str(LIST_ROWS_MAX)),))


def newest(body: bytes, now: datetime) -> datetime | None:
    """The newest of a dataset's versions; None where it has none.

    One that is no time, or of a time to come, is passed over. Raises MalformedError where all are, or it is no list.
    """
    fields = [jsontext.picked(one, "as_of").get("as_of", b"") if one.startswith(b"{") else one for one in listed(body)]
    told = [text for one in fields if (text := bytes(one))]
    found = [moment for text in told if (moment := _moment(text)) and moment < now + ledger.AHEAD]
    if told and not found:
        raise jsontext.MalformedError("a version of a dataset that is no time")
    return max(found, default=None)


def _moment(text: bytes) -> datetime | None:
    try:
        moment = parse(jsontext.text(text))
    except (ValueError, OverflowError):
        return None
    return moment if is_sane(moment) else None


def difference(piece: Slice) -> Call:
    """What was added, modified and removed between the two versions of an examples slice."""
    assert piece.lo is not None  # noqa: S101  only a slice between two versions has a difference
    assert piece.hi is not None  # noqa: S101
    query = (("from_version", render(piece.lo)), ("to_version", render(piece.hi)))
    return Call("GET", f"/api/v1/datasets/{_segment(piece.parents[0])}/versions/diff", query=query)


def changed(body: bytes) -> tuple[list[str], list[str]]:
    """Of a difference: the ids to read again, and those that are gone. Raises MalformedError where one is no id."""
    lists = jsontext.picked(jsontext.strict(body, 1), *DIFFERENCE)
    added, modified, removed = (jsontext.texts(lists.get(name, b"[]")) for name in DIFFERENCE)
    if not all(map(is_id, (*added, *modified, *removed))):
        raise jsontext.MalformedError("a difference of two versions names an example by what is no id")
    return sorted({*added, *modified}), removed


def _segment(text: str) -> str:
    """A part of a path that leads nowhere else, whatever it is: an id, or what stands in its place."""
    return quote(text, safe="").replace(".", "%2E")


def is_asked(piece: Slice, row: Row) -> bool:
    """Whether a row is one of those that the slice names by id: its own, or for feedback that of its run."""
    return not piece.ids or row["run_id" if piece.table == FEEDBACK.table else BY_TABLE[piece.table].key] in piece.ids


def listed(body: bytes, column_depth: int = 2) -> list[bytes]:
    """The records of a list that is asked for in one page. Raises MalformedError where it is none."""
    return jsontext.first(jsontext.strict(body, column_depth), LIST_ROWS_MAX)[0]


def page(piece: Slice, api: str, body: bytes, limit: int = jsontext.PAGE_MAX) -> Page:
    """Cut an answer into records, the first `limit` of them.

    Raises MalformedError where it has not the shape of the OpenAPI document.
    """
    if piece.table == RUN.table:
        return run_queries.page(api, body, limit)
    if is_record(piece):
        return Page([jsontext.strict(body, 1)])
    records, longer = jsontext.first(jsontext.strict(body, 2), limit)
    return Page(records, longer=longer)
