"""What must not leave LangSmith: fields taken out, values replaced, projects never read. Applied before a row reaches any face.

A record is cleaned before its row is made of it, so a value is gone from its column, from `raw`, and from every column that the
same field fills. Here: cleaning a record by its table's rules. Not here: the rules (privacy_rules), how places are written
(privacy_paths), what LangSmith shows more than once (echoes), or what happens to a value (replacing).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec

from langsmith_core import jsontext, privacy_rules, rows
from langsmith_core.config import Settings
from langsmith_core.echoes import COPIED_FROM
from langsmith_core.matches import Matches
from langsmith_core.parsers import as_id, is_id
from langsmith_core.privacy_paths import Steps
from langsmith_core.privacy_rules import Rule, Rules
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.replacing import changed
from langsmith_core.rows import EMPTY, Row
from langsmith_core.streams import FEEDBACK, PROJECT, RUN, Stream

NOT_CLEANED = Remark(
    "%s: the privacy rules cannot be applied to a record; all but its ids and time was left out; write shorter paths",
    logging.ERROR,
)


class Hidden:
    """What a configuration hides of each table."""

    def __init__(self, settings: Settings) -> None:
        self._projects = named(settings.projects_exclude)
        self._rules = privacy_rules.by_table(settings)
        self.matches = Matches(self._rules)

    def asked(self, table: str, names: Sequence[str]) -> list[str]:
        """Of the fields that an endpoint offers, those to ask for."""
        rules = self._rules.get(table)
        return [name for name in names if rules is None or rules.asks(name.lower())]

    def leaves_out(self, stream: Stream, column: str | None) -> bool:
        """Whether a column is null in every row."""
        rules = self._rules.get(stream.table)
        return rules is not None and column in rules.columns

    def is_private(self, stream: Stream, row: Row, left_out: Sequence[str]) -> bool:
        """Whether a row belongs to a project that is never read; feedback that names no project may."""
        if not self._projects or stream not in (PROJECT, RUN, FEEDBACK):
            return False
        project = row["project_id"]
        return not is_id(project) or project in left_out or (stream is PROJECT and is_named(row, self._projects))

    def shown(self, stream: Stream, row: Row, record: bytes, remarks: Remarks, bytes_max: int | None = None) -> Row:
        """The row of a record as it may leave: read anew from its cleaned record, of at most `bytes_max`.

        Where the rules cannot be applied, nothing leaves that a rule could name: only the key, the time and the parent's id.
        """
        rules = self._rules.get(stream.table)
        if rules is None:
            return row
        found = set[Steps]()
        try:
            cleaned = _cleaned(record, rules.copied if row.get(COPIED_FROM) else rules.record, found)
            clean = rows.to_row(stream, cleaned, {}, bytes_max=bytes_max)
            _fill(clean, stream, row, rules, found)
        except (ValueError, RecursionError, msgspec.MsgspecError):
            remarks.add(NOT_CLEANED, stream.table, of=row[stream.key])
            return {name: row[name] if name in (stream.key, stream.time, stream.parent) else None for name in row}
        self.matches.note(stream.table, found)
        return clean | dict.fromkeys(rules.columns)


def _fill(clean: Row, stream: Stream, row: Row, rules: Rules, found: set[Steps]) -> None:
    """Take in what is not in the record: payloads kept elsewhere, joined names."""
    for column in stream.columns:
        if column.name == stream.name_of_parent or (column.offloaded and clean[column.name] in EMPTY):
            field, inside = rules.filled[column.name]
            clean[column.name] = _filled(row[column.name], field, inside, found, is_json=column.offloaded is not None)


def named(projects: Sequence[str]) -> frozenset[str]:
    """These names, and the ids that they are."""
    return frozenset(projects) | {found for one in projects if (found := as_id(one))}


def is_named(row: Row, projects: frozenset[str]) -> bool:
    """Whether a project's row is one of these names or ids."""
    return row["project_id"] in projects or row["name"] in projects


def _cleaned(record: bytes, rules: Sequence[Rule], found: set[Steps]) -> bytes:
    for rule in rules:
        record = changed(record, rule.ways, rule.act, found) or b"{}"
    return record


def _filled(value: str | None, field: str, rules: Sequence[Rule], found: set[Steps], *, is_json: bool) -> str | None:
    """A value that is not in the record: a payload kept elsewhere, a joined name. Ways to it begin with its field."""
    text, inside = None if value is None else value.encode() if is_json else jsontext.quoted(value), set[Steps]()
    for rule in rules:
        text = None if text is None else changed(text, rule.ways, rule.act, inside)
    found.update((field, *way) for way in inside)
    return None if text is None else text.decode() if is_json else jsontext.text(text)
