"""An imitation of one LangSmith workspace, for the demo and the tests. It imports nothing of the product.

clock = Clock("2026-06-01T00:00:00Z")
sim = Simulator(clock=clock, mode="clickhouse", seed=1)
sim.corpus(projects=3, runs=500)
session.mount("https://api.smith.langchain.com", sim.adapter())
"""

from simulator.activity import Activity
from simulator.app import DEFAULT_API_KEY, DEFAULT_SERVICE_KEY, DEFAULT_TENANT_ID, Simulator
from simulator.clock import Clock
from simulator.faults import Fault
from simulator.jsontext import RawJson
from simulator.recorded import recorded

__all__ = [
    "DEFAULT_API_KEY",
    "DEFAULT_SERVICE_KEY",
    "DEFAULT_TENANT_ID",
    "Activity",
    "Clock",
    "Fault",
    "RawJson",
    "Simulator",
    "recorded",
]
