"""A row that no sink could take is cut: payloads go, `raw` first, a marker stays, and a log line names the row.

Values in, values out. Not here: which rows are too large (records).
"""

from __future__ import annotations

import logging
from typing import Any

from langsmith_core.records import json_text
from langsmith_core.records.columns import JSON_KINDS, Kind, Table
from langsmith_core.records.rows import Row, encode

CUT_FIRST = ("raw", "outputs", "inputs")
TEXT_KEPT = (200, 0)
_log = logging.getLogger(__name__)


def cut(stream: Table, row: Row, bytes_max: int) -> Row:
    """The row, its largest payloads replaced by a marker until it encodes to at most `bytes_max` bytes.

    `raw` goes first, then outputs, then inputs, then whatever is longest; the key stays. Texts keep their
    beginning while that fits.
    """
    size = len(encode(row))
    if size <= bytes_max:
        return row
    small, kinds = dict(row), {column.name: column.kind for column in stream.columns[1:]}
    rest = sorted(kinds, key=lambda name: -len(str(row[name])))
    for kept in TEXT_KEPT:
        for name in dict.fromkeys((*CUT_FIRST, *rest)):
            marker = _marker(kinds.get(name), row.get(name), kept)
            if marker is not None and len(encode(small)) > bytes_max:
                small[name] = marker
                _log.warning(
                    "%s %s: %s was cut, the row had %d bytes",
                    stream.name,
                    row[stream.key],
                    name,
                    size,
                    extra={"fields": {"stream": stream.name}},
                )
    return small


def _marker(kind: Kind | None, value: Any, kept: int) -> str | None:
    """What stands in a cut column's place; None where nothing would be gained."""
    if not isinstance(value, str):
        return None
    bytes_cut = len(value.encode())
    marker = json_text.dumps({"_cut_bytes": bytes_cut}) if kind in JSON_KINDS else f"{value[:kept]}… (cut, {bytes_cut} bytes)"
    return marker if len(marker.encode()) < bytes_cut and kind is not Kind.TIMESTAMP else None
