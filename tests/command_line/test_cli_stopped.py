"""A command that somebody stops in the middle of a statement."""

from __future__ import annotations

import os
import signal
import threading

import duckdb
import pytest
import typer

from langsmith_sync import programs
from langsmith_sync.exits import Exit


@pytest.fixture
def interruptible(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take Ctrl-C as a command does."""
    monkeypatch.setattr(programs, "_stops", [])
    monkeypatch.setattr(programs, "_on_signals", lambda handler: signal.signal(signal.SIGUSR1, handler))
    programs.interruptible()


@pytest.mark.usefixtures("interruptible")
def test_a_stop_within_duckdb_ends_as_any_other(capsys: pytest.CaptureFixture[str]) -> None:
    """DuckDB raises a RuntimeError of its own where a signal comes while it computes. The command ends with 130 nevertheless."""
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGUSR1)).start()
    with pytest.raises(typer.Exit) as ended, programs.stoppable():
        duckdb.connect().execute("SELECT count(*) FROM range(10000000) a, range(1000) b WHERE a.range * b.range = 7")
    assert ended.value.exit_code == Exit.INTERRUPTED
    assert capsys.readouterr().err == f"\n{programs.STOPPED}\n"


@pytest.mark.usefixtures("interruptible")
def test_a_fault_is_no_stop() -> None:
    """Nobody has stopped the command, so the error is what it is."""
    with pytest.raises(RuntimeError, match="a fault"), programs.stoppable():
        raise RuntimeError("a fault")


def test_what_is_ignored_while_programs_end_is_heard_again_behind_them() -> None:
    """A program that a later command starts would inherit the ignoring, and nobody could stop it."""
    heard = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with programs.Programs():
        pass
    assert {number: signal.getsignal(number) for number in heard} == heard
