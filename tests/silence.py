"""What the product says during any test of the suite is heard here: no API key anywhere, no payload but in rows.

Here: hearing (log lines as they are printed, answers of both targets, states that are saved) and the verdict. conftest asks for
it after every test. Not here: that what is excluded or redacted leaves no row (simulation/test_hidden).
"""

from __future__ import annotations

import json
import logging
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import flask
import pytest

import main
from langsmith_core.faces import standalone
from langsmith_core.sync import state_json
from langsmith_core.logs import JsonLines
from langsmith_core.sync.state import State
from simulator import RawJson, Simulator
from simulator.store import Store

KEY = re.compile(r"lsv2_(pt|sk)_\w+")
"""A key of LangSmith's, the simulator's and those that tests make up included."""
MARK = "tell-no-one"
LETTERS = 12
"""What is shorter says nothing that could not be said by chance."""
PIECE = 24
"""So many characters of a longer text are enough to give it away, wherever they stand in it."""
PLAIN = re.compile(r"[0-9a-fA-FTZ:.,+_ -]*")
"""Ids, times and numbers: a state and a message may name what a payload names too."""
PAYLOADS, ENDS = 300, 2_000
"""Texts of one workspace that are looked for, spread over all of them; of a long one so many characters from each end."""


class Ear(logging.Handler):
    """Everything that was said since the last verdict."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: list[str] = []
        self.answers: list[bytes] = []
        self.states: list[str] = []
        self.stores: list[Store] = []

    def emit(self, record: logging.LogRecord) -> None:
        """A log line of anyone's; the product's are printed in this form."""
        self.lines.append(self.format(record))

    def offences(self) -> list[str]:
        """What should not have been said; and all is forgotten."""
        everything = [*self.lines, *self.states, *(answer.decode() for answer in self.answers)]
        found = [f"a key: {text[:300]}" for text in everything if KEY.search(text)]
        quiet = [*self.lines, *self.states, *(_without_rows(answer) for answer in self.answers)]
        found += [f"a payload: {text[:300]}" for text in given_away(self.stores, quiet)]
        self.forget()
        return found

    def forget(self) -> None:
        """Begin anew."""
        for heard in (self.lines, self.answers, self.states, self.stores):
            heard.clear()


class Sentry(logging.Handler):
    """An ear for thousands of lines: it judges each as it is said, by the mark of `secret`, and keeps what offends."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.offences: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """A log line as it is printed."""
        line = self.format(record)
        if MARK in line or KEY.search(line):
            self.offences.append(line[:300])


def secret(text: str) -> str:
    """A payload of which no piece of 24 characters before its `text` is without the mark."""
    return f"{MARK} " * 4 + text


def listening(ear: Ear, patch: pytest.MonkeyPatch) -> None:
    """Have an ear at every way out but the rows."""
    logging.getLogger().addHandler(ear)
    answered, saved, made = main._answered, standalone.Driver._saved, Simulator.__init__  # noqa: SLF001  where all of it passes

    def answering(*values: Any) -> flask.Response:
        response = answered(*values)
        ear.answers.append(response.data)
        return response

    def saving(driver: standalone.Driver, state: State) -> None:
        ear.states.append(state_json.dump(state).decode())
        saved(driver, state)

    def making(simulator: Simulator, *values: Any, **named: Any) -> None:
        made(simulator, *values, **named)
        ear.stores.append(simulator.workspace)

    patch.setattr(main, "_answered", answering)
    patch.setattr(standalone.Driver, "_saved", saving)
    patch.setattr(Simulator, "__init__", making)


def given_away(stores: Iterable[Store], quiet: Iterable[str]) -> list[str]:
    """Payloads of these workspaces that stand, whole or in pieces, where none may."""
    said = list(dict.fromkeys(quiet))  # most answers say the same
    texts = list(dict.fromkeys(text for store in stores for text in payloads(store)))
    everything = "\n".join(said)
    whole = {text for text in texts if len(text) < PIECE and text in everything}
    pieces = _pieces(text for text in texts if len(text) >= PIECE)
    half = PIECE // 2
    for line in said:
        for place in range(len(line) - half + 1):
            found = pieces.get(line[place : place + half], ())
            whole |= {text for text, at in found if text not in whole and _is_piece(_common(line, place, text, at))}
    return [text for text in texts if text in whole]


def _pieces(texts: Iterable[str]) -> dict[str, list[tuple[str, int]]]:
    """Where each run of half a piece's length stands, one after the other: every piece holds one of them whole."""
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    half = PIECE // 2
    for text in texts:
        for at in range(0, len(text) - half + 1, half):
            if not ENDS <= at <= len(text) - ENDS:
                found[text[at : at + half]].append((text, at))
    return found


def _common(line: str, place: int, text: str, at: int) -> str:
    """What a line and a text have in common around these places, as far as it matters."""
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
    """Texts of what applications said: of runs, examples and feedback, each as it stands in JSON."""
    examples = [one for dataset in store.datasets.values() for example in dataset.examples.values() for one in example.revisions]
    whole = [part for run in store.runs.values() for part in (run.inputs, run.outputs, run.error, run.tags, run.extra)]
    whole += [part for revision in examples for part in (revision.inputs, revision.outputs, revision.metadata)]
    whole += [part for one in store.feedback.values() for part in (one.comment, one.value, one.correction)]
    found = list(dict.fromkeys(text for part in whole for text in _texts(part)))
    return found[:: len(found) // PAYLOADS + 1]


def _texts(part: Any) -> Iterator[str]:
    """The texts in a payload that are long enough to be known again."""
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
    """An answer's message, state and figures; the schema is the same in each."""
    rows = ("insert", "delete", "schema")
    heard = {name: value for name, value in json.loads(answer).items() if name not in rows}
    return json.dumps(heard, ensure_ascii=False)
