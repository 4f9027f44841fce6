"""Tests of `langsmith-sync streams`, of the exit statuses, and of what `docs/cli.md` shows."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from langsmith_core import errors
from langsmith_core.streams.registry import STREAMS
from langsmith_sync import app, exits
from langsmith_sync.exits import Exit

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()


def test_every_stream_is_listed(run: Callable[..., Any]) -> None:
    """A row for each table: its switch, its key, and how it is read. It needs no configuration."""
    ran = run("streams")
    _, _, *lines = ran.out.splitlines()
    wanted = [[one.table.name, one.switch or "always on", one.table.key, one.table.how_read] for one in STREAMS]
    assert ran.status == 0
    assert [re.split(r"  +", line) for line in lines] == wanted


@pytest.mark.parametrize("words", [["streams", "--nope"], ["nope"], ["export"], ["serve", "--port", "0"]])
def test_a_wrong_command_line_ends_in_2(words: list[str], run: Callable[..., Any]) -> None:
    """The usage is shown, and nothing is done."""
    ran = run(*words)
    assert (ran.status, ran.err.startswith("Usage: ")) == (2, True)


def test_every_error_has_an_exit_status_of_the_table() -> None:
    """Each class of error that a user may meet, and its status."""
    found = {
        name: exits.of(kind("x"))
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.SyncError)
    }
    assert found.pop("BusyError") is Exit.BUSY
    assert {found.pop(name) for name in ("CredentialsError", "ForeignError")} == {Exit.REFUSED}
    assert {found.pop(name) for name in ("ConfigError", "StateError", "RequestError")} == {Exit.CONFIGURATION}
    assert {found.pop(name) for name in ("SyncError", "DeliveryError", "MethodError")} == {Exit.FAILED}
    assert set(found.values()) == {Exit.LATER}
    assert [*exits.MEANINGS] == [*Exit]


def test_a_fault_of_our_own_shows_no_value(run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The traceback names the lines and the class. The error's text, which may hold a payload, is left out."""

    def broken() -> None:
        raise ValueError("a customer's words")

    monkeypatch.setattr(app, "COMMANDS", {**app.COMMANDS, "streams": broken})
    ran = run("streams")
    assert ran.status == 1
    assert ran.err.startswith("a fault of this program; report it\nTraceback (most recent call last):\n")
    assert ran.err.endswith(", in broken\nValueError\n")
    assert "customer" not in ran.out + ran.err


def examples() -> dict[str, str]:
    """The outputs that docs/cli.md shows, by their command."""
    return dict(re.findall(r"<!-- example -->\n```\n\$ ([^\n]+)\n(.*?)```\n<!-- /example -->", PAGE, re.DOTALL))


def masked(text: str) -> list[str]:
    """The lines of an output without what depends on time and machine: numbers, dates, and the rules under names."""
    return [re.sub(r"\s+", " ", re.sub(r"\d[\d,.:TZ-]*|-{2,}", "#", line)).strip() for line in text.splitlines()]


@pytest.mark.parametrize("command", examples())
def test_the_page_shows_what_a_command_prints(command: str, run: Callable[..., Any], langsmith: Any) -> None:
    """Each line of the example is one that the command prints, but for numbers and dates. `...` stands for lines left out."""
    identity = dict(langsmith.environment) | {"PAGE_SIZE": "50"}
    if command.split()[1] != "sync":
        run("sync", environment=identity)
    ran = run(*command.split()[1:], environment=identity)
    lines = [line for line in masked(examples()[command]) if line != "..."]
    printed = masked(re.sub(r"http://127\.0\.0\.1:\d+", "https://api.smith.langchain.com", ran.out))
    assert len(lines) > 2
    assert [line for line in lines if line not in printed] == []


def test_the_page_has_an_example_of_each_command_that_prints_a_table() -> None:
    """sync, status, config, streams and export."""
    assert {command.split()[1] for command in examples()} == {"sync", "status", "config", "streams", "export"}
