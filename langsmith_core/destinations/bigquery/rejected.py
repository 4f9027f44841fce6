"""Rows that BigQuery could not take, as rows of the table langsmith_rejected.

Here: dividing a batch's rows, and that table's rows and keys. Not here: what is rejected (check), or writing (sink).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from datetime import UTC, datetime

from langsmith_core.destinations.bigquery.check import BadRowError, Checked, checked, hash_of
from langsmith_core.destinations.bigquery.tables import Layout
from langsmith_core.records import times
from langsmith_core.records.rows import encode
from langsmith_core.remarks import Remark, Remarks

RAW_TEXT_MAX = 1_000_000
"""Bytes of a rejected row that are stored."""
REFUSED = Remark(
    "%s: BigQuery cannot hold a row, so it is in langsmith_rejected with its reason; correct the record in LangSmith",
    logging.ERROR,
)


def divided(layout: Layout, lines: Mapping[str, bytes], remarks: Remarks) -> tuple[list[Checked], list[Checked]]:
    """Return the rows that BigQuery takes, and of the others the rows for langsmith_rejected. It remarks on these."""
    fit: list[Checked] = []
    refused: list[Checked] = []
    for key, line in lines.items():
        try:
            fit.append(checked(layout.stream, layout.partition, line))
        except BadRowError as error:
            remarks.add(REFUSED, layout.stream.name, of=key, why=error)
            refused.append(rejected_row(layout.stream.name, key, str(error), line))
    return fit, refused


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
