"""The pace: never past a documented limit, slower after a 429, faster again without one."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langsmith_core.langsmith.pacing import SLOWEST, TIERS, TOLD_MAX, Pacer

CLOUD = ("api.smith.langchain.com", "eu.api.smith.langchain.com", "aws.api.smith.langchain.com", "apac.api.smith.langchain.com")
OTHERS = (
    *("langsmith.example.com", "127.0.0.1", "localhost", ""),
    *("smith.langchain.com.example.com", "notsmith.langchain.com", "api-smith.langchain.com"),
)
# Requests that the documents allow in any ten seconds (any minute: the load balancer's), by tier, and where a host begins.
DOCUMENTED = {"v1_week": 10, "v1_long": 3, "v2_week": 300, "v2_long": 300, "any": 2_000}
AT_FIRST = {"v1_week": 10, "v1_long": 3, "v2_week": 10, "v2_long": 3, "any": 2_000}
SECONDS = {**dict.fromkeys(DOCUMENTED, 10.0), "any": 60.0}
MORNING = 1_780_272_000.0  # a day's beginning in 2026, as a timestamp: adding to it loses the last bits of a float


class Sender:
    """Requests sent as soon as the pacer lets them, each answered after its latency."""

    def __init__(self, host: str = CLOUD[0]) -> None:
        self.pacer, self.now = Pacer(host), MORNING
        self.sent: list[tuple[str, float]] = []

    def send(self, tier: str, latency: float = 0.0, *, refused: bool = False) -> None:
        """One request."""
        self.now += self.pacer.wait(tier, self.now)
        self.pacer.sent(tier, self.now)
        self.sent.append((tier, self.now))
        self.now += latency
        if refused:
            self.pacer.refused(tier, self.now)
        else:
            self.pacer.passed(tier)

    def most(self, tiers: Sequence[str], seconds: float = 10.0) -> int:
        """The most requests of these tiers in any so many seconds, but for a float's last bits."""
        times = [sent for tier, sent in self.sent if tier in tiers]
        most, oldest = 0, 0
        for newest, now in enumerate(times):
            while times[oldest] <= now - seconds + 1e-4:
                oldest += 1
            most = max(most, newest - oldest + 1)
        return most


def test_every_tier_has_a_documented_limit() -> None:
    """The table of tiers is the table of documented limits, and begins at the lower figure where the sources disagree."""
    assert {name: (round(SECONDS[name] / tier.start), round(SECONDS[name] / tier.floor)) for name, tier in TIERS.items()} == {
        name: (AT_FIRST[name], most) for name, most in DOCUMENTED.items()
    }


@pytest.mark.parametrize("host", CLOUD)
@pytest.mark.parametrize("tier", TIERS)
def test_no_time_holds_more_than_the_documented_limit(tier: str, host: str) -> None:
    """However many answers pass, a tier never goes past its limit, and gets as near to it as it may."""
    sender = Sender(host)
    for _ in range(3_000):
        sender.send(tier)
    assert sender.most([tier], SECONDS[tier]) == DOCUMENTED[tier]


@pytest.mark.parametrize("tier", TIERS)
def test_the_pace_begins_at_the_lower_figure(tier: str) -> None:
    """The first request goes at once, the second one keeps the lower documented pace."""
    sender = Sender()
    for _ in range(2):
        sender.send(tier)
    first, second = (sent for _, sent in sender.sent)
    assert first - MORNING == pytest.approx(0, abs=1e-6)
    assert second - first == pytest.approx(
        SECONDS[tier] / AT_FIRST[tier] * (1 if DOCUMENTED[tier] == AT_FIRST[tier] else 0.9), rel=1e-3
    )


ANSWERS = st.tuples(
    st.sampled_from(sorted(TIERS)), st.sampled_from([0.0, 0.01, 0.3, 2.0, 11.0]), st.sampled_from([False] * 9 + [True])
)


@given(st.lists(ANSWERS, max_size=300))
def test_no_mixture_of_requests_passes_a_tiers_limit(answers: list[tuple[str, float, bool]]) -> None:
    """Whatever comes between, however slow the answers are and whichever are refused, each tier keeps its limit."""
    sender = Sender()
    for tier, latency, refused in answers:
        sender.send(tier, latency, refused=refused)
    assert {tier for tier in TIERS if sender.most([tier], SECONDS[tier]) > DOCUMENTED[tier]} == set()
    assert sender.most(["v1_week", "v1_long"]) <= 15


