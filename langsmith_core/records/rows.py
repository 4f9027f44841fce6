"""Make a row of an API record: read each declared column out of the record, and encode the row as JSON.

Not here: which columns exist (streams), where a record has their values (records.plans), converting one value
(records.conversions), what JSON may look like (records.json_text), or rows too large for a sink (records.precut, records.cut).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from decimal import InvalidOperation
from typing import Any, TypeAlias

import msgspec
from msgspec import Raw

from langsmith_core.records import addresses, derived, json_text, plans, precut, usual
from langsmith_core.records.columns import Keys, Table
from langsmith_core.records.json_shape import has_few_containers
from langsmith_core.remarks import Remark, Remarks

RAW = "raw"
LIGHT_CHARACTERS = 1_000
"""Characters of each value that `light` keeps."""
Row: TypeAlias = dict[str, Any]
"""One row by column name: str, int, float, bool, Decimal or None. JSON columns hold JSON text, timestamps canonical text."""

EMPTY = (None, "{}")
"""Values of a column whose payload LangSmith keeps in object storage."""

_NUMBERS = msgspec.json.Encoder(decimal_format="number")
_STRINGS = msgspec.json.Encoder(decimal_format="string")

KEY_MAX = 200
"""The most characters of a key. LangSmith's ids have 36. A much longer text is no id, and a key cannot be cut."""
KEY_BYTES = 12 * KEY_MAX
"""The most bytes of a key's JSON text: a character takes twelve if it is escaped as two surrogates."""
NOTHING: Mapping[str, Any] = {}
ODD_VALUE = Remark("%s: %s is not a valid %s; its column is null, read it from raw")


def to_row(
    stream: Table,
    record: bytes,
    names: Mapping[str, str | None],
    remarks: Remarks | None = None,
    bytes_max: int | None = None,
    given: Mapping[str, Any] = NOTHING,
    keys: Keys = (),
) -> Row:
    """Make a row of one strict JSON record.

    `names`: names of parents by id. `given`: values by column name that the question knows and the record does not hold. They
    fill columns for which the record has no value. `bytes_max`: values that cannot fit are cut before they are read.
    `keys`: members' names that a team has chosen.
    A value that cannot be converted becomes null, and a remark names its column, never its content. `raw` keeps the value,
    except for credentials in addresses.
    Raises MalformedError if the record is no object or has no key.
    """
    decoder = usual.of(stream, keys)
    row = decoder.row(record, given, bytes_max) if decoder else None
    if row is None:
        row = general(stream, record, remarks, bytes_max, given, keys)
    if stream.parent and stream.name_of_parent:
        row[stream.name_of_parent] = names.get(row[stream.parent] or "")
    return row


def general(
    stream: Table, record: bytes, remarks: Remarks | None, bytes_max: int | None, given: Mapping[str, Any], keys: Keys = ()
) -> Row:
    """Make the row of any record, without the name of its parent."""
    plan, is_flat = plans.of(stream, keys), has_few_containers(record)
    record = record if is_flat else json_text.shallow(record)
    fields = json_text.member_views(record)
    texts = plan.texts(fields)
    key = _key(stream, texts, given)
    cut = _cut(stream, texts, record, bytes_max, remarks, of=key)
    row, odd = _values(plan, {name: text for name, text in texts.items() if name not in cut} if cut else texts, given)
    row |= cut
    for name, make in plan.made:
        row[name] = make(row)
    row[RAW] = cut.get(RAW) or _raw(record, fields, is_flat=is_flat)
    if odd and remarks:
        _remark(stream, odd, remarks, of=row[stream.key])
    return row


def light(stream: Table, row: Row) -> Row:
    """Return a written row with long values shortened: the plan for what to read next needs short values only."""
    small = dict(row)
    for name in plans.of(stream).long:
        one = row[name]
        if one and len(one) > LIGHT_CHARACTERS:
            small[name] = one[:LIGHT_CHARACTERS]
    if stream.kept and row[RAW]:
        small[RAW] = json_text.object_of(json_text.picked(json_text.from_column(row[RAW]), *stream.kept)).decode()
    return small


def readable(stream: Table, records: Iterable[bytes]) -> Iterator[Row]:
    """Yield the rows of the records, and skip records that are malformed."""
    for record in records:
        with suppress(json_text.MalformedError):
            yield to_row(stream, record, {})


