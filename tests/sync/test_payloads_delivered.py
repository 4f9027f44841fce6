"""What a row is known by once it went out with its payloads, which looks know it, and how many a state remembers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sync.states import SOURCE

from langsmith_core.records import rows
from langsmith_core.records.packed_marks import NO_MARKS, Mark
from langsmith_core.streams.registry import RUN
from langsmith_core.sync import payloads_delivered
from langsmith_core.sync.payloads_delivered import AGE, MARKS_MAX, look_of, noted, salt_of
from langsmith_core.sync.state import State
from langsmith_core.sync.state_json import dump
from samples import NOW, encoded, settings

SALT = salt_of(settings())
URLS = {"ROOT": {"presigned_url": "https://storage/inputs?X-Amz-Signature=1", "s3_url": "ttl_s/inputs/1"}}
RECORD: dict[str, Any] = {"id": "r", "name": "n", "start_time": "2026-05-31T00:00:00", "inputs_s3_urls": URLS}


def look(**fields: Any) -> bytes | None:
    """Return the mark of a run whose inputs lie elsewhere."""
    record = encoded({**RECORD, **fields})
    return look_of(RUN, record, rows.to_row(RUN, record, {}), ["inputs"], SALT)


def signed(signature: str, **keys: str) -> dict[str, Any]:
    """Return the addresses of the inputs, signed anew, with these members beside."""
    return {"inputs_s3_urls": {"ROOT": {"presigned_url": f"https://storage/inputs?X-Amz-Signature={signature}", **keys}}}


def test_a_look_is_all_of_a_row_but_signatures() -> None:
    """Another signature is the same look. Another name, or another key in storage, is another."""
    assert look() == look(**signed("2", s3_url="ttl_s/inputs/1")) != None  # noqa: E711  the mark is there
    others = {look(), look(name="other"), look(**signed("1", s3_url="ttl_s/inputs/2"))}
    assert len(others - {None}) == 3


@pytest.mark.parametrize("fields", [signed("1"), signed("1", s3_url=None), {"start_time": None}])  # type: ignore[arg-type]
def test_a_payload_without_a_key_of_its_own_is_read_each_time(fields: dict[str, Any]) -> None:
    """A signed address alone does not tell which payload it is. A run without a start is of no age."""
    assert look(**fields) is None


def test_what_decides_how_a_row_looks_is_in_its_mark() -> None:
    """Other rules of privacy, another key of hashes or another size of rows give other marks."""
    kinds = [{}, {"EXCLUDE_COLUMNS": "langsmith_run.raw"}, {"REDACT_PATHS": "langsmith_run.inputs.q"}, {"MAX_RESPONSE_MB": "4"}]
    assert len({salt_of(settings(**one)) for one in kinds}) == len(kinds)


def second(age: timedelta) -> int:
    """Return the start of a run of this age."""
    return int((NOW - age).timestamp())


def test_old_runs_and_too_many_are_forgotten() -> None:
    """Runs that only the daily pass reads again are not remembered. Fivetran's state has a thousand, any other MARKS_MAX."""
    marked = {f"{n:05}": Mark(second(timedelta(seconds=n)), b"12345678") for n in range(MARKS_MAX + 1)}
    old = {"old": Mark(second(AGE + timedelta(seconds=1)), b"12345678")}
    for bytes_max, count in ((64_000, 1_000), (10**9, MARKS_MAX)):
        state = noted(State(source=SOURCE), replace(settings(), state_bytes_max=bytes_max), (), marked | old, NOW)
        assert len(state.delivered) == count
        assert state.delivered.has("00000", b"12345678")
        assert not state.delivered.has("old", b"12345678")


def test_marks_take_no_room_from_other_work() -> None:
    """What a state needs is counted without them, and they yield byte by byte."""
    state = State(source=SOURCE)
    full = noted(state, settings(), (), {str(n): Mark(second(AGE) + n, b"12345678") for n in range(10)}, NOW)
    assert payloads_delivered.needed(full) == len(dump(state))
    assert len(payloads_delivered.fewer(full, 21).delivered) == 8
    assert payloads_delivered.fewer(full, 10_000).delivered == NO_MARKS
