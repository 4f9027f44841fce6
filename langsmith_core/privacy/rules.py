"""What must not leave LangSmith: fields taken out, values replaced, projects never read. Applied before a row reaches any face.

A record is cleaned before its row is made of it, so a value is gone from its column, from `raw`, and from every column that the
same field fills. Here: which places those are, and cleaning them. Not here: how places are written (privacy_paths), what
LangSmith shows more than once (echoes), or what happens to a value (replacing).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from langsmith_core.privacy.places import RAW, Place, Steps
from langsmith_core.privacy.repeats import ECHOES, TWINS
from langsmith_core.privacy.replace import Act, changed, hashed, redacted, removed
from langsmith_core.records import json_text, rows
from langsmith_core.records.columns import Table
from langsmith_core.records.rows import Row
from langsmith_core.settings.config import Settings
from langsmith_core.settings.parsers import as_id
from langsmith_core.streams.feedback import FEEDBACK
from langsmith_core.streams.projects import PROJECT
from langsmith_core.streams.registry import TABLE_OF, TABLES
from langsmith_core.streams.run_columns import RUN

NEEDED = frozenset({"id", "session_id", "project_id", "start_time", "end_time", "dataset_id", "created_at"})
"""Fields that are asked for though they are left out of rows: what is read next depends on them."""


class Rule(Struct, frozen=True):
    """What becomes of the values at these ways into the record: of each once, though two ways lead to it."""

    ways: tuple[Steps, ...]
    act: Act


class Rules(Struct, frozen=True):
    """All that is hidden of one table: columns that are null, rules for the record, rules for columns filled from elsewhere."""

    columns: frozenset[str]
    record: tuple[Rule, ...]
    filled: Mapping[str, tuple[Rule, ...]]
    kept: frozenset[str]
    """Fields that columns which are kept are read from."""

    def asks(self, name: str) -> bool:
        """Whether LangSmith is asked for a field."""
        gone = {way[0] for rule in self.record if rule.act is removed for way in rule.ways if len(way) == 1}
        return name in NEEDED or name in self.kept or not (RAW in self.columns or name in gone)


class Hidden:
    """What a configuration hides of each table."""

    def __init__(self, settings: Settings) -> None:
        self._projects = named(settings.projects_exclude)
        key = hashed(settings.hash_key or "")
        given = ((settings.exclude_columns, removed), (settings.redact_paths, redacted), (settings.hash_paths, key))
        acts: list[tuple[Place, Act]] = [(place, act) for places, act in given for place in places]
        self._rules = {stream.name: _rules(stream, _with_twins(acts)) for stream in TABLES} if acts else {}

    def asked(self, table: str, names: Sequence[str]) -> list[str]:
        """Of the fields that an endpoint offers, those to ask for."""
        rules = self._rules.get(table)
        return [name for name in names if rules is None or rules.asks(name.lower())]

    def leaves_out(self, stream: Table, column: str | None) -> bool:
        """Whether a column is null in every row."""
        rules = self._rules.get(stream.name)
        return rules is not None and column in rules.columns

    def is_private(self, stream: Table, row: Row, left_out: Sequence[str]) -> bool:
        """Whether a row belongs to a project that is never read; feedback that names no project may."""
        if not self._projects or stream not in (PROJECT, RUN, FEEDBACK):
            return False
        project = row["project_id"]
        return project is None or project in left_out or (stream is PROJECT and is_named(row, self._projects))

    def shown(self, stream: Table, row: Row) -> Row:
        """The row as it may leave: read anew from its cleaned record."""
        rules = self._rules.get(stream.name)
        if rules is None:
            return row
        text = row[RAW].encode()
        record = _cleaned(json_text.text(text).encode() if text.startswith(b'"') else text, rules.record)
        clean = rows.to_row(stream, record, {})
        for column in stream.columns:
            if column.name == stream.name_of_parent or (column.offloaded and clean[column.name] is None):
                clean[column.name] = _filled(row[column.name], rules.filled.get(column.name, ()), column.offloaded is not None)
        return clean | dict.fromkeys(rules.columns)


def named(projects: Sequence[str]) -> frozenset[str]:
    """These names, and the ids that they are."""
    return frozenset(projects) | {found for one in projects if (found := as_id(one))}


def is_named(row: Row, projects: frozenset[str]) -> bool:
    """Whether a project's row is one of these names or ids."""
    return row["project_id"] in projects or row["name"] in projects


def _cleaned(record: bytes, rules: Sequence[Rule]) -> bytes:
    for rule in rules:
        record = changed(record, rule.ways, rule.act) or b"{}"
    return record