def label(record: bytes) -> str | None:
    """Return the id by which the log names a record that has no row; None if it is no text or number."""
    try:
        text = bytes(json_text.picked(record, "id").get("id", b""))
    except json_text.MalformedError:
        return None
    return None if text.startswith((b"{", b"[")) or len(text) > KEY_BYTES else json_text.text(text)


def is_odd(stream: Table, row: Row, name: str) -> bool:
    """Return whether a column is null although its record has a value, which the column cannot hold."""
    column = next(one for one in stream.columns if one.name == name)
    fields = json_text.picked(json_text.from_column(row[RAW]), *column.sources)
    return row[name] is None and name in plans.of(stream).texts(fields)


def _key(stream: Table, texts: Mapping[str, Raw], given: Mapping[str, Any]) -> str:
    """Return the row's key. Raises MalformedError if the record has none.

    A key is a text or a number of 1 to 200 characters. An object is no key: what it holds is content.
    """
    first, key = stream.columns[0], ""
    if first.made_of:
        parts = {name: texts[name] for name in first.made_of if name in texts}
        key = derived.of(first)(_values(plans.of(stream), parts, given)[0]) or ""
    else:
        text = bytes(texts.get(first.name, b""))
        key = "" if len(text) > KEY_BYTES or text.startswith((b"{", b"[")) else json_text.text(text)
    if not key or len(key) > KEY_MAX:
        raise json_text.MalformedError(f"a record of {stream.name} has no id")
    return key


def offloaded(stream: Table, record: bytes, row: Row) -> dict[str, str]:
    """Return the addresses in object storage by column name, for columns that are null or `{}` in the row."""
    empty = [column for column in plans.of(stream).offloaded if row[column.name] in EMPTY]
    if not empty or b"_s3_urls" not in record:
        return {}
    paths = {column.name: column.offloaded or "" for column in empty}
    fields = json_text.picked(record, *dict.fromkeys(path.partition(".")[0] for path in paths.values()))
    found = {name: bytes(plans.inside(path, fields) or b"") for name, path in paths.items()}
    return {name: json_text.text(text) for name, text in found.items() if text.startswith(b'"')}


def encode(row: Row, *, exact: bool = False) -> bytes:
    """Encode the row as one line of JSON. `exact` writes NUMERIC values as strings, for readers that parse numbers as doubles."""
    return (_STRINGS if exact else _NUMBERS).encode(row)


def _raw(record: bytes, fields: Mapping[str, Raw], *, is_flat: bool) -> str:
    """Return the record without credentials as a JSON column's value. One that `is_flat` cannot be too deep."""
    kept = addresses.without_credentials(fields) or record
    return kept.decode() if is_flat else json_text.column(kept)


def _values(plan: plans.Plan, texts: Mapping[str, Raw], given: Mapping[str, Any]) -> tuple[Row, list[str]]:
    """Return a row of the values of these texts, and the names of columns whose text cannot be converted."""
    row: Row = dict(plan.blank)
    row.update((name, value) for name, value in given.items() if name in row)
    conversions, odd = plan.conversions, []
    for name, text in texts.items():
        try:
            row[name] = conversions[name](text)
        except (ValueError, OverflowError, InvalidOperation, msgspec.MsgspecError):
            row[name] = None
            odd.append(name)
    return row, odd


def _cut(
    stream: Table, texts: Mapping[str, Raw], record: bytes, bytes_max: int | None, remarks: Remarks | None, *, of: str
) -> dict[str, str | None]:
    """Return the markers of values that cannot fit. Each text is a part of the record, so a small record needs none."""
    if not bytes_max or len(record) * (1 + len(texts)) <= bytes_max:
        return {}
    ordered = {column.name: texts[column.name] for column in stream.columns if column.name in texts}
    return precut.markers(stream, {**ordered, RAW: record}, bytes_max, remarks, of=of)


def _remark(stream: Table, odd: Collection[str], remarks: Remarks, *, of: str) -> None:
    """Name the columns whose values could not be converted."""
    for column in stream.columns:
        if column.name in odd:
            remarks.add(ODD_VALUE, stream.name, column.name, column.kind.value, of=of)
