"""The benchmark's cases as data: what is read, over which network, by which programs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bench.corpus import ACTIVE, DAYS, PROJECTS, TRACE

FLOOR, SDK, FIVETRAN, LOCAL, DLT = "floor", "sdk", "fivetran", "local", "dlt_rest"
CONNECTOR, CONNECTOR_STRING, CONNECTOR_SLOW = "connector", "connector_string", "connector_slow"
RUNS = 50_000
"""The runs of the first case. A smaller benchmark has fewer in all cases, in proportion."""
LEAST_RUNS, LEAST_PROJECTS = 100, 40


@dataclass(frozen=True)
class Program:
    """A module of `programs`, its name on the page, and whether it is too slow to measure more than once.

    `under_sdk`: it runs by the interpreter that has Fivetran's SDK, and in the cases that name it alone.
    """

    module: str
    name: str
    slow: bool = False
    under_sdk: bool = False


PROGRAMS = (
    Program(FLOOR, "floor: read, parse, write JSON"),
    Program(SDK, "SDK loop, nothing kept"),
    Program(FIVETRAN, "**Fivetran face**"),
    Program(LOCAL, "**DuckDB face**"),
    Program(DLT, "dlt `rest_api` into DuckDB", slow=True),
    Program(CONNECTOR, "**connector**, JSON", under_sdk=True),
    Program(CONNECTOR_STRING, "**connector**, JSON as STRING", under_sdk=True),
    Program(CONNECTOR_SLOW, "**connector**, JSON, slow destination", under_sdk=True),
)
ALL = tuple(program.module for program in PROGRAMS if not program.under_sdk)
UNDER_SDK = tuple(program.module for program in PROGRAMS if program.under_sdk)
FACES = (FIVETRAN, LOCAL)


@dataclass(frozen=True)
class Size:
    """A workspace: how many runs, roughly the bytes of one in an answer, over how many projects and days."""

    runs: int
    record_bytes: int
    projects: int = PROJECTS
    days: int = DAYS

    @property
    def name(self) -> str:
        """The size as a heading gives it."""
        return f"{self.runs:,} runs of {self.record_bytes // 1000} KB"

    def scaled(self, runs: int) -> Size:
        """Return this size with so many runs, and with projects in proportion where there are many."""
        projects = self.projects if self.projects == PROJECTS else max(LEAST_PROJECTS, self.projects * runs // self.runs)
        return replace(self, runs=runs, projects=projects)


@dataclass(frozen=True)
class Case:
    """One section of the page.

    `latency` is seconds before each answer. With `limits` the simulator enforces LangSmith's documented rate limits. With `cloud`
    our faces take it for LangSmith's own cloud, whose limits they keep before any refusal. Without `full_pages` our faces get no
    PAGE_SIZE. With `start_time` they get START_TIME, a day before the oldest run. With `idle` the time is that of a second sync,
    after new runs in some projects. `once`: measured in one round.
    """

    name: str
    size: Size
    api: str
    programs: tuple[str, ...] = ALL
    latency: float = 0.0
    limits: bool = False
    cloud: bool = False
    full_pages: bool = True
    start_time: bool = False
    idle: bool = False
    once: bool = False
    note: str = ""

    @property
    def title(self) -> str:
        """The case as a heading and the aims give it."""
        network = [f"{self.latency * 1000:.0f} ms an answer"] if self.latency else []
        connector = ["the connector"] if self.under_sdk else []
        return ", ".join([*self._work(), self.api, *network, *(["rate limits"] if self.limits else []), *connector])

    @property
    def under_sdk(self) -> bool:
        """Whether it measures the connector under Fivetran's SDK."""
        return not {*UNDER_SDK}.isdisjoint(self.programs)

    @property
    def rows(self) -> int:
        """How many runs a program must read in its time."""
        return min(ACTIVE, self.size.projects) * len(TRACE) if self.idle else self.size.runs

    def _work(self) -> list[str]:
        if not self.idle:
            return [self.size.name]
        return [f"idle sync of {self.size.projects:,} projects", f"{min(ACTIVE, self.size.projects)} of them active"]

    def scaled(self, runs: int) -> Case:
        """Return this case with so many runs."""
        return replace(self, size=self.size.scaled(runs))


