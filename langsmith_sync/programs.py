"""Start programs beside a command, and stop them whatever happens.

Here: processes, ports and signals. Not here: which programs (server, first_run), or calling a function over HTTP (server).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn, Self, TypeVar

import typer

from langsmith_core.errors import SyncError
from langsmith_sync import exits
from langsmith_sync.exits import Exit

START_SECONDS_MAX = 60
STOP_SECONDS = 3
TAIL_LINES = 20
STOPPED = "Stopped. Rows already written stay, and the next run goes on from there."
_stops: list[bool] = []
"""Not empty once somebody has stopped this command."""
T = TypeVar("T")


class FailureError(Exception):
    """A message for the person at the terminal when a program failed. The programs' logs follow it."""


class Program:
    """One program in a process group of its own, whose output goes to its log."""

    def __init__(self, name: str, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.name, self.log = name, log
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=file, stderr=file, start_new_session=True
            )

    def wait_for(self, ready: Callable[[Program], T | None]) -> T:
        """Return what `ready` finds, as soon as it finds something. Raises FailureError where the
        program ends or takes too long.
        """
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end and self._process.poll() is None:
            found = ready(self)
            if found:
                return found
            time.sleep(0.05)
        raise FailureError(f"The {self.name} did not start.")

    def wait(self) -> None:
        """Wait until the program ends. Raises FailureError for an exit code other than 0."""
        if self._process.wait() != 0:
            raise FailureError(f"The {self.name} ended with exit code {self._process.returncode}.")

    def stop(self) -> None:
        """End the program and all that it started: ask first, then force."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_SECONDS)

    def printed(self) -> list[str]:
        """Return the lines that it has printed."""
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()


class Programs:
    """The programs of one command. They end with the block, and so do their logs."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="langsmith-sync-")
        self._started: list[Program] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        _on_signals(signal.SIG_IGN)  # so that a second Ctrl-C leaves none of them behind
        for program in reversed(self._started):
            program.stop()
        self._folder.cleanup()
        for number, action in before.items():
            signal.signal(number, action)  # what is ignored would be ignored by programs that are started later, too

    def start(self, name: str, command: list[str], environment: Mapping[str, str]) -> Program:
        """Start a program."""
        with _signals_held():
            program = Program(name, command, environment, Path(self._folder.name) / f"{len(self._started)}.log")
            self._started.append(program)
        return program

    def tails(self) -> str:
        """Return the ends of all logs."""
        return "\n".join(
            line
            for one in self._started
            for line in (f"--- log of the {one.name}", *(one.printed()[-TAIL_LINES:] or ["(empty)"]))
        )


def run(work: Callable[[Programs], None]) -> Exit:
    """Do work that starts programs, and return the exit status. Nothing is left running, however it ends."""
    interruptible()
    with Programs() as programs:
        try:
            work(programs)
        except SyncError as refusal:
            return _failed(str(refusal), exits.of(refusal))
        except FailureError as failure:
            return _failed(f"{failure}\n{programs.tails()}", Exit.FAILED)
        except KeyboardInterrupt:
            return _failed(STOPPED, Exit.INTERRUPTED)
    return Exit.DONE


def interruptible() -> None:
    """Have a `kill` and a closed terminal end a command as Ctrl-C does."""
    _on_signals(_interrupt)


@contextmanager
def stoppable() -> Iterator[None]:
    """End the command with its exit status where somebody stops it within the block.

    DuckDB tells of a stop in the middle of a statement by a RuntimeError of its own.
    """
    try:
        yield
    except KeyboardInterrupt:
        _failed(STOPPED, Exit.INTERRUPTED)
        raise typer.Exit(Exit.INTERRUPTED) from None
    except RuntimeError:
        if not _stops:
            raise
        _failed(STOPPED, Exit.INTERRUPTED)
        raise typer.Exit(Exit.INTERRUPTED) from None


def _failed(message: str, status: Exit) -> Exit:
    print(f"\n{message}", file=sys.stderr)
    return status


def free_port() -> int:
    """Return a loopback port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def _interrupt(*_: object) -> NoReturn:
    _stops.append(True)
    raise KeyboardInterrupt


@contextmanager
def _signals_held() -> Iterator[None]:
    """Delay Ctrl-C until the block ends. A program between its start and its entry in the list would never be stopped."""
    held: list[object] = []
    _on_signals(lambda number, _: held.append(number))
    try:
        yield
    finally:
        _on_signals(_interrupt)
    if held:
        raise KeyboardInterrupt


def _on_signals(action: Callable[..., object] | signal.Handlers) -> None:
    """Set what ends a command from outside: Ctrl-C, a `kill`, a closed terminal (unless nohup ignores that)."""
    signal.signal(signal.SIGINT, action)
    signal.signal(signal.SIGTERM, action)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, action)
