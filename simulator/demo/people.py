"""Who uses the demo's applications, where, and when: few users ask most, production more than staging."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

USERS = ("ada", "ben", "chloe", "dario", "esra", "finn", "grace", "hugo", "ines", "jonas", "kira", "liam")
SHARES = (30, 22, 15, 11, 8, 6, 5, 4, 3, 2, 2, 1)
ENVIRONMENTS = {"production": 78, "staging": 15, "development": 7}
DAYS = 14.0
OLDEST = 13.95  # within LangSmith's short retention of 14 days
NEWEST = 0.02


@dataclass(frozen=True)
class Visit:
    """One question of one user: its age in days, counted back from the demo's present."""

    age: float
    user: str
    environment: str
    thread: str

    def metadata(self) -> dict[str, object]:
        """Metadata of the root run. LangSmith does not pass it on to children."""
        named = {"user_id": self.user, "environment": self.environment, "thread_id": self.thread}
        return {**named, "revision_id": f"shop-{int((DAYS - self.age) // 3) + 1}"}


def visits(rng: Random, count: int) -> list[Visit]:
    """Draw visits, oldest first. There are more of them from day to day, and fewer in some hours."""
    ages = sorted((_age(rng) for _ in range(count)), reverse=True)
    return [_visit(rng, age) for age in ages]


def _age(rng: Random) -> float:
    """Days ago: recent ones are likelier, and of each day the hours around its middle."""
    day = int(DAYS * rng.random() ** 1.25)
    age = day + min(max(rng.gauss(0.5, 0.2), 0.0), 0.999)
    return min(max(age, NEWEST), OLDEST)


def _visit(rng: Random, age: float) -> Visit:
    (user,) = rng.choices(USERS, SHARES)
    (environment,) = rng.choices(list(ENVIRONMENTS), list(ENVIRONMENTS.values()))
    return Visit(age, f"user-{user}", environment, f"{user}-{int(age)}-{rng.randint(1, 3)}")
