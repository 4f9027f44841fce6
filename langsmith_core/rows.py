"""A record of the API becomes a row, and a row becomes bytes.

Here: reading each declared column out of a record, encoding. Values in, values out.
Not here: which columns there are (streams), what becomes of a column's text (conversions), what JSON text may look like
(jsontext), rows too large for a sink (heavy, cutting).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from decimal import InvalidOperation
from typing import Any, TypeAlias

import msgspec

from langsmith_core import addresses, heavy, jsontext
from langsmith_core.conversions import CONVERSIONS
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.streams import PROJECT, Column, Stream

RAW, LAST_RUN = "raw", "last_run_start_time"
LIGHT = 1_000
"""Characters kept of a value in a row that has been written."""
Row: TypeAlias = dict[str, Any]
"""One row by column name: str, int, float, Decimal or None; a JSON column holds JSON text, a timestamp canonical text."""

EMPTY = (None, "{}")
"""What a record holds in the place of a value that LangSmith keeps elsewhere."""

_NUMBERS = msgspec.json.Encoder(decimal_format="number")
_STRINGS = msgspec.json.Encoder(decimal_format="string")

KEY_MAX = 200
"""Characters of a record's id. LangSmith's have 36; what is much longer is none, and could not be cut."""
KEY_BYTES = 12 * KEY_MAX
"""The most bytes of its JSON text: a character takes twelve where it is escaped as two halves."""
ODD_VALUE = Remark("%s: %s is no %s; null in its column, read it from raw")


def to_row(
    stream: Stream,
    record: bytes,
    names: Mapping[str, str | None],
    remarks: Remarks | None = None,
    bytes_max: int | None = None,
) -> Row:
    """Map one strict JSON record; `names` gives the joined parent names by id.

    Values that cannot fit into `bytes_max` are cut before they are read. A value that cannot be converted becomes null and is
    remarked on by place, never by content; `raw` keeps it, but for addresses that open what they lead to.
    Raises MalformedError for a record that is no object or has no key.
    """
    record = jsontext.shallow(record)
    fields = jsontext.member_views(record)
    texts = {column.name: _first(column, fields) for column in stream.columns} | {RAW: record}
    key = bytes(texts[stream.key] or b"")
    if not _is_key(key):
        raise jsontext.MalformedError(f"a record of {stream.table} has no id")
    cut = heavy.precut(stream, texts, bytes_max, remarks) if bytes_max else {}
    odd: list[Column] = []
    row: Row = {
        column.name: cut[column.name] if column.name in cut else _value(column, texts[column.name], odd)
        for column in stream.columns
    }
    row[RAW] = cut.get(RAW) or jsontext.column(addresses.without(fields) or record)
    if stream.parent and stream.name_of_parent:
        row[stream.name_of_parent] = names.get(row[stream.parent] or "")
    if remarks:
        for column in odd:
            remarks.add(ODD_VALUE, stream.table, column.name, column.kind.value, of=row[stream.key])
    return row


def light(stream: Stream, row: Row) -> Row:
    """The row without what is long in it: what is read next depends on short values alone."""
    small = {name: one[:LIGHT] if isinstance(one, str) and name != stream.key else one for name, one in row.items()}
    if stream is PROJECT and row[RAW]:  # whether its last run's start could be read is asked of the record
        small[RAW] = jsontext.joined(jsontext.picked(jsontext.object_in(row[RAW]), LAST_RUN)).decode()
    return small


def readable(stream: Stream, records: Iterable[bytes]) -> Iterator[Row]:
    """The rows of those records that have one."""
    for record in records:
        with suppress(jsontext.MalformedError):
            yield to_row(stream, record, {})


def label(record: bytes) -> str | None:
    """What a record that has no row is called in the log: its id as far as it is a text or a number, else None."""
    try:
        text = bytes(jsontext.picked(record, "id").get("id", b""))
    except jsontext.MalformedError:
        return None
    return None if text.startswith((b"{", b"[")) or len(text) > KEY_BYTES else jsontext.text(text)


def is_odd(stream: Stream, row: Row, name: str) -> bool:
    """Whether a column is null though its record has a value for it, which the column could not hold."""
    column = next(one for one in stream.columns if one.name == name)
    found = _first(column, jsontext.picked(jsontext.object_in(row[RAW]), *column.sources))
    return row[name] is None and found is not None


def _is_key(text: bytes) -> bool:
    """Whether an id can tell records apart: a text or number of some length. An object is none, and what it holds is content."""
    if len(text) > KEY_BYTES or text.startswith((b"{", b"[")):
        return False
    return 0 < len(jsontext.text(text)) <= KEY_MAX


def offloaded(stream: Stream, record: bytes, row: Row) -> dict[str, str]:
    """Columns that are null, or `{}`, because LangSmith keeps their value elsewhere, and the addresses the record gives."""
    empty = [column for column in stream.columns if column.offloaded and row[column.name] in EMPTY]
    if not empty or b"_s3_urls" not in record:
        return {}
    ways = {column.name: column.offloaded or "" for column in empty}
    fields = jsontext.picked(record, *dict.fromkeys(way.partition(".")[0] for way in ways.values()))
    found = {name: bytes(_found(way, fields) or b"") for name, way in ways.items()}
    return {name: jsontext.text(text) for name, text in found.items() if text.startswith(b'"')}


def encode(row: Row, *, exact: bool = False) -> bytes:
    """The row as one line of JSON; `exact` writes NUMERIC values as strings, for readers that parse numbers as doubles."""
    return (_STRINGS if exact else _NUMBERS).encode(row)


def _value(column: Column, text: jsontext.Text | None, odd: list[Column]) -> Any:
    if text is None:
        return column.absent
    try:
        return CONVERSIONS[column.kind](bytes(text))
    except (ValueError, OverflowError, InvalidOperation, msgspec.MsgspecError):
        odd.append(column)
        return None


def _first(column: Column, fields: Mapping[str, jsontext.Text]) -> jsontext.Text | None:
    """The text of the first source that is not null."""
    found = (_found(source, fields) for source in column.sources)
    return next((text for text in found if text is not None and not jsontext.begins(text, b"null")), None)


def _found(source: str, fields: Mapping[str, jsontext.Text]) -> jsontext.Text | None:
    """The text at a dotted path, or None where the path ends early. A member whose name has the dots in it is another one."""
    head, _, tail = source.partition(".")
    if tail:
        text = fields.get(head, b"")
        member = tail.partition(".")[0]
        return _found(tail, jsontext.picked(text, member)) if jsontext.begins(text, b"{") else None
    if source.endswith("[-1]"):
        listed = fields.get(source[:-4], b"")
        return jsontext.last(listed) if jsontext.begins(listed, b"[") else None
    return fields.get(source)
