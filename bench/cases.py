"""The benchmark's cases as data: sizes, programs, and the doubled runs."""

from __future__ import annotations

from dataclasses import dataclass

APIS = ("v2", "v1")
FLOOR, SDK, FIVETRAN, LOCAL, DLT = "floor", "sdk", "fivetran", "local", "dlt_rest"


@dataclass(frozen=True)
class Program:
    """A module of `programs`, its name on the page, and whether it is too slow to measure more than once."""

    module: str
    name: str
    slow: bool = False


PROGRAMS = (
    Program(FLOOR, "floor: read, parse, write JSON"),
    Program(SDK, "SDK loop, nothing kept"),
    Program(FIVETRAN, "**Fivetran face**"),
    Program(LOCAL, "**DuckDB face**"),
    Program(DLT, "dlt `rest_api` into DuckDB", slow=True),
)
FACES = (FIVETRAN, LOCAL)


@dataclass(frozen=True)
class Size:
    """How many runs, and roughly the bytes of one in an answer."""

    runs: int
    record_bytes: int

    @property
    def name(self) -> str:
        """The size as a heading gives it."""
        return f"{self.runs:,} runs of {self.record_bytes // 1000} KB"


@dataclass(frozen=True)
class Plan:
    """The two sizes, and how often each program is measured."""

    light: Size
    heavy: Size
    rounds: int

    @property
    def doubled(self) -> Size:
        """Twice the light size: memory must not grow with it."""
        return Size(2 * self.light.runs, self.light.record_bytes)
