"""What is hidden of each table, by a configuration: ways into its records, and what becomes of the values there.

Here: from places as they are written to ways into a record, by each API's form of it, and to what shows a value once more.
Not here: how places are written (privacy_paths), what LangSmith shows more than once (echoes), or applying the rules (privacy).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from langsmith_core.config import Settings
from langsmith_core.echoes import COPIED_FROM, COPIES, ECHOES, TWINS
from langsmith_core.privacy_paths import RAW, Place, Steps
from langsmith_core.replacing import Act, hashed, redacted, removed
from langsmith_core.streams import BY_TABLE, STREAMS, Column, Stream

NEEDED = frozenset({"id", "session_id", "project_id", "start_time", "end_time", "dataset_id", "created_at"})
"""Fields that are asked for though they are left out of rows: what is read next depends on them."""


class Rule(Struct, frozen=True):
    """What becomes of the values at these ways into the record: of each once, though two ways lead to it."""

    ways: tuple[Steps, ...]
    act: Act


class Rules(Struct, frozen=True):
    """All that is hidden of one table: columns that are null, rules for the record, rules for columns filled from elsewhere.

    `copied` are the record's rules where it was made from another table's. `filled` has the field that a column is filled for.
    `counted` are the ways of each item of the configuration that says what is replaced; `paths` are items that go on inside a
    column's JSON, where a path may be wrong.
    """

    columns: frozenset[str]
    record: tuple[Rule, ...]
    copied: tuple[Rule, ...]
    filled: Mapping[str, tuple[str, tuple[Rule, ...]]]
    kept: frozenset[str]
    counted: Mapping[str, frozenset[Steps]]
    paths: frozenset[str]

    def asks(self, name: str) -> bool:
        """Whether LangSmith is asked for a field."""
        gone = {way[0] for rule in self.record if rule.act is removed for way in rule.ways if len(way) == 1}
        needed = name in NEEDED or (name == COPIED_FROM and self.copied != self.record)
        return needed or name in self.kept or not (RAW in self.columns or name in gone)


class Wish(Struct, frozen=True):
    """One place, what becomes of it, and the item of the configuration that says so; none where it follows from another."""

    place: Place
    act: Act
    item: str = ""


def by_table(settings: Settings) -> dict[str, Rules]:
    """The rules of each table that has something to hide."""
    key = hashed(settings.hash_key or "")
    wishes = [Wish(place, removed) for place in settings.exclude_columns]
    wishes += [Wish(place, redacted, f"REDACT_PATHS {place.written}") for place in settings.redact_paths]
    wishes += [Wish(place, key, f"HASH_PATHS {place.written}") for place in settings.hash_paths]
    wishes += [twin for wish in wishes for twin in _twins(wish, TWINS)]
    copies = [copy for wish in wishes for copy in _twins(wish, COPIES)]
    found = {stream.table: _rules(stream, wishes, copies) for stream in STREAMS} if wishes else {}
    return {table: rules for table, rules in found.items() if rules.record or rules.copied or rules.columns or rules.counted}


def _twins(wish: Wish, pairs: Sequence[tuple[Place, Place]]) -> Iterator[Wish]:
    """The same act on each other place that holds the same value."""
    ways = _in_record(wish.place, wish.act)
    for one, twin in (pair for pair in pairs if pair[0].table == wish.place.table):
        ends = _in_record(one, removed)
        for rest in dict.fromkeys(rest for way in ways for end in ends for rest in _rests(way, end)):
            yield Wish(Place(twin.table, twin.column, twin.steps + rest), wish.act)


def _rests(way: Steps, end: Steps) -> Iterator[Steps]:
    """How a way may go on behind another's end: not at all where it stops before; nothing where it leads elsewhere."""
    if not way or not end:
        yield way
    elif way[0] is ...:
        yield from _rests(way[1:], end)
        yield from _rests(way, end[1:])
    elif way[0] == end[0] or None in (way[0], end[0]):
        yield from _rests(way[1:], end[1:])


