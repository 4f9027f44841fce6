"""Steps that do several things in the order in which they hurt: something large appears, and its first reading meets trouble.

Each could come about by single steps too, though seldom: what is read once is lost once. Not here: the trouble (trouble), other
calls (calls).
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from simulation.fault_table import MOVING, PLAYED
from simulation.machine.calls import Calls
from simulation.machine.datasets import DATASETS_MAX
from simulation.machine.source import PROJECTS_MAX, RUNS_MAX
from simulation.machine.trouble import often

OF_RUNS, OF_DATASETS = ("runs", "sessions", "download"), ("examples", "versions", "datasets")
DAYS = (2, 20, 200)
SWITCH, DIE = "LangSmith switches", "the process dies"
meets = st.one_of(st.sampled_from(tuple(PLAYED)), st.sampled_from((*MOVING, SWITCH, DIE)))
soon = st.integers(0, 6)
mended = st.booleans()


class Scenes(Calls):
    """A reader who is disturbed at the worst moment."""

    @precondition(lambda self: len(self.world.workspace.projects) < PROJECTS_MAX and len(self.world.workspace.runs) < RUNS_MAX)
    @rule(name=meets, kind=st.sampled_from(OF_RUNS), days=st.sampled_from(DAYS), after=soon, times=often, mend=mended)
    def a_past_is_read_in_trouble(self, name: str, kind: str, days: int, after: int, times: int | None, mend: bool) -> None:
        """A project is imported, and while it is read something happens."""
        self.new_project(8, days)
        self._read(name, kind, after, times, mend=mend)

    @precondition(lambda self: len(self.world.workspace.datasets) < DATASETS_MAX)
    @rule(name=meets, kind=st.sampled_from(OF_DATASETS), examples=st.integers(4, 8), after=soon, times=often, mend=mended)
    def a_dataset_is_read_in_trouble(
        self, name: str, kind: str, examples: int, after: int, times: int | None, mend: bool
    ) -> None:
        """The same of a dataset with its examples."""
        self.new_dataset(examples)
        self._read(name, kind, after, times, mend=mend)

    def _read(self, name: str, kind: str, after: int, times: int | None, *, mend: bool) -> None:
        self.changes_end()
        if name == SWITCH:
            self.changes_while_read(after, 0, "switch")
        elif name == DIE:
            self.call_dies(after)
        else:
            self.fault_is_planned(name, None if name in MOVING else kind, after // 2, times)
        self.sync_is_made()
        if mend:
            self.faults_are_mended()
