"""Cut a record that is larger than a batch before its values are read, so that a huge value costs no memory.

A value is judged by the length of its JSON text, and replaced by a marker.
Not here: cutting a row that is too large only once it is encoded (records.cut).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from langsmith_core.records import json_text
from langsmith_core.records.columns import JSON_KINDS, Kind, Table
from langsmith_core.remarks import Remark, Remarks

CUT_FIRST = ("raw", "outputs", "inputs")
TEXT_CHARACTERS = 200
"""Characters that a cut text keeps."""
SCALAR_BYTES_MAX = 1_000
"""A number or a time of more bytes than this is none: its column becomes null."""
NOT_ASKED = json_text.dumps({"_not_fetched": "tooheavy"})
"""The value of a payload that is larger than any answer that the client reads."""
_BEGINNING = re.compile(
    rb'"((?:[^"\\]|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4}|\\u[0-9a-fA-F]{4}|\\[^u]){0,%d}+)' % (4 * TEXT_CHARACTERS)
)
CUT = Remark("%s: %s was cut, because the row is larger than an answer or a batch; raise MAX_RESPONSE_MB, or exclude raw")


def markers(
    stream: Table, texts: Mapping[str, json_text.Text | None], bytes_max: int, remarks: Remarks | None, *, of: str
) -> dict[str, str | None]:
    """Return, by column name, the markers of those values that must go so that the others fit into `bytes_max`.

    `texts` are the values' JSON texts by column name. `of` is the row's key, for the remark.
    The order is the one of `cut`: `raw`, outputs, inputs, then the longest of the others, but never the key.
    The marker of a number or a time is None.
    """
    sizes = {name: len(memoryview(text)) for name, text in texts.items() if text is not None}
    total = sum(sizes.values())
    kinds = {column.name: column.kind for column in stream.columns[1:]}
    made: dict[str, str | None] = {}
    for name in dict.fromkeys((*CUT_FIRST, *sorted(sizes, key=lambda one: -sizes[one]))):
        if total <= bytes_max:
            break
        replacement = _marker(kinds[name], texts[name] or b"") if name in sizes and name in kinds else None
        if name in kinds and sizes.get(name, 0) > (len(replacement) if replacement else SCALAR_BYTES_MAX):
            made[name] = replacement
            total -= sizes[name] - len(replacement or "")
            if remarks:
                remarks.add(CUT, stream.name, name, of=of)
    return made


def marker(kind: Kind | None, beginning: str, bytes_cut: int) -> str:
    """Return the text that replaces a cut value: JSON in a JSON column, else the value's beginning and its size."""
    return json_text.dumps({"_cut_bytes": bytes_cut}) if kind in JSON_KINDS else f"{beginning}… (cut, {bytes_cut} bytes)"


def _marker(kind: Kind, text: json_text.Text) -> str | None:
    """Return the marker for a value's JSON text; None for a value that is neither text nor JSON."""
    size = len(memoryview(text))
    if kind in JSON_KINDS:
        return marker(kind, "", size)
    match = _BEGINNING.match(memoryview(text)) if kind in (Kind.STRING, Kind.LOWER) else None
    if match is None:
        return None
    beginning = match[1].decode(errors="ignore").encode()  # a match that ends inside a character loses it
    return marker(kind, json_text.text(b'"%b"' % beginning)[:TEXT_CHARACTERS], size - 2)
