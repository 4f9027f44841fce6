"""Payloads that LangSmith keeps in object storage: fill them into their rows, or mark them as not fetched.

Here: whether to ask, and what an unfilled row says. Not here: the request (langsmith.client), which columns may lie
elsewhere (streams), or when it is asked for again (payloads_missing).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from concurrent.futures import Future

from langsmith_core.calls import Source
from langsmith_core.errors import StorageError, SyncError, TooHeavyError
from langsmith_core.privacy.hidden import Hidden
from langsmith_core.records import json_text, rows
from langsmith_core.records.columns import Table
from langsmith_core.records.rows import Row
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.sync import payloads_delivered
from langsmith_core.sync.batch import Limits

FAILURES_MAX = 3
"""Failures in a row, each after all retries, before a pass leaves storage alone."""
NOT_FETCHED = Remark("%s: %s could not be fetched, and its column is marked; look at the reason")
_log = logging.getLogger(__name__)


class Payloads:
    """What one pass fetches of object storage."""

    def __init__(self, source: Source, limits: Limits, hidden: Hidden, remarks: Remarks, salt: bytes) -> None:
        self._salt = salt
        self._source, self._limits, self._hidden, self._remarks = source, limits, hidden, remarks
        self._failures = 0
        self._answers = False
        self._begun: dict[str, Future[bytes]] = {}

    @property
    def failing(self) -> bool:
        """Tell whether this pass leaves storage alone from now on: it fails, or has taken all the time."""
        return self._failures >= FAILURES_MAX or (self._failures > 0 and self._limits.seconds_left() <= 0)

    def wanted(self, stream: Table, record: bytes, row: Row) -> dict[str, str]:
        """Find the columns that a record keeps elsewhere, with their addresses, as far as they may leave LangSmith."""
        found = rows.offloaded(stream, record, row)
        return {name: address for name, address in found.items() if not self._hidden.leaves_out(stream, name)}

    def look(self, stream: Table, record: bytes, row: Row, wanted: Mapping[str, str]) -> bytes | None:
        """Return the mark of a row's look, by which it is known again once it went out; None where it has none."""
        return payloads_delivered.look_of(stream, record, row, wanted, self._salt)

    def begin(self, wanted: Mapping[str, str]) -> None:
        """Begin to fetch payloads whose turn comes soon, where storage has answered last: one that fails is asked one by one."""
        for address in wanted.values():
            if self._answers and self._limits.seconds_left() > 0:
                self._begun[address] = self._source.begin_download(address, self._limits.bytes_max)

    def forget(self) -> None:
        """Give up what was begun for another page."""
        self._begun.clear()

    def fill(self, stream: Table, row: Row, wanted: Mapping[str, str]) -> bool:
        """Fill the columns in, or mark them. False: a payload that could not be had may be had later."""
        filled = [self._filled(stream, row, name, address) for name, address in wanted.items()]
        return all(filled)

    def put_off(self, row: Row, wanted: Mapping[str, str]) -> bool:
        """Mark the columns without asking, since time is over or storage is left alone. True: there was nothing to put off."""
        row.update(dict.fromkeys(wanted, _mark("later")))
        return not wanted

    def _filled(self, stream: Table, row: Row, name: str, address: str) -> bool:
        if self.failing:
            return self.put_off(row, {name: address})
        try:
            begun = self._begun.pop(address, None)
            body = begun.result() if begun else self._source.download(address, self._limits.bytes_max)
            row[name] = json_text.column(json_text.strict(body, 0))
        except (SyncError, json_text.MalformedError) as error:
            self._remarks.add(NOT_FETCHED, stream.name, name, of=row[stream.key], why=error)
            kind = TooHeavyError if isinstance(error, TooHeavyError) else type(error)
            row[name] = _mark(kind.__name__.removesuffix("Error").lower())
            return not self._passing(error)
        self._failures, self._answers = 0, True
        return True

    def _passing(self, error: Exception) -> bool:
        if isinstance(error, json_text.MalformedError):
            return True  # a firewall's page, perhaps; storage itself may be well
        if not isinstance(error, StorageError):
            return False
        self._failures, self._answers = self._failures + 1, False
        if self.failing:
            _log.error("object storage fails; this call marks its payloads, and the next call tries again: %s", error)
        return True


def _mark(why: str) -> str:
    return json_text.dumps({"_not_fetched": why})
