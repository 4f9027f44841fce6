"""A record larger than a batch: what of it cannot be delivered is not even read, so its size costs no memory.

Here: which values are replaced by a marker, judged by their JSON text, and what a marker says. Not here: a row that is too large
once it is encoded (cutting).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from langsmith_core import jsontext
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.streams import JSON_KINDS, Kind, Stream

CUT_FIRST = ("raw", "outputs", "inputs")
TEXT_KEPT = 200
"""Characters that a cut text keeps."""
NONE_KEPT = 1_000
"""Bytes from which on a number or a time is none."""
NOT_ASKED = jsontext.dumps({"_not_fetched": "tooheavy"})
"""What stands in the place of a payload that is larger than any answer that is read."""
_BEGINNING = re.compile(
    rb'"((?:[^"\\]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4}|\\u[0-9a-fA-F]{4}|\\[^u]){0,%d}+)' % (4 * TEXT_KEPT)
)
CUT = Remark("%s: %s was cut, the row is larger than an answer or a batch; raise MAX_RESPONSE_MB, or leave raw out")


def precut(
    stream: Stream, texts: Mapping[str, jsontext.Text | None], bytes_max: int, remarks: Remarks | None
) -> dict[str, str | None]:
    """Markers for the columns that must go for the others to fit into `bytes_max`, by their JSON texts.

    The order is that of cutting: `raw`, outputs, inputs, then whatever is longest; the key stays. A number or a time that long
    is none: null.
    """
    sizes = {name: len(memoryview(text)) for name, text in texts.items() if text is not None}
    total = sum(sizes.values())
    kinds = {column.name: column.kind for column in stream.columns[1:]}
    markers: dict[str, str | None] = {}
    for name in dict.fromkeys((*CUT_FIRST, *sorted(sizes, key=lambda one: -sizes[one]))):
        if total <= bytes_max:
            break
        made = _marker(kinds[name], texts[name] or b"") if name in sizes and name in kinds else None
        if name in kinds and sizes.get(name, 0) > (len(made) if made else NONE_KEPT):
            markers[name] = made
            total -= sizes[name] - len(made or "")
            if remarks:
                remarks.add(CUT, stream.table, name, of=jsontext.text(texts[stream.key] or b"null"))
    return markers


def marker(kind: Kind | None, beginning: str, bytes_cut: int) -> str:
    """What stands in the place of a cut value."""
    return jsontext.dumps({"_cut_bytes": bytes_cut}) if kind in JSON_KINDS else f"{beginning}… (cut, {bytes_cut} bytes)"


def _marker(kind: Kind, text: jsontext.Text) -> str | None:
    size = len(memoryview(text))
    if kind in JSON_KINDS:
        return marker(kind, "", size)
    found = _BEGINNING.match(memoryview(text)) if kind in (Kind.STRING, Kind.LOWER) else None
    if found is None:
        return None
    beginning = found[1].decode(errors="ignore").encode()
    return marker(kind, jsontext.text(b'"%b"' % beginning)[:TEXT_KEPT], size - 2)
