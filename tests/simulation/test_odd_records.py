"""One unreadable record among good ones: the good ones arrive whole, the sync ends, and no call fails.

odd_records.py makes such records, test_odd_values tests what arrives of them, test_faults tests malformed pages.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from simulation import odd_records
from simulation.axes import every_combination
from simulation.face_calls import TABLES, tables
from simulation.memory import in_memory
from simulation.odd_records import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN

from product import Table, World
from simulator import Fault
from simulator.messages import Request
from simulator.settings import Mode

MODES = pytest.mark.parametrize("mode", ["clickhouse", "smithdb"])
HIDING = {
    "EXCLUDE_COLUMNS": f"{RUN}.outputs,{DATASET}.description,{EXAMPLE}.outputs,{FEEDBACK}.comment",
    "REDACT_PATHS": f"{RUN}.inputs.messages[*].content,{RUN}.raw.events.kwargs,{RUN}.metadata.user,{PROJECT}.metadata.owner,"
    f"{DATASET}.metadata.a.b,{EXAMPLE}.inputs.content,{RUN}.tags[*],{FEEDBACK}.value.why,{FEEDBACK}.correction.content",
    "HASH_PATHS": f"{RUN}.name,{RUN}.thread_id,{PROJECT}.description,{FEEDBACK}.key,{EXAMPLE}.metadata.*.content",
    "HASH_KEY": "sixteen letters and more",
}
NO_RECORDS: dict[str, bytes] = {
    "null": b"null",
    "a number": b"5",
    "a text": b'"text"',
    "a list": b"[[]]",
    "nothing": b"{}",
    "a deep list": b"[" * 3_000 + b"]" * 3_000,
    "a deep object": b'{"id":' * 700 + b"1" + b"}" * 700,
    "an object for an id": b'{"id":{"what":"the user said"}}',
    "an id of a megabyte": b'{"id":"' + b"x" * 1_000_000 + b'"}',
}
"""JSON in a record's place that is no record."""
Odd = Callable[[dict[str, Any]], bytes]


def synced(w: World, face: str) -> None:
    w.fivetran.sync() if face == "fivetran" else w.sync_locally()


def good_rows(
    mode: Mode,
    face: str,
    page_size: str,
    hidden: bool,
    hours: int,
    *,
    table: str = "",
    odd: Odd | None = None,
    late: bool = False,
) -> dict[str, Table]:
    """Return the good rows of a workspace after a sync, and another one this many hours later.

    One record of a table is odd, from the beginning or, if `late`, from after the first sync on.
    """
    with pytest.MonkeyPatch.context() as patch, in_memory(patch), TemporaryDirectory() as folder:
        w = World(patch, Path(folder), mode)
        w.configure(PAGE_SIZE=page_size, **(HIDING if hidden else {}))
        content = odd_records.filled(w)
        if late:
            synced(w, face)
        if odd:
            odd_records.rewritten(w, content.odd[table], odd)
        if not late:
            synced(w, face)
        odd_records.at(w, hours)
        odd_records.continued(w, content)
        odd_records.at(w, hours + 0.5)
        synced(w, face)
        found = tables(w, face)
        return {one: {key: found[one].get(key) for key in content.good[one]} for one in TABLES}


@cache
def undisturbed(mode: Mode, face: str, page_size: str, hidden: bool, hours: int) -> dict[str, Table]:
    """Return the good rows as they are where no record is odd."""
    found = good_rows(mode, face, page_size, hidden, hours)
    assert all(row is not None for rows in found.values() for row in rows.values())
    return found


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("odd", NO_RECORDS)
def test_what_is_no_record_stops_no_other(table: str, odd: str) -> None:
    """JSON that is no record changes no good row, even alone on its page or where one stood before."""
    mode: Mode = "smithdb" if len(odd) % 2 else "clickhouse"
    how: tuple[Any, ...] = ("duckdb", "200", False, 2) if odd == "nothing" else ("fivetran", "1", False, 27)
    # A known parent is asked for by its own path, where only an object is an answer (test_answers_not_asked).
    late = odd != "nothing" and (table not in (PROJECT, DATASET) or NO_RECORDS[odd].startswith(b"{"))
    assert good_rows(mode, *how, table=table, odd=lambda _: NO_RECORDS[odd], late=late) == undisturbed(mode, *how)


