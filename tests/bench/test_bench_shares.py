"""Where a program's time goes, by kind."""

import cProfile
import pstats
import re
import threading

import msgspec
import pytest

from bench.shares import ENGINE, JSON, KINDS, NETWORK, OTHER, ROWS, WAITING, kind, shares


@pytest.mark.parametrize(
    ("place", "found"),
    [
        (("/x/langsmith_core/records/usual.py", 63, "row"), ROWS),
        (("~", 0, "<method 'fullmatch' of 're.Pattern' objects>"), ROWS),
        (("/x/langsmith_core/sync/page.py", 60, "read"), ENGINE),
        (("~", 0, "<method 'decode' of 'msgspec.json.Decoder' objects>"), JSON),
        (("~", 0, "<method 'acquire' of '_thread.lock' objects>"), WAITING),
        (("/x/site-packages/urllib3/response.py", 1, "read"), NETWORK),
        (("/x/flask/app.py", 1, "wsgi_app"), OTHER),
    ],
)
def test_a_function_is_of_one_kind(place: tuple[str, int, str], found: str) -> None:
    """By the file that holds it, or by its name where it is built in."""
    assert kind(place) == found


def test_the_shares_of_a_real_profile_add_up() -> None:
    """Each kind has a share, also one that took no time. What was used is there."""
    profile = cProfile.Profile()
    with profile:
        for _ in range(100):
            msgspec.json.Decoder(list[int]).decode(b"[1,2,3]")
            re.compile("a+").fullmatch("aaa")
        threading.Lock().acquire(timeout=0.001)
    found = shares(pstats.Stats(profile))
    assert list(found) == [*KINDS, OTHER]
    assert sum(found.values()) == pytest.approx(1)
    assert (found[JSON] > 0, found[ROWS] > 0, found[WAITING] > 0, found[NETWORK]) == (True, True, True, 0)
