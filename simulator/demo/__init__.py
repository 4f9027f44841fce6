"""The demo's workspace: a shop's three applications in two weeks of use, judged, evaluated, and not without trouble.

Its numbers are meant to be looked at, so everything has a reason: newer prompts earn better feedback, one provider had an
incident, three experiments lead to three results. The same seed and moment give the same workspace, ids included. The seeded
workspaces of tests are another thing (simulator.corpus).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from simulator.demo import evaluation, opinions
from simulator.demo.applications import APPLICATIONS, begin_root
from simulator.demo.models import MINI
from simulator.demo.people import DAYS, visits
from simulator.demo.tracing import Tracer
from simulator.workspace import Workspace

VISITS = 570
REPORT = "nightly-report"  # a run that has begun and not ended


def fill(workspace: Workspace, seed: int) -> None:
    """Fill a workspace with two weeks that end at the clock's present."""
    now, rng = workspace.clock.now(), Random(f"demo {seed}")
    opinions.configure(workspace, now - timedelta(days=DAYS))
    examples = evaluation.make_datasets(workspace, now)
    _use(workspace, rng, now)
    evaluation.make_experiments(workspace, rng, examples[evaluation.QUESTIONS], now)


def _use(workspace: Workspace, rng: Random, now: datetime) -> None:
    """Let people use the applications."""
    start = now - timedelta(days=DAYS)
    projects = {name: workspace.add_project(name, start_time=start, metadata={"team": "shop"}) for name in APPLICATIONS}
    shares = [share for _, share in APPLICATIONS.values()]
    for visit in visits(rng, VISITS):
        (name,) = rng.choices(list(APPLICATIONS), shares)
        tracer = Tracer(workspace, rng, projects[name], now - timedelta(days=visit.age))
        root = APPLICATIONS[name][0](tracer, visit)
        if name == "support-agent":
            opinions.judge(workspace, rng, root, visit, now)
    _report(Tracer(workspace, rng, projects["invoice-reader"], now - timedelta(hours=3)))


def _report(tracer: Tracer) -> None:
    """Begin a long run that has not ended yet; its first question has."""
    metadata: dict[str, object] = {"user_id": "user-nightly", "environment": "production"}
    begin_root(tracer, REPORT, {"invoices": 212}, metadata)
    tracer.ask(MINI, "Sum up 212 invoices.", "A first part of the report.", (18_400, 950))
