"""Turn the privacy settings into rules for each table: paths into its records, and the action on the values there.

A hidden value is hidden in every field that repeats it, too.
Not here: the syntax of places (privacy.places), their paths into a record (privacy.record_paths), which fields repeat a value
(privacy.repeats), or applying rules (privacy.hidden).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from langsmith_core.privacy.places import RAW, Place, Steps
from langsmith_core.privacy.record_paths import field_of, in_record, rests
from langsmith_core.privacy.repeats import COPIED_FROM, COPIES, REPEATS, SAME_VALUES
from langsmith_core.privacy.replace import Action, hashed, redacted, removed
from langsmith_core.records.columns import Keys, Path, Table, way
from langsmith_core.streams.registry import TABLES

NEEDED = frozenset({"id", "session_id", "project_id", "start_time", "end_time", "dataset_id", "created_at"})
"""Fields that requests ask for even if rows leave them out: the plan for what to read next depends on them."""


class PrivacySettings(Protocol):
    """The part of the settings that privacy reads (settings.config.Settings)."""

    @property
    def exclude_columns(self) -> tuple[Place, ...]:
        """Columns to leave out, from EXCLUDE_COLUMNS."""

    @property
    def redact_paths(self) -> tuple[Place, ...]:
        """Places to replace by the marker, from REDACT_PATHS."""

    @property
    def hash_paths(self) -> tuple[Place, ...]:
        """Places to replace by a hash, from HASH_PATHS."""

    @property
    def hash_key(self) -> str | None:
        """The key of the hashes, from HASH_KEY."""

    @property
    def projects_exclude(self) -> tuple[str, ...]:
        """Names or ids of projects that are never read, from PROJECTS_EXCLUDE."""

    @property
    def metadata_keys(self) -> Keys:
        """The keys of metadata that columns are read from, by column."""


class Rule(Struct, frozen=True):
    """One action, and the paths into the record to the values that it replaces: each value once, even if two paths meet."""

    paths: tuple[Steps, ...]
    act: Action


class Rules(Struct, frozen=True):
    """All that is hidden of one table.

    `columns`: columns that are null in every row. `record`: the rules for its records. `copied`: the rules for a record that was
    made from another table's. `filled`: by column, the rules for values that are not in the record.
    `read_fields`: fields that the remaining columns are read from.
    `counted`: the paths of each item of REDACT_PATHS and HASH_PATHS, by item. `path_items`: the items that continue inside a
    column's JSON, where a path may be wrong.
    """

    columns: frozenset[str]
    record: tuple[Rule, ...]
    copied: tuple[Rule, ...]
    filled: Mapping[str, tuple[Rule, ...]]
    read_fields: frozenset[str]
    counted: Mapping[str, frozenset[Steps]]
    path_items: frozenset[str]

    def asks(self, name: str) -> bool:
        """Return whether requests ask LangSmith for a field."""
        gone = {path[0] for rule in self.record if rule.act is removed for path in rule.paths if len(path) == 1}
        needed = name in NEEDED or (name == COPIED_FROM and self.copied != self.record)
        return needed or name in self.read_fields or not (RAW in self.columns or name in gone)


class _Demand(Struct, frozen=True):
    """One place, its action, and its paths into the record.

    `item`: the item of the configuration that asks for it, empty if it follows from another.
    """

    place: Place
    act: Action
    paths: tuple[Steps, ...]
    item: str = ""


def by_table(settings: PrivacySettings) -> dict[str, Rules]:
    """Return the rules of each table that has something to hide."""
    hash_value, keys = hashed(settings.hash_key or ""), settings.metadata_keys
    asked = [
        *((place, removed, "") for place in settings.exclude_columns),
        *((place, redacted, f"REDACT_PATHS {place.written}") for place in settings.redact_paths),
        *((place, hash_value, f"HASH_PATHS {place.written}") for place in settings.hash_paths),
    ]
    demands = [_Demand(place, act, tuple(in_record(place, act, keys)), item) for place, act, item in asked]
    demands += [twin for demand in demands for twin in _elsewhere(demand, SAME_VALUES, keys)]
    copies = [copy for demand in demands for copy in _elsewhere(demand, COPIES, keys)]
    found = {stream.name: _rules(stream, demands, copies, keys) for stream in TABLES} if demands else {}
    return {table: rules for table, rules in found.items() if rules.record or rules.copied or rules.columns or rules.counted}


def _elsewhere(demand: _Demand, pairs: Sequence[tuple[Place, Place]], keys: Keys) -> Iterator[_Demand]:
    """Yield the same action for each other place that holds the same value."""
    for one, other in (pair for pair in pairs if pair[0].table == demand.place.table):
        ends = in_record(one, removed, keys)
        for rest in dict.fromkeys(rest for path in demand.paths for end in ends for rest in rests(path, end)):
            place = Place(other.table, other.column, other.steps + rest)
            yield _Demand(place, demand.act, tuple(in_record(place, demand.act, keys)))


def _rules(stream: Table, demands: Sequence[_Demand], copies: Sequence[_Demand], keys: Keys) -> Rules:
    own = [demand for demand in demands if demand.place.table == stream.name]
    record = _of_record(stream, demands)
    columns = _empty(stream, own, record, keys)
    return Rules(
        columns,
        record,
        _of_record(stream, [*demands, *copies]),
        _of_filled(stream, record, own),
        _read_fields(stream, columns),
        _counted(own),
        frozenset(demand.item for demand in own if demand.place.steps),
    )


def _empty(stream: Table, own: Sequence[_Demand], record: Sequence[Rule], keys: Keys) -> frozenset[str]:
    """Return the columns that are left out: those named, those of which no source is left, and those made of one left out."""
    gone = {path for rule in record if rule.act is removed for path in rule.paths}
    named = {demand.place.column for demand in own if demand.act is removed and not demand.place.steps}
    named |= {one.name for one in stream.columns if one.sources and all(_is_within(path, gone) for path in one.paths(keys))}
    return frozenset(named | {one.name for one in stream.columns if not named.isdisjoint(one.made_of)})


def _is_within(path: Path, gone: Collection[Steps]) -> bool:
    """Return whether a value lies where the record has lost all."""
    end = field_of(path)
    return any(end[: length + 1] in gone for length in range(len(end)))


def _of_record(stream: Table, demands: Sequence[_Demand]) -> tuple[Rule, ...]:
    """Return the rules for a table's records. Fields that repeat a hidden value are removed."""
    paths = [(demand, steps) for demand in demands for steps in demand.paths]
    heads = dict.fromkeys((demand.place.table, str(steps[0])) for demand, steps in paths)
    repeats = [steps for head in heads for table, steps in REPEATS.get(head, ()) if table == stream.name]
    own = [(steps, demand.act) for demand, steps in paths if demand.place.table == stream.name]
    return _by_action([*own, *((steps, removed) for steps in repeats)])


