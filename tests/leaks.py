"""Check every test for leaks: no API key may leave the product anywhere, and no payload except in rows.

Here: watching log lines as they are printed, answers of both targets and saved states, and judging them. conftest.py asks for
the leaks after every test. Not here: that excluded or redacted values reach no row (simulation/test_hidden).
"""

from __future__ import annotations

import html
import json
import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import flask
import pytest

from langsmith_core.faces import handler, standalone
from langsmith_core.logs import JsonLines
from langsmith_core.sync import state_json
from langsmith_core.sync.state import State
from simulator import RawJson, Simulator
from simulator.store import Store

KEY = re.compile(r"lsv2_(pt|sk)_\w+")
"""A LangSmith key. The simulator's keys and those that tests make up match too."""
MARK = "tell-no-one"
LETTERS = 12
"""Shorter texts are not searched for: they may appear by chance."""
PIECE = 24
"""So many characters of a longer text are a leak, wherever they stand in it."""
PLAIN = re.compile(r"[0-9a-fA-FTZ:.,+_ -]*")
"""Ids, times and numbers are no leak: a state and a message may name what a payload names too."""
PAYLOADS, ENDS = 300, 2_000
"""How many texts of one workspace are searched for, spread over all of them; and how many characters from each end of one."""


class LeakWatch(logging.Handler):
    """Collect log lines, answers, saved states and simulated workspaces until `found` judges them."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: list[str] = []
        self.answers: list[bytes] = []
        self.states: list[str] = []
        self.stores: list[Store] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a log line of any logger, in the form in which the product prints its own."""
        self.lines.append(self.format(record))

    def found(self) -> list[str]:
        """Return the leaks, each as "a key: ..." or "a payload: ...", and clear what was collected."""
        everything = [*self.lines, *self.states, *(answer.decode() for answer in self.answers)]
        found = [f"a key: {text[:300]}" for text in everything if KEY.search(text)]
        payload_free = [*self.lines, *self.states, *(_without_rows(answer) for answer in self.answers)]
        found += [f"a payload: {text[:300]}" for text in leaked(self.stores, payload_free)]
        self.clear()
        return found

    def clear(self) -> None:
        """Drop everything collected so far."""
        for collected in (self.lines, self.answers, self.states, self.stores):
            collected.clear()


class QuickLeakWatch(logging.Handler):
    """Judge log lines one by one, for thousands of lines. `found` keeps those that hold a key or the mark of `marked_payload`."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Judge a log line as it is printed."""
        line = self.format(record)
        if MARK in line or KEY.search(line):
            self.found.append(line[:300])


def marked_payload(text: str) -> str:
    """Return a payload with the mark in every piece of 24 characters that begins before `text`."""
    return f"{MARK} " * 4 + text


def attach(watch: LeakWatch, patch: pytest.MonkeyPatch) -> None:
    """Have `watch` collect log lines, answers, saved states, and the workspaces whose payloads it searches for."""
    logging.getLogger().addHandler(watch)
    handle, save, make = handler.handle, standalone.Driver._save, Simulator.__init__  # noqa: SLF001  every saved state passes here

    def handling(*values: Any) -> flask.Response:
        response = handle(*values)
        watch.answers.append(response.data)
        return response

    def saving(driver: standalone.Driver, state: State) -> None:
        watch.states.append(state_json.dump(state).decode())
        save(driver, state)

    def making(simulator: Simulator, *values: Any, **named: Any) -> None:
        make(simulator, *values, **named)
        watch.stores.append(simulator.workspace)

    patch.setattr(handler, "handle", handling)
    patch.setattr(standalone.Driver, "_save", saving)
    patch.setattr(Simulator, "__init__", making)


def leaked(stores: Iterable[Store], payload_free: Iterable[str]) -> list[str]:
    """Return the payloads of these workspaces that stand, whole or in pieces, in texts that may hold none."""
    texts = list(dict.fromkeys(text for store in stores for text in payloads(store)))
    lines = list(dict.fromkeys(payload_free))  # most answers say the same
    everything = "\n".join(lines)
    whole = {text for text in texts if len(text) < PIECE and text in everything}
    pieces = _pieces(text for text in texts if len(text) >= PIECE)
    half = PIECE // 2
    for line in lines:
        for place in range(len(line) - half + 1):
            found = pieces.get(line[place : place + half], ())
            whole |= {text for text, at in found if text not in whole and _is_piece(_common(line, place, text, at))}
    return [text for text in texts if text in whole]


def _pieces(texts: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
    """Index consecutive half pieces of each text by their characters: every whole piece contains one of them."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    half = PIECE // 2
    for text in texts:
        for at in range(0, len(text) - half + 1, half):
            if not ENDS <= at <= len(text) - ENDS:
                found[text[at : at + half]].append((text, at))
    return found


def _common(line: str, place: int, text: str, at: int) -> str:
    """Return what a line and a text have in common around these positions, up to a piece in each direction."""
    before = 0
    while before < PIECE and place > before < at and line[place - before - 1] == text[at - before - 1]:
        before += 1
    after = 0
    while after < PIECE and line[place + after : place + after + 1] == text[at + after : at + after + 1] != "":
        after += 1
    return text[at - before : at + after]


def _is_piece(common: str) -> bool:
    return len(common) >= PIECE and not PLAIN.fullmatch(common)


def payloads(store: Store) -> list[str]:
    """Return texts that applications wrote into runs, examples and feedback, each as it stands in JSON."""
    examples = [one for dataset in store.datasets.values() for example in dataset.examples.values() for one in example.revisions]
    whole = [part for run in store.runs.values() for part in (run.inputs, run.outputs, run.error, run.tags, run.extra)]
    whole += [part for revision in examples for part in (revision.inputs, revision.outputs, revision.metadata)]
    whole += [part for one in store.feedback.values() for part in (one.comment, one.value, one.correction)]
    found = list(dict.fromkeys(text for part in whole for text in _texts(part)))
    return found[:: len(found) // PAYLOADS + 1]


def _texts(part: Any) -> Iterator[str]:
    """Yield the texts in a payload that are long enough to be recognised."""
    if isinstance(part, RawJson):
        yield from _texts(part.data.decode(errors="replace"))
    elif isinstance(part, dict):
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)
    elif isinstance(part, str) and len(part) >= LETTERS:
        yield json.dumps(part, ensure_ascii=False)[1:-1]


def _without_rows(answer: bytes) -> str:
    """Return an answer's message, state and figures as JSON, or a page as it reads. The schema is the same in each answer."""
    if answer.startswith(b"<"):
        return html.unescape(answer.decode())
    rows = ("insert", "delete", "schema")
    kept = {name: value for name, value in json.loads(answer).items() if name not in rows}
    return json.dumps(kept, ensure_ascii=False)
