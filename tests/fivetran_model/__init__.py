"""A strict model of Fivetran's Function connector: it calls a function as Fivetran does and applies its answers to tables.

It refuses whatever Fivetran may refuse or misread. It imports nothing of the product, so that it is a second opinion.

    fivetran = Fivetran(over_http("http://127.0.0.1:8080"))
    summary = fivetran.sync(secrets={"LANGSMITH_API_KEY": "..."})
    fivetran.tables["langsmith_run"][("a-run-id",)]["name"]
"""

from fivetran_model.connection import CallFailed, Fivetran, Step, Summary
from fivetran_model.destination import DELETED, live, without_nulls
from fivetran_model.rules import RULES, ProtocolViolation, Rule
from fivetran_model.wire import Call, Fields, Reply, Response, listed, nested, over_http

__all__ = [
    "DELETED",
    "RULES",
    "Call",
    "CallFailed",
    "Fields",
    "Fivetran",
    "ProtocolViolation",
    "Reply",
    "Response",
    "Rule",
    "Step",
    "Summary",
    "listed",
    "live",
    "nested",
    "over_http",
    "without_nulls",
]
