"""A row that no sink could take is cut: payloads go, `raw` first, a marker stays, and a log line names the row.

Values in, values out. Not here: which rows are too large (records), what is cut before it is read (heavy).
"""

from __future__ import annotations

from typing import Any

from langsmith_core import heavy
from langsmith_core.remarks import Remarks
from langsmith_core.rows import Row, encode
from langsmith_core.streams import Kind, Stream

TEXT_KEPT = (heavy.TEXT_KEPT, 0)


def cut(stream: Stream, row: Row, bytes_max: int, remarks: Remarks) -> Row:
    """The row, its largest payloads replaced by a marker until it encodes to at most `bytes_max` bytes.

    `raw` goes first, then outputs, then inputs, then whatever is longest; the key stays. Texts keep their
    beginning while that fits.
    """
    if len(encode(row)) <= bytes_max:
        return row
    small, kinds = dict(row), {column.name: column.kind for column in stream.columns[1:]}
    rest = sorted(kinds, key=lambda name: -len(str(row[name])))
    for kept in TEXT_KEPT:
        for name in dict.fromkeys((*heavy.CUT_FIRST, *rest)):
            marker = _marker(kinds.get(name), row.get(name), kept)
            if marker is not None and len(encode(small)) > bytes_max:
                small[name] = marker
                remarks.add(heavy.CUT, stream.table, name, of=row[stream.key])
    return small


def _marker(kind: Kind | None, value: Any, kept: int) -> str | None:
    """What stands in a cut column's place; None where nothing would be gained."""
    if not isinstance(value, str):
        return None
    bytes_cut = len(value.encode())
    marker = heavy.marker(kind, value[:kept], bytes_cut)
    return marker if len(marker.encode()) < bytes_cut and kind is not Kind.TIMESTAMP else None