def _rules(stream: Stream, wishes: Sequence[Wish], copies: Sequence[Wish]) -> Rules:
    mine = [wish for wish in wishes if wish.place.table == stream.table]
    columns = frozenset(wish.place.column for wish in mine if wish.act is removed and not wish.place.steps)
    record = _of_record(stream, wishes)
    paths = frozenset(wish.item for wish in mine if wish.place.steps)
    filled = {one.name: (one.name, _inside(record, one.sources)) for one in stream.columns if one.offloaded}
    joined = stream.name_of_parent or ""
    filled |= {joined: (joined, _by_act([(w.place.steps, w.act) for w in mine if w.place.column == joined]))}
    copied = _of_record(stream, [*wishes, *copies])
    return Rules(columns, record, copied, filled, _kept(stream, columns), _counted(mine), paths)


def _of_record(stream: Stream, wishes: Sequence[Wish]) -> tuple[Rule, ...]:
    """The rules for a table's records, what shows a hidden value once more taken out."""
    ways = [(wish, steps) for wish in wishes for steps in _in_record(wish.place, wish.act)]
    heads = dict.fromkeys((wish.place.table, str(steps[0])) for wish, steps in ways)
    echoes = [steps for head in heads for table, steps in ECHOES.get(head, ()) if table == stream.table]
    own = [(steps, wish.act) for wish, steps in ways if wish.place.table == stream.table]
    return _by_act([*own, *((steps, removed) for steps in echoes)])


def _counted(mine: Sequence[Wish]) -> dict[str, frozenset[Steps]]:
    found: dict[str, set[Steps]] = {}
    for wish in (one for one in mine if one.item):
        found.setdefault(wish.item, set()).update(_in_record(wish.place, wish.act))
    return {item: frozenset(ways) for item, ways in found.items()}


def _by_act(found: Sequence[tuple[Steps, Act]]) -> tuple[Rule, ...]:
    """A rule for each act: what is taken out first, then what is redacted, then what is hashed."""
    acts = sorted(dict.fromkeys(act for _, act in found), key=lambda act: (act is not removed, act is not redacted))
    return tuple(Rule(tuple(dict.fromkeys(way for way, one in found if one is act)), act) for act in acts)


def _inside(record: Sequence[Rule], sources: Sequence[str]) -> tuple[Rule, ...]:
    """The rules of a record for the value of one of its fields alone."""
    return _by_act([(way[1:], rule.act) for rule in record for way in rule.ways if way[0] in sources])


def _kept(stream: Stream, columns: frozenset[str]) -> frozenset[str]:
    """Fields that columns which are kept are read from."""
    places = [(*one.sources, *((one.offloaded,) if one.offloaded else ())) for one in stream.columns if one.name not in columns]
    return frozenset(str(_way(source)[0]) for sources in places for source in sources)


def _in_record(place: Place, act: Act) -> list[Steps]:
    """The ways of a place into the record: by each of the column's sources, and where another field holds the same.

    A joined column is in no record: its way begins with its own name.
    """
    stream = BY_TABLE[place.table]
    if place.column == RAW:
        ways = [place.steps] if place.steps else []
    else:
        column = next(one for one in stream.columns if one.name == place.column)
        ways = [end + place.steps for end in _ends(column, act)] or [(column.name, *place.steps)]
    return list(dict.fromkeys(steps for way in ways for steps in (way, *_aliases(stream, way))))


def _ends(column: Column, act: Act) -> list[Steps]:
    """Where a column is read from; each element of a list whose last it is, unless the list is taken out."""
    return [_way(one) + ((None,) if one.endswith("[-1]") and act is not removed else ()) for one in column.sources]


def _aliases(stream: Stream, way: Steps) -> list[Steps]:
    """The same way by another source of a column, where one API nests what the other does not."""
    found: list[Steps] = []
    for column in stream.columns:
        ends = [_way(source) for source in column.sources]
        found += [other + rest for one in ends for rest in _rests(way, one) for other in ends if other != one]
    return found


def _way(source: str) -> Steps:
    return tuple(source.removesuffix("[-1]").split("."))
