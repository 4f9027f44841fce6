"""Who asks for a run, and how: what its rendering depends on beside the run. Both API versions use it."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.records import Run
from simulator.store import Store
from simulator.usage import settled, with_totals


@dataclass(frozen=True)
class View:
    """What a rendering depends on beside the run."""

    store: Store
    base_url: str
    totals: bool = True  # a parent's usage includes its descendants'
    details: bool = True  # the details are summed as well

    def shown(self, run: Run) -> Run:
        """The run with the usage that the view asks for."""
        return with_totals(self.store, run, details=self.details) if self.totals else run

    def keeps(self, run: Run) -> bool:
        """Whether a rendering may be cached: it holds no presigned URL, and no descendant is still to be indexed."""
        return not (run.offloaded or run.attachments) and (not self.totals or settled(self.store, run))

    def cost(self, value: float | None) -> float | str | None:
        """A cost as a number, or as a string if `costs_as_strings` is on."""
        return str(value) if value is not None and self.store.settings.costs_as_strings else value

    def costs(self, values: dict[str, float] | None) -> dict[str, float | str | None] | None:
        """A breakdown of costs."""
        return None if values is None else {name: self.cost(value) for name, value in values.items()}