@MODES
@pytest.mark.parametrize("table", TABLES)
@settings(
    max_examples=100 if every_combination() else 4,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking a failing example takes longer than reading it
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(st.data())
def test_any_record_among_good_ones(mode: Mode, table: str, data: st.DataObject) -> None:
    """A record with any fields changes no good row, with or without privacy rules, on either face."""
    odd = odd_records.with_members(data.draw(odd_records.members(table)))
    face = data.draw(st.sampled_from(["fivetran", "fivetran", "duckdb"]))
    how: tuple[Any, ...] = (
        face,
        data.draw(st.sampled_from(["200", "2", "1"])),
        data.draw(st.booleans()),
        data.draw(st.sampled_from([2, 27])),
    )
    assert good_rows(mode, *how, table=table, odd=odd, late=data.draw(st.booleans())) == undisturbed(mode, *how)


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("page_size", ["2", "3"])
def test_a_list_goes_on_past_what_it_cannot_read(world: Callable[..., World], place: int, page_size: str) -> None:
    """A list skips nothing and ends, wherever on a page an unreadable record stands."""
    w = world()
    w.configure(PAGE_SIZE=page_size)
    projects = [w.workspace.add_project(f"p{number}", start_time=f"2026-05-0{number + 1}T00:00:00Z") for number in range(5)]
    odd_records.rewritten(w, projects[place], lambda _: b"null")
    w.fivetran.sync()
    assert w.in_fivetran(PROJECT).keys() == {*projects} - {projects[place]}


@MODES
@pytest.mark.parametrize("page_size", ["3", "100"])
@pytest.mark.parametrize("start", ["0001-01-01T00:00:00", "9999-12-31T23:59:59.999999", "soon", None, 5])
@pytest.mark.parametrize("place", [0, 2, 5, 11])
def test_a_start_time_that_nobody_can_compute_with_moves_no_window(
    world: Callable[..., World], mode: Mode, page_size: str, start: object, place: int
) -> None:
    """An odd start time moves no window. All other runs land over pages and cursors, and the odd one lands, too."""
    w = world(mode)
    w.configure(PAGE_SIZE=page_size)
    project = w.workspace.add_project("p")
    runs = [w.workspace.add_run(project, start_time=w.clock.now() - odd_records.HOUR * 50 * number) for number in range(12)]
    odd_records.rewritten(w, runs[place], odd_records.with_members([("start_time", odd_records.text(start))]))
    w.fivetran.sync()
    assert w.in_fivetran(RUN).keys() == {*runs}
    odd = w.in_fivetran(RUN)[runs[place]].get("start_time")
    assert odd == (odd_records.canonical(start) if isinstance(start, str) and start[0].isdigit() else None)


@pytest.mark.parametrize("kind", ["sessions", "datasets", "examples", "runs", "feedback"])
def test_a_page_of_which_no_record_can_be_read_is_langsmiths_failure(world: Callable[..., World], kind: str) -> None:
    """A page of records without ids is a 502, and does not count as an empty page."""
    w = world()
    odd_records.filled(w)
    w.sim.faults.add(Fault(kind=kind, when=_is_list, rewrite=lambda body: body.replace(b'"id":', b'"identity":'), times=None))
    answers = [w.pass_locally() for _ in range(3)]
    assert (answers[-1][0], "has an id" in answers[-1][1]["errorMessage"]) == (502, True)


def _is_list(request: Request) -> bool:
    return dict(request.query).get("limit") != "1"
