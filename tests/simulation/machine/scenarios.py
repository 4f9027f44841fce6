"""Steps that combine others in the worst order: something large appears, and a fault strikes its first reading.

Single steps could do the same, but seldom. A record that is read only once can be lost only in that reading.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from simulation.fault_table import MOVING, PLAYED
from simulation.machine.calls import Calls
from simulation.machine.datasets import DATASETS_MAX
from simulation.machine.fault_steps import often
from simulation.machine.source import PROJECTS_MAX, RUNS_MAX

OF_RUNS, OF_DATASETS = ("runs", "sessions", "download"), ("examples", "versions", "datasets")
DAYS = (2, 20, 200)
SWITCH, DIE = "LangSmith switches", "the process dies"
meets = st.one_of(st.sampled_from(tuple(PLAYED)), st.sampled_from((*MOVING, SWITCH, DIE)))
soon = st.integers(0, 6)
mended = st.booleans()


class Scenarios(Calls):
    """Steps that disturb a reading at the worst moment."""

    @precondition(lambda self: len(self.world.workspace.projects) < PROJECTS_MAX and len(self.world.workspace.runs) < RUNS_MAX)
    @rule(name=meets, kind=st.sampled_from(OF_RUNS), days=st.sampled_from(DAYS), after=soon, times=often, mend=mended)
    def a_past_is_read_in_trouble(self, name: str, kind: str, days: int, after: int, times: int | None, mend: bool) -> None:
        """Import a project with a past, and plan a fault for its first reading."""
        self.new_project(8, days)
        self._read(name, kind, after, times, mend=mend)

    @precondition(lambda self: len(self.world.workspace.datasets) < DATASETS_MAX)
    @rule(name=meets, kind=st.sampled_from(OF_DATASETS), examples=st.integers(4, 8), after=soon, times=often, mend=mended)
    def a_dataset_is_read_in_trouble(
        self, name: str, kind: str, examples: int, after: int, times: int | None, mend: bool
    ) -> None:
        """Add a dataset with examples, and plan a fault for its first reading."""
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
