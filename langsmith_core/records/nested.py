"""Find values that lie deeper in a record, or in one of several fields. Each object on the way is read once for all columns.

Not here: fields of the record that fill one column each (records.plans), or converting a value (records.conversions).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import msgspec
from msgspec import Raw, Struct

from langsmith_core.records import json_text
from langsmith_core.records.columns import LAST, Path

Slots: TypeAlias = list[Raw | None]
"""The texts found so far, one for each path."""
_NULL, _MISSING = Raw(b"null"), Raw(b"")


class Inside(Struct, frozen=True):
    """What is looked for inside one value.

    `decoder`: of an object with the members that matter. `ends`: places among these members, with their slots. `further`:
    places whose values are looked into. `last`: the slot of a list's last element, None if it does not matter.
    """

    decoder: msgspec.json.Decoder[Any]
    ends: tuple[tuple[int, int], ...]
    further: tuple[tuple[int, Inside], ...]
    last: int | None

    def read(self, text: Raw, slots: Slots) -> None:
        """Put what is found into its slots. Raises MalformedError for a text that is no JSON."""
        if self.last is not None:
            found = json_text.element_views(text) if json_text.begins(text, b"[") else []
            slots[self.last] = found[-1] if found else None
            return
        try:
            members = msgspec.structs.astuple(self.decoder.decode(text))
        except msgspec.ValidationError:  # no object
            return
        except msgspec.DecodeError as error:
            raise json_text.MalformedError(str(error)) from error
        for place, slot in self.ends:
            slots[slot] = members[place]
        for place, inside in self.further:
            if members[place] is not None and members[place] != _NULL:
                inside.read(members[place], slots)


class Finder(Struct, frozen=True):
    """Where the values of columns may lie.

    `fields`: of the record. `heads`: each with its own slot, and what is looked for inside. `wanted`: by column, the slots that
    may fill it, in their order. `count`: of all slots.
    """

    fields: tuple[str, ...]
    heads: tuple[tuple[str, int | None, Inside | None], ...]
    wanted: tuple[tuple[str, tuple[int, ...]], ...]
    count: int

    def texts(self, get: Callable[[str], Raw | None]) -> dict[str, Raw]:
        """Return, by column, the text of its first path that is not null. `get` gives a field's text."""
        slots: Slots = [None] * self.count
        for field, slot, inside in self.heads:
            text = get(field)
            if text is None or text == _NULL:
                continue
            if slot is not None:
                slots[slot] = text
            if inside is not None:
                inside.read(text, slots)
        found = {}
        for name, places in self.wanted:
            for place in places:
                text = slots[place]
                if text is not None and text != _NULL:
                    found[name] = text
                    break
        return found


def finder(paths: Mapping[str, Sequence[Path]]) -> Finder:
    """Return the finder of these columns."""
    slots = {path: slot for slot, path in enumerate(dict.fromkeys(path for found in paths.values() for path in found))}
    fields = tuple(dict.fromkeys(path[0] for path in slots))
    return Finder(
        fields,
        tuple((field, slots.get((field,)), _inside((field,), slots)) for field in fields),
        tuple((name, tuple(slots[path] for path in found)) for name, found in paths.items()),
        len(slots),
    )


def _inside(at: Path, slots: Mapping[Path, int]) -> Inside | None:
    """Return what is looked for inside the value at a path; None if that is nothing."""
    names = tuple(dict.fromkeys(path[len(at)] for path in slots if path[: len(at)] == at and len(path) > len(at)))
    if not names:
        return None
    ends = tuple((place, slots[(*at, name)]) for place, name in enumerate(names) if (*at, name) in slots)
    further = tuple((place, inside) for place, name in enumerate(names) if (inside := _inside((*at, name), slots)))
    made = [(f"f{place}", Raw, None) for place in range(len(names))]
    rename = {f"f{place}": name for place, name in enumerate(names)}
    return Inside(msgspec.json.Decoder(msgspec.defstruct("Inside", made, rename=rename)), ends, further, slots.get((*at, LAST)))