@pytest.mark.parametrize(
    ("pattern", "seconds", "limit"),
    [(("v2_week", "v2_long"), 10.0, 300), (("any", "any", "any", "v2_week"), 60.0, 2_000)],
)
def test_tiers_that_langsmith_counts_together_keep_the_common_limit(pattern: tuple[str, ...], seconds: float, limit: int) -> None:
    """All v2 run queries together are 300 in ten seconds, all requests 2,000 in a minute."""
    sender = Sender()
    for _ in range(1_000):
        for tier in pattern:
            sender.send(tier)
    assert sender.most(pattern, seconds) <= limit


@pytest.mark.parametrize("host", OTHERS)
@pytest.mark.parametrize("tier", TIERS)
def test_other_hosts_are_unpaced(tier: str, host: str) -> None:
    """Self-hosted and loopback have no table: nothing is waited for until they answer 429."""
    sender = Sender(host)
    for _ in range(100):
        sender.send(tier)
    assert sender.now == MORNING


@pytest.mark.parametrize("host", [CLOUD[0], OTHERS[0]])
@pytest.mark.parametrize("tier", TIERS)
def test_each_429_halves_the_pace_down_to_one_a_minute(tier: str, host: str) -> None:
    """Every refusal at least doubles the gap, up to a minute."""
    sender = Sender(host)
    sender.send(tier)
    gaps = []
    for _ in range(12):
        before = sender.now
        sender.send(tier, refused=True)
        gaps.append(sender.now - before)
    assert all(b >= 2 * a - 1e-3 or b == pytest.approx(SLOWEST) for a, b in pairwise(gaps))
    assert gaps[-1] == pytest.approx(SLOWEST)


@pytest.mark.parametrize("tier", TIERS)
def test_another_host_learns_from_a_429_and_recovers(tier: str) -> None:
    """After a 429 an unpaced host is asked once a second, then faster with each answer, at last unpaced again."""
    sender = Sender(OTHERS[0])
    sender.send(tier, refused=True)
    sender.send(tier)
    assert sender.now - MORNING == pytest.approx(1.0)
    for _ in range(100):
        sender.send(tier)
    before = sender.now
    for _ in range(100):
        sender.send(tier)
    assert sender.now == before


@pytest.mark.parametrize("tier", TIERS)
def test_the_cloud_recovers_to_its_limit_and_no_further(tier: str) -> None:
    """After refusals the pace rises again, to the documented limit."""
    sender = Sender()
    for _ in range(5):
        sender.send(tier, refused=True)
    for _ in range(3_000):
        sender.send(tier)
    assert sender.most([tier], SECONDS[tier]) == DOCUMENTED[tier]


def test_tiers_do_not_wait_for_each_other() -> None:
    """A slow tier's gap holds up no other tier: each waits for what LangSmith counts together, and no more."""
    sender = Sender()
    for tier in TIERS:
        sender.send(tier)
    assert sender.now - MORNING <= 60 / DOCUMENTED["any"] * len(TIERS)  # by the clock that is turned by hand


@pytest.mark.parametrize("host", [CLOUD[0], OTHERS[0]])
@pytest.mark.parametrize(("told", "waited"), [(600.0, 600.0), (3e9, TOLD_MAX), (0.0, 1.0), (None, 1.0)])
def test_a_retry_after_holds_for_every_request_of_the_tier(host: str, told: float | None, waited: float) -> None:
    """It outlasts the request and the call that it came in, up to an hour; other tiers go on."""
    pacer = Pacer(host)
    pacer.sent("v1_week", MORNING)
    pacer.refused("v1_week", MORNING, told)
    assert pacer.wait("v1_week", MORNING) == pytest.approx(max(waited, 2.0 if host == CLOUD[0] else 1.0))
    assert pacer.wait("v1_week", MORNING + waited) == pytest.approx(0.0 if waited > 2 else 2.0 - waited, abs=1.0)
    assert pacer.wait("any", MORNING) <= 60 / DOCUMENTED["any"]


def test_a_clock_set_back_does_not_prolong_it() -> None:
    """By more than an hour."""
    pacer = Pacer(OTHERS[0])
    pacer.refused("any", MORNING + 86_400, 600.0)
    assert pacer.wait("any", MORNING) == TOLD_MAX


def test_what_is_not_sent_holds_nothing_up() -> None:
    """A call that ends before its turn comes leaves the turn to the next call, however often."""
    pacer = Pacer(OTHERS[0])
    for _ in range(6):
        pacer.refused("any", MORNING)
    pacer.sent("any", MORNING)
    waits = [pacer.wait("any", MORNING + seconds) for seconds in range(0, 70, 10)]
    assert waits == pytest.approx([32.0, 22.0, 12.0, 2.0, 0.0, 0.0, 0.0])