def _filled(value: str | None, rules: Sequence[Rule], is_json: bool) -> str | None:
    """A value that is not in the record: a payload kept elsewhere, a joined name."""
    text = None if value is None else value.encode() if is_json else json_text.quoted(value)
    for rule in rules:
        text = None if text is None else changed(text, rule.ways, rule.act)
    return None if text is None else text.decode() if is_json else json_text.text(text)


def _with_twins(acts: Sequence[tuple[Place, Act]]) -> list[tuple[Place, Act]]:
    """The same, and the same done where another place holds the same value."""
    return [*acts, *((twin, act) for place, act in acts for twin in _twins(place, act))]


def _twins(place: Place, act: Act) -> Iterator[Place]:
    ways = _in_record(TABLE_OF[place.table], place, act)
    for one, twin in (pair for pair in TWINS if pair[0].table == place.table):
        ends = _in_record(TABLE_OF[one.table], one, removed)
        for rest in {rest for way in ways for end in ends if (rest := _rest(way, end)) is not None}:
            yield Place(twin.table, twin.column, twin.steps + rest)


def _rest(way: Steps, end: Steps) -> Steps | None:
    """How a way goes on behind another's end: not at all where it stops before; None where it leads elsewhere."""
    if _matches(way[: len(end)], end):
        return way[len(end) :]
    return () if _matches(end[: len(way)], way) else None


def _rules(stream: Table, acts: Sequence[tuple[Place, Act]]) -> Rules | None:
    """The rules of one table, in the order of acts; None where there is nothing to hide."""
    mine = [(place, act) for place, act in acts if place.table == stream.name]
    found = [(steps, act) for place, act in mine for steps in _in_record(stream, place, act)]
    record = _by_act(found + [(steps, removed) for steps in _echoes(stream, acts)])
    columns = frozenset(place.column for place, act in mine if act is removed and not place.steps)
    filled = {one.name: _inside(record, one.sources) for one in stream.columns if one.offloaded}
    joined = stream.name_of_parent or ""
    filled |= {joined: _by_act([(place.steps, act) for place, act in mine if place.column == joined])}
    return Rules(columns, record, filled, _kept(stream, columns)) if mine or record else None


def _by_act(found: Sequence[tuple[Steps, Act]]) -> tuple[Rule, ...]:
    """A rule for each act: what is taken out first, then what is redacted, then what is hashed."""
    acts = sorted(dict.fromkeys(act for _, act in found), key=lambda act: (act is not removed, act is not redacted))
    return tuple(Rule(tuple(dict.fromkeys(way for way, one in found if one is act)), act) for act in acts)


def _inside(record: Sequence[Rule], sources: Sequence[str]) -> tuple[Rule, ...]:
    """The rules of a record for the value of one of its fields alone."""
    return _by_act([(way[1:], rule.act) for rule in record for way in rule.ways if way[0] in sources])


def _kept(stream: Table, columns: frozenset[str]) -> frozenset[str]:
    places = [(*one.sources, *((one.offloaded,) if one.offloaded else ())) for one in stream.columns if one.name not in columns]
    return frozenset(str(_way(source)[0]) for sources in places for source in sources)


def _echoes(stream: Table, acts: Sequence[tuple[Place, Act]]) -> list[Steps]:
    """Ways to what shows a hidden field once more in this table's records."""
    heads = {(place.table, str(steps[0])) for place, act in acts for steps in _in_record(TABLE_OF[place.table], place, act)}
    return sorted({steps for head in heads for table, steps in ECHOES.get(head, ()) if table == stream.name}, key=str)


def _in_record(stream: Table, place: Place, act: Act) -> list[Steps]:
    """The ways of a place into the record: by each of the column's sources, and where another field holds the same."""
    if place.column == RAW:
        ways = [place.steps] if place.steps else []
    else:
        column = next(one for one in stream.columns if one.name == place.column)
        ends = [(source, _way(source)) for source in column.sources]
        ways = [way + ((None,) if source.endswith("[-1]") and act is not removed else ()) + place.steps for source, way in ends]
    return list(dict.fromkeys(steps for way in ways for steps in (way, *_aliases(stream, way))))


def _aliases(stream: Table, way: Steps) -> list[Steps]:
    """The same way by another source of a column, where one API nests what the other does not."""
    found: list[Steps] = []
    for column in stream.columns:
        ends = [_way(source) for source in column.sources]
        for one in ends:
            if _matches(way[: len(one)], one):
                found += [other + way[len(one) :] for other in ends if other != one]
            elif _matches(one[: len(way)], way):
                found += [other for other in ends if other != one]
    return found


def _matches(some: Steps, others: Steps) -> bool:
    return len(some) == len(others) and all(a == b or None in (a, b) for a, b in zip(some, others, strict=True))


def _way(source: str) -> Steps:
    return tuple(source.removesuffix("[-1]").split("."))
