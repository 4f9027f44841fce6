"""Rows that BigQuery could not take, as rows of the table langsmith_rejected.

Here: that table's rows and their keys. Not here: what is rejected (check), or writing (sink).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from langsmith_core.destinations.bigquery.check import Checked, hash_of
from langsmith_core.records import times
from langsmith_core.records.rows import encode

RAW_TEXT_MAX = 1_000_000
"""Bytes of a rejected row that are stored."""


def rejected_row(table: str, key: str, reason: str, line: bytes) -> Checked:
    """Return a row of langsmith_rejected. The same row and reason have the same key, whenever they come."""
    digest = hashlib.sha256(f"{table}|{key}|{reason}|{hash_of(line)}".encode()).digest()
    now = datetime.now(UTC)
    row = {
        "rejected_id": digest.hex()[:32],
        "rejected_at": times.render(now),
        "table_name": table,
        "row_key": key,
        "reason": reason,
        "raw_text": line[:RAW_TEXT_MAX].decode(errors="replace"),
        "_synced_at": times.render(now),
    }
    # The hash covers what the key stands for, so the same rejection later changes nothing and the first time stays.
    return Checked(row["rejected_id"], now, int.from_bytes(digest[-8:], "big", signed=True), None, encode(row))
