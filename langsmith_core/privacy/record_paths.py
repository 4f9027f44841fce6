"""Find a place of the privacy settings in an API record: one path for each form in which v1 or v2 writes it."""

from __future__ import annotations

from collections.abc import Iterator

from langsmith_core.privacy.places import RAW, Place, Steps
from langsmith_core.privacy.replace import Action, removed
from langsmith_core.records.columns import LAST, Column, Keys, Path, Table
from langsmith_core.streams.registry import TABLE_OF


def in_record(place: Place, act: Action, keys: Keys = ()) -> list[Steps]:
    """Return the paths of a place into the record: by each source of its column, and where another field holds the same.

    A column without a source is in no record: its path begins with its own name. That is also where v2 writes what it makes
    itself, such as `is_root`. `keys`: members' names that a team has chosen.
    """
    stream = TABLE_OF[place.table]
    if place.column == RAW:
        paths = [place.steps] if place.steps else []
    else:
        column = next(one for one in stream.columns if one.name == place.column)
        paths = [end + place.steps for end in _ends(column, act, keys)] or [(column.name, *place.steps)]
    return list(dict.fromkeys(steps for path in paths for steps in (path, *_aliases(stream, path, keys))))


def _ends(column: Column, act: Action, keys: Keys) -> list[Steps]:
    """Return where a column is read from. For `[-1]`, each element of the list, or the whole list if it is removed."""
    return [field_of(one) + ((None,) if one[-1] == LAST and act is not removed else ()) for one in column.paths(keys)]


def _aliases(stream: Table, path: Steps, keys: Keys) -> list[Steps]:
    """Return the same path by another source of a column, where one API nests what the other does not."""
    found: list[Steps] = []
    for column in stream.columns:
        ends = [field_of(one) for one in column.paths(keys)]
        found += [other + rest for one in ends for rest in rests(path, one) for other in ends if other != one]
    return found


def field_of(path: Path) -> Path:
    """Return the path to what a column is read from; `[-1]` is dropped."""
    return path[:-1] if path[-1] == LAST else path


def rests(path: Steps, end: Steps) -> Iterator[Steps]:
    """Yield how a path may continue behind `end`: empty if it stops before, and nothing if it leads elsewhere."""
    if not path or not end:
        yield path
    elif path[0] is ...:
        yield from rests(path[1:], end)
        yield from rests(path, end[1:])
    elif path[0] == end[0] or None in (path[0], end[0]):
        yield from rests(path[1:], end[1:])
