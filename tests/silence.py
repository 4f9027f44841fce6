"""What the product says during any test of the suite is heard here: no API key anywhere, no payload but in rows.

Here: hearing (log lines as they are printed, answers of both targets, states that are saved) and the verdict. conftest asks for
it after every test. Not here: that what is excluded or redacted leaves no row (simulation/test_hidden).
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import flask
import pytest

import main
from langsmith_core import faces, state_json
from langsmith_core.adapters.logs import JsonLines
from langsmith_core.state import State
from simulator import RawJson, Simulator
from simulator.store import Store

KEY = re.compile(r"lsv2_(pt|sk)_\w+")
"""A key of LangSmith's, the simulator's and those that tests make up included."""
LETTERS = 12
"""What is shorter says nothing that could not be said by chance."""
PAYLOADS = 300
"""Texts of one workspace that are looked for, spread over all of them."""


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
        quiet = "\n".join([*self.lines, *self.states, *(_without_rows(answer) for answer in self.answers)])
        found += [f"a payload: {text[:300]}" for store in self.stores for text in payloads(store) if text in quiet]
        self.forget()
        return found

    def forget(self) -> None:
        """Begin anew."""
        for heard in (self.lines, self.answers, self.states, self.stores):
            heard.clear()


def listening(ear: Ear, patch: pytest.MonkeyPatch) -> None:
    """Have an ear at every way out but the rows."""
    logging.getLogger().addHandler(ear)
    answered, saved, made = main._answered, faces.Driver._saved, Simulator.__init__  # noqa: SLF001  where all of it passes

    def answering(*values: Any) -> flask.Response:
        response = answered(*values)
        ear.answers.append(response.data)
        return response

    def saving(driver: faces.Driver, state: State) -> None:
        ear.states.append(state_json.dump(state).decode())
        saved(driver, state)

    def making(simulator: Simulator, *values: Any, **named: Any) -> None:
        made(simulator, *values, **named)
        ear.stores.append(simulator.workspace)

    patch.setattr(main, "_answered", answering)
    patch.setattr(faces.Driver, "_saved", saving)
    patch.setattr(Simulator, "__init__", making)


def payloads(store: Store) -> list[str]:
    """Texts of what applications said: of runs, examples and feedback, each as it stands in JSON."""
    examples = [one for dataset in store.datasets.values() for example in dataset.examples.values() for one in example.revisions]
    whole = [part for run in store.runs.values() for part in (run.inputs, run.outputs)]
    whole += [part for revision in examples for part in (revision.inputs, revision.outputs)]
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
    """An answer's message, state and figures."""
    heard = json.loads(answer)
    return json.dumps({name: value for name, value in heard.items() if name not in ("insert", "delete")}, ensure_ascii=False)
