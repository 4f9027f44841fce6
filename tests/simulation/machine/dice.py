"""What Hypothesis draws from: fair dice, thrown by the seed alone.

Its own generation begins with the simplest sequences and repeats each with small changes, by which some end early; and it draws
constants of whatever modules are loaded, other ones in each test process. Fair dice give sequences that have nothing in common,
all of full length, the same in every process. A failure is still made short by Hypothesis.
"""

from __future__ import annotations

from typing import Any

from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider

NAME = "fair dice"
STOP = 2.0**-16
"""By this chance Hypothesis ends a sequence before its last step, so that it can make a failing one shorter."""


class Dice(HypothesisProvider):
    """Hypothesis' own way to draw, without constants and without an early end."""

    def draw_boolean(self, p: float = 0.5) -> bool:
        """True by the chance `p`."""
        return p != STOP and super().draw_boolean(p)

    def _maybe_draw_constant(self, *_: Any, **__: Any) -> None:
        return None


AVAILABLE_PROVIDERS[NAME] = f"{__name__}.{Dice.__name__}"
