"""Apply the privacy settings: remove fields, replace values, skip projects, before a row reaches any face.

A record is cleaned before its row is made. So a hidden value is gone from its column, from `raw`, and from every other column
that the same field fills.
Not here: making the rules (privacy.rules), their syntax (privacy.places), or changing a value (privacy.replace).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import msgspec

from langsmith_core.privacy import rules as privacy_rules
from langsmith_core.privacy.matches import Matches
from langsmith_core.privacy.places import Steps
from langsmith_core.privacy.repeats import COPIED_FROM
from langsmith_core.privacy.replace import changed
from langsmith_core.privacy.rules import PrivacySettings, Rule, Rules
from langsmith_core.records import json_text, rows
from langsmith_core.records.columns import JSON_KINDS, Table
from langsmith_core.records.ids import as_id, is_id
from langsmith_core.records.rows import EMPTY, Row
from langsmith_core.remarks import Remark, Remarks
from langsmith_core.streams.annotation_queue_columns import ANNOTATION_QUEUE_ITEM
from langsmith_core.streams.registry import FEEDBACK, PROJECT, RUN, USAGE_DAY

NOT_CLEANED = Remark(
    "%s: the privacy rules cannot be applied to a record; its row has only ids and time; write shorter paths",
    logging.ERROR,
)


class Hidden:
    """What a configuration hides of each table. `matches` counts where its rules applied, `keys` are the metadata's keys."""

    def __init__(self, settings: PrivacySettings) -> None:
        self.keys = settings.metadata_keys
        self._projects = named(settings.projects_exclude)
        self._rules = privacy_rules.by_table(settings)
        self.matches = Matches(self._rules)

    def asked(self, table: str, names: Sequence[str]) -> list[str]:
        """Return those of an endpoint's fields that requests ask for."""
        rules = self._rules.get(table)
        return [name for name in names if rules is None or rules.asks(name.lower())]

    def leaves_out(self, stream: Table, column: str | None) -> bool:
        """Return whether a column is null in every row."""
        rules = self._rules.get(stream.name)
        return rules is not None and column in rules.columns

    def is_private(self, stream: Table, row: Row, left_out: Sequence[str]) -> bool:
        """Return whether a row belongs, or may belong, to a project that is never read.

        `left_out` are ids of such projects. Feedback, usage, or an item of a queue, that names no project may belong to one.
        """
        if not self._projects or stream not in (PROJECT, RUN, FEEDBACK, ANNOTATION_QUEUE_ITEM, USAGE_DAY):
            return False
        project = row["project_id"]
        return not is_id(project) or project in left_out or (stream in (PROJECT, USAGE_DAY) and is_named(row, self._projects))

    def shown(self, stream: Table, row: Row, record: bytes, remarks: Remarks, bytes_max: int | None = None) -> Row:
        """Return the row that may leave: made anew from the cleaned record, of at most `bytes_max` bytes.

        If the rules cannot be applied, returns nothing that a rule could name: only the key, the time and the parent's id.
        """
        rules = self._rules.get(stream.name)
        if rules is None:
            return row
        found = set[Steps]()
        try:
            cleaned = _cleaned(record, rules.copied if row.get(COPIED_FROM) else rules.record, found)
            clean = rows.to_row(stream, cleaned, {}, bytes_max=bytes_max, given=_sourceless(stream, row), keys=self.keys)
            _fill(clean, stream, row, rules, found)
        except (ValueError, RecursionError, msgspec.MsgspecError):
            remarks.add(NOT_CLEANED, stream.name, of=row[stream.key])
            return {name: row[name] if name in stream.identifying else None for name in row}
        self.matches.note(stream.name, found)
        return clean | dict.fromkeys(rules.columns)


def named(projects: Sequence[str]) -> frozenset[str]:
    """Return these names of projects, and the canonical id of each that is an id."""
    return frozenset(projects) | {found for one in projects if (found := as_id(one))}


def is_named(row: Row, projects: frozenset[str]) -> bool:
    """Return whether the row of a project, or of its usage, has one of these names or ids."""
    return row["project_id"] in projects or row.get("name", row.get("project_name")) in projects


def _sourceless(stream: Table, row: Row) -> Row:
    """Return the values of columns that no field of the record fills."""
    return {column.name: row[column.name] for column in stream.columns if not column.sources}


def _fill(clean: Row, stream: Table, row: Row, rules: Rules, found: set[Steps]) -> None:
    """Clean values that are not in the record and put them into the row: payloads, names of parents, given and made values."""
    for column in stream.columns:
        if column.name in rules.filled and (not column.offloaded or clean[column.name] in EMPTY):
            inside, value = rules.filled[column.name], (clean if column.made_of else row)[column.name]
            clean[column.name] = _filled(value, column.name, inside, found, is_json=column.kind in JSON_KINDS)


def _cleaned(record: bytes, rules: Sequence[Rule], found: set[Steps]) -> bytes:
    for rule in rules:
        record = changed(record, rule.paths, rule.act, found) or b"{}"
    return record


def _filled(value: Any, field: str, rules: Sequence[Rule], found: set[Steps], *, is_json: bool) -> Any:
    """Clean a value that is not in the record. Paths to it begin with `field`."""
    if value is None or not rules:
        return value
    text, inside = value.encode() if is_json else json_text.dumps_bytes(value), set[Steps]()
    for rule in rules:
        text = None if text is None else changed(text, rule.paths, rule.act, inside)
    found.update((field, *path) for path in inside)
    return None if text is None else text.decode() if is_json else json_text.text(text)
