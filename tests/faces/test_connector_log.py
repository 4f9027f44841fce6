"""Lines of a call go to Fivetran's log: at their levels, clean, and not too many."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from langsmith_core import logs, masking
from langsmith_core.faces import connector_log
from samples import NOW

OURS, FOREIGN = logging.getLogger("langsmith_core.sync"), logging.getLogger("urllib3")


class Lines:
    """Fivetran's log, and a clock set by hand."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []
        self.now = NOW

    def info(self, message: str) -> None:
        """Keep a line."""
        self.lines.append(("info", message))

    def warning(self, message: str) -> None:
        """Keep a line."""
        self.lines.append(("warning", message))

    def error(self, message: str) -> None:
        """Keep a line, unless nobody reads any more."""
        if message == "nobody reads":
            raise BrokenPipeError
        self.lines.append(("error", message))


@contextmanager
def told() -> Iterator[Lines]:
    lines = Lines()
    with connector_log.told_to(lines, lambda: lines.now):
        yield lines


def test_lines_at_their_levels_with_their_fields() -> None:
    """Ours come from INFO on with their fields as JSON, other libraries' from WARNING on without their values."""
    with told() as found:
        OURS.debug("unseen")
        OURS.info("%d rows", 3, extra=logs.event("pass", rows_total=3))
        OURS.warning("careful")
        OURS.error("broken")
        FOREIGN.info("unseen")
        FOREIGN.warning("value %s", "of a row")
    OURS.info("after the call")
    assert found.lines == [
        ("info", '3 rows {"event":"pass","rows_total":3}'),
        ("warning", "careful"),
        ("error", "broken"),
        ("warning", "urllib3: value %s"),
    ]


def test_no_secret_is_in_a_line() -> None:
    """A line is masked as on standard output."""
    with told() as found, masking.secrets_masked(["lsv2_pt_0123456789abcdef"]):
        OURS.error("refused: lsv2_pt_0123456789abcdef")
    assert found.lines == [("error", "refused: (the key)")]


def test_no_more_lines_than_fivetran_takes() -> None:
    """Past a thousand lines in a minute the others are counted. The next minute begins with their number."""
    with told() as found:
        for _ in range(1_500):
            OURS.info("again")
        found.now += timedelta(minutes=1)
        OURS.info("later")
        left_out = [line for line in found.lines if "left out" in line[1]]
        assert (len(found.lines), left_out) == (
            1_002,
            [("warning", "Fivetran takes no more lines this minute: 500 lines were left out")],
        )
        for _ in range(999):
            OURS.info("again")
    assert found.lines[-1] == ("warning", "Fivetran takes no more lines this minute: 1 lines were left out")


def test_a_log_that_nobody_reads_stops_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Logging never raises, and never falls back to Python's own error handler."""
    with told():
        OURS.error("nobody reads")
    assert "Traceback" not in capsys.readouterr().err
