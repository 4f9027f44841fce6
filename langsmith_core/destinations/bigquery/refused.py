"""Rows that BigQuery could not take, as rows of langsmith_rejected.

Here: that table's rows and how they are told apart. Not here: what is refused (bigquery_check), or writing (bigquery).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from langsmith_core.destinations.bigquery.checks import Checked, hash_of
from langsmith_core.records import times
from langsmith_core.records.rows import encode

RAW_TEXT_MAX = 1_000_000
"""Bytes of a refused row that are kept."""


def refusal(table: str, key: str, reason: str, line: bytes) -> Checked:
    """A row of langsmith_rejected: its key is the same for the same row and reason, whenever it comes."""
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
    # The hash is of what the key stands for: the same refusal later changes nothing, its first time stays.
    return Checked(row["rejected_id"], now, int.from_bytes(digest[-8:], "big", signed=True), None, encode(row))
