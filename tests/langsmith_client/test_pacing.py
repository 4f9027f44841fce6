"""Tests of pacing: never past a documented limit, slower after a 429, faster again without one."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from langsmith_core.langsmith import pacing
from langsmith_core.langsmith.pacing import RETRY_AFTER_MAX, SLOWEST, Pacer

CLOUD = ("api.smith.langchain.com", "eu.api.smith.langchain.com", "aws.api.smith.langchain.com", "apac.api.smith.langchain.com")
OTHERS = (
    *("langsmith.example.com", "127.0.0.1", "localhost", ""),
    *("smith.langchain.com.example.com", "notsmith.langchain.com", "api-smith.langchain.com"),
)
# Requests that the documents allow in so many seconds, by tier; of all together it is the load balancer's limit.
DOCUMENTED = {"v1_week": 10, "v1_long": 3, "v2": 300, "any": 2_000}
SECONDS = {**dict.fromkeys(DOCUMENTED, 10.0), "any": 60.0}
TIERS = tuple(DOCUMENTED)
EVERYWHERE = ("v2",)
MEASURED = 3.3  # v2 queries a second that were measured without a 429 (API reference of November 2026, section 2)
MORNING = 1_780_272_000.0  # a day's beginning in 2026, as a timestamp: adding to it loses the last bits of a float


class Sender:
    """Send requests as soon as the pacer allows, each answered after its latency."""

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


@pytest.mark.parametrize("host", CLOUD)
@pytest.mark.parametrize("tier", TIERS)
def test_no_time_holds_more_than_the_documented_limit(tier: str, host: str) -> None:
    """However many answers pass, a tier never exceeds its limit, and comes near it."""
    sender = Sender(host)
    for _ in range(3_000):
        sender.send(tier)
    assert 0.95 * DOCUMENTED[tier] <= sender.most([tier], SECONDS[tier]) <= DOCUMENTED[tier]


@pytest.mark.parametrize("tier", [tier for tier in TIERS if tier != "any"])
def test_a_request_that_is_delayed_on_its_way_makes_none_one_too_many(tier: str) -> None:
    """One request travels a fifth of a second longer than the next. LangSmith still counts no more than documented."""
    sender = Sender()
    for _ in range(1_000):
        sender.send(tier)
    sender.sent = [
        (name, sent + (pacing.SLACK - 0.01 if number % DOCUMENTED[tier] == 0 else 0.0))
        for number, (name, sent) in enumerate(sender.sent)
    ]
    assert sender.most([tier], SECONDS[tier]) <= DOCUMENTED[tier]


@pytest.mark.parametrize("host", CLOUD)
def test_v2_begins_near_what_was_measured_and_climbs_fast(host: str) -> None:
    """v2 sends about three requests in the first second and the documented rate within ten. Nobody measured other hosts."""
    sender = Sender(host)
    for _ in range(400):
        sender.send("v2")
    times = [sent - MORNING for _, sent in sender.sent]
    assert times[0] == 0
    assert 0.9 / MEASURED <= times[1] <= 1.2 / MEASURED
    assert sum(sent < 1 for sent in times) <= 4
    assert sum(10 <= sent < 11 for sent in times) >= 28


@pytest.mark.parametrize("host", [CLOUD[0], *OTHERS])
def test_v2_keeps_its_documented_limit_on_every_host(host: str) -> None:
    """A self-hosted instance also gets at most 300 in ten seconds, and nearly that."""
    sender = Sender(host)
    for _ in range(3_000):
        sender.send("v2")
    assert 280 <= sender.most(["v2"]) <= 300


ANSWERS = st.tuples(
    st.sampled_from(sorted(TIERS)), st.sampled_from([0.0, 0.01, 0.3, 2.0, 11.0]), st.sampled_from([False] * 9 + [True])
)


@given(st.lists(ANSWERS, max_size=300))
def test_no_mixture_of_requests_passes_a_tiers_limit(answers: list[tuple[str, float, bool]]) -> None:
    """Each tier keeps its limit in any mixture of requests, latencies and refusals."""
    sender = Sender()
    for tier, latency, refused in answers:
        sender.send(tier, latency, refused=refused)
    assert {tier for tier in TIERS if sender.most([tier], SECONDS[tier]) > DOCUMENTED[tier]} == set()
    assert sender.most(["v1_week", "v1_long"]) <= 15
    assert sender.most(list(TIERS), 60.0) <= 2_000


def test_all_requests_together_keep_the_load_balancers_limit() -> None:
    """At most 2,000 requests are sent in a minute, over all tiers."""
    sender = Sender()
    pattern = ("any", "any", "any", "v2")
    for _ in range(1_000):
        for tier in pattern:
            sender.send(tier)
    assert sender.most(pattern, 60.0) <= 2_000


@pytest.mark.parametrize("host", OTHERS)
@pytest.mark.parametrize("tier", [tier for tier in TIERS if tier not in EVERYWHERE])
def test_other_hosts_are_unpaced(tier: str, host: str) -> None:
    """Self-hosted and loopback have no v1 tiers: nothing waits until they answer 429."""
    sender = Sender(host)
    for _ in range(100):
        sender.send(tier)
    assert sender.now == MORNING


@pytest.mark.parametrize("host", [CLOUD[0], OTHERS[0]])
@pytest.mark.parametrize("tier", TIERS)
def test_each_429_halves_the_pace_down_to_one_a_minute(tier: str, host: str) -> None:
    """Every 429 at least doubles the gap, up to a minute."""
    sender = Sender(host)
    sender.send(tier)
    gaps = []
    for _ in range(12):
        before = sender.now
        sender.send(tier, refused=True)
        gaps.append(sender.now - before)
    assert all(b >= 2 * a - 1e-3 or b == pytest.approx(SLOWEST) for a, b in pairwise(gaps))
    assert gaps[-1] == pytest.approx(SLOWEST)


@pytest.mark.parametrize("refused", TIERS)
@pytest.mark.parametrize("tier", TIERS)
def test_another_host_has_all_limits_from_its_first_429_on(tier: str, refused: str) -> None:
    """After the first 429 no later interval exceeds a documented limit, even after a burst."""
    sender = Sender(OTHERS[0])
    for _ in range(9):
        sender.send(tier)
    sender.send(refused, refused=True)
    before = len(sender.sent)
    for _ in range(3_000):
        sender.send(tier)
    assert sender.most([tier], SECONDS[tier]) <= max(DOCUMENTED[tier], before)
    sender.sent = sender.sent[before:]
    assert 0.95 * DOCUMENTED[tier] <= sender.most([tier], SECONDS[tier]) <= DOCUMENTED[tier]


@pytest.mark.parametrize("tier", TIERS)
def test_the_cloud_recovers_to_its_limit_and_no_further(tier: str) -> None:
    """After 429s the pace rises again, to the documented limit."""
    sender = Sender()
    for _ in range(5):
        sender.send(tier, refused=True)
    for _ in range(3_000):
        sender.send(tier)
    assert 0.95 * DOCUMENTED[tier] <= sender.most([tier], SECONDS[tier]) <= DOCUMENTED[tier]


@pytest.mark.parametrize("a_second", [1, 3, 10])
def test_a_lower_limit_than_documented_is_met_seldom(a_second: int) -> None:
    """Where v2 allows less than documented, the pace settles near it: few 429s, and most of the limit used."""
    sender, taken, refusals = Sender(), list[float](), 0
    for _ in range(2_000):
        recent = [sent for sent in taken if sent > sender.now + sender.pacer.wait("v2", sender.now) - 10]
        full = len(recent) >= 10 * a_second
        sender.send("v2", latency=0.05, refused=full)
        refusals += full
        taken = recent if full else [*recent, sender.sent[-1][1]]
    assert refusals <= 2_000 // 20
    assert (2_000 - refusals) / (sender.now - MORNING) >= 0.6 * a_second


def test_tiers_do_not_wait_for_each_other() -> None:
    """A slow tier delays no other. Each waits only for what LangSmith counts together."""
    sender = Sender()
    for tier in TIERS:
        sender.send(tier)
    assert sender.now - MORNING <= 60 / DOCUMENTED["any"] * len(TIERS)  # by the clock that is turned by hand


@pytest.mark.parametrize("host", [CLOUD[0], OTHERS[0]])
@pytest.mark.parametrize(("retry_after", "waited"), [(600.0, 600.0), (3e9, RETRY_AFTER_MAX), (0.0, 1.0), (None, 1.0)])
def test_a_retry_after_holds_for_every_request_of_the_tier(host: str, retry_after: float | None, waited: float) -> None:
    """Retry-After outlasts its request and its call, up to an hour. Other tiers go on."""
    pacer = Pacer(host)
    pacer.sent("v1_week", MORNING)
    pacer.refused("v1_week", MORNING, retry_after)
    slower = 2 * pacing.TIERS["v1_week"].gap
    assert pacer.wait("v1_week", MORNING) == pytest.approx(max(waited, slower))
    assert pacer.wait("v1_week", MORNING + waited) == pytest.approx(max(0.0, slower - waited))
    assert pacer.wait("any", MORNING) <= 60 / DOCUMENTED["any"]


def test_a_clock_set_back_does_not_prolong_it() -> None:
    """A clock set back by more than an hour does not prolong the wait."""
    pacer = Pacer(OTHERS[0])
    pacer.refused("any", MORNING + 86_400, 600.0)
    assert pacer.wait("any", MORNING) == RETRY_AFTER_MAX


def test_what_is_not_sent_holds_nothing_up() -> None:
    """A call that ends before its turn leaves the turn to the next call, however often."""
    pacer = Pacer(OTHERS[0])
    for _ in range(6):
        pacer.refused("any", MORNING)
    pacer.sent("any", MORNING)
    waits = [pacer.wait("any", MORNING + seconds) for seconds in range(0, 70, 10)]
    assert waits == pytest.approx([32.0, 22.0, 12.0, 2.0, 0.0, 0.0, 0.0])


def test_requests_under_way_together_slow_down_once() -> None:
    """Four sent before the first 429 are all refused: the speed is halved once. A later 429 halves it again."""
    pacer = Pacer(OTHERS[0])
    for number in range(4):
        pacer.refused("v2", MORNING + number / 10, retry_after=2.0, sent=MORNING - 1)
    assert pacer.gap("v2") == 2 * pacing.AFTER_429 / 2
    assert pacer.wait("v2", MORNING + 0.3) == pytest.approx(2.0)
    pacer.refused("v2", MORNING + 5, sent=MORNING + 4)
    assert pacer.gap("v2") == 2 * pacing.AFTER_429
