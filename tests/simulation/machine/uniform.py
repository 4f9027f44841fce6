"""A Hypothesis backend that draws uniformly, from the seed alone.

Hypothesis's own backend begins with the simplest sequences, and repeats each with small changes. Some of them end early. It also
draws constants from the loaded modules, which differ between test processes. Uniform draws give unrelated sequences of full
length, the same in every process. Hypothesis still shortens a failing sequence.
"""

from __future__ import annotations

from typing import Any

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

NAME = "uniform"
STOP = 2.0**-16
"""The probability with which Hypothesis ends a sequence early, so that it can shorten a failing one."""


class UniformProvider(HypothesisProvider):
    """Hypothesis's provider, without constants and without an early end."""

    def draw_boolean(self, p: float = 0.5) -> bool:
        """Draw True with probability `p`, and never for an early end."""
        return p != STOP and super().draw_boolean(p)

    def _maybe_draw_constant(self, *_: Any, **__: Any) -> None:
        return None


AVAILABLE_PROVIDERS[NAME] = f"{__name__}.{UniformProvider.__name__}"
