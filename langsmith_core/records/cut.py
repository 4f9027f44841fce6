"""Cut a row that is too large for a sink: replace payloads by a marker, `raw` first, and log the row's id.

Not here: the limit in bytes (sync), or cutting a value before it is read (records.precut).
"""

from __future__ import annotations

from typing import Any

from langsmith_core.records import precut
from langsmith_core.records.columns import Kind, Table
from langsmith_core.records.rows import Row, encode
from langsmith_core.remarks import Remarks

TEXT_LENGTHS = (precut.TEXT_CHARACTERS, 0)
"""Characters that a cut text keeps: first this many; if the row is still too large, none."""


def cut(stream: Table, row: Row, bytes_max: int, remarks: Remarks) -> Row:
    """Return the row with its largest payloads replaced by markers, so that it encodes to at most `bytes_max` bytes.

    Cuts `raw` first, then outputs, then inputs, then the longest of the others, but never the key. Texts keep their beginning
    if it fits. Leaves `row` itself unchanged, and returns it if it fits.
    """
    if len(encode(row)) <= bytes_max:
        return row
    small, kinds = dict(row), {column.name: column.kind for column in stream.columns[1:]}
    longest_first = sorted(kinds, key=lambda name: -len(str(row[name])))
    for characters in TEXT_LENGTHS:
        for name in dict.fromkeys((*precut.CUT_FIRST, *longest_first)):
            marker = _marker(kinds.get(name), row.get(name), characters)
            if marker is not None and len(encode(small)) > bytes_max:
                small[name] = marker
                remarks.add(precut.CUT, stream.name, name, of=row[stream.key])
    return small


def _marker(kind: Kind | None, value: Any, characters: int) -> str | None:
    """Return the marker for a cut value; None if it would not be shorter than the value."""
    if not isinstance(value, str):
        return None
    bytes_cut = len(value.encode())
    marker = precut.marker(kind, value[:characters], bytes_cut)
    return marker if len(marker.encode()) < bytes_cut and kind is not Kind.TIMESTAMP else None