LIGHT, HEAVY = Size(RUNS, 3_000), Size(4_000, 75_000)
DOUBLED, MIDDLE = replace(LIGHT, runs=2 * RUNS), replace(LIGHT, runs=20_000)
HUGE = Size(100, 3_000_000)
WEEK, MANY_PROJECTS = Size(4_000, 3_000, days=5), Size(10_000, 3_000, projects=10_000)
HEAVY_NOTE = (
    "With heavy rows our pages are as large as MAX_RESPONSE_MB allows: more requests than at PAGE_SIZE, and bounded memory."
)
OWN_PAGES = "Our faces get no PAGE_SIZE here; the others ask for 1,000 runs a page."
V1_LIMIT = (
    "The simulator enforces LangSmith's documented limits: ten queries in ten seconds for runs of one week, and START_TIME is "
    "within it. Measured once, with few runs, because it mostly waits."
)
V2_LIMIT = "The simulator enforces LangSmith's documented limits: 300 queries in ten seconds. Measured once."
IDLE = (
    "A first sync that is not timed, 61 minutes by the clocks, a trace of five runs in each active project, then the sync that "
    "is timed. Rows are the new runs. The latency begins after the first sync. Measured once."
)
CONNECTED = (
    "The connector runs under Fivetran's SDK 2.13.1, whose part is in its figures: `op.upsert`, its queue, its server. The "
    "caller is another process. Measured once."
)
SLOW_NOTE = "The slow destination takes an answer every tenth of a second: what waits is bounded by early checkpoints."
CASES = (
    Case("latency-v2", MIDDLE, "v2", (SDK, *FACES, DLT), latency=0.3, full_pages=False, note=OWN_PAGES),
    Case("limit-v2", MIDDLE, "v2", FACES, limits=True, full_pages=False, once=True, note=V2_LIMIT),
    Case("light-v2", LIGHT, "v2"),
    Case("light-v1", LIGHT, "v1"),
    Case("doubled-v2", DOUBLED, "v2", (FLOOR, *FACES), once=True, note="Twice the runs. Measured once."),
    Case("idle-v2", MANY_PROJECTS, "v2", FACES, latency=0.3, full_pages=False, idle=True, once=True, note=IDLE),
    Case(
        "limit-v1",
        WEEK,
        "v1",
        FACES,
        latency=0.3,
        limits=True,
        cloud=True,
        full_pages=False,
        start_time=True,
        once=True,
        note=V1_LIMIT,
    ),
    Case("latency-heavy-v2", HEAVY, "v2", (SDK, *FACES), latency=1.0, full_pages=False, note=OWN_PAGES),
    Case("heavy-v2", HEAVY, "v2", note=HEAVY_NOTE),
    Case("heavy-v1", HEAVY, "v1", note=HEAVY_NOTE),
    Case("connector-v2", LIGHT, "v2", (FIVETRAN, CONNECTOR, CONNECTOR_STRING), once=True, note=CONNECTED),
    Case("connector-heavy", HEAVY, "v2", (FIVETRAN, *UNDER_SDK), once=True, note=f"{CONNECTED} {SLOW_NOTE}"),
    Case("connector-huge", HUGE, "v2", (FIVETRAN, *UNDER_SDK), once=True, note=f"{CONNECTED} {SLOW_NOTE}"),
)


def planned(runs: int, only: list[str] | None) -> list[Case]:
    """Return the cases to measure: those named with so many runs each, or all of them in proportion to the first."""
    if only:
        return [case.scaled(runs or case.size.runs) for case in CASES if case.name in only]
    return [case.scaled(max(LEAST_RUNS, case.size.runs * (runs or RUNS) // RUNS)) for case in CASES]
