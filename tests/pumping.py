"""Long texts, each a piece again and again, and whatever reads texts of others: patterns, parsers, readers of JSON.

A program: it reads all of them, and is killed within one that takes more than its share of processor time. Run by test_pumped;
what it was at is its last line.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
import re
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any, NamedTuple

import msgspec
from requests import Response

import langsmith_core
import main
from langsmith_core.faces import fivetran
from langsmith_core.langsmith import answers, headers
from langsmith_core.privacy import places, replace
from langsmith_core.records import conversions, json_text, rows, times
from langsmith_core.settings import config
from langsmith_core.settings.keys import KEYS
from langsmith_core.streams.registry import TABLES

LENGTH = 100_000
SHARE_SECONDS = 12
"""Of processor time. What is linear takes a hundredth of a second, and what is quadratic a minute at least."""
BEGINNINGS = ("", '"', '["', ':"', "langsmith_run.inputs")
PIECES = ('"', "\\", '\\"', "[", '["', '"]', ".*", ".a", "[0]", '["a"]', ",", " ", "0", "1.", "-", "NaN ", "\\ud800", "a:")
PUMPED = {beginning: [beginning + piece * (LENGTH // len(piece)) + "]!" for piece in PIECES] for beginning in BEGINNINGS}
JSON = [
    '[{"id":"a","inputs":"' + '\\"x\\",' * (LENGTH // 6),
    '[{"id":"a","inputs":"' + '\\"x\\",' * (LENGTH // 6) + '"}]',
    '[{"id":"a","inputs":' + "[" * (LENGTH // 2) + "]" * (LENGTH // 2) + "}]",
    '[{"id":"a","inputs":' + "[" * LENGTH,
    '[{"id":"a","inputs":' + '{"a":' * (LENGTH // 5),
    "[" + '{"id":NaN},' * (LENGTH // 11) + "1]",
    "[" + '{"id":"\\u0000"},' * (LENGTH // 15) + "1]",
    '[{"id":"a","n":' + "1" * LENGTH + "}]",
    '[{"id":"a","n":0.' + "1" * LENGTH + "}]",
    '[{"id":"a","n":"' + "1" * LENGTH + '"}]',
    '[{"id":"a","n":1' + "0" * LENGTH + "e-" + "9" * 9 + "}]",
    '[{"id":"a","inputs":"' + "\\u00e9\\ud83d\\ude00" * (LENGTH // 18) + "\\u0000" + '"}]',
    "[" * LENGTH,
    "]" * LENGTH,
    "[" + "NaN," * (LENGTH // 4) + "1]",
    "[NaN" + " " * LENGTH + "]",
    "[" + '"' * LENGTH,
]


class Reader(NamedTuple):
    """What reads a text, and what it may raise."""

    name: str
    read: Callable[[str], Any]
    texts: list[str]


def modules() -> list[ModuleType]:
    """All modules of the product."""
    found = pkgutil.walk_packages(langsmith_core.__path__, "langsmith_core.")
    return [main, *(importlib.import_module(one.name) for one in found)]


def patterns() -> dict[str, re.Pattern[Any]]:
    """Every pattern that a module has, by its name."""
    return {
        f"{module.__name__}.{name}": one
        for module in modules()
        for name, one in vars(module).items()
        if isinstance(one, re.Pattern)
    }


METHODS: dict[str, Callable[[re.Pattern[Any], Any], Any]] = {
    "fullmatch": re.Pattern.fullmatch,
    "match": re.Pattern.match,
    "search": re.Pattern.search,
    "findall": re.Pattern.findall,
    "finditer": lambda pattern, text: sum(1 for _ in pattern.finditer(text)),
    "sub": lambda pattern, text: pattern.sub(text[:0], text),
}


def _of_pattern(name: str, pattern: re.Pattern[Any]) -> Reader:
    """The pattern as its module uses it: one that must match all of a text is not looked for at each of its places."""
    module, _, short = name.rpartition(".")
    used = set(re.findall(rf"\b{short}\.([a-z]+)\(", inspect.getsource(sys.modules[module])))

    def read(text: str) -> None:
        for method in used:
            METHODS[method](pattern, text.encode() if isinstance(pattern.pattern, bytes) else text)

    return Reader(name, read, [text for texts in PUMPED.values() for text in texts])


def _answer(text: str) -> Response:
    made = Response()
    made.headers.update({"Date": text, "Retry-After": text})
    return made


def _strict(text: str) -> list[dict[str, Any]]:
    """A page as the engine reads it: records, and rows of every table."""
    records = json_text.elements(json_text.strict(text.encode(), 2))
    return [rows.to_row(stream, record, {}) for record in records for stream in TABLES]


def _numbers(text: str) -> list[Any]:
    """What each kind of column makes of a number that is this long."""
    return [convert(text.encode()) for convert in conversions.CONVERSIONS.values()]


def _fetched(text: str) -> Any:
    return replace.changed(json_text.strict(text.encode(), 0), [("a", "b"), (None,)], replace.redacted)


NOW = datetime(2026, 6, 1, tzinfo=UTC)
TAKEN_APART: dict[str, Callable[[str], Any]] = {
    "depth": lambda text: json_text.depth(text.encode()),
    "columns": places.columns,
    "paths": places.paths,
    "times": times.parse,
    "date": lambda text: headers.date(_answer(text)),
    "retry_after": lambda text: headers.retry_after(_answer(text), NOW),
    "words": lambda text: answers._words(text.encode()),  # noqa: SLF001  LangSmith's own words
    "request": lambda text: config.load({}, fivetran.parse(msgspec.json.encode({"secrets": {text: text}})).values),
    **{key.parse.__name__: key.parse for key in KEYS},
}


def readers() -> Iterator[Reader]:
    """All that reads what others wrote."""
    yield from itertools.starmap(_of_pattern, patterns().items())
    yield from (Reader(name, read, [*PUMPED[""], *PUMPED[BEGINNINGS[-1]], *JSON]) for name, read in TAKEN_APART.items())
    yield Reader("a page", _strict, JSON)
    yield Reader("a payload", _fetched, JSON)
    yield Reader("a number", _numbers, ["1" * LENGTH, "0." + "1" * LENGTH, "1" * 15 + "." + "0" * LENGTH + "1", "1e" + "9" * 9])


def run() -> None:
    """Read everything. What is refused is refused: only its time counts."""
    for reader in readers():
        for text in reader.texts:
            print(reader.name, text[:24], flush=True)  # noqa: T201  the last line says where it hung
            signal.setitimer(signal.ITIMER_VIRTUAL, SHARE_SECONDS)
            try:
                reader.read(text)
            except (ValueError, ArithmeticError, msgspec.MsgspecError, langsmith_core.errors.SyncError):
                continue
    print("done")  # noqa: T201  as above


if __name__ == "__main__":
    run()