def _of_filled(stream: Table, record: Sequence[Rule], own: Sequence[_Demand]) -> dict[str, tuple[Rule, ...]]:
    """Return the rules for columns that the record does not hold: object storage does, the question, or other columns."""
    sourceless = [one.name for one in stream.columns if not (one.sources or one.name == RAW)]
    return {
        **{one.name: _inside(record, one.sources) for one in stream.columns if one.offloaded},
        **{name: _by_action([(one.place.steps, one.act) for one in own if one.place.column == name]) for name in sourceless},
    }


def _counted(own: Sequence[_Demand]) -> dict[str, frozenset[Steps]]:
    found: dict[str, set[Steps]] = {}
    for demand in (one for one in own if one.item):
        found.setdefault(demand.item, set()).update(demand.paths)
    return {item: frozenset(paths) for item, paths in found.items()}


def _by_action(found: Sequence[tuple[Steps, Action]]) -> tuple[Rule, ...]:
    """Group paths to one rule per action. Removing comes first, then redacting, then hashing."""
    acts = sorted(dict.fromkeys(act for _, act in found), key=lambda act: (act is not removed, act is not redacted))
    return tuple(Rule(tuple(dict.fromkeys(path for path, one in found if one is act)), act) for act in acts)


def _inside(record: Sequence[Rule], sources: Sequence[str]) -> tuple[Rule, ...]:
    """Return a record's rules for the value of one of these fields alone."""
    return _by_action([(path[1:], rule.act) for rule in record for path in rule.paths if path[0] in sources])


def _read_fields(stream: Table, columns: frozenset[str]) -> frozenset[str]:
    """Return the fields that columns other than `columns` are read from."""
    sources = [(*one.sources, *((one.offloaded,) if one.offloaded else ())) for one in stream.columns if one.name not in columns]
    return frozenset(way(source)[0] for group in sources for source in group)
