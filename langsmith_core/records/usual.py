"""Decode a usual record in one step: a shortcut to the row that records.rows makes.

Nearly every record holds in each field what its column expects. One typed decoder then finds all values in C. A record that
holds anything else, such as a figure as text, takes the general way.

Not here: the general way (records.rows), or where a table's columns have their values (records.plans).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import InvalidOperation
from functools import lru_cache
from operator import itemgetter
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta, Raw, Struct

from langsmith_core.records import plans, times
from langsmith_core.records.addresses import SHARE_FIELDS, USER_FIELDS
from langsmith_core.records.columns import Column, Keys, Kind, Table
from langsmith_core.records.conversions import CONVERSIONS
from langsmith_core.records.ids import is_id
from langsmith_core.records.json_shape import has_few_containers
from langsmith_core.records.nested import Finder, finder

_Convert: TypeAlias = Callable[[Any], Any]
_NULL = Raw(b"null")
_TYPES: Mapping[Kind, Any] = {
    Kind.STRING: str | None,
    Kind.LOWER: str | None,
    Kind.TIMESTAMP: str | None,
    Kind.INTEGER: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None,
    Kind.BOOLEAN: bool | None,
}
"""What the decoder makes of a field. Of any other kind it takes the text."""
_DECODED: Mapping[Kind, _Convert | None] = dict.fromkeys(_TYPES) | {Kind.LOWER: str.lower, Kind.TIMESTAMP: times.canonical}
"""What is still to be done to a decoded value."""


class Usual(Struct, frozen=True):
    """The typed decoder of a table.

    Its fields are, in this order: those of the columns `names`, the `fields` that fill the columns `elsewhere`, further ones that
    users have written, and those that open a record to others, from place `shares` on. `written` takes out what users have
    written. `names` are columns that one field of their own fills: `converted` ones, whose value is made of what was decoded,
    and `plain` ones. `absent`: those of the plain ones that have a value in place of null.
    """

    decoder: msgspec.json.Decoder[Any]
    plan: plans.Plan
    key: str
    names: tuple[str, ...]
    converted: tuple[tuple[str, _Convert], ...]
    plain: tuple[str, ...]
    absent: tuple[str, ...]
    fields: tuple[str, ...]
    elsewhere: Finder
    written: Callable[[tuple[Any, ...]], tuple[Raw | None, ...]]
    shares: int

    def row(self, record: bytes, given: Mapping[str, Any], bytes_max: int | None) -> dict[str, Any] | None:
        """Return the row of a usual record. None for any other, one that may have to be cut, and one that holds credentials."""
        too_long = bytes_max and len(record) * (1 + len(self.plan.blank)) > bytes_max
        if too_long or not has_few_containers(record):
            return None
        try:
            found = msgspec.structs.astuple(self.decoder.decode(record))
            row = self._row(found, given)
        except (ValueError, OverflowError, InvalidOperation, msgspec.MsgspecError):
            return None
        if not is_id(row[self.key]) or not self._is_harmless(found, record):
            return None
        row["raw"] = record.decode()
        return row

    def _row(self, found: tuple[Any, ...], given: Mapping[str, Any]) -> dict[str, Any]:
        blank = self.plan.blank
        if given:
            blank = {name: given.get(name, value) for name, value in blank.items()}
        row = dict(blank)
        row.update(zip(self.names, found, strict=False))
        for name, convert in self.converted:
            text = row[name]
            row[name] = blank[name] if text is None or text == _NULL else convert(text)
        for name in self.plain if given else self.absent:
            if row[name] is None:
                row[name] = blank[name]
        texts = dict(zip(self.fields, found[len(self.names) :], strict=False))
        for name, text in self.elsewhere.texts(texts.get).items():
            row[name] = self.plan.conversions[name](text)
        for name, make in self.plan.made:
            row[name] = make(row)
        return row

    def _is_harmless(self, found: tuple[Any, ...], record: bytes) -> bool:
        """Return whether a record has an address nowhere but in what users have written, and is not shared."""
        written = b"".join(filter(None, self.written(found)))
        return record.count(b"/") == written.count(b"/") and all(text in (None, _NULL) for text in found[self.shares :])


@lru_cache(maxsize=64)
def of(table: Table, keys: Keys = ()) -> Usual | None:
    """Return the decoder of a table; None for one whose key is no id. `keys`: members' names that a team has chosen."""
    plan = plans.of(table, keys)
    paths = {column.name: column.paths(keys) for column in table.columns if column.sources}
    uses = Counter(field for found in paths.values() for field in {path[0] for path in found})
    direct = {name: field for name, field in plan.fields if uses[field] == 1}
    if not table.is_keyed_by_id or table.key not in direct:
        return None
    elsewhere = finder({name: found for name, found in paths.items() if name not in direct})
    inner = elsewhere.fields
    others = tuple(sorted(USER_FIELDS - {*direct.values(), *inner}))
    fields = (*direct.values(), *inner, *others, *sorted(SHARE_FIELDS))
    converts = {column.name: _convert(column, direct[column.name]) for column in table.columns if column.name in direct}
    plain = tuple(name for name in direct if converts[name] is None)
    return Usual(
        decoder=_decoder(fields, [_type(column, direct[column.name]) for column in table.columns if column.name in direct]),
        plan=plan,
        key=table.key,
        names=tuple(direct),
        converted=tuple((name, convert) for name, convert in converts.items() if convert),
        plain=plain,
        absent=tuple(name for name in plain if plan.blank[name] is not None),
        fields=inner,
        elsewhere=elsewhere,
        written=itemgetter(*(place for place, field in enumerate(fields) if field in USER_FIELDS)),
        shares=len(fields) - len(SHARE_FIELDS),
    )


def _type(column: Column, field: str) -> Any:
    """Return what the decoder makes of a field. Slashes are counted in the text of what users have written."""
    return Raw if field in USER_FIELDS else _TYPES.get(column.kind, Raw)


def _convert(column: Column, field: str) -> _Convert | None:
    """Return what makes a column's value of what the decoder gives; None where that is the value."""
    return CONVERSIONS[column.kind] if _type(column, field) is Raw else _DECODED[column.kind]


def _decoder(fields: Sequence[str], types: Sequence[Any]) -> msgspec.json.Decoder[Any]:
    """Return a decoder of objects with these fields, all optional. The first have `types`; of the others it takes the text."""
    places = {f"f{place}": field for place, field in enumerate(fields)}
    kinds = [*types, *[Raw] * (len(fields) - len(types))]
    made = [(place, kind, None) for place, kind in zip(places, kinds, strict=True)]
    return msgspec.json.Decoder(msgspec.defstruct("Record", made, rename=places))
